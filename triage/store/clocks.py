"""Clock processes that are alive."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from triage.store.tables import clocks


def beat(db: Connection, owner: str, host: str, started_at: datetime, now: datetime) -> None:
    """`owner` is new at each start of a process, so no two clocks share a row."""
    seen = db.execute(update(clocks).where(clocks.c.owner == owner).values(seen_at=now))
    if not seen.rowcount:
        db.execute(insert(clocks).values(owner=owner, host=host[:80], started_at=started_at, seen_at=now))
