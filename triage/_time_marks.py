"""Finds what speaks of time in a text: days, clock times, parts of the day, and what takes them back.

Reads the vocabulary of `triage._time_words`. A mark says what the words mean, not yet when that is.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from triage._time_grammar import SCAN
from triage._time_values import Mark, Time, mark_of
from triage._time_vocabulary import UNITS
from triage._time_words import canonical

# Every find is held against the others, so their number bounds the work; nobody's wish has more.
MOST_FINDS = 100


@dataclass(frozen=True)
class _Clause:
    start: int
    end: int
    segment: int
    found: tuple[re.Match[str], ...]


def marks_in(text: str, today: date) -> list[Mark]:
    """What a text says about time, in its order; nothing the speaker only tells of ("my phone died yesterday")."""
    words = " ".join(canonical(text))
    clauses = _clauses(words)
    if not any(clause.found for clause in clauses):
        return []
    marks: list[Mark] = []
    for number, clause in enumerate(clauses):
        if _says_only_no(words, clause):
            marks = [replace(mark, negative=True) for mark in marks]
        marks += _read_clause(words, clause, number, today)
    standing: list[Mark] = []
    for mark in marks:
        clause = clauses[mark.clause]
        if _stands(words, mark, marks, clause, today) or _replaces(words, mark, standing, clause):
            standing.append(mark)
    told = _referring(standing, words, clauses)
    return [replace(mark, joined=_joint(words, mark, told[:number])) for number, mark in enumerate(told)]


def _referring(standing: list[Mark], words: str, clauses: list[_Clause]) -> list[Mark]:
    """What is wished, with the times that only point to another one put in full."""
    resolved: list[Mark] = []
    for mark in standing:
        said = next((other for other in reversed(resolved) if other.kind in ("time", "part")), None)
        if mark.kind == "after_that":
            if said is not None and isinstance(said.value, Time):
                resolved = _bounded_by(said, str(mark.value), resolved)
        elif mark.kind != "same_time":
            resolved.append(mark)
        elif said is not None:
            resolved.append(replace(mark, kind=said.kind, value=said.value))
        elif any(other.kind == "day" for other in standing):  # else it is "at the same time as TMS"
            resolved.append(replace(mark, kind="vague_time", value=None))
    wished = [mark for mark in resolved if mark.wish > 0]
    if any(mark.kind == "day" for mark in wished):
        return wished
    days = [mark for mark in resolved if mark.kind == "day" and _same_day(mark, resolved, words, clauses)]
    return sorted([*wished, *(replace(day, wish=2) for day in days[-1:])], key=lambda mark: mark.start)


def _same_day(day: Mark, marks: list[Mark], words: str, clauses: list[_Clause]) -> bool:
    """ "I have class at 10 tomorrow, so how about 2": the hour that follows another's is of its day."""
    told = clauses[day.clause]
    return (
        any(isinstance(mark.value, Time) and mark.clause == day.clause for mark in marks)
        and any(
            isinstance(mark.value, Time) and day.clause < mark.clause <= day.clause + 2 and mark.wish > 0
            for mark in marks
        )
        and not _GONE.search(words[told.start : told.end])
    )


_GONE = re.compile(
    r"(?<!\S)(?:was|were|had|did|took|told|said|last|\w{2,}ed|since|fue|tuve|\w{2,}(?:aron|ieron))(?!\S)"
)


def _bounded_by(said: Mark, side: str, marks: list[Mark]) -> list[Mark]:
    """ "My shift ends at 3:30 tomorrow, call after": what was told of becomes the bound of the wish, its day too."""
    time = said.value
    assert isinstance(time, Time)
    clock = time.end if time.end and side == "after" else time.clock
    bound = replace(said, value=replace(time, kind=side, clock=clock, end=None))
    return [
        replace(bound if mark is said else mark, wish=max(mark.wish, 2), negative=False)
        if mark.clause == said.clause
        else mark
        for mark in marks
    ]


def _joint(words: str, mark: Mark, before: list[Mark]) -> str:
    """What joins a mark to the one of its kind before it: "or", "and", ",", else nothing."""
    last = max((other.end for other in before if other.kind == mark.kind), default=None)
    if last is None:
        return ""
    found = _apart_from([other for other in before if other.start >= last], words, last, mark.start)
    if not all(word in _KNOWN for word in found):
        return ""
    return next((joint for joint in ("or", "and", ",") if joint in found), "")


def _clauses(words: str) -> list[_Clause]:
    """Cut at punctuation, "but", "so", "and I", and at corrections, which open a new segment; once a time is named,
    also at what only goes with it: "if she's not busy", "while they nap"."""
    clauses: list[_Clause] = []
    found: list[re.Match[str]] = []
    start = segment = 0
    for match in islice(SCAN.finditer(words), MOST_FINDS):
        corrects = match.lastgroup == "fix" or (match.lastgroup == "no" and _corrects(words, match, clauses, found))
        if corrects or match.lastgroup == "stop":
            # "Tomorrow works" says what it says with its verb, "tomorrow but" does not.
            end = match.end() if match[0] == "works" else match.start()
            clauses.append(_Clause(start, end, segment, tuple(found)))
            start, found, segment = match.end(), [], segment + corrects
        elif match.lastgroup == "aside":
            if any(find.lastgroup not in _NO_TIMES for find in found):
                clauses.append(_Clause(start, match.start(), segment, tuple(found)))
                start, found = match.start(), []
        else:
            found.append(match)
    clauses.append(_Clause(start, len(words), segment, tuple(found)))
    return clauses


def _says_only_no(words: str, clause: _Clause) -> bool:
    """ "Maybe tomorrow, maybe never" """
    return [find.lastgroup for find in clause.found] == ["against"] and re.fullmatch(
        r"(?:(?:or|and|well|maybe|not|[.,;!?]) ?)+", words[clause.start : clause.end].strip()
    ) is not None


_NO_TIMES = ("against", "bad", "no", "none", "vague", "open")


def _corrects(words: str, no: re.Match[str], clauses: list[_Clause], found: list[re.Match[str]]) -> bool:
    """Whether "no" takes back what was said before: "at 3, no, at 4", not "mondays no"."""
    ends_its_clause = re.match(r" ?(?:[.,;!?]|but|$)", words[no.end() :]) is not None
    return bool(clauses and any(clause.found for clause in clauses) and not found) or bool(
        found and not ends_its_clause
    )


def _read_clause(words: str, clause: _Clause, number: int, today: date) -> list[Mark]:
    """The marks of one clause, with who says them and what "not" does to them."""
    said = words[clause.start : clause.end]
    for match in clause.found:
        if match.lastgroup == "after_work":  # no word on the speaker's own day
            said = said.replace(match[0], "-")
    wish = _wish(said, words[clause.start : clause.found[-1].start()] if clause.found else "")
    marks = []
    for match in clause.found:
        mark = mark_of(match, today)
        if mark is not None:
            marks.append(replace(mark, clause=number, segment=clause.segment, wish=wish))
    for match in clause.found:
        marks = _taken_back(match, marks)
    if wish == 1:
        marks = _free_afterwards(marks)
    return marks


def _wish(said: str, before_last: str) -> int:
    """How plainly a clause asks for the call (see Mark); 0 where it only tells of something.

    before_last: what stands before the last thing found in it.
    """
    if _CALL_THAT_WAS.search(said):
        return 0
    if _WISH.search(said):
        return 3
    if _OWN_DAY.search(said):
        return 1
    return 0 if _TOLD.search(said) or _DAILY.search(before_last) or _ASKED.match(said) else 2


def _taken_back(match: re.Match[str], marks: list[Mark]) -> list[Mark]:
    """Mark as negative what "not", "except" or "doesn't work" speaks of."""
    before = [mark for mark in marks if mark.end <= match.start()]
    after = [mark for mark in marks if mark.start >= match.end()]
    if match.lastgroup == "against":
        restart = _RESTART.match(match.string, match.end())
        scope = restart.end() if restart else len(match.string)
        concerned = [mark for mark in after if mark.start < scope] or ([] if after or match[0] == "except" else before)
    elif match.lastgroup == "bad":
        concerned = before or after
    elif match.lastgroup == "no":
        concerned = before or [mark for mark in after[:1] if mark.start <= match.end() + 1]
    else:
        return marks
    if any(_flips(mark) for mark in concerned):
        # "Not tomorrow before 10" leaves tomorrow, from 10 on.
        return [_flipped(mark) if mark in concerned and _flips(mark) else mark for mark in marks]
    return [replace(mark, negative=True) if mark in concerned else mark for mark in marks]


# "I can't talk now, try me after five": what is refused ends where something is asked for.
_RESTART = re.compile(r"(?: \S+){1,40}? (?:try|call|ring|phone|text|llamen|llamenme|llameme|marquenme|can|could)(?!\S)")


def _flips(mark: Mark) -> bool:
    return isinstance(mark.value, Time) and mark.value.kind in ("after", "before")


def _flipped(mark: Mark) -> Mark:
    time = mark.value
    assert isinstance(time, Time)
    return replace(mark, value=replace(time, kind="before" if time.kind == "after" else "after"))


def _free_afterwards(marks: list[Mark]) -> list[Mark]:
    """ "I work until 3", "I get off at 4": free after that. Of any other hours of work nothing follows."""
    times = [mark.value for mark in marks if isinstance(mark.value, Time)]
    if any(mark.kind in ("offset", "within") for mark in marks):
        return marks  # "I get off in 20 minutes"
    if not times or times[0].kind not in ("at", "before"):
        return [replace(mark, negative=True) for mark in marks]
    return [
        replace(mark, value=replace(mark.value, kind="after")) if isinstance(mark.value, Time) else mark
        for mark in marks
    ]


# ---- which of them stand


def _stands(words: str, mark: Mark, marks: list[Mark], clause: _Clause, today: date) -> bool:
    """Whether this is a time at all. A bare number needs company ("2 kids" is none), "now" a wish."""
    said = words[mark.start : mark.end]
    following = words[mark.end :].split(maxsplit=3)[:2]
    if mark.kind in ("time", "vague") and _counts_things(following):
        return False
    if mark.kind == "open":
        # "Now" is in every second sentence: it counts where little else is said.
        most = 2 if mark.wish == 3 else 0
        return _unknown(words, clause, marks) <= (most + 3 if said == "asap" else most)
    if mark.kind == "part":
        return _part_stands(words, mark, marks, clause)
    if mark.kind == "day" and re.fullmatch(r"(?:on )?\d{1,2}/\d{1,2}", said):
        return mark.value is not None and (said.startswith("on ") or _has_company(words, mark, marks))
    if mark.kind == "day" and re.fullmatch(r"(?:(?:the|on|of|days) )*\d{1,2}(?:th|w)?", said):
        if re.fullmatch(r"\d{1,2}th", said) and _unknown(words, clause, marks):
            return False  # "do I need pills 1st"
        return not following or following[0] in _KNOWN or _begins_a_mark(mark.end + 1, marks)
    if isinstance(mark.value, date) and mark.value < today and mark.wish < 3 and _unknown(words, clause, marks):
        return False  # told, not wished: "since the infusion yesterday"
    if mark.kind == "day" and _preceded_by(words, mark, r"(?:soy|llamo|llama|named|name is|nombre es)(?: on)?"):
        return False
    if mark.kind == "after_that":
        return mark.wish == 3 or _unknown(words, clause, marks) <= 1
    if isinstance(mark.value, Time):
        return _time_stands(words, said, mark, marks)
    return True


def _counts_things(following: list[str]) -> bool:
    """ "3 kids", "2 more weeks", "10 - x": the number is no hour."""
    if len(following) == 2 and following[0] in ("next", "last", "more", "-", ":", "/"):
        return following[1] in UNITS or following[1] == "x" or following[0] in ":/"
    if following and following[0] == "of":
        return len(following) < 2 or not re.match(r"\d|the|this|days|wd|today|tomorrow|dayafter|mon", following[1])
    return bool(following) and following[0] in UNITS


def _part_stands(words: str, mark: Mark, marks: list[Mark], clause: _Clause) -> bool:
    said = words[mark.start : mark.end]
    if (
        mark.start == 0
        and re.match(r" [,!.]", words[mark.end :])
        and len(marks) > 1
        and said in ("morning", "afternoon", "evening")
    ):
        return False  # a greeting
    beside = any(other.kind in ("day", "time") and _adjacent(words, mark, other) for other in marks)
    if said in ("early", "late", "am", "pm", "eve"):
        return any(other.kind == "day" and _adjacent(words, mark, other) for other in marks) and not mark.negative
    return beside or mark.wish == 3 or _unknown(words, clause, marks) <= 1


def _time_stands(words: str, said: str, mark: Mark, marks: list[Mark]) -> bool:
    time = mark.value
    assert isinstance(time, Time)
    if re.search(r"\b20[0-4]\d\b", said) or _preceded_by(words, mark, r"-|/|:|x -|my|his|her"):
        return False
    if _preceded_by(words, mark, "days") and not any(other.end == mark.start - 1 for other in marks):
        return False  # "day 11" of something
    if re.search(r"\b[ap]m\b|oclock|noon|:\d\d", said) or time.zone:
        return True
    if time.kind == "range":
        if " and " in said and not said.startswith("between"):
            return False
        opened = said.startswith(("between", "from", "of", "at ", "a at ", "las ", "a las "))
        return opened or _has_company(words, mark, marks)
    if time.kind in ("after", "before"):
        return not re.fullmatch(r"from \d+w?", said) or _has_company(words, mark, marks) or _ends(words, mark)
    return said.startswith(("at ", "a at ", "a las ", "~ las ")) or " at " in said or _has_company(words, mark, marks)


def _replaces(words: str, mark: Mark, standing: list[Mark], clause: _Clause) -> bool:
    """A bare hour that stands for another time: "push that to 11" after a correction, the 4 of "not 3, 4"."""
    said = words[mark.start : mark.end]
    before = [other for other in standing if other.kind in ("time", "day")]
    if not isinstance(mark.value, Time) or mark.value.clock.hour > 12 or not before or not _ends(words, mark):
        return False
    if not _plausible_alone(said) or _counts_things(words[mark.end :].split(maxsplit=3)[:2]):
        return False
    unknown = _unknown(words, clause, [*standing, mark])
    if mark.segment > before[-1].segment:
        return unknown <= 1
    led = words[clause.start : mark.start].split()
    return 0 < mark.clause - before[-1].clause <= 2 and not unknown and all(word in _LEADS for word in led)


_LEADS = frozenset("or and to at a for try the ~ yes ok make it , then please say".split())


def _has_company(words: str, mark: Mark, marks: list[Mark]) -> bool:
    """A day or a correction right beside the number, or nothing unknown in the whole text."""
    for other in marks:
        # "3 nights" is a number of nights; "the evening at 7" and "8 tomorrow" are hours.
        counted = other.kind == "part" and other.start == mark.end + 1 and " " not in words[mark.start : mark.end]
        if other.kind in ("day", "part") and _adjacent(words, mark, other) and not counted:
            return True
    if re.match(
        r"(?: ~)? (?:works|is (?:good|fine|best|great|ok|perfect)|would (?:be|work)|please|is better)\b",
        words[mark.end :],
    ):
        return True
    if mark.segment and _preceded_by(words, mark, r"fix(?: ,)?"):
        return True
    if _preceded_by(words, mark, r"(?:call|ring|phone) me|so|but|say") and _ends(words, mark):
        return _plausible_alone(words[mark.start : mark.end])
    if "~" in words[mark.start : mark.end].split() and _ends(words, mark):
        return True
    return not _unknown(words, _Clause(0, len(words), 0, ()), marks) and _plausible_alone(words[mark.start : mark.end])


def _plausible_alone(said: str) -> bool:
    """ "930" and "1415" alone are times; "555" or "480" is more likely the start of a telephone number."""
    digits = re.search(r"\d{3,}", said)
    return digits is None or digits[0][-2:] in ("00", "15", "30", "45")


def _ends(words: str, mark: Mark) -> bool:
    """Nothing unknown follows the mark before the next stop."""
    rest = words[mark.end :].split()
    return not rest or rest[0] in _KNOWN or rest[0] in ".,;!?()"


def _preceded_by(words: str, mark: Mark, pattern: str) -> bool:
    return re.search(rf"(?:^| )(?:{pattern}) ?$", words[: mark.start]) is not None


def _begins_a_mark(at: int, marks: list[Mark]) -> bool:
    return any(other.start == at for other in marks)


def _adjacent(words: str, one: Mark, other: Mark) -> bool:
    first, second = sorted((one, other), key=lambda mark: mark.start)
    return first is not second and all(word in _BETWEEN for word in words[first.end : second.start].split())


def _unknown(words: str, clause: _Clause, marks: list[Mark]) -> int:
    """How many words of the clause are neither about time nor little words around it."""
    inside = [mark for mark in marks if clause.start <= mark.start < clause.end]
    return sum(word not in _KNOWN for word in _apart_from(inside, words, clause.start, clause.end))


def _apart_from(marks: list[Mark], words: str, start: int, end: int) -> list[str]:
    """The words between two places that belong to none of these marks."""
    starts = [start, *(mark.end for mark in marks)]
    ends = [*(mark.start for mark in marks), end]
    return [word for begin, stop in zip(starts, ends, strict=True) for word in words[begin:stop].split()]


_BETWEEN = frozenset(", on at for in the say ~ of a and - ( ) is works good break".split())
_KNOWN = frozenset(
    """, . ; ! ? ( ) - : & ~ at on in the a of for to and or but so say fix works this that thats that's it its it's
    is be am are
    i im i'm id i'd ill i'll ive i've me my we us you u ur your our they someone somebody anyone
    yes yeah yep yea ya yup ok okay k sure hi hello hey dear thanks thank thx ty please pls plz plse pleas kindly hmm
    oh well
    would will could can do does did if possible work working good best better great fine perfect ideal cool awesome
    wonderful
    lovely free available open call called calls calling callback ring phone reach contact text talk speak chat try
    back again
    lets let's let make guess think prefer preferred want need like id time times day days date slot when what how about
    around hopefully either also too only really very most more much there here with by from any all some one two
    later not no else
    today anytime between after before until past off am pm hours hour minutes number same line cell home
    break it'll that'll thatll suits suit perfectly okey sounds sounds then
    si favor gracias hola buenos puede pueden puedo podria podrian quiero quisiera me te le les nos mi su llamen llame
    llamenme
    llameme llamar llamarme llamada llama bien libre disponible esta este estoy estaria seria es sea que a y o ni con
    si gustaria
    prefiero perfecto vale bueno claro sirve conviene queda hablar tengo tiempo horario gusta va funciona pues
    entonces ahi hora
    unos unas uno mejor dia dias solo tambien muy mas""".split()
)
_WISH = re.compile(
    r"""(?<!\S)(?:(?:call|ring|phone|text|reach|contact|try|buzz|dial)(?!ed)(?:\ (?:me|us|her|him|back|my|them)
      |(?=\ (?:at|on|,|\.|~|tomorrow|today|wd|back))|$)
    |a\ call|the\ call|call-back|callback|calls?\ back|my\ call|calling|phone\ call|talk|speak|chat|hear\ from
    |works?(?=\ (?:for\ me|best|better|well|great|fine|$|[.,!?]))|works|good|best|better|great|fine|perfect|ideal
      |free|available|availability
    |(?:im|i'm|am)\ (?:home|here|around)|what\ if\ you|if\ (?:you|someone|somebody|we)\ (?:called|rang|phoned|tried)
    |(?:has|have|needs?|got)\ to\ be|gotta\ be|must\ be|wide\ open|que\ sea|tiene\ que\ ser
    |please|pls|plz|prefer\S*|lets|let's|say|hoping|hope|wondering|thinking|would|wanna|want|wants|need|schedule
      |can\ you|can\ u|could
    |can\ (?:someone|somebody|we|they|she|he|the)|ok|okay|sounds|suits?|shall
    |hacer|agend\w+|program\w+|reserv\w+|llam(?:en|e|ar|ada|enme|eme|arme|arla|arlo|enlo|enla|arnos|alo|ame|adme|eis
      |an|arle)|habl(?:ar|emos|amos)|puedo|pueden?|podria\w*|prefiero|prefiere
    |bien|perfecto|libre|disponible|gustaria|quiero|quisiera|favor|sirve|conviene|seria|queda|funciona|contact(?:en
      |ar|arme|enme)|vale|marquenme|marcar|marquen)(?!\S)""",
    re.X,
)
_CALL_THAT_WAS = re.compile(
    r"(?<!\S)(?:supposed to|did (?:you|u|yall|y'all|they|someone|somebody|anyone|anybody)|(?:have|has) \w+ (?:called|tried)|missed (?:your|the|a|my) call|(?:never|nobody|no one|didnt|didn't) (?:got a call"
    r"|call(?:ed)?)"
    r"|me iban a|quedaron en)(?!\S)"
)
_OWN_DAY = re.compile(
    r"(?<!\S)(?:i|im|i'm|he|she|we) (?:am |usually )?(?:at |in )?(?:works?|working|get off|get out|get home|get done"
    r"|get back|finish|done|off|back)"
    r"(?!\S)|(?<!\S)(?:get off|gets off|off work|out of work|salgo|trabajo|termino|llego a casa"
    r"|estoy en at trabajo)(?!\S)"
)
# What people do day by day; behind a time it only gives the reason ("Tuesday at 3, I take my pills then").
_DAILY = re.compile(
    r"""(?<!\S)(?:(?:i|he|she|we|they)\ (?:take|wake|sleep|feel|eat|drop|pick|go(?!\ on\ (?:break|lunch))|see|leave|start|walk|feed
      |teach|drive|meet|watch|get(?!s?\ (?:off|home|out|back|done|my|a|the|lunch|break)))s?(?!\S)
    |tomo|entro|recojo|cuido|me\ (?:despierto|levanto|acuesto|duermo))(?!\S)""",
    re.X,
)
_ASKED = re.compile(r" ?(?:and |so |but )?(?:are|is) (?:the(?! \d)|your|my|they|these|those)(?!\S)")
_TOLD = re.compile(
    r"""(?<!\S)(?:was|were|had|did|died|told|went|took|began|got(?!\ (?:time|a\ break|nothing))|said|saw|felt|ago
      |been|since|gave|came|left|lost|heard
    |(?!need|wed|retired|interested|preferred|confused|scared|tired)(?<!be\ )(?<!get\ )\w{2,}ed|has|(?:habit|some|most
      |other|many)\ (?:days|morning|afternoon|evening|tomorrow|wd\d)|habit
    |have\ (?!lunch|time|any|from|until|free|nothing|no)\w+\ (?:at|on|~|until)|i've\ got\ (?:a|my|the)
    |have\ (?:a|my|an|tms|to|surgery
      |class|school|work|therapy|\d\w*)(?!\ (?:break|few|moment|minute|free|gap|window|opening|lunch|bit))
    |(?:infusion|appointment|appt|session|treatment|procedure|surgery)\ (?:is|was|at|on|starts)
    |my\ (?:appointment|appt|session|infusion|treatment|shift|birthday|surgery|procedure|wife's|flight|next|first
      |last|phone|tms|ketamine|meeting|class)
    |naps?|sleeps?|starts?|ends|(?<!wide\ )opens?|closes?|closed|seeing|old|daily|usually|are\ you|your\ hours|hours\ on
      |do\ (?:you|y'all|yall|u|they|ustedes)|is\ (?:anyone|anybody|someone|somebody)\ (?:there|in)
      |atienden|atiende|hay\ (?:alguien|gente|servicio)|trabajan
      |there's
      |kids|hurts?|headaches?|dizzy|pain|worse|nausea\w*|sick|duele\w*
    |(?!quieran)\w{2,}(?:aron|ieron)|threw|fell|broke|quit|woke|met|spoke|tuve|fue|desde|hace|murio|termine|empece
      |empezo|cita|dijo|dijeron|tenia|tengo\ (?:que|mucho|a|cita|trabajo)|cumplo
      |estaba|estuve|llamaron|abren|cierran|abierto|hice|hicieron|tome|me\ siento)(?!\S)""",
    re.X,
)
