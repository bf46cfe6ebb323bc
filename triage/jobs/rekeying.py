"""Changing keys: everything is written anew under the newest ones, in short transactions, while the program runs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog
from sqlalchemy import Table

from triage.runtime import Runtime
from triage.store import audit, finding, key_canary, rekey
from triage.store.engine import may_pass
from triage.store.rekey import Batch, Key

log = structlog.get_logger()

ROWS_AT_ONCE = 200
# What else is waiting to write is let in between two transactions.
PAUSE_S = 0.02
NEWEST = 2**31 - 1
MOST_TRIES = 5


@dataclass(frozen=True)
class Rekeyed:
    """Count rows written anew, values that no key opens, persons met twice, and those kept as a hash alone."""

    rows: int
    damaged: int
    doubled: int
    hash_alone: int


def run(
    runtime: Runtime, by: int | None, step: int = ROWS_AT_ONCE, tell: Callable[[str, int], None] = lambda *_: None
) -> Rekeyed:
    """Write all that is stored anew. Broken off, it can be run again; run twice, the second time finds nothing.

    by: who of the staff does it. tell: is given each table with the rows written.
    """
    with runtime.db.write() as db:
        key_canary.begin_anew(db)
    rows = damaged = doubled = hashed = 0
    for table in rekey.tables():
        batches = list(_batches(runtime, table, step))
        written = sum(batch.written for batch in batches)
        tell(table.name, written)
        rows += written
        damaged += sum(batch.damaged for batch in batches)
        doubled += sum(batch.doubled for batch in batches)
        hashed += sum(batch.hashed for batch in batches)
    if hashed:
        _index_anew(runtime, step)
    with runtime.db.write() as db:
        key_canary.retire_old(db)
        audit.record(db, "rekey", runtime.now(), by, detail={"rows": rows, "damaged": damaged, "doubled": doubled})
        alone = rekey.known_by_hash_alone(db)
    return Rekeyed(rows, damaged, doubled, alone)


def _index_anew(runtime: Runtime, step: int) -> None:
    """Have the clock make anew by what requests are found: that is hashed by the same key as phones."""
    below: int | None = NEWEST
    while below is not None:
        with runtime.db.write() as db:
            below = finding.index_anew(db, below, step)
        time.sleep(PAUSE_S)


def _batches(runtime: Runtime, table: Table, step: int) -> Iterator[Batch]:
    after: Key | None = None
    while True:
        batch = _some(runtime, table, after, step)
        yield batch
        if batch.last is None:
            return
        after = batch.last
        time.sleep(PAUSE_S)


def _some(runtime: Runtime, table: Table, after: Key | None, step: int) -> Batch:
    """Write some rows anew; what was in the way for a moment is tried again."""
    for left in reversed(range(MOST_TRIES)):
        try:
            with runtime.db.write() as db:
                return rekey.some(db, table, after, step)
        except Exception as fault:
            if not left or not may_pass(fault):
                raise
            log.warning("rekey_tries_again", table=table.name, fault=type(fault).__name__)
            time.sleep(PAUSE_S)
    raise AssertionError("the last try raises")
