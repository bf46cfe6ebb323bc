"""Turns of phrase in which two times stand and one is meant, put so that the grammar reads that one.

They are in the vocabulary that `spelling.canonical` gives.
"""

import re

from triage.reading.times.holidays import HOLIDAYS


def reworded(words: str) -> str:
    """Return the words with one time where a turn of phrase names another beside it."""
    words = _DAY_AFTER_IT.sub(r"\g<day>\g<gap> a days after \g<day>", words)
    words = _DOING_AT.sub(lambda found: f"{_SIDES.get(found['side'], found['side'])} ", words)
    words = _HOURS_BEHIND.sub(r"\1", words)
    words = _BETTER.sub("fix ", words)
    words = _NOT_AT_IT.sub(r"\1", words)
    words = _AND_BEFORE.sub(r"\1 ", words)
    words = _FREEWAY.sub(r"\1 ", words)
    words = _DO_AT.sub(r"\1 at ", words)
    words = _THEN_ASKED.sub(r"\1 , ", words)
    words = _ONLY_TIME.sub(" works", words)
    words = _NO_BUT.sub("no , ", words)
    words = _INSTEAD.sub(r"\1 , ", words)
    return _MOVED.sub(r"\g<what> \g<to> ", words)


_HOUR = r"\d{1,2}w?(?::\d\d)?(?: oclock)?(?: [ap]m)?"

# Verbs that move a call, and what they move.
MOVES = "(?:mov|muev|switch|chang|push|bump|resched|swap|cambi|pas[ae])"
MOVED_THING = (
    "(?:back|up|down|out|over|it|me|us|my|the|that|this|mi|calls?|callback|llamada"
    "|time|hour|slot|appointment|appt|cita)"
)  # fmt: skip

# "Before I pick up the kids at 2", "cuando salga de clase a las 3": what is done then does not matter.
_DOING_AT = re.compile(
    r"(?<!\S)(?P<side>beforework(?= )"
    r"|(?:before|after)(?= (?:i|my|our|we|he|she|they|the|que|mi|mis)(?!\S))"
    r"|when(?= (?:salg[ao]|llegue|termine|regrese|vuelva)(?!\S)))(?: (?!at |las |a las )[a-z']+){0,6}?"
    r" (?:a )?(?=(?:at|las) \d)"
)
_SIDES = {"beforework": "before", "when": "after"}

# "De 10 a 12 hrs" is from ten to twelve.
_HOURS_BEHIND = re.compile(r"(\d{1,2} (?:a|to|-|and) \d{1,2}) hours(?= ?(?:[.,;!?]|$))")

# "AFTER 1 not at 1"
_NOT_AT_IT = re.compile(
    rf"(?<!\S)((?:after|before) (?:las |the )?(?P<hour>{_HOUR})),? ?,? not (?:at |las |a las )?(?P=hour)(?!\S)"
)

# "After 10 and before noon" is one stretch.
_AND_BEFORE = re.compile(
    rf"(?<!\S)(after (?:(?:the|las|at) )*{_HOUR}) (?:, )?(?:or|and|but) ?(?=(?:before|until)(?!\S))"
)

# "Traffic on the 10 is killing me": a road.
_FREEWAY = re.compile(
    r"(?<!\S)((?:traffic|accident|stuck|driving|wreck|trafico)(?: \S+){0,3}? (?:on|in|en)(?: (?:the|el|la))?)"
    r" \d{1,3}(?!\S)"
)

# "Can you do 230"
_DO_AT = re.compile(r"(?<!\S)((?:can|could|would) (?:you|u|we|they|someone) do) (?=\d{3,4}(?!\S)|\d{1,2}:\d\d)")

# "I'm in a meeting at 11 can you do 2:30": what is asked begins anew.
_THEN_ASKED = re.compile(
    rf"((?:in|at) (?:a|an|my|the) (?:meeting|class|appointment|appt|session|surgery|interview|dentist)"
    rf" (?:at|until|till|from|~) {_HOUR}) (?=(?:can|could|would) (?:you|u|we|they|someone)(?!\S))"
)

# "A las 4... bueno a las 3": the last counts.
_BETTER = re.compile(r"(?<=[.,;!?] )bueno (?:, )?(?=(?:mejor )?(?:a )?(?:las|at|wd\d|tomorrow|today)(?!\S))")

# "The baby sleeps 1 to 3, only quiet time I get": what stands before it is wished for.
_ONLY_TIME = re.compile(
    r" ?,? (?:(?:and|so|its|it's|it is|thats|that's|that is|es|y) )?(?:(?:the|my|el|la) )?(?:only|unic[oa])"
    r" (?:\w+ ){0,2}?(?:time|hour|hours|break|chance|moment|rato|hora|momento)"
    r" (?:that |que )?(?:i|im|i'm|tengo|puedo)(?: (?:get|have|got|can|free|am|libre|puedo|hablar|talk))*(?!\S)"
)

# "No friday at 2" puts another day right; "no mondays" refuses it.
_NO_BUT = re.compile(r"^no (?=(?:wd\d|today|tomorrow|dayafter) (?:at|las|a las|after|before|between|~|\d))")

# "En vez de las 3 a la 1": no range.
_INSTEAD = re.compile(rf"(?<!\S)(not (?:(?:las|the|at) )*{_HOUR}) (?=a (?:las|the) \d)")

# "Move it from 3 to 4", "cámbiela de las 3 a las 4": no range either.
_MOVED = re.compile(
    rf"(?<!\S)(?P<what>{MOVES}\w*(?: {MOVED_THING}){{0,4}}) (?:(?:from|of) )?(?:(?:at|las|the|a) )*{_HOUR}"
    r" (?P<to>to|a|for|until) (?=(?:(?:at|las|the|a) )*\d)"
)

# "Not tomorrow, the day after"
_DAY_AFTER_IT = re.compile(
    rf"(?<!\S)(?P<day>tomorrow|wd\d|{'|'.join(HOLIDAYS)})(?P<gap>(?: (?!today|tomorrow|wd\d)\S+){{0,3}})"
    r" (?:the |on )?days after(?= (?:at|las|a las|in|~|\d|instead|works|is|please|[.,!?])|$)"
)
