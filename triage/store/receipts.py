"""Delivery receipts as Twilio posts them, and the state of a message or notice that follows from all of them."""

import re
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from triage.model.notice import NoticeState
from triage.store.conditional import insert_once
from triage.store.notices import with_bundle
from triage.store.tables import messages, notices, receipts

# Statuses of a text. Receipts come in any order: of those that came, the one farthest down this list counts.
RANKS = (
    "accepted", "scheduled", "queued", "sending", "sent", "canceled", "failed", "undelivered", "partially_delivered",
    "delivered", "read",
)  # fmt: skip
FAILED = ("canceled", "failed", "undelivered")
DELIVERED = ("partially_delivered", "delivered", "read")

_REF = re.compile(r"n([0-9]{1,9})\.([0-9]{1,9})")


def keep(db: Connection, sid: str, status: str, ref: str | None, error_code: int | None, now: datetime) -> None:
    """Insert a receipt; one that comes again changes nothing."""
    values = {"sid": sid, "status": status, "ref": ref and ref[:64], "error_code": error_code, "at": now}
    insert_once(db, receipts, ("sid", "status"), values)


def standing(db: Connection, sid: str) -> tuple[str, int | None] | None:
    """Return the status of a text, the highest ranked of its receipts, and its error code; None without a known one."""
    rows = db.execute(select(receipts.c.status, receipts.c.error_code).where(receipts.c.sid == sid))
    known = [(row.status, row.error_code) for row in rows if row.status in RANKS]
    return max(known, key=lambda status_and_code: RANKS.index(status_and_code[0])) if known else None


def _is_text(sid: str, ref: str | None) -> ColumnElement[bool]:
    named = or_(messages.c.dedupe_key == ref, messages.c.sid == sid) if ref else messages.c.sid == sid
    return (messages.c.direction == "out") & named


def person_of(db: Connection, sid: str, ref: str | None) -> int | None:
    """Return the id of the person whose text a receipt is about; None for texts to staff and unknown ones."""
    return db.scalar(select(messages.c.person_id).where(_is_text(sid, ref)).limit(1))


def is_settled(db: Connection, sid: str, ref: str | None, status: str) -> bool:
    """Tell whether a receipt has brought this text to a person to this status before; known longer than the receipt."""
    settled = _is_text(sid, ref) & messages.c.sid.is_not(None) & (messages.c.status == status)
    return db.scalar(select(messages.c.id).where(settled).limit(1)) is not None


def settle_message(db: Connection, sid: str, ref: str | None, status: str, error_code: int | None) -> None:
    db.execute(update(messages).where(_is_text(sid, ref)).values(sid=sid, status=status, error_code=error_code))


def mark_message(db: Connection, ref: str, status: str, error_code: int | None = None) -> None:
    """Set the status that a send itself came to ("sending", "failed"); once a receipt has come, its status stays."""
    unreported = (messages.c.dedupe_key == ref) & messages.c.sid.is_(None)
    db.execute(update(messages).where(unreported).values(status=status, error_code=error_code))


def mark_found(db: Connection, ref: str, sid: str) -> None:
    """Record that the provider lists a text of which no receipt has come."""
    unreported = (messages.c.dedupe_key == ref) & messages.c.sid.is_(None)
    db.execute(update(messages).where(unreported).values(sid=sid, status="sent"))


def notice_of(db: Connection, sid: str, ref: str | None) -> int | None:
    """Find the id of the notice of a receipt by our `ref` (n<id>.<attempt>), else by its SID.

    None if there is none, or the receipt is of an attempt before the notice's last.
    """
    attempt = _REF.fullmatch(ref or "")
    found = (
        (notices.c.id == int(attempt[1])) & (notices.c.attempt == int(attempt[2])) if attempt else notices.c.sid == sid
    )
    return db.scalar(select(notices.c.id).where(found))


def settle_notice(db: Connection, notice_id: int, sid: str, status: str, error_code: int | None, now: datetime) -> None:
    """Set a notice, and those bundled in it, to the state that its receipts tell, even while a claim holds it.

    One that is planned again stays so, unless it has arrived after all.
    """
    state = (
        NoticeState.FINAL_FAIL
        if status in FAILED
        else NoticeState.FINAL_OK
        if status in DELIVERED
        else NoticeState.SENT
    )
    unsent = (NoticeState.DROPPED,) if status in DELIVERED else (NoticeState.PENDING, NoticeState.DROPPED)
    tried = notices.c.state.not_in(unsent)
    db.execute(
        update(notices)
        .where(with_bundle(notice_id), tried)
        .values(
            state=state,
            error_code=error_code,
            claim_token=None,
            lease_until=None,
            look_at=None,
            why=None,
            updated_at=now,
        )
    )
    db.execute(update(notices).where(notices.c.id == notice_id, tried).values(sid=sid))
