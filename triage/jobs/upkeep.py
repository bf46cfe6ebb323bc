"""What the clock does, each job bounded and without a memory: running one twice or skipping it changes nothing."""

from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError

from triage.intake import expiry
from triage.jobs import ring_phones
from triage.jobs.compose_texts import Outbox
from triage.jobs.fetch_recordings import Fetcher, fetch_due
from triage.jobs.ring_phones import Dialler
from triage.jobs.send_texts import CRISIS, ORDINARY, send_due
from triage.runtime import Runtime
from triage.settings import Retention
from triage.store import audit_chain, clocks, notices, purge, receipts
from triage.store.engine import Database

log = structlog.get_logger()


def send_due_notices(outbox: Outbox) -> int:
    """Send what is due, but for crisis alerts; returns how many texts were tried."""
    return send_due(outbox, ORDINARY)


def send_crisis(outbox: Outbox) -> int:
    """Send the alerts that are due; by themselves, so that nothing slow stands before them."""
    return send_due(outbox, CRISIS)


def ring_due(dialler: Dialler) -> int:
    """Ring the phones that are due: crisis contacts, and staff who call a person back."""
    return ring_phones.place_due(dialler)


def fetch_recordings(fetcher: Fetcher) -> int:
    """Fetch what callers have left; returns how many recordings were tried."""
    return fetch_due(fetcher)


def settle_calls(dialler: Dialler) -> int:
    """Look up calls of which nothing has been heard for a while."""
    return ring_phones.settle(dialler)


def expire_leases(database: Database, now: datetime) -> int:
    """What a dead clock had claimed becomes unknown; returns how many notices."""
    with database.read() as db:
        if not notices.any_lease_lost(db, now):
            return 0
    with database.write() as db:
        lost = notices.lose_leases(db, now)
        for notice in lost:
            receipts.mark_message(db, notice.ref, "unknown")
    log.warning("leases_lost", notices=[notice.id for notice in lost])
    return len(lost)


def expire_conversations(runtime: Runtime) -> None:
    """Settle open questions and drafts that have run out."""
    expiry.expire(runtime.db, runtime.clinic, runtime.words, runtime.now())


def heartbeat(database: Database, owner: str, host: str, started_at: datetime, now: datetime) -> None:
    """Tell that this clock is alive."""
    with database.write() as db:
        clocks.beat(db, owner, host, started_at, now)


def link_audit(database: Database) -> int:
    """Link what was done since into the audit chain, and log its head: a place that the database's owner cannot write.

    Returns how many events.
    """
    linked = 0
    for _ in range(purge.MOST_ROUNDS):
        try:
            with database.write() as db:
                more = audit_chain.link(db)
                head = audit_chain.head(db)
        except IntegrityError:
            break  # another clock has linked them
        linked += more
        if not more:
            break
        log.info("audit_linked", events=more, position=head.position, seal=head.seal)
    return linked


def purge_expired(database: Database, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete what has had its time; returns the counts by kind."""
    counts: dict[str, int] = {}
    for _ in range(purge.MOST_ROUNDS):
        with database.write() as db:
            gone = purge.purge(db, keep, now)
        counts = {table: counts.get(table, 0) + count for table, count in gone.items()}
        if not any(gone.values()):
            break
    log.info("purged", **counts)
    return counts
