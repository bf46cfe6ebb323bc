"""Words to a call window: examples with the clinic's conventions, and what holds for any text at all."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.hours.opening import OpeningHours
from triage.hours.window import Window, at_local
from triage.policy import USUAL_PARTS
from triage.reading.call_times import time_in
from triage.reading.times import clauses, mentions, spelling
from triage.reading.times.grammar import SCAN
from triage.reading.times.marks import MarkKind
from triage.reading.times.read_window import Unread, read_window
from triage.reading.times.values import mark_of
from triage.words.plain_letters import LONGEST

DATA = Path(__file__).parents[1] / "data"
PHOENIX = ZoneInfo("America/Phoenix")
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=PHOENIX)
US_ZONES = ["Phoenix", "New_York", "Chicago", "Denver", "Los_Angeles", "Anchorage", "Puerto_Rico", "Adak", "Boise"]
CLOCKS_CHANGE = [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)]


def examples(name: str) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


FILES = ("times.jsonl", "times_more.jsonl", "times_texted.jsonl")

EXAMPLES = [line for name in FILES for line in examples(name)]


def read(text: str, now: datetime = MONDAY) -> tuple[str, str] | Unread:
    window = read_window(text, now)
    return (f"{window.start:%m-%dT%H:%M}", f"{window.end:%m-%dT%H:%M}") if isinstance(window, Window) else window


@pytest.mark.parametrize("name", FILES)
def test_the_examples_are_read_exactly(name):
    wrong = []
    lines = examples(name)
    for line in lines:
        window = read_window(line["text"], datetime.fromisoformat(line["now"]).replace(tzinfo=PHOENIX))
        bounds = (window.start, window.end) if isinstance(window, Window) else ()
        if [bound.strftime("%Y-%m-%dT%H:%M") for bound in bounds] != [
            bound for bound in (line["start"], line["end"]) if bound
        ]:
            wrong.append(line["text"])
    assert 1 - len(wrong) / len(lines) >= 0.97, wrong


@pytest.mark.parametrize("text", [line["text"] for line in EXAMPLES if line["start"] is None])
def test_where_no_time_is_meant_none_is_read(text):
    assert isinstance(read_window(text, MONDAY), Unread)


@pytest.mark.parametrize(
    "text", ["", "ketamine", "602-555-0134", "It cost $250 for 3 sessions", "my son is 18 years old"]
)
def test_a_text_without_a_time_is_nothing(text):
    assert read_window(text, MONDAY) is Unread.NOTHING


@pytest.mark.parametrize(
    "text", ["any day but friday", "next week", "not tomorrow", "february 30th", "later", "mañana no"]
)
def test_words_of_time_that_determine_none_are_unclear(text):
    assert read_window(text, MONDAY) is Unread.UNCLEAR


@pytest.mark.parametrize(
    "text", ["yesterday at 3", "last friday", "today at 9", "nov 20 at 10", "ayer", "this morning at 9"]
)
def test_a_time_gone_by_is_past(text):
    assert read_window(text, MONDAY) is Unread.PAST


def test_a_time_without_a_day_that_is_over_today_is_tomorrows():
    late = MONDAY.replace(hour=16, minute=40)
    assert read("10 am", late) == ("11-24T10:00", "11-24T11:00")
    assert read("before 2", late) == ("11-24T09:00", "11-24T14:00")
    assert read("in the morning", late) == ("11-24T09:00", "11-24T12:00")


@pytest.mark.parametrize("text", ["thanksgiving morning", "the day after thanksgiving at 10", "black friday at 10"])
def test_a_holiday_that_has_just_been_does_not_mean_that_of_the_next_year(text):
    assert read(text, MONDAY.replace(day=29)) is Unread.PAST


def test_a_part_of_the_day_that_is_over_today_is_past_if_today_is_named():
    assert read("this morning", MONDAY.replace(hour=16)) is Unread.PAST


@pytest.mark.parametrize(
    ("text", "day"),
    [("monday", "11-30"), ("this monday at 4", "11-23"), ("next monday", "11-30"), ("next sunday", "12-06")],
)
def test_a_weekday_said_on_that_day_is_the_next_weeks_unless_this_is_said(text, day):
    assert read(text)[0].startswith(day)


def test_the_hour_of_a_named_zone_is_turned_into_the_clinics():
    assert read("tomorrow at 3pm eastern") == ("11-24T13:00", "11-24T14:00")
    assert read("mañana a las 3 hora del pacífico") == ("11-24T16:00", "11-24T17:00")


DAYS = {"tomorrow": 24, "wednesday": 25, "sat": 28, "the 27th": 27, "nov 30": 30, "el miércoles": 25, "sábado": 28}
TIMES = {
    "at 3": "15:00 16:00",
    "after 2 pm": "14:00 17:00",
    "before noon": "09:00 12:00",
    "between 1 and 3": "13:00 15:00",
    "first thing": "09:00 10:00",
    "after work": "17:00 20:00",
    "until 2": "09:00 14:00",
    "at quarter to three": "14:45 15:45",
    "a las dos y media": "14:30 15:30",
    "por la mañana": "09:00 12:00",
    "entre la 1 y las 3": "13:00 15:00",
    "a partir de las 2": "14:00 17:00",
}


ORDERS = ["{day} {time}", "{time} {day}", "{day}, {time}", "can you call me {day} {time} please"]


@pytest.mark.parametrize("order", ORDERS)
def test_a_day_and_a_time_are_read_in_any_order(order):
    for day, number in DAYS.items():
        for words, bounds in TIMES.items():
            text = order.format(day=day, time=words)
            assert read(text) == tuple(f"11-{number}T{bound}" for bound in bounds.split()), text


def test_an_hour_that_is_nearest_in_the_morning_is_tomorrows_unless_today_is_named():
    assert read("8") == ("11-24T08:00", "11-24T09:00")
    assert read("today at 8") == ("11-23T20:00", "11-23T21:00")


def test_what_is_refused_ends_where_something_is_asked_for():
    assert read("i can't take the call right now try me after five") == ("11-23T17:00", "11-23T20:00")


def test_a_call_moved_from_one_day_to_another_is_on_the_other():
    assert read("can you move my call from tuesday to friday") == ("11-27T09:00", "11-27T17:00")
    assert read("from monday to wednesday") is Unread.UNCLEAR


def test_a_time_in_an_aside_gives_way_to_the_one_that_is_asked_for():
    assert read("tomorrow at 1 because at 2 i start work") == ("11-24T13:00", "11-24T14:00")
    assert read("tomorrow at one if the nurse isn't busy") == ("11-24T13:00", "11-24T14:00")
    assert read("fri at 2 but if the doctor is out then mon at 3") == ("11-27T14:00", "11-27T15:00")
    assert read("my daughter gets here at 2 so 2:15 tomorrow") == ("11-24T14:15", "11-24T15:15")


SECOND_TEXTS = [
    ("the 2nd one", None),
    ("the 1st one is fine", None),
    ("the second number is better", None),
    ("la segunda", None),
    ("the 2nd one thirty", "12-02T13:30"),
    ("please call me, Ada Quill, about tms, 12/3 at 2pm", "12-03T14:00"),
    ("please call me, Ada Quill, about tms, 12-3 at 2pm", "12-03T14:00"),
    ("12.3 at 2pm", "12-03T14:00"),
    ("please call me, Ada Quill, about tms, 12/8 morning", "12-08T09:00"),
    ("tomorrow 12-3", "11-24T12:00"),
    ("call 2-4 at 602-555-0132 tomorrow", "11-24T14:00"),
    ("13/45 at 2pm", None),
    ("2/30 at 2pm", None),
    ("11/20 at 2pm", None),
    ("call me please, nací el 9 de marzo", None),
    ("born March 9", None),
    ("mi cumpleaños es el 9 de marzo", None),
    ("please call me, Ada Quill, tms, I tried to call this morning", None),
    ("llamé esta mañana", None),
    ("llame mañana a las 3", "11-24T15:00"),
    ("intenté llamar hoy a las 9", None),
    ("you called me at 9 this morning", None),
    ("what if you called me thursday around four", "11-26T16:00"),
    ("call me please my mom gets off at 5", None),
    ("my kid's school lets out at 3", None),
    ("mi mamá llega a las 5", None),
    ("call me after my wife gets home at 6", "11-23T18:00"),
    ("i get off at 5", "11-23T17:00"),
    ("sorry not today tomorrow at 4", "11-24T16:00"),
    ("no a las 3, a las 4", "11-23T16:00"),
    ("no el martes el miércoles", "11-25T09:00"),
    ("no AFTER 2 not before", "11-23T14:00"),
    ("después de las 2, no antes", "11-23T14:00"),
    ("weds at 430 like i said", "11-25T16:30"),
    ("como le dije el miércoles a las 4:30", "11-25T16:30"),
    ("tues/thurs after 3", "11-24T15:00"),
    ("lunes/miércoles después de las 3", "11-30T15:00"),
    ("tomorrow 1500 hrs", "11-24T15:00"),
    ("0900 hours", "11-24T09:00"),
    ("tomorrow at oh nine hundred", "11-24T09:00"),
    ("fifteen hundred hours tomorrow", "11-24T15:00"),
    ("el jueves que viene a las 10", "11-26T10:00"),
    ("el mes que viene", None),
    ("make it 430. actually weds same time is better", "11-25T16:30"),
]


@pytest.mark.parametrize(("text", "start"), SECOND_TEXTS)
def test_second_texts_correct_and_choose_and_tell_as_people_do(text, start):
    got = read(text)
    assert (None if isinstance(got, Unread) else got[0]) == start


def test_what_points_to_a_time_named_before_is_read_with_it():
    assert read("monday at 11, no, tuesday at the same time") == ("11-24T11:00", "11-24T12:00")
    assert read("my shift ends at 3:30 tomorrow, call after that") == ("11-24T15:30", "11-24T17:00")
    assert read("my ride comes at 2 tomorrow, so before that") == ("11-24T09:00", "11-24T14:00")
    assert read("the same time on thursday") is Unread.UNCLEAR
    assert read("ketamine at the same time as tms") is Unread.NOTHING


def test_a_bare_number_after_a_correction_is_the_new_hour_and_keeps_the_day():
    assert read("10 tomorrow, actually can we push that to 11") == ("11-24T11:00", "11-24T12:00")
    assert read("not 3 tomorrow, 4") == ("11-24T16:00", "11-24T17:00")
    assert read("tomorrow. i have 2 kids") == ("11-24T09:00", "11-24T17:00")


def test_what_somebody_does_day_by_day_is_no_wish():
    assert read("some days at noon i'm still in bed") is Unread.NOTHING
    assert read("every morning i wake at 4") is Unread.NOTHING
    assert read("cada mañana me despierto triste") is Unread.NOTHING


def test_a_day_that_is_only_a_bound_determines_no_window():
    assert read("i need to talk to you before the 15th") is Unread.UNCLEAR
    assert read("before the 15th, so tomorrow at 1") == ("11-24T13:00", "11-24T14:00")


def test_time_words_are_picked_out_of_a_long_text():
    ramble = (
        "Good morning! So sorry to bother you, my sister told me about you a month ago, I've had a rough couple of "
        "years since 2019, three kids, two jobs, and my phone died yesterday. I'm Harriet, 505-555-0100, tomorrow "
        "around ten."
    )
    assert read(ramble) == ("11-24T10:00", "11-24T11:00")


def test_seconds_do_not_make_the_minute_past():
    assert read("9:30", MONDAY.replace(second=42)) == ("11-23T09:30", "11-23T10:30")


# ---- the changes of clocks


def test_an_hour_that_the_clocks_skip_moves_to_the_next_valid_minute():
    denver = ZoneInfo("America/Denver")
    saturday = datetime(2026, 3, 7, 12, tzinfo=denver)
    window = read_window("tomorrow at 2:30 am", saturday)
    assert isinstance(window, Window)
    assert (window.start.time(), window.start.utcoffset()) == (time(3), timedelta(hours=-6))


def test_an_hour_that_comes_twice_is_the_first():
    denver = ZoneInfo("America/Denver")
    assert at_local(date(2026, 11, 1), time(1, 30), denver).astimezone(UTC).time() == time(7, 30)


@pytest.mark.parametrize("zone", US_ZONES)
@pytest.mark.parametrize("day", CLOCKS_CHANGE)
def test_nine_in_the_morning_is_nine_on_the_day_the_clocks_change(zone, day):
    now = datetime.combine(day - timedelta(days=1), time(12), ZoneInfo(f"America/{zone}"))
    window = read_window("tomorrow at 9", now)
    assert isinstance(window, Window)
    assert (window.start.date(), window.start.time(), window.end.time()) == (day, time(9), time(10))


@pytest.mark.parametrize("zone", US_ZONES)
@pytest.mark.parametrize("day", CLOCKS_CHANGE)
def test_two_hours_from_now_are_two_hours_over_the_change(zone, day):
    now = datetime.combine(day, time(0, 45), ZoneInfo(f"America/{zone}"))
    window = read_window("in two hours", now)
    assert isinstance(window, Window)
    assert window.start.astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=2)


# ---- any text at all

TIME_WORDS = (
    "tomorrow today monday fri next last this week in at after before by until between from to and or not no but 3"
    " 4:30 9 12 17 99 noon am pm morning tarde mañana a las y media el 30 dec 1st 12/1 2-4 an hour half past two three"
    " , . ; wait actually i work can't call me anytime asap eastern of the day"
).split()
sentences = st.lists(st.sampled_from(TIME_WORDS), max_size=14).map(" ".join)
texts = st.one_of(st.text(max_size=300), sentences, st.sampled_from([str(line["text"]) for line in EXAMPLES]))
nows = st.builds(
    lambda at, zone: at.replace(tzinfo=UTC).astimezone(ZoneInfo(f"America/{zone}")),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31)),
    st.sampled_from(US_ZONES),
)


@settings(deadline=None)
@given(text=texts, now=nows)
def test_any_text_gives_an_ordered_window_in_the_clinics_zone_or_none(text, now):
    window = read_window(text, now)
    if isinstance(window, Window):
        assert window.start.astimezone(UTC) < window.end.astimezone(UTC)
        assert window.start.tzinfo is window.end.tzinfo is now.tzinfo
        assert window.end.astimezone(UTC) > now.astimezone(UTC)


@settings(deadline=None)
@given(text=texts, now=nows)
def test_whatever_is_said_a_fitted_window_is_ahead_and_inside_opening_hours(text, now):
    hours = OpeningHours(now.tzinfo, {day: ((time(9), time(17)),) for day in range(5)})
    wish = read_window(text, now)
    fitted = hours.fit(wish, now) if isinstance(wish, Window) else None
    if fitted is not None:
        assert now <= fitted.start < fitted.end
        assert hours.contain(fitted)


DRESSINGS = [
    str.upper,
    str.title,
    "  {}  ".format,
    "“{}”".format,
    "‘{}’".format,
    "{}.".format,
    lambda text: text.replace(" ", "   "),
]


@pytest.mark.parametrize("dress", DRESSINGS)
def test_case_quotes_spaces_and_a_full_stop_change_nothing(dress):
    for line in EXAMPLES:
        now = datetime.fromisoformat(str(line["now"])).replace(tzinfo=PHOENIX)
        assert read_window(dress(line["text"]), now) == read_window(str(line["text"]), now), line["text"]


@pytest.mark.parametrize("text", ["\ud800 tomorrow at 3", "\0tomorrow at 3\0", "tomorrow at 3 " + "\U0001f600" * 500])
def test_surrogates_nul_and_emoji_do_no_harm(text):
    assert read(text) == ("11-24T15:00", "11-24T16:00")


@settings(deadline=None)
@given(word=st.sampled_from([*TIME_WORDS, "in a in a", "1 ", "- ", "9" * 50, "the the"]), times=st.integers(1, 40_000))
def test_the_work_on_a_long_text_is_bounded(word, times):
    """Only the first characters are looked at, and only so many finds are held against each other."""
    text = f"{word} " * times
    words = spelling.canonical(text)
    assert len(words.split()) <= 2 * LONGEST
    assert len(mentions.marks_in(text, MONDAY.date())) <= clauses.MOST_FINDS
    assert words == spelling.canonical(text[:LONGEST])


@pytest.mark.parametrize("text", ["the first one", "no, the first one was right", "the second one please"])
def test_the_first_one_is_a_thing_and_no_day(text: str) -> None:
    assert read_window(text, MONDAY) is Unread.NOTHING


# ---- the page on the time reader

PAGE = (Path(__file__).parents[2] / "docs" / "time-reader.md").read_text(encoding="utf-8")
CELLS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
KIND_ROWS = {cells[0].strip("`"): cells[1:] for cells in CELLS if cells[0].strip("`") in MarkKind.__members__}


@pytest.mark.parametrize("kind", MarkKind)
def test_every_kind_of_mark_has_a_row_in_the_page_whose_examples_are_read_so(kind):
    _carries, *spoken = KIND_ROWS[kind.name]
    assert len(spoken) == 2
    for text in spoken:
        finds = SCAN.finditer(spelling.canonical(text))
        assert kind in [mark.kind for find in finds if (mark := mark_of(find, MONDAY.date()))], text


def test_the_page_names_the_files_of_the_passes():
    named = set(re.findall(r"`((?:triage|tests)/[\w./]+)`", PAGE))
    assert all((Path(__file__).parents[2] / path).is_file() for path in named)
    modules = {path.name for path in Path(spelling.__file__).parent.glob("*.py")} - {"__init__.py"}
    assert modules <= {Path(path).name for path in named}


@pytest.mark.parametrize("text", ["current one is fine", "the usual one", "my regular one works"])
def test_one_of_several_things_is_no_hour(text):
    assert read_window(text, MONDAY) is Unread.NOTHING


@pytest.mark.parametrize(
    "text", ["can TMS be the first thing i try", "Yes, the 0140 one.", "por si no contesto en el primero"]
)
def test_things_and_numbers_that_are_counted_are_no_time_for_a_call(text):
    assert time_in(text, MONDAY, USUAL_PARTS)[0] is Unread.NOTHING
