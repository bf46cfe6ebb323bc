"""Five-fold reading of the phrases: each line is measured only by heads that have not seen it or a near copy of it.

Into which folds the lines fall moves every figure by half a point, so they are divided several times over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triage.understanding import build
from triage.understanding.build import Phrase
from triage.understanding.encoder import Encoder
from triage.understanding.heads import Head
from triage.understanding.ngrams import Vectors, rarity_of, vectors_of
from triage.understanding.reading import Measured, measure, to_encode

FOLDS, PARTITIONS = 5, 3
# Near copies: so many n-grams or so much meaning in common. Pairs above were read; below they are other people's words.
SAME_SPELLING, SAME_MEANING = 0.72, 0.965


@dataclass(frozen=True)
class HeldOut:
    phrase: Phrase
    measured: Measured


class KnownSentences:
    """The sentence encoder, with all that it will be asked encoded beforehand."""

    name = "e5"

    def __init__(self, texts: Sequence[str]) -> None:
        every = _all_read(texts)
        self._vectors = dict(zip(every, build.sentence_vectors(every), strict=True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])


class NoSentences:
    """For heads of n-grams alone, which look at the text themselves."""

    name = "ngrams"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.empty((len(texts), 0), dtype=np.float32)


class KnownScores:
    """A head, with all that it will be asked scored beforehand: one product of matrices instead of thousands."""

    def __init__(self, head: Head, texts: Sequence[str], encoder: Encoder) -> None:
        every = _all_read(texts)
        self.labels = head.labels
        self._scores = dict(zip(every, head.scores(every, encoder.encode(every)), strict=True))

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Vectors:  # noqa: ARG002
        return np.stack([self._scores[text] for text in texts])

    def scores_and_nearest(self, texts: Sequence[str], vectors: Vectors) -> tuple[Vectors, list[str]]:
        return self.scores(texts, vectors), [""] * len(texts)


def _all_read(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(part for text in texts for part in to_encode(text)))


def measure_all(texts: Sequence[str], encoder: Encoder, topic: Head, danger: Head) -> list[Measured]:
    """As `measure` for each in a fraction of the time, without the nearest phrase."""
    known = KnownScores(topic, texts, encoder), KnownScores(danger, texts, encoder)
    return [measure(text, encoder, *known) for text in texts]


def measure_held_out(encoder: str) -> tuple[list[HeldOut], list[HeldOut]]:
    """The question lines and the safety lines, each once a partition, measured by the heads of the other folds.

    encoder: "e5" or "ngrams". The folds share the rarity of n-grams and the basis of meanings, which know no labels.
    """
    topics, dangers = build.read_phrases("questions*.jsonl"), build.read_phrases("safety*.jsonl")
    every = topics + dangers
    texts = list(dict.fromkeys(phrase.folded for phrase in every))
    groups = near_copies(texts)
    reader = KnownSentences([phrase.text for phrase in every]) if encoder == "e5" else NoSentences()
    lessons = build.topic_lesson(topics, encoder), build.safety_lesson(dangers, topics, encoder)
    questions: list[HeldOut] = []
    screened: list[HeldOut] = []
    for partition in range(PARTITIONS):
        fold_of = _folds(texts, groups, partition)
        for fold in range(FOLDS):
            topic, danger = (
                lesson.learn(np.flatnonzero([fold_of[text] != fold for text in lesson.texts])) for lesson in lessons
            )
            for phrases, read in ((topics, questions), (dangers, screened)):
                held = [phrase for phrase in phrases if fold_of[phrase.folded] == fold]
                measured = measure_all([phrase.text for phrase in held], reader, topic, danger)
                read += map(HeldOut, held, measured)
    return questions, screened


def _folds(texts: Sequence[str], groups: npt.NDArray[np.int64], partition: int) -> dict[str, int]:
    names = np.unique(groups)
    drawn = np.random.default_rng(partition).integers(0, FOLDS, len(names))
    fold_of_group = dict(zip(names, drawn, strict=True))
    return {text: int(fold_of_group[group]) for text, group in zip(texts, groups, strict=True)}


def near_copies(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """A group number for each text: near copies, and near copies of near copies, have the same."""
    spelled = vectors_of(texts)
    spelled = vectors_of(texts, rarity_of(spelled))
    meant = build.sentence_vectors(texts)
    alike = np.triu((spelled @ spelled.T > SAME_SPELLING) | (meant @ meant.T > SAME_MEANING), 1)
    group = np.arange(len(texts))
    for one, other in zip(*np.nonzero(alike), strict=True):
        group[group == group[other]] = group[one]
    return group
