"""What somebody meant to write: slips and spellings by ear put right, dictated stops as stops, "*3" as "make it 3"."""

import re
from collections.abc import Mapping
from functools import partial

from triage.words.plain_letters import LONGEST, plain_letters
from triage.words.word_lists import word_file

_FILE = word_file("as_spelled")

_MEANT = _FILE.meanings("meant")

_TOGETHER = _FILE.phrase_meanings("meant_together")

_PHRASE = re.compile(rf"\b({'|'.join(sorted(map(re.escape, _TOGETHER), key=len, reverse=True))})\b", re.IGNORECASE)

_STOPS = {word.replace("_", " "): stop for word, stop in _FILE.meanings("dictated").items()}

_STOP = re.compile(rf" ?\b({'|'.join(sorted(_STOPS, key=len, reverse=True))})\b", re.IGNORECASE)

# From so many on they are stops: "my period came" is none.
DICTATED = 2

_WORD = re.compile(r"[^\W\d_]+")

_STARRED = re.compile(r"\s*\*\s*(?=\w)(?P<meant>[^*]{1,80})$")


def as_meant(text: str) -> str:
    """Return the text as it was meant, for those who read single words; capitals and all else stay as they are.

    At most LONGEST characters.
    """
    text = text[:LONGEST]
    if starred := _STARRED.match(text):
        text = f"{'make it' if starred['meant'][0].isdigit() else 'I meant'} {starred['meant']}"
    if len(_STOP.findall(text)) >= DICTATED:
        text = _STOP.sub(lambda said: _STOPS[said[1].lower()], text)
    for known, meant in ((_PHRASE, _TOGETHER), (_WORD, _MEANT)):
        text = known.sub(partial(_put_right, meant), text)
    return text


def corrects(text: str) -> bool:
    """Tell whether a star marks the text as a correction: a figure in it is no key."""
    return _STARRED.match(text[:LONGEST]) is not None


def _put_right(meant: Mapping[str, str], found: re.Match[str]) -> str:
    said = found[0]
    if said.isupper() or (said[0].isupper() and found.start() > 0):
        return said  # "Alas" may be somebody's name
    return meant.get(plain_letters(said), said)
