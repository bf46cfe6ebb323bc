"""The heads: kernel ridge regression from a text to labels, for topics and for safety alike.

The kernel is a sum: an RBF on the sentence vectors and a linear one on the n-grams, so one solve learns from meaning
and from
spelling together. Without the sentence encoder the n-gram kernel stands alone. Kept in one npz, never pickled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.errors import TriageError
from triage.understanding.encoder import the_encoder
from triage.understanding.ngrams import Vectors, places_of, rarity_of, vectors_of

HERE = Path(__file__).parent
FILE = HERE / "heads.npz"

GAMMA = 3.0
DIMENSIONS = 256  # of the meaning that tells the training texts apart; the rest costs time and adds nothing
MEANING = 0.75  # share of the sentence kernel; the rest is spelling
RIDGE = 0.15
BLOCK = 512  # of the texts that are solved for at a time

Places = npt.NDArray[np.int64]


class HeadsMissing(TriageError):
    """heads.npz is not there or of another make: run `make heads`."""


@dataclass(frozen=True)
class Default:
    """The label of a text that is like no other, and its lead over the other labels there."""

    label: str
    lead: float


@dataclass(frozen=True)
class Head:
    """A trained head. `anchors` are the meanings of the training texts (no rows for the n-gram fallback)."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    start: Vectors  # what a text like no other scores, one column a label
    basis: Vectors  # from a sentence vector to what is compared, one column a dimension
    anchors: Vectors
    pull: Vectors  # one row an anchor, one column a label
    spelling: Vectors  # one row an n-gram place, one column a label
    rarity: Vectors

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """Regression scores, one row a text and one column a label: near 1 for the label, near 0 for others."""
        return self.scores_and_nearest(texts, vectors)[0]

    def scores_and_nearest(self, texts: Sequence[str], vectors: Vectors) -> tuple[Vectors, list[str]]:
        """The scores, and for each text the training text with the nearest meaning; "" from the fallback."""
        scores = self._spelled(texts)
        if not len(self.anchors):
            return scores, [""] * len(texts)
        cosines = meaning_of(vectors, self.basis) @ self.anchors.T
        return scores + kernel(cosines) @ self.pull, [self.texts[at] for at in cosines.argmax(axis=1)]

    def _spelled(self, texts: Sequence[str]) -> Vectors:
        """What the n-grams alone make of the texts, in the same shape: only the places that a text has, of 8,192."""
        rows = np.repeat(self.start[None], len(texts), axis=0)
        for row, text in zip(rows, texts, strict=True):
            places, weights = places_of(text)
            weights = weights * self.rarity[places]
            row += (weights / max(float(np.linalg.norm(weights)), 1e-9)) @ self.spelling[places]
        return rows

    @classmethod
    def read(cls, parts: Mapping[str, npt.NDArray[Any]], name: str) -> "Head":
        return cls(
            tuple(parts[f"{name}.labels"].tolist()),
            tuple(parts[f"{name}.texts"].tobytes().decode().split("\n")),
            parts[f"{name}.start"],
            parts[f"{name}.basis"],
            parts[f"{name}.anchors"].astype(np.float32),
            parts[f"{name}.pull"],
            parts[f"{name}.spelling"].astype(np.float32),
            parts[f"{name}.rarity"],
        )


def meaning_of(vectors: Vectors, basis: Vectors) -> Vectors:
    """Sentence vectors, one a row, in the dimensions of the basis, as unit vectors."""
    meant: Vectors = vectors @ basis
    meant /= np.maximum(np.linalg.norm(meant, axis=1, keepdims=True), 1e-9)
    return meant


def basis_of(vectors: Vectors) -> Vectors:
    """The directions in which these vectors differ most, one a column. It knows no labels."""
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    basis: Vectors = np.ascontiguousarray(directions[:, ::-1][:, :DIMENSIONS], dtype=np.float32)
    return basis


def kernel(cosines: Vectors) -> Vectors:
    weight: Vectors = (MEANING * np.exp(GAMMA * 2 * (cosines - 1))).astype(np.float32)
    return weight


def softmax(scores: Vectors, temperature: float) -> Vectors:
    scaled = (scores - scores.max(axis=1, keepdims=True)) / temperature
    odds = np.exp(scaled)
    chances: Vectors = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances


@dataclass(frozen=True)
class Lesson:
    """What a head is trained on, and how alike each two of its texts are: heads of any part of them are quick to make.

    `texts` are folded; `meant` are their meanings in the basis, without rows for the fallback; less weight, less pull.
    """

    texts: Sequence[str]
    labels: Sequence[str]
    basis: Vectors
    meant: Vectors
    weights: Vectors
    default: Default
    spelled: Vectors  # n-grams weighted by their rarity, a unit vector a text
    rarity: Vectors
    gram: Vectors  # the kernel, one row and one column a text

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: Vectors | None,
        default: Default,
        weights: Sequence[float] | None = None,
    ) -> "Lesson":
        spelled = vectors_of(texts)
        rarity = rarity_of(spelled)
        spelled *= rarity
        spelled /= np.maximum(np.linalg.norm(spelled, axis=1, keepdims=True), 1e-9)
        basis = np.empty((0, 0), dtype=np.float32) if vectors is None else basis_of(vectors)
        meant = basis if vectors is None else meaning_of(vectors, basis)
        gram = _spelling_share(meant) * (spelled @ spelled.T)
        if len(meant):
            gram += kernel(meant @ meant.T)
        each = np.asarray(weights or [1.0] * len(texts), dtype=np.float32)
        return cls(texts, labels, basis, meant, each, default, spelled, rarity, gram)

    def learn(self, among: Places | None = None) -> Head:
        """The head of the texts at these places, of all by default."""
        if among is None:
            among = np.arange(len(self.texts))
        names = tuple(sorted({self.labels[at] for at in among}))
        start = np.full(len(names), (1 - self.default.lead) / len(names), dtype=np.float32)
        start[names.index(self.default.label)] += self.default.lead
        wanted = np.eye(len(names), dtype=np.float32)[[names.index(self.labels[at]) for at in among]] - start
        gram = self.gram[np.ix_(among, among)]
        gram[np.diag_indices_from(gram)] += RIDGE / self.weights[among]
        pull = solve(gram, wanted)
        return Head(
            names,
            tuple(self.texts[at] for at in among),
            start,
            self.basis,
            self.meant[among] if len(self.meant) else self.meant,
            pull,
            _spelling_share(self.meant) * (self.spelled[among].T @ pull),
            self.rarity,
        )


def _spelling_share(meant: Vectors) -> float:
    return 1 - MEANING if len(meant) else 1.0


def solve(gram: Vectors, wanted: Vectors) -> Vectors:
    """X of gram @ X = wanted, by Cholesky in blocks: six times as quick as `np.linalg.solve`. Overwrites both."""
    blocks = [slice(at, min(at + BLOCK, len(gram))) for at in range(0, len(gram), BLOCK)]
    for here in blocks:
        gram[here.start :, here] -= gram[here.start :, : here.start] @ gram[here, : here.start].T
        gram[here, here] = np.linalg.cholesky(gram[here, here])
        gram[here.stop :, here] = np.linalg.solve(gram[here, here], gram[here.stop :, here].T).T
    for here in blocks:
        known = gram[here, : here.start] @ wanted[: here.start]
        wanted[here] = np.linalg.solve(gram[here, here], wanted[here] - known)
    for here in reversed(blocks):
        known = gram[here.stop :, here].T @ wanted[here.stop :]
        wanted[here] = np.linalg.solve(gram[here, here].T, wanted[here] - known)
    return wanted


def save(heads: dict[str, Head], made_from: str, file: Path = FILE) -> None:
    """`heads` by name, such as "topic.e5"; `made_from` is the fingerprint of phrases and code."""
    parts: dict[str, npt.NDArray[Any]] = {"made_from": np.array(made_from)}
    for name, head in heads.items():
        parts |= {
            f"{name}.labels": np.array(head.labels),
            f"{name}.texts": np.frombuffer("\n".join(head.texts).encode(), dtype=np.uint8),
            f"{name}.start": head.start,
            f"{name}.basis": head.basis,
            f"{name}.rarity": head.rarity,
            f"{name}.anchors": head.anchors.astype(np.float16),
            f"{name}.pull": head.pull,
            f"{name}.spelling": head.spelling.astype(np.float16),
        }
    unfinished = file.with_suffix(".part")
    with unfinished.open("wb") as out:
        np.savez(out, **parts)  # type: ignore[arg-type]
    unfinished.replace(file)


def made_from(file: Path = FILE) -> str | None:
    """The fingerprint in the file, None if there is no such file."""
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as parts:
        return str(parts["made_from"])


def read(name: str, encoder: str) -> Head:
    """The head "topic" or "safety" for "e5" or "ngrams". Raises HeadsMissing."""
    if not FILE.exists():
        raise HeadsMissing("triage/understanding/heads.npz is missing: run `make heads`")
    with np.load(FILE, allow_pickle=False) as parts:
        return Head.read(parts, f"{name}.{encoder}")


@cache
def load(name: str) -> Head:
    """The head for the encoder of this process, kept. Raises HeadsMissing."""
    return read(name, the_encoder().name)
