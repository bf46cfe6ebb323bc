"""A call-back: a member of staff calls a person through the clinic's number; their own phone rings first."""

from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection

from triage.model.call import Leg, LegState, Purpose, Wanted
from triage.model.member import Staff
from triage.model.message import Say
from triage.model.request import Disposition, Request
from triage.policy import STAFF_LANG, STAFF_PICK_UP_WITHIN
from triage.ports import Words
from triage.ringing.outgoing_leg import Dial, Next, Spoken, number_of
from triage.settings import Clinic
from triage.store import audit, legs, members, people, requests
from triage.team import request_acts
from triage.team.request_acts import By

_OUTCOMES = {
    "busy": Disposition.BUSY,
    "no-answer": Disposition.NO_ANSWER,
    "failed": Disposition.NO_ANSWER,
    "completed": Disposition.NO_ANSWER,  # a mailbox, or somebody who did not press 1
}


class CannotCall(StrEnum):
    """Why a person is not called back now."""

    NOT_OPEN = "not_open"
    HAS_IT = "has_it"
    NO_PHONE = "no_phone"
    NO_NUMBER = "no_number"
    NO_CALLS = "no_calls"
    CALLING = "calling"


def begin(db: Connection, request_id: int, member: Staff, now: datetime, by: By = By.CONSOLE) -> Leg | CannotCall:
    """Plan the leg that rings a member of staff for a call-back; the clock places the call. Returns why if it may not.

    A person has at most one open leg of a call-back, so two members of staff never ring the same person at once.
    """
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return CannotCall.NOT_OPEN
    people.lock_talk(db, request.person_id)
    if refusal := _refusal(db, request, member):
        return refusal
    wanted = Wanted(
        Purpose.CALL_BACK, f"call_back:{uuid4()}", now, request_id, request.person_id, member.id,
        expires_at=now + STAFF_PICK_UP_WITHIN,
    )  # fmt: skip
    audit.record(db, "call_back", now, member.id, request_id, detail={"by": by})
    return legs.plan(db, wanted, now)


def _refusal(db: Connection, request: Request, member: Staff) -> CannotCall | None:
    person = people.get(db, request.person_id)
    if request.claimed_by not in (None, member.id):
        return CannotCall.HAS_IT
    if not member.is_reachable:
        return CannotCall.NO_PHONE
    if person is None or number_of(db, request) is None:
        return CannotCall.NO_NUMBER
    if person.no_calls_at is not None and not request.priority.pages:
        return CannotCall.NO_CALLS
    busy = (Purpose.CALL_BACK, Purpose.CALLER)
    return CannotCall.CALLING if any(leg.purpose in busy for leg in legs.open_of_person(db, person.id)) else None


def call_patient(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Claim the request for the member of staff on the line, tell them whom it is about, and ring the patient."""
    assert leg.request_id is not None
    assert leg.staff_id is not None
    request_acts.claim(db, clinic, leg.request_id, leg.staff_id, now, By.CALL)
    request = requests.get(db, leg.request_id)
    number = number_of(db, request) if request else None
    if request is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),))
    if number is None:
        return Spoken((Say("staff_call/no_number"),))
    if request.claimed_by != leg.staff_id:
        return Spoken((Say("staff_call/has_it"),))
    if leg.purpose is Purpose.ALERT:
        if any(other.purpose is Purpose.CALL_BACK for other in legs.open_of_person(db, request.person_id)):
            return Spoken((Say("staff_call/calling"),))
        legs.change(db, leg.id, {"purpose": Purpose.CALL_BACK, "person_id": request.person_id}, now)
    legs.accept(db, leg.id, now)
    patient = legs.plan(db, _dialled(leg, request, Purpose.PATIENT, now), now)
    rung = (patient, dialled(request, number))
    dial = Dial((rung,), clinic.calls.confirm_identity, clinic.calls.patient_ring_s, detect=True)
    return Spoken((whisper(request),), dial)


def _dialled(leg: Leg, request: Request, purpose: Purpose, now: datetime) -> Wanted:
    return Wanted(
        purpose, f"{purpose}:{leg.id}", now, request.id, request.person_id, leg.staff_id, dialled_by=leg.ref,
        state=LegState.PLACED,
    )  # fmt: skip


def dialled(request: Request, number: str) -> str:
    """Return what is dialled for a request: its number with the extension, or the E.164 that stands in for it."""
    return request.number if request.number and request.phone == number else number


def whisper(request: Request) -> Say:
    """Word the name and topic of a request, which only the staff side of the call hears."""
    name = request.name or Say("staff_call/no_name")
    topic = Say(f"staff_call/topic_{request.topic or 'unknown'}")
    return Say("staff_call/whisper", {"ref": request.id, "name": name, "topic": topic})


def to_mailbox(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Ring the patient once more so that staff can speak to the mailbox; this leg is joined without a key."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    number = number_of(db, request) if request else None
    if request is None or number is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),))
    mailbox = legs.plan(db, _dialled(leg, request, Purpose.VOICEMAIL, now), now)
    return Spoken(then=Dial(((mailbox, dialled(request, number)),), False, clinic.calls.patient_ring_s))


def after_patient(leg: Leg) -> Spoken:
    """Word for staff how the patient's leg ended.

    If it was answered and no key pressed, it may have been a mailbox: staff are offered to ring it again.
    """
    if leg.accepted_at is not None:
        return Spoken((Say("staff_call/log_it", {"ref": leg.request_id}),))
    if leg.status == "completed":
        key = "staff_call/machine" if leg.by_machine else "staff_call/not_confirmed"
        return Spoken((Say(key),), Next.VOICEMAIL, on=_parent_id(leg))
    return Spoken((Say("staff_call/busy" if leg.status == "busy" else "staff_call/no_answer"),))


def log_when_over(db: Connection, clinic: Clinic, words: Words, leg: Leg, now: datetime) -> None:
    """Log the attempt once all legs of a call-back have ended; staff who talked with the patient log it themselves."""
    parent = legs.get(db, _parent_id(leg))
    if parent is None or parent.purpose is not Purpose.CALL_BACK or parent.ended_at is None:
        return
    dialled = legs.of_dial(db, parent.ref)
    if not dialled or any(one.ended_at is None for one in dialled):
        return
    assert parent.request_id is not None
    assert parent.staff_id is not None
    outcome = _outcome(dialled)
    if outcome is None or not legs.mark_logged(db, parent.id, now):
        return
    member = members.get(db, parent.staff_id)
    last_attempt = requests.attempts_of(db, parent.request_id)[-1:]
    if member and any(tried.by == member.login and tried.at >= parent.created_at for tried in last_attempt):
        return
    machine = outcome is Disposition.NO_ANSWER and any(one.by_machine for one in dialled)
    note = words.say("staff/machine_answered", STAFF_LANG) if machine else None
    request_acts.log_attempt(db, clinic, words, parent.request_id, parent.staff_id, outcome, note, now, By.CALL)


def _parent_id(leg: Leg) -> int:
    """Return the id of the staff leg of a call-back, given that leg or one that it dialled."""
    dialled = leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL) and leg.dialled_by
    return int(leg.dialled_by[1:]) if dialled and leg.dialled_by else leg.id


def _outcome(dialled: list[Leg]) -> Disposition | None:
    """Return the disposition to log for legs that ended; None if they talked, or the patient's leg was canceled."""
    patient = dialled[0]
    if patient.accepted_at is not None:
        return None
    if any(one.purpose is Purpose.VOICEMAIL and one.status == "completed" for one in dialled):
        return Disposition.LEFT_VOICEMAIL
    return _OUTCOMES.get(patient.status or "")
