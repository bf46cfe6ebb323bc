"""What kind of line each person's number is, as the carrier says, and until when that is taken for known."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, union

from triage.store.people import change
from triage.store.tables import callback_requests, calls, people

columns = people.c

# Who has called is asked about while they are still on the line.
CALLED_WITHIN = timedelta(hours=1)


def unknown(db: Connection, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return persons, and their phones, whose line is not known, of those who wait for a call or are calling."""
    waiting = select(callback_requests.c.person_id).where(callback_requests.c.closed_at.is_(None))
    calling = select(calls.c.person_id).where(calls.c.started_at > now - CALLED_WITHIN)
    is_old = or_(columns.line_type_until.is_(None), columns.line_type_until < now)
    whose = columns.id.in_(union(waiting, calling))
    due = select(columns.id, columns.phone).where(whose, is_old).order_by(columns.id).limit(limit)
    rows = db.execute(due)
    return [(row.id, row.phone) for row in rows]


def keep(db: Connection, person_id: int, line_type: str | None, until: datetime) -> None:
    """Keep what was found, or None where nobody could say."""
    change(db, person_id, {"line_type": line_type, "line_type_until": until})
