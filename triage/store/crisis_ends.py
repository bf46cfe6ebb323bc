"""How crises ended without being closed: who said so, when and why."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from triage.model.request import CrisisEnd, Ended
from triage.store.tables import crisis_ends, staff

columns = crisis_ends.c


def add(db: Connection, request_id: int, staff_id: int, how: CrisisEnd, why: str | None, now: datetime) -> None:
    db.execute(insert(crisis_ends).values(request_id=request_id, staff_id=staff_id, at=now, how=how, why=why))


def of_request(db: Connection, request_id: int) -> list[Ended]:
    """Return every end of a crisis of this request, oldest first."""
    rows = db.execute(
        select(columns.how, staff.c.login, columns.at, columns.why)
        .join(staff, staff.c.id == columns.staff_id)
        .where(columns.request_id == request_id)
        .order_by(columns.id)
    )
    return [Ended(CrisisEnd(row.how), row.login, row.at, row.why or None) for row in rows]
