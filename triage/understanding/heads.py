"""The heads: kernel ridge regression from a text to its labels, for topics and for safety alike.

The kernel is the sum of an RBF on sentence vectors and a linear kernel on n-grams, so that one fit learns from meaning
and from spelling together. Without sentence vectors (the fallback) the n-gram kernel stands alone. With what the tuned
branch scores the same labels it is then averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.understanding.encoder import branch_scores, meaning
from triage.understanding.ngrams import Vectors, hashed_ngrams

GAMMA = 1.0
SENTENCE_SHARE = 0.75  # of the kernel; the n-grams have the rest
BRANCH_SHARE = 0.5  # of the scores; the kernels have the rest
VECTOR_BITS = 8  # of each value of the training vectors


@dataclass(frozen=True)
class Head:
    """A fitted head. The fallback has no sentence vectors: its last four matrices have no rows."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]  # the training texts, to name the nearest; empty where nobody asks for it
    intercept: Vectors  # (labels): the scores of a text that resembles no training text
    idf: Vectors  # (buckets)
    ngram_weights: Vectors  # (buckets, labels): the primal weights of the linear kernel
    projection: Vectors  # (dimensions of a sentence vector, dimensions compared)
    training_vectors: Vectors  # (training texts, dimensions compared), unit vectors
    dual_coefficients: Vectors  # (training texts, labels)
    branch_shares: Vectors  # (scores of the tuned branch, labels); without rows where those have no say

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """Return regression scores, one row a text and one column a label: near 1 for its label, near 0 for others."""
        return self.scores_and_nearest(texts, vectors)[0]

    def scores_and_nearest(self, texts: Sequence[str], vectors: Vectors) -> tuple[Vectors, list[str]]:
        """Return the scores, and for each text the training text with the nearest meaning, "" if unknown."""
        scores = self._ngram_scores(texts)
        if not len(self.training_vectors):
            return scores, [""] * len(texts)
        cosines = project(meaning(vectors), self.projection) @ self.training_vectors.T
        nearest = [self.texts[at] for at in cosines.argmax(axis=1)] if self.texts else [""] * len(texts)
        scores += sentence_kernel(cosines) @ self.dual_coefficients
        if len(self.branch_shares):
            scores = (1 - BRANCH_SHARE) * scores + branch_scores(vectors) @ self.branch_shares
        return scores, nearest

    def _ngram_scores(self, texts: Sequence[str]) -> Vectors:
        """Return the intercept and the share of the n-grams; only the buckets of a text are looked at, of 8,192."""
        rows = np.repeat(self.intercept[None], len(texts), axis=0)
        for row, text in zip(rows, texts, strict=True):
            buckets, weights = hashed_ngrams(text)
            weights = weights * self.idf[buckets]
            row += (weights / max(float(np.linalg.norm(weights)), 1e-9)) @ self.ngram_weights[buckets]
        return rows


def project(vectors: Vectors, projection: Vectors) -> Vectors:
    """Return sentence vectors, one a row, in the dimensions of the projection, as unit vectors."""
    projected: Vectors = vectors @ projection
    projected /= np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9)
    return projected


def sentence_kernel(cosines: Vectors) -> Vectors:
    """Return the RBF kernel of unit vectors, exp(-gamma * distance ** 2), times its share."""
    values: Vectors = cosines - np.float32(1)
    values *= 2 * GAMMA
    np.exp(values, out=values)
    values *= SENTENCE_SHARE
    return values


def softmax(scores: Vectors, temperature: float) -> Vectors:
    """Return the chances of the labels, one row a text."""
    scaled = (scores - scores.max(axis=1, keepdims=True)) / temperature
    odds = np.exp(scaled)
    chances: Vectors = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances
