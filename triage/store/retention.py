"""What a person said and left, once its time is over: deleted, or taken out of rows that have to stay.

Nothing of somebody who has an open request goes, however old it is.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select, update

from triage.store.tables import (
    attempts,
    call_turns,
    callback_requests,
    calls,
    messages,
    notes,
    notices,
    people,
    recordings,
)

AT_ONCE = 1000

_request = callback_requests.c


def purge_words(db: Connection, before: datetime) -> dict[str, int]:
    """Delete texts, calls, the words of notices, notes, and what closed requests and their people are known by.

    A person's number stays with the opt-out: without it they would be texted again.
    """
    return {
        "messages": _delete(db, messages, messages.c.created_at < before, ~_waits(messages.c.person_id)),
        "call_turns": _delete_turns(db, before),
        "notices": _blank(db, notices, {"body": None}, notices.c.created_at < before, ~_is_open(notices.c.request_id)),
        "notes": _delete(db, notes, notes.c.at < before, _closed_before(notes.c.request_id, before)),
        "attempts": _blank(
            db, attempts, {"note": None}, attempts.c.at < before, _closed_before(attempts.c.request_id, before)
        ),
        "requests": _blank(db, callback_requests, _NOBODY, _request.closed_at < before),
        "people": _blank(db, people, {"name": None}, people.c.created_at < before, ~_is_known(before)),
    }


def purge_recordings(db: Connection, before: datetime) -> int:
    """Delete what callers left: sound and transcript."""
    old = recordings.c.created_at < before
    return _delete(db, recordings, old, ~_is_open(recordings.c.request_id), ~_waits(recordings.c.person_id))


_NOBODY = {"name": None, "phone": None, "phone_hash": None, "wish": None}


def _waits(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Match persons who have an open request."""
    return exists().where(_request.person_id == person_id, _request.closed_at.is_(None))


def _is_open(request_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at.is_(None))


def _closed_before(request_id: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at < before)


def _is_known(before: datetime) -> ColumnElement[bool]:
    """Match persons who still have a text, or a request that is open or was lately."""
    recent = or_(_request.closed_at.is_(None), _request.closed_at >= before)
    request = exists().where(_request.person_id == people.c.id, recent)
    return exists().where(messages.c.person_id == people.c.id) | request


def _delete(db: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    # In pieces: a long transaction would hold up the texts.
    some = select(table.c.id).where(*conditions).limit(AT_ONCE)
    return db.execute(delete(table).where(table.c.id.in_(some))).rowcount


def _blank(db: Connection, table: Table, values: dict[str, None], *conditions: ColumnElement[bool]) -> int:
    """Take columns out of rows that stay. Rows without them are left alone, so that a second run finds nothing."""
    filled = or_(*(table.c[name].is_not(None) for name in values))
    some = select(table.c.id).where(filled, *conditions).limit(AT_ONCE)
    return db.execute(update(table).where(table.c.id.in_(some)).values(**values)).rowcount


def _delete_turns(db: Connection, before: datetime) -> int:
    """Delete what was said in old calls; that they were made stays."""
    old = select(calls.c.id).where(calls.c.started_at < before, ~_waits(calls.c.person_id))
    some = old.where(exists().where(call_turns.c.call_id == calls.c.id)).limit(AT_ONCE)
    return db.execute(delete(call_turns).where(call_turns.c.call_id.in_(some))).rowcount
