"""Retention: deletes or erases what has had its time. What patients said, left and are known by, sessions, sign-ins,
receipts, audit.

Nothing that a patient said or left goes while they have an open request, however old it is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from triage.model.call import Fetch
from triage.policy import Retention
from triage.store import audit, audit_chain
from triage.store.column_types import ERASED
from triage.store.messages import HAS_WORDS
from triage.store.searches import KEPT
from triage.store.tables import (
    attempts,
    call_turns,
    callback_requests,
    calls,
    clocks,
    conversations,
    crisis_ends,
    messages,
    notes,
    notices,
    once_marks,
    people,
    promises,
    receipts,
    recordings,
    search_words,
    searches,
    sessions,
    set_aside,
    sign_ins,
)

# How many rows of each kind go in one transaction, of what patients said and of the rest: a long one would hold up the
# texts that come in.
AT_ONCE = 1000
ROWS_AT_ONCE = 2000

SIGN_INS_KEPT = timedelta(days=30)

CLOCKS_KEPT = timedelta(days=1)

# No line is so slow: what comes later is another form.
MARKS_KEPT = timedelta(days=7)

# How many such transactions one run of the clock may take; what is left waits for the next run.
MOST_ROUNDS = 50

_request = callback_requests.c


def purge(db: Connection, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete or erase some rows of each kind that have had their time; returns how many by kind, 0 where none is left.

    Writes one audit event with the counts where there was anything.
    """
    receipts_before = now - timedelta(days=keep.receipts_days)
    counts = {
        "sessions": _delete(db, sessions.c.token_hash, sessions.c.expires_at < now, limit=ROWS_AT_ONCE),
        "sign_ins": _delete(db, sign_ins.c.id, sign_ins.c.at < now - SIGN_INS_KEPT, limit=ROWS_AT_ONCE),
        "receipts": _delete(db, receipts.c.id, receipts.c.at < receipts_before, limit=ROWS_AT_ONCE),
        "once_marks": _delete(db, once_marks.c.mark, once_marks.c.at < now - MARKS_KEPT, limit=ROWS_AT_ONCE),
        "searches": _delete(db, searches.c.id, searches.c.made_at < now - KEPT, limit=ROWS_AT_ONCE),
        "clocks": _delete(db, clocks.c.owner, clocks.c.seen_at < now - CLOCKS_KEPT, limit=ROWS_AT_ONCE),
        "recordings": purge_recordings(db, now - timedelta(days=keep.recordings_days)),
    } | purge_words(db, now - timedelta(days=keep.messages_days))
    counts["audit"] = audit_chain.cut(db, now - timedelta(days=keep.audit_days), now)
    if any(counts.values()):
        audit.record(db, "purge", now, detail={kind: count for kind, count in counts.items() if count})
    return counts


def purge_words(db: Connection, before: datetime) -> dict[str, int]:
    """Erase what patients said and are known by, as far as it is from before then; returns how many rows by kind.

    Rows stay where others refer to them, or where their key tells that a webhook that comes again is an old one. Of who
    has opted out the hash of the phone stays: without it they would be texted again.
    """
    return {
        "messages": _erase(
            db, messages.c.id, _WORDS_OF_MESSAGE, HAS_WORDS, _message.created_at < before,
            ~_has_open_request(_message.person_id),
        ),
        "drafts": _delete(
            db, conversations.c.person_id, conversations.c.updated_at < before,
            ~_has_open_request(conversations.c.person_id),
        ),
        "calls": _erase(
            db, calls.c.id, {"choices": ERASED}, _is_written(calls.c.choices), calls.c.started_at < before,
            ~_has_open_request(calls.c.person_id),
        ),
        "call_turns": _erase_turns(db, before),
        "notices": _erase(
            db, notices.c.id, {"body": None}, notices.c.body.is_not(None), notices.c.created_at < before,
            ~_is_open(notices.c.request_id),
        ),
        "notes": _delete(db, notes.c.id, notes.c.at < before, _closed_before(notes.c.request_id, before)),
        "attempts": _erase(
            db, attempts.c.id, {"note": None}, attempts.c.note.is_not(None), attempts.c.at < before,
            _closed_before(attempts.c.request_id, before),
        ),
        "promises": _erase(
            db, promises.c.id, {"words": None}, promises.c.words.is_not(None),
            _closed_before(promises.c.request_id, before),
        ),
        "crisis_ends": _erase(
            db, crisis_ends.c.id, {"why": None}, crisis_ends.c.why.is_not(None), crisis_ends.c.at < before,
            _closed_before(crisis_ends.c.request_id, before),
        ),
        "search_words": _delete_search_words(db, before),
        "requests": _erase(db, _request.id, _OF_PERSON, _has_any(_request, _OF_PERSON), _request.closed_at < before),
        "people": _erase(
            db, people.c.id, _KNOWN_BY, _is_written(people.c.phone), people.c.created_at < before,
            ~_has_recent_contact(before),
        ),
        "set_aside": _delete(db, set_aside.c.id, set_aside.c.found_at < before),
    }  # fmt: skip


_message = messages.c

# An empty answer and no missing one: the same text again was answered before, and is answered with nothing.
_WORDS_OF_MESSAGE: Mapping[str, Any] = {
    "body": ERASED, "reply": [], "heard": None, "label": None, "media": None, "template": None,
}  # fmt: skip

_OF_PERSON = dict.fromkeys(("name", "phone", "phone_hash", "wish", "promised"))

_refuses = or_(people.c.opted_out_at.is_not(None), people.c.no_calls_at.is_not(None), people.c.blocked_at.is_not(None))

_KNOWN_BY = {
    "phone": ERASED,
    "phone_hash": case((_refuses, people.c.phone_hash), else_=literal("gone:") + cast(people.c.id, String)),
    "name": None,
    "zone": None,
    "line_type": None,
    "line_type_until": None,
}


def purge_recordings(db: Connection, before: datetime) -> int:
    """Erase recordings of callers made before then, sound and transcript; their SIDs stay."""
    old = recordings.c.created_at < before
    return _erase(
        db, recordings.c.id, _OF_RECORDING, recordings.c.state != Fetch.GONE, old,
        ~_is_open(recordings.c.request_id), ~_has_open_request(recordings.c.person_id),
    )  # fmt: skip


_OF_RECORDING = {
    "state": Fetch.GONE, "audio": None, "transcript": None, "content_type": None, "person_id": None, "request_id": None,
}  # fmt: skip


def _has_open_request(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_request.person_id == person_id, _request.closed_at.is_(None))


def _is_open(request_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at.is_(None))


def _closed_before(request_id: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return exists().where(_request.id == request_id, _request.closed_at < before)


def _has_recent_contact(before: datetime) -> ColumnElement[bool]:
    """Match persons who wrote or called at `before` or later, or have a request that is open or was closed then."""
    me = people.c.id
    return or_(
        exists().where(_message.person_id == me, _message.created_at >= before),
        exists().where(_request.person_id == me, or_(_request.closed_at.is_(None), _request.closed_at >= before)),
        exists().where(calls.c.person_id == me, calls.c.started_at >= before),
        exists().where(conversations.c.person_id == me, conversations.c.updated_at >= before),
    )


def _is_written(column: Column[Any]) -> ColumnElement[bool]:
    return func.length(column) > 0


def _has_any(columns: Any, names: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(columns[name].is_not(None) for name in names))


def _delete(db: Connection, key: Column[Any], *conditions: ColumnElement[bool], limit: int | None = None) -> int:
    """Delete some rows of the table whose primary key is `key`; `limit` is AT_ONCE where it is not given."""
    some = select(key).where(*conditions).limit(limit or AT_ONCE)
    return db.execute(delete(key.table).where(key.in_(some))).rowcount


def _erase(db: Connection, key: Column[Any], values: Mapping[str, Any], *conditions: ColumnElement[Any]) -> int:
    """Change some rows that stay. One of the conditions holds only until then, so a second run finds nothing."""
    some = select(key).where(*conditions).limit(AT_ONCE)
    return db.execute(update(key.table).where(key.in_(some)).values(**values)).rowcount


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


def _erase_turns(db: Connection, before: datetime) -> int:
    """Erase what some old calls were answered; that each turn was answered stays."""
    old = select(calls.c.id).where(calls.c.started_at < before, ~_has_open_request(calls.c.person_id))
    written = _is_written(call_turns.c.reply)
    some = old.where(exists().where(call_turns.c.call_id == calls.c.id, written)).limit(AT_ONCE)
    return db.execute(update(call_turns).where(call_turns.c.call_id.in_(some), written).values(reply=ERASED)).rowcount
