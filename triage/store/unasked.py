"""People who wrote and have no open request: their words were answered, or wanted nothing."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from triage.model.message import Message
from triage.model.person import Person
from triage.store import messages, people
from triage.store.tables import callback_requests
from triage.store.tables import messages as message_table
from triage.store.tables import people as table

columns = message_table.c

LOOKED_THROUGH = 2000


def newest(
    db: Connection, since: datetime, limit: int, fits: Callable[[str | None, str], bool] | None = None
) -> list[tuple[Person, Message]]:
    """Return who wrote since then and has no open request, newest first, each with their newest text.

    fits: told a name and a phone, whether this person is looked for; then only the newest are looked through.
    """
    asks = exists().where(callback_requests.c.person_id == columns.person_id, callback_requests.c.closed_at.is_(None))
    last = (
        select(columns.person_id, func.max(columns.id).label("last"))
        .where(columns.direction == "in", columns.created_at >= since, columns.person_id.is_not(None), ~asks)
        .group_by(columns.person_id)
        .subquery()
    )
    known = select(table.c.name, table.c.phone, last.c.last).join(last, last.c.person_id == table.c.id)
    rows = db.execute(known.order_by(last.c.last.desc()).limit(LOOKED_THROUGH if fits else limit))
    ids = [row.last for row in rows if fits is None or fits(row.name, row.phone)][:limit]
    found = []
    for text in sorted(messages.with_ids(db, ids).values(), key=lambda text: text.id, reverse=True):
        person = people.get(db, text.person_id) if text.person_id else None
        if person is not None:
            found.append((person, text))
    return found
