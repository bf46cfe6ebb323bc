"""A call-back: a member of staff calls a person through the clinic's number; their own phone rings first."""

from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection

from triage.hours.window import Window
from triage.model.call import Leg, LegState, Purpose, Wanted
from triage.model.member import Staff
from triage.model.message import Say
from triage.model.request import Disposition, Request
from triage.notices.quiet_hours import next_text_hour, zone_of
from triage.policy import STAFF_LANG, STAFF_PICK_UP_WITHIN
from triage.ports import Words
from triage.ringing import talks
from triage.ringing.outgoing_leg import Dial, Next, Spoken, Why, number_of
from triage.settings import Clinic
from triage.store import audit, legs, members, people, requests
from triage.team import request_acts
from triage.team.request_acts import By


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


def call_patient(db: Connection, clinic: Clinic, leg: Leg, now: datetime, anyway: bool = False) -> Spoken:
    """Claim the request for the member of staff on the line, tell them whom it is about, and ring the patient.

    At an hour that was not promised, or at which nobody is called, they are asked first; anyway: they want it so.
    """
    assert leg.request_id is not None
    assert leg.staff_id is not None
    request = requests.get(db, leg.request_id)
    number = number_of(db, request) if request else None
    if request is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),))
    if number is None:
        return Spoken((Say("staff_call/no_number"),))
    if request.claimed_by in (None, leg.staff_id) and not anyway and (hour := _untimely(db, clinic, request, now)):
        return Spoken((hour,), Next.ANYWAY)
    if request.claimed_by != leg.staff_id and not request_acts.claim(
        db, clinic, request.id, leg.staff_id, now, By.CALL
    ):
        return Spoken((Say("staff_call/has_it"),))
    if leg.purpose is Purpose.ALERT:
        if any(other.purpose is Purpose.CALL_BACK for other in legs.open_of_person(db, request.person_id)):
            return Spoken((Say("staff_call/calling"),))
        legs.change(db, leg.id, {"purpose": Purpose.CALL_BACK, "person_id": request.person_id}, now)
    legs.accept(db, leg.id, now)
    patient = legs.plan(db, _dialled(leg, request, Purpose.PATIENT, now), now)
    rung = (patient, dialled(request, number))
    dial = Dial((rung,), clinic.calls.confirm_identity, clinic.calls.patient_ring_s, detect=True)
    return Spoken((*whisper(clinic, request), Say("staff_call/connecting_now")), dial)


def _untimely(db: Connection, clinic: Clinic, request: Request, now: datetime) -> Say | None:
    """Return what staff hear before they call outside the hours for calls, or outside what was promised; else None."""
    person = people.get(db, request.person_id)
    if person is None or request.priority.pages:
        return None
    zone = zone_of(person, clinic)
    if next_text_hour(clinic.texts_to_patients, zone, now) > now:
        return Say("staff_call/outside_hours", {"at": now.astimezone(zone)})
    window = _window_of(clinic, request)
    if window is None or window.start <= now <= window.end:
        return None
    return Say("staff_call/outside_promise", {"window": window})


def _window_of(clinic: Clinic, request: Request) -> Window | None:
    """Return the window that was promised and still counts, in the clinic's zone."""
    if not request.window_counts or request.promised_start is None or request.promised_end is None:
        return None
    return Window(request.promised_start.astimezone(clinic.zone), request.promised_end.astimezone(clinic.zone))


def _dialled(leg: Leg, request: Request, purpose: Purpose, now: datetime) -> Wanted:
    return Wanted(
        purpose, f"{purpose}:{leg.id}", now, request.id, request.person_id, leg.staff_id, dialled_by=leg.ref,
        state=LegState.PLACED,
    )  # fmt: skip


def dialled(request: Request, number: str) -> str:
    """Return what is dialled for a request: its number with the extension, or the E.164 that stands in for it."""
    return request.number if request.number and request.phone == number else number


def whisper(clinic: Clinic, request: Request) -> tuple[Say, ...]:
    """Word whom a call is about, which only the staff side hears: name, what for, language, promise, tries before."""
    name = request.name or Say("staff_call/no_name")
    topic = Say(f"staff_call/topic_{request.topic or 'unknown'}")
    about = Say("staff_call/whisper", {"ref": request.id, "name": name, "topic": topic})
    if request.priority.pages:
        about = Say("staff_call/whisper_grave", {"ref": request.id, "name": name})
    says = [about]
    if request.lang != STAFF_LANG:
        says.append(Say("staff_call/speaks_spanish"))
    if window := _window_of(clinic, request):
        says.append(Say("staff_call/promised", {"window": window}))
    if request.attempts:
        says.append(
            Say(f"staff_call/tried_{'once' if request.attempts == 1 else 'often'}", {"count": request.attempts})
        )
    return tuple(says)


def to_mailbox(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Ring the patient once more so that staff can speak to the mailbox; this leg is joined without a key."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    number = number_of(db, request) if request else None
    if request is None or number is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),))
    mailbox = legs.plan(db, _dialled(leg, request, Purpose.VOICEMAIL, now), now)
    return Spoken(then=Dial(((mailbox, dialled(request, number)),), False, clinic.calls.patient_ring_s))


# What staff hear where the patient's phone was picked up and they were not put through, and what the log says of it.
_PICKED_UP = {
    Why.WRONG_PERSON: "wrong_person",
    Why.SILENT: "silent",
    Why.UNCLEAR: "unclear",
    None: "hung_up",
}


def _end_of(patient: Leg) -> str:
    """Return how the leg of a patient ended who was not put through: the key of what staff hear, and of the log."""
    if patient.status == "completed":
        return "machine" if patient.by_machine else _PICKED_UP.get(Why(patient.why) if patient.why else None, "hung_up")
    if patient.status == "busy":
        return "turned_away" if patient.why == Why.TURNED_AWAY else "busy"
    return "no_answer"


def after_patient(leg: Leg) -> Spoken:
    """Word for staff how the patient's leg ended. Where a mailbox may have answered, they can speak to it."""
    if leg.accepted_at is not None:
        return Spoken((Say("staff_call/log_it", {"ref": leg.request_id}),))
    end = _end_of(leg)
    if end in ("machine", "silent"):
        return Spoken((Say(f"staff_call/{end}"),), Next.VOICEMAIL, on=_parent_id(leg))
    return Spoken((Say(f"staff_call/{end}", {"ref": leg.request_id}),))


# How an attempt is logged that ended so. What no call came of is not logged: whoever hung up is told.
_LOGGED = {
    "busy": Disposition.BUSY,
    "turned_away": Disposition.BUSY,
    "wrong_person": Disposition.WRONG_NUMBER,
}


def log_when_over(db: Connection, clinic: Clinic, words: Words, leg: Leg, now: datetime) -> None:
    """Settle a call-back once all its legs have ended: each end is an outcome of its own. A talk has been logged."""
    parent = legs.get(db, _parent_id(leg))
    if parent is None or parent.purpose is not Purpose.CALL_BACK or parent.ended_at is None:
        return
    dialled = legs.of_dial(db, parent.ref)
    if not dialled or any(one.ended_at is None for one in dialled) or not legs.mark_logged(db, parent.id, now):
        return
    patient = dialled[0]
    if patient.status == "canceled":
        talks.tell_not_made(db, words, parent, "staff/gave_up", now)
        return
    if patient.logged_at is not None or patient.why == Why.JOINED:
        return
    if patient.accepted_at is not None and not patient.by_machine:
        talks.began(db, clinic, patient, patient.accepted_at, now)
        return
    assert parent.request_id is not None
    assert parent.staff_id is not None
    if _told_by_hand(db, parent):
        return
    outcome, note = _outcome(dialled)
    in_words = words.say(f"staff/ended/{note}", STAFF_LANG) if note else None
    request_acts.log_try(db, clinic, words, parent.request_id, parent.staff_id, outcome, in_words, now, By.CALL)


def _told_by_hand(db: Connection, parent: Leg) -> bool:
    """Tell whether who called has logged this call meanwhile."""
    member = members.get(db, parent.staff_id) if parent.staff_id else None
    last = requests.attempts_of(db, parent.request_id)[-1:] if parent.request_id else []
    return member is not None and any(tried.by == member.login and tried.at >= parent.created_at for tried in last)


def _parent_id(leg: Leg) -> int:
    """Return the id of the staff leg of a call-back, given that leg or one that it dialled."""
    dialled = leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL) and leg.dialled_by
    return int(leg.dialled_by[1:]) if dialled and leg.dialled_by else leg.id


def _outcome(dialled: list[Leg]) -> tuple[Disposition, str | None]:
    """Return the disposition to log for legs that ended without a talk, and the key of a note where it tells more.

    Where no question is asked, staff were joined with the machine and have heard its tone.
    """
    if any(one.accepted_at is not None and one.status == "completed" for one in dialled):
        return Disposition.LEFT_VOICEMAIL, None
    end = _end_of(dialled[0])
    return _LOGGED.get(end, Disposition.NO_ANSWER), None if end in ("busy", "no_answer") else end
