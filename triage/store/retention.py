"""What goes when its time is over: what a person said and left, sessions, guesses, reports, old audit events.

Nothing of somebody who has an open request goes, however old it is.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select, update

from triage.policy import Retention
from triage.store import audit, audit_chain
from triage.store.tables import (
    attempts,
    call_turns,
    callback_requests,
    calls,
    clocks,
    messages,
    notes,
    notices,
    people,
    receipts,
    recordings,
    sessions,
    sign_ins,
)

AT_ONCE = 1000

# How many rows of each kind go in one transaction: a long one would hold up the texts.
ROWS_AT_ONCE = 2000

SIGN_INS_KEPT = timedelta(days=30)

CLOCKS_KEPT = timedelta(days=1)

MOST_ROUNDS = 50

_request = callback_requests.c


def purge(db: Connection, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete some of what has had its time; returns how many rows by kind. Audited, when there was anything."""
    counts = {
        "sessions": _delete_keyed(db, sessions, sessions.c.token_hash, sessions.c.expires_at < now),
        "sign_ins": _delete_keyed(db, sign_ins, sign_ins.c.id, sign_ins.c.at < now - SIGN_INS_KEPT),
        "receipts": _delete_keyed(
            db, receipts, receipts.c.id, receipts.c.at < now - timedelta(days=keep.receipts_days)
        ),
        "clocks": _delete_keyed(db, clocks, clocks.c.owner, clocks.c.seen_at < now - CLOCKS_KEPT),
        "recordings": purge_recordings(db, now - timedelta(days=keep.recordings_days)),
        "audit": audit_chain.cut(db, now - timedelta(days=keep.audit_days), now),
    } | purge_words(db, now - timedelta(days=keep.messages_days))
    if any(counts.values()):
        audit.record(db, "purge", now, detail={kind: count for kind, count in counts.items() if count})
    return counts


def _delete_keyed(db: Connection, table: Table, key: Any, condition: ColumnElement[bool]) -> int:
    some = select(key).where(condition).limit(ROWS_AT_ONCE)
    return db.execute(delete(table).where(key.in_(some))).rowcount


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
