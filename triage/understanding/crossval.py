"""Five-fold reading of the phrases: each line is measured only by heads that have not seen it or a near copy of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triage.understanding import build
from triage.understanding.build import Phrase
from triage.understanding.encoder import Ngrams
from triage.understanding.ngrams import Vectors, rarity_of, vectors_of
from triage.understanding.reading import Measured, measure, to_encode

FOLDS = 5
# Near copies: so many n-grams or so much meaning in common. Pairs above were read; below they are other people's words.
SAME_SPELLING, SAME_MEANING = 0.72, 0.985


@dataclass(frozen=True)
class HeldOut:
    phrase: Phrase
    measured: Measured


class KnownSentences:
    """The sentence encoder, with all that it will be asked encoded beforehand."""

    name = "e5"

    def __init__(self, texts: Sequence[str]) -> None:
        every = list(dict.fromkeys(part for text in texts for read in to_encode(text) for part in read))
        self._vectors = dict(zip(every, build.sentence_vectors(every), strict=True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])


def measure_held_out(encoder: str) -> tuple[list[HeldOut], list[HeldOut]]:
    """The question lines and the safety lines, measured by the heads of the other folds. "e5" or "ngrams"."""
    topics, dangers = build.read_phrases("questions*.jsonl"), build.read_phrases("safety*.jsonl")
    fold_of = _folds([phrase.folded for phrase in topics + dangers])
    reader = KnownSentences([phrase.text for phrase in topics + dangers]) if encoder == "e5" else Ngrams()
    read: dict[tuple[str, str], HeldOut] = {}
    for fold in range(FOLDS):
        seen_topics = [phrase for phrase in topics if fold_of[phrase.folded] != fold]
        seen_dangers = [phrase for phrase in dangers if fold_of[phrase.folded] != fold]
        topic = build.train_topic(seen_topics, encoder)
        safety = build.train_safety(seen_dangers, seen_topics, encoder)
        for phrase in topics + dangers:
            if fold_of[phrase.folded] == fold:
                read[phrase.file, phrase.folded] = HeldOut(phrase, measure(phrase.text, reader, topic, safety))
    return [read[one.file, one.folded] for one in topics], [read[one.file, one.folded] for one in dangers]


def _folds(texts: Sequence[str]) -> dict[str, int]:
    texts = list(dict.fromkeys(texts))
    groups = near_copies(texts)
    names = np.unique(groups)
    fold_of_group = dict(zip(names, np.random.default_rng(0).integers(0, FOLDS, len(names)), strict=True))
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
