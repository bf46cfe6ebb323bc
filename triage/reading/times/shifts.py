"""By how much a time is to be moved: "push it back an hour", "a week later", "una hora más tarde"."""

import re
from datetime import timedelta

from triage.words.plain_letters import LONGEST, fold

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

_COUNTS = {
    "a": 1, "an": 1, "one": 1, "un": 1, "una": 1, "half an": 0.5, "half a": 0.5, "media": 0.5,
    "two": 2, "dos": 2, "a couple": 2, "couple": 2, "three": 3, "tres": 3,
}  # fmt: skip

_LENGTH = (
    rf"(?P<PLACE_count>{'|'.join(sorted(_COUNTS, key=len, reverse=True))}|\d{{1,2}})\s+(?:full |whole |more )?"
    r"(?P<PLACE_unit>min(?:ute)?s?|minutos?|h(?:ou)?rs?|horas?|days?|dias?|weeks?|semanas?)\b"
)

_LATER = r"(?:later|mas tarde|despues|back|after that|after(?=\W*$))\b(?! (?:\d|at|on|a las|de|del|que)\b)"
_EARLIER = r"(?:earlier|sooner|antes|mas temprano|before that|before(?=\W*$))\b(?! (?:\d|at|on|a las|de|del|que)\b)"

_SAID = re.compile(
    rf"\b{_LENGTH.replace('PLACE', 'a')} (?:(?P<later>{_LATER})|(?P<earlier>{_EARLIER}))"
    r"|\b(?:push|move|bump|shift|set|put|slide|scoot)\w*(?: (?!not)\w+){0,3}? (?:(?P<back>back|out)|(?P<up>up|forward))"
    r"(?: (?:my|the|it|our|that)(?: (?:call|time|slot))?)?"
    rf"(?: (?:by|like|about|maybe))* {_LENGTH.replace('PLACE', 'b')}(?! (?:ago|hace))"
)


# What asks for it; else it tells of something: "I got home an hour later".
_ASKS = re.compile(
    rf"^\W*(?:(?:actually|maybe|mejor|o|or|like|no|sorry|pls|please|ok)\W+)*{_LENGTH.replace('PLACE', 'c')}"
    r"|\b(?:can|could|make|move|push|bump|shift|instead|rather|please|pls|better|lets|let's|want|need|prefer\w*"
    r"|call|do it|mejor|puede\w*|podr\w+|cambi\w+|mov\w+|muev\w+|pas[ae]\w*|ll?am\w+)\b"
)


def read_shift(text: str) -> timedelta | None:
    """Return by how much later, or earlier if negative, a time is wished; None where no such thing is said.

    "An hour after lunch" and "two days before the 12th" name a time of their own; "I got home an hour later" asks for
    nothing.
    """
    folded = fold(text[:LONGEST])
    said = _SAID.search(folded)
    if said is None or not _ASKS.search(folded):
        return None
    count, unit = said["a_count"] or said["b_count"], said["a_unit"] or said["b_unit"]
    length = _UNITS[_unit(unit)] * (_COUNTS[count] if count in _COUNTS else int(count))
    return -length if said["earlier"] or said["up"] else length


def _unit(word: str) -> str:
    if word.startswith("min"):
        return "min"
    return {"h": "h", "d": "d", "w": "w", "s": "w"}[word[0]]
