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

# "December 1st", "the 2nd at 3", "first thing in the morning" are times.
_OF_A_TIME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)\w*\.?\s{1,3}(?:the\s{1,3})?(?:1st|2nd|first|second)\b"
    r"|\b(?:1st|2nd|first|second|primer[oa]?)\s{1,3}(?:thing|chance|opportunity|available|opening|slot|week|half|hora)\b"
    r"|\b(?:(?:on|the|el|al)\s{1,3}){0,2}(?:1st|2nd|first|second|primero)\s{1,3}(?:of|de|in\s{1,3}the)\b",
    re.IGNORECASE,
)

_PLACE_OR_TIME = re.compile(f"(?P<time>{_OF_A_TIME.pattern})|{_PLACE.pattern}", re.IGNORECASE)

_LABEL = r"cell|cel|celular|mobile|movil|home|house|office|work|desk|landline|casa|trabajo|oficina"
_LABELLED = re.compile(rf"\b(?P<label>{_LABEL})\b(?=[^\d+(]{{0,12}}(?P<rest>[\d+(].{{0,30}}))")
_NAMES_LABEL = re.compile(rf"\b({_LABEL})\b")
_BEST = re.compile(
    rf"\b({_LABEL})(?: (?:one|phone|number))? (?:is|works?|would be|es|queda) (?:the |el |la )?"
    rf"(?:best|better|preferred|mejor)|\b(?:prefer|preferably|mejor)(?: (?:the|my|al|el|la|mi))* ({_LABEL})\b"
)


def place_of(text: str) -> int | None:
    """Return 1 or 2 for the one that is chosen by its place, the first that is named so; None where none is."""
    text = _OF_A_TIME.sub(" ", text[:LONGEST])
    first, second = _FIRST.search(text), _SECOND.search(text)
    if second and not (first and first.start() < second.start()):
        return 2
    return 1 if first else None


def without_place(text: str) -> str:
    """Return the text without the place by which one of two numbers is chosen."""
    return _PLACE_OR_TIME.sub(lambda found: found["time"] or " ", text[:LONGEST])


_SPARE = re.compile(
    r"\b(?:second|2nd|back-?\s?up|spare|alternat\w+|additional|segundo|adicional|alterno)\s+(?:one|number|phone|line|n[uú]mero|tel[eé]fono|cel\w*)\b"
    r"|\b(?:(?:in\s+case|if)\s+(?:i\s+)?(?:do\s*n['o]?t|can'?t|cannot|miss)|(?:por\s+)?si\s+no)\s+(?:answer|pick\s+up|contest\w*|respond\w*)\b"
    r"|\balso\s+(?:try|call|reach|have)\b|\btambi[eé]n\s+(?:pueden?|est[aá]|tengo|al)\b",
    re.IGNORECASE,
)


def adds_a_number(text: str) -> bool:
    """Tell whether a number is given beside the one before, and not instead: "mi segundo número es ..."."""
    return _SPARE.search(text[:LONGEST]) is not None


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
