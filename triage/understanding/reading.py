"""`understand`: everything that can be told from one message alone. Pure, some 20 ms.

In two moves: `measure` runs the models (each text is encoded once), `interpret` turns scores into chances and tiers
with the constants of the settings table, so that constants can be derived without running the models again.
"""

import re
from dataclasses import dataclass

import numpy as np

from triage.understanding import exact, heads, safety, topics
from triage.understanding.encoder import Encoder, the_encoder
from triage.understanding.fold import as_read, fold, other_readings
from triage.understanding.ngrams import Vectors
from triage.understanding.safety import Danger
from triage.understanding.settings import Settings, settings_for

# Where one message may turn from one thing asked to another.
_TURN = re.compile(
    r"[?!;\n]+|\.\s|,? (?:and|also|plus|oh and|y|tambien|también|ademas|además) (?=(?:also |then |please |tambien )?"
    r"(?:how|what|whats|what's|does|is|are|can|could|do|will|who|why|call|have|i want|i'd|id like|give me|como|"
    r"cómo|que|qué|cual|cuál|puedo|"
    r"pueden|duele|funciona|es|quiero|llam|por)\b)",
    re.IGNORECASE,
)
MOST_PARTS = 3


@dataclass(frozen=True)
class Understanding:
    text: str  # folded: see fold.py
    lang: str | None
    exact: str | None
    digit: int | None
    yes_no: bool | None
    subject: str | None
    danger: Danger
    scores: tuple[tuple[str, float], ...]  # topic labels with their chances, best first
    parts: tuple[tuple[str, float], ...]  # the best label of each part, where a message may ask two things
    vetoes: tuple[str, ...]
    nearest: str  # the training phrase with the nearest meaning
    encoder: str


@dataclass(frozen=True)
class Measured:
    """What the models say: topic scores with a row for the whole and one a part, danger scores with a row a window."""

    text: str
    readings: tuple[str, ...]  # folded; the plain one first
    topic_labels: tuple[str, ...]
    topic: Vectors
    danger_labels: tuple[str, ...]
    danger: Vectors
    nearest: str
    encoder: str


def understand(text: str) -> Understanding:
    encoder = the_encoder()
    return interpret(measure(text, encoder, heads.load("topic"), heads.load("safety")), settings_for(encoder.name))


def warm() -> None:
    """Loads encoder and heads now: called before workers fork, so that they share the memory."""
    understand("how does tms work")


def measure(text: str, encoder: Encoder, topic: heads.Head, danger: heads.Head) -> Measured:
    asked, screened = to_encode(text)
    texts = list(dict.fromkeys(asked + screened))
    vectors = encoder.encode(texts)
    asked_at, screened_at = [texts.index(one) for one in asked], [texts.index(one) for one in screened]
    return Measured(
        text,
        (fold(text), *other_readings(text)),
        topic.labels,
        topic.scores(asked, vectors[asked_at]),
        danger.labels,
        danger.scores(screened, vectors[screened_at]),
        topic.nearest(vectors[0]),
        encoder.name,
    )


def to_encode(text: str) -> tuple[list[str], list[str]]:
    """The texts that are read for the topic, the whole first, and those that are read for danger."""
    readings = [as_read(text), *other_readings(text)]
    return [readings[0], *parts_of(text)], [window for reading in readings for window in safety.windows_of(reading)]


def interpret(measured: Measured, limits: Settings) -> Understanding:
    text, folded = measured.text, measured.readings[0]
    whole, *parts = heads.softmax(measured.topic, limits.topic_temperature)
    dangers = heads.softmax(measured.danger, limits.safety_temperature)
    labels, said = measured.topic_labels, exact.exact_in(folded)
    if said is not None:
        # A digit or a set word means one thing; from so little the head would hear what is not there.
        none = measured.danger_labels.index("none")
        dangers = np.eye(len(measured.danger_labels), dtype=dangers.dtype)[[none]]
    return Understanding(
        text=folded,
        lang=topics.language_of(text, folded),
        exact=said,
        digit=exact.digit_in(folded),
        yes_no=exact.yes_or_no(text, folded),
        subject=topics.subject_of(folded),
        danger=safety.judge(measured.readings, dangers, measured.danger_labels, limits.bands),
        scores=tuple((labels[at], float(whole[at])) for at in np.argsort(-whole, kind="stable")),
        parts=tuple((labels[part.argmax()], float(part.max())) for part in parts),
        vetoes=topics.vetoes_in(folded),
        nearest=measured.nearest,
        encoder=measured.encoder,
    )


def parts_of(text: str) -> list[str]:
    """The folded parts of a message that may ask two things; empty for one that asks one, or rambles."""
    parts = [as_read(part) for part in _TURN.split(text[:600])]
    parts = [part for part in parts if len(part.split()) >= 2]
    subject = topics.subject_of(fold(text))
    if subject in ("tms", "ketamine"):  # "and how well does it work" is about what the message has named
        parts = [part if topics.subject_of(part) else f"{part} {subject}" for part in parts]
    return parts if 2 <= len(parts) <= MOST_PARTS else []
