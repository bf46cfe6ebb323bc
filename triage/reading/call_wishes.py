"""Whether somebody asks in so many words to be called, or at another time, or after all; or declines to say something.

The topic head is unsure where name, number, time and subject stand in the same message; these words are not.
"""

import re

from triage.words.plain_letters import LONGEST, straight_quotes

_CALL = r"(?:call|phone|ring|contact|reach)"

_KIN = (
    r"my\s+(?:wife|husband|partner|son|daughter|mom|mum|mother|dad|father|sister|brother|friend|spouse|fianc[eé]e?|aunt|"
    r"uncle|cousin|grand\w+|boyfriend|girlfriend|kid|child)"
)

_WHOM = rf"(?:me|us|him|her|them|{_KIN})"

_WANTS = r"(?:get|want|need|like|love|have|request|appreciate|schedule|arrange|expect)"

_STAFF = r"(?:someone|somebody|anyone|a\s+person|the\s+team|your\s+team|a\s+nurse|a\s+doctor)"

_ASKED = re.compile(
    rf"""\b(?:
      {_CALL}\s+{_WHOM}\b
    | {_WANTS}\s+(?:me\s+|us\s+)?(?:to\s+get\s+)?(?:a|the)\s+
      (?:(?:phone|quick|short|consultation|consult|intro|follow-?up)\s+)?call(?:[\s-]?back)?\b
    | call[\s-]?back\s*(?:please|pls|,|re\b|about|regarding|on\b|at\b|tomorrow|today|[.!?]*\s*$)
    | need\s+a\s+call[\s-]?back
    | (?:like|want|need|prefer)\s+to\s+(?:be|get)\s+(?:called|phoned|contacted)\b
    | {_STAFF}\s+(?:(?:to|can|could|please)\s+)?{_CALL}\b
    | (?:talk|speak)\s+(?:to|with)\s+(?:a|an|some|somebody|someone|your|the)\b
    | please\s+(?:do\s+)?{_CALL}\b
    | (?:yes|yeah|yep|ok|okay|sure|s[ií])[,.]?\s+(?:please\s+)?call\b
    | (?:can|could|would|will)\s+(?:you|u|ya|someone|somebody)\s+(?:(?:please|pls)\s+)?(?:call|phone|ring)\s*
      (?=[?.!,]*\s*$|(?:on|at|after|before|around|between|again|back|about|asap|now|please|sometime|any\s?time|this|next|
      today|tonight|tomorrow|tmrw|(?:mon|tue|wed|thu|fri|sat|sun)\w*|morning|afternoon|\d)\b)
    | who\s+(?:do|can|should|would)\s+i\s+(?:talk|speak)\s+(?:to|with)\b
    | (?:talk|speak|discuss|explain|ask|go\s+over)\b[^.?!]{{0,60}}\b(?:over|by|on)\s+(?:the\s+)?phone\b
    | just\s+call\b(?!\s+(?:it|to|the|my)\b)
    | {_CALL}\s+(?:about|re|regarding)\b
    | hit\s+{_WHOM}\s+up\b | give\s+{_WHOM}\s+a\s+(?:quick\s+)?(?:call|ring|buzz|shout)\b
    | set\s+(?:{_WHOM}\s+)?up\s+(?:with\s+|for\s+)?a\s+(?:phone\s+)?call\b
    | (?:ll[aá]m|m[aá]rqu|h[aá]bl)(?:en|e|a)(?:me|nos|las?|los?|les?)\b
    | (?:me|le|lo|la|nos)\s+(?:llam|marqu|habl|contact)(?:en|e|aran|ara)\b
    | (?:me|le|lo|la|nos)\s+(?:pueden?|podr[ií]an?)\s+(?:llamar|marcar|hablar|contactar)\b
    | (?:pueden?|podr[ií]an?)\s+(?:llamar|marcar|hablar)(?:me|nos|las?|los?|les?)\b | comun[ií]quense\s+conmigo\b
    | (?:quiero|quisiera|necesito|pido)\s+(?:una|la)\s+llamada\b
    | hablar\s+con\s+(?:una?|alguien|el|la|su)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_NOT_ASKED = re.compile(
    r"""\b(?:
      (?:do\s*n['o]?t|never|no\s+need\s+to|not|stop)\s+(?:\w+\s+)?(?:call|phone|ring|contact|reach|calling)
    | when\b.{0,30}\bcall | why\b.{0,30}\bcall | what\s+time\b.{0,30}\bcall
    | (?:did|has|will|are)\s+(?:you|someone|somebody|anyone)\b.{0,20}\bcall
    | have\s+(?:you|someone|somebody|anyone)\b.{0,20}\bcall(?:ed|ing)\b
    | (?:if|before|after|once|unless)\s+(?:you|they|someone)\s+call
    | (?:nobody|no\s+one)\b.{0,20}\bcall
    | cancel | cancelen | cancelar
    | no\s+(?:me\s+(?:llam|marqu|habl)|ll[aá]m|m[aá]rqu|quiero\s+(?:la|una|que\s+me))
    | cu[aá]ndo\b.{0,30}\bllam
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_MOVE = re.compile(
    r"""\b(?:
      re-?schedul\w* | (?:another|different|other|later|earlier|new)\s+(?:time|day)\b
    | (?:move|change|push|switch|shift|postpone)\s+
      (?:it|that|the\s+(?:call|time|day)|my\s+(?:call|time|slot)|our\s+call)\b
    | otr[ao]\s+(?:hora|d[ií]a|momento)
    | (?:cambi|muev|mov|pas|pospon|aplaz)\w*\s+(?:la|mi|de)\s+(?:llamada|hora|d[ií]a)
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# These mean another time only where one is named beside them.
_TO_A_TIME = re.compile(
    r"""\b(?:
      instead | rather | make\s+(?:it|that) | do\s+it | works?\s+(?:better|for\s+me) | better | actually | sorry
    | ca(?:n['o]?t|n\s?not)\s+(?:make|do|talk|take) | something\s+came\s+up | what\s+about | how\s+about | could\s+we
    | mejor | en\s+vez | puede\s+ser | perd[oó]n | qu[eé]\s+tal
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_KEEP = re.compile(
    r"""\b(?:
      keep\s+(?:it|that|the|my) | (?:do\s*n['o]?t|do\s+not)\s+cancel | un-?cancel
    | no\s+(?:la\s+|lo\s+)?cancel\w* | d[eé]j[ea]\w*\s+(?:como|la\s+cita|la\s+llamada) | mant[eé]n\w*
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_DECLINE = re.compile(
    r"""\W*(?:(?:no|nah|sorry|um|uh|i|id|i'd|would|please|prefiero)[\s,]+)*(?:
      skip(?:\s+(?:it|this|that))? | pass | no\s+name | anonymous
    | (?:(?:rather|prefer)\s+not(?:\s+to)?|(?:do\s*n['o]?t|do\s+not)\s+(?:want|wish)\s+to)
      (?:\s+(?:say|tell|give|share)(?:\s+(?:you|it|that|out|(?:my|a)\s+(?:full\s+)?(?:name|number)))*)?
    | none\s+of\s+your\s+business | n/?a
    | no\s+(?:quiero\s+)?(?:decir(?:lo)?|dar(?:lo)?)(?:\s+mi\s+nombre)? | sin\s+nombre | paso
    | an[oó]nim[oa]
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)

_CANCEL = re.compile(
    r"""\b(?:
      cancel\w* | forget\s+(?:it|about|the|that) | never\s?mind | no\s+longer | call\w*\s+(?:it|that|the\s+\w+)\s+off
    | (?:do\s*n['o]?t|do\s+not|did\s*n['o]?t)\s+(?:want|need|call|bother) | not\s+(?:want|interested|need)\w*
    | no\s+need | changed?\s+my\s+mind | drop\s+it | no\s+(?:calls?|thanks?)\W*$ | stop
    | ya\s+no | olv[ií]d\w* | no\s+(?:me\s+)?(?:quiero|necesito|llam\w+|marqu\w+) | cambi[eé]\s+de
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# "the old TMS place was awful, can someone call me about ketamine": the call is about the last.
_ABOUT = re.compile(
    rf"""\b(?:{_CALL}\w*|talk\w*|speak\w*|ll[aá]m\w+|m[aá]rqu\w+|habl\w+)\b[^.;?!\n]{{0,60}}?\b
    (?:about|regarding|re|concerning|sobre|acerca\s+de|por\s+lo\s+de)\b(?P<matter>[^.;?!\n]+)""",
    re.IGNORECASE | re.VERBOSE,
)

_NOT_THAT = re.compile(r"\b(?:instead\s+of|rather\s+than|en\s+(?:vez|lugar)\s+de)\b.*", re.IGNORECASE)


def asks_for_call(text: str) -> bool:
    """A wish for a call in plain words, English or Spanish; not a question about one, nor a refusal."""
    text = _straight(text)
    return bool(_ASKED.search(text)) and not _NOT_ASKED.search(text)


def matter_of_call(text: str) -> str | None:
    """What a call is asked for about, in the person's words, where they say so."""
    said = _ABOUT.search(text[:LONGEST])
    return _NOT_THAT.sub("", said["matter"]) if said else None


def asks_to_cancel(text: str) -> bool:
    """A call is not wanted, in words that mean nothing else."""
    return bool(_CANCEL.search(_straight(text)))


def asks_to_move(text: str, names_a_time: bool) -> bool:
    """A wish for another time, by somebody who has a call planned."""
    text = _straight(text)
    return bool(_MOVE.search(text)) or (names_a_time and bool(_TO_A_TIME.search(text)))


def asks_to_keep(text: str) -> bool:
    """A cancelled call is wanted after all."""
    return bool(_KEEP.search(_straight(text)))


def declines(text: str) -> bool:
    """Nothing but a refusal to answer what was asked."""
    return _DECLINE.fullmatch(_straight(text)) is not None


def _straight(text: str) -> str:
    # Accents stay: "hablar con el doctor" asks for a call, "ya no quiero hablar con él" does not.
    return straight_quotes(text[:LONGEST])
