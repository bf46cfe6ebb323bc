"""Plans the texts to patients."""

from datetime import datetime

from sqlalchemy import Connection

from triage.model.notice import Kind, Planned
from triage.model.person import Person
from triage.model.request import Flag, Request
from triage.notices.quiet_hours import next_text_hour, zone_of
from triage.notices.recipients import can_be_texted
from triage.settings import Clinic
from triage.store import notices, people

# What a patient is asked by these, a digit answers: the step that is then open.
ASKING = {
    Kind.TRIED_TO_REACH: "another_time",
    Kind.NEW_PROMISE: "another_time",
    Kind.CALL_CONFIRMED: "another_time",
    Kind.YOU_CALLED: "offer_call",
    Kind.MISSED_CALL: "offer_call",
}

# What a caller has just asked for goes out at whatever hour.
ASKED_FOR = frozenset({Kind.CALL_CONFIRMED, Kind.YOU_CALLED})


# What staff write or decide themselves goes out though the wrong person may read it: they have looked.
BY_STAFF = frozenset({Kind.STAFF_TEXT, Kind.NEW_PROMISE})


def may_reach_the_wrong_person(kind: Kind, request: Request | None) -> bool:
    """Tell whether a text waits until staff have looked: who read the last one says that they are somebody else."""
    return request is not None and Flag.WRONG_NUMBER in request.flags and kind not in BY_STAFF


def plan_tried_to_reach(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> None:
    """Tell the patient that we tried; an older one that has not gone out yet is dropped."""
    need = f"tried_to_reach:{request.id}:{request.attempts}"
    _plan_to_patient(db, clinic, request, Kind.TRIED_TO_REACH, need, body, now)


def plan_new_promise(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> bool:
    """Tell the patient of the window that is promised now, instead of one that they have not been told yet."""
    need = f"new_promise:{request.id}:{request.due_at.timestamp():.0f}:{now.timestamp():.0f}"
    return _plan_to_patient(db, clinic, request, Kind.NEW_PROMISE, need, body, now)


def plan_staff_text(db: Connection, clinic: Clinic, request: Request, body: str, once: str, now: datetime) -> bool:
    """Plan a text that staff wrote; `once` makes the same form sent twice one text."""
    return _plan_to_patient(db, clinic, request, Kind.STAFF_TEXT, f"staff_text:{request.id}:{once}", body, now)


def plan_text_to_caller(
    db: Connection, clinic: Clinic, kind: Kind, person: Person, request: Request | None, body: str, now: datetime
) -> None:
    """Plan a text to the phone that has called; of each kind one a day, and of a promise one as often as it changes."""
    if not can_be_texted(person):
        return
    request = request if kind is Kind.CALL_CONFIRMED else None
    promise = f":{request.id}:{request.due_at.timestamp():.0f}" if request else ""
    due_at = now if kind in ASKED_FOR else next_text_hour(clinic.texts_to_patients, zone_of(person, clinic), now)
    new = Planned(
        kind,
        f"{kind}:{person.id}:{now.astimezone(clinic.zone).date()}{promise}",
        due_at,
        request_id=request.id if request else None,
        person_id=person.id,
        expires_at=due_at + clinic.texts_to_patients.useful,
        body=body,
    )
    notices.plan(db, new, now)


def _plan_to_patient(
    db: Connection, clinic: Clinic, request: Request, kind: Kind, need: str, body: str, now: datetime
) -> bool:
    """Plan a text at a decent hour, and only the newest of what the program says by itself; False if none may go
    there.
    """
    if kind is not Kind.STAFF_TEXT:
        for notice in notices.waiting_of(db, request.id):
            if notice.kind in (Kind.TRIED_TO_REACH, Kind.NEW_PROMISE):
                notices.drop(db, notice.id, "not_needed", now)
    person = people.get(db, request.person_id)
    if person is None or not can_be_texted(person) or may_reach_the_wrong_person(kind, request):
        return False
    due_at = next_text_hour(clinic.texts_to_patients, zone_of(person, clinic), now)
    new = Planned(
        kind,
        need,
        due_at,
        request_id=request.id,
        person_id=person.id,
        expires_at=due_at + clinic.texts_to_patients.useful,
        body=body,
    )
    notices.plan(db, new, now)
    return True
