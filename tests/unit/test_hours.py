"""Opening hours: when the clinic is open, what of a wish fits, and how open time is counted."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import NeverOpen
from triage.hours.opening import OpeningHours
from triage.hours.window import Window

PHOENIX = ZoneInfo("America/Phoenix")
NINE_TO_FIVE = ((time(9), time(17)),)
HOURS = OpeningHours(PHOENIX, dict.fromkeys(range(5), NINE_TO_FIVE), {date(2026, 11, 26): "Thanksgiving"})
SPLIT = OpeningHours(PHOENIX, {0: ((time(9), time(12)), (time(13), time(17)))})


def at(day_and_time: str, zone: ZoneInfo = PHOENIX) -> datetime:
    return datetime.fromisoformat(f"2026-{day_and_time}").replace(tzinfo=zone)


def window(start: str, end: str) -> Window:
    return Window(at(start), at(end))


MONDAY = at("11-23T09:30")


def test_a_weekday_is_open_from_nine_until_just_before_five():
    assert not HOURS.is_open(at("11-23T08:59"))
    assert HOURS.is_open(at("11-23T09:00"))
    assert HOURS.is_open(at("11-23T16:59"))
    assert not HOURS.is_open(at("11-23T17:00"))


def test_weekends_and_closed_days_have_no_openings():
    assert HOURS.spans(date(2026, 11, 28)) == ()
    assert HOURS.spans(date(2026, 11, 26)) == ()


def test_a_closed_day_tells_why_and_an_ordinary_one_does_not():
    assert HOURS.closed_reason(date(2026, 11, 26)) == "Thanksgiving"
    assert HOURS.closed_reason(date(2026, 11, 28)) is None


def test_the_next_opening_is_now_while_open():
    assert HOURS.next_open(MONDAY) == MONDAY


def test_the_next_opening_skips_the_night_the_holiday_and_the_weekend():
    assert HOURS.next_open(at("11-25T18:00")) == at("11-27T09:00")
    assert HOURS.next_open(at("11-27T17:00")) == at("11-30T09:00")


def test_open_until_is_the_end_of_this_opening_or_of_the_next():
    assert SPLIT.open_until(at("11-23T10:00")) == at("11-23T12:00")
    assert SPLIT.open_until(at("11-23T12:30")) == at("11-23T17:00")


def test_closing_at_midnight_is_the_end_of_that_day():
    late = OpeningHours(PHOENIX, {0: ((time(20), time(0)),)})
    assert late.spans(date(2026, 11, 23)) == (window("11-23T20:00", "11-24T00:00"),)


def test_only_open_minutes_count():
    assert HOURS.add_open_time(at("11-25T15:00"), timedelta(hours=4)) == at("11-27T11:00")
    assert HOURS.add_open_time(at("11-23T07:00"), timedelta(minutes=30)) == at("11-23T09:30")


def test_no_open_time_to_add_is_the_next_opening():
    assert HOURS.add_open_time(at("11-28T10:00"), timedelta(0)) == at("11-30T09:00")


def test_a_promise_that_fills_the_day_ends_at_closing():
    assert HOURS.add_open_time(at("11-23T09:00"), timedelta(hours=8)) == at("11-23T17:00")


def test_a_clinic_that_never_opens_says_so():
    never = OpeningHours(PHOENIX, {})
    for question in (never.next_open, never.open_until, lambda now: never.add_open_time(now, timedelta(hours=1))):
        with pytest.raises(NeverOpen):
            question(MONDAY)
    assert never.fit(window("11-23T10:00", "11-23T11:00"), MONDAY) is None


@pytest.mark.parametrize(
    ("wish", "fitted"),
    [
        (window("11-24T15:00", "11-24T16:00"), window("11-24T15:00", "11-24T16:00")),
        (window("11-24T08:00", "11-24T10:00"), window("11-24T09:00", "11-24T10:00")),
        (window("11-23T09:00", "11-23T17:00"), window("11-23T09:30", "11-23T17:00")),  # what is left of today
        (window("11-24T17:00", "11-24T20:00"), None),
        (window("11-26T10:00", "11-26T11:00"), None),  # Thanksgiving
        (window("11-24T16:50", "11-25T16:50"), window("11-25T09:00", "11-25T16:50")),  # ten minutes are no promise
        (window("11-24T10:00", "11-24T10:10"), window("11-24T10:00", "11-24T10:10")),  # unless no more was wished
        (window("11-23T08:00", "11-23T09:00"), None),  # gone by
    ],
)
def test_a_wish_is_fitted_to_the_first_open_stretch_ahead(wish, fitted):
    assert HOURS.fit(wish, MONDAY) == fitted


@pytest.mark.parametrize(
    ("wish", "offer"),
    [
        (window("11-24T17:00", "11-24T20:00"), window("11-24T15:00", "11-24T17:00")),  # at most two hours
        (window("11-24T18:00", "11-24T19:00"), window("11-24T16:00", "11-24T17:00")),
        (window("11-24T06:00", "11-24T07:00"), window("11-24T09:00", "11-24T10:00")),
        (window("11-28T13:00", "11-28T14:00"), window("11-30T13:00", "11-30T14:00")),  # the wished part of the day
        (window("11-26T09:00", "11-26T17:00"), window("11-27T09:00", "11-27T11:00")),
        (window("11-20T10:00", "11-20T11:00"), window("11-23T10:00", "11-23T11:00")),
        (window("11-20T09:00", "11-20T10:00"), window("11-23T09:30", "11-23T10:30")),  # never before now
        (window("11-24T16:50", "11-24T18:50"), window("11-24T15:00", "11-24T17:00")),
    ],
)
def test_a_wish_that_does_not_fit_is_offered_the_nearest_time(wish, offer):
    assert HOURS.nearest(wish, MONDAY) == offer


def test_hours_stay_at_nine_when_the_clocks_change():
    denver = ZoneInfo("America/Denver")
    hours = OpeningHours(denver, dict.fromkeys(range(7), NINE_TO_FIVE))
    # 2026-11-01, 2:00 is 1:00 again: the day has 25 hours and opens at 9 all the same.
    assert hours.next_open(at("10-31T18:00", denver)) == at("11-01T09:00", denver)
    all_day = OpeningHours(denver, {day: ((time(0), time(0)),) for day in range(7)})
    assert all_day.add_open_time(at("11-01T00:00", denver), timedelta(hours=25)) == at("11-02T00:00", denver)


def test_a_time_in_another_zone_is_answered_in_the_clinics():
    found = HOURS.next_open(datetime(2026, 11, 23, 6, tzinfo=UTC))
    assert found == at("11-23T09:00")
    assert found.tzinfo is PHOENIX


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from(["America/Phoenix", "America/New_York", "America/Los_Angeles", "America/Anchorage"]).map(
    ZoneInfo
)
weeks = st.dictionaries(
    st.integers(0, 6),
    st.sampled_from([NINE_TO_FIVE, ((time(8), time(12)), (time(13), time(18))), ((time(0), time(0)),)]),
    min_size=1,
)


@settings(deadline=None)
@given(start=instants, now=instants, length=st.integers(1, 3 * 24 * 60), zone=zones, weekly=weeks)
def test_a_fitted_wish_and_the_offer_are_ahead_ordered_and_open(start, now, length, zone, weekly):
    hours = OpeningHours(zone, weekly)
    wish = Window(start, start + timedelta(minutes=length))
    for found in (hours.fit(wish, now), hours.nearest(wish, now)):
        if found is not None:
            assert now <= found.start < found.end
            assert hours.contain(found)


@settings(deadline=None)
@given(queued=instants, minutes=st.integers(0, 5000), more=st.integers(0, 5000), zone=zones, weekly=weeks)
def test_open_time_adds_up(queued, minutes, more, zone, weekly):
    hours = OpeningHours(zone, weekly)
    in_two_steps = hours.add_open_time(hours.add_open_time(queued, timedelta(minutes=minutes)), timedelta(minutes=more))
    at_once = hours.add_open_time(queued, timedelta(minutes=minutes + more))
    # The end of one opening and the start of the next are the same open minute.
    assert {in_two_steps, hours.next_open(in_two_steps)} & {at_once, hours.next_open(at_once)}
