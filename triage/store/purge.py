"""Deletes rows whose time is over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from triage.policy import Retention
from triage.store import audit, audit_chain, retention
from triage.store.tables import clocks, receipts, sessions, sign_ins

SIGN_INS_KEPT = timedelta(days=30)

CLOCKS_KEPT = timedelta(days=1)

AT_ONCE = 2000

MOST_ROUNDS = 50


def purge(db: Connection, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete some of what has had its time; returns how many rows by kind. Audited, when there was anything."""
    counts = {
        "sessions": _delete(db, sessions, sessions.c.token_hash, sessions.c.expires_at < now),
        "sign_ins": _delete(db, sign_ins, sign_ins.c.id, sign_ins.c.at < now - SIGN_INS_KEPT),
        "receipts": _delete(db, receipts, receipts.c.id, receipts.c.at < now - timedelta(days=keep.receipts_days)),
        "clocks": _delete(db, clocks, clocks.c.owner, clocks.c.seen_at < now - CLOCKS_KEPT),
        "recordings": retention.purge_recordings(db, now - timedelta(days=keep.recordings_days)),
        "audit": audit_chain.cut(db, now - timedelta(days=keep.audit_days), now),
    } | retention.purge_words(db, now - timedelta(days=keep.messages_days))
    if any(counts.values()):
        audit.record(db, "purge", now, detail={kind: count for kind, count in counts.items() if count})
    return counts


def _delete(db: Connection, table: Table, key: Any, condition: ColumnElement[bool]) -> int:
    # In pieces: a long transaction would hold up the texts.
    some = select(key).where(condition).limit(AT_ONCE)
    return db.execute(delete(table).where(key.in_(some))).rowcount
