"""The migrations make exactly the tables of triage/store/tables.py, and take them away again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from tests.conftest import use_new_keys
from triage import migrations
from triage.migrations import Schema
from triage.store.engine import Database
from triage.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare(request, tmp_path):
    """A database without a table."""
    use_new_keys()
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
        yield database
        database.close()
        return
    url = request.getfixturevalue("postgres_url")
    maker = Database(url)
    with maker._engines()[0].connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        raw.exec_driver_sql("SET statement_timeout = 0")
        raw.exec_driver_sql("DROP DATABASE IF EXISTS bare")
        raw.exec_driver_sql("CREATE DATABASE bare")
    maker.close()
    database = Database(maker.url.set(database="bare").render_as_string(hide_password=False))
    yield database
    database.close()


def differences(database):
    with database.read() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": False})
        return compare_metadata(context, metadata)


def test_the_migrated_database_is_the_one_the_code_speaks_to(bare):
    assert migrations.standing(bare) is Schema.BEHIND
    migrations.upgrade(bare)
    assert migrations.standing(bare) is Schema.CURRENT
    assert differences(bare) == []


def test_every_migration_can_be_taken_back_and_made_again(bare):
    migrations.upgrade(bare)
    migrations.downgrade(bare, "base")
    with bare.read() as db:
        assert inspect(db).get_table_names() == ["alembic_version"]
    migrations.upgrade(bare)
    assert differences(bare) == []


def test_the_open_queue_is_read_from_its_own_small_index(bare):
    migrations.upgrade(bare)
    with bare.read() as db:
        indexes = {index["name"] for index in inspect(db).get_indexes("callback_requests")}
    assert "ix_callback_requests_open" in indexes


@pytest.mark.parametrize("with_statistics", [False, True])
def test_the_queue_is_read_through_its_own_index_and_not_sorted(sqlite_database, with_statistics):
    open_ones = "SELECT id, status FROM callback_requests WHERE closed_at IS NULL ORDER BY priority, due_at, created_at"
    with sqlite_database.write() as db:
        if with_statistics:
            db.exec_driver_sql("ANALYZE")
        plan = str(list(db.exec_driver_sql(f"EXPLAIN QUERY PLAN {open_ones}")))
    assert "ix_callback_requests_open" in plan
    assert "TEMP B-TREE" not in plan


def test_whether_the_queue_has_changed_is_read_from_an_index_alone(sqlite_database):
    asked = "SELECT count(*), sum(id), sum(changes) FROM callback_requests WHERE closed_at IS NULL"
    with sqlite_database.read() as db:
        plan = str(list(db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")))
    assert "USING COVERING INDEX ix_callback_requests_changes" in plan
