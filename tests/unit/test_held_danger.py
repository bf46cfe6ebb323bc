"""Whatever somebody in danger writes, at whatever step, the reply carries 988 (911 in an emergency) and no menu."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import WORDS, a_clinic, local
from triage.conversation.draft import Draft
from triage.conversation.respond import respond
from triage.conversation.state import AT_REST, Situation, Talk
from triage.conversation.steps import STEPS
from triage.model.message import Channel
from triage.model.person import Person
from triage.model.request import Priority, Request, Status
from triage.reading.read_message import Heard, hear

CLINIC = a_clinic(texts={"en": {"hours": "We are open Monday to Friday, 9 am to 5 pm.", "payment": "It costs 400."}})
NIGHT = local("2026-11-24 02:10").astimezone(CLINIC.zone)
PHONE = "+15205550101"
# One or more of each kind: thanks, small talk, questions of all sorts, answers to each step, moves, anger, noise.
MESSAGES = (
    "thanks", "thank you for writing back", "hello", "help me", "HELP!!!", "menu", "ok", "yes", "no", "1", "2", "3",
    "Dana Hall", "my name is Dana Hall", "602-555-0177", "tomorrow at 3", "tms", "ketamine please", "both",
    "how much is it", "are you open on sundays", "where do I park", "what is tms", "is tms safe", "does tms even work",
    "can i take lithium with ketamine", "I want to book an appointment", "please call me", "when will you call me",
    "cancel my call", "move it to friday at 10", "wait, no, keep it", "don't call me", "please stop texting me",
    "STOP!!!", "I am fine, really", "lol jk", "They are on their way.", "he is breathing", "no one picks up at 988",
    "the ambulance is here", "i'm with my sister now", "who is this", "wrong number", "I am deaf, text only",
    "im in the parking lot", "this is a scam", "I'm not okay", "is anyone there", "I want to kill myself",
    "he stopped breathing", "i have a rash since the infusion", "988", "asdf qwer", "???", "👍", "agent",
    "gracias", "ya vienen", "¿cuánto cuesta?", "no puedo más",
)  # fmt: skip
NEVER = (
    "menu", "we are open", "it costs", "you are welcome", "reply 1 for", "de nada", "automated line", "arrange a call",
)  # fmt: skip


@cache
def heard(text: str) -> Heard:
    return hear(text, NIGHT, Channel.SMS)


def a_situation(step: str, priority: Priority, lang: str = "en") -> Situation:
    request = Request(
        1, 1, Status.QUEUED, priority, "sms", lang, NIGHT, NIGHT, NIGHT, phone=PHONE, name="Dana Hall",
        window_start=NIGHT + timedelta(hours=8), window_end=NIGHT + timedelta(hours=9), promised="as soon as possible",
    )  # fmt: skip
    choices = {
        "check_in": ("crisis",),
        "did_you_mean": ("tms.what", "tms.how"),
        "which_number": ("+16025550180", "+16025550181"),
        "undo_move": (NIGHT.isoformat(), (NIGHT + timedelta(hours=1)).isoformat()),
    }.get(step, ())
    form = STEPS[step].form
    draft = Draft(wish=form, window=hear("tomorrow evening", NIGHT, Channel.SMS).window if form else None)
    talk = Talk(lang=lang, step=step, choices=choices, draft=draft)
    return Situation(CLINIC, Channel.SMS, NIGHT, Person(1, PHONE, lang), talk, request, PHONE, known=True)


def what_is_said(text: str, situation: Situation) -> str:
    turn = respond(heard(text), situation)
    return " ".join(WORDS.texts(turn.reply, turn.talk.lang, Channel.SMS))


@pytest.mark.parametrize("priority", [Priority.CRISIS, Priority.EMERGENCY])
@pytest.mark.parametrize("step", STEPS)
def test_every_reply_to_somebody_in_danger_carries_the_number_and_is_no_menu(step, priority):
    number = "988" if priority is Priority.CRISIS else "911"
    for text in MESSAGES:
        said = what_is_said(text, a_situation(step, priority))
        assert number in said, (step, text, said)
        assert not [words for words in NEVER if words in said.casefold()], (step, text, said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60), st.sampled_from(sorted(STEPS)), st.sampled_from(["en", "es"]))
def test_the_same_holds_for_any_text(text, step, lang):
    situation = a_situation(step, Priority.CRISIS, lang)
    turn = respond(hear(text, NIGHT, Channel.SMS), situation)
    said = " ".join(WORDS.texts(turn.reply, turn.talk.lang, Channel.SMS))
    assert "988" in said
    assert not [words for words in NEVER if words in said.casefold()]


def test_no_wording_is_said_twice_in_a_row():
    for priority in (Priority.CRISIS, Priority.EMERGENCY):
        for text in MESSAGES:
            situation = a_situation(AT_REST, priority)
            said = []
            for _ in range(3):
                turn = respond(heard(text), situation)
                said.append([say.key for say in turn.says])
                situation = replace(situation, talk=turn.talk)
            assert said[0] != said[1] != said[2], (text, said)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("They are on their way.", "held/emergency/help_comes"),
        ("he's here now, the paramedic. she is breathing", "held/emergency/help_comes"),
        ("he is breathing", "held/emergency/better"),
        ("nobody answers at 911", "held/emergency/no_answer"),
        ("thank you", "held/emergency/thanks"),
        ("how much is it", "held/emergency/question"),
    ],
)
def test_what_is_told_of_the_danger_has_words_of_its_own(text, key):
    turn = respond(heard(text), a_situation(AT_REST, Priority.EMERGENCY))
    assert [say.key for say in turn.says] == [key]


def test_a_real_question_is_answered_and_988_comes_after_it():
    turn = respond(heard("does tms even work"), a_situation(AT_REST, Priority.CRISIS))
    assert [say.key for say in turn.says] == ["answers/tms.effectiveness", "held/crisis/again"]


OPENING_IN_WORDS = {"en": "Wednesday 25 November at 9:30 am", "es": "el miércoles 25 de noviembre a las 9:30 a. m."}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_all_words_that_hold_carry_their_number_in_one_part(lang):
    for key in WORDS.keys(lang):
        if key.startswith("held/"):
            words = WORDS.say(key, lang, {"when": OPENING_IN_WORDS[lang]})
            assert ("988" if "/crisis/" in key else "911") in words, key
            assert len(words) <= 160, key
