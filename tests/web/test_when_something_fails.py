"""The rules throw, or the database is busy: words are kept or come again, and danger that was heard stays heard."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.web.calling import Caller
from tests.web.texting import a_text, texting, texts_in
from triage.errors import DatabaseBusy
from triage.intake import inbound_calls, inbound_texts
from triage.model.request import Priority
from triage.store.tables import callback_requests, messages

CRISIS = "i do not want to live any more"
BLEEDING = "my husband collapsed and is not breathing"


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


def a_fault(*_args, **_kwargs):
    raise RuntimeError("a rule that throws")


def priorities(clinic):
    with clinic.database.read() as db:
        rows = db.execute(select(callback_requests.c.priority, callback_requests.c.next_alert_at.is_not(None)))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(("words", "priority", "line"), [(CRISIS, "crisis", "988"), (BLEEDING, "emergency", "911")])
@pytest.mark.parametrize("what", ["respond", "hear"])
def test_a_rule_that_throws_on_words_of_danger_does_not_silence_them(clinic, monkeypatch, words, priority, line, what):
    monkeypatch.setattr(inbound_texts, what, a_fault)
    answer = clinic.post(a_text(body=words))
    assert answer.status_code == 200
    assert line in " ".join(texts_in(answer))
    assert priorities(clinic) == [(priority, True)]


def test_a_rule_that_throws_on_an_ordinary_text_raises_a_request_for_a_person(clinic, monkeypatch):
    monkeypatch.setattr(inbound_texts, "respond", a_fault)
    clinic.post(a_text(body="What is TMS?"))
    assert priorities(clinic) == [(Priority.ROUTINE, False)]


def test_a_caller_in_danger_is_heard_though_the_rules_throw(clinic, monkeypatch):
    caller = Caller(clinic).rings()
    monkeypatch.setattr(inbound_calls.call_turns, "take_turn", a_fault)
    caller.says(CRISIS)
    assert "9 8 8" in caller.heard
    assert priorities(clinic) == [(Priority.CRISIS, True)]
    monkeypatch.undo()
    assert caller.presses("1").document.findtext("Redirect", "").split("#")[0].endswith("/connect/988/3")


@pytest.mark.parametrize("words", [CRISIS, "What is TMS?"])
def test_a_busy_database_makes_a_text_come_again_and_is_no_fault_of_the_rules(clinic, monkeypatch, words):
    @contextmanager
    def busy(_self):
        raise DatabaseBusy("somebody holds the gate")
        yield

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(type(clinic.database), "write", busy)
        assert clinic.post(a_text(body=words)).status_code == 503
    assert clinic.count(messages) == 0
    assert clinic.post(a_text(body=words)).status_code == 200
    assert priorities(clinic) == ([(Priority.CRISIS, True)] if words == CRISIS else [])


def test_a_gate_that_is_busy_once_in_a_turn_does_not_become_a_safe_turn(clinic, monkeypatch):
    """Before, the busy gate was taken for a fault of the rules, and the second try wrote a routine request."""
    tries, write = [], type(clinic.database).write

    @contextmanager
    def busy_at_first(self):
        tries.append(1)
        if len(tries) == 1:
            raise DatabaseBusy("somebody holds the gate")
        with write(self) as db:
            yield db

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(type(clinic.database), "write", busy_at_first)
        statuses = [clinic.post(a_text(body=CRISIS)).status_code for _ in range(2)]
    assert statuses == [503, 200]
    assert priorities(clinic) == [(Priority.CRISIS, True)]


@pytest.mark.parametrize("fault", [OperationalError("", None, OSError()), PoolTimeout()])
def test_staff_are_told_that_the_database_is_away_and_keep_what_they_had_typed(desk, front, monkeypatch, fault):
    """Before, they read that something in their request could not be read."""

    @contextmanager
    def away(_self):
        raise fault
        yield

    monkeypatch.setattr(type(desk.db), "read", away)
    monkeypatch.setattr(type(desk.db), "write", away)
    answers = [front.get("/staff/"), front.post("/staff/requests/1/note", data={"note": "kept words"})]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("The database was busy or away" in answer.text for answer in answers)
    assert "kept words" in answers[1].text
