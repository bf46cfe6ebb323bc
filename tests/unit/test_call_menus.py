"""What a caller hears first: where help is, the language, and then what most people call for."""

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, begin, begin_planned, goes_on
from triage.conversation.state import CancelCall, PutBack
from triage.model.message import Channel, Connect, Record
from triage.model.request import Status


def says(turn):
    return [WORDS.say(s.key, s.lang or turn.talk.lang, s.values, Channel.VOICE) for s in turn.reply.says]


@pytest.mark.parametrize(("lang", "other", "call"), [("en", "Español", "call you"), ("es", "English", "le llamemos")])
def test_first_help_then_the_language_then_the_call_back(lang, other, call):
    help_, language, menu = says(begin(CALLER, lang).turn)
    assert "9 1 1" in help_
    assert "9 8 8" in help_
    assert other in language
    assert menu.index(call) < menu.index("1")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_keys_of_the_menu(lang):
    start = begin(CALLER, lang)
    assert goes_on(start, "1").step == "ask_name"
    topics = goes_on(start, "2")
    assert [goes_on(topics, key).step for key in "123"] == ["menu_tms", "menu_ketamine", "menu_both"]
    assert goes_on(topics, "#").step == "menu"
    assert isinstance(goes_on(start, "3").turn.then, Record)
    assert isinstance(goes_on(start, "0").turn.then, Connect)


@pytest.mark.parametrize("key", "45")
def test_the_keys_of_the_older_menu_still_work(key):
    assert goes_on(begin(), key).step == {"4": "ask_name", "5": "voicemail"}[key]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_with_a_call_planned_it_can_be_moved_or_cancelled_by_key(lang):
    start = begin_planned(lang)
    assert start.step == "open_request"
    moved = goes_on(goes_on(start, "1"), "tomorrow at 10" if lang == "en" else "mañana a las 10")
    assert moved.situation.request.window_start.hour == 10
    cancelled = goes_on(start, "2")
    assert any(isinstance(effect, CancelCall) for effect in cancelled.turn.effects)
    assert cancelled.situation.request.status is Status.CANCELLED
    assert any(isinstance(effect, PutBack) for effect in goes_on(cancelled, "2").turn.effects)
    assert goes_on(start, "3").step == "menu"
    assert isinstance(goes_on(start, "0").turn.then, Connect)


def test_with_a_call_planned_words_do_the_same():
    start = begin_planned()
    assert any(isinstance(effect, CancelCall) for effect in goes_on(start, "cancel it").turn.effects)
    assert goes_on(start, "wednesday at two").situation.request.window_start.weekday() == 2
    assert "answers/tms.how" in [say.key for say in goes_on(start, "how does tms work").turn.says]
