"""`python -m bench.queue`: the queue with a long past beside the same queue with a short one.

Two new SQLite files: 1,000 open and 1,000 closed requests, and 10,000 open and 1,000,000 closed. Ends with 1 when what
the console asks takes more than twice as long in the large one, or the plan does not use the index of open requests.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Connection, insert

from triage import migrations
from triage.model.request import Disposition, Priority, Status
from triage.store import requests
from triage.store.engine import Database
from triage.store.keys import Keys
from triage.store.tables import callback_requests, staff

SMALL, LARGE = (1_000, 1_000), (10_000, 1_000_000)
MOST_TIMES = 2.0
ROUNDS = 31
AT_ONCE = 20_000
ON_SCREEN = 200
INDEX = "ix_callback_requests_open"
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


def main() -> int:
    Keys.use((Fernet.generate_key().decode(),), "a key for hashes that is used for measuring only")
    with tempfile.TemporaryDirectory() as folder:
        databases = [_filled(Path(folder) / f"{sum(size)}.db", *size) for size in (SMALL, LARGE)]
        small, large = _measured(databases)
        indexed = all(_uses_index(database) for database in databases)
        for database in databases:
            database.close()
    times = large / small
    print(f"queue of {SMALL[0]:,} open, {SMALL[1]:,} closed     {small * 1000:.1f} ms")
    print(f"queue of {LARGE[0]:,} open, {LARGE[1]:,} closed  {large * 1000:.1f} ms, {times:.2f} times")
    if not indexed:
        print(f"The plan does not use {INDEX}.")
    if times > MOST_TIMES:
        print(f"Too slow with a long past; the limit is {MOST_TIMES} times.")
    return 0 if indexed and times <= MOST_TIMES else 1


def _filled(path: Path, opened: int, closed: int) -> Database:
    """Fill a database: each open request is of a person of its own; the past is theirs too."""
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    sealed = Keys.encrypt(b"Dana Whitlock")
    with database.write() as db:
        member = {"login": "front", "name": "Front", "role": "front_desk", "password_hash": "none", "created_at": NOW}
        db.execute(insert(staff).values(**member))
        # One sealed name for all: what is measured is the search for rows, and sealing a million would take minutes.
        db.exec_driver_sql(
            f"INSERT INTO people (id, phone, phone_hash, lang, created_at) VALUES {_marks(5)}",
            [(number, sealed, f"{number:064d}", "en", _stored(NOW)) for number in range(1, opened + 1)],
        )
        for rows in _batches(opened, closed):
            db.execute(insert(callback_requests), rows)
        db.exec_driver_sql("ANALYZE")
    return database


def _marks(count: int) -> str:
    return f"({', '.join('?' * count)})"


def _stored(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _batches(opened: int, closed: int) -> Iterator[list[dict[str, object]]]:
    for first in range(0, opened + closed, AT_ONCE):
        yield [_request(number, opened) for number in range(first, min(first + AT_ONCE, opened + closed))]


def _request(number: int, opened: int) -> dict[str, object]:
    """Make a request: the first ones are open; the others were closed, one a minute."""
    is_open = number < opened
    before = timedelta(minutes=0 if is_open else number)
    return {
        "person_id": number % opened + 1,
        "status": Status.QUEUED if is_open else Status.DONE,
        "priority": Priority.ROUTINE,
        "channel": "sms",
        "lang": "en",
        "flags": [],
        "topic": "tms",
        "due_at": NOW + timedelta(minutes=number % 5000) - before,
        "created_at": NOW - before,
        "updated_at": NOW - before,
        "closed_at": None if is_open else NOW - before,
        "closed_by": None if is_open else 1,
        "outcome": None if is_open else Disposition.REACHED,
    }


def _as_asked(db: Connection) -> None:
    """Ask the database what a look at the queue asks."""
    brief = requests.outlines(db)
    requests.closed_since(db, NOW - timedelta(hours=24))
    requests.count_open(db)
    requests.with_ids(db, [one.id for one in brief[:ON_SCREEN]])


def _measured(databases: list[Database]) -> list[float]:
    """Return the median seconds of each, in turn, so that whatever else runs here burdens both; the first round
    warms up.
    """
    took: list[list[float]] = [[] for _ in databases]
    for place in range(ROUNDS + 1):
        for database, times in zip(databases, took, strict=True):
            seconds = _timed(database, _as_asked)
            if place:
                times.append(seconds)
    return [statistics.median(times) for times in took]


def _timed(database: Database, ask: Callable[[Connection], None]) -> float:
    with database.read() as db:
        begun = time.perf_counter()
        ask(db)
        return time.perf_counter() - begun


def _uses_index(database: Database) -> bool:
    open_ones = (
        "SELECT id FROM callback_requests WHERE closed_at IS NULL ORDER BY priority, due_at, created_at LIMIT 1000"
    )
    with database.read() as db:
        plan = " ".join(str(row) for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {open_ones}"))
    return INDEX in plan and "TEMP B-TREE" not in plan


if __name__ == "__main__":
    sys.exit(main())
