"""Nobody in danger is let go, at any state that a call can reach, in both languages, whatever they press, say or do not
say."""

from dataclasses import replace

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, CLOSED, KEYS, OPEN, at_every_step, begin, begin_planned, goes_on, reachable
from triage.conversation import call_turns, held_calls
from triage.conversation.call_menus import CALL_STEPS
from triage.conversation.state import AT_REST
from triage.model.message import Channel, Connect, ConnectTo, Hangup, Record

SILENCE = ""
BEFORE = {
    "en": (*KEYS, SILENCE, "how does tms work", "my name is dana", "tomorrow afternoon", "stop", "i feel hopeless"),
    "es": (
        *KEYS,
        SILENCE,
        "cómo funciona la tms",
        "me llamo dana",
        "mañana por la tarde",
        "basta",
        "me siento muy sola",
    ),
}
DANGER = {
    "en": ("i am going to kill myself tonight", "i cannot breathe and my chest hurts"),
    "es": ("me voy a matar esta noche", "no puedo respirar y me duele el pecho"),
}
AFTER = {
    "en": (
        *KEYS, SILENCE, "uh", "i do not know", "no", "stop", "never mind", "cancel", "goodbye", "can i talk to someone",
        "connect me", "what does tms cost", "leave a message", "main menu", "how does ketamine work", "thank you",
        "call me tomorrow", "my chest feels tight", "i am fine now",
    ),
    "es": (
        *KEYS, SILENCE, "eh", "no sé", "no", "basta", "olvídelo", "cancelar", "adiós", "una persona", "comuníqueme",
        "cuánto cuesta la tms", "dejar un mensaje", "menú principal", "gracias", "llámeme mañana", "ya estoy bien",
    ),
}  # fmt: skip
LINES = {"crisis_line": ConnectTo.CRISIS_LINE, "emergency_line": ConnectTo.EMERGENCY_LINE}
WHO = [
    pytest.param(sender, lang, now, id=f"{lang}-{'withheld' if sender is None else 'known'}-{name}")
    for sender in (CALLER, None)
    for lang in ("en", "es")
    for now, name in ((OPEN, "open"), (CLOSED, "closed"))
]


def said_in(state):
    lang = state.turn.talk.lang
    says = state.turn.reply.says
    return " ".join(WORDS.say(say.key, say.lang or lang, say.values, Channel.VOICE) for say in says)


def is_held(state, where):
    """Either a phone rings for them, or help is named and asked for, with its keys."""
    then = state.turn.then
    assert not isinstance(then, Hangup | Record), where
    if isinstance(then, Connect):
        return
    assert state.step in LINES, where
    assert state.turn.reply.listen is not None, where
    words = said_in(state)
    assert "9 8 8" in words or "9 1 1" in words, (where, words)
    line = goes_on(state, "1").turn.then
    assert isinstance(line, Connect), where
    assert line.kind is LINES[state.step], where
    team = goes_on(state, "0").turn.then
    assert isinstance(team, Connect), where
    assert team.kind is ConnectTo.ON_DUTY, where


@pytest.mark.parametrize(("sender", "lang", "now"), WHO)
def test_after_words_of_danger_no_turn_lets_go(sender, lang, now):
    _held_everywhere(begin(sender, lang, now), lang)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("now", [OPEN, CLOSED], ids=["open", "closed"])
def test_nor_in_a_call_from_abroad_or_about_a_planned_call(lang, now):
    _held_everywhere(begin("+442079460123", lang, now), lang)
    _held_everywhere(begin_planned(lang, now), lang)


@pytest.mark.parametrize(("sender", "lang", "now"), WHO)
def test_nor_at_any_step_however_a_call_came_there(sender, lang, now):
    """The crawl comes to most steps; some wait for a text, a colleague or a second call first."""
    steps, begun = set(), {}
    for state in at_every_step(lang, now, sender):
        steps.add(state.step)
        for words in DANGER[lang]:
            after = goes_on(state, words)
            is_held(after, (state.step, words))
            begun.setdefault(after.key, after)
    assert steps >= CALL_STEPS.keys() - {AT_REST, "voicemail", "record_name", "goodbye", *held_calls.RINGING}
    for state in begun.values():
        for said in AFTER[lang]:
            after = goes_on(state, said)
            is_held(after, (state.key, said))
            is_held(goes_on(after, SILENCE), (state.key, said, SILENCE))


def _held_everywhere(start, lang):
    begun, seen = {}, set()
    for _, _, state in reachable(start, BEFORE[lang], 4):
        if state.turn.then or state.key in seen:
            continue
        seen.add(state.key)
        for words in DANGER[lang]:
            after = goes_on(state, words)
            is_held(after, (state.key, words))
            begun.setdefault(after.key, after)
    assert len(seen) > 100
    checked = set()
    for state in begun.values():
        for before, said, after in reachable(state, AFTER[lang], 4):
            if (after.key, said) not in checked:
                checked.add((after.key, said))
                is_held(after, (before.key, said))
    assert len(checked) > 40


@pytest.mark.parametrize(("sender", "lang", "now"), WHO)
@pytest.mark.parametrize("number", [0, 1], ids=["crisis", "emergency"])
def test_at_the_second_silence_the_line_is_rung_and_then_it_is_held_open(sender, lang, now, number):
    state = goes_on(begin(sender, lang, now), DANGER[lang][number])
    line = state.step
    state = goes_on(state, SILENCE)
    assert state.step == line
    state = goes_on(state, SILENCE)
    assert isinstance(state.turn.then, Connect)
    assert state.turn.then.kind is LINES[line]
    for _ in range(20):
        state = goes_on(state, SILENCE)
        assert state.step == line
        is_held(state, "held open")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_clinic_may_have_the_line_held_open_only(lang, monkeypatch):
    monkeypatch.setattr("tests.call_states.CLINIC", begin().situation.clinic.model_copy(update={
        "calls": begin().situation.clinic.calls.model_copy(update={"silent_in_danger": "hold"})
    }))  # fmt: skip
    state = goes_on(begin(CALLER, lang), DANGER[lang][0])
    for _ in range(10):
        state = goes_on(state, SILENCE)
        assert state.step == "crisis_line"
        is_held(state, "held open")


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("said", ["can i talk to someone", "una persona", "i want a human", "0"])
def test_a_person_in_words_rings_the_crisis_contacts_at_night(lang, said):
    state = goes_on(goes_on(begin(CALLER, lang, CLOSED), DANGER[lang][0]), said)
    assert isinstance(state.turn.then, Connect)
    assert state.turn.then.kind is ConnectTo.ON_DUTY
    assert "9 8 8" in said_in(state)
    after = goes_on(state, SILENCE)
    is_held(after, "nobody took it")
    assert any(getattr(effect, "alert_again", False) for effect in after.turn.effects)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_check_in_on_danger_that_is_not_answered_is_held(lang):
    start = begin(CALLER, lang)
    state = goes_on(
        start, "i am so tired of everything and i want to disappear" if lang == "en" else "quiero desaparecer"
    )
    if state.step == "check_in":
        state = goes_on(goes_on(state, SILENCE), SILENCE)
    assert state.step in held_calls.LINES
    is_held(state, "unanswered")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_second_call_of_who_is_in_danger_begins_at_the_line(lang):
    raised = goes_on(begin(CALLER, lang), DANGER[lang][0]).situation
    again = call_turns.opening(replace(raised, talk=raised.talk.at("at_rest")), returning=41)
    assert again.talk.step == "crisis_line"
    assert again.says[0].key == "after_alarm"
