"""The migrations make exactly the tables of triage/store/tables.py, and take them away again."""

import ast
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, inspect, select, text, update
from sqlalchemy.sql import sqltypes

from tests.conftest import use_new_keys
from triage import migrations
from triage.migrations import Schema
from triage.store.engine import Database
from triage.store.tables import metadata

ROOT = Path(__file__).parents[2]


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


# --- old and new programs on one database


VERSIONS = sorted((ROOT / "triage/migrations/versions").glob("0*.py"))
# A migration after this one only adds, or says which programs it leaves behind.
LAST_UNRULED = "0015"
ONLY_ADDS = frozenset({"create_table", "create_index", "add_column"})


def taken_away(path):
    """What a migration does in `upgrade` that programs from before it may not survive."""
    upgrade = next(one for one in ast.parse(path.read_text("utf-8")).body if getattr(one, "name", "") == "upgrade")
    for call in (node for node in ast.walk(upgrade) if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Attribute) or getattr(call.func.value, "id", "") != "op":
            continue
        if call.func.attr not in ONLY_ADDS:
            yield call.func.attr
        if call.func.attr == "add_column":
            given = {one.arg: one.value for one in call.args[1].keywords}
            is_nullable = getattr(given.get("nullable"), "value", True)
            if not is_nullable and "server_default" not in given:
                yield "a column that must be given and has no default"


@pytest.mark.parametrize("path", [path for path in VERSIONS if path.name[:4] > LAST_UNRULED], ids=lambda p: p.stem)
def test_a_migration_only_adds_or_says_which_programs_it_leaves_behind(path):
    assert not list(taken_away(path)) or "needs_program =" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("did", "told"),
    [
        ('op.drop_column("a", "b")', ["drop_column"]),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=False))', 1),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=False, server_default=sa.text("0")))', []),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=True))', []),
        ('op.alter_column("a", "b", new_column_name="c")', ["alter_column"]),
        ('op.execute("UPDATE a SET b = 1")', ["execute"]),
    ],
)
def test_what_takes_away_is_seen(tmp_path, did, told):
    path = tmp_path / "0099_x.py"
    path.write_text(f"def upgrade() -> None:\n    {did}\n")
    found = list(taken_away(path))
    assert len(found) == told if isinstance(told, int) else found == told


@pytest.mark.parametrize("back", [1, 2])
def test_what_an_earlier_program_writes_and_reads_still_works(bare, back):
    """Rows are written with the columns of an earlier schema alone, and read and changed by their names."""
    migrations.upgrade(bare)
    migrations.downgrade(bare, migrations.known()[back])
    earlier = MetaData()
    with bare.read() as db:
        earlier.reflect(db)
    migrations.upgrade(bare)
    written = [table for table in earlier.sorted_tables if table.name != "alembic_version"]
    with bare.write() as db:
        if not bare.is_sqlite:
            db.exec_driver_sql("SET session_replication_role = replica")
        else:
            db.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in written:
            if not table.name.startswith("audit_"):
                db.execute(table.delete())  # what a migration has written itself
            row = {column.name: a_value(column) for column in table.c if not column.nullable}
            db.execute(insert(table).values(row))
            assert db.execute(select(*table.c)).all()
            if not table.name.startswith("audit_"):
                db.execute(update(table).values({column.name: column for column in table.c}))
        db.rollback()
    assert len(written) > 15


def a_value(column):
    return {
        sqltypes.Integer: 1, sqltypes.String: "x", sqltypes.DateTime: datetime(2026, 11, 24), sqltypes.Boolean: True,
        sqltypes.JSON: [], sqltypes.LargeBinary: b"x",
    }[next(kind for kind in (
        sqltypes.Integer, sqltypes.Boolean, sqltypes.DateTime, sqltypes.JSON, sqltypes.LargeBinary, sqltypes.String,
    ) if isinstance(column.type, kind))]  # fmt: skip


@pytest.mark.parametrize(("floor", "told"), [("0017", Schema.AHEAD), ("9999", Schema.TOO_NEW)])
def test_a_newer_database_says_whether_this_program_still_works_on_it(bare, floor, told):
    migrations.upgrade(bare)
    with bare.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.execute(text("UPDATE schema_floor SET revision = :floor"), {"floor": floor})
    assert migrations.standing(bare) is told


def test_a_migration_that_takes_away_raises_the_floor_for_older_programs(bare, monkeypatch):
    migrations.upgrade(bare)
    scripts = ScriptDirectory.from_config(migrations._config())
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _: scripts)
    floors = []
    for needs in (None, "0016"):
        monkeypatch.setattr(scripts.get_revision("0016").module, "needs_program", needs, raising=False)
        migrations._note_floor(bare)
        with bare.read() as db:
            floors.append(db.scalar(text("SELECT revision FROM schema_floor")))
    assert floors == ["0001", "0016"]
