"""The time for a call in a text: without what only looks like one there, and with the hour that was named before."""

import re
from datetime import datetime

from triage.hours.window import Window
from triage.policy import PartsOfDay
from triage.reading.times.read_window import Unread, read_window
from triage.words.sentences import sentences

_SAME_HOUR = re.compile(r"\b(?:(?:at\s+)?(?:the\s+)?same\s+(?:time|hour)|(?:a\s+)?la\s+misma\s+hora)\b", re.IGNORECASE)

# "I feel better today", "me siento mejor hoy": when somebody feels so, and no time for a call.
_FELT = re.compile(
    r"\b(?:feel(?:s|ing)?|felt|me\s+s(?:iento|ent[ií])|se\s+siente|amanec[ií])\s+(?:\w+\s+){0,2}?"
    r"(?:better|good|fine|ok(?:ay)?|great|normal|worse|bad|awful|rough|mejor|bien|mal|peor)(?:,?\s+\w+)?,?\s+"
    r"(?:today|tonight|now|this\s+(?:morning|afternoon|evening|week)|hoy|ahora|esta\s+(?:ma[nñ]ana|tarde|noche))\b"
    r"(?!\s+(?:at|after|before|between|from|around|a\s+las?|despu[eé]s|antes|entre|\d))",
    re.IGNORECASE,
)

# "Morning. Sorry, fell asleep" greets; "Morning, please" is a time.
_GREETS = re.compile(r"^\W*(?:good\s+)?(?:morning|mornin|afternoon|evening)\s*[.!]+\s+(?=\w+\W+\w)", re.IGNORECASE)

# "No, AFTER 1, not at 1": the no is none to what follows.
_NO_FIRST = re.compile(
    r"^\W*(?:no+|nope|nah)\W+(?=(?:AFTER|BEFORE)\b|(?i:after|before)\s+\S+(?:\s+[ap]m)?,?\s+(?i:not)\b)"
)

# "So its 2:40...": how late it is.
_HOW_LATE = re.compile(
    r"^\W*(?:(?:so|um|uh|ok|well|hey|hello|hi|ya|y|pues|oigan?)\W+)*(?:it'?s|it\s+is|son(?:\s+las)?)\s+"
    r"(?:already\s+|now\s+|like\s+)*\d{1,2}[:.]?\d\d(?:\s*[ap]\.?m\.?)?(?:\s+(?:now|already|ya))?\W*$",
    re.IGNORECASE,
)

_THIS_ONE = re.compile(r"\b(?:this|that|same)\s+1(?=\W*$)", re.IGNORECASE)  # one, and no hour

# "The 0140 one", "if I don't answer the first", "por si no contesto en el primero": no hours and no days.
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:the|el|la|del)\s+\d{3,4}\s+(?:1|one|number|n[uú]mero)\b"
    r"|\b(?:be|is|was)\s+the\s+first\s+thing\b"  # "can TMS be the first thing I try"
    r"|\b(?:answer|pick\s+up|contest\w+|respond\w+)\s+(?:at|on|en|al?)?\s*(?:the|el|la)?\s*(?:first|second|1st|2nd|primer[oa]?|segund[oa])\b(?!\s+(?:de|of)\b)",
    re.IGNORECASE,
)

# "Call me tomorrow at 2 and not when we said": which time it was before.
_NOT_THAT_ONE = re.compile(
    r",?\s*\b(?:and\s+|y\s+)?(?:not|instead\s+of|rather\s+than|no|en\s+vez\s+de)\s+(?:(?:when|what|the\s+time|the\s+one|cuando|lo\s+que|la\s+hora\s+que)"
    r"\s+(?:we|you|i|they|y'?all|hab[ií]amos|quedamos|dijimos|dije|dijeron)(?:\s+(?:had\s+)?(?:said|set|agreed(?:\s+on)?|picked|planned|dicho|quedado))?"
    r"|the\s+(?:old|other|first|earlier|original)\s+(?:time|1|one)|la\s+(?:otra|primera)(?:\s+hora)?)\b",
    re.IGNORECASE,
)

# None of these is a time for a call.
_NO_TIMES = (_NO_FIRST, _GREETS, _HOW_LATE, _FELT, _THIS_ONE, _ONE_OF_SEVERAL, _NOT_THAT_ONE)


# "Me llaman porfa. a la una. escribe Domingo": an hour that is a sentence by itself.
_HOUR_ALONE = re.compile(
    r"(?:(?:at|around|about|like|tipo|como|a|por|sobre)\s+){1,2}(?:las?\s+)?(?:\d{1,2}(?:[:.]\d\d)?|una|dos|tres|cuatro|nueve|diez|once)"
    r"(?:\s*(?:[ap]\.?m\.?|ish|o'?clock|y\s+media|en\s+punto))?"
    r"|\d{1,2}[:.]\d\d|(?:0?[89]|1[0-7])[0-5]\d(?:\s*h(?:ou)?rs)?|\d{1,2}\s*[ap]\.?m\.?",
    re.IGNORECASE,
)


def time_in(text: str, now: datetime, usual: PartsOfDay) -> tuple[Window | Unread, bool]:
    """Return what is read of a time, and whether its hour is one that was named in an earlier message."""
    for no_time in _NO_TIMES:
        text = no_time.sub(" ", text)
    window = read_window(text, now, usual)
    if window is Unread.NOTHING:
        alone = next(filter(_HOUR_ALONE.fullmatch, sentences(text)), None)
        window = read_window(alone, now, usual) if alone else window
    day_alone = _SAME_HOUR.sub(" ", text)
    if isinstance(window, Window) or day_alone == text:
        return window, False  # "make it 4:30, actually Wednesday same time": the hour stands beside it
    return read_window(day_alone, now, usual), True
