"""How far ahead each of our numbers has texts with the provider, which passes on so many parts a second."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from triage.store.conditional import insert_once
from triage.store.tables import senders

# Nothing is handed over so far ahead: a time beyond is from before the wall clock was set back.
NEVER_SO_FAR = timedelta(minutes=5)


def busy_for(db: Connection, number: str, now: datetime) -> timedelta:
    """Return for how long the provider is still busy with what this number has sent."""
    return _busy_for(db.scalar(select(senders.c.free_at).where(senders.c.number == number)), now)


def take(db: Connection, number: str, needs: timedelta, most: timedelta, now: datetime) -> bool:
    """Count a text that takes the number so long; False, and not counted, while it is busy for longer than `most`."""
    insert_once(db, senders, ("number",), {"number": number, "free_at": now})
    free_at = db.scalar(select(senders.c.free_at).where(senders.c.number == number).with_for_update())
    busy = _busy_for(free_at, now)
    if busy > most:
        return False
    db.execute(update(senders).where(senders.c.number == number).values(free_at=now + busy + needs))
    return True


def _busy_for(free_at: datetime | None, now: datetime) -> timedelta:
    if free_at is None or not now < free_at <= now + NEVER_SO_FAR:
        return timedelta()
    return free_at - now
