"""The encoders: from texts to sentence vectors by a small multilingual model, or to n-grams where it cannot load.

Each has `encode(texts) -> vectors`, and a `name` by which its heads and thresholds are found. Importing this loads
no model. A vector depends on its text alone, so texts are encoded one at a time.
"""

import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

# One thread, set before numpy's library loads: with two, a worker forked after first use hung.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import numpy.typing as npt

from triage.understanding.branch import WEIGHTS, Branch, session_of
from triage.understanding.ngrams import MOST_CHARACTERS, Vectors, ngram_vectors
from triage.understanding.word_pieces import WordPieces

PACKAGES = ("onnxruntime",)  # another version may give other vectors
MADE_FROM = "sources.txt"
# Layers whose meaning is joined: the middle tells finer differences, the last more ways to say a thing.
DEPTHS = (6, 12)
MEANING = 384 * len(DEPTHS)  # values of a vector
LOWEST = 2  # layers whose rows the tuned branch goes on from
BLOCK_BYTES = 18  # of 32 values of the table: a scale of 16 bits, then 4 bits a value
MOST_WORDS = 120  # beyond this a text is read in windows; it bounds the work of one encoding
MOST_PIECES = 256

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


class Layers:
    """The layers of multilingual-e5-small in 8 bits under onnxruntime, and the table of its word pieces.

    The table and the places are mapped, not read: processes share them, and only rows that texts use are in memory.
    Raises ImportError, OSError, ValueError or RuntimeError if unusable.
    """

    def __init__(self, folder: Path) -> None:
        lines = (folder / "pieces.tsv").read_text(encoding="utf-8").splitlines()
        pieces, scores = zip(*(line.split("\t") for line in lines), strict=True)
        self._pieces = WordPieces(pieces, [float(score) for score in scores])
        self._table = np.load(folder / "table.npy", mmap_mode="r")
        self._places = np.load(folder / "places.npy", mmap_mode="r")
        self._session = session_of(folder / "layers.onnx")

    def read(self, text: str) -> tuple[Vectors, Vectors]:
        """Return the meaning of a text at each depth, one a row, as unit vectors, and the rows of its lowest layers."""
        places = self._pieces.of(text, MOST_PIECES)
        rows = unblocked(self._table[places]) + self._places[: len(places)]
        *depths, lowest = self._session.run(None, {"pieces": rows})
        return _unit(np.stack(depths)), lowest


class Sentences:
    """Meaning by multilingual-e5-small, at two depths of it joined, and behind it the scores of the tuned branch.

    Raises ImportError, OSError or RuntimeError if unusable.
    """

    name = "e5"

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or WEIGHTS
        try:
            self._layers = Layers(folder)
            self._means = np.load(folder / "means.npy")
            self._branch = Branch(folder)
        except ValueError as why:  # what numpy says of a file that is none of its own
            raise RuntimeError(f"the weights are damaged: {why}") from why
        english = self.encode([pair[0] for pair in GOLDEN])
        spanish = self.encode([pair[1] for pair in GOLDEN])
        if not np.array_equal((meaning(english) @ meaning(spanish).T).argmax(axis=1), np.arange(len(GOLDEN))):
            raise RuntimeError("the sentence encoder gives wrong vectors for its golden sentences")

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Vectors:
        read = " ".join(text.split()[:MOST_WORDS])[:MOST_CHARACTERS]
        depths, lowest = self._layers.read(read)
        joined: Vectors = _unit(depths - self._means).reshape(-1) / np.float32(len(DEPTHS) ** 0.5)
        return np.concatenate([joined, self._branch.scores(lowest)])


def meaning(vectors: Vectors) -> Vectors:
    """Return what stands for the meaning in vectors of the encoder, one a row, as unit vectors."""
    return vectors[:, :MEANING]


def branch_scores(vectors: Vectors) -> Vectors:
    """Return what the tuned branch has said, by the vectors of the encoder: a column a topic, then one a danger."""
    return vectors[:, MEANING:]


def unblocked(blocks: npt.NDArray[np.uint8]) -> Vectors:
    """Return rows of blocks of 4 bits as values, one row a row.

    A block has a scale, then 16 bytes: their lower halves are its first values, their upper halves the others.
    """
    parts = blocks.reshape(len(blocks), -1, BLOCK_BYTES)
    scales = np.ascontiguousarray(parts[:, :, :2]).view("<f2").astype(np.float32)
    halves = np.concatenate([parts[:, :, 2:] & 15, parts[:, :, 2:] >> 4], axis=2)
    return ((halves.astype(np.float32) - 8) * scales).reshape(len(blocks), -1)


def _unit(rows: Vectors) -> Vectors:
    """Return the rows with length 1."""
    unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


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
        logging.getLogger(__name__).warning("sentence encoder not usable, n-grams instead: %s", why)
        return Ngrams()
