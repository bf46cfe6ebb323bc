"""People who wrote and have no open request: their words were answered, or wanted nothing."""

from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from triage.model.message import Message
from triage.model.person import Person
from triage.store import messages, people
from triage.store.tables import callback_requests
from triage.store.tables import messages as message_table

columns = message_table.c


def newest(db: Connection, since: datetime, limit: int) -> list[tuple[Person, Message]]:
    """Return who wrote since then and has no open request, newest first, each with their newest text."""
    last = func.max(columns.id)
    asks = exists().where(callback_requests.c.person_id == columns.person_id, callback_requests.c.closed_at.is_(None))
    ids = db.scalars(
        select(last)
        .where(columns.direction == "in", columns.created_at >= since, columns.person_id.is_not(None), ~asks)
        .group_by(columns.person_id)
        .order_by(last.desc())
        .limit(limit)
    )
    found = []
    for text in sorted(messages.with_ids(db, list(ids)).values(), key=lambda text: text.id, reverse=True):
        person = people.get(db, text.person_id) if text.person_id else None
        if person is not None:
            found.append((person, text))
    return found
