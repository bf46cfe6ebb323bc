"""Sets aside what no key opens of one person: kept as it was found, and out of the way of what is said next."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, Connection, LargeBinary, Table, delete, insert, select, type_coerce, update

from triage.errors import Unopened
from triage.store.column_types import EncryptedBytes, EncryptedJson, EncryptedText
from triage.store.keys import Keys
from triage.store.tables import callback_requests, conversations, people, set_aside

log = structlog.get_logger()

DRAFT = "conversations.draft"

# For so long staff are shown that something was set aside.
SHOWN_FOR = timedelta(days=7)


def put_by(db: Connection, person_id: int, phone: str | None, now: datetime, draft_too: bool = False) -> frozenset[str]:
    """Set aside each unreadable value of a person, their talk and their requests; returns the places, "table.column".

    The person is locked. phone: by which they are known just now, it takes the place of an unreadable one. draft_too:
    the draft opens, but cannot be read all the same.
    """
    is_talk = conversations.c.person_id == person_id
    found = _put_by(db, people, people.c.id, people.c.id == person_id, {"phone": phone} if phone else {}, now)
    found |= _put_by(db, callback_requests, callback_requests.c.id, callback_requests.c.person_id == person_id, {}, now)
    talks = _raw(db, conversations.c.draft, conversations.c.person_id, is_talk)
    if draft_too or any(not _opens(sealed, DRAFT) for _, sealed in talks):
        for _, sealed in talks:
            _keep(db, DRAFT, person_id, sealed, now)
        db.execute(delete(conversations).where(is_talk))
        found.add(DRAFT)
    return frozenset(found)


def _put_by(
    db: Connection, table: Table, key: Column[Any], which: Any, instead: Mapping[str, Any], now: datetime
) -> set[str]:
    found = set()
    for column in encrypted_columns(table):
        for row_id, sealed in _raw(db, column, key, which):
            if _opens(sealed, str(column)):
                continue
            found.add(str(column))
            if column.nullable or column.name in instead:
                _keep(db, str(column), row_id, sealed, now)
                db.execute(update(table).where(key == row_id).values({column.name: instead.get(column.name)}))
    return found


def encrypted_columns(table: Table) -> list[Column[Any]]:
    return [one for one in table.columns if isinstance(one.type, EncryptedText | EncryptedBytes | EncryptedJson)]


def _raw(db: Connection, column: Column[Any], key: Column[Any], which: Any) -> list[tuple[int, bytes]]:
    rows = db.execute(select(key, type_coerce(column, LargeBinary)).where(which, column.is_not(None)))
    return [(row_id, bytes(sealed)) for row_id, sealed in rows]


def _opens(sealed: bytes, place: str) -> bool:
    """Tell whether a key opens this in its place. What was erased is no damage."""
    try:
        if sealed:
            Keys.decrypt(sealed, place)
    except Unopened:
        return False
    return True


def _keep(db: Connection, place: str, row_id: int, sealed: bytes, now: datetime) -> None:
    log.error("set_aside", place=place, row=row_id)
    db.execute(insert(set_aside).values(place=place, row_id=row_id, sealed=sealed, found_at=now))


def any_since(db: Connection, since: datetime) -> bool:
    """Tell whether something was set aside since then."""
    return db.scalar(select(set_aside.c.id).where(set_aside.c.found_at > since).limit(1)) is not None


def counts(db: Connection) -> dict[str, int]:
    """Return how many values of each place were set aside."""
    places: dict[str, int] = {}
    for place in db.scalars(select(set_aside.c.place)):
        places[place] = places.get(place, 0) + 1
    return places
