"""A window of time in the clinic's zone, and moving it safely over clock changes."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

OPEN_WISH = timedelta(hours=24)


@dataclass(frozen=True)
class Window:
    """From `start` to `end`, both aware and in the clinic's zone. `names_day`: not only an hour or a part of a day."""

    start: datetime
    end: datetime
    names_day: bool = field(default=True, compare=False)

    def on(self, day: date) -> "Window":
        """Return the same hours of another day."""
        zone = self.start.tzinfo
        assert zone is not None
        return Window(at_local(day, self.start.time(), zone), at_local(day, self.end.time(), zone))


def at_local(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the wall time of that day. One that the clock change skips is the next valid minute, a repeated one
    the first.
    """
    local = datetime.combine(day, clock)
    # A gap is an hour in every zone of today; a whole day was skipped once (Samoa, 2011).
    for _ in range(25 * 60):
        at = local.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local:
            break
        local += timedelta(minutes=1)
    return at


def later(at: datetime, by: timedelta) -> datetime:
    """Move `at` by elapsed time. (Adding to `at` itself moves the wall clock: wrong over a clock change.)"""
    return (at.astimezone(UTC) + by).astimezone(at.tzinfo)
