"""Plans the texts to patients."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.model.notice import Kind, Notice, Planned
from triage.model.person import Person
from triage.model.request import Flag, Request
from triage.notices.quiet_hours import next_text_hour, zone_of
from triage.notices.recipients import can_be_texted
from triage.policy import ANSWERED_WITHIN
from triage.settings import Clinic
from triage.store import notices, people, promise_ledger, requests

# What a patient is asked by these: the step that is open then, so that an answer is taken for one to this.
ASKING = {
    Kind.TRIED_TO_REACH: "another_time",
    Kind.NEW_PROMISE: "promise_told",
    Kind.CALL_CONFIRMED: "promise_told",
    Kind.STAFF_TEXT: "asked_by_staff",
    Kind.YOU_CALLED: "offer_call",
    Kind.MISSED_CALL: "offer_call",
}

# What a caller has just asked for goes out at whatever hour.
ASKED_FOR = frozenset({Kind.CALL_CONFIRMED, Kind.YOU_CALLED})

# What answers a text that no webhook brought.
LATE = frozenset({Kind.LATE_ALARM, Kind.LATE_CONFIRMATION, Kind.LATE_ANSWER})
_ANSWERS = "late:"

LATE_COMMAND_USEFUL = timedelta(hours=1)


# What staff write or decide themselves goes out though the wrong person may read it: they have looked.
BY_STAFF = frozenset({Kind.STAFF_TEXT, Kind.NEW_PROMISE})


def may_reach_the_wrong_person(kind: Kind, request: Request | None) -> bool:
    """Tell whether a text waits until staff have looked: who read the last one says that they are somebody else."""
    return request is not None and Flag.WRONG_NUMBER in request.flags and kind not in BY_STAFF


def plan_tried_to_reach(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> None:
    """Tell the patient that we tried, at most once a day of theirs; an older one that still waits is dropped.

    Not after somebody has spoken with them, unless they have been promised another call since.
    """
    person = people.get(db, request.person_id)
    if person is None or (request.spoken_at and not promise_ledger.made_since(db, request.id, request.spoken_at)):
        return
    zone = zone_of(person, clinic)
    day = next_text_hour(clinic.texts_to_patients, zone, now).astimezone(zone).date()
    _plan_to_patient(db, clinic, request, Kind.TRIED_TO_REACH, f"tried_to_reach:{request.id}:{day}", body, now)


def drop_tried_to_reach(db: Connection, request_id: int, now: datetime) -> None:
    """Drop what would tell the patient that we tried, where it has not gone out yet."""
    for notice in notices.waiting_of(db, request_id):
        if notice.kind is Kind.TRIED_TO_REACH:
            notices.drop(db, notice.id, "not_needed", now)


def plan_new_promise(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> bool:
    """Tell the patient of the window that is promised now, instead of one that they have not been told yet."""
    return _plan_to_patient(
        db, clinic, request, Kind.NEW_PROMISE, f"{_new_promise(request)}:{now.timestamp():.0f}", body, now
    )


def _new_promise(request: Request) -> str:
    return f"new_promise:{request.id}:{request.promised_end.timestamp() if request.promised_end else 0:.0f}"


def tells_promise_of(notice: Notice, request: Request) -> bool:
    """Tell whether a text about another window tells of the one that counts."""
    return notice.need.startswith(f"{_new_promise(request)}:")


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


def plan_late_answer(
    db: Connection, clinic: Clinic, kind: Kind, person_id: int, request_id: int | None, key: str, written_at: datetime,
    body: str, now: datetime,
) -> None:  # fmt: skip
    """Plan what answers a text that was found in the provider's list; `key`: under which the text is kept.

    Words for who is in danger are never too late.
    """
    request = requests.get(db, request_id) if request_id else None
    lasts = {
        Kind.LATE_ANSWER: written_at + ANSWERED_WITHIN,
        Kind.LATE_CONFIRMATION: now + clinic.texts_to_patients.useful,
    }
    new = Planned(
        kind,
        f"{_ANSWERS}{key}",
        now,
        request_id=request.id if request and request.is_open else None,
        person_id=person_id,
        expires_at=lasts.get(kind),
        body=body,
    )
    notices.plan(db, new, now)


def answered_by(notice: Notice) -> str:
    """Return the key of the text that a late answer is for."""
    return notice.need.removeprefix(_ANSWERS)


def plan_late_command(db: Connection, staff_id: int, body: str, now: datetime) -> None:
    """Tell staff that what they texted came too late to be done; of several at once, once."""
    need = f"{Kind.LATE_COMMAND}:{staff_id}:{now:%Y%m%d%H%M}"
    new = Planned(Kind.LATE_COMMAND, need, now, staff_id=staff_id, expires_at=now + LATE_COMMAND_USEFUL, body=body)
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
