"""What every command that reads or writes the database asks for first, and who says that it is them."""

import getpass

import click
from flask import current_app
from sqlalchemy import Connection

from triage import migrations
from triage.migrations import ADVICE, Schema
from triage.runtime import Runtime
from triage.store import audit, members
from triage.store.engine import NOT_KEPT

_AS = "clinic_line.as"


def _remember(ctx: click.Context, _param: click.Parameter, login: str | None) -> None:
    ctx.meta[_AS] = login


def take_as(command: click.Command) -> None:
    """Give a command, or each of a group, the option --as."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            take_as(one)
        return
    told = "Who you are, for the audit trail."
    command.params.append(
        click.Option(["--as", "acting_as"], metavar="LOGIN", help=told, expose_value=False, callback=_remember)
    )


def acting(db: Connection) -> int | None:
    """Return the id of whom --as names; None without it. Ends with one sentence for who is not on the staff."""
    login = click.get_current_context().meta.get(_AS)
    if not login:
        return None
    member = members.by_login(db, login)
    if member is None or member.disabled_at is not None:
        raise click.BadParameter(f"nobody on the staff has the login {login}", param_hint="--as")
    return member.id


def ready_runtime() -> Runtime:
    """Return the parts of this process, once the trail says which command was given, by whom and on which account.

    Ends with one sentence where this program cannot work on the database.
    """
    runtime: Runtime = current_app.extensions["runtime"]
    standing = standing_of(runtime)
    if not standing.works:
        raise click.ClickException(ADVICE[standing])
    if standing is Schema.AHEAD:
        click.echo(ADVICE[standing], err=True)
    given = {"command": (click.get_current_context().info_name or "")[:40], "account": getpass.getuser()[:40]}
    with runtime.db.write() as db:
        audit.record(db, "command", runtime.now(), acting(db), detail=given)
    return runtime


def standing_of(runtime: Runtime) -> Schema:
    """Tell how the database stands to this program. Ends with one sentence where it cannot be reached."""
    try:
        return migrations.standing(runtime.db)
    except NOT_KEPT as fault:
        raise click.ClickException(
            f"The database cannot be reached ({type(fault).__name__}): check DATABASE_URL."
        ) from None
