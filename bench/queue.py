"""`python -m bench.queue [--on postgres] [--closed COUNT]`: the queue and a search with a long and a short past.

Two new databases, SQLite unless told otherwise: 1,000 open and 1,000 closed requests, and 1,000 open and 1,000,000 (or
COUNT) closed ones. Ends with 1 when the queue or a search takes more than 1.3 times as long in the large one, or a plan
uses no index. The seconds are those of the processor, ours and of the server process that answers us: by the clock they
would tell of what else runs on the machine. PostgreSQL is the one that the tests start, gone afterwards.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, event, insert, text

from triage import migrations
from triage.model.request import Disposition, Priority, Status
from triage.store import finding, messages, requests
from triage.store.engine import Database
from triage.store.finding import FIRST_LETTERS, Narrowing, hash_of
from triage.store.keys import Keys
from triage.store.tables import callback_requests, people, staff

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
A_WHOLE_TABLE = re.compile(
    r"SCAN (callback_requests|search_words|messages|same_person|people)(?! USING)"
    r"|Seq Scan on (callback_requests|search_words|messages|people)"
)
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


def main() -> int:
    given = _given()
    Keys.use((Fernet.generate_key().decode(),), "a key for hashes that is used for measuring only")
    large = (LARGE[0], given.closed)
    with ExitStack() as stack:
        databases = [filled(stack.enter_context(_empty(given.on)), *size) for size in (SMALL, large)]
        took = {what: _measured(databases, ask) for what, ask in ASKED.items()}
        unindexed = [f"{what}: {line}" for what in ASKED for line in without_index(databases[-1], what)]
    print(f"{given.on}: {SMALL[0]:,} open, {SMALL[1]:,} closed; then {large[0]:,} open, {large[1]:,} closed")
    slow = []
    for what, (short, long) in took.items():
        print(f"{what:16} {short * 1000:6.1f} ms  {long * 1000:6.1f} ms, {long / short:.2f} times")
        slow += [what] if long / short > MOST_TIMES and long - short > NOISE_S else []
    for what in unindexed:
        print(f"The plan uses no index: {what}.")
    if slow:
        print(f"Too slow with a long past: {', '.join(slow)}; the limit is {MOST_TIMES} times.")
    return 1 if slow or unindexed else 0


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the queue with a long past beside a short one.")
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--closed", type=int, default=LARGE[1], help="requests that are over, in the large one")
    return parser.parse_args()


@contextmanager
def _empty(on: str) -> Iterator[Database]:
    """Give a migrated database of its own, gone afterwards."""
    with ExitStack() as stack:
        if on == "sqlite":
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/queue.db"
        else:
            from tests.postgres_server import postgres_server  # the wheel is not there on every machine

            url = stack.enter_context(postgres_server())
        database = Database(url)
        migrations.upgrade(database)
        yield database
        database.close()


def filled(database: Database, opened: int, closed: int) -> Database:
    """Fill a database: each open request is of a person of its own; the past is theirs too."""
    with database.write() as db:
        _without_limit(db)
        member = {"login": "front", "name": "Front", "role": "front_desk", "password_hash": "none", "created_at": NOW}
        db.execute(insert(staff).values(**member))
        numbered = {number: f"{number:064d}" for number in range(2, opened + 1)} | {1: Keys.phone_hash(PHONE)}
        known = {"phone": PHONE, "lang": "en", "created_at": NOW}
        db.execute(insert(people), [known | {"id": one, "phone_hash": found} for one, found in numbered.items()])
        for rows in _batches(opened, closed):
            db.execute(insert(callback_requests), rows)
        for word in (*(one[:FIRST_LETTERS] for one in NAME.lower().split()), f"…{DIGITS}"):
            said = "INSERT INTO search_words (word_hash, request_id) SELECT :word, id FROM callback_requests"
            db.execute(text(said), {"word": hash_of(word)})
        db.exec_driver_sql("ANALYZE")
    if database.is_sqlite:
        # All of it was one transaction: as long as it lies in the log, each page is looked for there first.
        database.forget_deleted()
    else:
        _vacuumed(database)
    return database


def _without_limit(db: Connection) -> None:
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _vacuumed(database: Database) -> None:
    """Write down which pages all may see, as PostgreSQL does by itself after a while."""
    with database._engines()[0].connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("SET statement_timeout = 0")
        db.exec_driver_sql("VACUUM ANALYZE")
        db.invalidate()  # and with it the setting


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
        begun = _spent(db)
        ask(db)
        return _spent(db) - begun


def _spent(db: Connection) -> float:
    """Return the processor's seconds so far: of this process and of the server's that answers this connection."""
    ours = time.process_time()
    if db.dialect.name == "sqlite":
        return ours
    backend = db.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    of_server = Path(f"/proc/{backend}/schedstat")
    return ours + int(of_server.read_text().split()[0]) / 1e9


def without_index(database: Database, what: str) -> list[str]:
    """Return the plans that read a whole large table, of all statements that this part asks the database."""
    asked: list[tuple[str, Any]] = []

    def note(_db: Connection, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    with database.read() as db:
        event.listen(db, "before_cursor_execute", note)
        ASKED[what](db)
        event.remove(db, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        if not database.is_sqlite:
            # A table of a few pages is read as a whole whatever indexes there are; so it is asked whether there is one.
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = [str(row) for one, values in asked for row in db.exec_driver_sql(f"{explain} {one}", values)]
    return [line for line in plans if A_WHOLE_TABLE.search(line)]


if __name__ == "__main__":
    sys.exit(main())
