"""What the carrier tells us of a text: what became of it, and what follows from a refusal."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.errors import Refusal
from triage.model.notice import Notice, NoticeState
from triage.notices import refusals
from triage.settings import Clinic
from triage.store import members, notices, receipts

FIRST_WAIT = timedelta(minutes=1)


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
    notice_id = receipts.notice_of(db, sid, ref)
    notice = notices.get(db, notice_id) if notice_id else None
    again = False
    if status in receipts.FAILED and reported == status and not receipts.is_settled(db, sid, ref, status):
        again = _refused(db, clinic, notice, receipts.person_of(db, sid, ref), refusal, error_code, now)
    receipts.settle_message(db, sid, ref, status, error_code)
    if notice is None or again:
        return
    receipts.settle_notice(db, notice.id, sid, status, error_code, now)
    if status in receipts.DELIVERED and notice.staff_id is not None:
        members.mark_reached(db, notice.staff_id)


def _refused(
    db: Connection,
    clinic: Clinic,
    notice: Notice | None,
    person_id: int | None,
    refusal: Refusal,
    code: int | None,
    now: datetime,
) -> bool:
    """Bring about what a refusal after the send does, which is what it would have done at the send.

    True if the text is planned again. What has been taken in before changes nothing.
    """
    is_new = notice is None or notice.state not in (NoticeState.PENDING, NoticeState.FINAL_FAIL)
    again = None
    if notice is not None and is_new:
        again = refusals.next_try(db, clinic, notice, refusal, refusals.growing(FIRST_WAIT, notice.attempt), now)
    if person_id is not None:
        refusals.of_person(db, clinic, person_id, refusal, code, is_new and again is None, now)
    if notice is None or not is_new:
        return False
    if again is not None:
        return notices.send_again(db, notice, again.due_at, again.expires_at, refusal, code, now)
    if person_id is None:
        for one in notices.in_text(db, notice.id):
            refusals.of_staff(db, clinic, one, refusal, code, now)
    return False
