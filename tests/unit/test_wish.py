"""Plain words for a call, for another time, for keeping it, and for not wanting to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.reading.call_wishes import (
    asks_for_call,
    asks_to_cancel,
    asks_to_keep,
    asks_to_move,
    declines,
    is_only_about,
    matter_of_call,
    may_cancel,
)

READERS = (asks_for_call, asks_to_cancel, asks_to_keep, declines, lambda text: asks_to_move(text, names_a_time=True))


@pytest.mark.parametrize(
    "text",
    [
        "have someone call me about tms, Iris Bell, friday at 3",
        "Can you call my daughter Emily at 480-555-0115?",
        "schedule me a call",
        "I would like a consultation call",
        "i would like to be called about ketamine",
        "yes call",
        "the place i went to says i need maintenance, can you call",
        "please do call me",
        "quiero una llamada",
        "marquenme al 6025550126",
        "márquenle a mi papá por favor",
        "¿me pueden marcar?",
        "que me hablen mañana",
        "can someone hit me up about ketamine",
        "set me up with a call",
        "give me a ring",
        "is there someone who can explain the ketamine thing to me over the phone",
        "Who do I speak to?",
        "Could you call Thursday around 11?",
        "no name just call",
    ],
)
def test_plain_words_for_a_call_are_a_wish(text):
    assert asks_for_call(text)


@pytest.mark.parametrize(
    "text",
    [
        "have you called me?",
        "did someone call me",
        "has anyone tried to call me",
        "please don't call me",
        "when will you call",
        "nobody called",
        "no me llamen",
        "no me marquen",
        "can you call in a refill",
        "do you just call it TMS",
        "is it called TMS?",
    ],
)
def test_a_question_about_a_call_or_a_refusal_is_none(text):
    assert not asks_for_call(text)


@pytest.mark.parametrize("text", ["no wait keep it", "don't cancel", "please uncancel", "no la cancelen"])
def test_a_cancelled_call_is_wanted_after_all(text):
    assert asks_to_keep(text)


@pytest.mark.parametrize(
    "text",
    [
        "please cancel",
        "never mind",
        "forget it",
        "I don't need the call any more",
        "ya no quiero la llamada",
        "no thanks",
    ],
)
def test_plain_words_against_a_call_are_told(text):
    assert asks_to_cancel(text)
    assert not asks_to_cancel("His number is 520-555-0113, please don't use mine")


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("my old tms place was awful, can someone call me about doing ketamine instead", "doing ketamine instead"),
        ("call me about ketamine rather than tms. thanks", "ketamine"),
        ("llámenme sobre la ketamina", "la ketamina"),
        ("i read about tms", None),
    ],
)
def test_what_a_call_is_about_is_told_from_what_else_is_named(text, matter):
    said = matter_of_call(text)
    assert (said.strip() if said else None) == matter


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Please have the team call me about combining TMS and ketamine", True),
        ("llámenme sobre la ketamina por favor", True),
        ("can you call me about tms?", False),
        ("how does tms work, and please call me about ketamine", False),
        ("call me about tms. my name is Dana", False),
        ("i read about tms", False),
    ],
)
def test_a_call_about_a_matter_is_told_from_a_question_about_it(text, only):
    assert is_only_about(text) is only


@pytest.mark.parametrize(
    "text",
    ["skip", "I'd rather not say", "I'd rather not give my name", "no name", "prefer not to", "prefiero no decirlo"],
)
def test_not_wanting_to_say_is_told_from_an_answer(text):
    assert declines(text)
    assert not declines(f"{text} but my name is Dana")


@given(st.text(max_size=300))
def test_any_text_is_read_alike_in_capitals_and_with_a_full_stop(text):
    for reader in READERS:
        assert reader(text.lower()) == reader(text.lower() + ".")
        if text.isascii():
            assert reader(text.lower()) == reader(text.upper())


def test_a_text_without_end_is_read_in_bounded_work():
    for reader in READERS:
        reader("no, " * 50_000)
        reader("i'd " * 50_000 + "skip")


@pytest.mark.parametrize(
    "text",
    [
        "You dont have to call me",
        "you don't need to call",
        "there is no need for a call",
        "no hace falta que me llamen",
        "no es necesario que me marquen",
        "cancle my call",
    ],
)
def test_a_call_that_need_not_come_is_no_wish_and_cancels_one(text):
    assert not asks_for_call(text)
    assert asks_to_cancel(text) or "no need" in text


@pytest.mark.parametrize("text", ["don't hesitate to call me", "I don't have to work tomorrow, call me at 3"])
def test_a_no_about_something_else_leaves_the_wish(text):
    assert asks_for_call(text)
    assert not asks_to_cancel(text)


@pytest.mark.parametrize(
    "text",
    [
        "the call never came",
        "solo checando lo de mi llamada",
        "my phone never rang, not once",
        "still waiting on that call",
        "qué pasó con mi llamada",
        "is the call today or tomorrow",
    ],
)
def test_words_about_a_call_that_say_no_end_cancel_nothing(text):
    assert not may_cancel(text)


@pytest.mark.parametrize(
    "text",
    [
        "Drop my request, my doctor already answered me",
        "mejor cancélenla",
        "skip the call",
        "tell the doctor he doesn't need to call",
    ],
)
def test_words_that_say_what_ends_may_cancel(text):
    assert may_cancel(text)


@pytest.mark.parametrize(
    "text",
    [
        "Phone call please",
        "llamada",
        "Tomorrow 12 to 1. Call 480-555-0120, about ketamine",
        "ketamine call please",
        "I should like a telephone call",
        "Necesito cita telefónica",
    ],
)
def test_a_call_is_asked_for_without_saying_by_whom(text):
    assert asks_for_call(text)


def test_no_call_please_asks_for_none():
    assert not asks_for_call("no call please")
    assert not asks_for_call("no phone call please")
