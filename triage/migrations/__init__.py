"""Numbered migrations, and the one way to run them."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from triage.store.engine import Database


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(database: Database, to: str = "head") -> None:
    command.upgrade(_config(database), to)


def downgrade(database: Database, to: str) -> None:
    """Go back to a revision ("0003") or to nothing ("base"). Data of dropped tables is gone."""
    command.downgrade(_config(database), to)


@cache
def _head() -> str | None:
    """Return the newest revision of this program; its files do not change while it runs."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return ScriptDirectory.from_config(config).get_current_head()


def is_current(database: Database) -> bool:
    """Tell whether the database has every migration."""
    head = _head()
    with database.read() as db:
        return MigrationContext.configure(db).get_current_revision() == head
