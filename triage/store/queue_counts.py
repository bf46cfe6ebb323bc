"""How the queue stands, in numbers only: what a locked page may show."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from triage.model.request import Priority
from triage.store.tables import callback_requests, notices

_GRAVE = [priority for priority in Priority if priority.pages]


@dataclass(frozen=True)
class Standing:
    """Counts of open requests. `grave`: crises and emergencies; `unseen`: those of them that nobody acknowledged.

    `due`: the others that are due soon, overdue or urgent. `waiting`: all.
    """

    unseen: int
    grave: int
    due: int
    waiting: int

    @property
    def version(self) -> str:
        return "-".join(map(str, astuple(self)))


def now(db: Connection, at: datetime, due_within: timedelta) -> Standing:
    """Count the open requests as of `at`; `due_within` is how near to its due time one counts as due."""
    columns = callback_requests.c
    grave = columns.priority.in_(_GRAVE)
    urgent = (columns.priority == Priority.URGENT) & columns.spoken_at.is_(None)
    due = ~grave & ((columns.due_at <= at + due_within) | urgent)
    row = db.execute(
        select(
            func.count().filter(grave & columns.acknowledged_at.is_(None)),
            func.count().filter(grave),
            func.count().filter(due),
            func.count(),
        ).where(columns.closed_at.is_(None))
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
