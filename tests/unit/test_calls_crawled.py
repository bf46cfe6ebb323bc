"""Every state of a call that can be reached in six turns, and what follows there from every key, silence, words that
mean nothing, a question, and words of danger."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, CLOSED, KEYS, OPEN, begin, goes_on, is_over, reachable
from triage.conversation.call_menus import CALL_STEPS, question
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, Put
from triage.hours.window import Window
from triage.model.message import Channel, Connect, Hangup, Listen, Record
from triage.model.request import Priority

TURNS = 6
SILENCE, RUBBISH, WRONG_KEY = "", "purple elephants sing", "7"
SAID = {
    "en": (
        *KEYS, SILENCE, RUBBISH, "how does tms work", "my name is dana", "602-555-0199", "tomorrow afternoon",
    ),
    "es": (
        *KEYS, SILENCE, "elefantes morados cantan", "cómo funciona la tms", "me llamo dana", "602-555-0199",
        "mañana por la tarde",
    ),
}  # fmt: skip
DANGER = {"en": "i am going to kill myself tonight", "es": "me voy a matar esta noche"}
# What the answers to a step mean, where that is not fixed.
CHOICES = {"did_you_mean": ("tms.how", "tms.what"), "which_number": (CALLER, CALLER), "check_in": ("crisis",)}
CALLS = [
    pytest.param(sender, lang, now, id=f"{lang}-{'withheld' if sender is None else 'known'}-{name}")
    for sender in (CALLER, None)
    for lang in ("en", "es")
    for now, name in ((OPEN, "open"), (CLOSED, "closed"))
]


def spoken(turn):
    lang = turn.talk.lang
    return [WORDS.say(say.key, say.lang or lang, say.values, Channel.VOICE) for say in turn.reply.says]


@pytest.mark.parametrize(("sender", "lang", "now"), CALLS)
def test_every_turn_ends_in_a_spoken_way_on(sender, lang, now):
    steps, states = set(), 0
    for _, said, after in reachable(begin(sender, lang, now), SAID[lang], TURNS):
        states += 1
        steps.add(after.step)
        reply, words = after.turn.reply, spoken(after.turn)
        assert words, (after.step, said)
        assert all(words), (after.step, said)
        if isinstance(reply.then, Hangup):
            assert "9 8 8" in words[-1]
            assert "9 1 1" in words[-1]
        else:
            assert isinstance(reply.listen or reply.then, Listen | Record | Connect), (after.step, said)
        assert not (reply.listen and reply.then)
    assert states > 5000
    number = "key_number" if sender is None else "ask_number"
    assert {"menu", "menu_topics", "menu_tms", "menu_ketamine", "menu_both", "ask_name", "record_name", number} <= steps
    assert {"number_back", "ask_window", "ask_day", "ask_topic", "read_back", "change", "voicemail", "way_out"} <= steps


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("sender", [CALLER, None])
@pytest.mark.parametrize("said", [SILENCE, RUBBISH, WRONG_KEY], ids=["silence", "rubbish", "wrong key"])
def test_nobody_is_asked_the_same_a_third_time_without_an_answer(sender, lang, said):
    seen = set()
    for _, _, state in reachable(begin(sender, lang), SAID[lang], 4):
        if is_over(state) or state.key in seen:
            continue
        seen.add(state.key)
        asked = Counter([state.step])
        for _ in range(40):
            state = goes_on(state, said)
            asked[state.step] += "number_piece" not in state.turn.labels  # one more digit is an answer
            if is_over(state) or isinstance(state.turn.then, Record):
                break
        assert isinstance(state.turn.then, Hangup | Record), (asked, said)
        assert max(asked.values()) <= 3, asked  # asked, and twice more in other words


@pytest.mark.parametrize(("sender", "lang", "now"), CALLS)
def test_words_of_danger_at_any_prompt_name_988_first_and_alert(sender, lang, now):
    seen = set()
    for _, _, state in reachable(begin(sender, lang, now), SAID[lang], TURNS - 1):
        if state.key in seen or is_over(state) or state.turn.then:
            continue
        seen.add(state.key)
        after = goes_on(state, DANGER[lang])
        assert "9 8 8" in spoken(after.turn)[0], state.key
        raised = [effect for effect in after.turn.effects if isinstance(effect, Put)]
        assert any(put.priority is Priority.CRISIS and put.alert_again for put in raised), state.key
        assert after.step == "crisis_line"
    assert len(seen) > 100


def test_every_step_that_a_call_can_be_at_can_be_asked_in_both_languages():
    for lang in ("en", "es"):
        for step, row in CALL_STEPS.items():
            assert row.leads_to <= CALL_STEPS.keys(), step
            assert WORDS.keys(lang, Channel.VOICE) & {step, f"{step}/crisis", "way_on"}


def test_at_most_six_turns_lead_from_the_first_ring_to_the_queue():
    for sender, said in ((CALLER, ("4", "dana", "1", "1")), (None, ("4", "dana", "602-555-0199", "1", "1"))):
        state = begin(sender)
        for one in said:
            assert state.situation.request is None or not state.situation.request.name
            state = goes_on(state, one)
        assert state.situation.request is not None
        assert state.situation.request.name == "Dana"
        assert len(said) + 1 <= TURNS


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_step_of_a_call_can_ask_its_question(lang, again):
    window = Window(OPEN.replace(hour=14), OPEN.replace(hour=15))
    draft = Draft(wish=True, name="Dana", phone=CALLER, window=window, topic="tms")
    situation = begin(CALLER, lang).situation
    for step in CALL_STEPS.keys() - {AT_REST}:
        talk = replace(situation.talk, draft=draft).at(step, *CHOICES.get(step, ()))
        asked = question(replace(situation, talk=talk), again)
        assert WORDS.say(asked.key, lang, asked.values, Channel.VOICE), step
