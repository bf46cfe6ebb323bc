"""Understanding one message by itself: language, topic, danger, treatment, yes or no. Pure, some 20 ms.

Two steps: `measure` runs the models (each text is encoded once), `interpret` turns scores into chances and tiers with
the constants of thresholds.json, so that those can be derived without running the models again.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from triage.understanding import bounded_words, exact, safety, saved_heads, topics
from triage.understanding.bounded_words import MOST_OF_ALL, MOST_OF_ONE, is_dear, within
from triage.understanding.encoder import Encoder, the_encoder
from triage.understanding.fold import as_read, fold, other_readings
from triage.understanding.heads import softmax
from triage.understanding.labels import SCRIPTED
from triage.understanding.ngrams import Vectors
from triage.understanding.safety import Danger
from triage.understanding.tuning import Settings, settings_for

# Where one message may turn from one thing asked to another.
_ASK = (
    r"(?:how|what|whats|what's|does|is|are|can|could|do|will|who|why|call|have (?:you|your|the|any|some\w+)|"
    r"i want|i'd|id like|give me|como|cómo|que|qué|cual|cuál|puedo|pueden|duele|funciona|es|quiero|llam|por)"
)
_TURN = re.compile(
    rf"([?!;\n]+|\.\s|(?<!\bi)(?<!\bwe)(?<!\byou),? (?:and|also|plus|oh and|y|tambien|también|ademas|además) "
    rf"(?=(?:also |then |please |tambien )?{_ASK}\b))",
    re.IGNORECASE,
)
# What asks: a mere statement ("I had TMS last year.") belongs to the question beside it.
_ASKS = re.compile(
    rf"(?:(?:and|also|plus|oh|so|but|then|ok|hi|hello|hey|please|y|tambien|hola) ){{0,6}}"
    rf"(?:{_ASK}|which|when|where|would|should|am i|tell me|someone|somebody|need|i need|i would|donde|cuando|"
    r"me (?:puede|pueden|llam)|"
    r"digame|necesito|quisiera|debo|tengo que|sirve|hay|llam\w+)\b"
)
MOST_PARTS, PART_WORDS = 3, 2
LONGEST_TEXT = 1600  # letters of one that is sent; a voicemail may have more to it, and is read as well
OF_OTHERS = 4  # windows for what a message may hide
# What may be answered beside another thing in one reply.
TOGETHER = SCRIPTED | {"callback.request"}


@dataclass(frozen=True)
class Understanding:
    """What one message says, as far as it can be told without the conversation around it."""

    text: str  # folded: see fold.py
    lang: str | None
    exact: str | None
    digit: int | None
    yes_no: bool | None
    subject: str | None
    danger: Danger
    low_mood: float  # the chance that it tells of a low mood
    denies: float  # the chance that it is a clear no to a check-in
    scores: tuple[tuple[str, float], ...]  # topic labels with their chances, best first
    parts: tuple[tuple[str, float], ...]  # the best label of each part, where a message may ask two things
    vetoes: tuple[str, ...]
    nearest: str  # the training phrase with the nearest meaning
    encoder: str


@dataclass(frozen=True)
class Measured:
    """What the models say of a message.

    `topic` has a row for the whole message and one for each part, `danger` a row for each window, `answer` one for the
    whole as the answer to a check-in, or none; one column a label.
    """

    text: str
    readings: tuple[str, ...]  # folded; the plain one first
    topic_labels: tuple[str, ...]
    topic: Vectors
    danger_labels: tuple[str, ...]
    danger: Vectors
    answer_labels: tuple[str, ...]
    answer: Vectors
    nearest: str
    encoder: str


class Scorer(Protocol):
    """What reading needs of a head."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Vectors: ...

    def scores_and_nearest(self, texts: Sequence[str], vectors: Vectors) -> tuple[Vectors, list[str]]: ...


def understand(text: str, is_screened: bool = False) -> Understanding:
    """Return what a message says. is_screened: its danger is known, and is not looked for again in a long one.

    Raises HeadsMissing.
    """
    folded = fold(text)
    if (said := exact.exact_in(folded)) is not None:
        return _from_table(text, folded, said)
    encoder = the_encoder()
    topic, danger, answers = (saved_heads.load(name) for name in ("topic", "safety", "check_in"))
    return interpret(measure(text, encoder, topic, danger, answers, is_screened), settings_for(encoder.name))


def screen(text: str) -> Danger:
    """Return the danger in a text, as `understand` does, where nothing else is asked. Raises HeadsMissing."""
    if exact.exact_in(fold(text)) is not None:
        return understand(text).danger
    encoder, head = the_encoder(), saved_heads.load("safety")
    windows = _windows(text)
    chances = softmax(head.scores(windows, encoder.encode(windows)), settings_for(encoder.name).safety_temperature)
    return safety.judge((fold(text), *other_readings(text)), chances, head.labels, settings_for(encoder.name).bands)


def screen_again(text: str, heard: Danger) -> Danger:
    """Return the danger in what is left of a text without its names or numbers. heard: the danger in all of it.

    One that is dear to read is read once: what the head heard in it stays, and phrases alone are looked for anew.
    Raises HeadsMissing.
    """
    if not is_dear(as_read(text)):
        return screen(text)
    head = safety.of_head(heard, settings_for(the_encoder().name).bands)
    return safety.graver(head, safety.by_phrase((fold(text), *other_readings(text))))


def warm() -> None:
    """Load encoder and heads now, before workers fork, so that they share the memory."""
    bounded_words.load()
    understand("how does tms work")


def _from_table(text: str, folded: str, said: str) -> Understanding:
    """Return what a digit or a set word says; a model would read into so short a text what is not there."""
    return Understanding(
        text=folded,
        lang=topics.language_of(text, folded),
        exact=said,
        digit=exact.digit_in(folded),
        yes_no=exact.yes_or_no(text, folded),
        subject=topics.subject_of(folded),
        danger=safety.by_phrase((folded, *other_readings(text))) or safety.NO_DANGER,
        low_mood=0.0,
        denies=0.0,
        scores=(),
        parts=(),
        vetoes=(),
        nearest="",
        encoder="",
    )


def measure(
    text: str, encoder: Encoder, topic: Scorer, danger: Scorer, answers: Scorer | None = None, is_screened: bool = False
) -> Measured:
    """Score the whole message, its windows and other readings, and its parts where they may ask two things.

    answers: the head of a check-in; None where nobody asks whether the words deny.
    """
    windows = within([as_read(text)], MOST_OF_ONE) if is_screened else _windows(text)
    whole = windows[0]
    vectors = dict(zip(windows, encoder.encode(windows), strict=True))
    scores, nearest = topic.scores_and_nearest([whole], vectors[whole][None])
    # Two answers are given only where the whole message asks for one of them.
    if topic.labels[scores.argmax()] in TOGETHER and (parts := within(parts_of(text), MOST_OF_ONE)):
        scores = np.concatenate([scores, topic.scores(parts, encoder.encode(parts))])
    return Measured(
        text,
        (fold(text), *other_readings(text)),
        topic.labels,
        scores,
        danger.labels,
        danger.scores(windows, np.stack([vectors[window] for window in windows])),
        answers.labels if answers else (),
        answers.scores([whole], vectors[whole][None]) if answers else np.empty((0, 0), dtype=np.float32),
        nearest[0],
        encoder.name,
    )


def _windows(text: str) -> list[str]:
    """Return the texts that are screened for danger, the whole first: each reading, and the windows of a long one.

    The readings share the number of windows that one message may take, and the windows its pieces. Of another reading
    those are left out that hold no word of its own.
    """
    plain, others = as_read(text), other_readings(text)
    windows = safety.windows_of(plain, safety.MOST_WINDOWS - (OF_OTHERS if others else 0))
    share, known = max(2, OF_OTHERS // max(1, len(others))), set(plain.split())
    for one in others:
        whole, *parts = safety.windows_of(one, share)
        windows += [part for part in parts or [whole] if not known.issuperset(part.split())]
    most = MOST_OF_ALL * math.ceil(len(text) / LONGEST_TEXT) if len(windows) > 1 else MOST_OF_ONE
    return list(dict.fromkeys(within(list(dict.fromkeys(windows)), most)))


def to_encode(text: str) -> list[str]:
    """Return all texts that `measure` may encode."""
    return [*_windows(text), *within(parts_of(text), MOST_OF_ONE)]


def interpret(measured: Measured, limits: Settings) -> Understanding:
    """Turn scores into chances and a tier of danger, and add what the words themselves name."""
    text, folded = measured.text, measured.readings[0]
    if (said := exact.exact_in(folded)) is not None:
        return _from_table(text, folded, said)
    whole, *parts = softmax(measured.topic, limits.topic_temperature)
    dangers = softmax(measured.danger, limits.safety_temperature)
    labels, danger_labels = measured.topic_labels, measured.danger_labels
    answers = softmax(measured.answer, limits.safety_temperature) if len(measured.answer) else measured.answer
    return Understanding(
        text=folded,
        lang=topics.language_of(text, folded),
        exact=None,
        digit=None,
        yes_no=exact.yes_or_no(text, folded),
        subject=topics.subject_of(folded),
        danger=safety.judge(measured.readings, dangers, danger_labels, limits.bands),
        low_mood=_chance(safety.LOW, dangers, danger_labels),
        denies=_chance("denies", answers, measured.answer_labels),
        scores=tuple((labels[at], float(whole[at])) for at in np.argsort(-whole, kind="stable")),
        parts=tuple((labels[part.argmax()], float(part.max())) for part in parts),
        vetoes=topics.vetoes_in(folded),
        nearest=measured.nearest,
        encoder=measured.encoder,
    )


def _chance(label: str, chances: Vectors, labels: Sequence[str]) -> float:
    """Return the chance of a label for the whole message, 0 where nothing was measured or the head does not know it."""
    return float(chances[0][labels.index(label)]) if len(chances) and label in labels else 0.0


def parts_of(text: str) -> list[str]:
    """Return the folded parts of a message that asks two things or three; empty for one that asks one, or rambles."""
    pieces = _TURN.split(text[:600])
    parts = [(as_read(part), mark) for part, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True)]
    asked = [part for part, mark in parts if len(part.split()) >= PART_WORDS and ("?" in mark or _ASKS.match(part))]
    subject = topics.subject_of(fold(text))
    if subject in ("tms", "ketamine"):  # "and how well does it work" is about what the message has named
        asked = [part if topics.subject_of(part) else f"{part} {subject}" for part in asked]
    return asked if 2 <= len(asked) <= MOST_PARTS else []
