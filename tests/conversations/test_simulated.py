"""Simulated patients talk to the real engine; the rules are checked after every turn."""

from datetime import datetime
from pathlib import Path

import pytest

from bench.patients.__main__ import figures, simulate, stage
from bench.patients.goals import Goal
from bench.patients.moves import Move, Script, script_of
from bench.patients.phrasebook import day_meant_before, meant, read
from bench.patients.play import play_again
from commands.stage import ZONE
from tests.conftest import use_new_keys

BOOK = Path(__file__).parent.parent / "data" / "phrasebook_small.jsonl"
MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=ZONE)


@pytest.fixture(scope="module")
def house():
    with stage() as house:
        yield house
    use_new_keys()


def test_no_rule_is_broken_in_300_conversations(house):
    played = list(simulate(house, read([BOOK]), count=300, seed=1))
    told = figures(played)
    assert not told["by_kind"], [one.script.line() for one in played if one.broken][:3]
    assert told["goal_met"] >= 0.97


def test_a_line_plays_the_same_conversation_again(house):
    for played in simulate(house, read([BOOK]), count=5, seed=7):
        again = play_again(house, script_of(played.script.line()))
        assert again == played


def test_the_same_seed_gives_the_same_conversations(house):
    first, second = (list(simulate(house, read([BOOK]), count=3, seed=11)) for _ in range(2))
    assert first == second


def test_a_window_means_what_its_line_says():
    thursday = meant({"weekday": "thu", "start": "13:00", "end": "14:00"}, MONDAY)
    assert (thursday.start, thursday.end) == (_in_december(3, 13), _in_december(3, 14))
    assert meant({"days": 1, "start": "15:00"}, MONDAY).end == _in_december(1, 17)
    assert meant({"asap": True}, MONDAY).start is None


def test_an_hour_alone_is_of_the_last_day_that_was_named():
    says = {"days": 0, "start": "14:00", "end": "15:00"}
    told = [meant({"weekday": "tue", "start": "13:00"}, MONDAY, "tuesday after 1"), meant(says, MONDAY, "at 2")]
    told.append(meant(says | {"start": "16:00"}, MONDAY, "este número está bien. a las 4"))
    assert day_meant_before(told) == told[0]
    assert told[2].fits(_in_december(1, 16), day_meant_before(told))
    assert not meant(says, MONDAY, "this afternoon at 2").fits(_in_december(1, 14), told[0])


def test_a_call_that_was_made_a_note_to_write_is_a_goal_met(house):
    texts = ("call me tomorrow at 10 about tms", "Gia", "1", "1", "im deaf text only")
    acts = (("wish", "window"), ("name",), ("number",), ("affirm",), ("no_calls",))
    says = ({"days": 1, "start": "10:00", "end": "11:00"}, {}, {"own": True}, {}, {})
    goal = Goal("en", "Gia", None, None, "tms", ())
    moves = [Move("patient", *one) for one in zip(acts, texts, says, strict=True)]
    assert not play_again(house, Script(MONDAY, goal, moves)).missed


def _in_december(day, hour):
    return datetime(2026, 12, day, hour, tzinfo=ZONE)
