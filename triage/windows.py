"""When may we call: what a person's words mean as a window of time.

The window is what the words say, before it is fitted to opening hours (`triage.hours` does that).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Window:
    """From `start` to `end`, both aware and in the clinic's zone."""

    start: datetime
    end: datetime


class Unread(Enum):
    """Why no window could be read."""

    NOTHING = "no time is spoken of"
    UNCLEAR = "a time is spoken of, but the words determine none"
    PAST = "the time named has gone by"


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The wall time of that day. One that the clock change skips is the next valid minute, a repeated one the first."""
    local = datetime.combine(day, clock)
    # A gap is an hour in every zone of today; a whole day was skipped once (Samoa, 2011).
    for _ in range(25 * 60):
        at = local.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local:
            break
        local += timedelta(minutes=1)
    return at


def later(at: datetime, by: timedelta) -> datetime:
    """`at` moved by elapsed time. (Adding to `at` itself moves the wall clock: wrong over a clock change.)"""
    return (at.astimezone(UTC) + by).astimezone(at.tzinfo)
