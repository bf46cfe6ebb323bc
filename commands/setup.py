"""`flask migrate`, `flask prepare` and `flask new-key`: what a running copy needs before it starts."""

import os

import click
from cryptography.fernet import Fernet
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection

from commands.database import standing_of
from staff.signing_in.passwords import made
from triage import migrations
from triage.migrations import ADVICE, Schema
from triage.model.member import Role
from triage.runtime import Runtime
from triage.settings import ROOT
from triage.store import members
from triage.team import accounts
from triage.team.accounts import Newcomer

FIRST_LOGINS = ROOT / "instance" / "first-logins.txt"
# The first staff of a rehearsal, named for what they may, with phones that the local phone page shows.
FIRST_STAFF = (
    Newcomer("front", "Front desk", Role.FRONT_DESK, "+16025550161"),
    Newcomer("lead", "Lead nurse", Role.CLINICIAN, "+16025550162"),
    Newcomer("admin", "Admin", Role.ADMIN, "+16025550163"),
    Newcomer("auditor", "Auditor", Role.AUDITOR),
)


@click.command("migrate", help="Bring the database up to date.")
@with_appcontext
def migrate() -> None:
    _bring_up_to_date(current_app.extensions["runtime"])


def _bring_up_to_date(runtime: Runtime) -> None:
    """Migrate the database. Says in one sentence where a newer program has done so."""
    standing = standing_of(runtime)
    if standing is Schema.TOO_NEW:
        raise click.ClickException(ADVICE[standing])
    if standing is Schema.AHEAD:
        click.echo(ADVICE[standing])
        return
    migrations.upgrade(runtime.db)


@click.command("prepare", help="Make a rehearsal ready: database, first logins, addresses.")
@with_appcontext
def prepare() -> None:
    runtime: Runtime = current_app.extensions["runtime"]
    _bring_up_to_date(runtime)
    with runtime.db.write() as db:
        new = [] if members.all_staff(db) else [_add(db, runtime, member) for member in FIRST_STAFF]
        to_be_changed = {member.login for member in members.all_staff(db) if member.password_given_out}
    if new:
        _keep("".join(f"{login} {password}\n" for login, password in new))
    click.echo("")
    click.echo(f"  Console  {runtime.environment.public_base_url}/staff/")
    if runtime.environment.rehearsal:
        click.echo(f"  Phone    {runtime.environment.twilio_api_base_url}/")
    if FIRST_LOGINS.exists():
        for login, password in (entry.split() for entry in FIRST_LOGINS.read_text().splitlines()):
            with_what = password if login in to_be_changed else "the password of their own"
            click.echo(f"  Sign in  as {login} with {with_what}")
    click.echo("")


def _add(db: Connection, runtime: Runtime, new: Newcomer) -> tuple[str, str]:
    password, stored = made()
    member = accounts.add(db, new, stored, None, runtime.now())
    if runtime.environment.rehearsal:
        # Nobody owns an invented number, so there is nobody to ask for its code.
        members.confirm_phone(db, member.id, runtime.now())
    return member.login, password


def _keep(text: str) -> None:
    handle = os.open(FIRST_LOGINS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)


@click.command("new-key", help="Print a new key for DATA_KEYS; put it first and keep the old ones behind it.")
def new_key() -> None:
    click.echo(Fernet.generate_key().decode())
