"""Reactions: what a phone sends as a text when somebody taps a heart or a thumb on a text of ours.

`Loved "We will call you at ..."` holds our own words. They say nothing about the person who tapped, so no reader may
see them; only words of the person's own, behind the quotation, are read.
"""

import re
import unicodedata
from dataclasses import dataclass

from triage.words.plain_letters import DOUBLE_QUOTES, LONGEST, SINGLE_QUOTES, fold
from triage.words.word_lists import word_file

LONGEST_CUE = 120  # characters before the quotation

MOST_IN_A_ROW = 10

_FILE = word_file("reactions")

_SAYS = {says: re.compile(pattern) for says, pattern in _FILE.patterns().items()}

_YES = frozenset(_FILE.words("signs")["yes"])

# Skin tones, and marks that only choose how a sign is drawn.
_DRESS = re.compile("[\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\u20e3]")

_SINGLE = SINGLE_QUOTES + "'"

_OPENING = re.compile(f'[{DOUBLE_QUOTES}{_SINGLE}"‹›「『〝]')

_CLOSING = {"“": "”", "«": "»", "‹": "›", "「": "」", "『": "』", "〝": "〞", "„": "“”", "»": "«", "›": "‹"}

_BETWEEN = " \t\r\n.,;:!-–—…"


@dataclass(frozen=True)
class Reaction:
    """A tapped reaction. quote: the text it stands on, perhaps cut; own_words: what the person wrote behind it."""

    positive: bool
    quote: str = ""
    own_words: str = ""

    def quotes(self, text: str) -> bool:
        """Tell whether the text is the one that was quoted: all of it, or as much as the phone kept."""
        kept, whole = _bare(self.quote), _bare(text)
        return bool(kept) and (kept == whole or (len(kept) >= _ENOUGH and whole.startswith(kept)))


_ENOUGH = 12  # characters by which a cut quotation is known


def read_reaction(text: str) -> Reaction | None:
    """Return the reaction that a text is; None if it is speech.

    Of several in one text the last one, with the words behind it.
    """
    found = _first(text)
    for _ in range(MOST_IN_A_ROW):
        following = _first(found.own_words) if found else None
        if following is None:
            break
        found = following
    return found


def spoken(text: str) -> str:
    """Return the person's own words in a text: of a reaction what stands behind the quotation, else all of it."""
    found = read_reaction(text)
    return text if found is None else found.own_words


def _first(text: str) -> Reaction | None:
    said = _undressed(text)
    for opening in _OPENING.finditer(said, 0, LONGEST_CUE):
        positive = _feeling(said[: opening.start()])
        if positive is not None:
            quote, own = _parted(said[opening.end() :], opening.group())
            return Reaction(positive, quote.strip(), own.strip(_BETWEEN))
    return _to_a_thing(said)


def _undressed(text: str) -> str:
    """Return the text without invisible marks, which phones put around a quotation, and without skin tones."""
    plain = _DRESS.sub("", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf") if not plain.isascii() else plain


def _feeling(cue: str) -> bool | None:
    """Tell whether the words before a quotation say yes to it; None if they are no reaction."""
    cue = " ".join(fold(cue).rstrip(": \n").split())
    if _SAYS["other"].fullmatch(cue):
        return False
    if _SAYS["positive"].fullmatch(cue):
        return True
    signed = _SAYS["with_sign"].fullmatch(cue)
    if signed is None:
        return None
    sign = next(found for found in signed.groups() if found is not None)
    return sign in _YES or all(one in _YES for one in sign)


def _parted(behind: str, opening: str) -> tuple[str, str]:
    """Return the quotation and what follows it. One that was cut without a closing mark goes to the end."""
    end = _end_of_quote(behind, opening)
    return (behind, "") if end is None else (behind[:end], behind[end + 1 :])


def _end_of_quote(behind: str, opening: str) -> int | None:
    """Return where the quotation is closed; None where it is not. Quotations inside it may be marked alike."""
    if opening in _SINGLE:
        closed = re.search(rf"[{_SINGLE}](?!\w)", behind)
        return closed.start() if closed else None
    depth, closing = 0, _CLOSING.get(opening, '"”“')
    for at, mark in enumerate(behind):
        if mark in closing:
            if not depth:
                return at
            depth -= 1
        elif mark == opening:
            depth += 1
    plain = behind.find('"')  # opened by a curly mark, closed by a plain one
    return plain if plain >= 0 else None


def _to_a_thing(said: str) -> Reaction | None:
    """Return the reaction to a picture or a file, of which no words are quoted: "Loved an image"."""
    plain = " ".join(fold(said[:LONGEST_CUE]).split()) if len(said) <= LONGEST_CUE else ""
    thing = _THING.search(plain)
    positive = _feeling(plain[: thing.start()]) if thing else None
    return Reaction(positive) if positive is not None else None


_THING = re.compile(rf"(?<= )(?:{_SAYS['thing'].pattern})[.!]?$")


def _bare(text: str) -> str:
    """Return the letters and figures of a text, by which a quotation is compared whatever became of its marks."""
    return re.sub(r"[\W_]", "", fold(text[:LONGEST]))
