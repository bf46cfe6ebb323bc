"""Texts that follow a call: asked for at any hour, unasked once a day and never at night."""

import pytest

from tests.builders import Line, a_clinic
from triage.intake.inbound_calls import CallIntake, CallTurn
from triage.store import people

CALLER = "+16025550188"


def a_line(database, at="2026-11-23 10:00", **calls):
    return Line(database, at, a_clinic(calls=calls))


def calls(line, *said, number=1, sender=CALLER):
    """A call with these keys and words, and its end."""
    edge = CallIntake(line.line.intake)
    for turn, body in enumerate((None, *said)):
        edge.take(CallTurn(f"CA{number}", turn, sender, "+16025550100", line.now, body or ""))
    edge.ended(f"CA{number}", 20, line.now)


def texts_to_caller(line, at=None):
    line.runs_jobs(at)
    return line.messenger.to(CALLER)


def test_a_confirmation_that_was_asked_for_goes_out_at_night_and_names_no_treatment(database):
    line = a_line(database, "2026-11-23 22:30")
    calls(line, "4", "Dana Zimt", "1", "2", "2", "1", "1")
    (text,) = texts_to_caller(line)
    assert "Tuesday 24 November, between 9 am and noon" in text
    assert "ketamine" not in text


def test_who_said_no_gets_no_text(database):
    line = a_line(database)
    calls(line, "4", "Dana Zimt", "1", "2", "2", "1", "2")
    assert texts_to_caller(line) == []


def test_a_caller_who_is_not_heard_can_go_on_by_text(database):
    line = a_line(database)
    calls(line, "", "", "3")
    (text,) = texts_to_caller(line)
    assert "Reply 1" in text


def test_a_bare_hang_up_gets_no_text_by_default(database):
    line = a_line(database)
    calls(line)
    assert texts_to_caller(line) == []


def test_a_bare_hang_up_gets_one_text_a_day_where_the_clinic_wants_it(database):
    line = a_line(database, missed_call_text=True)
    calls(line, number=1)
    calls(line, number=2)
    assert len(texts_to_caller(line)) == 1
    line.runs_jobs("2026-11-24 10:00")
    calls(line, number=3)
    assert len(texts_to_caller(line)) == 2


def test_that_text_waits_for_the_morning(database):
    line = a_line(database, "2026-11-23 23:00", missed_call_text=True)
    calls(line)
    assert texts_to_caller(line) == []
    assert len(texts_to_caller(line, "2026-11-24 09:00")) == 1


@pytest.mark.parametrize("which", ["textable", "opted_out_at"])
def test_a_landline_and_who_opted_out_get_none(database, which):
    line = a_line(database, missed_call_text=True)
    with line.database.write() as db:
        person, _ = people.meet(db, CALLER, "en", line.now)
        people.change(db, person.id, {which: False if which == "textable" else line.now})
    calls(line)
    assert texts_to_caller(line) == []


def test_a_withheld_caller_gets_none(database):
    line = a_line(database, missed_call_text=True)
    calls(line, sender="anonymous")
    line.runs_jobs()
    assert line.messenger.sent == []


def test_a_call_that_ends_twice_or_was_never_answered_ends_once(database):
    line = a_line(database)
    calls(line, "4", "Dana")
    edge = CallIntake(line.line.intake)
    edge.ended("CA1", 20, line.now)
    edge.ended("CA77", None, line.now)
    with line.database.read() as db:
        assert people.by_phone(db, CALLER).had_request
