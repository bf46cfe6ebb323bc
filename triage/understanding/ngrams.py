"""Word and character n-grams of a folded text, hashed into a fixed number of places. Needs numpy only."""

import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

PLACES = 1 << 13
Vectors = npt.NDArray[np.float32]


@lru_cache(maxsize=16)  # the heads of topics and of safety each ask for it
def places_of(text: str) -> tuple[npt.NDArray[np.int64], Vectors]:
    """Where a text stands: places without repeats and the weight at each; the weights make a unit vector."""
    counts: Counter[int] = Counter()
    words = text.split()[:200]
    for gram in words + [f"{one} {two}" for one, two in pairwise(words)]:
        counts[zlib.crc32(f"w{gram}".encode()) % PLACES] += 1
    padded = f" {' '.join(words)} "[:1200]
    for size in (2, 3, 4, 5):
        for start in range(len(padded) - size + 1):
            counts[zlib.crc32(f"c{padded[start : start + size]}".encode()) % PLACES] += 1
    places = np.fromiter(counts, dtype=np.int64, count=len(counts))
    weights = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
    return places, (weights / max(float(np.linalg.norm(weights)), 1e-9)).astype(np.float32)


def vectors_of(texts: Sequence[str], rarity: Vectors | None = None) -> Vectors:
    """One row a text, a unit vector; with `rarity` (a weight for each place) weighted by it first."""
    rows = np.zeros((len(texts), PLACES), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        places, weights = places_of(text)
        row[places] = weights
    if rarity is not None:
        rows *= rarity
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def rarity_of(rows: Vectors) -> Vectors:
    """Inverse document frequency of each place."""
    seen = (rows > 0).sum(axis=0)
    rarity: Vectors = (np.log((1 + len(rows)) / (1 + seen)) + 1).astype(np.float32)
    return rarity
