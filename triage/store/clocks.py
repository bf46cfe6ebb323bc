"""The clock processes: when each was seen last, when each of its jobs ended well, how far its wall clock is away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from triage.store.tables import clocks


@dataclass(frozen=True)
class Clock:
    """One clock process. Times are aware UTC; `ended_at`: when each job, by its name, last ended without an error.

    away_s: by how many seconds its wall clock has been set since its start.
    """

    owner: str
    host: str
    started_at: datetime
    seen_at: datetime
    ended_at: dict[str, datetime]
    away_s: float


def beat(db: Connection, clock: Clock) -> None:
    """Upsert the row of a clock process. `owner` is new at each start of a process, so no two share a row."""
    values: dict[str, Any] = {
        "seen_at": clock.seen_at,
        "ended_at": {name: at.isoformat() for name, at in clock.ended_at.items()},
        "away_s": round(clock.away_s),
    }
    seen = db.execute(update(clocks).where(clocks.c.owner == clock.owner).values(values))
    if not seen.rowcount:
        new = {"owner": clock.owner, "host": clock.host[:80], "started_at": clock.started_at}
        db.execute(insert(clocks).values(values | new))


def alive(db: Connection, now: datetime, within: timedelta) -> list[Clock]:
    """Return the clocks that were seen within this time, the newest first."""
    rows = db.execute(select(clocks).where(clocks.c.seen_at >= now - within).order_by(clocks.c.started_at.desc()))
    return [
        Clock(
            row.owner, row.host, row.started_at, row.seen_at,
            {name: datetime.fromisoformat(at) for name, at in (row.ended_at or {}).items()}, row.away_s or 0,
        )
        for row in rows
    ]  # fmt: skip
