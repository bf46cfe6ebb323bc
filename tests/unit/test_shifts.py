"""By how much a time is to be moved."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.reading.times.shifts import read_shift


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("can we push it back an hour", timedelta(hours=1)),
        ("could u do it a week later instead", timedelta(weeks=1)),
        ("actually a day later pls", timedelta(days=1)),
        ("push back my call by half an hour", timedelta(minutes=30)),
        ("move it up 30 minutes", -timedelta(minutes=30)),
        ("una hora más tarde porfa", timedelta(hours=1)),
        ("media hora antes", -timedelta(minutes=30)),
        ("un día después mejor", timedelta(days=1)),
        ("I got home an hour later", None),
        ("an hour after lunch", None),
        ("two days before the 12th", None),
        ("call me back in an hour", None),
        ("I will be back in a week", None),
    ],
)
def test_a_move_is_read_and_what_only_tells_of_a_time_is_none(text, shift):
    assert read_shift(text) == shift


@given(st.text(max_size=300), st.integers(0, 99), st.sampled_from(["minutes", "hours", "days", "horas", "weeks"]))
def test_nothing_is_too_odd_for_it(text, count, unit):
    read_shift(f"{text} push it back {count} {unit} {text}")
