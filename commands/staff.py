"""`flask staff`: who may sign in and whose phone is alerted."""

import secrets

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection

from staff.passwords import hashed
from triage import staff_texts
from triage.line import ClinicLine
from triage.phones import as_written, read_phones
from triage.roles import Role
from triage.store import audit, second_steps, staff
from triage.store.staff import Staff

group = click.Group("staff", help="Add, list and disable staff.")


@group.command("add", help="Add somebody; the password is printed once.")
@click.argument("login")
@click.option("--name", required=True)
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.FRONT_DESK.value, show_default=True
)
@click.option("--phone", help="Where alerts go. A code is texted to it; they reply with it to confirm.")
@with_appcontext
def add(login: str, name: str, role: str, phone: str | None) -> None:
    line: ClinicLine = current_app.extensions["clinic_line"]
    phones = read_phones(phone) if phone else ()
    if phone and len(phones) != 1:
        raise click.BadParameter("write one phone with its area code, such as 602-555-0161", param_hint="--phone")
    password = secrets.token_urlsafe(12)
    now = line.now()
    with line.db.write() as db:
        if staff.by_login(db, login):
            raise click.BadParameter(f"{login} is taken; choose another login", param_hint="LOGIN")
        if phones and staff.by_phone(db, phones[0]):
            raise click.BadParameter("that phone belongs to somebody else on the staff", param_hint="--phone")
        staff_id = staff.add(db, login, name, Role(role), hashed(password), phones[0] if phones else None, now)
        audit.record(db, "staff_added", now, staff_id=staff_id)
        if phones:
            member = staff.get(db, staff_id)
            assert member is not None
            staff_texts.invite(db, line.clinic, line.words, member, now)
    click.echo(f"{login} may sign in with {password}")
    if phones:
        click.echo("A code has been texted to their phone; when they reply with it, alerts go there.")


@group.command("list", help="Show who is on the staff.")
@with_appcontext
def show() -> None:
    line: ClinicLine = current_app.extensions["clinic_line"]
    with line.db.read() as db:
        for member in staff.all_staff(db):
            phone = as_written(member.phone) if member.phone else "no phone"
            confirmed = "" if member.phone_confirmed_at or not member.phone else " (not confirmed)"
            state = "disabled" if member.disabled_at else "active"
            click.echo(f"{member.login}  {member.name}  {member.role.value}  {phone}{confirmed}  {state}")


@group.command("disable", help="End somebody's access at once; what they did stays on record.")
@click.argument("login")
@with_appcontext
def disable(login: str) -> None:
    line: ClinicLine = current_app.extensions["clinic_line"]
    now = line.now()
    with line.db.write() as db:
        member = _member(db, login)
        staff.disable(db, member.id, now)
        audit.record(db, "staff_disabled", now, staff_id=member.id)
    click.echo(f"{login} can no longer sign in and gets no alerts.")


@group.command("password", help="Give somebody a new password, printed once; it ends all their sessions.")
@click.argument("login")
@with_appcontext
def password(login: str) -> None:
    line: ClinicLine = current_app.extensions["clinic_line"]
    new = secrets.token_urlsafe(12)
    with line.db.write() as db:
        member = _member(db, login)
        staff.set_password(db, member.id, hashed(new))
        audit.record(db, "password_reset", line.now(), staff_id=member.id)
    click.echo(f"{login} may sign in with {new} and should change it under their name in the console.")


@group.command("totp-reset", help="Forget somebody's app and recovery codes, when their phone is lost.")
@click.argument("login")
@with_appcontext
def totp_reset(login: str) -> None:
    line: ClinicLine = current_app.extensions["clinic_line"]
    with line.db.write() as db:
        member = _member(db, login)
        second_steps.forget(db, member.id)
        staff.end_sessions_of(db, member.id)
        audit.record(db, "second_step_reset", line.now(), staff_id=member.id)
    click.echo(f"{login} sets up a new app at the next sign-in. Make sure that it was really them who asked.")


def _member(db: Connection, login: str) -> Staff:
    member = staff.by_login(db, login)
    if member is None:
        raise click.BadParameter(f"nobody has the login {login}; `flask staff list` shows all", param_hint="LOGIN")
    return member
