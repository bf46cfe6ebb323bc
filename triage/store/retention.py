"""Retention: deletes or blanks what has had its time. What patients said and left, sessions, sign-ins, receipts, audit.

Nothing that a patient said or left goes while they have an open request, however old it is.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, exists, or_, select, update

from triage.policy import Retention
from triage.store import audit, audit_chain
from triage.store.searches import KEPT
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
    search_words,
    searches,
    sessions,
    sign_ins,
)

# How many rows of each kind go in one transaction, of what patients said and of the rest: a long one would hold up the
# texts that come in.
AT_ONCE = 1000
ROWS_AT_ONCE = 2000

SIGN_INS_KEPT = timedelta(days=30)

CLOCKS_KEPT = timedelta(days=1)

# How many such transactions one run of the clock may take; what is left waits for the next run.
MOST_ROUNDS = 50

_request = callback_requests.c


def purge(db: Connection, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete or blank some rows of each kind that have had their time; returns how many by kind, 0 where none is left.

    Writes one audit event with the counts where there was anything.
    """
    receipts_before = now - timedelta(days=keep.receipts_days)
    counts = {
        "sessions": _delete(db, sessions.c.token_hash, sessions.c.expires_at < now, limit=ROWS_AT_ONCE),
        "sign_ins": _delete(db, sign_ins.c.id, sign_ins.c.at < now - SIGN_INS_KEPT, limit=ROWS_AT_ONCE),
        "receipts": _delete(db, receipts.c.id, receipts.c.at < receipts_before, limit=ROWS_AT_ONCE),
        "searches": _delete(db, searches.c.id, searches.c.made_at < now - KEPT, limit=ROWS_AT_ONCE),
        "clocks": _delete(db, clocks.c.owner, clocks.c.seen_at < now - CLOCKS_KEPT, limit=ROWS_AT_ONCE),
        "recordings": purge_recordings(db, now - timedelta(days=keep.recordings_days)),
        "audit": audit_chain.cut(db, now - timedelta(days=keep.audit_days), now),
    } | purge_words(db, now - timedelta(days=keep.messages_days))
    if any(counts.values()):
        audit.record(db, "purge", now, detail={kind: count for kind, count in counts.items() if count})
    return counts


def purge_words(db: Connection, before: datetime) -> dict[str, int]:
    """Delete texts, turns of calls and notes; blank the words of notices and attempts, and the names in what stays.

    A person's number stays with the opt-out: without it they would be texted again.
    """
    return {
        "messages": _delete(
            db, messages.c.id, messages.c.created_at < before, ~_has_open_request(messages.c.person_id)
        ),
        "call_turns": _delete_turns(db, before),
        "notices": _blank(db, notices, {"body": None}, notices.c.created_at < before, ~_is_open(notices.c.request_id)),
        "notes": _delete(db, notes.c.id, notes.c.at < before, _closed_before(notes.c.request_id, before)),
        "attempts": _blank(
            db, attempts, {"note": None}, attempts.c.at < before, _closed_before(attempts.c.request_id, before)
        ),
        "search_words": _delete_search_words(db, before),
        "requests": _blank(db, callback_requests, _WITHOUT_PERSON, _request.closed_at < before),
        "people": _blank(db, people, {"name": None}, people.c.created_at < before, ~_has_recent_contact(before)),
    }


def purge_recordings(db: Connection, before: datetime) -> int:
    """Delete recordings of callers made before then: sound and transcript."""
    old = recordings.c.created_at < before
    return _delete(
        db, recordings.c.id, old, ~_is_open(recordings.c.request_id), ~_has_open_request(recordings.c.person_id)
    )


_WITHOUT_PERSON = {"name": None, "phone": None, "phone_hash": None, "wish": None}


def _has_open_request(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_request.person_id == person_id, _request.closed_at.is_(None))


def _is_open(request_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at.is_(None))


def _closed_before(request_id: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at < before)


def _has_recent_contact(before: datetime) -> ColumnElement[bool]:
    """Match persons who have a message, or a request that is open or was closed at `before` or later."""
    recent = or_(_request.closed_at.is_(None), _request.closed_at >= before)
    request = exists().where(_request.person_id == people.c.id, recent)
    return exists().where(messages.c.person_id == people.c.id) | request


def _delete(db: Connection, key: Column[Any], *conditions: ColumnElement[bool], limit: int | None = None) -> int:
    """Delete some rows of the table whose primary key is `key`; `limit` is AT_ONCE where it is not given."""
    some = select(key).where(*conditions).limit(limit or AT_ONCE)
    return db.execute(delete(key.table).where(key.in_(some))).rowcount


def _blank(db: Connection, table: Table, values: dict[str, None], *conditions: ColumnElement[bool]) -> int:
    """Set columns to NULL in rows that stay. Rows where they are NULL are left out, so a second run finds nothing."""
    filled = or_(*(table.c[name].is_not(None) for name in values))
    some = select(table.c.id).where(filled, *conditions).limit(AT_ONCE)
    return db.execute(update(table).where(table.c.id.in_(some)).values(**values)).rowcount


def _delete_search_words(db: Connection, before: datetime) -> int:
    """Delete by what some old requests are found, before their names go."""
    some = (
        select(search_words.c.request_id)
        .join(callback_requests, _request.id == search_words.c.request_id)
        .where(_request.closed_at < before)
        .distinct()
        .limit(AT_ONCE)
    )
    return db.execute(delete(search_words).where(search_words.c.request_id.in_(some))).rowcount


def _delete_turns(db: Connection, before: datetime) -> int:
    """Delete the turns of some old calls; the rows of the calls stay."""
    old = select(calls.c.id).where(calls.c.started_at < before, ~_has_open_request(calls.c.person_id))
    some = old.where(exists().where(call_turns.c.call_id == calls.c.id)).limit(AT_ONCE)
    return db.execute(delete(call_turns).where(call_turns.c.call_id.in_(some))).rowcount
