"""Delivery reports, and the state of a text that follows from all that were heard of it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from triage.model.notice import NoticeState
from triage.store.tables import messages, notices, receipts

# What a text has come to, the last being the truest.
RANKS = (
    "accepted", "scheduled", "queued", "sending", "sent", "canceled", "failed", "undelivered", "partially_delivered",
    "delivered", "read",
)  # fmt: skip
FAILED = ("canceled", "failed", "undelivered")
DELIVERED = ("partially_delivered", "delivered", "read")

_REF = re.compile(r"n([0-9]{1,9})\.([0-9]{1,9})")


@dataclass(frozen=True)
class Reported:
    """The notice that a report is about."""

    id: int
    kind: str
    request_id: int | None
    has_failed: bool


def keep(db: Connection, sid: str, status: str, ref: str | None, error_code: int | None, now: datetime) -> None:
    """Store a report; one that comes again changes nothing."""
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    db.execute(
        make(receipts)
        .values(sid=sid, status=status, ref=ref and ref[:64], error_code=error_code, at=now)
        .on_conflict_do_nothing(index_elements=["sid", "status"])
    )


def standing(db: Connection, sid: str) -> tuple[str, int | None] | None:
    """Return the truest status reported of a text, with its error code; None while only unknown words were heard."""
    rows = db.execute(select(receipts.c.status, receipts.c.error_code).where(receipts.c.sid == sid))
    known = [(row.status, row.error_code) for row in rows if row.status in RANKS]
    return max(known, key=lambda heard: RANKS.index(heard[0])) if known else None


def _text(sid: str, ref: str | None) -> ColumnElement[bool]:
    named = or_(messages.c.dedupe_key == ref, messages.c.sid == sid) if ref else messages.c.sid == sid
    return (messages.c.direction == "out") & named


def person_of(db: Connection, sid: str, ref: str | None) -> int | None:
    """Return whose text a report is about; None for texts to staff and those we do not know."""
    return db.scalar(select(messages.c.person_id).where(_text(sid, ref)).limit(1))


def settle_message(db: Connection, sid: str, ref: str | None, status: str, error_code: int | None) -> None:
    db.execute(update(messages).where(_text(sid, ref)).values(sid=sid, status=status, error_code=error_code))


def mark_message(db: Connection, ref: str, status: str, error_code: int | None = None) -> None:
    """Set the status of a text that its sender knows itself; a report that was quicker stays."""
    unreported = (messages.c.dedupe_key == ref) & messages.c.sid.is_(None)
    db.execute(update(messages).where(unreported).values(status=status, error_code=error_code))


def notice_of(db: Connection, sid: str, ref: str | None) -> Reported | None:
    """Find the notice of a report by our reference, else by the SID; None for an attempt that is not the notice's
    last.
    """
    attempt = _REF.fullmatch(ref or "")
    found = (
        (notices.c.id == int(attempt[1])) & (notices.c.attempt == int(attempt[2])) if attempt else notices.c.sid == sid
    )
    row = db.execute(select(notices.c.id, notices.c.kind, notices.c.request_id, notices.c.state).where(found)).first()
    return Reported(row.id, row.kind, row.request_id, row.state == NoticeState.FINAL_FAIL) if row else None


def settle_notice(db: Connection, notice_id: int, sid: str, status: str, error_code: int | None, now: datetime) -> None:
    """Bring a notice, and those in its text, to the state that its reports tell, whoever still holds it."""
    state = (
        NoticeState.FINAL_FAIL
        if status in FAILED
        else NoticeState.FINAL_OK
        if status in DELIVERED
        else NoticeState.SENT
    )
    tried = notices.c.state.in_(
        (NoticeState.CLAIMED, NoticeState.UNKNOWN, NoticeState.SENT, NoticeState.FINAL_OK, NoticeState.FINAL_FAIL)
    )
    db.execute(
        update(notices)
        .where(or_(notices.c.id == notice_id, notices.c.bundled_in == notice_id), tried)
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
