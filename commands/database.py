"""What every command that reads or writes the database asks for first."""

import click
from flask import current_app

from triage import migrations
from triage.migrations import ADVICE, Schema
from triage.runtime import Runtime
from triage.store.engine import NOT_KEPT


def ready_runtime() -> Runtime:
    """Return the parts of this process. Ends with one sentence where this program cannot work on the database."""
    runtime: Runtime = current_app.extensions["runtime"]
    standing = standing_of(runtime)
    if not standing.works:
        raise click.ClickException(ADVICE[standing])
    if standing is Schema.AHEAD:
        click.echo(ADVICE[standing], err=True)
    return runtime


def standing_of(runtime: Runtime) -> Schema:
    """Tell how the database stands to this program. Ends with one sentence where it cannot be reached."""
    try:
        return migrations.standing(runtime.db)
    except NOT_KEPT as fault:
        raise click.ClickException(
            f"The database cannot be reached ({type(fault).__name__}): check DATABASE_URL."
        ) from None
