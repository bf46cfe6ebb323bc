"""Which of two numbers is meant."""

import pytest

from triage.reading.which_number import adds_a_number, best_phone, labelled_phone, place_of, without_place

SAID = "call me friday at 11, cell 480-555-0151 office 480-555-0152"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the 2nd pls", 2),
        ("mejor al segundo", 2),
        ("first one. the second is my sister's, only if you must", 1),
        ("the former", 1),
        ("either", None),
    ],
)
def test_a_number_is_chosen_by_its_place(text, place):
    assert place_of(text) == place


def test_a_place_is_taken_out_before_a_time_is_read():
    assert without_place("the 2nd pls, tomorrow").split() == ["pls,", "tomorrow"]
    assert without_place("the other day") == "the other day"


@pytest.mark.parametrize(
    ("text", "phone"),
    [("actually use the office one", "+14805550152"), ("cell pls", "+14805550151"), ("home", None), ("ok", None)],
)
def test_a_number_is_chosen_by_what_it_was_called(text, phone):
    assert labelled_phone(SAID, text) == phone


def test_the_better_of_two_is_the_one_that_is_called_so():
    assert best_phone("Home 602-555-0141, cell 602-555-0142. Cell is best.") == "+16025550142"
    assert best_phone(SAID) is None


@pytest.mark.parametrize("text", ["december 1st in the afternoon", "first thing in the morning", "the 2nd of december"])
def test_a_time_chooses_no_number(text):
    assert place_of(text) is None
    assert without_place(text) == text


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        ("mi segundo número es 713-555-0122 por si no contesto en el primero", True),
        ("backup number 713-555-0122", True),
        ("it's 713-555-0122 actually", False),
    ],
)
def test_a_spare_number_is_told_from_one_that_replaces(text, adds):
    assert adds_a_number(text) is adds
