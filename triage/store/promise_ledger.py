"""The ledger of promises: every one made in words, and what became of it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from triage.hours.promises import Promise
from triage.model.request import Promised
from triage.store.column_types import UtcDateTime
from triage.store.prepared import Prepared
from triage.store.tables import promises, staff

columns = promises.c


_PROMISED = (
    columns.id,
    columns.words,
    columns.window_start,
    columns.window_end,
    columns.due_at,
    columns.made_at,
    columns.kept_at,
    columns.broken_at,
    columns.settled_at,
    staff.c.login.label("by"),
)


_MINE = (columns.request_id == bindparam("of")) & columns.settled_at.is_(None)

_OPEN = Prepared(lambda _: select(columns.window_start, columns.window_end, columns.due_at).where(_MINE))

_MAKE = Prepared(
    lambda insert: insert(promises),
    "request_id", "words", "window_start", "window_end", "due_at", "made_at", "made_by",
)  # fmt: skip

# A promise whose time ran out before it was settled is broken; one that a call came in time for is kept.
_BREAK = Prepared(
    lambda _: (
        update(promises)
        .where(_MINE, columns.due_at < bindparam("now", type_=UtcDateTime))
        .values(broken_at=columns.due_at, settled_at=bindparam("now", type_=UtcDateTime))
    ),
)

_SETTLE = Prepared(lambda _: update(promises).where(_MINE), "kept_at", "settled_at")


def make(
    db: Connection, request_id: int, made: Promise, words: str | None, now: datetime, staff_id: int | None = None
) -> None:
    """Write down a promise; the one before it is settled. The same promise said again is the same one."""
    window = (made.window.start, made.window.end) if made.window else (None, None)
    if _OPEN.first(db, of=request_id) == (*window, made.due_at):
        return
    settle(db, request_id, now)
    _MAKE.run(
        db,
        request_id=request_id,
        words=words[:200] if words else None,
        window_start=window[0],
        window_end=window[1],
        due_at=made.due_at,
        made_at=now,
        made_by=staff_id,
    )


def keep(db: Connection, request_id: int, now: datetime) -> None:
    """Record that a call was tried: the open promise is kept, or broken if the call came too late."""
    _settle(db, request_id, now, kept=True)


def settle(db: Connection, request_id: int, now: datetime) -> None:
    """Close the open promise: it no longer counts, and is broken if its time had run out before."""
    _settle(db, request_id, now, kept=False)


def _settle(db: Connection, request_id: int, now: datetime, kept: bool) -> None:
    _BREAK.run(db, of=request_id, now=now)
    _SETTLE.run(db, of=request_id, kept_at=now if kept else None, settled_at=now)


def open_of(db: Connection, request_id: int) -> Promised | None:
    """Return the promise that counts now."""
    return next((one for one in of_request(db, request_id) if one.settled_at is None), None)


def of_request(db: Connection, request_id: int) -> list[Promised]:
    """Return every promise made for a request, oldest first."""
    rows = db.execute(
        select(*_PROMISED)
        .select_from(promises)
        .outerjoin(staff, staff.c.id == columns.made_by)
        .where(columns.request_id == request_id)
        .order_by(columns.id)
    )
    return [Promised(**row._mapping) for row in rows]
