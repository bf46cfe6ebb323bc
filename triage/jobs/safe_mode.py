"""Safe mode after a restore: entered by every process as it starts, before it can plan or send anything."""

import structlog

from triage.runtime import Runtime
from triage.store import database_home, outbox_hold
from triage.store.engine import NOT_KEPT

log = structlog.get_logger()


def enter_if_restored(runtime: Runtime) -> None:
    """Hold the outbox where the database has come out of a dump; log where it is held. Ask for no migrated database."""
    now = runtime.now()
    try:
        if not runtime.db.is_sqlite:
            with runtime.db.write() as db:
                if database_home.has_moved(db, now):
                    outbox_hold.hold(db, outbox_hold.last_written(db) or now, now)
        with runtime.db.read() as db:
            hold = outbox_hold.current(db)
    except NOT_KEPT:
        return  # not migrated yet, or away: `health` tells
    if hold is not None:
        log.warning("outbox_held", since=hold.held_at.isoformat(), taken_at=hold.taken_at.isoformat())
