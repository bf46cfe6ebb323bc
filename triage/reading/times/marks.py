"""The kinds of marks: what a text can say about time, as plain values."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, IntEnum


class MarkKind(Enum):
    """What a mark speaks of. docs/time-reader.md has a row for each."""

    DAY = "day"
    TIME = "time"
    PART = "part of the day"
    OFFSET = "so long from now"
    WITHIN = "at any moment of the time from now"
    OPEN = "as soon as you can"
    EARLIEST = "as early as can be, on the day that is named"
    VAGUE = "later"
    VAGUE_TIME = "a time that the words leave open"
    SAME_TIME = "the hour that was named before"
    AFTER_THAT = "after or before the time that was named"


class Sense(Enum):
    """How a clock time is meant."""

    AT = "at"
    AFTER = "after"
    BEFORE = "before"
    RANGE = "range"


class Wish(IntEnum):
    """How plainly a clause asks for the call."""

    NONE = 0  # it only tells of something: "my infusion is at 3"
    OWN_DAY = 1  # it tells the speaker's own day: "I work until 3"
    PLAIN = 2  # "tomorrow at 3"
    ASKED = 3  # "call me tomorrow at 3", "she gets here at 2, so 2:15"


@dataclass(frozen=True)
class Clock:
    """An hour as said; `half` is "am" or "pm" where the words tell."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True)
class Time:
    """A clock time; `end` for a range only; `zone`, such as "America/Denver", where one is named."""

    sense: Sense
    clock: Clock
    end: Clock | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Day:
    """A day; `on` is None where the words determine none ("next week", the 30th of February)."""

    on: date | None


@dataclass(frozen=True)
class Part:
    """A part of the day by its name in the vocabulary: "morning", "firstthing", "lunch"."""

    name: str


@dataclass(frozen=True)
class FromNow:
    """A length of time that begins now."""

    length: timedelta


@dataclass(frozen=True)
class Side:
    """On which side of the time named before: AFTER or BEFORE."""

    sense: Sense


Value = Day | Time | Part | FromNow | Side


@dataclass(frozen=True)
class Mark:
    """One thing said about time; `start` and `end` are its place in the words.

    segment: how many corrections ("no wait", "actually") came before. negative: the words take it back ("not Monday").
    joined: "or", "and" or "," where only that stands between this mark and the one of its kind before it.
    """

    kind: MarkKind
    value: Value | None
    start: int
    end: int
    clause: int = 0
    segment: int = 0
    negative: bool = False
    wish: Wish = Wish.PLAIN
    joined: str = ""

    @property
    def time(self) -> Time | None:
        return self.value if isinstance(self.value, Time) else None

    @property
    def day(self) -> date | None:
        return self.value.on if isinstance(self.value, Day) else None

    @property
    def part(self) -> str | None:
        return self.value.name if isinstance(self.value, Part) else None
