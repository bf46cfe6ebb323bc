"""The same question never goes out twice in a row in the same words, at no step and in no language."""

import pytest

from bench.patients.rules import repeats_a_question
from tests.builders import WORDS, Line
from triage.conversation.other_words import other_wording
from triage.conversation.steps import STEPS
from triage.model.message import Channel, Inbound
from triage.settings import ROOT
from triage.store import messages, people

SENDER = "+16025550123"

# Questions that no step is named after, and steps whose question has other names.
NAMED_OTHERWISE = {
    "offer_call": (), "another_time": (), "promise_told": (), "asked_by_staff": (), "at_rest": (),
    "undo_cancel": (), "undo_move": ("which_time",),
    "check_in": ("check_in/crisis", "check_in/emergency", "check_in/adverse"),
    "ask_number": ("ask_number", "ask_number_withheld", "number_unclear"),
    "offer_nearest": ("offer_nearest", "offer_nearest_closed_day"),
    "read_back": ("read_back", "details_right"),
}  # fmt: skip
QUESTIONS = [key for step in STEPS for key in NAMED_OTHERWISE.get(step, (step,))]

# How a talk comes to each question, by language, and what does not answer it.
WAYS = {
    "en": {
        "ask_name": ("i want a call",),
        "ask_number": ("i want a call", "Dana Hall"),
        "ask_window": ("i want a call", "Dana Hall", "1"),
        "offer_nearest": ("i want a call", "Dana Hall", "1", "sunday at 10"),
        "offer_nearest_late": ("i want a call", "Dana Hall", "1", "tomorrow at 7 pm"),
        "ask_topic": ("i want a call", "Dana Hall", "1", "tomorrow at 3"),
        "read_back": ("call me tomorrow at 3 about tms, Dana Hall",),
        "change": ("call me tomorrow at 3 about tms, Dana Hall", "2"),
        "which_time": ("call me tomorrow at 3 about tms, Dana Hall", "1", "make it 4", "no"),
        "check_in": ("i dont want to be here anymore i think", ),
        "number_unclear": ("call me tomorrow at 3 at 602-555-01, Dana Hall",),
    },
    "es": {
        "ask_name": ("quiero que me llamen",),
        "ask_number": ("quiero que me llamen", "Dana Hall"),
        "ask_window": ("quiero que me llamen", "Dana Hall", "1"),
        "offer_nearest": ("quiero que me llamen", "Dana Hall", "1", "el domingo a las 10"),
        "ask_topic": ("quiero que me llamen", "Dana Hall", "1", "mañana a las 3"),
        "read_back": ("llámenme mañana a las 3 sobre tms, soy Dana Hall",),
        "change": ("llámenme mañana a las 3 sobre tms, soy Dana Hall", "2"),
    },
}  # fmt: skip
BESIDE = {
    "en": ("hello", "what is tms", "my name is Dana Hale", "thanks", "is it safe?", "602-555-0190"),
    "es": ("hola", "qué es tms", "me llamo Dana Hale", "gracias", "¿es seguro?", "602-555-0190"),
}


@pytest.mark.parametrize("key", QUESTIONS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_question_has_other_words(lang, key):
    assert {key, other_wording(key)} <= WORDS.keys(lang)
    assert other_wording(other_wording(key)) in WORDS.keys(lang) - {other_wording(key)}
    files = (ROOT / "templates" / "sms" / lang / f"{one}.txt" for one in (key, other_wording(key)))
    words, others = (file.read_text("utf-8").strip() for file in files)
    assert not words.endswith(others)
    assert not others.endswith(words)


@pytest.mark.parametrize(("lang", "step"), [(lang, step) for lang, ways in WAYS.items() for step in ways])
def test_no_question_is_repeated_in_the_same_words(sqlite_database, lang, step):
    line = Line(sqlite_database, "2026-11-23 10:00")
    for text in (*WAYS[lang][step], *BESIDE[lang]):
        before = last_of(line)
        line.clock.move(seconds=20)
        line.line.intake.take(Inbound(f"{line.now}", Channel.SMS, SENDER, "+16025550100", text, line.now))
        assert not repeats_a_question(before, last_of(line)), (text, before[1], last_of(line)[1])


def last_of(line):
    """The key that our last reply ends with, and the words of its last text."""
    with line.database.read() as db:
        person = people.by_phone(db, SENDER)
        said = [one for one in messages.thread(db, person.id) if one.direction == "out"] if person else []
    keys = [key for one in said for key in (one.template or "").split()]
    return (keys[-1], said[-1].body) if keys else ("", "")
