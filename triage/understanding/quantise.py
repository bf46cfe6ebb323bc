"""Matrices as small integers: each column has its own offset and step, so that its values fill the whole range."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.understanding.ngrams import Vectors


@dataclass(frozen=True)
class Quantised:
    """`codes` has the shape of the matrix; `offset` and `step` have one value a column."""

    codes: npt.NDArray[Any]
    offset: Vectors
    step: Vectors

    def matrix(self) -> Vectors:
        """Return the matrix in float32, each value off by half a step of its column at most."""
        values: Vectors = self.codes.astype(np.float32)
        values *= self.step
        values += self.offset
        return values


def quantise(matrix: Vectors, bits: int) -> Quantised:
    """Round each value to one of 2 ** bits levels, evenly spaced over the range of its column. bits: 8 or 16."""
    levels = 2**bits - 1
    offset = matrix.min(axis=0) if len(matrix) else np.zeros(matrix.shape[1:], dtype=np.float32)
    widest = matrix.max(axis=0) - offset if len(matrix) else offset
    step = np.maximum(widest / np.float32(levels), np.float32(1e-12))
    codes = np.rint((matrix - offset) / step).clip(0, levels).astype(f"uint{bits}")
    return Quantised(codes, offset.astype(np.float32), step.astype(np.float32))
