"""`understand`: everything that can be told from one message alone. Pure, some 20 ms, one encoding of each text."""

from dataclasses import dataclass

import numpy as np

from triage.understanding import exact, heads, safety, topics
from triage.understanding.encoder import the_encoder
from triage.understanding.fold import fold, other_readings
from triage.understanding.safety import Danger
from triage.understanding.settings import settings_for


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
    part_labels: tuple[tuple[str, float], ...]  # best label of each part, where a message asks two things
    vetoes: tuple[str, ...]
    nearest: str  # the training phrase with the nearest meaning
    encoder: str


def understand(text: str) -> Understanding:
    folded = fold(text)
    encoder = the_encoder()
    limits = settings_for(encoder.name)
    topic, danger = heads.load("topic"), heads.load("safety")
    readings = [folded, *other_readings(text)]
    screened = [window for reading in readings for window in safety.windows_of(reading)]
    vectors = encoder.encode(screened)
    chances = heads.softmax(danger.scores(screened, vectors), limits.safety_temperature)
    scores = heads.softmax(topic.scores([folded], vectors[:1]), limits.topic_temperature)[0]
    return Understanding(
        text=folded,
        lang=topics.language_of(text, folded),
        exact=exact.exact_in(text, folded),
        digit=exact.digit_in(folded),
        yes_no=exact.yes_or_no(text, folded),
        subject=topics.subject_of(folded),
        danger=safety.judge(readings, chances, danger.labels, limits.bands),
        scores=tuple((topic.labels[at], float(scores[at])) for at in np.argsort(-scores, kind="stable")),
        part_labels=(),
        vetoes=topics.vetoes_in(folded),
        nearest=topic.nearest(vectors[0]),
        encoder=encoder.name,
    )


def warm() -> None:
    """Loads encoder and heads now: called before workers fork, so that they share the memory."""
    understand("how does tms work")
