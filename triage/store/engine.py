"""Opening the database: SQLite on one machine, PostgreSQL where one is not enough."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import structlog
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, NotSupportedError, ProgrammingError, SQLAlchemyError, StatementError
from sqlalchemy.pool import QueuePool

from triage.errors import DatabaseBusy
from triage.store import audit_chain
from triage.store.prepared import on_driver

log = structlog.get_logger()

BUSY_S = 3.0
POOL_WAIT_S = 2.0

# What a database that is away or busy raises. Nothing was kept then, and the same message may come again.
NOT_KEPT = (DatabaseBusy, SQLAlchemyError, OSError)

_OF_THE_STATEMENT = (DataError, ProgrammingError, NotSupportedError)


def may_pass(fault: Exception) -> bool:
    """Tell whether the same once more may go well: the database is away or busy, or was too quick for another.

    What it refuses in a statement itself it refuses for ever; that is a fault of ours.
    """
    if isinstance(fault, StatementError) and not isinstance(fault, DBAPIError):
        return False
    return isinstance(fault, NOT_KEPT) and not isinstance(fault, _OF_THE_STATEMENT)


class WriterGate:
    """One writer at a time on this machine: a lock for the threads, a locked file for the processes.

    SQLite's own busy handler sleeps in growing steps, which costs a p99 of 100 to 500 ms with two workers. The file is
    opened in the process that uses it, because a descriptor inherited over a fork shares its lock with the parent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        give_up = time.monotonic() + BUSY_S
        if not self._threads.acquire(timeout=BUSY_S):
            raise DatabaseBusy("another thread holds the writer gate")
        try:
            handle = self._open()
            self._lock(handle, give_up)
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file

    def _lock(self, handle: int, give_up: float) -> None:
        """Lock the file. Raises DatabaseBusy after `give_up`, monotonic seconds: the wait for the threads is in it."""
        # Asked again every half millisecond rather than waited for without end: a stopped process may hold the file.
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise DatabaseBusy("another process holds the writer gate") from None
                time.sleep(0.0005)
            else:
                return


class Database:
    """`read()` and `write()` give a connection; `write()` is one transaction, committed when its block ends well, with
    its audit events linked last of all.

    Engines are opened in the process that uses them, so an object made before a fork may be used after it.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock = threading.Lock()
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._reader: Engine | None = None
        self._writer: Engine | None = None
        self._lock = threading.Lock()
        if self.is_sqlite:
            self._gate = WriterGate(Path(f"{self.url.database}.lock"))

    @property
    def path(self) -> Path | None:
        return Path(str(self.url.database)) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._engines()[0].connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        writer, gate = self._engines()[1], self._gate() if self.is_sqlite else nullcontext()
        with gate, writer.begin() as connection:
            try:
                yield connection
                head = audit_chain.link_new(connection)
            finally:
                audit_chain.forget_new(connection)
        if head is not None:
            # A place that the owner of the database cannot write: a trail that lacks this end has been cut off.
            log.info("audit_head", position=head.position, seal=head.seal)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection whose every statement sees the database as it was at the first of them."""
        with self._engines()[0].connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def forget_deleted(self) -> None:
        """Let no page of before a deletion stay beside the SQLite file. PostgreSQL's own vacuum sees to it there."""
        if self.is_sqlite:
            with self._engines()[0].connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of every connection; the next use opens new ones."""
        for engine in (self._reader, self._writer):
            if engine is not None:
                engine.dispose()
        self._reader = self._writer = None

    def _engines(self) -> tuple[Engine, Engine]:
        with self._lock:
            if self._reader is None or self._writer is None:
                if self.is_sqlite:
                    self._reader, self._writer = _sqlite(self, begin="DEFERRED"), _sqlite(self, begin="IMMEDIATE")
                else:
                    self._reader = self._writer = _postgres(self)
            return self._reader, self._writer


def _sqlite(database: Database, begin: str) -> Engine:
    engine = create_engine(
        database.url, module=sqlite, poolclass=QueuePool, pool_size=8, max_overflow=16, pool_timeout=POOL_WAIT_S
    )

    @event.listens_for(engine, "connect")
    def _set_up(raw: Any, _record: object) -> None:
        # The driver opens no transaction before a SELECT; it is switched off and BEGIN is ours.
        raw.isolation_level = None
        raw.execute(f"PRAGMA busy_timeout={int(BUSY_S * 1000)}")
        raw.execute(f"PRAGMA journal_mode={_journal_mode()}")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA foreign_keys=ON")
        # What is deleted is overwritten, not only let go of. Measured on rows of 600 bytes, in transactions of 500:
        # 1,000 rows deleted cost 4.1 ms of processor instead of 2.7; an update with its commit 0.36 ms, as without.
        raw.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        on_driver(connection, f"BEGIN {begin}")

    return engine


def _journal_mode() -> str:
    """Choose WAL, but not on a SQLite with the checkpoint race (3.7.0 to 3.51.2 without backports)."""
    version = sqlite.sqlite_version_info
    if version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or version == (3, 44, 6):
        return "WAL"
    log.warning("sqlite_without_wal", version=sqlite.sqlite_version)
    return "TRUNCATE"


def _postgres(database: Database) -> Engine:
    return create_engine(
        database.url,
        pool_size=8,
        max_overflow=16,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            # A network that is cut says nothing: without these a request hangs until the system gives up, many minutes.
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            "tcp_user_timeout": 4000,
            "options": "-c timezone=UTC -c statement_timeout=3000 -c lock_timeout=3000"
            " -c idle_in_transaction_session_timeout=10000 -c synchronous_commit=on",
        },
    )
