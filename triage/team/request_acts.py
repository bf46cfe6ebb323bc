"""What staff do with a request. Each act is conditional, and its audit event and notices are in its transaction.

False: the request is not in a state for it, or somebody else was first; then nothing has changed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import next_try
from triage.model.request import WITHOUT_CONTACT, Disposition, Flag, Priority, Request, Status
from triage.notices import plan, to_patients
from triage.ports import Words
from triage.settings import Clinic
from triage.store import audit, members, people, promise_ledger, requests


def claim(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Take it. Who takes it has seen it, so its alerts end."""
    if not requests.claim(db, request_id, staff_id, now):
        return False
    _has_seen(db, request_id, staff_id, now)
    return done(db, clinic, "claim", request_id, staff_id, now)


def release(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Give it back; only its owner can."""
    return requests.release(db, request_id, staff_id, now) and done(db, clinic, "release", request_id, staff_id, now)


def acknowledge(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Say that it has been seen, without taking it."""
    won = requests.acknowledge(db, request_id, staff_id, now)
    return won and done(db, clinic, "acknowledge", request_id, staff_id, now)


def log_attempt(
    db: Connection,
    clinic: Clinic,
    words: Words,
    request_id: int,
    staff_id: int,
    disposition: Disposition,
    note: str | None,
    now: datetime,
) -> bool:
    """Record a try as a member of staff tells it: how the talk ended that the line has logged, else a new one."""
    if requests.tell_outcome(db, request_id, staff_id, disposition, note):
        return _after_attempt(db, clinic, words, request_id, staff_id, disposition, now)
    return log_try(db, clinic, words, request_id, staff_id, disposition, note, now)


def log_try(
    db: Connection,
    clinic: Clinic,
    words: Words,
    request_id: int,
    staff_id: int,
    disposition: Disposition,
    note: str | None,
    now: datetime,
) -> bool:
    """Record a try to call, whoever has the request."""
    if not requests.change_open(db, request_id, {}, now):
        return False
    requests.add_attempt(db, request_id, staff_id, disposition, note, now)
    promise_ledger.keep(db, request_id, now)
    return _after_attempt(db, clinic, words, request_id, staff_id, disposition, now)


def log_talk(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, leg_id: int, at: datetime, now: datetime
) -> bool:
    """Record a talk that the line saw begin `at` that time, which keeps the promise; how it ended is told later."""
    if not requests.change_open(db, request_id, {}, now):
        return False
    requests.add_attempt(db, request_id, staff_id, Disposition.REACHED, None, at, talked_on=leg_id)
    promise_ledger.keep(db, request_id, at)
    _has_seen(db, request_id, staff_id, now)
    return done(db, clinic, "attempt", request_id, staff_id, now, outcome=Disposition.REACHED)


def _after_attempt(
    db: Connection, clinic: Clinic, words: Words, request_id: int, staff_id: int, disposition: Disposition,
    now: datetime,
) -> bool:  # fmt: skip
    """Without contact, put it back into the queue for the next try by plan, and tell the patient that we tried.

    No text goes to a number that is not theirs.
    """
    _has_seen(db, request_id, staff_id, now)
    if disposition is Disposition.WRONG_NUMBER:
        requests.add_flag(db, request_id, Flag.WRONG_NUMBER, now)
    if disposition in WITHOUT_CONTACT:
        request = requests.get(db, request_id)
        assert request is not None
        requests.change(db, request_id, _back_in_queue(request, clinic, staff_id, request.attempts, now), now)
        body = words.say("tried_to_reach", request.lang, {"sender": clinic.sender_name})
        to_patients.plan_tried_to_reach(db, clinic, request, body, now)
    return done(db, clinic, "attempt", request_id, staff_id, now, outcome=disposition)


def _has_seen(db: Connection, request_id: int, staff_id: int, now: datetime) -> None:
    """Acknowledge a crisis for who works on it. Others stay unseen: one that turns grave must alert."""
    request = requests.get(db, request_id)
    if request is not None and request.priority.pages:
        requests.acknowledge(db, request_id, staff_id, now)


def _back_in_queue(request: Request, clinic: Clinic, staff_id: int, count: int, now: datetime) -> dict[str, Any]:
    """Return what makes it due again by plan and in nobody's hands, unless a colleague has it."""
    values: dict[str, Any] = {"due_at": _next_try(request, clinic, count, now)}
    if request.claimed_by in (None, staff_id):
        values |= {"status": Status.QUEUED, "claimed_by": None, "claimed_at": None}
    return values


def _next_try(request: Request, clinic: Clinic, count: int, now: datetime) -> datetime:
    """Return when to try again. No plan runs out: after its last try a request stays due, for only a person closes
    it.
    """
    if request.priority.pages:
        return now + clinic.targets.crisis_again
    if request.priority is Priority.URGENT:
        return now + clinic.targets.urgent
    again = next_try(count, now, clinic.opening, clinic.targets)
    return again or clinic.opening.add_open_time(now, clinic.targets.routine)


def close(db: Connection, clinic: Clinic, request_id: int, staff_id: int, outcome: Disposition, now: datetime) -> bool:
    won = requests.close(db, request_id, staff_id, outcome, now)
    requests.settle_outcomes(db, request_id)
    promise_ledger.settle(db, request_id, now)
    return won and done(db, clinic, "close", request_id, staff_id, now, outcome=outcome)


def cancel(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Cancel it for the patient."""
    won = requests.cancel(db, request_id, now, staff_id)
    requests.settle_outcomes(db, request_id)
    promise_ledger.settle(db, request_id, now)
    return won and done(db, clinic, "cancel", request_id, staff_id, now)


def reopen(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Put it back into the queue. False if it is open, or the person has another open request by now."""
    request = requests.get(db, request_id)
    if request is None:
        return False
    newest = requests.newest_of(db, request.person_id)
    if newest is not None and newest.is_open:
        return False
    return requests.reopen(db, request_id, now) and done(db, clinic, "reopen", request_id, staff_id, now)


def has_listened(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Note that somebody has listened to a message that no machine has read: from now on its promise is what is due."""
    request = requests.get(db, request_id)
    if request is None or not request.is_open or Flag.LISTEN_FIRST not in request.flags:
        return False
    promised = promise_ledger.open_of(db, request_id)
    due_at = promised.due_at if promised else now + clinic.targets.urgent
    values = {"flags": request.flags - {Flag.LISTEN_FIRST}, "due_at": due_at}
    return requests.change_open(db, request_id, values, now) and done(
        db, clinic, "listened_first", request_id, staff_id, now
    )


def add_note(db: Connection, request_id: int, staff_id: int, body: str, now: datetime) -> bool:
    """Add a note, to a closed request too; an empty one is none."""
    if not body.strip() or requests.get(db, request_id) is None:
        return False
    requests.add_note(db, request_id, staff_id, body.strip(), now)
    audit.record(db, "note", now, staff_id, request_id)
    return True


def hand_over(db: Connection, clinic: Clinic, request_id: int, staff_id: int, to: int, now: datetime) -> bool:
    """Give it to a colleague who may work on it; not if a third has it. Raises Refused."""
    colleague = members.get(db, to)
    if colleague is None or colleague.disabled_at is not None or not colleague.may_change:
        raise Refused("no_such_colleague")
    if not requests.hand_over(db, request_id, staff_id, to, now):
        return False
    _has_seen(db, request_id, staff_id, now)
    return done(db, clinic, "hand_over", request_id, staff_id, now, to=to)


def snooze(db: Connection, clinic: Clinic, request_id: int, staff_id: int, until: datetime, now: datetime) -> bool:
    """Put it back until then. Raises Refused for what cannot wait: a crisis, and a promise that would be broken."""
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return False
    if request.priority.pages:
        raise Refused("crisis_waits_for_nobody")
    if not now < until <= now + clinic.targets.longest_snooze:
        raise Refused("time_past" if until <= now else "too_far")
    promised = promise_ledger.open_of(db, request_id)
    if promised and until > promised.due_at:
        raise Refused("promised_before")
    values = {"snoozed_until": until, "due_at": request.due_at if promised else max(request.due_at, until)}
    won = requests.change_open(db, request_id, values, now)
    return won and done(db, clinic, "snooze", request_id, staff_id, now)


def wake(db: Connection, clinic: Clinic, request_id: int, staff_id: int, now: datetime) -> bool:
    """Put it back among the others before its time."""
    won = requests.change_open(db, request_id, {"snoozed_until": None}, now)
    return won and done(db, clinic, "wake", request_id, staff_id, now)


def block(db: Connection, clinic: Clinic, request_id: int, staff_id: int, blocked: bool, now: datetime) -> bool:
    """Answer this phone no more, or again. It is still stored and screened, and words of crisis still alarm."""
    request = requests.get(db, request_id)
    if request is None:
        return False
    people.change(db, request.person_id, {"blocked_at": now if blocked else None})
    requests.change(db, request_id, {}, now)
    return done(db, clinic, "block" if blocked else "unblock", request_id, staff_id, now)


def done(
    db: Connection, clinic: Clinic, action: str, request_id: int, staff_id: int, now: datetime, **detail: str | int
) -> bool:
    """Write the audit event and plan the notices of an act that took effect."""
    audit.record(db, action, now, staff_id, request_id, detail=detail or None)
    plan.follow_staff(db, clinic, request_id, now)
    return True
