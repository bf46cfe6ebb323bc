"""Sending what is due: claim and commit, send outside any transaction, record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from triage import deliveries, intake
from triage.errors import DatabaseBusy, DeliveryFailed, DeliveryUnknown
from triage.line import ClinicLine
from triage.messages import Channel
from triage.notices import (
    ASKED_FOR,
    ASKING,
    USEFUL,
    addressees,
    alert_failed,
    holds,
    next_staff_hour,
    next_text_hour,
    text_hours_end,
    zone_of,
)
from triage.ports import Messenger
from triage.settings import Clinic
from triage.store import messages, notices, people, receipts, requests, staff
from triage.store.notices import Kind, Notice, Planned, State
from triage.store.requests import Request
from triage.store.staff import Staff

log = structlog.get_logger()

STAFF_LANG = "en"
AT_ONCE = 20
IN_ONE_TEXT = 15
MOST_TRIES = 20
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Outbox:
    """What sending needs. The line's `now` is asked anew for every text: a slow provider makes a tick long."""

    line: ClinicLine
    messenger: Messenger


@dataclass(frozen=True)
class Pace:
    """How a kind of notice is sent. The lease outlasts the time-out by far, or a live send would count as lost."""

    kinds: frozenset[Kind]
    lease: timedelta
    timeout_s: float
    wait: timedelta
    wait_after_fault: timedelta


CRISIS = Pace(frozenset({Kind.ALERT}), timedelta(seconds=15), 5, timedelta(seconds=5), timedelta(minutes=1))
ORDINARY = Pace(frozenset(Kind) - {Kind.ALERT}, timedelta(seconds=60), 10, timedelta(seconds=30), timedelta(minutes=10))


@dataclass(frozen=True)
class Letter:
    """A text that may go now. `travelling`: the notices that it carries, its own among them."""

    to: str
    body: str
    validity_s: int
    travelling: tuple[int, ...] = ()


@dataclass(frozen=True)
class Claimed:
    notice: Notice
    letter: Letter
    token: str


def send_due(outbox: Outbox, pace: Pace) -> int:
    """Send what is due of the kinds of this pace; returns how many texts were tried."""
    for due in _due(outbox, pace):
        if not due.is_addressed:
            _guarded(outbox, pace, due.id, partial(_address, outbox, due.id))
    # Asked anew: now those to one member of staff can share a text.
    addressed = [due for due in _due(outbox, pace) if due.is_addressed]
    return sum(_guarded(outbox, pace, due.id, partial(_send_one, outbox, pace, due)) for due in addressed)


def _due(outbox: Outbox, pace: Pace) -> list[notices.Due]:
    with outbox.line.db.read() as db:
        return notices.due(db, pace.kinds, outbox.line.now(), AT_ONCE)


def _guarded(outbox: Outbox, pace: Pace, notice_id: int, act: Callable[[], bool]) -> bool:
    """A notice that throws moves into the future, so that it cannot stop the others."""
    try:
        return act()
    except (DatabaseBusy, OperationalError):
        raise
    except Exception as fault:
        # Only the kind of fault: its words may hold what a patient said.
        log.error("notice_fault", notice=notice_id, fault=type(fault).__name__)
        now = outbox.line.now()
        with outbox.line.db.write() as db:
            notices.postpone(db, notice_id, now + pace.wait_after_fault, "fault", now)
        return False


def _address(outbox: Outbox, notice_id: int) -> bool:
    """Decide whom of staff to tell: the notice goes to the first, copies of it to the others."""
    now = outbox.line.now()
    with outbox.line.db.write() as db:
        notice = notices.lock_due(db, notice_id, now)
        request = _still_wanted(db, outbox.line.clinic, notice, now) if notice else None
        if notice is None or request is None:
            return False
        owner = staff.get(db, request.claimed_by) if request.claimed_by else None
        logins = addressees(notice.kind, request, owner.login if owner else None, outbox.line.clinic, now)
        told = who_can_be_texted(db, logins, outbox.line.clinic)
        if not told:
            log.error("nobody_to_tell", notice=notice.id, kind=notice.kind)
            notices.drop(db, notice.id, "nobody_to_tell", now)
            return False
        notices.address(db, notice.id, told[0].id, now)
        for member in told[1:]:
            copy = Planned(
                notice.kind, notice.need, now, notice.request_id, staff_id=member.id, expires_at=notice.expires_at,
                copy_for=member.id,
            )  # fmt: skip
            notices.plan(db, copy, now)
    return True


def who_can_be_texted(db: Connection, logins: tuple[str, ...], clinic: Clinic) -> list[Staff]:
    """Of these logins those with a confirmed phone; when there is none the lead, then the fallback contact."""
    for named in (logins, (clinic.lead,), (clinic.fallback_contact,)):
        if found := [member for member in staff.with_logins(db, named) if _can_be_texted(member)]:
            return found
    return []


def _can_be_texted(member: Staff | None) -> bool:
    return bool(member and member.phone and member.phone_confirmed_at and member.disabled_at is None)


def _still_wanted(db: Connection, clinic: Clinic, notice: Notice, now: datetime) -> Request | None:
    """The request of a notice to staff; None, and the notice dropped or put off, where it may not go now."""
    request = requests.get(db, notice.request_id) if notice.request_id else None
    if request is None or not holds(notice, request, now):
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    go_at = next_staff_hour(notice.kind, request, clinic, now)
    if go_at > now:
        notices.postpone(db, notice.id, go_at, "outside_hours", now)
        return None
    return request


def _dropped_as_expired(db: Connection, notice: Notice, now: datetime) -> bool:
    if notice.expires_at is None or notice.expires_at > now:
        return False
    notices.drop(db, notice.id, "expired", now)
    return True


def _send_one(outbox: Outbox, pace: Pace, due: notices.Due) -> bool:
    """Claim and commit, send outside any transaction, record. True if a text was tried."""
    claimed = _claim(outbox, pace, due)
    if claimed is None:
        return False
    notice, letter = claimed.notice, claimed.letter
    try:
        sid = outbox.messenger.send(letter.to, letter.body, notice.ref, letter.validity_s, pace.timeout_s)
    except DeliveryFailed as failure:
        _refused(outbox, pace, claimed, failure)
    except DeliveryUnknown:
        _record(outbox, claimed, State.UNKNOWN, why="no_answer")
    except Exception as fault:
        # It may have happened after the text went out, so it is not sent again blindly either.
        log.error("send_fault", notice=notice.id, fault=type(fault).__name__)
        _record(outbox, claimed, State.UNKNOWN, why="fault")
    else:
        _record(outbox, claimed, State.SENT, sid=sid)
    return True


def _claim(outbox: Outbox, pace: Pace, due: notices.Due) -> Claimed | None:
    """One transaction: is it still due, still wanted, allowed now? Then the attempt is committed before the send."""
    now, token = outbox.line.now(), str(uuid4())
    with outbox.line.db.write() as db:
        if due.person_id is not None:
            people.lock_talk(db, due.person_id)
        notice = notices.lock_due(db, due.id, now)
        if notice is None:
            return None
        letter = _letter(db, outbox, notice, now)
        if letter is None:
            return None
        notice = notices.claim(db, notice, letter.travelling, letter.body, token, now + pace.lease, now)
        if notice.person_id is not None:
            messages.say(
                db, (notice.ref,), (letter.body,), notice.person_id, Channel.SMS, now, notice.kind, notice.request_id
            )
            receipts.mark_message(db, notice.ref, "sending")
            if notice.kind in ASKING:
                intake.open_question(db, outbox.line.clinic, notice.person_id, ASKING[notice.kind], now)
    return Claimed(notice, letter, token)


def _letter(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> Letter | None:
    if notice.person_id is not None:
        return _letter_to_patient(db, outbox, notice, now)
    if notice.kind is Kind.CONFIRM_PHONE:
        return _letter_with_code(db, notice, now)
    return _letter_to_staff(db, outbox, notice, now)


def _letter_to_patient(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> Letter | None:
    """Opt-out, hours and the state of the request are those of this moment, not of when it was planned."""
    assert notice.person_id is not None
    person = people.get(db, notice.person_id)
    request = requests.get(db, notice.request_id) if notice.request_id else None
    body = notices.body_of(db, notice.id)
    stands = holds(notice, request, now) if request else notice.request_id is None
    if person is None or body is None or not stands:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if not person.may_be_texted:
        notices.drop(db, notice.id, "opted_out" if person.opted_out_at else "not_textable", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    zone = zone_of(person, outbox.line.clinic)
    if notice.kind in ASKED_FOR:
        return Letter(person.phone, body, _validity_s(notice, now))
    go_at = next_text_hour(zone, now)
    if go_at > now:
        notices.postpone(db, notice.id, go_at, "night", now, expires_at=go_at + USEFUL)
        return None
    # A text that waits at the carrier must not land at night.
    return Letter(person.phone, body, _validity_s(notice, now, text_hours_end(zone, now)))


def _letter_with_code(db: Connection, notice: Notice, now: datetime) -> Letter | None:
    member = staff.get(db, notice.staff_id) if notice.staff_id else None
    body = notices.body_of(db, notice.id)
    if member is None or member.phone is None or body is None or member.phone_confirmed_at or member.disabled_at:
        notices.drop(db, notice.id, "not_needed", now)
        return None
    if _dropped_as_expired(db, notice, now):
        return None
    return Letter(member.phone, body, _validity_s(notice, now))


def _letter_to_staff(db: Connection, outbox: Outbox, notice: Notice, now: datetime) -> Letter | None:
    """A reference, how grave it is and a link; nothing of the patient."""
    request = _still_wanted(db, outbox.line.clinic, notice, now)
    member = staff.get(db, notice.staff_id) if notice.staff_id else None
    if request is None:
        return None
    if member is None or member.phone is None or not _can_be_texted(member):
        notices.drop(db, notice.id, "phone_unconfirmed", now)
        return None
    values: dict[str, object] = {
        "ref": request.id,
        "link": f"{outbox.line.environment.public_base_url}/staff/requests/{request.id}",
    }
    key = f"staff/alert_{request.priority}" if notice.kind is Kind.ALERT else f"staff/{notice.kind}"
    travelling: tuple[int, ...] = (notice.id,)
    if notice.kind is Kind.NEW_REQUEST:
        bundle = _bundle(db, outbox.line.clinic, member.id, now)
        if len(bundle) > 1:
            key, travelling = "staff/new_requests", tuple(other.id for other in bundle)
            refs = ", ".join(str(other.request_id) for other in bundle)
            values = {"count": len(bundle), "refs": refs, "link": f"{outbox.line.environment.public_base_url}/staff/"}
    body = outbox.line.words.say(key, STAFF_LANG, values | {"sender": outbox.line.clinic.sender_name})
    return Letter(member.phone, body, _validity_s(notice, now), travelling)


def _bundle(db: Connection, clinic: Clinic, staff_id: int, now: datetime) -> list[Notice]:
    due = notices.lock_bundle(db, Kind.NEW_REQUEST, staff_id, now, IN_ONE_TEXT)
    return [notice for notice in due if _still_wanted(db, clinic, notice, now)]


def _validity_s(notice: Notice, now: datetime, *ends: datetime) -> int:
    """How long the carrier may hold the text; later it would be wrong."""
    until = min([now + USEFUL, *ends, *([notice.expires_at] if notice.expires_at else [])])
    return max(1, int((until - now).total_seconds()))


def _refused(outbox: Outbox, pace: Pace, claimed: Claimed, failure: DeliveryFailed) -> None:
    """Certainly not sent: again after a growing wait, or never and somebody sees why."""
    notice, now = claimed.notice, outbox.line.now()
    log.warning("send_refused", notice=notice.id, kind=notice.kind, code=failure.code, permanent=failure.permanent)
    if failure.permanent or notice.attempt >= MOST_TRIES:
        _record(outbox, claimed, State.FINAL_FAIL, why=deliveries.meaning(failure.code), error_code=failure.code)
        return
    wait = min(pace.wait * 2 ** min(notice.attempt - 1, 10), LONGEST_WAIT)
    with outbox.line.db.write() as db:
        notices.try_again(db, notice.id, claimed.token, now + wait, failure.code, now)
        receipts.mark_message(db, notice.ref, "failed", failure.code)


def _record(
    outbox: Outbox,
    claimed: Claimed,
    state: State,
    sid: str | None = None,
    why: str | None = None,
    error_code: int | None = None,
) -> None:
    notice, now = claimed.notice, outbox.line.now()
    with outbox.line.db.write() as db:
        if state is State.FINAL_FAIL:
            if notice.person_id is not None:
                deliveries.remember_refusal(db, notice.person_id, error_code, now)
            if notice.kind is Kind.ALERT and notice.request_id is not None:
                alert_failed(db, notice.request_id, now)
        if not notices.finish(db, notice.id, claimed.token, state, now, sid, why, error_code):
            log.warning("lease_lost", notice=notice.id)
            return
        receipts.mark_message(db, notice.ref, _STATUS[state], error_code)


_STATUS = {State.SENT: "sent", State.UNKNOWN: "unknown", State.FINAL_FAIL: "failed"}
