"""The ledger of promises tells the truth: of calls too early, of talks, of what the patient hears."""

import pytest

from tests.builders import WORDS, Line, local
from tests.unit.test_promises import DANA, attempt, promise, standings, texts
from triage.model.call import LegState, Purpose, Wanted
from triage.model.request import Disposition, Status
from triage.ringing import leg_turns
from triage.ringing.outgoing_leg import Next
from triage.ringing.picked_up import Answer
from triage.store import legs
from triage.team import request_acts

WINDOW = ("2026-11-24 14:00", "2026-11-24 16:00")


@pytest.fixture
def clinic(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(DANA)
    promise(clinic, ref, *WINDOW)
    clinic.runs_jobs()
    clinic.messenger.take()
    return clinic


def told(clinic, at):
    clinic.messenger.take()
    clinic.runs_jobs(at)
    return [text.body for text in clinic.messenger.sent if text.to == DANA]


def test_a_call_before_the_window_keeps_no_promise_and_uses_no_try_up(clinic):
    for _ in range(4):
        attempt(clinic, 1)
    request = clinic.request(1)
    assert standings(clinic, 1) == ["open"]
    assert (request.due_at, request.window_counts, request.status) == (local(WINDOW[1]), True, Status.QUEUED)
    clinic.clock.at = local("2026-11-24 14:00")
    attempt(clinic, 1)
    assert standings(clinic, 1) == ["kept"]
    assert clinic.request(1).due_at == local("2026-11-24 16:00"), "the second of the plan: two open hours later"


def test_a_promise_that_was_called_too_early_only_is_broken_when_nobody_calls(clinic):
    attempt(clinic, 1)
    clinic.clock.at = local("2026-11-24 16:01")
    assert standings(clinic, 1) == ["late"]
    attempt(clinic, 1)
    assert standings(clinic, 1) == ["broken"]


def test_a_talk_before_the_window_settles_the_promise_and_counts_as_no_kept_one(clinic):
    attempt(clinic, 1, Disposition.REACHED)
    assert standings(clinic, 1) == ["replaced"]


@pytest.mark.parametrize(("at", "standing"), [("14:30", "kept"), ("13:30", "replaced"), ("16:30", "broken")])
def test_a_call_that_is_connected_settles_it_before_anybody_logs_it(clinic, at, standing):
    clinic.clock.at = local(f"2026-11-24 {at}")
    with clinic.database.write() as db:
        person = clinic.request(1).person_id
        wanted = Wanted(
            Purpose.PATIENT, "patient:1", clinic.now, 1, person, clinic.staff["front"], state=LegState.PLACED
        )
        leg_turns.pressed(db, clinic.clinic, legs.plan(db, wanted, clinic.now), Next.ASKED, Answer.YES, clinic.now)
    assert standings(clinic, 1) == [standing]
    assert clinic.request(1).spoken_at == clinic.now


def test_a_stop_leaves_the_window_as_it_was_promised(clinic):
    before = clinic.request(1)
    for word in ("STOP", "please stop texting me"):
        texts(clinic, word)
    after = clinic.request(1)
    assert (after.promised, after.promised_start, after.due_at) == (
        before.promised, before.promised_start, before.due_at,
    )  # fmt: skip
    assert standings(clinic, 1) == ["open"]


def test_a_patient_hears_once_a_day_at_most_that_we_tried(clinic):
    attempt(clinic, 1)
    assert len(told(clinic, "2026-11-24 10:10")) == 1
    attempt(clinic, 1, Disposition.BUSY)
    assert told(clinic, "2026-11-24 12:10") == []
    clinic.clock.at = local("2026-11-25 09:30")
    attempt(clinic, 1)
    assert len(told(clinic, "2026-11-25 09:31")) == 1


def test_nobody_hears_that_we_tried_after_they_have_been_spoken_to(clinic):
    clinic.clock.at = local("2026-11-24 21:00")
    attempt(clinic, 1)
    attempt(clinic, 1, Disposition.REACHED)
    assert told(clinic, "2026-11-25 09:00") == []
    attempt(clinic, 1)
    assert told(clinic, "2026-11-25 09:10") == []


def test_after_another_call_was_promised_they_do_again(clinic):
    attempt(clinic, 1, Disposition.REACHED)
    promise(clinic, 1, "2026-11-24 11:00", "2026-11-24 12:00")
    told(clinic, "2026-11-24 11:10")
    attempt(clinic, 1)
    assert told(clinic, "2026-11-24 11:11") == [WORDS.say("tried_to_reach", "en", {"sender": "Example Care"})]
    assert clinic.does(request_acts.close, 1, clinic.staff["front"], Disposition.OTHER)
