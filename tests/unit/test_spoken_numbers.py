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
    ("lang", "said"),
    [
        ("en", "this number"),
        ("en", "call me at this number"),
        ("en", "the one i am calling from"),
        ("en", "plus four four two oh seven nine four six oh one two three"),
        ("en", "1"),
        ("es", "este número"),
        ("es", "llámeme a este número"),
        ("es", "al mismo número del que llamo"),
        ("es", "1"),
    ],
)
def test_a_number_abroad_is_refused_in_every_form_and_ends_in_a_message(lang, said):
    asked = after("4", "Dana", said, sender=FOREIGN, lang=lang)
    if said != "1":  # one key is the first of a number
        assert ("United States" if lang == "en" else "Estados Unidos") in spoken(asked)
    state = goes_on(asked, said)
    for _ in range(3):
        if isinstance(state.turn.then, Record):
            break
        state = goes_on(state, "this number" if lang == "en" else "este número")
    assert isinstance(state.turn.then, Record)
    assert state.turn.talk.draft.phone is None
    assert state.turn.talk.draft.state(Field.NUMBER) is FieldState.GIVEN_UP
    assert not any(isinstance(effect, Put) and effect.phone == FOREIGN for effect in state.turn.effects)
    kept = "has your message" if lang == "en" else "tiene su mensaje"
    assert kept in spoken(goes_on(state, "a message"))


@pytest.mark.parametrize("key", "1234567")
def test_any_key_at_the_name_records_it(key):
    state = after("4", key)
    assert isinstance(state.turn.then, Record)
    assert state.step == "record_name"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", {"menu": "ketamine", "name": "last name", "number": "area code", "time": "tomorrow", "danger": "988"}),
        ("es", {"menu": "ketamina", "name": "apellido", "number": "código de área", "time": "mañana", "danger": "988"}),
    ],
)
def test_hints_fit_the_step(lang, said):
    danger = "i am going to kill myself" if lang == "en" else "me voy a matar"
    ways = {"menu": (), "name": ("4",), "number": ("4", "Dana"), "time": ("4", "Dana", "1"), "danger": (danger,)}
    hints = {step: after(*way, lang=lang).turn.reply.listen.hints for step, way in ways.items()}
    for step, word in said.items():
        assert word in hints[step]
        others = [other for other in hints if word in hints[other]]
        assert others == [step], "the recognizer leans towards what is expected here alone"
