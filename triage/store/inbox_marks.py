"""Marks: how far each of the provider's lists of what came in has been read, and when that was."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from triage.store.conditional import insert_once
from triage.store.tables import inbox_marks

columns = inbox_marks.c


class Listed(StrEnum):
    """Which list: calls go with their recordings."""

    TEXTS = "texts"
    CALLS = "calls"


@dataclass(frozen=True)
class Mark:
    """All that came in before `read_until` is here. `read_at`: when the list was last read to its end."""

    read_until: datetime
    read_at: datetime


def begin(db: Connection, which: Listed, since: datetime, now: datetime) -> Mark:
    """Return the mark of a list; where there is none yet, it begins at `since`."""
    insert_once(db, inbox_marks, ("list",), {"list": which, "read_until": since, "read_at": now})
    row = db.execute(select(columns.read_until, columns.read_at).where(columns.list == which)).one()
    return Mark(row.read_until, row.read_at)


def move(db: Connection, which: Listed, before: datetime, read_until: datetime, now: datetime) -> None:
    """Move a mark on that stood at `before`; one that another clock has moved meanwhile stays where it is."""
    where = (columns.list == which) & (columns.read_until == before)
    db.execute(update(inbox_marks).where(where).values(read_until=read_until))
    db.execute(update(inbox_marks).where(columns.list == which).values(read_at=now))


def unread_since(db: Connection) -> datetime | None:
    """Return up to when what came in is surely here; None before the first look.

    The mark of the calls may wait for one that goes on, though the list is read.
    """
    rows = db.execute(select(columns.list, columns.read_until, columns.read_at)).all()
    return min((row.read_until if row.list == Listed.TEXTS else row.read_at for row in rows), default=None)
