"""Backups: a checked copy made while others write, or a dump; whoever starts on it is in safe mode by itself."""

import threading
from contextlib import closing

import pytest
from pysqlite3 import dbapi2 as sqlite

from tests import pg_dumps
from tests.builders import Line
from triage.errors import BackupFailed
from triage.jobs import safe_mode, sqlite_backup
from triage.jobs.sqlite_backup import back_up
from triage.model.request import Priority
from triage.store import outbox_hold
from triage.store.engine import Database

DANA = "+16025550101"
MORNING = "2026-11-24 10:00"


def hold_of(database):
    with database.read() as db:
        return outbox_hold.current(db)


def test_a_backup_is_a_whole_database_of_its_own_and_readable_by_its_owner_alone(sqlite_database, tmp_path):
    clinic = Line(sqlite_database, MORNING)
    ref = clinic.has_request(DANA, priority=Priority.URGENT)
    file = tmp_path / "backup.db"
    made = back_up(sqlite_database, file, clinic.now)
    assert (made.requests, made.taken_at) == (1, clinic.now)
    assert made.held == len(clinic.notices(ref))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.db"]
    copy = Line(Database(f"sqlite:///{file}"), MORNING)
    assert copy.request(ref).name == "Dana Zimt"
    copy.database.close()


def test_a_start_on_a_backup_is_in_safe_mode_by_itself_and_the_source_is_not(sqlite_database, tmp_path):
    clinic = Line(sqlite_database, MORNING)
    clinic.has_request(DANA, priority=Priority.CRISIS)
    back_up(sqlite_database, tmp_path / "backup.db", clinic.now)
    copy = Line(Database(f"sqlite:///{tmp_path / 'backup.db'}"), MORNING)
    assert hold_of(copy.database).taken_at == clinic.now
    assert copy.runs_jobs() == []
    copy.database.close()
    assert hold_of(sqlite_database) is None
    assert clinic.runs_jobs() == ["front"]


def test_what_exists_already_is_never_written_over(sqlite_database, tmp_path):
    file = tmp_path / "backup.db"
    file.write_text("somebody else's")
    with pytest.raises(BackupFailed, match="exists already"):
        back_up(sqlite_database, file, Line(sqlite_database, MORNING).now)
    assert file.read_text() == "somebody else's"


def test_a_copy_that_is_damaged_is_no_backup(sqlite_database, tmp_path, monkeypatch):
    copy = sqlite_backup._copy

    def damaged(source, target):
        copy(source, target)
        with closing(sqlite.connect(target)) as db:
            db.execute("PRAGMA foreign_keys=OFF")
            db.execute("INSERT INTO notes (request_id, staff_id, at, body) VALUES (99, 99, '2026-01-01', x'00')")
            db.commit()

    monkeypatch.setattr(sqlite_backup, "_copy", damaged)
    with pytest.raises(BackupFailed, match="damaged"):
        back_up(sqlite_database, tmp_path / "backup.db", Line(sqlite_database, MORNING).now)
    assert not list(tmp_path.glob("*backup*"))


def test_a_backup_made_while_others_write_is_one_moment(sqlite_database, tmp_path):
    """Each writer makes a person and their request in one transaction: the copy has both of each, or neither."""
    clinic, stop = Line(sqlite_database, MORNING), threading.Event()

    def write(first):
        number = first
        while not stop.is_set():
            clinic.has_request(f"+1602{number:07d}")
            number += 1

    writers = [threading.Thread(target=write, args=(5_550_000 + 100_000 * one,)) for one in range(3)]
    for writer in writers:
        writer.start()
    try:
        backups = [back_up(sqlite_database, tmp_path / f"backup{one}.db", clinic.now) for one in range(5)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert backups[-1].requests > backups[0].requests
    for one, made in enumerate(backups):
        with closing(sqlite.connect(tmp_path / f"backup{one}.db")) as copy:
            asked = "SELECT count(*) FROM {}"
            counted = [copy.execute(asked.format(table)).fetchone()[0] for table in ("people", "callback_requests")]
        assert counted == [made.requests, made.requests]


# --- PostgreSQL


@pytest.fixture
def restored(postgres_database, tmp_path):
    """Dump the database, read the dump into another one, and open that."""
    opened = []

    def restore():
        pg_dumps.dump(postgres_database, tmp_path / "clinic.dump")
        opened.append(pg_dumps.new_database(postgres_database, "restored"))
        pg_dumps.read_in(opened[-1], tmp_path / "clinic.dump")
        return opened[-1]

    yield restore
    for database in opened:
        database.close()


@pytest.mark.postgres
def test_a_start_on_a_dump_that_was_read_in_is_in_safe_mode_by_itself_and_once(postgres_database, restored):
    clinic = Line(postgres_database, MORNING)
    safe_mode.enter_if_restored(clinic.line)
    clinic.has_request(DANA, priority=Priority.URGENT)
    safe_mode.enter_if_restored(clinic.line)
    assert hold_of(postgres_database) is None
    copy = Line(restored(), MORNING)
    assert hold_of(copy.database) is None
    safe_mode.enter_if_restored(copy.line)
    assert hold_of(copy.database).taken_at == clinic.now
    assert copy.runs_jobs() == []
    with copy.database.write() as db:
        outbox_hold.release(db, clinic.now)
    safe_mode.enter_if_restored(copy.line)
    assert hold_of(copy.database) is None
    assert copy.runs_jobs() == ["front", "lead"]


@pytest.mark.postgres
def test_a_dump_that_is_read_in_over_the_same_database_is_seen_too(postgres_database, tmp_path):
    clinic = Line(postgres_database, MORNING)
    safe_mode.enter_if_restored(clinic.line)
    clinic.has_request(DANA, priority=Priority.URGENT)
    pg_dumps.dump(postgres_database, tmp_path / "clinic.dump")
    postgres_database.close()
    pg_dumps.read_in(postgres_database, tmp_path / "clinic.dump")
    safe_mode.enter_if_restored(clinic.line)
    assert hold_of(postgres_database) is not None
    assert clinic.runs_jobs() == []


@pytest.mark.postgres
def test_what_comes_in_before_the_clock_starts_on_a_restored_dump_is_not_held(postgres_database, restored):
    clinic = Line(postgres_database, MORNING)
    safe_mode.enter_if_restored(clinic.line)
    copy = Line(restored(), MORNING)
    safe_mode.enter_if_restored(copy.line)  # the web process
    copy.has_request(DANA, priority=Priority.CRISIS)
    safe_mode.enter_if_restored(copy.line)  # the clock
    assert copy.runs_jobs() == ["front"]
