"""Whole conversations, one a line of talks.jsonl: what is said at each turn, by key, and what is left in the queue.

A turn is [text, keys said]; null for the keys: whatever is said. "{last}" in a text is our last text.
`closed`: days the clinic is closed.
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.builders import WORDS, a_clinic, local
from triage.intake.inbound_texts import Intake
from triage.model.message import Channel, Inbound
from triage.segments import count_segments
from triage.store import messages, people, requests

TALKS = [json.loads(line) for line in (Path(__file__).parent / "talks.jsonl").read_text("utf-8").splitlines()]
SENDER = "+16025550123"
APART = timedelta(seconds=20)
MOST = {"en": 2, "es": 3}


@pytest.fixture(params=TALKS, ids=lambda talk: talk["id"])
def talk(request):
    return request.param


def test_the_conversation_goes_as_written(talk, sqlite_database):
    closed = {date.fromisoformat(day): "a holiday" for day in talk.get("closed", ())}
    intake = Intake(sqlite_database, a_clinic(closed=closed), WORDS, {})
    sender, now = talk.get("from", SENDER), local(talk["now"].replace("T", " "))
    last = ""
    for turn, (text, keys) in enumerate(talk["turns"]):
        body = text.replace("{last}", last)
        answer = intake.take(Inbound(f"{turn}", Channel.SMS, sender, "+16025550100", body, now))
        last = answer.texts[-1] if answer.texts else last
        said = said_last(sqlite_database, sender, answer.refs)
        assert keys is None or said == keys, f"turn {turn + 1}, {text!r}: {answer.texts}"
        fits_its_parts(answer.texts, talk.get("lang", "en"))
        now += APART
    left_as_written(talk, sqlite_database, sender)


def said_last(database, sender, refs):
    with database.read() as db:
        person = people.by_phone(db, sender)
        thread = messages.thread(db, person.id)
    said = thread[-len(refs)].template if refs else None
    return said.split() if said else []


def fits_its_parts(texts, lang):
    for text in texts:
        assert count_segments(text)[1] <= MOST[lang], text


def left_as_written(talk, database, sender):
    with database.read() as db:
        person = people.by_phone(db, sender)
        request = requests.newest_of(db, person.id)
        count = len(requests.earlier_of(db, person.id, before=0))
    if "opted_out" in talk:
        assert (person.opted_out_at is not None) == talk["opted_out"]
    if "lang" in talk:
        assert person.lang == talk["lang"]
    if talk.get("status") == "none":
        assert request is None
        return
    if "requests" in talk:
        assert count == talk["requests"]
    for field in {"status", "priority", "name", "topic", "phone", "number", "promised"} & talk.keys():
        assert getattr(request, field) == talk[field], field
    if "flags" in talk:
        assert sorted(request.flags) == sorted(talk["flags"])
    if "start" in talk:
        assert request.window_start == local(talk["start"].replace("T", " "))
