"""What one find of `triage._time_grammar` means: a day, a clock time, a part of the day, or how long from now."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from triage.reading.times.grammar import NAMED_ZONE, ZONES


@dataclass(frozen=True)
class Clock:
    """An hour as said; `half` is "am" or "pm" where the words tell."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True)
class Time:
    """kind: at, after, before or range; `end` for a range only; `zone` where one is named."""

    kind: str
    clock: Clock
    end: Clock | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Mark:
    """One thing said about time.

    kind and value: day (the date; None where the words determine none), time (Time), part (its name),
    offset (the timedelta from now), open (as soon as you can), vague ("later"), same_time and
    after_that (what points to a time named before; the value of the latter is its side, "after" or "before").
    wish: 3 in a clause that asks for the call, 2 in a plain one, 1 where the speaker's own day is told ("I work
    until 3"). segment: how many corrections ("no wait", "actually") came before. joined: "or", "and" or "," where only
    that stands between this and the mark before it.
    """

    kind: str
    value: date | Time | str | timedelta | None
    start: int
    end: int
    clause: int
    segment: int = 0
    negative: bool = False
    wish: int = 2
    joined: str = ""


def mark_of(match: re.Match[str], today: date) -> Mark | None:
    """The mark of one find, None for the little words between; its place in the text is filled in by the caller."""
    kind = match.lastgroup
    value: date | Time | str | timedelta | None = None
    if kind in ("offset", "soon_minutes", "within"):
        kind, value = "within" if kind == "within" else "offset", _length(match[0])
    elif kind in (
        "day_offset",
        "weekday_phrase",
        "month_day",
        "figures",
        "relative",
        "day_of_month",
        "vague_day",
        "days_on_end",
        "deadline",
    ):
        kind, value = "day", _day(match, today)
    elif kind in ("range", "relation", "or_later", "or_before", "clock"):
        value = _time(match)
        # "At 25:00" is a slip that has to be asked about, a mere 99 is no time.
        kind = "time" if value else "vague_time" if re.search(r"\bat\b|:|oclock|[ap]m", match[0]) else "vague"
    elif kind == "around_part":
        kind, value = "time", _around_part(match["side"], match["bound_part"])
    elif kind == "after_work":
        kind, value = "part", "evening"
    elif kind in ("part", "edge"):
        kind, value = "part", match[0]
    elif kind == "other_time":
        kind = "vague_time"
    elif kind == "moved_from":
        if _MOVES.search(match.string):
            return None
        kind = "vague_time"  # "from Monday to Wednesday" is a stretch of days
    elif kind == "after_that":
        value = "before" if match[0].startswith("before") else "after"
    elif kind not in ("open", "vague", "same_time"):
        return None
    end = match.end()
    if isinstance(value, Time):
        zone = NAMED_ZONE.match(match.string, end)
        if zone and (name := ZONES.get(zone["hour_of"] or zone["zone"])):
            value, end = replace(value, zone=name), zone.end()
        elif match.string.startswith((" my time", " our time"), end) and (home := _HOME_ZONE.search(match.string)):
            value, end = replace(value, zone=ZONES[home["zone"]]), end + len(" my time")
    return Mark(kind, value, match.start(), end, clause=0)


_HOME_ZONE = re.compile(rf"(?<!\S)(?:in|on) (?:the )?(?P<zone>{'|'.join(ZONES)})(?!\S)")

_MOVES = re.compile(r"(?<!\S)(?:mov|switch|chang|push|resched|swap|shift|bump|cambi|pasa|mover)")


def _length(said: str) -> timedelta:
    """ "a hour and half", "half a hour", "20w minutes" as a timedelta."""
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
    """The day meant; None where the words determine none ("next week", the 30th of February)."""
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
    return _dated(said, today)


def _counted(said: str, today: date) -> date | None:
    """ "in 3 days", "a week from wd4", "2 days after tomorrow", "of today in 8w" (a week, as Spanish counts)."""
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


def _days_until(weekday: int, today: date) -> int:
    """Days to the coming weekday; its name said on the day itself means the next one."""
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
    """A date in words or figures; without a year the one not long gone, without a month the coming one."""
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
    """12/1 is 1 December; after "el" it may be 12 January, and is the one that is near."""
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
    if year == 0 and found and today - found > timedelta(days=180):
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
        return Time("range", first, second) if first and second else None
    said, sense = {
        "relation": (match["bound"], "before" if re.search("before|until|now", match["sense"] or "") else "after"),
        "or_later": (match["since"], "after"),
        "or_before": (match["by"], "before"),
        "clock": (match["hour"], "at"),
    }[kind or ""]
    clock = _clock(said)
    return Time(sense, clock) if clock else None


def _clock(said: str) -> Clock | None:
    """ "3", "3:30", "330", "3 30 pm", "noon"; None where there is no such time."""
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


def _around_part(side: str, part: str) -> Time:
    """ "after lunch", "before the evening" as a bound."""
    starts = {"lunch": 12, "endofday": 17, "morning": 9, "afternoon": 12, "evening": 17}
    ends = {"lunch": 13, "endofday": 17, "morning": 12, "afternoon": 17, "evening": 20}
    hour = starts[part] if side in ("before", "until") else ends[part]
    return Time("before" if side in ("before", "until") else "after", Clock(hour, 0, "pm" if hour == 12 else None))
