"""Public suites of time expressions, read as far as they speak of a call in the coming month.

Every parser has its own conventions (how long the morning is, what "this Friday" means on a Friday). The lines where
theirs are not ours are listed with the reason in tests/data/time_suite_exceptions.jsonl; where the lines come from is
in tests/data/README.md.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from triage.hours.window import Window
from triage.reading.times.read_window import Unread, read_window

DATA = Path(__file__).parents[1] / "data"
# Duckling's examples are told two hours west of Greenwich; the others name no zone.
ZONE = ZoneInfo("Etc/GMT+2")


class Line(NamedTuple):
    suite: str
    text: str
    now: datetime
    starts: list[tuple[datetime, str]]  # what is right, each with how fine it is: day or minute; none: not a time


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


EXCEPTIONS = {(row["suite"], row["text"]) for row in rows("time_suite_exceptions")}


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=ZONE, second=0)


def values_lines(suite: str) -> Iterator[Line]:
    """Duckling and chrono: one value a line."""
    for row in rows(suite):
        now = at(row["ref"] or "2013-02-12T04:30:00")
        if row["kind"] == "none":
            yield Line(suite, row["text"], now, [])
        elif not row.get("past"):
            if row.get("grain") in ("second", "week", "month") or (
                row["kind"] == "interval" and row.get("grain") == "day"
            ):
                continue  # a stretch of days is no window to call in; seconds are none either
            fine = "day" if row.get("grain") == "day" or row.get("hour_implied") or names_no_hour(row) else "minute"
            if row["kind"] == "interval" and row.get("end"):
                fine = "part"
            yield Line(suite, row["text"], now, [(at(row["value"]), fine)])


def names_no_hour(row: dict[str, Any]) -> bool:
    """Chrono gives a day without a time the hour of `ref`, or noon."""
    spoken = re.search(r"hour|min|hora|now|noon|medio|sec|\d ?[ap]m", row["text"].lower())
    return row["src"].startswith("test/") and not spoken and row["value"][11:16] in ("12:00", row["ref"][11:16])


def recognizers_lines(suite: str) -> Iterator[Line]:
    """Recognizers-Text: every value a text can have; the first match is the one compared, a day and a time together."""
    for row in rows(suite):
        now = at(row["ref"])
        if any(result["type"] == "daterange" for result in row["results"]):
            continue
        starts = [(at(start), kind) for result in row["results"] for start, kind in recognizers_starts(result, now)]
        yield Line(suite, row["text"], now, starts)


def recognizers_starts(result: dict[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    in_words = not any(map(str.isdigit, result["match"]))
    for value in result["values"]:
        said = value.get("start") or value.get("value") or value["end"]
        if said == value.get("end"):
            fine = "until"
        elif result["type"].endswith("range") and in_words:
            fine = "part"
        else:
            fine = "day" if result["type"] == "date" else "minute"
        yield (
            (f"{now.date()}T{said}", "clock" if fine == "minute" else fine)
            if result["type"].startswith("time")
            else (said, fine)
        )


def is_coming(line: Line) -> bool:
    return any(start.date() >= line.now.date() and start - line.now < timedelta(days=31) for start, _ in line.starts)


def is_right(line: Line, read: Window | Unread) -> bool:
    return isinstance(read, Window) and any(agrees(read, start, fine) for start, fine in line.starts)


def agrees(read: Window, start: datetime, fine: str) -> bool:
    if fine == "day":
        return read.start.date() == start.date()
    if fine == "part":  # how long the morning is, each says for itself
        return read.start < start + timedelta(hours=12) and start < read.end
    if fine == "until":
        return read.end == start
    if fine == "clock":  # a clock time without a day: today's or tomorrow's, at night or by day
        return (read.start - start) % timedelta(hours=12) == timedelta(0)
    # An hour without am or pm is theirs at night, and ours in opening hours.
    return abs(read.start - start) in (timedelta(0), timedelta(hours=12))


SUITES = {
    "en": [
        *values_lines("time_duckling_en"),
        *values_lines("time_chrono_en"),
        *recognizers_lines("time_recognizers_en"),
    ],
    "es": [
        *values_lines("time_duckling_es"),
        *values_lines("time_chrono_es"),
        *recognizers_lines("time_recognizers_es"),
    ],
}


def kept(language: str) -> list[Line]:
    return [line for line in SUITES[language] if (line.suite, line.text) not in EXCEPTIONS]


@pytest.mark.parametrize(("language", "least"), [("en", 0.85), ("es", 0.80)])
def test_times_of_the_coming_month_in_public_suites_are_read_right(language, least):
    coming = [line for line in kept(language) if is_coming(line)]
    wrong = [line.text for line in coming if not is_right(line, read_window(line.text, line.now))]
    assert len(coming) >= 140
    assert 1 - len(wrong) / len(coming) >= least, wrong


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_that_must_not_parse_is_read_as_a_time(language):
    no_times = [line for line in kept(language) if not line.starts]
    assert len(no_times) >= 30
    assert [line.text for line in no_times if isinstance(read_window(line.text, line.now), Window)] == []


def test_every_exception_is_a_line_of_its_suite_and_has_a_reason():
    known = {(line.suite, line.text) for lines in SUITES.values() for line in lines}
    for row in rows("time_suite_exceptions"):
        assert (row["suite"], row["text"]) in known
        assert row["reason"]


def test_bare_answers_to_a_booking_question_are_read_as_times():
    """Restaurant guests asked for the time only; what they mean by "half 7" is theirs, that it is a time is plain."""
    now = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("America/Phoenix"))
    answers = [row["text"] for row in rows("time_spans_restaurant8k") if row["spans"].get("time") == row["text"]]
    unread = [text for text in answers if not isinstance(read_window(text, now), Window)]
    assert len(answers) >= 40
    assert len(unread) / len(answers) <= 0.1, unread
