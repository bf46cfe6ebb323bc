"""Recordings that callers leave: voicemail and spoken names.

What Twilio posts of one, at the end of its turn, as a receipt and as a transcript, comes in any order and repeatedly.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from triage.model.call import Fetch, Recording
from triage.store.conditional import insert_once
from triage.store.tables import recordings, staff

columns = recordings.c

_FIELDS = (
    "id", "sid", "call_sid", "person_id", "request_id", "of", "duration_s", "transcript", "content_type", "state",
    "tries", "heard_at", "created_at",
)  # fmt: skip

_RECORDING = (*(columns[name] for name in _FIELDS), staff.c.login)

_SELECT = select(*_RECORDING).outerjoin(staff, staff.c.id == columns.heard_by)


def _recording(row: Any) -> Recording:
    values = {name: row._mapping[columns[name]] for name in _FIELDS}
    values["transcript"] = values["transcript"] or None
    return Recording(**{**values, "state": Fetch(values["state"])}, heard_by=row.login)


def keep(db: Connection, sid: str, values: dict[str, Any], now: datetime) -> Recording:
    """Insert a recording under its SID, or fill in columns that are still NULL; returns the row as it is then.

    One that has had its time stays as it is.
    """
    insert_once(db, recordings, ("sid",), {"sid": sid, "state": Fetch.WAITING, "created_at": now})
    known = by_sid(db, sid)
    assert known is not None
    if known.state is Fetch.GONE:
        return known
    new = {name: value for name, value in values.items() if value is not None and getattr(known, name) is None}
    if new:
        db.execute(update(recordings).where(columns.id == known.id).values(**new))
    return by_sid(db, sid) or known


def keep_and_fetch(db: Connection, sid: str, values: dict[str, Any], at: datetime) -> Recording:
    """Keep a recording like `keep`, and let the clock fetch its sound if it has not tried yet."""
    known = keep(db, sid, values, at)
    if known.tries == 0 and known.state is Fetch.WAITING:
        change(db, known.id, next_try_at=at)
    return known


def settled(db: Connection, sids: Sequence[str]) -> set[str]:
    """Return which of these recordings are here with the person who left them."""
    return set(db.scalars(select(columns.sid).where(columns.sid.in_(sids), columns.person_id.is_not(None))))


def by_sid(db: Connection, sid: str) -> Recording | None:
    row = db.execute(_SELECT.where(columns.sid == sid)).first()
    return _recording(row) if row else None


def get(db: Connection, recording_id: int) -> Recording | None:
    row = db.execute(_SELECT.where(columns.id == recording_id)).first()
    return _recording(row) if row else None


def of_person(db: Connection, person_id: int) -> list[Recording]:
    """Return the recordings of a person, oldest first."""
    return [_recording(row) for row in db.execute(_SELECT.where(columns.person_id == person_id).order_by(columns.id))]


def audio(db: Connection, recording_id: int) -> bytes | None:
    return db.scalar(select(columns.audio).where(columns.id == recording_id))


def to_fetch(db: Connection, now: datetime, limit: int) -> list[Recording]:
    """Return the recordings whose next try to fetch, or to delete the provider's copy, is due."""
    return [
        _recording(row)
        for row in db.execute(_SELECT.where(columns.next_try_at <= now).order_by(columns.next_try_at).limit(limit))
    ]


def change(db: Connection, recording_id: int, **values: Any) -> None:
    db.execute(update(recordings).where(columns.id == recording_id).values(**values))


def mark_heard(db: Connection, recording_id: int, staff_id: int, now: datetime) -> None:
    """Record who listened first, and when; later listeners change nothing."""
    db.execute(
        update(recordings)
        .where(columns.id == recording_id, columns.heard_at.is_(None))
        .values(heard_by=staff_id, heard_at=now)
    )
