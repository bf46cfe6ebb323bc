"""Word and character n-grams of a folded text, hashed into a fixed number of buckets. Needs numpy only."""

import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 13
MOST_WORDS, MOST_CHARACTERS = 200, 1200  # the rest of a text is not read
Vectors = npt.NDArray[np.float32]


@lru_cache(maxsize=16)  # the heads of topics and of safety each ask for it
def hashed_ngrams(text: str) -> tuple[npt.NDArray[np.int64], Vectors]:
    """Return the buckets of a text's n-grams, without repeats, and the weight of each; the weights have length 1."""
    counts: Counter[int] = Counter()
    words = text.split()[:MOST_WORDS]
    for gram in words + [f"{one} {two}" for one, two in pairwise(words)]:
        counts[zlib.crc32(f"w{gram}".encode()) % BUCKETS] += 1
    padded = f" {' '.join(words)} "[:MOST_CHARACTERS]
    for size in (2, 3, 4, 5):
        for start in range(len(padded) - size + 1):
            counts[zlib.crc32(f"c{padded[start : start + size]}".encode()) % BUCKETS] += 1
    buckets = np.fromiter(counts, dtype=np.int64, count=len(counts))
    weights = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
    return buckets, (weights / max(float(np.linalg.norm(weights)), 1e-9)).astype(np.float32)


def ngram_vectors(texts: Sequence[str], idf: Vectors | None = None) -> Vectors:
    """Return a unit vector a text, one column a bucket; with `idf` (a weight a bucket) the TF-IDF vectors."""
    rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        buckets, weights = hashed_ngrams(text)
        row[buckets] = weights
    if idf is not None:
        rows *= idf
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def idf_of(rows: Vectors) -> Vectors:
    """Return the smoothed inverse document frequency of each bucket. rows: the n-gram vectors of all documents."""
    documents = (rows > 0).sum(axis=0)
    idf: Vectors = (np.log((1 + len(rows)) / (1 + documents)) + 1).astype(np.float32)
    return idf
