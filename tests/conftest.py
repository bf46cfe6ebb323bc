"""What all tests share: a database of their own, empty for each test, on SQLite and on a real PostgreSQL."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import text

from staff.signing_in import passwords
from triage import migrations
from triage.store.engine import Database
from triage.store.keys import Keys
from triage.store.tables import metadata

# One thread for the encoder, before numpy is loaded by anybody.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Compiled(BytecodeCache):
    """Keep each template once it is compiled: every test has an application of its own, all of the same templates."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}

# What is proven of passwords is not how long they take to check; with the product's own cost every sign-in would.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def use_new_keys():
    Keys.use((Fernet.generate_key().decode(),), "a key for hashes that only the tests use")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """An empty SQLite database with every migration, to be copied."""
    use_new_keys()
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.read() as db:
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_url():
    """A PostgreSQL server of this test run's own, migrated."""
    from tests.postgres_server import postgres_server  # the wheel is not there on every machine

    use_new_keys()
    with postgres_server() as url:
        database = Database(url)
        migrations.upgrade(database)
        database.close()
        yield url


# A commit waits for the disk, which no test is about; a killed process leaves what it wrote in memory as well.
IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def sqlite_database(migrated_file):
    use_new_keys()
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        path = Path(folder) / "clinic.db"
        shutil.copy(migrated_file, path)
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()


@pytest.fixture
def postgres_database(postgres_url):
    use_new_keys()
    database = Database(postgres_url)
    emptied(database)
    yield database
    database.close()


def emptied(database):
    """Empty every table. The audit trail refuses that; the owner of the database can switch its refusal off."""
    if database.is_sqlite:
        with database.write() as db:
            refusals = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in refusals:
                db.execute(text(f"DROP TRIGGER {name}"))
            for table in reversed(metadata.sorted_tables):
                db.execute(table.delete())
            for _, sql in refusals:
                db.execute(text(sql))
        return
    with database.write() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        db.execute(text(_emptying()))


@cache
def _emptying():
    """Return the statements that empty every table and count ids from 1 again: TRUNCATE takes five times as long."""
    tables = list(reversed(metadata.sorted_tables))
    counted = [table.name for table in tables if "id" in table.c and table.c.id.autoincrement]
    emptied = [f"DELETE FROM {table.name}" for table in tables]
    restarted = [f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in counted]
    return "; ".join(emptied + restarted)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request):
    return request.getfixturevalue(f"{request.param}_database")
