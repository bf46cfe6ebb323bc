"""The call window that a person's words ask for.

It is what the words say, before it is fitted to opening hours (`triage.hours` does that).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

from triage.hours.window import OPEN_WISH, Window, at_local, later
from triage.policy import USUAL_PARTS, PartsOfDay
from triage.reading.times.marks import Clock, FromNow, Mark, MarkKind, Sense, Time, Wish
from triage.reading.times.mentions import marks_in
from triage.reading.times.vocabulary import ZONES

HOUR = timedelta(hours=1)

SHORTEST_LEFT = timedelta(minutes=15)


# What a clock time and a part of the day have in common.
_OF_THE_DAY = frozenset({MarkKind.TIME, MarkKind.PART})


class Unread(Enum):
    """Why no window could be read."""

    NOTHING = "no time is spoken of"
    UNCLEAR = "a time is spoken of, but the words determine none"
    PAST = "the time named has gone by"


def read_window(text: str, now: datetime, usual: PartsOfDay = USUAL_PARTS) -> Window | Unread:
    """Return the call window that these words ask for, in English or Spanish; never raises, whatever the text.

    usual: what people mean by the parts of the day. now: aware, in the clinic's zone. Times are the clinic's unless the
    words name a zone.
    The conventions ("after 3" is to 17:00, a bare hour is the one in or nearest to opening hours) are those of
    tests/data/times.jsonl.
    """
    now = now.replace(second=0, microsecond=0)
    marks = marks_in(text, now.date(), usual)
    if not marks:
        return Unread.NOTHING
    wanted = [mark for mark in _contrasted(marks, now.date()) if not mark.negative]
    spoken_day = _day(wanted, now)
    if spoken_day is Unread.UNCLEAR or spoken_day is Unread.PAST:
        return spoken_day
    day = spoken_day if isinstance(spoken_day, date) else None
    for mark in wanted:
        if isinstance(mark.value, FromNow) and day in (None, now.date()):
            then = later(now, mark.value.length)
            return Window(now, then) if mark.kind is MarkKind.WITHIN else Window(then, later(then, HOUR))
    return _on_a_day(marks, wanted, day, now, usual)


def _contrasted(marks: list[Mark], today: date) -> list[Mark]:
    """Keep the day where only the hour that was named with it is put right: "not 3 tomorrow, 4".

    Of "not tonight, in the morning" today does not stay.
    """
    wanted = {mark.kind for mark in marks if not mark.negative}
    if not wanted & _OF_THE_DAY or MarkKind.DAY in wanted:
        return marks
    wrong = {mark.clause for mark in marks if mark.negative and mark.kind in _OF_THE_DAY}
    return [replace(mark, negative=False) if _stays(mark, wrong, today) else mark for mark in marks]


def _stays(mark: Mark, wrong: set[int], today: date) -> bool:
    return mark.kind is MarkKind.DAY and mark.clause in wrong and mark.day != today


def _on_a_day(
    marks: list[Mark], wanted: list[Mark], day: date | None, now: datetime, usual: PartsOfDay
) -> Window | Unread:
    """Return the window on that day; without one, on the first day on which the time is still ahead."""
    spans = _spans(wanted, usual)
    if spans == [] and (day or any(mark.kind is MarkKind.OPEN for mark in wanted)):
        spans = _rest_of_the_day(marks, usual)
    if spans is None or _leaves_it_open(marks, wanted, spans, day):
        return Unread.UNCLEAR
    if not spans and day is None:
        return Window(now, later(now, OPEN_WISH))
    return _first_ahead(spans or [(usual.begins, usual.ends)], wanted, day, now, usual)


def _rest_of_the_day(marks: list[Mark], usual: PartsOfDay) -> list[tuple[int, int]]:
    """Return what a refused part of the day leaves: "Wednesday, but not in the morning"; [] where none is refused."""
    taken_back = [mark for mark in marks if mark.negative and mark.kind in _OF_THE_DAY]
    refused = [usual.minutes(mark.part) for mark in taken_back if mark.part and mark.part != "dawn"]
    if not refused or len(refused) < len(taken_back):
        return []
    start, end = usual.begins, usual.ends
    for begins, ends in refused:
        if start < begins and ends < end:
            return []  # of a day without its lunch hour, neither half is named
        start, end = (max(start, ends), end) if begins <= start else (start, min(end, begins))
    return [(start, end)] if start < end else []


def _leaves_it_open(marks: list[Mark], wanted: list[Mark], spans: list[tuple[int, int]], day: date | None) -> bool:
    """Tell whether the words take back what would determine a window, and put nothing in its place."""
    taken_back = {mark.kind for mark in marks if mark.negative}
    if spans:
        return day is None and MarkKind.DAY in taken_back
    if taken_back & _OF_THE_DAY:
        return True
    return day is None and (bool(taken_back) or all(mark.kind is not MarkKind.OPEN for mark in wanted))


def _first_ahead(
    spans: list[tuple[int, int]], wanted: list[Mark], day: date | None, now: datetime, usual: PartsOfDay
) -> Window | Unread:
    """Return the first of these minutes of the day that is still ahead, on the day or else today or tomorrow."""
    zone = _zone(wanted) or _zone_of(now)
    starts_count = any(mark.part == "firstthing" or (mark.time and mark.time.sense is Sense.AT) for mark in wanted)
    here = now.astimezone(zone).date()
    if day is None and _away(spans[0][0], usual) < _away(spans[-1][0], usual):
        # "8" at half past nine is eight tomorrow; "today at 8" can only be the evening.
        spans = spans[:1]
    for candidate in [day] if day else [here, here + timedelta(days=1)]:
        for start, end in spans:
            window = _window(candidate, start, end, zone, _zone_of(now))
            if not _gone(window, now, starts_count, bool(day)):
                return replace(window, names_day=bool(day))
    return Unread.PAST


def _zone_of(now: datetime) -> tzinfo:
    assert now.tzinfo is not None
    return now.tzinfo


def _zone(wanted: list[Mark]) -> ZoneInfo | None:
    names = [mark.time.zone for mark in wanted if mark.time and mark.time.zone]
    return ZoneInfo(ZONES.get(names[0], names[0])) if names else None


def _window(day: date, start: int, end: int, said_in: tzinfo, zone: tzinfo) -> Window:
    # Local time first, then the clinic's: adding hours in UTC moves "tomorrow at 9" when clocks change.
    first = at_local(day, time(start // 60, start % 60), said_in)
    midnight = end >= 24 * 60
    last = at_local(day + timedelta(days=midnight), time((end - 24 * 60 * midnight) // 60, end % 60), said_in)
    if last.astimezone(UTC) <= first.astimezone(UTC):
        # Only the hour that the clock change skips leaves nothing between two times.
        last = later(first, timedelta(minutes=max(end - start, 1)))
    return Window(first.astimezone(zone), last.astimezone(zone))


def _gone(window: Window, now: datetime, starts_count: bool, day_named: bool) -> bool:
    """Tell whether it is too late for this window: an hour by its start, a stretch by what is left of it."""
    if starts_count:
        return window.start.astimezone(UTC) < now.astimezone(UTC)
    left = window.end.astimezone(UTC) - now.astimezone(UTC)
    return left <= timedelta(0) if day_named else left < SHORTEST_LEFT


# ---- which day


def _day(wanted: list[Mark], now: datetime) -> date | Unread | None:
    """Return the day meant, None if no day is spoken of."""
    spoken = [mark for mark in wanted if mark.kind is MarkKind.DAY]
    known = [mark for mark in spoken if mark.day is not None]
    ahead = [mark for mark in known if mark.day is not None and mark.day >= now.date()]
    if not spoken:
        return None
    if not known:
        return Unread.UNCLEAR
    if not ahead:
        return Unread.PAST
    return _one_day(_latest_and_strongest(ahead), wanted)


def _one_day(chosen: list[Mark], wanted: list[Mark]) -> date | Unread | None:
    """Return the first of alternatives, or else the one day that a time is named with."""
    if len({mark.day for mark in chosen}) > 1 and not _alternatives(chosen):
        times = {mark.clause for mark in wanted if mark.kind in _OF_THE_DAY}
        chosen = [mark for mark in chosen if mark.clause in times]
        if len({mark.day for mark in chosen}) != 1:
            return Unread.UNCLEAR
    return chosen[0].day


def _latest_and_strongest(marks: list[Mark]) -> list[Mark]:
    """Return what stands after the last correction, and of that what is most plainly a wish."""
    segment = max(mark.segment for mark in marks)
    return _strongest([mark for mark in marks if mark.segment == segment])


def _strongest(marks: list[Mark]) -> list[Mark]:
    wish = max((mark.wish for mark in marks), default=Wish.NONE)
    return [mark for mark in marks if mark.wish == wish]


def _alternatives(marks: list[Mark]) -> bool:
    """Tell whether each of them will do, so that the first is taken: "Tuesday at 9 or Thursday at 1"."""
    joints = [mark.joined for mark in marks[1:]]
    return all(joint in ("or", "and", ",") for joint in joints)


# ---- which time of the day


def _spans(wanted: list[Mark], usual: PartsOfDay) -> list[tuple[int, int]] | None:
    """Return the minutes of the day that are meant, likelier reading first; [] if none are, None if it is unclear."""
    spoken = _of_the_day(wanted)
    if not spoken:
        return []
    parts = [mark.part for mark in spoken if mark.part and mark.wish > Wish.OWN_DAY]
    timed = _strongest([mark for mark in spoken if mark.time])
    times = [mark.time for mark in timed if mark.time]
    if exact := _exact_ones(timed, times):
        return _of_the_hour(exact, parts, usual)
    if "dawn" in parts:
        return None
    if times:
        return _bounded(times, parts, usual)
    return [usual.minutes(parts[0])] if parts else None


def _of_the_day(wanted: list[Mark]) -> list[Mark]:
    """Return what is said of the time of the day, after the last correction of it."""
    spoken = [mark for mark in wanted if mark.kind in _OF_THE_DAY or mark.kind is MarkKind.VAGUE_TIME]
    segment = max((mark.segment for mark in spoken), default=0)
    return [mark for mark in spoken if mark.segment == segment]


def _exact_ones(timed: list[Mark], times: list[Time]) -> list[Mark]:
    """Return the marks of an hour or a range; not of an hour that also bounds the wish ("at 3, or after 3")."""
    bounding = {time.clock for time in times if time.sense is Sense.AFTER}
    return [mark for mark in timed if mark.time and _is_exact(mark.time, bounding)]


def _is_exact(time: Time, bounding: set[Clock]) -> bool:
    return time.sense is Sense.RANGE or (time.sense is Sense.AT and time.clock not in bounding)


def _of_the_hour(exact: list[Mark], parts: list[str], usual: PartsOfDay) -> list[tuple[int, int]] | None:
    """Return the minutes of the one hour or range named, or of the first of alternatives; None of several others."""
    first = exact[0].time
    if first is None or (len({mark.time for mark in exact}) > 1 and not _alternatives(exact)):
        return None
    return _exact(first, parts, usual)


def _exact(said: Time, parts: list[str], usual: PartsOfDay) -> list[tuple[int, int]] | None:
    if said.sense is Sense.AT:
        return [(minute, minute + 60) for minute in _by_nearness(_readings(said.clock, parts), usual)]
    assert said.end is not None
    # "Of 11 to 1 in the afternoon" the part is that of the second alone.
    pairs = _pairs(said, parts, []) or _pairs(said, [], parts)
    pairs.sort(key=lambda pair: (_away(pair[0], usual) + _away(pair[1], usual), _away(pair[0], usual)))
    return [pair for pair in pairs if pair == pairs[0] or usual.ends < pair[1] <= usual.latest] or None


def _pairs(said: Time, parts: list[str], of_the_end: list[str]) -> list[tuple[int, int]]:
    assert said.end is not None
    starts, ends = _readings(_with_half(said), parts), _readings(said.end, of_the_end)
    return [(start, end) for start in starts for end in ends if start < end]


def _with_half(said: Time) -> Clock:
    """Return the first hour of a range: of "2-4pm" it is in the afternoon as well, of "11-1pm" it is not."""
    assert said.end is not None
    first, last = said.clock, said.end
    if first.half is None and last.half and first.hour <= 12 and _minute(first, last.half) < _minute(last, last.half):
        return Clock(first.hour, first.minute, last.half)
    return first


def _readings(clock: Clock, parts: list[str]) -> list[int]:
    """Return the minutes of the day that a clock time can mean, given the parts of the day named with it."""
    if clock.half:
        return [_minute(clock, clock.half)]
    if clock.hour > 12 or clock.hour == 0:
        return [clock.hour * 60 + clock.minute]
    both = [_minute(clock, "am"), _minute(clock, "pm")]
    if any(part.endswith("morning") or part in ("dawn", "firstthing", "am", "early") for part in parts):
        return both[:1] if clock.hour != 12 else both[1:]
    if any(part.endswith(("noon", "evening")) or part in ("pm", "eve") for part in parts):
        return both[1:]
    return both


def _minute(clock: Clock, half: str) -> int:
    return (clock.hour % 12 + (12 if half == "pm" else 0)) * 60 + clock.minute


def _away(minute: int, usual: PartsOfDay) -> int:
    """Return by how many minutes a minute of the day lies outside morning and afternoon."""
    return max(usual.begins - minute, minute - usual.ends, 0)


def _nearest_first(minutes: list[int], usual: PartsOfDay) -> list[int]:
    return sorted(minutes, key=lambda minute: _away(minute, usual))


def _by_nearness(minutes: list[int], usual: PartsOfDay) -> list[int]:
    """Put the reading in or nearest to opening hours first; keep the other only where it is a time to be called at."""
    nearest, *others = _nearest_first(minutes, usual)
    return [nearest, *(minute for minute in others if usual.ends < minute <= usual.latest)]


def _bounded(bounds: list[Time], parts: list[str], usual: PartsOfDay) -> list[tuple[int, int]] | None:
    """Return what bounds leave: "after 3", "before noon", "after 2 and before 4", "in the morning but after 10"."""
    start, end = usual.minutes(parts[0]) if parts else (None, None)
    bounds = bounds if parts else _earlier_of_two(bounds, usual)
    for bound in bounds:
        if bound.sense is Sense.AFTER:
            start = max(start or 0, _after(bound, parts, usual))
        else:
            last = _before(bound, parts, usual)
            if last is None:
                return None
            end = min(end or last, last)
    if start is None:
        start = usual.begins
    if end is None or end <= start:
        end = _end_of_day(start, usual)
    return [(start, end)] if any(bound.sense is Sense.AFTER for bound in bounds) or start < end else None


def _earlier_of_two(bounds: list[Time], usual: PartsOfDay) -> list[Time]:
    """Keep the first of "before 10 or after 4"; "after 2 and before 4" stays whole."""
    if [bound.sense for bound in bounds] != [Sense.BEFORE, Sense.AFTER]:
        return bounds
    latest, earliest = (_nearest_first(_readings(bound.clock, []), usual)[0] for bound in bounds)
    return bounds[:1] if latest < earliest else bounds


def _after(bound: Time, parts: list[str], usual: PartsOfDay) -> int:
    """Return the minute of the day from which on somebody can be called."""
    minutes = _nearest_first(_readings(bound.clock, parts), usual)
    return minutes[-1] if bound.clock.hour == 7 else minutes[0]


def _before(bound: Time, parts: list[str], usual: PartsOfDay) -> int | None:
    """Return the minute of the day until which somebody can be called.

    Before 9 there is nothing, so "before 6" is said of the evening; of "before 8" neither reading is sure.
    """
    minutes = _nearest_first(_readings(bound.clock, parts), usual)
    late = [minute for minute in minutes if minute > usual.begins]
    if not late or (minutes[0] <= usual.begins and bound.clock.hour >= 8):
        return None
    return late[0]


def _end_of_day(start: int, usual: PartsOfDay) -> int:
    return next((end for end in (usual.ends, usual.latest) if start < end), start + 60)
