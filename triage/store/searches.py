"""What staff have searched for, encrypted and for a day: an address names a search by its number."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from triage.store.tables import searches

KEPT = timedelta(days=1)


def keep(db: Connection, staff_id: int, asked: Mapping[str, str], now: datetime) -> int:
    """Insert a search of somebody and return its id."""
    values = {"staff_id": staff_id, "asked": dict(asked), "made_at": now}
    return int(db.execute(insert(searches).values(**values).returning(searches.c.id)).scalar_one())


def get(db: Connection, search_id: int, staff_id: int) -> Mapping[str, str] | None:
    """Return what was searched for; None for another's search, and for one that is gone."""
    whose = (searches.c.id == search_id) & (searches.c.staff_id == staff_id)
    asked: Mapping[str, str] | None = db.scalar(select(searches.c.asked).where(whose))
    return asked or None
