"""Numbered migrations, the one way to run them, and whether this program can work on a database as it stands."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select

from triage.store.engine import Database
from triage.store.prepared import dialect_insert
from triage.store.tables import schema_floor


class Schema(StrEnum):
    """How a database stands to this program."""

    CURRENT = "current"
    BEHIND = "behind"  # migrations are missing
    AHEAD = "ahead"  # of a newer program, which has only added to it: this one still works on it
    TOO_NEW = "too_new"  # of a newer program, which has taken away what this one needs

    @property
    def works(self) -> bool:
        return self in (Schema.CURRENT, Schema.AHEAD)


ADVICE = {
    Schema.BEHIND: "The database lacks migrations of this version: run `flask migrate`, then start again.",
    Schema.AHEAD: "A newer version has migrated the database and this one still works on it: update this program soon.",
    Schema.TOO_NEW: "A newer version has migrated the database beyond this one: start that version.",
}


def _config(database: Database | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(database: Database, to: str = "head") -> None:
    command.upgrade(_config(database), to)
    _note_floor(database)


def downgrade(database: Database, to: str) -> None:
    """Go back to a revision ("0003") or to nothing ("base"). Data of dropped tables is gone."""
    command.downgrade(_config(database), to)
    _note_floor(database)


@cache
def known() -> tuple[str, ...]:
    """Return the revisions of this program, newest first; its files do not change while it runs."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def standing(database: Database) -> Schema:
    """Tell how the database stands to this program. Raises what the database raises when it cannot be asked."""
    with database.read() as db:
        revision = _revision(db)
        if revision == known()[0]:
            return Schema.CURRENT
        if revision is None or revision in known():
            return Schema.BEHIND
        floor = db.scalar(select(schema_floor.c.revision))
    return Schema.AHEAD if floor in known() else Schema.TOO_NEW


def _revision(db: Connection) -> str | None:
    return MigrationContext.configure(db).get_current_revision()


def _needed(revision: str | None) -> Iterator[str]:
    """Yield what the migrations up to this one say of the programs that they leave behind, newest first."""
    for script in ScriptDirectory.from_config(_config()).iterate_revisions(revision, "base"):
        if needed := getattr(script.module, "needs_program", None):
            yield needed


def _note_floor(database: Database) -> None:
    """Write down, for programs that do not know the newest migrations, which programs still work."""
    with database.write() as db:
        if not inspect(db).has_table(schema_floor.name):
            return
        floor = next(_needed(_revision(db)), known()[-1])
        row = dialect_insert(db.dialect)(schema_floor).values(id=1, revision=floor)
        db.execute(row.on_conflict_do_update(index_elements=["id"], set_={"revision": floor}))
