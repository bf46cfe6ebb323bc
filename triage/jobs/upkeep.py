"""What the clock does, each job bounded and without a memory: running one twice or skipping it changes nothing."""

from collections.abc import Callable
from datetime import datetime

import structlog

from triage.intake import expiry
from triage.jobs import ring_phones, send_texts, settle_texts
from triage.jobs.compose_texts import Outbox
from triage.jobs.fetch_recordings import Fetcher, fetch_due
from triage.jobs.pace import Pace
from triage.jobs.ring_phones import Dialler
from triage.jobs.send_texts import send_due
from triage.policy import Retention
from triage.runtime import Runtime
from triage.store import clocks, finding, retention
from triage.store.clocks import Clock
from triage.store.engine import Database

log = structlog.get_logger()

MOST_BATCHES = 20
INDEXED_AT_ONCE = 200


def send(outbox: Outbox, pace: Pace) -> int:
    """Send what is due of the kinds of this pace; returns how many texts were tried."""
    pace = _scaled(outbox, pace)
    return _batches(lambda: send_due(outbox, pace), send_texts.AT_ONCE)


def settle(outbox: Outbox, pace: Pace) -> int:
    """Settle ambiguous sends of the kinds of this pace; returns how many looks were made."""
    pace = _scaled(outbox, pace)
    settle_texts.lose_leases(outbox, pace)
    return _batches(lambda: settle_texts.settle(outbox, pace), settle_texts.AT_ONCE)


def _batches(act: Callable[[], int], full: int) -> int:
    """Do batch after batch while each is full, so that a crowd does not wait for a tick a batch; returns their sum."""
    done = 0
    for _ in range(MOST_BATCHES):
        batch = act()
        done += batch
        if batch < full:
            break
    return done


def _scaled(outbox: Outbox, pace: Pace) -> Pace:
    return pace.scaled(outbox.runtime.environment.waits_scale)


def ring_due(dialler: Dialler) -> int:
    """Ring the phones that are due: crisis contacts, and staff who call a person back."""
    return ring_phones.place_due(dialler)


def fetch_recordings(fetcher: Fetcher) -> int:
    """Fetch what callers have left; returns how many recordings were tried."""
    return fetch_due(fetcher)


def settle_calls(dialler: Dialler) -> int:
    """Look up calls of which nothing has been heard for a while."""
    return ring_phones.settle(dialler)


def expire_conversations(runtime: Runtime) -> None:
    """Settle open questions and drafts that have run out."""
    expiry.expire(runtime.db, runtime.clinic, runtime.words, runtime.now())


def index_names(database: Database) -> int:
    """Make what the newest names and numbers are found by; returns how many requests that were."""

    def some() -> int:
        with database.write() as db:
            return finding.index_some(db, INDEXED_AT_ONCE)

    return _batches(some, INDEXED_AT_ONCE)


def heartbeat(database: Database, clock: Clock) -> None:
    """Tell that this clock is alive, and how it stands."""
    with database.write() as db:
        clocks.beat(db, clock)


def purge_expired(database: Database, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete what has had its time; returns the counts by kind."""
    counts: dict[str, int] = {}
    for _ in range(retention.MOST_ROUNDS):
        with database.write() as db:
            gone = retention.purge(db, keep, now)
        counts = {table: counts.get(table, 0) + count for table, count in gone.items()}
        if not any(gone.values()):
            break
    database.forget_deleted()
    log.info("purged", **counts)
    return counts
