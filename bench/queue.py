"""`python -m bench.queue [CLOSED]`: the queue and a search with a long past, beside the same with a short one.

Two new SQLite files: 1,000 open and 1,000 closed requests, and 1,000 open and 1,000,000 (or CLOSED) closed ones. Ends
with 1 when the queue or a search takes more than 1.3 times as long in the large one, or a plan uses no index. The
seconds are those of the processor: by the clock they would tell of what else runs on the machine.
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
from triage.store import finding, messages, requests
from triage.store.engine import Database
from triage.store.finding import FIRST_LETTERS, Narrowing, hash_of
from triage.store.keys import Keys
from triage.store.tables import callback_requests, staff

SMALL, LARGE = (1_000, 1_000), (1_000, 1_000_000)
MOST_TIMES = 1.3
ROUNDS = 31
AT_ONCE = 20_000
ON_SCREEN = 200
FOUND, AS_MANY = 100, 1000
NEWEST = 2**31 - 1
# Below this a share of the time says nothing.
NOISE_S = 0.0005
NAME, DIGITS, PHONE = "Dana Whitlock", "0100", "+16025550100"
# Who is searched for by phone asked as often in both.
ASKED_BEFORE = 3
INDEX = "ix_callback_requests_open"
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


def main() -> int:
    Keys.use((Fernet.generate_key().decode(),), "a key for hashes that is used for measuring only")
    large = (LARGE[0], int(sys.argv[1])) if len(sys.argv) > 1 else LARGE
    with tempfile.TemporaryDirectory() as folder:
        databases = [_filled(Path(folder) / f"{sum(size)}.db", *size) for size in (SMALL, large)]
        took = {what: _measured(databases, ask) for what, ask in ASKED.items()}
        unindexed = [what for database in databases for what in _without_index(database)]
        for database in databases:
            database.close()
    print(f"{SMALL[0]:,} open, {SMALL[1]:,} closed; then {large[0]:,} open, {large[1]:,} closed")
    slow = []
    for what, (short, long) in took.items():
        print(f"{what:16} {short * 1000:6.1f} ms  {long * 1000:6.1f} ms, {long / short:.2f} times")
        slow += [what] if long / short > MOST_TIMES and long - short > NOISE_S else []
    for what in unindexed:
        print(f"The plan uses no index: {what}.")
    if slow:
        print(f"Too slow with a long past: {', '.join(slow)}; the limit is {MOST_TIMES} times.")
    return 1 if slow or unindexed else 0


def _filled(path: Path, opened: int, closed: int) -> Database:
    """Fill a database: each open request is of a person of its own; the past is theirs too."""
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    sealed = Keys.encrypt(NAME.encode())
    with database.write() as db:
        member = {"login": "front", "name": "Front", "role": "front_desk", "password_hash": "none", "created_at": NOW}
        db.execute(insert(staff).values(**member))
        # One sealed name for all: what is measured is the search for rows, and sealing a million would take minutes.
        db.exec_driver_sql(
            f"INSERT INTO people (id, phone, phone_hash, lang, created_at) VALUES {_marks(5)}",
            [
                (number, sealed, f"{number:064d}" if number > 1 else Keys.phone_hash(PHONE), "en", _stored(NOW))
                for number in range(1, opened + 1)
            ],
        )
        for rows in _batches(opened, closed):
            db.execute(insert(callback_requests), rows)
        for word in (*(one[:FIRST_LETTERS] for one in NAME.lower().split()), f"…{DIGITS}"):
            said = [(hash_of(word), number) for number in range(1, opened + closed + 1)]
            db.exec_driver_sql("INSERT INTO search_words (word_hash, request_id) VALUES (?, ?)", said)
        db.exec_driver_sql("ANALYZE")
    # All of it was one transaction: as long as it lies in the log, each page is looked for there first.
    with database.read() as db:
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def _marks(count: int) -> str:
    return f"({', '.join('?' * count)})"


def _stored(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _batches(opened: int, closed: int) -> Iterator[list[dict[str, object]]]:
    for first in range(0, opened + closed, AT_ONCE):
        yield [_request(number, opened, closed) for number in range(first, min(first + AT_ONCE, opened + closed))]


def _request(number: int, opened: int, closed: int) -> dict[str, object]:
    """Make a request: the newest are open; the others were closed, one a minute."""
    is_open = number >= closed
    before = timedelta(minutes=0 if is_open else closed - number)
    person = 1 if closed - ASKED_BEFORE <= number < closed or number == closed else number % (opened - 1) + 2
    return {
        "person_id": person,
        "phone_hash": f"{person:064d}" if person > 1 else Keys.phone_hash(PHONE),
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
        "to_index": False,
    }


def _as_asked(db: Connection) -> None:
    """Ask the database what a look at the queue asks."""
    brief = requests.outlines(db)
    requests.closed_since(db, NOW - timedelta(hours=24))
    requests.count_open(db)
    on_screen = requests.with_ids(db, [one.id for one in brief[:ON_SCREEN]])
    messages.heard_of(db, [queued.request.person_id for queued in on_screen], NOW - timedelta(days=1))
    requests.fingerprint(db)


def _named(db: Connection) -> None:
    found = finding.indexed(db, NAME.lower().split(), NEWEST, AS_MANY)
    requests.with_ids(db, [row.id for row in found[:FOUND]])


def _with_digits(db: Connection) -> None:
    requests.with_ids(db, [row.id for row in finding.with_last_digits(db, DIGITS, NEWEST, AS_MANY)[:FOUND]])


def _of_phone(db: Connection) -> None:
    requests.with_ids(db, finding.of_phone(db, PHONE, NEWEST, FOUND))


def _of_a_week(db: Connection) -> None:
    week = Narrowing(since=NOW - timedelta(days=7), outcome=Disposition.REACHED)
    requests.with_ids(db, finding.newest(db, week, NEWEST, FOUND)[0])


ASKED = {
    "queue": _as_asked, "search by name": _named, "by last digits": _with_digits, "by phone": _of_phone,
    "by choices": _of_a_week,
}  # fmt: skip


def _measured(databases: list[Database], ask: Callable[[Connection], None]) -> list[float]:
    """Return the median seconds of each, in turn; the first round warms up."""
    took: list[list[float]] = [[] for _ in databases]
    for place in range(ROUNDS + 1):
        for database, times in zip(databases, took, strict=True):
            seconds = _timed(database, ask)
            if place:
                times.append(seconds)
    return [statistics.median(times) for times in took]


def _timed(database: Database, ask: Callable[[Connection], None]) -> float:
    with database.read() as db:
        begun = time.process_time()
        ask(db)
        return time.process_time() - begun


def _without_index(database: Database) -> list[str]:
    """Return which statements read a whole table, or sort without an index."""
    statements = {
        INDEX: "SELECT id FROM callback_requests WHERE closed_at IS NULL ORDER BY priority, due_at, created_at LIMIT 9",
        "search_words": "SELECT request_id FROM search_words WHERE word_hash = 'x' AND request_id < 9 "
        "ORDER BY request_id DESC LIMIT 9",
        "ix_callback_requests_phone_hash": "SELECT id FROM callback_requests WHERE phone_hash IN ('x', 'y') AND id < 9 "
        "ORDER BY id DESC LIMIT 9",
        "ix_callback_requests_person_id": "SELECT id FROM callback_requests WHERE person_id = 1 AND id < 9 "
        "ORDER BY id DESC LIMIT 9",
        "to_index": "SELECT id FROM callback_requests WHERE to_index AND id < 9 ORDER BY id DESC LIMIT 9",
    }
    found = []
    with database.read() as db:
        for what, statement in statements.items():
            plan = " ".join(str(row) for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}"))
            # The few requests of one phone, which has two hashes, are sorted.
            sorts = "TEMP B-TREE" in plan and " IN (" not in statement
            if sorts or "INDEX" not in plan or (what.startswith("ix_") and what not in plan):
                found.append(what)
    return found


if __name__ == "__main__":
    sys.exit(main())
