"""Which of two numbers is meant: by its place ("the second one"), or by what it was called ("use the office one")."""

import re

from triage.reading.phone_numbers import read_phones
from triage.words.plain_letters import LONGEST, fold

_FIRST, _SECOND = (
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in ("first|1st|former|primer[oa]?", "second|2nd|other|latter|last|segund[oa]|otr[oa]|[uú]ltim[oa]")
)

# Of these words, those that nothing but a place can be here: "the other day", "last friday" are times.
_PLACE = re.compile(
    r"\b(?:(?:the|to|al?|el|la)\s{1,3}){0,3}(?:1st|2nd|first|second|latter|former|1er[oa]?|2d[oa]|primer[oa]?|segund[oa])"
    r"(?:\s{1,3}(?:one|number|n[uú]mero))?\b",
    re.IGNORECASE,
)

_LABEL = r"cell|cel|celular|mobile|movil|home|house|office|work|desk|landline|casa|trabajo|oficina"
_LABELLED = re.compile(rf"\b(?P<label>{_LABEL})\b(?=[^\d+(]{{0,12}}(?P<rest>[\d+(].{{0,30}}))")
_NAMES_LABEL = re.compile(rf"\b({_LABEL})\b")
_BEST = re.compile(
    rf"\b({_LABEL})(?: (?:one|phone|number))? (?:is|works?|would be|es|queda) (?:the |el |la )?"
    rf"(?:best|better|preferred|mejor)|\b(?:prefer|preferably|mejor)(?: (?:the|my|al|el|la|mi))* ({_LABEL})\b"
)


def place_of(text: str) -> int | None:
    """Return 1 or 2 for the one that is chosen by its place, the first that is named so; None where none is."""
    first, second = _FIRST.search(text), _SECOND.search(text)
    if second and not (first and first.start() < second.start()):
        return 2
    return 1 if first else None


def without_place(text: str) -> str:
    """Return the text without the place by which one of two numbers is chosen."""
    return _PLACE.sub(" ", text[:LONGEST])


def labelled_phone(said: str, label_in: str) -> str | None:
    """Return the number behind a label in `said` ("cell 602-...") that `label_in` names: "use the cell one"."""
    named = _NAMES_LABEL.search(fold(label_in))
    return _behind_label(named[1], said) if named else None


def best_phone(text: str) -> str | None:
    """Return the one of several labelled numbers that the text calls the better: "... Cell is best."."""
    best = _BEST.search(fold(text[:LONGEST]))
    return _behind_label(best[1] or best[2], text) if best else None


def _behind_label(label: str, said: str) -> str | None:
    for found in _LABELLED.finditer(fold(said[:LONGEST])):
        if found["label"] == label and (phones := read_phones(found["rest"])):
            return phones[0]
    return None
