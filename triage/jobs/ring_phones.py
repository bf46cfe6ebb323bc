"""Ringing what is due: claim and commit, call outside any transaction, record; and looking up legs that fell silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from triage.errors import DatabaseBusy, DeliveryFailed, DeliveryUnknown
from triage.model.call import Leg, LegState, Purpose
from triage.notices.recipients import alert_failed
from triage.policy import STAFF_RUNG_WITHIN
from triage.ports import CallReport, PhoneRinger
from triage.ringing import double_dial, leg_turns, outgoing_leg, talks
from triage.runtime import Runtime
from triage.store import legs

log = structlog.get_logger()

OURS = (Purpose.ALERT, Purpose.CALL_BACK)

TIMEOUT_S = 5

AGAIN_AFTER = timedelta(seconds=5)

# After so long a leg is looked up of which nothing has been heard; sooner a phone of staff that may not have been rung
# at all: they wait for it, and the person is locked.
SILENCE, SILENCE_IN_DOUBT = timedelta(minutes=2), timedelta(seconds=3)

# So long a phone of staff that may never have rung waits for an answer to that; then it counts as not rung.
DOUBTED_FOR = timedelta(seconds=10)

NO_TRACE = "no_trace"


@dataclass(frozen=True)
class Dialler:
    """What ringing needs. The runtime's `now` is asked anew for every leg."""

    runtime: Runtime
    caller: PhoneRinger


def place_due(dialler: Dialler) -> int:
    """Ring what is due, crisis contacts and staff who call back; returns how many calls were tried."""
    with dialler.runtime.db.read() as db:
        due = legs.due(db, (*OURS, Purpose.JOINED), dialler.runtime.now())
    return sum(_guarded(dialler, leg_id) for leg_id in due)


def _guarded(dialler: Dialler, leg_id: int) -> bool:
    """Ring one leg; one that throws ends there, so that it cannot stop the others."""
    try:
        return _place(dialler, leg_id)
    except (DatabaseBusy, OperationalError):
        raise
    except Exception as fault:
        log.error("leg_fault", leg=leg_id, fault=type(fault).__name__)
        _end(dialler, leg_id, LegState.PLANNED, "fault")
        return False


def _place(dialler: Dialler, leg_id: int) -> bool:
    """Commit the attempt, then ring; what nobody can say the end of is looked up, never rung again."""
    if dialler.runtime.ending.is_set():
        return False
    claimed = _claim(dialler, leg_id)
    if claimed is None:
        return False
    leg, phone = claimed
    if leg.purpose is Purpose.JOINED:
        return _join(dialler, leg)
    try:
        path = f"/webhooks/calls/{leg.id}/answered"
        sid = dialler.caller.call(phone, leg.ref, path, dialler.runtime.clinic.calls.ring_s, TIMEOUT_S)
    except DeliveryFailed as failure:
        _refused(dialler, leg, failure)
    except DeliveryUnknown:
        log.warning("call_unknown", leg=leg.id)
    except Exception as fault:
        log.error("call_fault", leg=leg.id, fault=type(fault).__name__)
    else:
        _hear(dialler, leg, CallReport(sid, "queued"))
    return True


def _join(dialler: Dialler, leg: Leg) -> bool:
    """Take the call of staff to the caller who waits. Where that fails, the caller's wait ends by itself."""
    with dialler.runtime.db.read() as db:
        staff = double_dial.caller_of(db, leg.person_id) if leg.person_id is not None else None
    if staff is None or staff.sid is None:
        _end(dialler, leg.id, LegState.PLACED, "not_needed")
        return False
    try:
        dialler.caller.redirect(staff.sid, f"/webhooks/calls/{leg.id}/room", TIMEOUT_S)
    except DeliveryFailed as failure:
        _end(dialler, leg.id, LegState.PLACED, failure.refusal, failure.code)
    except DeliveryUnknown:
        log.warning("redirect_unknown", leg=leg.id)
    return True


def _claim(dialler: Dialler, leg_id: int) -> tuple[Leg, str] | None:
    runtime, now = dialler.runtime, dialler.runtime.now()
    with runtime.db.write() as db:
        leg = outgoing_leg.lock_with_person(db, leg_id)
        if leg is None or leg.state is not LegState.PLANNED or leg.due_at > now:
            return None
        why = outgoing_leg.why_not(db, runtime.clinic, leg, now)
        phone = outgoing_leg.phone_of(db, runtime.clinic, leg)
        if why or phone is None:
            legs.change(db, leg.id, {"state": LegState.ENDED, "ended_at": now, "why": why}, now)
            if leg.purpose is Purpose.CALL_BACK and why != "not_needed":
                talks.tell_not_made(db, runtime.words, leg, "staff/not_rung", now)
            return None
        legs.change(db, leg.id, {"state": LegState.PLACED}, now)
        return leg, phone


def _refused(dialler: Dialler, leg: Leg, failure: DeliveryFailed) -> None:
    """Plan a call that was certainly not rung again soon, while it is still wanted, or end it and somebody sees why."""
    now = dialler.runtime.now()
    log.warning("call_refused", leg=leg.id, purpose=leg.purpose, code=failure.code, why=failure.refusal)
    gives_up = leg.purpose is Purpose.CALL_BACK and now + AGAIN_AFTER > leg.created_at + STAFF_RUNG_WITHIN
    if not failure.refusal.is_permanent and not gives_up:
        again = {"state": LegState.PLANNED, "due_at": now + AGAIN_AFTER, "error_code": failure.code}
        with dialler.runtime.db.write() as db:
            legs.move(db, leg.id, LegState.PLACED, again, now)
        return
    _end(dialler, leg.id, LegState.PLACED, failure.refusal, failure.code)
    if leg.purpose is Purpose.ALERT:
        with dialler.runtime.db.write() as db:
            alert_failed(db, dialler.runtime.clinic, leg.request_id, now)


def _end(dialler: Dialler, leg_id: int, from_state: LegState, why: str, code: int | None = None) -> None:
    now = dialler.runtime.now()
    ended = {"state": LegState.ENDED, "ended_at": now, "status": "failed", "why": why, "error_code": code}
    with dialler.runtime.db.write() as db:
        leg = legs.get(db, leg_id)
        if legs.move(db, leg_id, from_state, ended, now) and leg and leg.purpose is Purpose.CALL_BACK:
            talks.tell_not_made(db, dialler.runtime.words, leg, "staff/not_rung", now)


def _hear(dialler: Dialler, leg: Leg, heard: CallReport) -> None:
    runtime = dialler.runtime
    with runtime.db.write() as db:
        leg_turns.report(db, runtime.clinic, runtime.words, leg.id, heard, runtime.now())


def settle(dialler: Dialler) -> int:
    """Look up the legs of which nothing has been heard for a while: receipts can be lost. Returns how many."""
    now = dialler.runtime.now()
    with dialler.runtime.db.read() as db:
        silent = legs.silent(db, now - SILENCE, Purpose.CALL_BACK, now - SILENCE_IN_DOUBT)
        phones = {leg.id: outgoing_leg.phone_of(db, dialler.runtime.clinic, leg) for leg in silent}
    is_away = False  # the provider: then every other look-up would wait for it too
    for leg in silent:
        if dialler.runtime.ending.is_set():
            break
        try:
            found = None if is_away else _find(dialler, leg, phones[leg.id])
        except DeliveryUnknown:
            log.warning("look_up_unanswered", leg=leg.id)
            found, is_away = None, True
        if is_away and not _is_given_up(leg, now):
            continue
        _hear(dialler, leg, found or CallReport(leg.sid or "", "failed"))
        if found is None:
            log.warning(NO_TRACE, leg=leg.id)
    return len(silent)


def _is_given_up(leg: Leg, now: datetime) -> bool:
    """Tell whether a phone of staff counts as not rung, though nobody can say: should it ring, it says so itself."""
    return leg.purpose is Purpose.CALL_BACK and leg.sid is None and leg.updated_at + DOUBTED_FOR < now


def _find(dialler: Dialler, leg: Leg, phone: str | None) -> CallReport | None:
    """Find a call by the provider's id; without one the newest call to that phone since then that is no other leg's."""
    if leg.sid is not None:
        return dialler.caller.look_up(leg.sid)
    if phone is None:
        return None
    found = dialler.caller.calls_to(phone, leg.created_at)
    with dialler.runtime.db.read() as db:
        taken = legs.known_sids(db, [one.sid for one in found])
    return next((one for one in found if one.sid not in taken), None)
