"""How the queue stands, in numbers only: what a locked page may show."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from triage.model.request import Priority
from triage.store.tables import callback_requests, notices

_GRAVE = [priority for priority in Priority if priority.pages]


@dataclass(frozen=True)
class Standing:
    """`unseen` are crises and emergencies that nobody has acknowledged; they are in `grave` too."""

    unseen: int
    grave: int
    due: int
    waiting: int

    @property
    def version(self) -> str:
        return "-".join(map(str, astuple(self)))


def now(db: Connection, at: datetime, due_within: timedelta) -> Standing:
    """Count the open requests at a time; nothing encrypted is read."""
    column = callback_requests.c
    grave = column.priority.in_(_GRAVE)
    due = ~grave & ((column.due_at <= at + due_within) | (column.priority == Priority.URGENT))
    row = db.execute(
        select(
            func.count().filter(grave & column.acknowledged_at.is_(None)),
            func.count().filter(grave),
            func.count().filter(due),
            func.count(),
        ).where(column.closed_at.is_(None))
    ).one()
    return Standing(*map(int, row))


def notices_by_state(db: Connection, since: datetime) -> dict[str, int]:
    """Count the notices made since then by their state."""
    rows = db.execute(
        select(notices.c.state, func.count().label("made"))
        .where(notices.c.created_at >= since)
        .group_by(notices.c.state)
    )
    return {row.state: row.made for row in rows}
