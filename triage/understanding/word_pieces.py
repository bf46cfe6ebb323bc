"""Word pieces of a folded text: the likeliest way to put each word together from the pieces that the model knows.

A unigram model: a piece has a log chance, and Viterbi finds the pieces of a word whose chances together are highest. No
piece spans two words, so each word is looked at by itself and remembered.
"""

from collections.abc import Sequence
from functools import lru_cache

START, END, UNKNOWN = 0, 1, 2  # places of the pieces that stand for no letters
MARK = "▁"  # stands before the first letter of a word
REMEMBERED = 8192  # words
UNKNOWN_COSTS = 10.0  # how much less likely a letter that no piece knows is than the rarest piece
LONGEST_WORD = 400  # letters; the rest of a longer one is not read, which bounds the work


class WordPieces:
    """pieces, scores: texts of the pieces and their log chances, in the order of the table; the first three are set."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._places = {piece: place for place, piece in enumerate(pieces) if place > UNKNOWN}
        self._scores = tuple(scores)
        self._longest = max(map(len, self._places))
        self._unknown = min(scores) - UNKNOWN_COSTS
        self.of_word = lru_cache(REMEMBERED)(self._of_word)

    def of(self, text: str, most: int) -> list[int]:
        """Return the places of the pieces of a folded text, at most so many, with those that begin and end it."""
        places = [START]
        for word in text.split(" "):
            if len(places) >= most:
                break
            places += self.of_word(MARK + word[:LONGEST_WORD])
        return [*places[: most - 1], END]

    def _of_word(self, word: str) -> tuple[int, ...]:
        """Return the places of the pieces of one word with its mark."""
        best = [0.0] + [float("-inf")] * len(word)  # the log chance of the letters so far, by where they end
        last = [(0, UNKNOWN)] * (len(word) + 1)  # where the last piece begins, and its place
        for start, so_far in enumerate(best[:-1]):
            so_far = best[start]
            if so_far + self._unknown > best[start + 1]:
                best[start + 1], last[start + 1] = so_far + self._unknown, (start, UNKNOWN)
            for end in range(start + 1, min(len(word), start + self._longest) + 1):
                place = self._places.get(word[start:end])
                if place is not None and so_far + self._scores[place] > best[end]:
                    best[end], last[end] = so_far + self._scores[place], (start, place)
        places = []
        end = len(word)
        while end:
            end, place = last[end]
            places.append(place)
        return tuple(reversed(places))
