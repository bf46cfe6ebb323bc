"""The ledger of promises: every one made in words, and what became of it."""

from datetime import datetime, timedelta

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


_IS_OPEN = (columns.request_id == bindparam("of")) & columns.settled_at.is_(None)

_SELECT_OPEN = Prepared(lambda _: select(columns.window_start, columns.window_end, columns.due_at).where(_IS_OPEN))

_MAKE = Prepared(
    lambda insert: insert(promises),
    "request_id", "words", "window_start", "window_end", "due_at", "made_at", "made_by",
)  # fmt: skip

# A promise whose due time passed while it was open is broken: it is closed with that time as `broken_at`.
_BREAK = Prepared(
    lambda _: (
        update(promises)
        .where(_IS_OPEN, columns.due_at < bindparam("now", type_=UtcDateTime))
        .values(broken_at=columns.due_at, settled_at=bindparam("now", type_=UtcDateTime))
    ),
)

_TAKE_UP = Prepared(lambda _: update(promises).where(columns.id == bindparam("of")), "settled_at")

_SETTLE = Prepared(lambda _: update(promises).where(_IS_OPEN), "kept_at", "settled_at")


def make(
    db: Connection, request_id: int, made: Promise, words: str | None, now: datetime, staff_id: int | None = None
) -> None:
    """Insert a promise and settle the open one before it; one with the same window and due time changes nothing."""
    window = (made.window.start, made.window.end) if made.window else (None, None)
    if _SELECT_OPEN.first(db, of=request_id) == (*window, made.due_at):
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
    """Close the open promise because a call was tried, or somebody was spoken to: kept, or broken if its due time had
    passed.
    """
    _settle(db, request_id, now, kept=True)


def settle(db: Connection, request_id: int, now: datetime) -> None:
    """Close the open promise without a call: broken if its due time had passed, else neither kept nor broken."""
    _settle(db, request_id, now, kept=False)


def take_up(db: Connection, request_id: int, promise_id: int, now: datetime) -> None:
    """Let a promise count again that another one had replaced, as it was made and by whom; the open one is settled."""
    settle(db, request_id, now)
    _TAKE_UP.run(db, of=promise_id, settled_at=None)


def _settle(db: Connection, request_id: int, now: datetime, kept: bool) -> None:
    _BREAK.run(db, of=request_id, now=now)
    _SETTLE.run(db, of=request_id, kept_at=now if kept else None, settled_at=now)


def made_since(db: Connection, request_id: int, since: datetime) -> bool:
    """Tell whether something was promised for a request at that time or later."""
    made = (columns.request_id == request_id) & (columns.made_at >= since)
    return db.scalar(select(columns.id).where(made).limit(1)) is not None


def open_of(db: Connection, request_id: int) -> Promised | None:
    """Return the open promise of a request, which is the one that counts."""
    return next((one for one in of_request(db, request_id) if one.settled_at is None), None)


def before_crisis(db: Connection, request_id: int, at_once: timedelta, now: datetime) -> Promised | None:
    """Return what the person had been promised in words before a crisis took its place, if its time is still ahead.

    at_once: how soon a crisis is called: what is promised that soon is no promise of before. One that ended for another
    reason than the next promise is over.
    """
    made = of_request(db, request_id)
    ordinary = [one for one in made if one.window_start or one.due_at - one.made_at > at_once]
    if not ordinary or ordinary[-1].standing(now) not in ("open", "replaced"):
        return None
    last = ordinary[-1]
    replaced_at = next((one.made_at for one in made if one.id > last.id), last.settled_at)
    counts = last.words and last.due_at > now and last.settled_at in (None, replaced_at)
    return last if counts else None


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
