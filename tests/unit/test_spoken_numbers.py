"""A number on a call: a step of its own, in pieces, with digits that never sound like danger."""

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, begin, goes_on, heard
from triage.conversation.draft import Field, FieldState
from triage.conversation.state import Put
from triage.model.message import Channel, Record
from triage.understanding.safety import Tier

FOREIGN = "+442079460123"


def after(*said, sender=CALLER, lang="en"):
    state = begin(sender, lang)
    for one in said:
        state = goes_on(state, one)
    return state


def spoken(state):
    lang = state.turn.talk.lang
    return " ".join(WORDS.say(s.key, s.lang or lang, s.values, Channel.VOICE) for s in state.turn.reply.says)


@pytest.mark.parametrize(
    "said",
    [
        "five five five nine one one oh",
        "my number is six oh two five five five nine one one oh",
        "six oh two nine one one",
        "eight oh two nine one one zero one two three",
        "five five five nine eight eight one",
        "cinco cinco cinco nueve uno uno",
    ],
)
def test_the_sound_of_digits_is_no_danger(said):
    assert heard(said).danger.tier is Tier.NONE


@pytest.mark.parametrize("said", ["nine one one", "call nine one one", "five five five i am going to kill myself"])
def test_danger_beside_digits_is_heard(said):
    assert heard(said).danger.tier is Tier.ALARM


@pytest.mark.parametrize(
    "pieces",
    [
        ("four eight zero", "five five five", "oh one two three"),
        ("480", "5550123"),
        ("four eight zero", "5 5 5", "um 0 1 2 3"),
        ("cuatro ocho cero", "cinco cinco cinco", "cero uno dos tres"),
    ],
)
@pytest.mark.parametrize("sender", [CALLER, None])
def test_pieces_over_turns_are_one_number(pieces, sender):
    before = ("4", "Dana", "2") if sender else ("4", "Dana")
    state = after(*before, *pieces, sender=sender)
    assert state.step == "number_back"
    assert state.turn.talk.draft.phone == "+14805550123"


def test_who_falls_silent_in_the_middle_of_a_number_hears_how_far_it_has_come():
    assert "4 8 0" in spoken(after("4", "Dana", "2", "four eight zero", ""))


def test_a_piece_is_forgotten_once_the_whole_number_is_given():
    state = after("4", "Dana", "2", "six oh two", "four eight zero five five five oh one two three", "2", "")
    assert "6 0 2" not in spoken(state)
    assert goes_on(state, "602-555-0199").turn.talk.draft.phone == "+16025550199"


def test_one_key_confirms_and_a_number_ends_with_its_tenth_key():
    state = after("4", "Dana")
    assert state.turn.reply.listen.digits == 1
    assert after("4", "Dana", "1").step == "ask_window"
    state = after("4", "Dana", "2")
    assert (state.step, state.turn.reply.listen.digits) == ("key_number", 10)
    assert after("4", "Dana", sender=None).turn.reply.listen.digits == 10


def test_who_keys_a_number_ahead_of_the_question_loses_no_key():
    assert after("4", "Dana", "6", "025550199").turn.talk.draft.phone == "+16025550199"


def test_an_extension_is_said_after_the_number():
    state = after("4", "Dana", "four eight zero five five five zero one two three", "extension twelve")
    assert state.turn.talk.draft.phone == "+14805550123;ext=12"


@pytest.mark.parametrize(
    "said", ["this number", "call me at this number", "plus four four two oh seven nine four six", "1"]
)
def test_a_number_abroad_is_refused_in_every_form_and_ends_in_a_message(said):
    state = after("4", "Dana", said, said, sender=FOREIGN)
    for _ in range(3):
        if isinstance(state.turn.then, Record):
            break
        state = goes_on(state, "this number")
    assert isinstance(state.turn.then, Record)
    assert state.turn.talk.draft.phone is None
    assert state.turn.talk.draft.state(Field.NUMBER) is FieldState.GIVEN_UP
    assert not any(isinstance(effect, Put) and effect.phone == FOREIGN for effect in state.turn.effects)
    assert "has your message" in spoken(goes_on(state, "a message"))


@pytest.mark.parametrize("key", "123467")
def test_any_key_at_the_name_records_it(key):
    state = after("4", key)
    assert isinstance(state.turn.then, Record)
    assert state.step == "record_name"


def test_hints_fit_the_step():
    hints = {step: after(*said).turn.reply.listen.hints for step, said in
             (("menu", ()), ("name", ("4",)), ("number", ("4", "Dana")), ("time", ("4", "Dana", "1")))}  # fmt: skip
    assert "ketamine" in hints["menu"]
    assert "spelled" in hints["name"]
    assert "double" in hints["number"]
    assert "tomorrow" in hints["time"]
