"""`flask staff`: who may sign in and whose phone is alerted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import Connection

from commands.database import acting, ready_runtime
from staff.signing_in.passwords import made
from triage.errors import Refused
from triage.model.member import Role
from triage.model.phone import as_written
from triage.policy import FIRST_PASSWORD_LASTS
from triage.reading.phone_numbers import read_phones
from triage.runtime import Runtime
from triage.store import members
from triage.team import accounts
from triage.team.accounts import Newcomer

ROLES = click.Choice([role.value for role in Role])
REFUSED = {
    "login_unfit": "write the login in letters, digits, dots and dashes, 40 at most",
    "name_unfit": "write a name, 80 letters at most",
    "login_taken": "{} is taken; choose another login",
    "phone_taken": "that phone belongs to {} already",
    "last_admin": "{} is the only admin; make somebody else one first",
    "disabled_already": "their access has ended already",
    "yourself": "that is you; somebody else has to do it",
    "leaves_open": "a crisis would then reach none of its contacts at these hours: {}; "
    "name somebody else first, or say --leave-open",
    "active_already": "they have access already; `flask staff password` gives a new password",
}

group = click.Group("staff", help="Add, list, change and disable staff.")


@contextmanager
def _changing() -> Iterator[tuple[Runtime, Connection]]:
    """Open one transaction; a refusal is one sentence."""
    runtime = ready_runtime()
    try:
        with runtime.db.write() as db:
            yield runtime, db
    except Refused as refused:
        facts = (", ".join(refused.facts),) if refused.why == "leaves_open" else refused.facts
        raise click.UsageError(REFUSED[refused.why].format(*facts)) from None


LEAVE_OPEN = click.option(
    "--leave-open", is_flag=True, help="Do it though a crisis would reach none of its contacts at some hours."
)


def _leaving(leave_open: bool) -> tuple[str, ...] | None:
    return None if leave_open else ()


def _id_of(db: Connection, login: str) -> int:
    member = members.by_login(db, login)
    if member is None:
        raise click.BadParameter(f"nobody has the login {login}; `flask staff list` shows all", param_hint="LOGIN")
    return member.id


@group.command("add", help="Add somebody; the password is printed once.")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", type=ROLES, default=Role.FRONT_DESK.value, show_default=True)
@click.option("--phone", help="Where alerts go. A code is texted to it; they reply with it to confirm.")
@with_appcontext
def add(login: str, name: str, role: str, phone: str | None) -> None:
    phones = read_phones(phone) if phone else ()
    if phone and len(phones) != 1:
        raise click.BadParameter("write one phone with its area code, such as 602-555-0161", param_hint="--phone")
    password, stored = made()
    new = Newcomer(login, name, Role(role), phones[0] if phones else None)
    with _changing() as (line, db):
        member = accounts.add(db, new, stored, acting(db), line.now())
        accounts.invite(db, line.clinic, line.words, member, line.now())
    _hand_on(login, password)
    if phones:
        click.echo("A code has been texted to their phone; when they reply with it, alerts go there.")


def _hand_on(login: str, password: str) -> None:
    hours = FIRST_PASSWORD_LASTS // timedelta(hours=1)
    click.echo(f"{login} may sign in with {password} within {hours} hours and changes it there.")


@group.command("list", help="Show who is on the staff.")
@with_appcontext
def show() -> None:
    runtime = ready_runtime()
    with runtime.db.read() as db:
        for member in members.all_staff(db):
            phone = as_written(member.phone) if member.phone else "no phone"
            confirmed = "" if member.phone_confirmed_at or not member.phone else " (not confirmed)"
            state = "disabled" if member.disabled_at else "active"
            click.echo(f"{member.login}  {member.name}  {member.role.value}  {phone}{confirmed}  {state}")


@group.command("role", help="Give somebody another role.")
@click.argument("login")
@click.argument("role", type=ROLES)
@LEAVE_OPEN
@with_appcontext
def role_(login: str, role: str, leave_open: bool) -> None:
    with _changing() as (line, db):
        accounts.change_role(
            db, line.clinic, _id_of(db, login), Role(role), acting(db), line.now(), _leaving(leave_open)
        )
    click.echo(f"{login} is now {role}.")


@group.command("disable", help="End somebody's access at once; what they did stays on record.")
@click.argument("login")
@LEAVE_OPEN
@with_appcontext
def disable(login: str, leave_open: bool) -> None:
    with _changing() as (line, db):
        accounts.disable(db, line.clinic, _id_of(db, login), acting(db), line.now(), _leaving(leave_open))
    click.echo(f"{login} can no longer sign in and gets no alerts.")


@group.command("enable", help="Let somebody back in, with a new password that is printed once.")
@click.argument("login")
@with_appcontext
def enable(login: str) -> None:
    password, stored = made()
    with _changing() as (line, db):
        accounts.enable(db, _id_of(db, login), stored, acting(db), line.now())
    _hand_on(login, password)


@group.command("password", help="Give somebody a new password, printed once; it ends all their sessions.")
@click.argument("login")
@with_appcontext
def password_(login: str) -> None:
    password, stored = made()
    with _changing() as (line, db):
        accounts.give_password(db, _id_of(db, login), stored, acting(db), line.now())
    _hand_on(login, password)


@group.command("phone", help="Another phone for somebody's alerts. A code is texted to it.")
@click.argument("login")
@click.argument("phone")
@LEAVE_OPEN
@with_appcontext
def phone_(login: str, phone: str, leave_open: bool) -> None:
    phones = read_phones(phone)
    if len(phones) != 1:
        raise click.BadParameter("write one phone with its area code, such as 602-555-0161", param_hint="PHONE")
    with _changing() as (line, db):
        member = accounts.change_phone(
            db, line.clinic, _id_of(db, login), phones[0], acting(db), line.now(), _leaving(leave_open)
        )
        accounts.invite(db, line.clinic, line.words, member, line.now())
    click.echo("A code has been texted to that phone; when they reply with it, alerts go there.")


@group.command("totp-reset", help="Forget somebody's app and recovery codes, when their phone is lost.")
@click.argument("login")
@with_appcontext
def totp_reset(login: str) -> None:
    with _changing() as (line, db):
        accounts.forget_second_step(db, _id_of(db, login), acting(db), line.now())
    click.echo(f"{login} sets up a new app at the next sign-in. Make sure that it was really them who asked.")
