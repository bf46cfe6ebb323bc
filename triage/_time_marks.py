"""Finds what speaks of time in a text: days, clock times, parts of the day, and what takes them back.

Reads the vocabulary of `triage._time_words`. A mark says what the words mean, not yet when that is.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from triage._time_vocabulary import UNITS
from triage._time_words import canonical

# Every find is held against the others, so their number bounds the work; nobody's wish has more.
MOST_FINDS = 100

_CLOCK = (
    r"(?:\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\.\d\d|\d{3,4}(?![./:])|\d{1,2}w? \d\d(?![\w:./])|\d{1,2}w?(?![:./\w])|noon"
    r"|midnight)"
    r"(?: oclock)?(?: ~)?(?: (?:am|pm)\b)?(?: oclock)?"
)
_AT = r"(?:(?:a|at|las|for|to|~|the(?= 1w?\b)) ){0,3}"
_MONTH_DAY = (
    r"(?:(?!mon5 \d+w)mon\d+ (?:the )?\d{1,2}(?:th|w)?|(?:the |on |days ){0,3}(?:\d{1,2}(?:th)?(?: of)?"
    r"|\d{1,2}w of) (?:on )?mon\d+)(?:(?: ,| of)? 20\d\d(?!\w))?"
)
_FIGURES = r"\d{1,2}/\d{1,2}(?:/\d{4})?"
_DAY_OF_MONTH = (
    r"(?:(?:the |on |days ){0,3}\d{1,2}th|(?:on (?:the )?days|on(?: the)?) \d{1,2}w?(?![:./\w])|(?:(?<=\dw )"
    r"|(?<=[ap]m )|(?<= \d )|(?<=:\d\d ))of(?: the)? \d{1,2}w?(?![:./\w]| (?:a|to|-|until|[ap]m)\b))(?: of (?:the"
    r"|this|next) (?:coming )?month)?"
)
_WEEK = (
    r"(?:(?:the )?week after next|(?:the )?(?:next|coming) week|(?:the )?week (?:next|coming)|(?:this|the) week"
    r"|last week|week last)"
)
_WEEKDAY = (
    rf"(?:(?P<week_before>{_WEEK}) (?:, )?(?:on )?(?:the )?)?(?:the )?(?P<which>(?:this |next |coming "
    rf"|last ){{0,3}})(?P<weekday>wd\d)"
    rf"(?P<which_after>(?: (?:next|last|coming)(?! week))*)(?:(?: ,)?(?: (?:of|in|on))* (?P<week_after>{_WEEK}))?"
    rf"(?:(?: ,)?(?: on| the| days){{0,3}} (?P<its_date>{_MONTH_DAY}|{_FIGURES}|\d{{1,2}}th(?: of (?:the"
    rf"|this) month)?|(?:1[3-9]|2\d|3[01])w?(?![:./\w])))?"
)
_AMOUNT = r"(?:half a|a half|half|a quarter of a|quarter of a|a|the|\d/\d|\d{1,3}w? and (?:a )?half|\d{1,3}w?)"
_LENGTH = rf"{_AMOUNT} (?:more )?(?:hours?|minutes)(?: and (?:a )?half| and \d{{1,2}}w? minutes)?"
_PART = (
    "earlymorning|midmorning|latemorning|earlyafternoon|midafternoon|lateafternoon|earlyevening|lateevening"
    "|morning|afternoon|evening|firstthing|endofday|lunch|dawn"
)
_NAMED_ZONE = re.compile(
    r" (?:\( )?(?:hour of (?:the )?(?P<hour_of>this|centro|montana|pacifico|arizona|california|texas|\w+ \w+)"
    r"|(?:in )?(?P<zone>eastern|east coast|edt|est|et|central|cst|cdt|ct|mountain|mst|mdt|mt|pacific|west coast|pst"
    r"|pdt|pt"
    r"|arizona|alaska|hawaii|gmt|utc|bst|cet|ist|new york|california|texas|chicago)(?: standard"
    r"| daylight)?(?: (?:time|hour))?)(?: \))?(?!\S)"
)
ZONES = {
    name: zone
    for zone, names in {
        "America/New_York": "eastern|east coast|this|edt|est|et|new york|nueva york",
        "America/Chicago": "central|centro|cst|cdt|ct|texas|chicago",
        "America/Denver": "mountain|montana|mst|mdt|mt",
        "America/Los_Angeles": "pacific|west coast|pacifico|pst|pdt|pt|california",
        "America/Phoenix": "arizona",
        "America/Anchorage": "alaska",
        "Pacific/Honolulu": "hawaii",
        "Etc/GMT-1": "bst|cet",
        "Asia/Kolkata": "ist",
        "UTC": "gmt|utc",
    }.items()
    for name in names.split("|")
}

# What is looked for at each word; of several that fit, the first.
_GRAMMAR = {
    "within": rf"within (?:~ )?{_LENGTH}|in (?:the |on )?next {_LENGTH}",
    "offset": rf"in (?:~ )?{_LENGTH}|{_LENGTH} (?:from now|out)|from now {_LENGTH}|\+ {_LENGTH}",
    "soon_minutes": r"in (?:~ )?(?:5|10|15|20|25|30|40|45|50|60)w?(?= [.,!?]| please|$)",
    "day_offset": r"in (?:~ )?(?:a|\d+w?) (?:days|weeks?)(?: from now)?|\d+w? dayafter|(?:a|\d+w?) (?:days"
    r"|weeks?) from now"
    r"|(?:a|\d+w?) wd\d from (?:now|today)|from now (?:in )?(?:a|\d+w?) (?:days|weeks?)"
    r"|(?:a|\d+w?) (?:days|weeks?) (?:from|after) (?:today|tomorrow|(?:on )?wd\d)|week from (?:today|tomorrow|wd\d)",
    "weekday_phrase": _WEEKDAY,
    "days_on_end": rf"{_MONTH_DAY} (?:-|to|and) \d{{1,2}}(?:th)?(?! (?:am|pm))|\d{{1,2}}(?:th)? (?:-|to|and"
    rf"|a) {_MONTH_DAY}",
    "month_day": _MONTH_DAY,
    "figures": rf"(?:on )?{_FIGURES}",
    "relative": r"(?:the )?(?:today|tomorrow|dayafter|yesterday)",
    "day_of_month": _DAY_OF_MONTH,
    "vague_day": rf"{_WEEK}|week of(?: the)?(?: mon\d+)?(?: \d{{1,2}}(?:th)?)?|within (?:a|\d+w?) (?:days|weeks?)"
    rf"|(?:this |the |next ){{0,3}}weekend|(?:next|this|last|coming|in) month|in mon\d+"
    r"|(?:the )?(?:next|coming) \d+w? days|in weeks",
    "range": rf"(?P<opened>(?:from|between|of) )?{_AT}(?P<first>{_CLOCK}) (?P<joint>to|-|until|and"
    rf"|a) {_AT}(?P<second>{_CLOCK})",
    "relation": rf"(?P<sense>after|past|from|before|until|(?:between|from|of) now (?:and|to|until|-)) (?:~ "
    rf"|the ){{0,3}}{_AT}(?P<bound>{_CLOCK})"
    r"(?: onward| on\b(?! (?:the|wd|mon|\d|days)))?",
    "or_later": rf"{_AT}(?P<since>{_CLOCK}) (?:onward|\+(?! \d))",
    "or_before": rf"{_AT}(?P<by>{_CLOCK}) orbefore",
    "around_part": r"(?P<side>after|past|before|until) (?:the |my ){0,3}(?P<bound_part>lunch|endofday|morning"
    r"|afternoon|evening)",
    "moved_from": rf"from (?:the |on |my ){{0,2}}(?:{_PART}|wd\d|today|tomorrow)(?= (?:to|a|for|until) )",
    "after_work": r"afterwork",
    "other_time": r"beforework|(?:after|before|until|from) (?:on |the ){0,3}(?=wd\d|today|tomorrow|mon\d|\d+th)",
    "part": _PART,
    "edge": r"early|late|am|pm|eve",
    "clock": rf"(?P<lead>{_AT})(?P<hour>{_CLOCK})",
    "open": r"asap|now|soon|anytime",
    "vague": r"later|sometime",
    "against": r"not|except|busy",
    "bad": r"bad",
    "no": r"no",
    "fix": r"fix",
    "stop": r"[.,;!?()]|but|say|and(?= (?:i|im|i'm|my|he|she|we|they|please|can|call|could|luego|mi|yo|then)(?!\S))",
}
_SCAN = re.compile(r"(?<!\S)(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _GRAMMAR.items()) + r")(?!\S)")


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
    offset (the timedelta from now), open (as soon as you can), vague ("later").
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


@dataclass(frozen=True)
class _Clause:
    start: int
    end: int
    segment: int
    found: tuple[re.Match[str], ...]


def marks_in(text: str, today: date) -> list[Mark]:
    """What a text says about time, in its order; nothing the speaker only tells of ("my phone died yesterday")."""
    words = " ".join(canonical(text))
    clauses = _clauses(words)
    if not any(clause.found for clause in clauses):
        return []
    marks = [mark for number, clause in enumerate(clauses) for mark in _read_clause(words, clause, number, today)]
    standing = [mark for mark in marks if _stands(words, mark, marks, clauses[mark.clause], today)]
    told = [mark for mark in standing if mark.wish > 0]
    return [replace(mark, joined=_joint(words, mark, told[:number])) for number, mark in enumerate(told)]


def _joint(words: str, mark: Mark, before: list[Mark]) -> str:
    """What joins a mark to the one of its kind before it: "or", "and", ",", else nothing."""
    last = max((other.end for other in before if other.kind == mark.kind), default=None)
    if last is None:
        return ""
    between = words[last : mark.start]
    for other in reversed(before):
        if other.start >= last:
            between = words[last : other.start] + words[other.end : mark.start]
    found = between.split()
    if not all(word in _KNOWN for word in found):
        return ""
    return next((joint for joint in ("or", "and", ",") if joint in found), "")


def _clauses(words: str) -> list[_Clause]:
    """Cut at punctuation, "but", "so", "and I", and at corrections; a correction opens a new segment."""
    clauses: list[_Clause] = []
    found: list[re.Match[str]] = []
    start = segment = 0
    for match in islice(_SCAN.finditer(words), MOST_FINDS):
        corrects = match.lastgroup == "fix" or (match.lastgroup == "no" and _corrects(words, match, clauses, found))
        if corrects or match.lastgroup == "stop":
            clauses.append(_Clause(start, match.start(), segment, tuple(found)))
            start, found, segment = match.end(), [], segment + corrects
        else:
            found.append(match)
    clauses.append(_Clause(start, len(words), segment, tuple(found)))
    return clauses


def _corrects(words: str, no: re.Match[str], clauses: list[_Clause], found: list[re.Match[str]]) -> bool:
    """Whether "no" takes back what was said before: "at 3, no, at 4", not "mondays no"."""
    ends_its_clause = re.match(r" ?(?:[.,;!?]|but|$)", words[no.end() :]) is not None
    return bool(clauses and any(clause.found for clause in clauses) and not found) or bool(
        found and not ends_its_clause
    )


def _read_clause(words: str, clause: _Clause, number: int, today: date) -> list[Mark]:
    """The marks of one clause, with who says them and what "not" does to them."""
    said = words[clause.start : clause.end]
    wish = _wish(said)
    marks = []
    for match in clause.found:
        mark = _mark(match, today)
        if mark is not None:
            marks.append(replace(mark, clause=number, segment=clause.segment, wish=wish))
    for match in clause.found:
        marks = _taken_back(match, marks)
    if wish == 1:
        marks = _free_afterwards(marks)
    return marks


def _wish(said: str) -> int:
    """How plainly a clause asks for the call (see Mark); 0 where it only tells of something."""
    if _CALL_THAT_WAS.search(said):
        return 0
    if _WISH.search(said):
        return 3
    if _OWN_DAY.search(said):
        return 1
    return 0 if _TOLD.search(said) else 2


def _taken_back(match: re.Match[str], marks: list[Mark]) -> list[Mark]:
    """Mark as negative what "not", "except" or "doesn't work" speaks of."""
    before = [mark for mark in marks if mark.end <= match.start()]
    after = [mark for mark in marks if mark.start >= match.end()]
    if match.lastgroup == "against":
        restart = _RESTART.match(match.string, match.end())
        scope = restart.end() if restart else len(match.string)
        concerned = [mark for mark in after if mark.start < scope] or ([] if after else before)
    elif match.lastgroup == "bad":
        concerned = before or after
    elif match.lastgroup == "no":
        concerned = before or [mark for mark in after[:1] if mark.start <= match.end() + 1]
    else:
        return marks
    if any(_flips(mark) for mark in concerned):
        # "Not tomorrow before 10" leaves tomorrow, from 10 on.
        return [_flipped(mark) if mark in concerned and _flips(mark) else mark for mark in marks]
    return [replace(mark, negative=True) if mark in concerned else mark for mark in marks]


# "I can't talk now, try me after five": what is refused ends where something is asked for.
_RESTART = re.compile(r"(?: \S+){1,40}? (?:try|call|ring|phone|text|llamen|llamenme|llameme|marquenme|can|could)(?!\S)")


def _flips(mark: Mark) -> bool:
    return isinstance(mark.value, Time) and mark.value.kind in ("after", "before")


def _flipped(mark: Mark) -> Mark:
    time = mark.value
    assert isinstance(time, Time)
    return replace(mark, value=replace(time, kind="before" if time.kind == "after" else "after"))


def _free_afterwards(marks: list[Mark]) -> list[Mark]:
    """ "I work until 3", "I get off at 4": free after that. Of any other hours of work nothing follows."""
    times = [mark.value for mark in marks if isinstance(mark.value, Time)]
    if not times or times[0].kind not in ("at", "before"):
        return [replace(mark, negative=True) for mark in marks]
    return [
        replace(mark, value=replace(mark.value, kind="after")) if isinstance(mark.value, Time) else mark
        for mark in marks
    ]


def _mark(match: re.Match[str], today: date) -> Mark | None:
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
    elif kind not in ("open", "vague"):
        return None
    end = match.end()
    if isinstance(value, Time):
        zone = _NAMED_ZONE.match(match.string, end)
        if zone and (name := ZONES.get(zone["hour_of"] or zone["zone"])):
            value, end = replace(value, zone=name), zone.end()
    return Mark(kind, value, match.start(), end, clause=0)


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
    if kind in ("vague_day", "days_on_end"):
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
    """ "in 3 days", "a week from wd4", "2 days after tomorrow"."""
    number = re.search(r"\b(\d+)w?\b", said.replace("wd", "wd_"))
    days = (int(number[1]) if number else 1) * (7 if "week" in said else 1)
    anchor = re.search(r"(?:from|after) (today|tomorrow|wd\d)", said)
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


# ---- which of them stand


def _stands(words: str, mark: Mark, marks: list[Mark], clause: _Clause, today: date) -> bool:
    """Whether this is a time at all. A bare number needs company ("2 kids" is none), "now" a wish."""
    said = words[mark.start : mark.end]
    following = words[mark.end :].split(maxsplit=3)[:2]
    if mark.kind in ("time", "vague") and _counts_things(following):
        return False
    if mark.kind == "open":
        # "Now" is in every second sentence: it counts where little else is said.
        most = 2 if mark.wish == 3 else 0
        return _unknown(words, clause, marks) <= (most + 3 if said == "asap" else most)
    if mark.kind == "part":
        return _part_stands(words, mark, marks, clause)
    if mark.kind == "day" and re.fullmatch(r"(?:on )?\d{1,2}/\d{1,2}", said):
        return mark.value is not None and (said.startswith("on ") or _has_company(words, mark, marks))
    if mark.kind == "day" and re.fullmatch(r"(?:(?:the|on|of|days) )*\d{1,2}(?:th|w)?", said):
        if re.fullmatch(r"\d{1,2}th", said) and _unknown(words, clause, marks):
            return False  # "do I need pills 1st"
        return not following or following[0] in _KNOWN or _begins_a_mark(mark.end + 1, marks)
    if isinstance(mark.value, date) and mark.value < today and mark.wish < 3 and _unknown(words, clause, marks):
        return False  # told, not wished: "since the infusion yesterday"
    if mark.kind == "day" and _preceded_by(words, mark, r"(?:soy|llamo|llama|named|name is|nombre es)(?: on)?"):
        return False
    if isinstance(mark.value, Time):
        return _time_stands(words, said, mark, marks)
    return True


def _counts_things(following: list[str]) -> bool:
    """ "3 kids", "2 more weeks", "10 - x": the number is no hour."""
    if len(following) == 2 and following[0] in ("next", "last", "more", "-", ":", "/"):
        return following[1] in UNITS or following[0] in ":/"
    if following and following[0] == "of":
        return len(following) < 2 or not re.match(r"\d|the|this|days|wd|today|tomorrow|dayafter|mon", following[1])
    return bool(following) and following[0] in UNITS


def _part_stands(words: str, mark: Mark, marks: list[Mark], clause: _Clause) -> bool:
    said = words[mark.start : mark.end]
    if (
        mark.start == 0
        and re.match(r" [,!.]", words[mark.end :])
        and len(marks) > 1
        and said in ("morning", "afternoon", "evening")
    ):
        return False  # a greeting
    beside = any(other.kind in ("day", "time") and _adjacent(words, mark, other) for other in marks)
    if said in ("early", "late", "am", "pm", "eve"):
        return any(other.kind == "day" and _adjacent(words, mark, other) for other in marks) and not mark.negative
    return beside or mark.wish == 3 or _unknown(words, clause, marks) <= 1


def _time_stands(words: str, said: str, mark: Mark, marks: list[Mark]) -> bool:
    time = mark.value
    assert isinstance(time, Time)
    if re.search(r"\b20[0-4]\d\b", said) or _preceded_by(words, mark, r"-|/|:|x -"):
        return False
    if _preceded_by(words, mark, "days") and not any(other.end == mark.start - 1 for other in marks):
        return False  # "day 11" of something
    if re.search(r"\b[ap]m\b|oclock|noon|:\d\d", said) or time.zone:
        return True
    if time.kind == "range":
        if " and " in said and not said.startswith("between"):
            return False
        opened = said.startswith(("between", "from", "of", "at ", "a at ", "las ", "a las "))
        return opened or _has_company(words, mark, marks)
    if time.kind in ("after", "before"):
        return not re.fullmatch(r"from \d+w?", said) or _has_company(words, mark, marks) or _ends(words, mark)
    return said.startswith(("at ", "a at ", "a las ", "~ las ")) or " at " in said or _has_company(words, mark, marks)


def _has_company(words: str, mark: Mark, marks: list[Mark]) -> bool:
    """A day or a correction right beside the number, or nothing unknown in the whole text."""
    for other in marks:
        # "3 nights" is a number of nights; "the evening at 7" and "8 tomorrow" are hours.
        counted = other.kind == "part" and other.start == mark.end + 1 and " " not in words[mark.start : mark.end]
        if other.kind in ("day", "part") and _adjacent(words, mark, other) and not counted:
            return True
    if re.match(
        r"(?: ~)? (?:works|is (?:good|fine|best|great|ok|perfect)|would (?:be|work)|please|is better)\b",
        words[mark.end :],
    ):
        return True
    if mark.segment and _preceded_by(words, mark, r"fix(?: ,)?"):
        return True
    if _preceded_by(words, mark, r"(?:call|ring|phone) me|so|but|say") and _ends(words, mark):
        return True
    if "~" in words[mark.start : mark.end].split() and _ends(words, mark):
        return True
    return not _unknown(words, _Clause(0, len(words), 0, ()), marks) and _plausible_alone(words[mark.start : mark.end])


def _plausible_alone(said: str) -> bool:
    """ "930" and "1415" alone are times; "555" or "480" is more likely the start of a telephone number."""
    digits = re.search(r"\d{3,}", said)
    return digits is None or digits[0][-2:] in ("00", "15", "30", "45")


def _ends(words: str, mark: Mark) -> bool:
    """Nothing unknown follows the mark before the next stop."""
    rest = words[mark.end :].split()
    return not rest or rest[0] in _KNOWN or rest[0] in ".,;!?()"


def _preceded_by(words: str, mark: Mark, pattern: str) -> bool:
    return re.search(rf"(?:^| )(?:{pattern}) ?$", words[: mark.start]) is not None


def _begins_a_mark(at: int, marks: list[Mark]) -> bool:
    return any(other.start == at for other in marks)


def _adjacent(words: str, one: Mark, other: Mark) -> bool:
    first, second = sorted((one, other), key=lambda mark: mark.start)
    return first is not second and all(word in _BETWEEN for word in words[first.end : second.start].split())


def _unknown(words: str, clause: _Clause, marks: list[Mark]) -> int:
    """How many words of the clause are neither about time nor little words around it."""
    inside = [mark for mark in marks if clause.start <= mark.start < clause.end]
    starts = [clause.start, *(mark.end for mark in inside)]
    ends = [*(mark.start for mark in inside), clause.end]
    between = (words[start:end].split() for start, end in zip(starts, ends, strict=True))
    return sum(word not in _KNOWN for words_between in between for word in words_between)


_BETWEEN = frozenset(", on at for in the say ~ of a and - ( ) is works good break".split())
_KNOWN = frozenset(
    """, . ; ! ? ( ) - : & ~ at on in the a of for to and or but so say fix works this that thats that's it its it's
    is be am are
    i im i'm id i'd ill i'll ive i've me my we us you u ur your our they someone somebody anyone
    yes yeah yep yea ya yup ok okay k sure hi hello hey dear thanks thank thx ty please pls plz plse pleas kindly hmm
    oh well
    would will could can do does did if possible work working good best better great fine perfect ideal cool awesome
    wonderful
    lovely free available open call called calls calling callback ring phone reach contact text talk speak chat try
    back again
    lets let's let make guess think prefer preferred want need like id time times day days date slot when what how about
    around hopefully either also too only really very most more much there here with by from any all some one two
    later not no
    today anytime between after before until past off am pm hours hour minutes number same line cell home
    break it'll that'll thatll suits suit perfectly okey sounds sounds then
    si favor gracias hola buenos puede pueden puedo podria podrian quiero quisiera me te le les nos mi su llamen llame
    llamenme
    llameme llamar llamarme llamada llama bien libre disponible esta este estoy estaria seria es sea que a y o ni con
    si gustaria
    prefiero perfecto vale bueno claro sirve conviene queda hablar tengo tiempo horario gusta va funciona pues
    entonces ahi hora
    unos unas uno mejor dia dias solo tambien muy mas""".split()
)
_WISH = re.compile(
    r"""(?<!\S)(?:(?:call|ring|phone|text|reach|contact|try|buzz|dial)(?!ed)(?:\ (?:me|us|her|him|back|my|them)
      |(?=\ (?:at|on|,|\.|~|tomorrow|today|wd|back))|$)
    |a\ call|the\ call|call-back|callback|calls?\ back|my\ call|calling|phone\ call|talk|speak|chat|hear\ from
    |works?(?=\ (?:for\ me|best|better|well|great|fine|$|[.,!?]))|works|good|best|better|great|fine|perfect|ideal
      |free|available|availability
    |please|pls|plz|prefer\S*|lets|let's|say|hoping|hope|wondering|thinking|would|wanna|want|wants|need|schedule
      |can\ you|can\ u|could
    |can\ (?:someone|somebody|we|they|she|he|the)|ok|okay|sounds|suits?|shall
    |hacer|agend\w+|program\w+|reserv\w+|llam(?:en|e|ar|ada|enme|eme|arme|arla|arlo|enlo|enla|arnos|alo|ame|adme|eis
      |an|arle)|habl(?:ar|emos|amos)|puedo|pueden?|podria\w*|prefiero|prefiere
    |bien|perfecto|libre|disponible|gustaria|quiero|quisiera|favor|sirve|conviene|seria|queda|funciona|contact(?:en
      |ar|arme|enme)|vale|marquenme|marcar|marquen)(?!\S)""",
    re.X,
)
_CALL_THAT_WAS = re.compile(
    r"(?<!\S)(?:supposed to|missed (?:your|the|a|my) call|(?:never|nobody|no one|didnt|didn't) (?:got a call"
    r"|call(?:ed)?)"
    r"|me iban a|quedaron en)(?!\S)"
)
_OWN_DAY = re.compile(
    r"(?<!\S)(?:i|im|i'm|he|she|we) (?:am |usually )?(?:at |in )?(?:works?|working|get off|get out|get home|get done"
    r"|get back|finish|done|off)"
    r"(?!\S)|(?<!\S)(?:get off|gets off|off work|out of work|salgo|trabajo|termino|llego a casa"
    r"|estoy en at trabajo)(?!\S)"
)
_TOLD = re.compile(
    r"""(?<!\S)(?:was|were|had|did|died|told|went|took|began|got(?!\ (?:time|a\ break|nothing))|said|saw|felt|ago
      |been|since|gave|came|left|lost|heard
    |(?!need|wed|retired|interested|preferred|confused|scared|tired)\w{2,}ed|has|have\ (?:a|my|an|tms|to|surgery
      |class|school|work|therapy|\d\w*)(?!\ (?:break|few|moment|minute|free|gap|window|opening|lunch|bit))
    |my\ (?:appointment|appt|session|infusion|treatment|shift|birthday|surgery|procedure|wife's|flight|next|first
      |last|phone|tms|ketamine|meeting|class)
    |naps?|sleeps?|starts?|ends|opens?|closes?|closed|seeing|every|old|daily|usually|are\ you|your\ hours|hours\ on
      |there's
      |kids|hurts?|headaches?|dizzy|pain|worse|nausea\w*|sick|duele\w*
    |(?!quieran)\w{2,}(?:aron|ieron)|threw|fell|broke|quit|woke|met|spoke|tuve|fue|desde|hace|murio|termine|empece
      |empezo|cita|dijo|dijeron|tenia|tengo\ (?:que|mucho|a|cita|trabajo)|cumplo
      |estaba|estuve|llamaron|abren|cierran|abierto|hice|hicieron|tome|me\ siento)(?!\S)""",
    re.X,
)
