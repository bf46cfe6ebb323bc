"""The meaning of one find of the grammar: a day, a clock time, a part of the day, or how long from now."""

import re
from dataclasses import replace
from datetime import date, timedelta

from triage.policy import USUAL_PARTS, PartsOfDay
from triage.reading.times.grammar import NAMED_ZONE
from triage.reading.times.holidays import HOLIDAYS
from triage.reading.times.marks import Clock, Day, FromNow, Mark, MarkKind, Part, Sense, Side, Time, Value, Wish
from triage.reading.times.rewording import MOVES
from triage.reading.times.vocabulary import ZONES

# A date or a holiday without a year that is longer gone means that of the next year; one not long gone is past.
LONG_GONE = timedelta(days=180)

_DAYS = frozenset(
    "day_offset weekday_phrase month_day figures relative day_of_month vague_day days_on_end deadline"
    " holiday_phrase".split()
)

_CLOCK_TIMES = frozenset("range relation or_later or_before clock".split())

_LENGTHS = {"offset": MarkKind.OFFSET, "soon_minutes": MarkKind.OFFSET, "within": MarkKind.WITHIN}

_WITHOUT_VALUE = {
    "open": MarkKind.OPEN,
    "vague": MarkKind.VAGUE,
    "other_time": MarkKind.VAGUE_TIME,
    "same_time": MarkKind.SAME_TIME,
    "earliest": MarkKind.EARLIEST,
}


def mark_of(
    match: re.Match[str],
    today: date,
    usual: PartsOfDay = USUAL_PARTS,
    clause: int = 0,
    segment: int = 0,
    wish: Wish = Wish.PLAIN,
) -> Mark | None:
    """Return the mark of one find in a clause, None for the little words between."""
    meaning = _meaning(match, today, usual)
    if meaning is None:
        return None
    kind, value = meaning
    end = match.end()
    if isinstance(value, Time):
        value, end = _in_its_zone(value, match.string, end)
    return Mark(kind, value, match.start(), end, clause, segment, wish=wish)


def _meaning(match: re.Match[str], today: date, usual: PartsOfDay) -> tuple[MarkKind, Value | None] | None:
    rule, said = match.lastgroup or "", match[0]
    if rule in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[rule], None
    if rule in _DAYS:
        return MarkKind.DAY, Day(_day(match, today))
    if rule in _CLOCK_TIMES:
        return _clock_time(match)
    if rule in _LENGTHS:
        return _LENGTHS[rule], FromNow(_length(said))
    if rule in ("part", "edge", "after_work"):
        return MarkKind.PART, Part("evening" if rule == "after_work" else said)
    if rule == "around_part":
        return MarkKind.TIME, _around_part(match["side"], match["bound_part"], usual)
    if rule == "after_that":
        return MarkKind.AFTER_THAT, Side(Sense.BEFORE if said.startswith("before") else Sense.AFTER)
    if rule == "moved_from" and not _MOVES.search(match.string):
        return MarkKind.VAGUE_TIME, None  # "from Monday to Wednesday" is a stretch of days
    return None


def _clock_time(match: re.Match[str]) -> tuple[MarkKind, Time | None]:
    if time := _time(match):
        return MarkKind.TIME, time
    # "At 25:00" is a slip that has to be asked about, a mere 99 is no time.
    is_slip = re.search(r"\bat\b|:|oclock|[ap]m", match[0]) is not None
    return MarkKind.VAGUE_TIME if is_slip else MarkKind.VAGUE, None


def _in_its_zone(time: Time, words: str, end: int) -> tuple[Time, int]:
    """Return the time with the zone that is named right behind it, and where the words go on."""
    zone = NAMED_ZONE.match(words, end)
    if zone and (name := ZONES.get(zone["hour_of"] or zone["zone"])):
        return replace(time, zone=name), zone.end()
    if words.startswith((" my time", " our time"), end) and (home := _HOME_ZONE.search(words)):
        return replace(time, zone=ZONES[home["zone"]]), end + len(" my time")
    return time, end


_HOME_ZONE = re.compile(rf"(?<!\S)(?:in|on) (?:the )?(?P<zone>{'|'.join(ZONES)})(?!\S)")

_MOVES = re.compile(rf"(?<!\S)(?:{MOVES}|shift)")


def _length(said: str) -> timedelta:
    """Return "a hour and half", "half a hour", "20w minutes" as a timedelta."""
    unit = timedelta(hours=1) if "hour" in said.split("minutes")[0] else timedelta(minutes=1)
    amount = re.search(r"(\d)/(\d)|(\d+)w?( and (?:a )?half)?|(quarter)|(half)(?= a? ?hour| minutes)", said)
    if amount is None:
        count = 1.5 if "and" in said else 1.0
        return unit * count
    if amount[1]:
        return unit * int(amount[1]) / max(int(amount[2]), 1)
    if amount[5] or amount[6]:
        return unit * (0.25 if amount[5] else 0.5)
    if re.match(r"(?:in |within |the |next |~ )*a hour", said):
        return unit + timedelta(minutes=int(amount[3]))
    more = re.search(r"hours? and (?:(\d+)|(?:a )?half)", said)
    extra = timedelta(minutes=int(more[1]) if more[1] else 30) if more else timedelta(0)
    if match_unit := re.search(r" (hours?|minutes)", said):
        unit = timedelta(hours=1) if match_unit[1].startswith("hour") else timedelta(minutes=1)
    return unit * (int(amount[3]) + (0.5 if amount[4] else 0)) + extra


def _day(match: re.Match[str], today: date) -> date | None:
    """Return the day meant; None where the words determine none ("next week", the 30th of February)."""
    kind, said = match.lastgroup, match[0]
    if kind in ("vague_day", "days_on_end", "deadline"):
        return None
    if kind == "relative":
        days = {"today": 0, "tomorrow": 1, "dayafter": 2, "yesterday": -1}
        return today + timedelta(days=days[said.removeprefix("the ")])
    if kind == "day_offset":
        return _counted(said, today)
    if kind == "weekday_phrase":
        return _weekday(match, today)
    if kind == "holiday_phrase":
        return _by_a_holiday(match, today)
    return _dated(said, today)


def _counted(said: str, today: date) -> date | None:
    """Count the days of "in 3 days", "a week from wd4", "of today in 8w" (a week, as Spanish counts)."""
    number = re.search(r"\b(\d+)w?\b", said.replace("wd", "wd_"))
    days = (int(number[1]) if number else 1) * (7 if "week" in said else 1)
    anchor = re.search(r"(?:from|after|of) (?:on )?(today|tomorrow|wd\d)", said)
    if said.startswith("of "):
        days -= 1
    if counted := re.search(r"wd(\d) from", said):  # "2 sundays from now"
        return today + timedelta(days=_days_until(int(counted[1]), today) + 7 * (days - 1))
    if "dayafter" in said:  # "2 days after tomorrow"
        days += 1
    if anchor and anchor[1].startswith("wd"):
        today += timedelta(days=_days_until(int(anchor[1][2]), today))
    elif anchor and anchor[1] == "tomorrow":
        today += timedelta(days=1)
    return today + timedelta(days=days) if days <= 366 else None


def _by_a_holiday(match: re.Match[str], today: date) -> date:
    """Return the holiday itself, or the days or the weekday that are counted from it."""
    in_year, back = HOLIDAYS[match["holiday"]], match["holiday_side"] == "before"
    holiday = in_year(today.year)
    if today - holiday > LONG_GONE:
        holiday = in_year(today.year + 1)
    if match["holiday_days"]:
        number = re.search(r"\d+", match["holiday_days"])
        days = int(number[0]) if number else 1
        return holiday + timedelta(days=-days if back else days)
    if match["holiday_weekday"]:
        weekday = int(match["holiday_weekday"][2])
        away = (holiday.weekday() - weekday - 1) % 7 + 1 if back else _days_until(weekday, holiday)
        return holiday + timedelta(days=-away if back else away)
    return holiday


def _days_until(weekday: int, today: date) -> int:
    """Return the days to the coming weekday; its name said on the day itself means the next one."""
    return (weekday - today.weekday() - 1) % 7 + 1


def _weekday(match: re.Match[str], today: date) -> date | None:
    weekday = int(match["weekday"][2])
    which = f"{match['which']}{match['which_after'] or ''}"
    week = f"{match['week_before'] or ''} {match['week_after'] or ''}"
    monday = today - timedelta(days=today.weekday())
    if match["its_date"]:
        day = _dated(match["its_date"], today)
        return day if day and day.weekday() == weekday else None
    if "week after next" in week:
        return monday + timedelta(days=14 + weekday)
    if "last" in which + week:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    if ("next" in which and "this" not in which) or re.search("next|coming", week):
        # "Next Tuesday" on a Monday is not tomorrow: that would have been "tomorrow".
        return monday + timedelta(days=7 + weekday)
    if "this" in which + week and weekday == today.weekday():
        return today
    return today + timedelta(days=_days_until(weekday, today))


def _dated(said: str, today: date) -> date | None:
    """Read a date in words or figures; without a year the one not long gone, without a month the coming one."""
    spanish = said.startswith("on ")
    figures = re.search(r"(\d+)/(\d+)(?:/(\d+))?", said)
    if figures:
        return _in_figures(int(figures[1]), int(figures[2]), int(figures[3] or 0), today, spanish)
    year = re.search(r"\b(20\d\d)\b", said)
    named = re.search(r"mon(\d+)", said)
    number = re.search(r"(?<![\w])(\d{1,2})(?:th|w)?(?!\w)", said)
    if number is None:
        return None
    day = int(number[1])
    if named:
        return _in_year(int(named[1]), day, int(year[1]) if year else 0, today)
    for months_on in range(3):
        month = today.month + months_on
        found = _date(today.year + (month - 1) // 12, (month - 1) % 12 + 1, day)
        if found and found >= today:
            return found
    return None


def _in_figures(first: int, second: int, year: int, today: date, spanish: bool) -> date | None:
    """Read 12/1 as 1 December; after "el" it may be 12 January, and is the one that is near."""
    readings = [(first, second)] if first <= 12 else [(second, first)]
    if spanish and first <= 12 and second <= 12:
        readings.append((second, first))
    days = {found for month, day in readings if (found := _in_year(month, day, year, today))}
    near = [found for found in days if timedelta(0) <= found - today <= timedelta(days=40)]
    if len(days) > 1:
        return near[0] if len(near) == 1 else None
    return next(iter(days), None)


def _in_year(month: int, day: int, year: int, today: date) -> date | None:
    found = _date(year or today.year, month, day)
    if year == 0 and found and today - found > LONG_GONE:
        # In November "January 5" is the coming one, "November 3" has gone by.
        return _date(today.year + 1, month, day)
    return found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(match: re.Match[str]) -> Time | None:
    kind = match.lastgroup
    if kind == "range":
        first, second = _clock(match["first"]), _clock(match["second"])
        return Time(Sense.RANGE, first, second) if first and second else None
    ends = re.search("before|until|now", match["sense"] or "") is not None
    said, sense = {
        "relation": (match["bound"], Sense.BEFORE if ends else Sense.AFTER),
        "or_later": (match["since"], Sense.AFTER),
        "or_before": (match["by"], Sense.BEFORE),
        "clock": (match["hour"], Sense.AT),
    }[kind or ""]
    clock = _clock(said)
    return Time(sense, clock) if clock else None


def _clock(said: str) -> Clock | None:
    """Read "3", "3:30", "330", "3 30 pm", "noon"; None where there is no such time."""
    if said.startswith("noon"):
        return Clock(12, 0, "pm")
    if said.startswith("midnight"):
        return None
    figures = re.match(r"(\d{1,2})[:. ](\d\d)|(\d{1,2})(\d\d)(?!\d)|(\d{1,2})", said)
    assert figures
    hour, minute = int(figures[1] or figures[3] or figures[5]), int(figures[2] or figures[4] or 0)
    half = re.search(r"\b([ap]m)\b", said)
    if hour > 23 or minute > 59 or said in ("0", "00") or (half and hour < 1):
        return None
    return Clock(hour, minute, half[1] if half and hour <= 12 else None)


def _around_part(side: str, part: str, usual: PartsOfDay) -> Time:
    """Return "after lunch", "before the evening" as a bound."""
    start, end = (usual.ends, usual.ends) if part == "endofday" else usual.minutes(part)
    sense = Sense.BEFORE if side in ("before", "until") else Sense.AFTER
    hour, minute = divmod(start if sense is Sense.BEFORE else end, 60)
    return Time(sense, Clock(hour, minute, ("am" if hour < 12 else "pm") if hour <= 12 else None))
