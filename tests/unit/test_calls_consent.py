"""On a call "stop" is no STOP: only words that name texts or calls take back consent, and what they take is said."""

from functools import cache

import pytest

from tests.builders import WORDS
from tests.call_states import CALLER, OPEN, at_every_step, begin, goes_on, heard, reachable
from triage.conversation.state import CancelCall, PutBack, Stop
from triage.model.message import Channel, Connect, Hangup, Listen, Record
from triage.reading.opt_out import Scope

MOVES = {
    "en": (*"1234590", "", "my name is dana", "tomorrow afternoon", "how does tms work"),
    "es": (*"1234590", "", "me llamo dana", "mañana por la tarde", "cómo funciona la tms"),
}
QUIET = ("stop", "stop it", "enough", "that's enough", "no more", "quit", "wait", "alto", "basta", "ya no", "silencio")
CANCEL = ("cancel", "cancel the call", "never mind", "cancelar", "cancele la llamada")
CONSENT = [
    ("stop texting me", Scope.TEXTS),
    ("do not send me any more text messages", Scope.TEXTS),
    ("no more calls please", Scope.CALLS),
    ("never call me again", Scope.CALLS),
    ("stop calling and texting me", Scope.ALL),
    ("unsubscribe me", Scope.ALL),
    ("no me manden más mensajes", Scope.TEXTS),
    ("no me llamen nunca más", Scope.CALLS),
]


@cache
def states(lang, turns=4):
    """Every state that a few turns lead to, and every step however a call came there."""
    found = {state.key: state for state in at_every_step(lang)}
    for _, _, state in reachable(begin(CALLER, lang, OPEN), MOVES[lang], turns):
        if state.turn.then is None:
            found.setdefault(state.key, state)
    return list(found.values())


def spoken(state):
    says = state.turn.reply.says
    return " ".join(WORDS.say(s.key, s.lang or state.turn.talk.lang, s.values, Channel.VOICE) for s in says)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("said", [*QUIET, *CANCEL])
def test_no_word_that_names_no_texts_or_calls_takes_back_consent_at_any_state(lang, said):
    count = 0
    for state in states(lang):
        after = goes_on(state, said)
        assert not any(isinstance(effect, Stop) for effect in after.turn.effects), state.key
        assert isinstance(after.turn.reply.listen or after.turn.then, Listen | Connect | Record | Hangup)
        count += 1
        if any(isinstance(effect, CancelCall) for effect in after.turn.effects):
            assert said in CANCEL, (state.key, said)
            assert any(isinstance(effect, PutBack) for effect in goes_on(after, "2").turn.effects), state.key
    assert count > 80


@pytest.mark.parametrize("said", QUIET)
def test_who_wants_us_to_be_quiet_is_waited_for_and_keeps_the_question(said):
    state = goes_on(begin(), "how does tms work")
    after = goes_on(state, said)
    assert after.step == state.step
    assert len(spoken(after)) < 40
    assert after.turn.reply.listen.silence_s > state.turn.reply.listen.silence_s


@pytest.mark.parametrize(("said", "scope"), CONSENT)
def test_words_that_name_texts_or_calls_do_and_what_was_heard_is_said(said, scope):
    assert heard(said).scope is scope
    after = goes_on(begin(), said)
    assert [effect.scope for effect in after.turn.effects if isinstance(effect, Stop)] == [scope]
    words = spoken(after).lower()
    if scope in (Scope.TEXTS, Scope.ALL):
        assert "no more texts" in words or "más textos" in words or "no recibirá" in words
    if scope in (Scope.CALLS, Scope.ALL):
        assert any(one in words for one in ("not call you", "no more calls", "no le llamaremos", "ni llamadas"))
