"""Sending what is due: claim and commit, send outside any transaction, record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from triage import segments
from triage.errors import DatabaseBusy, DeliveryFailed, DeliveryUnknown
from triage.intake import expiry
from triage.jobs.compose_texts import DueText, Outbox, compose, still_wanted
from triage.jobs.pace import Pace
from triage.model.message import Channel
from triage.model.notice import Due, Kind, Notice, NoticeState
from triage.model.request import Flag
from triage.notices import plan, refusals
from triage.notices.recipients import addressees, who_can_be_texted
from triage.notices.to_patients import ASKING
from triage.settings import Clinic
from triage.store import members, messages, notices, people, receipts, requests, senders
from triage.store.notices import Hold
from triage.store.outbox_hold import Held

log = structlog.get_logger()
AT_ONCE = 20


@dataclass(frozen=True)
class Claimed:
    notice: Notice
    letter: DueText
    token: str


def send_due(outbox: Outbox, pace: Pace) -> int:
    """Send what is due of the kinds of this pace; returns how many texts were tried."""
    for due in _due(outbox, pace):
        if not due.is_addressed:
            _guarded(outbox, pace, due.id, partial(_address, outbox, due.id))
    # Asked anew: now those to one member of staff can share a text.
    addressed = [due for due in _due(outbox, pace) if due.is_addressed]
    # Those that may share a text follow one another: at once, each would go by itself.
    shares = outbox.runtime.clinic.alerts.most_in_one_text > 1
    lots: dict[tuple[str, int], list[Due]] = {}
    for due in addressed:
        lots.setdefault(("staff", due.staff_id) if shares and due.staff_id else ("notice", due.id), []).append(due)

    def send(lot: list[Due]) -> int:
        return sum(_guarded(outbox, pace, due.id, partial(_send_one, outbox, pace, due)) for due in lot)

    if pace.together == 1 or len(lots) < 2:
        return sum(map(send, lots.values()))
    with ThreadPoolExecutor(min(pace.together, len(lots))) as pool:
        return sum(pool.map(send, lots.values()))


def _due(outbox: Outbox, pace: Pace) -> list[Due]:
    with outbox.runtime.db.read() as db:
        return notices.due(db, pace.kinds, outbox.runtime.now(), AT_ONCE)


def _guarded(outbox: Outbox, pace: Pace, notice_id: int, act: Callable[[], bool]) -> bool:
    """Send one notice; one that throws moves into the future, so that it cannot stop the others."""
    try:
        return act()
    except (DatabaseBusy, OperationalError):
        raise
    except Exception as fault:
        # Only the kind of fault: its words may hold what a patient said.
        log.error("notice_fault", notice=notice_id, fault=type(fault).__name__)
        now = outbox.runtime.now()
        with outbox.runtime.db.write() as db:
            notices.postpone(db, notice_id, now + pace.wait_after_fault, "fault", now)
        return False


def _address(outbox: Outbox, notice_id: int) -> bool:
    """Decide whom of staff to tell: the notice goes to the first, copies of it to the others."""
    now = outbox.runtime.now()
    with outbox.runtime.db.write() as db:
        notice = notices.lock_due(db, notice_id, now)
        request = still_wanted(db, outbox.runtime.clinic, notice, now) if notice else None
        if notice is None or request is None:
            return False
        owner = members.get(db, request.claimed_by) if request.claimed_by else None
        if notice.kind in (Kind.OVERDUE, Kind.STILL_OVERDUE):
            plan.climb(db, outbox.runtime.clinic, request, now)
        by = owner.login if owner and owner.is_reachable else None
        logins = addressees(notice.kind, request, by, outbox.runtime.clinic, now)
        told = who_can_be_texted(db, logins, outbox.runtime.clinic)
        if not told:
            log.error("nobody_to_tell", notice=notice.id, kind=notice.kind)
            notices.drop(db, notice.id, "nobody_to_tell", now)
        else:
            notices.address(db, notice.id, told[0].id, now)
            for member in told[1:]:
                notices.plan(db, plan.copy_of(notice, member.id, now), now)
    if not told:
        # By itself: whoever holds the request may be waiting for the notice.
        with outbox.runtime.db.write() as db:
            requests.add_flag(db, request.id, Flag.ALERT_FAILED, now)
    return bool(told)


def _send_one(outbox: Outbox, pace: Pace, due: Due) -> bool:
    """Claim and commit, send outside any transaction, record. True if a text was tried."""
    if outbox.runtime.ending.is_set() or _is_sender_busy(outbox, pace):
        return False
    claimed = _claim(outbox, pace, due)
    if claimed is None:
        return False
    notice, letter = claimed.notice, claimed.letter
    if not _may_still_go(outbox, claimed):
        return False
    try:
        sid = outbox.messenger.send(letter.to, letter.body, notice.ref, letter.validity_s, pace.timeout_s)
    except DeliveryFailed as failure:
        _refused(outbox, pace, claimed, failure)
    except DeliveryUnknown:
        _in_doubt(outbox, pace, claimed, "no_answer")
    except Exception as fault:
        # It may have happened after the text went out, so it is not sent again blindly either.
        log.error("send_fault", notice=notice.id, fault=type(fault).__name__)
        _in_doubt(outbox, pace, claimed, "fault")
    else:
        _was_sent(outbox, claimed, sid)
    return True


def _is_sender_busy(outbox: Outbox, pace: Pace) -> bool:
    """Tell whether more would only come back refused; what waits is due again at the next tick."""
    if pace.ahead is None or not outbox.runtime.clinic.sending.segments_per_second:
        return False
    with outbox.runtime.db.read() as db:
        return senders.busy_for(db, outbox.runtime.clinic.numbers[0], outbox.runtime.now()) > pace.ahead


def _has_room(db: Connection, clinic: Clinic, pace: Pace, letter: DueText, now: datetime) -> bool:
    if pace.ahead is None or not clinic.sending.segments_per_second:
        return True
    needs = clinic.sending.takes(segments.count_segments(letter.body)[1])
    return senders.take(db, clinic.numbers[0], needs, pace.ahead, now)


def _claim(outbox: Outbox, pace: Pace, due: Due) -> Claimed | None:
    """Claim a notice in one transaction, if it is still due, still wanted and allowed; the attempt is committed
    before the send.
    """
    now, token = outbox.runtime.now(), str(uuid4())
    with outbox.runtime.db.write() as db:
        if due.person_id is not None:
            people.lock_talk(db, due.person_id)
        notice = notices.lock_due(db, due.id, now)
        if notice is None:
            return None
        letter = compose(db, outbox, notice, now)
        if letter is None or not _has_room(db, outbox.runtime.clinic, pace, letter, now):
            return None
        notice = notices.claim(db, notice, letter.travelling, letter.body, token, now + pace.lease, now)
        if notice.person_id is not None:
            put_in_thread(db, outbox.runtime.clinic, notice, notice.person_id, letter.body, now)
    return Claimed(notice, letter, token)


def put_in_thread(
    db: Connection, clinic: Clinic, notice: Notice | Held, person_id: int, body: str, now: datetime
) -> None:
    """Store an attempt to text a patient among their messages, and open the question that it asks."""
    messages.say(db, (notice.ref,), (body,), person_id, Channel.SMS, now, notice.kind, notice.request_id)
    receipts.mark_message(db, notice.ref, "sending")
    if notice.kind is Kind.STAFF_TEXT:
        people.change(db, person_id, {"staff_wrote_at": now})
    if notice.kind in ASKING:
        expiry.open_question(db, clinic, person_id, ASKING[notice.kind], now)


def _may_still_go(outbox: Outbox, claimed: Claimed) -> bool:
    """Look once more right before the send: this process may have stood still since it claimed the notice."""
    notice, now = claimed.notice, outbox.runtime.now()
    with outbox.runtime.db.read() as db:
        hold = notices.hold_of(db, notice.id, claimed.token, now)
    if hold is Hold.GOOD:
        return True
    with outbox.runtime.db.write() as db:
        # Both change nothing where another clock has taken it up.
        if hold is Hold.STOPPED:
            notices.finish(db, notice.id, claimed.token, NoticeState.DROPPED, now, why="opted_out")
        else:
            log.warning("lease_lost", notice=notice.id)
            notices.try_again(db, notice.id, claimed.token, now, None, now)
        receipts.mark_message(db, notice.ref, "failed")
    return False


def _refused(outbox: Outbox, pace: Pace, claimed: Claimed, failure: DeliveryFailed) -> None:
    """Plan again what was certainly not sent, as its refusal wants it; or never, and somebody sees why."""
    notice, now, clinic = claimed.notice, outbox.runtime.now(), outbox.runtime.clinic
    refusal, code = failure.refusal, failure.code
    log.warning("send_refused", notice=notice.id, kind=notice.kind, code=code, why=refusal)
    wait = refusals.growing(pace.wait, notice.attempt)
    with outbox.runtime.db.write() as db:
        again = refusals.next_try(db, clinic, notice, refusal, wait, now)
        if notice.person_id is not None:
            refusals.of_person(db, clinic, notice.person_id, refusal, code, again is None, now)
        elif again is None:
            for one in notices.in_text(db, notice.id):
                refusals.of_staff(db, clinic, one, refusal, code, now)
        if again is None:
            _finish(db, claimed, NoticeState.FINAL_FAIL, now, why=refusal, error_code=code)
        elif notices.try_again(db, notice.id, claimed.token, again.due_at, code, now, refusal, again.expires_at):
            receipts.mark_message(db, notice.ref, "failed", code)


def _in_doubt(outbox: Outbox, pace: Pace, claimed: Claimed, why: str) -> None:
    """Record that nobody can say yet whether it went out; `settle_texts` asks the provider soon."""
    now = outbox.runtime.now()
    with outbox.runtime.db.write() as db:
        _finish(db, claimed, NoticeState.UNKNOWN, now, why=why, look_at=now + pace.looks[0])


def _was_sent(outbox: Outbox, claimed: Claimed, sid: str) -> None:
    with outbox.runtime.db.write() as db:
        _finish(db, claimed, NoticeState.SENT, outbox.runtime.now(), sid=sid)


def _finish(
    db: Connection,
    claimed: Claimed,
    state: NoticeState,
    now: datetime,
    sid: str | None = None,
    why: str | None = None,
    error_code: int | None = None,
    look_at: datetime | None = None,
) -> None:
    notice = claimed.notice
    if not notices.finish(db, notice.id, claimed.token, state, now, sid, why, error_code, look_at):
        log.warning("lease_lost", notice=notice.id)
        return
    receipts.mark_message(db, notice.ref, _STATUS[state], error_code)


_STATUS = {NoticeState.SENT: "sent", NoticeState.UNKNOWN: "unknown", NoticeState.FINAL_FAIL: "failed"}
