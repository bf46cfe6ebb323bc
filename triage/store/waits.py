"""Waits in the queue: how long those of late have waited, and who stands before whom."""

from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_

from triage.model.request import Priority, Request
from triage.store.tables import attempts, callback_requests

columns = callback_requests.c


def first_tries(db: Connection, since: datetime) -> list[tuple[datetime, datetime]]:
    """Return when each routine request since then was made, and when it was first tried; those of a window are not
    among them, nor those that nobody has tried.
    """
    first = func.min(attempts.c.at).label("first")
    rows = db.execute(
        select(columns.created_at, first)
        .join(attempts, attempts.c.request_id == columns.id)
        .where(columns.created_at >= since, columns.priority == Priority.ROUTINE, columns.promised_start.is_(None))
        .group_by(columns.id, columns.created_at)
    )
    return [(row.created_at, row.first) for row in rows]


def position(db: Connection, request: Request) -> int:
    """Return the place of a request in the queue, the next to be called being 1."""
    place = tuple_(columns.priority, columns.due_at, columns.created_at, columns.id)
    own = select(columns.priority, columns.due_at, columns.created_at, columns.id).where(columns.id == request.id)
    before = select(func.count()).where(columns.closed_at.is_(None), place < own.scalar_subquery())
    return 1 + (db.scalar(before) or 0)
