"""What staff do with a request, and what follows from it."""

import pytest
from sqlalchemy import select

from tests.builders import WORDS, Line, local
from triage.model.request import WITHOUT_CONTACT, Disposition, Priority, Status
from triage.store import requests
from triage.store.tables import audit_events
from triage.team import request_acts

DANA = "+16025550101"


@pytest.fixture
def clinic(database):
    return Line(database, "2026-11-24 10:00")


def tries(clinic: Line, ref: int, disposition: Disposition, login: str = "front", note: str | None = None) -> bool:
    with clinic.database.write() as db:
        return request_acts.log_attempt(
            db, clinic.clinic, WORDS, ref, clinic.staff[login], disposition, note, clinic.now
        )


def actions(clinic: Line, ref: int) -> list[str]:
    with clinic.database.read() as db:
        found = db.scalars(
            select(audit_events.c.action).where(audit_events.c.request_id == ref).order_by(audit_events.c.id)
        )
        return list(found)


def test_of_two_who_take_a_request_one_has_it(clinic):
    ref = clinic.has_request()
    assert clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert not clinic.does(request_acts.claim, ref, clinic.staff["night"])
    assert clinic.request(ref).claimed_by == clinic.staff["front"]
    assert actions(clinic, ref) == ["claim"]


def test_only_the_owner_gives_a_request_back(clinic):
    ref = clinic.has_request()
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert not clinic.does(request_acts.release, ref, clinic.staff["night"])
    assert clinic.does(request_acts.release, ref, clinic.staff["front"])
    assert clinic.request(ref).status is Status.QUEUED


@pytest.mark.parametrize("disposition", sorted(WITHOUT_CONTACT))
def test_a_try_without_contact_goes_back_into_the_queue_for_the_next_by_plan(clinic, disposition):
    ref = clinic.has_request(due="2026-11-24 11:00")
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert tries(clinic, ref, disposition)
    request = clinic.request(ref)
    assert (request.status, request.claimed_by, request.attempts) == (Status.QUEUED, None, 1)
    assert request.due_at == local("2026-11-24 12:00")


def test_when_the_plan_is_used_up_the_request_stays_due(clinic):
    ref = clinic.has_request(due="2026-11-24 11:00")
    for _ in range(5):
        tries(clinic, ref, Disposition.NO_ANSWER)
    request = clinic.request(ref)
    assert request.is_open
    assert request.due_at == local("2026-11-24 14:00")


@pytest.mark.parametrize(
    ("priority", "again"), [(Priority.CRISIS, "2026-11-24 22:15"), (Priority.URGENT, "2026-11-24 22:30")]
)
def test_what_is_grave_is_tried_again_soon_at_any_hour(database, priority, again):
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=priority)
    tries(clinic, ref, Disposition.NO_ANSWER, "night")
    assert clinic.request(ref).due_at == local(again)


def test_a_try_at_a_crisis_ends_its_alerts_and_the_lead_hears_when_it_stays_open(database):
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    tries(clinic, ref, Disposition.NO_ANSWER, "night")
    assert clinic.runs_jobs("2026-11-24 22:14") == []
    assert clinic.runs_jobs("2026-11-24 22:15") == ["lead"]


def test_a_colleague_who_tried_does_not_take_the_request_from_its_owner(clinic):
    ref = clinic.has_request()
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert tries(clinic, ref, Disposition.BUSY, "night")
    assert clinic.request(ref).claimed_by == clinic.staff["front"]


@pytest.mark.parametrize("disposition", sorted(set(Disposition) - WITHOUT_CONTACT))
def test_after_any_other_try_the_request_stays_as_it_is_and_the_patient_gets_no_text(clinic, disposition):
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    before = clinic.request(ref)
    assert tries(clinic, ref, disposition)
    after = clinic.request(ref)
    assert (after.status, after.claimed_by, after.due_at) == (before.status, before.claimed_by, before.due_at)
    assert clinic.notices(ref, "tried_to_reach") == []


def test_a_try_is_kept_with_who_when_and_the_note(clinic):
    ref = clinic.has_request()
    tries(clinic, ref, Disposition.LEFT_VOICEMAIL, note="asked to call in the evening")
    with clinic.database.read() as db:
        (attempt,) = requests.attempts_of(db, ref)
    assert (attempt.by, attempt.at, attempt.disposition, attempt.note) == (
        "front",
        clinic.now,
        Disposition.LEFT_VOICEMAIL,
        "asked to call in the evening",
    )


def test_the_text_after_a_second_try_replaces_one_that_still_waits(database):
    clinic = Line(database, "2026-11-24 21:00")
    ref = clinic.has_request(DANA)
    tries(clinic, ref, Disposition.NO_ANSWER)
    tries(clinic, ref, Disposition.NO_ANSWER)
    assert clinic.runs_jobs("2026-11-25 09:00").count(DANA) == 1


def test_what_is_closed_can_be_neither_tried_taken_nor_closed_again(clinic):
    ref = clinic.has_request()
    front = clinic.staff["front"]
    assert clinic.does(request_acts.close, ref, front, Disposition.REACHED)
    assert not tries(clinic, ref, Disposition.REACHED)
    for act, args in (
        (request_acts.claim, ()),
        (request_acts.acknowledge, ()),
        (request_acts.close, (Disposition.OTHER,)),
        (request_acts.cancel, ()),
    ):
        assert not clinic.does(act, ref, front, *args)
    assert (clinic.request(ref).outcome, clinic.request(ref).attempts) == (Disposition.REACHED, 0)
    assert actions(clinic, ref) == ["close"]


def test_a_closed_request_comes_back_into_the_queue(clinic):
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.OTHER)
    assert clinic.does(request_acts.reopen, ref, clinic.staff["front"])
    assert clinic.request(ref).status is Status.QUEUED
    assert not clinic.does(request_acts.reopen, ref, clinic.staff["front"])
    assert sorted(clinic.runs_jobs("2026-11-24 14:00")) == ["front", "lead"]


def test_a_request_is_not_reopened_beside_a_newer_one_of_the_same_person(clinic):
    old = clinic.has_request(DANA)
    clinic.does(request_acts.cancel, old, clinic.staff["front"])
    clinic.has_request(DANA)
    assert not clinic.does(request_acts.reopen, old, clinic.staff["front"])


def test_a_note_is_kept_and_an_empty_one_is_none(clinic):
    ref = clinic.has_request()
    assert clinic.does(request_acts.add_note, ref, clinic.staff["front"], " prefers mornings ")
    assert not clinic.does(request_acts.add_note, ref, clinic.staff["front"], "  ")
    with clinic.database.read() as db:
        assert [note.body for note in requests.notes_of(db, ref)] == ["prefers mornings"]
    assert actions(clinic, ref) == ["note"]


def test_nothing_can_be_done_with_a_request_that_does_not_exist(clinic):
    front = clinic.staff["front"]
    assert not tries(clinic, 999, Disposition.REACHED)
    for act in (
        request_acts.claim,
        request_acts.release,
        request_acts.acknowledge,
        request_acts.cancel,
        request_acts.reopen,
    ):
        assert not clinic.does(act, 999, front)
    assert not clinic.does(request_acts.add_note, 999, front, "words")
    assert actions(clinic, 999) == []


def test_an_act_and_its_audit_event_stand_or_fall_together(clinic):
    ref = clinic.has_request()

    def claims_and_dies(db, now):
        assert request_acts.claim(db, clinic.clinic, ref, clinic.staff["front"], now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        clinic.does(claims_and_dies)
    assert clinic.request(ref).status is Status.QUEUED
    assert actions(clinic, ref) == []
