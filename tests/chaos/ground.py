"""Where a scenario happens: a database of its own, held or restarted at will, and the processes on it."""

import fcntl
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from tests.phone_line import Listener
from tests.processes.running import Running, running
from triage.store.engine import Database
from triage.store.tables import metadata

# All waits of the program run at this share of their length, so that minutes become seconds.
WAITS = 0.1

# Of what the invented people say and are known by.
PRIVATE = re.compile(r"Zebulon|kill myself|tomorrow|(?:\+|%2B)1\d{10}|\b1?\d{3}55501\d\d\b")


@dataclass(frozen=True)
class Ground:
    """An empty, migrated database and a folder for what the processes say."""

    database: Database
    folder: Path

    @contextmanager
    def running(self, listener: Listener | None = None, waits: float = WAITS, workers: int = 3) -> Iterator[Running]:
        """Start a phone that stands in for the provider; web and clocks are for the scenario to start.

        What the processes have said in the end is looked through: nothing private may stand there.
        """
        more = {"WAITS_SCALE": str(waits), "WEB_CONCURRENCY": str(workers)}
        with running(self.database, self.folder, listener, **more) as here:
            yield here
        assert not PRIVATE.search(here.said()), "a log holds something private"

    def restart_database(self) -> None:
        """Restart the server at once, cutting every connection. A file has no server: it is held for four seconds."""
        if self.database.is_sqlite:
            with self.held():
                time.sleep(4)
            return
        from tests.postgres_server import control

        control(self.database, "restart", "-m", "immediate")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold everything that a text writes to, as a long transaction of somebody else would."""
        if not self.database.is_sqlite:
            tables = ", ".join(table.name for table in metadata.sorted_tables if table.name != "alembic_version")
            with self.database.write() as db:
                db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                db.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
                yield
            return
        engine = self.database._engines()[1]
        with engine.begin():  # BEGIN IMMEDIATE, past the gate
            yield

    @contextmanager
    def gate_held(self) -> Iterator[None]:
        """Hold the gate through which writers go on this machine; on PostgreSQL there is none, so nothing is held."""
        if not self.database.is_sqlite:
            yield
            return
        with Path(f"{self.database.path}.lock").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
