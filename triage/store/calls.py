"""Calls that come in: each with the step it is at, and each turn with the reply it was given."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from triage.model.call import Call
from triage.store.column_types import Unreadable
from triage.store.conditional import insert_once
from triage.store.tables import call_turns, calls, people

columns = calls.c


_CALL = (
    columns.id, columns.sid, columns.person_id, columns.turn, columns.step, columns.choices, columns.misses,
    columns.silences, columns.started_at, columns.ended_at, people.c.phone,
)  # fmt: skip


def _call(row: Any) -> Call:
    return Call(**{**row._mapping, "choices": tuple(row.choices)})


def by_sid(db: Connection, sid: str) -> Call | None:
    row = db.execute(select(*_CALL).join(people, people.c.id == columns.person_id).where(columns.sid == sid)).first()
    return _call(row) if row else None


def ended_by_sid(db: Connection, sids: Sequence[str]) -> dict[str, bool]:
    """Return of those of these calls that are here whether each is known to be over."""
    rows = db.execute(select(columns.sid, columns.ended_at).where(columns.sid.in_(sids)))
    return {row.sid: row.ended_at is not None for row in rows}


def begin(db: Connection, sid: str, person_id: int, step: str, now: datetime) -> None:
    """Insert a call with no turn answered yet (-1); a second time changes nothing."""
    values = {
        "sid": sid, "person_id": person_id, "turn": -1, "step": step, "choices": [], "misses": 0, "silences": 0,
        "started_at": now,
    }  # fmt: skip
    insert_once(db, calls, ("sid",), values)


def answered(db: Connection, call_id: int, number: int, reply: Mapping[str, Any], now: datetime, **state: Any) -> bool:
    """Keep the reply of a turn and where the call stands after it; False if that turn has been answered meanwhile."""
    values = {"call_id": call_id, "number": number, "reply": dict(reply), "at": now}
    if not insert_once(db, call_turns, ("call_id", "number"), values):
        return False
    db.execute(update(calls).where(columns.id == call_id).values(turn=number, **state))
    return True


def stored_reply(db: Connection, sid: str, number: int) -> Mapping[str, Any] | None:
    """Return what a turn of a call was answered with; None if it has not been taken, nothing if that is unreadable."""
    found: Mapping[str, Any] | Unreadable | None = db.scalar(
        select(call_turns.c.reply)
        .join(calls, columns.id == call_turns.c.call_id)
        .where(columns.sid == sid, call_turns.c.number == number)
    )
    return {} if isinstance(found, Unreadable) else found


def end(db: Connection, sid: str, duration_s: int | None, now: datetime) -> bool:
    """Record that a call is over; False if that was known, or the call is not."""
    ended = db.execute(
        update(calls).where(columns.sid == sid, columns.ended_at.is_(None)).values(ended_at=now, duration_s=duration_s)
    )
    return bool(ended.rowcount)
