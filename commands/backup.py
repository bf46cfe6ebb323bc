"""`flask backup`: a copy of the SQLite database, made while the program runs, checked, and marked as a backup."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from commands.database import ready_runtime
from triage.errors import BackupFailed
from triage.jobs import sqlite_backup


@click.command("backup", help="Copy the SQLite database into FILE, which must not exist yet.")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def command(file: Path) -> None:
    runtime = ready_runtime()
    if not runtime.db.is_sqlite:
        raise click.ClickException("This database is PostgreSQL: use pg_dump, as docs/operations.md tells.")
    try:
        made = sqlite_backup.back_up(runtime.db, file, runtime.now())
    except BackupFailed as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(
        f"{file} has {made.requests} requests and {made.messages} messages as of {made.taken_at:%Y-%m-%d %H:%M:%S} "
        f"UTC, was opened and checked, and would hold {made.held} notices until `flask outbox release` if it were "
        "restored; the keys are not in it."
    )
