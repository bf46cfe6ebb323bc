"""Low mood on a call is met as by text, a message at night says when people are back, and no key is a dead end."""

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, CLOSED, OPEN, begin, goes_on
from triage.conversation import call_turns
from triage.model.message import Channel, Connect, Record
from triage.model.request import Flag


def after(*said, lang="en", now=OPEN):
    state = begin(CALLER, lang, now)
    for one in said:
        state = goes_on(state, one)
    return state


def spoken(turn):
    return " ".join(WORDS.say(s.key, s.lang or turn.talk.lang, s.values, Channel.VOICE) for s in turn.reply.says)


@pytest.mark.parametrize(("lang", "said"), [("en", "i feel hopeless"), ("es", "me siento muy sola")])
@pytest.mark.parametrize("before", [(), ("1",)], ids=["menu", "form"])
def test_low_mood_is_heard_before_anything_else(lang, said, before):
    state = after(*before, said, lang=lang)
    assert state.turn.says[0].key == "low_mood"
    assert "9 8 8" in spoken(state.turn)
    assert not {"menu", "menu_again", "not_understood"} & {say.key for say in state.turn.reply.says}


def test_low_mood_a_second_time_has_other_words_and_is_read():
    state = after("i feel hopeless", "i am at my lowest")
    assert state.turn.says[0].key == "low_mood_again"
    assert any(Flag.PLEASE_READ in effect.add for effect in state.turn.effects)


@pytest.mark.parametrize("now", [OPEN, CLOSED])
def test_who_is_low_and_wants_somebody_is_put_through_or_queued_with_988(now):
    state = after("can someone talk to me", now=now)
    assert "9 8 8" in spoken(state.turn)
    assert state.turn.effects
    assert isinstance(state.turn.then, Connect) is (now is OPEN)


@pytest.mark.parametrize(("now", "told"), [(OPEN, False), (CLOSED, True)])
def test_after_a_message_at_night_the_caller_hears_when_people_are_back(now, told):
    state = after("3", "please call me", now=now)
    assert ("Our team is back" in spoken(state.turn)) is told


@pytest.mark.parametrize("before", [(), ("2",), ("2", "1"), ("how does tms work",), ("1", "Dana", "1")])
@pytest.mark.parametrize("key", "1234567")
def test_no_key_is_a_dead_end(before, key):
    state = after(*before, key)
    words = spoken(state.turn)
    assert "does nothing" not in words
    if state.turn.says and state.turn.says[0].key == "missed/key":
        assert "press 0" in words


@pytest.mark.parametrize("before", [("2",), ("2", "1"), ("how does tms work",)])
def test_5_leaves_a_message_wherever_it_means_nothing_else(before):
    state = after(*before, "5")
    assert isinstance(state.turn.then, Record) or state.step == "offer_call"


@pytest.mark.parametrize("said", [(), ("1",), ("1", "Dana"), ("2",), ("1", "Dana", "1"), ("3",), ("0",)])
def test_a_fault_of_ours_has_the_same_question_asked_again_and_counts_no_silence(said):
    state = after(*said)
    again = call_turns.once_more(state.situation)
    assert again.talk.step == state.step
    assert again.reply.says[-1].key == state.turn.reply.says[-1].key
    assert "did not hear" not in spoken(again)
