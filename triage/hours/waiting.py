"""How long people have waited of late for the first try to call them: told as a range, or not at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

# Of fewer waits nothing is said, and of what is longer ago.
FEWEST, OF_LATE = 20, timedelta(weeks=3)

# The middle half of all waits is told, in steps that promise no more than is known.
LOW, HIGH = 0.25, 0.75
STEP_MIN, AN_HOUR_MIN = 10, 60


@dataclass(frozen=True)
class Waiting:
    """The place in line, 1 being the next, and how many minutes of opening time most people have waited."""

    position: int
    low_min: int
    high_min: int

    @property
    def in_hours(self) -> bool:
        return self.high_min > 2 * AN_HOUR_MIN


def usual(waits: Sequence[timedelta]) -> tuple[int, int] | None:
    """Return from how many minutes to how many most of these waits lasted; None where they are too few to tell."""
    if len(waits) < FEWEST:
        return None
    in_order = sorted(waits)
    low, high = (in_order[int(share * (len(in_order) - 1))] / timedelta(minutes=1) for share in (LOW, HIGH))
    step = AN_HOUR_MIN if high > 2 * AN_HOUR_MIN else STEP_MIN
    first = int(low // step) * step
    return first, max(int(-(-high // step)) * step, first + step)
