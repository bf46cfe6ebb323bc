"""Bounds what the encoder has to read of one message, whatever was typed: its time goes by the pieces of the words.

Ordinary words have a piece or two and are left as they are. Where the letters are no words at all, each keeps its first
pieces only, and none is left out that begins with a piece: what stands among them is read all the same.
"""

from bisect import bisect
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from triage.understanding.branch import WEIGHTS
from triage.understanding.encoder import MOST_WORDS
from triage.understanding.word_pieces import LONGEST_WORD, MARK, UNKNOWN, WordPieces

MOST_OF_ALL = 720  # pieces of the windows of one message; one of 1,600 letters has some 520
MOST_OF_ONE = 160  # of anything else that is read; 110 words have some 140


class Known(NamedTuple):
    """The pieces that the encoder knows, and how many letters each of them has."""

    pieces: WordPieces
    letters: tuple[int, ...]


def within(texts: Sequence[str], most: int) -> list[str]:
    """Return folded texts of no more pieces than `most` together, and in any case one for each of their words."""
    words = [text.split()[:MOST_WORDS] for text in texts]
    if sum(map(len, texts)) <= most or (known := load()) is None:
        return list(texts)
    counts = [len(_of_word(known, word)) for said in words for word in said]
    if sum(counts) <= most:
        return list(texts)
    each = bisect(range(1, max(counts)), most, key=lambda each: sum(min(count, each) for count in counts))
    return [" ".join(filter(None, (_beginning(known, word, max(1, each)) for word in said))) for said in words]


def is_dear(text: str) -> bool:
    """Tell whether a folded text is too long to be read more than once."""
    if len(text) <= MOST_OF_ONE or (known := load()) is None:
        return False
    return sum(len(_of_word(known, word)) for word in text.split()) > MOST_OF_ONE


def _beginning(known: Known, word: str, most: int) -> str:
    pieces = _of_word(known, word)
    if len(pieces) <= most:
        return word
    letters = sum(1 if piece == UNKNOWN else known.letters[piece] for piece in pieces[:most])
    return word[: letters - len(MARK)]


def _of_word(known: Known, word: str) -> tuple[int, ...]:
    return known.pieces.of_word(MARK + word[:LONGEST_WORD])


@cache
def load() -> Known | None:
    """Return the pieces; None where they cannot be read, and n-grams take the encoder's place."""
    try:
        lines = (WEIGHTS / "pieces.tsv").read_text(encoding="utf-8").splitlines()
        pieces, scores = zip(*(line.split("\t") for line in lines), strict=True)
    except (OSError, ValueError):
        return None
    return Known(WordPieces(pieces, [float(score) for score in scores]), tuple(map(len, pieces)))
