"""Whom we ring and why: to call a person back, to hand a caller on, to alert; and what the outcome of each leg means.

Nothing private is said to a phone before a key has shown that the right person holds it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from triage import work
from triage.callbacks import Disposition, Priority
from triage.messages import Connection as To
from triage.messages import Say
from triage.ports import CallReport, Words
from triage.settings import E164, Clinic
from triage.store import audit, legs, people, requests
from triage.store import staff as staff_store
from triage.store.legs import Leg, Purpose, State, Wanted
from triage.store.requests import Request
from triage.store.staff import Staff

STAFF_LANG = "en"
STAFF_WAITS = timedelta(seconds=60)
ALERT_CALL_AFTER = timedelta(seconds=60)
MOST_RUNG = 5
PATIENT_RINGS_S = 30
CRISIS_LINE_RINGS_S = 60

# What a call comes to, the last being the truest; the first word of each leg that ended stays.
RANKS = ("queued", "initiated", "ringing", "in-progress")
ENDS = ("completed", "busy", "no-answer", "failed", "canceled")
_SAME = {"answered": "in-progress"}
_OUTCOMES = {
    "busy": Disposition.BUSY,
    "no-answer": Disposition.NO_ANSWER,
    "failed": Disposition.NO_ANSWER,
    "completed": Disposition.NO_ANSWER,  # a mailbox, or somebody who did not press 1
}


class Refusal(StrEnum):
    """Why a person is not called back now."""

    NOT_OPEN = "not_open"
    HAS_IT = "has_it"
    NO_PHONE = "no_phone"
    NO_NUMBER = "no_number"
    NO_CALLS = "no_calls"
    CALLING = "calling"


class Next(StrEnum):
    """What follows what is said: a key is awaited, both sides are joined, the call ends, the caller's call goes on."""

    KEY = "key"
    CONNECT = "connect"
    VOICEMAIL = "voicemail"
    JOIN = "join"
    END = "end"
    BACK = "back"


@dataclass(frozen=True)
class Dial:
    """Phones to ring at once, by their legs. screened: whoever answers presses a key; detect: listen for a machine."""

    phones: tuple[tuple[Leg, str], ...]
    screened: bool
    ring_s: int
    detect: bool = False


@dataclass(frozen=True)
class Spoken:
    """What the phone of a leg hears, and what follows.

    on: the leg that a key then belongs to, if another. turn: with which the caller's call goes on.
    """

    says: tuple[Say, ...] = ()
    then: Next | Dial = Next.END
    lang: str = STAFF_LANG
    on: int | None = None
    turn: int = 0


OVER = Spoken()


def begin(db: Connection, request_id: int, member: Staff, now: datetime) -> Leg | Refusal:
    """Ring a member of staff who calls a person back. The clock does it; the leg is the lock on that person."""
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return Refusal.NOT_OPEN
    people.lock_talk(db, request.person_id)
    if refusal := _refusal(db, request, member):
        return refusal
    wanted = Wanted(
        Purpose.CALL_BACK, f"call_back:{uuid4()}", now, request_id, request.person_id, member.id,
        expires_at=now + STAFF_WAITS,
    )  # fmt: skip
    audit.record(db, "call_back", now, member.id, request_id)
    return legs.plan(db, wanted, now)


def _refusal(db: Connection, request: Request, member: Staff) -> Refusal | None:
    person = people.get(db, request.person_id)
    if request.claimed_by not in (None, member.id):
        return Refusal.HAS_IT
    if not can_be_rung(member):
        return Refusal.NO_PHONE
    if person is None or number_of(db, request) is None:
        return Refusal.NO_NUMBER
    if person.no_calls_at is not None and not request.priority.pages:
        return Refusal.NO_CALLS
    busy = (Purpose.CALL_BACK, Purpose.CALLER)
    return Refusal.CALLING if any(leg.purpose in busy for leg in legs.open_of_person(db, person.id)) else None


def can_be_rung(member: Staff | None) -> bool:
    return bool(member and member.phone and member.phone_confirmed_at and member.disabled_at is None)


def number_of(db: Connection, request: Request) -> str | None:
    """The number to call for a request; None if it was withheld and no other was given."""
    person = people.get(db, request.person_id)
    number = request.phone or (person.phone if person else "")
    return number if E164.fullmatch(number) else None


def phone_of(db: Connection, clinic: Clinic, leg: Leg) -> str | None:
    """The phone that a leg rings, as things stand now."""
    if leg.purpose is Purpose.CRISIS_LINE:
        return clinic.calls.crisis_line
    if leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL):
        request = requests.get(db, leg.request_id) if leg.request_id else None
        return number_of(db, request) if request else None
    member = staff_store.get(db, leg.staff_id) if leg.staff_id else None
    return member.phone if member and can_be_rung(member) else None


def plan_alert_call(db: Connection, request_id: int, need: str, staff_id: int, until: datetime, now: datetime) -> None:
    """A crisis contact who has been texted is called as well, unless somebody acknowledges first."""
    # Without the person: whoever holds a person's row may be waiting for the request that is held here.
    wanted = Wanted(
        Purpose.ALERT, f"{need}>{staff_id}", now + ALERT_CALL_AFTER, request_id, staff_id=staff_id, expires_at=until
    )
    legs.plan(db, wanted, now)


def why_not(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> str | None:
    """Why a planned leg may not be rung any more; None if it may."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if request is None or not request.is_open:
        return "not_needed"
    if leg.purpose is Purpose.ALERT and (request.acknowledged_at is not None or not request.priority.pages):
        return "not_needed"
    if leg.expires_at is not None and leg.expires_at <= now:
        return "expired"
    return None if phone_of(db, clinic, leg) else "no_phone"


def returning(db: Connection, person_id: int) -> int | None:
    """The request for which we have been trying to reach a person who calls now."""
    request = requests.open_of(db, person_id)
    if request is None:
        return None
    rings = any(leg.purpose is Purpose.CALL_BACK for leg in legs.open_of_person(db, person_id))
    return request.id if request.attempts or rings else None


def connect(
    db: Connection, clinic: Clinic, to: To, person_id: int | None, call_sid: str, turn: int, now: datetime
) -> Spoken:
    """Whom a caller's turn rings; back to the caller's own call if there is nobody. The same turn rings the same."""
    if person_id is not None:
        people.lock_talk(db, person_id)
    request = requests.open_of(db, person_id) if person_id is not None else None
    group = f"{call_sid}:{turn}"
    if to is To.CRISIS_LINE:
        wanted = Wanted(
            Purpose.CRISIS_LINE, f"{group}>crisis_line", now, request.id if request else None, person_id,
            dialled_by=group, state=State.PLACED,
        )  # fmt: skip
        return Spoken(then=Dial(((legs.plan(db, wanted, now), clinic.calls.crisis_line),), False, CRISIS_LINE_RINGS_S))
    rung = [leg for leg in legs.of_dial(db, group) if leg.purpose is Purpose.CALLER]
    if rung:
        return _dial(db, clinic, rung if clinic.calls.ring == "together" else rung[:1])
    if person_id is not None and (waiting := _being_called(db, person_id)):
        return waiting
    return _ring_next(db, clinic, request, person_id, group, now)


def _being_called(db: Connection, person_id: int) -> Spoken | None:
    """We ring the person while the person calls us: whoever hangs up first gets the other's call."""
    request = requests.open_of(db, person_id)
    ringing = any(leg.purpose is Purpose.PATIENT for leg in legs.open_of_person(db, person_id))
    return Spoken((Say("staff_call/calling_you"),), lang=request.lang) if ringing and request else None


def _ring_next(
    db: Connection, clinic: Clinic, request: Request | None, person_id: int | None, group: str, now: datetime
) -> Spoken:
    """Ring those who have not been rung yet for this turn: all of them, or the next in turn."""
    before = {leg.staff_id for leg in legs.of_dial(db, group)}
    left = [member for member in _takers(db, clinic, request, now)[:MOST_RUNG] if member.id not in before]
    rung = [
        legs.plan(
            db,
            Wanted(
                Purpose.CALLER, f"{group}>{member.id}", now, request.id if request else None, person_id, member.id,
                dialled_by=group, state=State.PLACED,
            ),
            now,
        )
        for member in (left if clinic.calls.ring == "together" else left[:1])
    ]  # fmt: skip
    return _dial(db, clinic, rung) if rung else _back(group)


def _dial(db: Connection, clinic: Clinic, rung: list[Leg]) -> Spoken:
    phones = tuple((leg, phone) for leg in rung if (phone := phone_of(db, clinic, leg)))
    return Spoken(then=Dial(phones, True, clinic.calls.ring_s)) if phones else _back(rung[0].dialled_by)


def _back(group: str | None) -> Spoken:
    """Nobody took the caller, whose call goes on."""
    assert group is not None
    return Spoken(then=Next.BACK, turn=int(group.rsplit(":", 1)[1]))


def _takers(db: Connection, clinic: Clinic, request: Request | None, now: datetime) -> list[Staff]:
    """Who may take a caller: who has or last tried the request, then those on duty; at night crisis contacts only."""
    logins: list[str] = []
    if request is not None and request.priority.pages:
        logins += clinic.in_crisis(now)
    if clinic.opening.is_open(now):
        owner = staff_store.get(db, request.claimed_by) if request and request.claimed_by else None
        tries = requests.attempts_of(db, request.id) if request else []
        logins = [*([owner.login] if owner else []), *(t.by for t in tries[-1:]), *logins, *clinic.on_duty(now)]
    known = {member.login: member for member in staff_store.with_logins(db, tuple(logins))}
    return [known[login] for login in dict.fromkeys(logins) if login in known and can_be_rung(known[login])]


def answered(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """What a phone hears as it is picked up. It may be a private mailbox, or anybody's hand."""
    if leg.ended_at is not None:
        return OVER
    legs.change(db, leg.id, {"status": "in-progress"}, now)
    return _question(db, clinic, leg)


def _question(db: Connection, clinic: Clinic, leg: Leg) -> Spoken:
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if leg.purpose is Purpose.CALLER:
        return Spoken((Say(_caller_key(request), {"sender": clinic.sender_name}),), Next.KEY)
    if request is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),)) if leg.staff_id and leg.purpose is not Purpose.PATIENT else OVER
    if leg.purpose is Purpose.PATIENT:
        return Spoken((Say("staff_call/did_you_ask"),), Next.KEY, request.lang)
    if leg.purpose is Purpose.ALERT:
        if request.acknowledged_at is not None:
            return Spoken((Say("staff_call/was_acknowledged", {"ref": request.id}),))
        key = f"staff_call/alert_{request.priority if request.priority.pages else Priority.CRISIS}"
        return Spoken((Say(key, {"sender": clinic.sender_name, "ref": request.id}),), Next.KEY)
    return Spoken((Say("staff_call/call_back", {"sender": clinic.sender_name, "ref": request.id}),), Next.KEY)


def _caller_key(request: Request | None) -> str:
    return "staff_call/caller_crisis" if request and request.priority.pages else "staff_call/caller"


def pressed(db: Connection, clinic: Clinic, leg: Leg, step: Next, key: str, now: datetime) -> Spoken:
    """A key on a leg. Staff who press another one are asked again; a patient who does is let go."""
    if leg.ended_at is not None:
        return OVER
    if key != "1":
        if leg.purpose is Purpose.PATIENT:
            return Spoken((Say("staff_call/sorry"),), lang=_lang_of(db, leg))
        return _question(db, clinic, leg) if step is Next.KEY else OVER
    if step is Next.VOICEMAIL:
        return _to_mailbox(db, leg, now)
    if leg.purpose is Purpose.PATIENT:
        legs.accept(db, leg.id, now)
        return Spoken(then=Next.JOIN)
    if leg.purpose is Purpose.CALLER:
        return _take_caller(db, leg, now)
    if leg.purpose is Purpose.ALERT and step is Next.KEY:
        return _acknowledge(db, leg, now)
    return _call_patient(db, clinic, leg, now)


def _lang_of(db: Connection, leg: Leg) -> str:
    request = requests.get(db, leg.request_id) if leg.request_id else None
    return request.lang if request else STAFF_LANG


def _take_caller(db: Connection, leg: Leg, now: datetime) -> Spoken:
    """The first who presses 1 has the caller; the request, if there is one, is theirs."""
    assert leg.dialled_by is not None
    assert leg.staff_id is not None
    others = [other for other in legs.of_dial(db, leg.dialled_by) if other.id != leg.id]
    if any(other.accepted_at is not None for other in others):
        return Spoken((Say("staff_call/taken"),))
    legs.accept(db, leg.id, now)
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if request is None:
        return Spoken(then=Next.JOIN)
    work.claim(db, request.id, leg.staff_id, now)
    return Spoken((_whisper(request),), Next.JOIN)


def _acknowledge(db: Connection, leg: Leg, now: datetime) -> Spoken:
    """Only a key counts: a call that a mailbox takes has alerted nobody."""
    assert leg.request_id is not None
    assert leg.staff_id is not None
    legs.accept(db, leg.id, now)
    work.acknowledge(db, leg.request_id, leg.staff_id, now)
    return Spoken((Say("staff_call/acknowledged", {"ref": leg.request_id}),), Next.CONNECT)


def _call_patient(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Staff are on the line: the request is theirs, they hear who it is, and the patient's phone rings."""
    assert leg.request_id is not None
    assert leg.staff_id is not None
    work.claim(db, leg.request_id, leg.staff_id, now)
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
    dial = Dial(((patient, number),), clinic.calls.confirm_identity, PATIENT_RINGS_S, detect=True)
    return Spoken((_whisper(request),), dial)


def _dialled(leg: Leg, request: Request, purpose: Purpose, now: datetime) -> Wanted:
    return Wanted(
        purpose, f"{purpose}:{leg.id}", now, request.id, request.person_id, leg.staff_id, dialled_by=leg.ref,
        state=State.PLACED,
    )  # fmt: skip


def _whisper(request: Request) -> Say:
    """Who it is and about what, for staff alone."""
    name = request.name or Say("staff_call/no_name")
    topic = Say(f"staff_call/topic_{request.topic or 'unknown'}")
    return Say("staff_call/whisper", {"ref": request.id, "name": name, "topic": topic})


def _to_mailbox(db: Connection, leg: Leg, now: datetime) -> Spoken:
    """Once more, to leave a message by voice: the one leg that is joined without a key."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    number = number_of(db, request) if request else None
    if request is None or number is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),))
    mailbox = legs.plan(db, _dialled(leg, request, Purpose.VOICEMAIL, now), now)
    return Spoken(then=Dial(((mailbox, number),), False, PATIENT_RINGS_S))


def after_dial(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """What is heard by whoever had this leg dialled, once it is over or nobody took it."""
    if leg.purpose is Purpose.PATIENT:
        return _after_patient(leg)
    if leg.purpose is Purpose.VOICEMAIL:
        return Spoken((Say("staff_call/message_left" if leg.status == "completed" else "staff_call/no_answer"),))
    assert leg.dialled_by is not None
    rung = legs.of_dial(db, leg.dialled_by)
    if any(other.accepted_at is not None for other in rung):
        return OVER
    if leg.purpose is Purpose.CRISIS_LINE:
        return _back(leg.dialled_by)
    later = [other for other in rung if other.id > leg.id]
    if later and clinic.calls.ring == "in_turn":
        return _dial(db, clinic, later[:1])
    request = requests.get(db, leg.request_id) if leg.request_id else None
    return _ring_next(db, clinic, request, leg.person_id, leg.dialled_by, now)


def _after_patient(leg: Leg) -> Spoken:
    """Where no key was pressed it may have been a mailbox, detected or not: staff may speak to it themselves."""
    if leg.accepted_at is not None:
        return Spoken((Say("staff_call/log_it", {"ref": leg.request_id}),))
    if leg.status == "completed":
        key = "staff_call/machine" if leg.by_machine else "staff_call/not_confirmed"
        return Spoken((Say(key),), Next.VOICEMAIL, on=_parent_id(leg))
    return Spoken((Say("staff_call/busy" if leg.status == "busy" else "staff_call/no_answer"),))


def report(db: Connection, clinic: Clinic, words: Words, leg_id: int, heard: CallReport, now: datetime) -> None:
    """Take in what is told of a leg: by receipts, by the end of a dial, by look-up. In any order, repeated or late."""
    leg = hold(db, leg_id)
    if leg is None or (heard.sid and not legs.bind(db, leg, heard.sid, now)):
        return
    values: dict[str, Any] = {}
    if heard.answered_by and not leg.answered_by:
        values["answered_by"] = heard.answered_by[:24]
    if heard.duration_s is not None:
        values["duration_s"] = heard.duration_s
    status = _SAME.get(heard.status, heard.status)
    if leg.status == "in-progress" and status in ENDS:
        status = "completed"  # picked up it was; a dial that joined nobody calls that no answer
    if leg.ended_at is None:
        if status in ENDS:
            values |= {"status": status, "state": State.ENDED, "ended_at": now}
        elif status in RANKS and (leg.status is None or RANKS.index(status) >= RANKS.index(leg.status)):
            values["status"] = status
    joins = leg.purpose in (Purpose.VOICEMAIL, Purpose.CRISIS_LINE) or (
        leg.purpose is Purpose.PATIENT and not clinic.calls.confirm_identity
    )
    if joins and status in ("in-progress", "completed"):
        legs.accept(db, leg.id, now)
    legs.change(db, leg.id, values, now)
    if status in ENDS:
        _log_when_over(db, clinic, words, leg, now)


def hold(db: Connection, leg_id: int) -> Leg | None:
    """A leg, held for this transaction together with its person."""
    leg = legs.get(db, leg_id)
    if leg is None:
        return None
    request = requests.get(db, leg.request_id) if leg.request_id else None
    person_id = leg.person_id or (request.person_id if request else None)
    if person_id is not None:
        people.lock_talk(db, person_id)
    return legs.lock(db, leg_id)


def _log_when_over(db: Connection, clinic: Clinic, words: Words, leg: Leg, now: datetime) -> None:
    """Once all legs of a call-back have ended, log the attempt; a talk is logged by whoever had it."""
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
    member = staff_store.get(db, parent.staff_id)
    by_hand = requests.attempts_of(db, parent.request_id)[-1:]
    if member and any(tried.by == member.login and tried.at >= parent.created_at for tried in by_hand):
        return
    machine = outcome is Disposition.NO_ANSWER and any(one.by_machine for one in dialled)
    note = words.say("staff/machine_answered", STAFF_LANG) if machine else None
    work.log_attempt(db, clinic, words, parent.request_id, parent.staff_id, outcome, note, now)


def _parent_id(leg: Leg) -> int:
    """The staff leg of a call-back, of itself or of a leg that it dialled."""
    dialled = leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL) and leg.dialled_by
    return int(leg.dialled_by[1:]) if dialled and leg.dialled_by else leg.id


def _outcome(dialled: list[Leg]) -> Disposition | None:
    """How an attempt ended; None if they talked, or the patient's phone never rang to its end."""
    patient = dialled[0]
    if patient.accepted_at is not None:
        return None
    if any(one.purpose is Purpose.VOICEMAIL and one.status == "completed" for one in dialled):
        return Disposition.LEFT_VOICEMAIL
    return _OUTCOMES.get(patient.status or "")
