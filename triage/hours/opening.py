"""When the clinic is open, and how a wish or a promise fits into that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.errors import NeverOpen
from triage.hours.window import Window, at_local, later

LOOK_AHEAD = timedelta(days=60)

SHORTEST_FIT = timedelta(minutes=15)

LONGEST_OFFER = timedelta(hours=2)


@dataclass(frozen=True)
class OpeningHours:
    """The clinic's hours. All times that come in are aware; all that go out are in the clinic's zone.

    weekly: from weekday (Monday is 0) to its openings, in order; closing at 0:00 is the end of that day.
    closed: the days the clinic is shut although the week says otherwise, with the reason ("Thanksgiving").
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[tuple[time, time], ...]]
    closed: Mapping[date, str] = field(default_factory=dict)

    def spans(self, day: date) -> tuple[Window, ...]:
        """Return the openings of one day."""
        if day in self.closed:
            return ()
        return tuple(self._span(day, opens, closes) for opens, closes in self.weekly.get(day.weekday(), ()))

    def _span(self, day: date, opens: time, closes: time) -> Window:
        # Fit in local time, then convert: adding hours in UTC moves "9:00" by an hour when clocks change.
        last = day if closes > time(0) else day + timedelta(days=1)
        return Window(at_local(day, opens, self.zone), at_local(last, closes, self.zone))

    def closed_reason(self, day: date) -> str | None:
        """Return why this day is shut, where the calendar says; None on ordinary days and weekends."""
        return self.closed.get(day)

    def is_open(self, at: datetime) -> bool:
        return any(_instant(span.start) <= _instant(at) < _instant(span.end) for span in self.spans(self._day(at)))

    def contain(self, window: Window) -> bool:
        """Tell whether the whole window lies in one opening."""
        return any(
            _instant(span.start) <= _instant(window.start) and _instant(window.end) <= _instant(span.end)
            for span in self.spans(self._day(window.start))
        )

    def next_open(self, at: datetime) -> datetime:
        """Return the next moment the clinic is open: `at` itself if it is. Raises NeverOpen."""
        return next(self._ahead(at)).start

    def open_until(self, at: datetime) -> datetime:
        """Return the end of the opening that holds `at`, else of the next one. Raises NeverOpen."""
        return next(self._ahead(at)).end

    def add_open_time(self, at: datetime, open_time: timedelta) -> datetime:
        """Move `at` on by that much open time; closed hours and days do not count. Raises NeverOpen."""
        for stretch in self._ahead(at):
            length = _length(stretch)
            if open_time <= length:
                return later(stretch.start, open_time)
            open_time -= length
        raise NeverOpen

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Return for how long the clinic is open between two moments."""
        total, day = timedelta(), self._day(start)
        while day <= self._day(end):
            for span in self.spans(day):
                stretch = min(span.end, end, key=_instant) - max(span.start, start, key=_instant)
                total += max(stretch, timedelta())
            day += timedelta(days=1)
        return total

    def fit(self, window: Window, now: datetime) -> Window | None:
        """Return the first open stretch of the wish that is still ahead; None where the clinic is open for none of it.

        A stretch under 15 minutes is no promise, unless the wish itself is shorter.
        """
        needed = min(SHORTEST_FIT, _length(window))
        wished_until = _instant(window.end)
        try:
            for stretch in self._ahead(max(window.start, now, key=_instant)):
                if _instant(stretch.start) >= wished_until:
                    return None
                fitted = Window(stretch.start, min(stretch.end, window.end.astimezone(self.zone), key=_instant))
                if _length(fitted) >= needed:
                    return fitted
        except NeverOpen:
            pass
        return None

    def nearest(self, window: Window, now: datetime) -> Window:
        """Return what to offer for a wish that does not fit: as long, up to 2 h, on the first open day from the wished
        one on, as near as can be to the wished time of day. Raises NeverOpen.
        """
        length = min(LONGEST_OFFER, _length(window))
        wished = window.start.astimezone(self.zone)
        midnight = at_local(wished.date(), time(), self.zone)
        stretches = self._of_first_day(max(midnight, now, key=_instant), min(SHORTEST_FIT, length))
        wanted = at_local(stretches[0].start.date(), wished.time(), self.zone)
        offers = [_as_near_as_can_be(one, wanted, length) for one in stretches]
        return min(offers, key=lambda one: abs(_instant(one.start) - _instant(wanted)))

    def _of_first_day(self, at: datetime, shortest: timedelta) -> list[Window]:
        """Return what is open from `at` on, on the first day with a stretch that is long enough. Raises NeverOpen."""
        found: list[Window] = []
        for stretch in self._ahead(at):
            if found and stretch.start.date() != found[0].start.date():
                break
            if _length(stretch) >= shortest:
                found.append(stretch)
        return found

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _ahead(self, at: datetime) -> Iterator[Window]:
        """Open stretches from `at` on; raises NeverOpen after 60 days without one."""
        day = self._day(at)
        give_up = day + LOOK_AHEAD
        while day <= give_up:
            for span in self.spans(day):
                if _instant(span.end) > _instant(at):
                    give_up = day + LOOK_AHEAD
                    yield Window(max(span.start, at.astimezone(self.zone), key=_instant), span.end)
            day += timedelta(days=1)
        raise NeverOpen


def _instant(at: datetime) -> datetime:
    """Convert to UTC: two datetimes of one zone compare and subtract by wall clock, which repeats an hour in autumn."""
    return at.astimezone(UTC)


def _as_near_as_can_be(stretch: Window, wanted: datetime, length: timedelta) -> Window:
    """Return a window of that length, or the whole stretch, that begins as near to `wanted` as the stretch allows."""
    latest = max(stretch.start, later(stretch.end, -length), key=_instant)
    start = min(max(wanted, stretch.start, key=_instant), latest, key=_instant)
    return Window(start, min(later(start, length), stretch.end, key=_instant))


def _length(window: Window) -> timedelta:
    return _instant(window.end) - _instant(window.start)
