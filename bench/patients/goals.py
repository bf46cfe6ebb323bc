"""What a simulated patient is after, what they are like, and what they do one thing after the other."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from triage.understanding.labels import SCRIPTED

# Few people, so that what was read of their names and numbers is read once; all invented.
PEOPLE = (
    ("Maria Lopez", "602-555-0141", "480-555-0177"),
    ("Gia", "(602) 555-0142", "480 555 0171"),
    ("Tom Baker", "6025550143", "4805550172"),
    ("Domingo Reyes", "602.555.0144", "480.555.0173"),
    ("Edith Coffin", "602 555 0145", "(480) 555-0174"),
    ("Wednesday Adams", "+1 602 555 0146", "480-555-0175"),
    ("Luis", "602-555-0147", "480-555-0176"),
    ("Siobhan O'Neil", "1-602-555-0148", "480-555-0178"),
)
SENDER = "+16025550123"
DANGERS = ("crisis", "emergency", "adverse")
TOPICS = ("tms", "ketamine", "both", "other")

# What comes after the call is asked for: acts of the patient, of staff and of the clock, in order, with their weight.
BEFORE_THE_END: tuple[tuple[int, tuple[str, ...]], ...] = (
    (6, ("affirm",)),
    (4, ("thanks",)),
    (3, ("reaction",)),
    (5, ("move", "affirm")),
    (3, ("move", "thanks")),
    (3, ("move", "reaction")),
    (2, ("move", "undo")),
    (4, ("cancel", "undo", "affirm")),
    (4, ("staff:claim", "thanks")),
    (3, ("staff:claim", "hours", "status")),
    (3, ("staff:no_answer", "thanks")),
    (2, ("staff:text: We are looking forward to talking to you.", "thanks")),
    (3, ("hours", "status")),
    (3, ("late", "complaint")),
    (3, ("late", "status")),
    (3, ("question",)),
    (2, ("automatic",)),
    (3, ("low_mood",)),
    (4, ("no_danger",)),
    (3, ("digress",)),
    (2, ("picture",)),
)
ENDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (12, ()),
    (4, ("cancel", "affirm")),
    (3, ("cancel", "thanks")),
    (2, ("cancel", "reaction")),
    (3, ("cancel", "day", "thanks")),
    (4, ("staff:claim", "staff:reached", "thanks")),
    (3, ("staff:reached", "affirm")),
    (2, ("staff:reached", "day", "affirm")),
    (2, ("staff:reached", "reaction")),
    (2, ("stop", "digress")),
    (2, ("stop", "danger", "thanks")),
    (2, ("stop", "start")),
    (2, ("no_calls", "thanks")),
    (4, ("danger", "affirm", "status")),
    (4, ("danger", "question", "thanks")),
    (3, ("danger", "hours", "digress", "cancel")),
    (2, ("danger", "reaction", "low_mood")),
    (2, ("staff:text: Please call us back when you have a moment.", "not_me")),
)


@dataclass(frozen=True)
class Goal:
    """What the patient wants. number: where to be called, None for the phone they write from."""

    lang: str
    name: str
    number: str | None
    second: str | None
    topic: str
    agenda: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Temper:
    """How the patient writes; shares between 0 and 1.

    careless: no capitals and no stops. digresses: says something else first. at_once: several answers in one text.
    off_question: answers another question than the one asked. pictures: sends one beside the words.
    """

    careless: bool
    terse: bool
    digresses: float
    at_once: float
    off_question: float
    corrects: float
    pictures: float
    silent: float


def draw_goal(rng: random.Random, langs: tuple[str, ...]) -> Goal:
    name, number, second = rng.choice(PEOPLE)
    elsewhere = rng.random()
    return Goal(
        lang=rng.choice(langs),
        name=name,
        number=number if elsewhere < 0.4 else None,
        second=second if elsewhere < 0.12 else None,
        topic=rng.choice(TOPICS),
        agenda=(*_opening(rng), "form", *_pick(rng, BEFORE_THE_END), *_pick(rng, BEFORE_THE_END), *_pick(rng, ENDS)),
    )


def _opening(rng: random.Random) -> tuple[str, ...]:
    before = [act for act, share in (("greeting", 0.3), ("question", 0.3), ("digress", 0.1)) if rng.random() < share]
    return (*before, "person" if rng.random() < 0.08 else "wish")


def _pick(rng: random.Random, stories: tuple[tuple[int, tuple[str, ...]], ...]) -> tuple[str, ...]:
    return rng.choices([acts for _, acts in stories], [weight for weight, _ in stories])[0]


def draw_temper(rng: random.Random) -> Temper:
    def some(most: float) -> float:
        return rng.choice((0.0, 0.0, most / 2, most))

    return Temper(
        careless=rng.random() < 0.3,
        terse=rng.random() < 0.3,
        digresses=some(0.3),
        at_once=some(0.6),
        off_question=some(0.3),
        corrects=some(0.4),
        pictures=some(0.1),
        silent=some(0.15),
    )


def is_scripted(label: str) -> bool:
    return label in SCRIPTED
