"""Who is on the staff, for admins: adding somebody, their role, and letting them in again."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, me, right_now, runtime
from staff.signing_in.passwords import made
from triage.errors import Refused
from triage.model.member import MATRIX, May, Role, Staff
from triage.reading import phone_numbers
from triage.store import audit, members
from triage.team import accounts
from triage.team.accounts import LONGEST_NAME, Newcomer

MEMBER = "/staff/members/<int(max=2147483647):staff_id>"

Change = Callable[[Connection, datetime], Staff]

Page = str | tuple[str, int]


@bp.get("/staff/members")
@needs(May.STAFF)
def staff_list() -> Page:
    return _page()


def _page(refused: Refused | None = None) -> Page:
    """Show the page. After a refusal the form holds again what was typed into it."""
    now = right_now()
    with runtime().db.write() as db:
        audit.record(db, "view_staff", now, me().id)
        everybody = members.all_staff(db)
    page = render_template(
        "staff/members.html",
        everybody=sorted(everybody, key=lambda member: (member.disabled_at is not None, member.name.casefold())),
        roles=list(Role),
        matrix={role: [may for may in May if may in MATRIX[role]] for role in Role},
        longest_name=LONGEST_NAME,
        refused=refused,
        said=request.args.get("said"),
        typed=request.form if request.endpoint == "staff.add_member" else {},
        now=now,
    )
    return (page, 422) if refused else page


@bp.post("/staff/members")
@needs(May.STAFF)
def add_member() -> Page:
    phone, role = request.form.get("phone", "").strip(), _role()
    read = phone_numbers.read_phones(phone) if phone else ()
    if (phone and len(read) != 1) or role is None:
        return _page(Refused("role_unfit" if role is None else "phone_unfit"))
    form = request.form
    new = Newcomer(form.get("login", "").strip(), form.get("name", ""), role, read[0] if read else None)
    return _with_password(lambda db, now, stored: _invited(db, accounts.add(db, new, stored, me().id, now), now))


def _invited(db: Connection, member: Staff, now: datetime) -> Staff:
    parts = runtime()
    accounts.invite(db, parts.clinic, parts.words, member, now)
    return member


def _with_password(change: Callable[[Connection, datetime, str], Staff]) -> Page:
    """Do what gives somebody a new password. This answer is the only one that ever holds it."""
    password, stored = made()
    try:
        with runtime().db.write() as db:
            member = change(db, right_now(), stored)
    except Refused as refused:
        return _refused(refused)
    return render_template("staff/given_password.html", member=member, password=password)


def _change(said: str, change: Change) -> AnyResponse | Page:
    try:
        with runtime().db.write() as db:
            change(db, right_now())
    except Refused as refused:
        return _refused(refused)
    return redirect(url_for("staff.staff_list", said=said), 303)


def _refused(refused: Refused) -> Page:
    if refused.why == "not_on_staff":
        abort(404)
    return _page(refused)


def _role() -> Role | None:
    given = request.form.get("role", "")
    return Role(given) if given in list(Role) else None


@bp.post(f"{MEMBER}/role")
@needs(May.STAFF)
def change_role(staff_id: int) -> AnyResponse | Page:
    role = _role()
    if role is None:
        return _page(Refused("role_unfit"))
    return _change("role", lambda db, now: accounts.change_role(db, staff_id, role, me().id, now))


@bp.post(f"{MEMBER}/phone")
@needs(May.STAFF)
def change_phone(staff_id: int) -> AnyResponse | Page:
    read = phone_numbers.read_phones(request.form.get("phone", ""))
    if len(read) != 1:
        return _page(Refused("phone_unfit"))
    return _change(
        "phone", lambda db, now: _invited(db, accounts.change_phone(db, staff_id, read[0], me().id, now), now)
    )


@bp.post(f"{MEMBER}/password")
@needs(May.STAFF)
def give_password(staff_id: int) -> Page:
    return _with_password(lambda db, now, stored: accounts.give_password(db, staff_id, stored, me().id, now))


@bp.post(f"{MEMBER}/second-step")
@needs(May.STAFF)
def forget_second_step(staff_id: int) -> AnyResponse | Page:
    return _change("second_step", lambda db, now: accounts.forget_second_step(db, staff_id, me().id, now))


@bp.post(f"{MEMBER}/disable")
@needs(May.STAFF)
def disable_member(staff_id: int) -> AnyResponse | Page:
    return _change("disabled", lambda db, now: accounts.disable(db, staff_id, me().id, now))


@bp.post(f"{MEMBER}/enable")
@needs(May.STAFF)
def enable_member(staff_id: int) -> Page:
    return _with_password(lambda db, now, stored: accounts.enable(db, staff_id, stored, me().id, now))
