"""Each rule of the simulated patients is seen to fail when the mechanism that keeps it is taken out."""

from datetime import datetime
from importlib import import_module

import pytest

from bench.patients.__main__ import stage
from bench.patients.goals import Goal
from bench.patients.moves import Move, Script
from bench.patients.play import play_again
from commands.stage import ZONE
from tests.conftest import use_new_keys
from triage.conversation import (
    call_request,
    consent,
    feelings,
    fields,
    respond,
    staff_questions,
    steps,
    wrong_person,
)
from triage.conversation.state import Turn
from triage.intake import expiry, inbound_texts
from triage.reading import read_message

decide = import_module("triage.understanding.decide")  # its package gives that name to the function in it
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
TOMORROW = {"days": 1, "start": "10:00", "end": "11:00"}
FRIDAY = {"weekday": "fri", "start": "14:00", "end": "15:00"}


def said(act, text, wait_min=2, **says):
    return Move("patient", (act,), text, says, wait_min)


QUEUED = (
    Move("patient", ("wish", "window", "name"), "please call me tomorrow at 10 about tms, Gia Moreau", TOMORROW),
    said("affirm", "1"),
)
STAFF_TEXT = Move("staff", ("text",), "text: Please call us back when you have a moment.", wait_min=30)


def without(screens, taken_out):
    return tuple(screen for screen in screens if screen is not taken_out)


# The rule, where its mechanism stands, what is there instead, and the conversation that then breaks it.
TAKEN_OUT = [
    ("1", [(expiry, "run_out", lambda situation: Turn(situation.talk.ended()))], [said("wish", "i want a call")]),
    ("2", [(steps, "UNDO", 1)], [*QUEUED, said("move", "make it friday at 2", **FRIDAY), said("affirm", "1")]),
    (
        "3",
        [(respond, "still_open", lambda situation: situation.talk)],
        [QUEUED[0], Move("staff", ("reached",), "reached", wait_min=20), said("affirm", "1")],
    ),
    (
        "4",
        [(fields, "name_told", lambda heard, situation: heard.name)],
        [*QUEUED, said("digress", "my boyfriend is here, his name is Will")],
    ),
    (
        "5",
        [(module, "hold", lambda turn, heard, situation: turn) for module in (respond, inbound_texts)],
        [said("danger", "I want to kill myself", label="crisis"), said("question", "are you open on sundays",
                                                                      label="handover.logistics")],
    ),
    (
        "6",
        [(respond, "WHO_AND_HOW", without(respond.WHO_AND_HOW, feelings.low_mood))],
        [said("wish", "i want a call"), said("low_mood", "i just feel so alone tonight")],
    ),
    (
        "6",
        [(inbound_texts, "in_other_words", lambda question: question)],
        [said("wish", "call me please"), said("name", "Gia Moreau"), said("number", "1", own=True),
         said("window", "tomorrow at 10", **TOMORROW), said("number", "call 602-555-0190")],
    ),
    (
        "7",
        [(call_request, "is_late", lambda request, now: False)],
        [*QUEUED, said("status", "when will you call me?", wait_min=27 * 60)],
    ),
    (
        "8",
        [(respond, "DANGER_AND_CONSENT", without(respond.DANGER_AND_CONSENT, consent.opt_out))],
        [*QUEUED, said("stop", "please stop texting me", scope="texts")],
    ),
    (
        "9",
        [(read_message, "read_reaction", lambda text: None)],
        [*QUEUED, said("cancel", "cancel my call"), said("reaction", "Liked “{quote}”", positive=True)],
    ),
    (
        "10",
        [
            (respond, "WHO_AND_HOW", without(respond.WHO_AND_HOW, wrong_person.not_me)),
            (staff_questions, "not_me", lambda heard, situation: None),
        ],
        [*QUEUED, STAFF_TEXT, said("not_me", "wrong number")],
    ),
    (
        "11",
        [(respond, "lost", lambda heard, situation: Turn(situation.talk))],
        [said("digress", "the blue one on the left side")],
    ),
    (
        "12",
        [(decide, "_veto", lambda understood, label: None)],
        [said("question", "is tms safe, can it cause seizures", label="handover.medical")],
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def house():
    with stage() as house:
        yield house
    use_new_keys()


@pytest.mark.parametrize(
    ("rule", "mechanism", "moves"), TAKEN_OUT, ids=[f"{rule} {where[0][1]}" for rule, where, _ in TAKEN_OUT]
)
def test_a_rule_is_broken_without_its_mechanism_and_only_then(house, monkeypatch, rule, mechanism, moves):
    script = Script(MONDAY, Goal("en", "Gia Moreau", "602-555-0190", None, "tms", ()), moves)
    assert not play_again(house, script).broken
    for module, name, instead in mechanism:
        monkeypatch.setattr(module, name, instead)
    assert rule in {broken.rule for _, broken in play_again(house, script).broken}
