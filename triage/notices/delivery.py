"""What the carrier tells us of a text: what became of it, and what is remembered of a refusal."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.errors import Refusal
from triage.model.notice import Kind
from triage.notices.recipients import alert_failed
from triage.settings import Clinic
from triage.store import audit, people, receipts

# A text that a full queue gave back has certainly not gone out, so it is sent again: after 2, 4, 8 ... seconds.
FIRST_WAIT = timedelta(seconds=2)
CROWDED_TRIES = 8


def remember_refusal(db: Connection, person_id: int, refusal: Refusal, code: int | None, now: datetime) -> None:
    """Keep what a refusal says about a person: a number that takes no texts, or an opt-out made at the carrier."""
    person = people.get(db, person_id)
    if person is None:
        return
    if refusal.is_of_the_number and person.textable:
        why = "landline" if refusal is Refusal.LANDLINE else "refused"
        people.change(db, person_id, {"textable": False, "untextable_why": why})
        audit.record(db, "untextable", now, person_id=person_id, detail={"code": code})
    if refusal is Refusal.OPTED_OUT and person.opted_out_at is None:
        people.change(db, person_id, {"opted_out_at": now})
        audit.record(db, "opt_out_at_carrier", now, person_id=person_id, detail={"code": code})


def report(
    db: Connection,
    clinic: Clinic,
    sid: str,
    status: str,
    ref: str | None,
    refusal: Refusal,
    error_code: int | None,
    now: datetime,
) -> None:
    """Take in one delivery report. They come late, twice and in any order; what they tell together counts."""
    receipts.keep(db, sid, status, ref, error_code, now)
    standing = receipts.standing(db, sid)
    if standing is None:
        return
    reported, (status, error_code) = status, standing
    notice = receipts.notice_of(db, sid, ref)
    is_given_back = status in receipts.FAILED and refusal is Refusal.CROWDED
    if is_given_back and notice is not None and notice.attempt < CROWDED_TRIES:
        wait = FIRST_WAIT * 2 ** (notice.attempt - 1)
        receipts.settle_message(db, sid, ref, status, error_code)
        receipts.send_again(db, notice.id, error_code, now + wait, now)
        return
    if status in receipts.FAILED:
        person_id = receipts.person_of(db, sid, ref)
        if person_id is not None and reported == status:
            remember_refusal(db, person_id, refusal, error_code, now)
        if notice is not None and notice.kind == Kind.ALERT and not notice.has_failed:
            alert_failed(db, clinic, notice.request_id, now)
    receipts.settle_message(db, sid, ref, status, error_code)
    if notice is not None:
        receipts.settle_notice(db, notice.id, sid, status, error_code, now)
