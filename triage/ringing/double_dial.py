"""A person who calls while we call them back: they wait a moment, and the member of staff on the line comes to them.

The clock takes the call of staff there (`triage/jobs/ring_phones.py`); until then nothing of theirs has changed.
"""

from datetime import datetime

from sqlalchemy import Connection

from triage.model.call import Leg, Purpose, Wanted
from triage.model.message import Say
from triage.model.request import Request
from triage.policy import JOINED_WITHIN_S
from triage.ringing import talks
from triage.ringing.outgoing_leg import OVER, Meeting, Next, Spoken, Why
from triage.settings import Clinic
from triage.store import legs, requests


def caller_of(db: Connection, person_id: int) -> Leg | None:
    """Return the leg of who is calling this person back and has nobody on the line yet; None if there is none.

    Who speaks to a mailbox is not taken away from it.
    """
    found = legs.open_of_person(db, person_id)
    others = [leg for leg in found if leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL)]
    busy = any(leg.accepted_at or leg.purpose is Purpose.VOICEMAIL for leg in others)
    calling = (leg for leg in found if leg.purpose is Purpose.CALL_BACK and leg.accepted_at and leg.sid)
    return None if busy else next(calling, None)


def wait_for(db: Connection, request: Request, group: str, now: datetime) -> Spoken | None:
    """Have a caller wait for who is calling them back; None where nobody is. group: CallSid and turn."""
    staff = caller_of(db, request.person_id)
    if staff is None:
        return None
    wanted = Wanted(Purpose.JOINED, f"{group}>joined", now, request.id, request.person_id, staff.staff_id, group)
    leg = legs.plan(db, wanted, now)
    legs.bind(db, leg, group.rsplit(":", 1)[0], now)
    return Spoken((Say("staff_call/joining"),), Meeting(leg, waits=True), request.lang)


def waits_on(leg: Leg, now: datetime) -> Spoken:
    """Return what is heard while waiting; who waits too long goes on with their call."""
    if leg.ended_at is not None or (now - leg.created_at).total_seconds() > JOINED_WITHIN_S:
        return Spoken(then=Next.LEAVE)
    return Spoken(then=Next.WAIT)


def joins(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Bring staff to the caller who waits, and log the talk."""
    if leg.ended_at is not None or leg.request_id is None or leg.person_id is None:
        return Spoken((Say("staff_call/gone"),))
    for other in legs.open_of_person(db, leg.person_id):
        if other.purpose is Purpose.PATIENT:
            legs.change(db, other.id, {"why": Why.JOINED}, now)
    legs.accept(db, leg.id, now)
    legs.change(db, leg.id, {"status": "in-progress"}, now)
    talks.began(db, clinic, leg, now, now)
    return Spoken((Say("staff_call/they_call"),), Meeting(leg, waits=False))


def over(db: Connection, leg: Leg, now: datetime) -> Spoken:
    """Go on with a caller who has waited or talked. Whoever is in danger is not left alone with a dead line."""
    if leg.dialled_by is None:
        return OVER  # no call waits on it
    legs.end_of_dial(db, leg.dialled_by, now)
    if leg.accepted_at is not None and leg.duration_s is None:
        legs.change(db, leg.id, {"duration_s": int((now - leg.accepted_at).total_seconds())}, now)
    talks.ended(db, leg, now)
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if leg.accepted_at is not None and not (request and request.priority.pages):
        return OVER
    return Spoken(then=Next.BACK, turn=int(leg.dialled_by.rsplit(":", 1)[1]))


def talked(leg: Leg) -> Spoken:
    """Ask staff for the outcome."""
    return Spoken((Say("staff_call/log_it", {"ref": leg.request_id}),))
