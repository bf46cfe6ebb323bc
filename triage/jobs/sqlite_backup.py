"""A backup of the SQLite database: copied while others write, checked, and in safe mode should it ever be started."""

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import func, select

from triage import migrations
from triage.errors import BackupFailed
from triage.migrations import Schema
from triage.store import outbox_hold
from triage.store.engine import Database
from triage.store.tables import callback_requests, messages


@dataclass(frozen=True)
class Backup:
    """What a copy holds. taken_at: aware UTC, right before the copy began. held: notices that wait for a release."""

    taken_at: datetime
    requests: int
    messages: int
    held: int


def back_up(database: Database, file: Path, now: datetime) -> Backup:
    """Copy the database into a file that does not exist yet, readable by its owner alone.

    Raises BackupFailed; then there is no such file.
    """
    if file.exists():
        raise BackupFailed(f"{file} exists already: name a new file.")
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    copy = Database(f"sqlite:///{aside}")
    try:
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(Path(str(database.path)), aside)
        made = _marked(copy, now)
        copy.close()
        _check(aside)
        # Linked, not renamed: of two that were started together one wins, and nothing is written over.
        os.link(aside, file)
    except (OSError, sqlite.Error) as fault:
        raise BackupFailed(f"{file} could not be made: {fault}.") from None
    finally:
        copy.close()
        for left in (aside, Path(f"{aside}.lock"), Path(f"{aside}-wal"), Path(f"{aside}-shm")):
            with suppress(FileNotFoundError):
                left.unlink()
    return made


def _copy(source: Path, target: Path) -> None:
    """Copy in one step, so that what is copied is one moment; with WAL nobody who writes has to wait for it."""
    with closing(sqlite.connect(source)) as live, closing(sqlite.connect(target)) as copy:
        live.backup(copy)


def _marked(copy: Database, now: datetime) -> Backup:
    """Hold the outbox of the copy: from the first moment of a restore nothing old is sent."""
    if migrations.standing(copy) is not Schema.CURRENT:
        raise BackupFailed("The copy is not of this version's schema: run `flask migrate` and try again.")
    with copy.write() as db:
        held = outbox_hold.hold(db, now, now)
        requests = db.scalar(select(func.count()).select_from(callback_requests))
        kept = db.scalar(select(func.count()).select_from(messages))
    return Backup(now, requests or 0, kept or 0, held)


def _check(path: Path) -> None:
    with closing(sqlite.connect(path)) as copy:
        # The file is complete by itself: no journal beside it that a copy could forget.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        orphans = copy.execute("PRAGMA foreign_key_check").fetchall()
    if found != ["ok"] or orphans:
        raise BackupFailed("The copy is damaged, and so may the database be: check the disk.")
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
