"""Whole conversations of tests/data, from the second text on, played through the engine, the store and the clock."""

import json
from pathlib import Path

import pytest

from bench.understanding import measured_runtime
from commands.dialogues import evaluate_dialogues

DATA = Path(__file__).parent.parent / "data"

# These expect the time to be asked for before the number; the form asks for the number first.
OTHER_ORDER = {"event-es", "tried-to-call"}
PARTS = 4


def rows_of(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", ["after_the_first.jsonl", "after_the_first_more.jsonl"])
def test_what_comes_of_each_conversation_is_what_its_people_would_expect(name, part):
    rows = rows_of(name)[part::PARTS]
    failures = evaluate_dialogues(rows, measured_runtime())["failures"]
    assert [one for one in failures if one[0] not in OTHER_ORDER] == []
