"""Who is on the staff, for admins: adding somebody, their role, and letting them in again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs, token
from staff.desk import bp, me, right_now, runtime, session
from staff.once import TakenBefore, taking_once
from staff.signing_in.login import check_code
from staff.signing_in.passwords import made
from triage.errors import Refused
from triage.model.member import MATRIX, May, Role, Staff
from triage.policy import FIRST_PASSWORD_LASTS, SHOWN_AGAIN_FOR
from triage.reading import phone_numbers
from triage.store import audit, members
from triage.team import accounts
from triage.team.accounts import LONGEST_NAME, Newcomer

MEMBER = "/staff/members/<int(max=2147483647):staff_id>"

GOOD_FOR_HOURS = FIRST_PASSWORD_LASTS // timedelta(hours=1)

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
        must_show=_must_show(),
        adding=request.endpoint == "staff.add_member",
        typed=request.form if request.endpoint == "staff.add_member" else {},
        now=now,
    )
    return (page, 422) if refused else page


@bp.post("/staff/members")
@needs(May.STAFF)
def add_member() -> AnyResponse | Page:
    phone, role = request.form.get("phone", "").strip(), _role()
    read = phone_numbers.read_phones(phone) if phone else ()
    if (phone and len(read) != 1) or role is None:
        return _page(Refused("role_unfit" if role is None else "phone_unfit"))
    form = request.form
    new = Newcomer(form.get("login", "").strip(), form.get("name", ""), role, read[0] if read else None)
    return _with_password(
        "added", lambda db, now, stored: _invited(db, accounts.add(db, new, stored, me().id, now), now)
    )


def _invited(db: Connection, member: Staff, now: datetime) -> Staff:
    parts = runtime()
    accounts.invite(db, parts.clinic, parts.words, member, now)
    return member


@bp.post("/staff/members/own-code")
@needs(May.STAFF)
def show_again() -> AnyResponse | Page:
    """Take the second step of who is going to change the staff: a page that was left open changes nobody's access."""
    with runtime().db.write() as db:
        problem = check_code(db, me(), request.form.get("code", ""))
        if problem is None:
            members.show_again(db, token(), right_now())
            audit.record(db, "shown_again", right_now(), me().id)
    return _page(Refused(problem)) if problem else redirect(url_for("staff.staff_list", said="shown_again"), 303)


def _must_show() -> bool:
    """Tell whether the second step is asked for again. Who has none is in a rehearsal, where it may be put off."""
    shown_at = session().shown_again_at
    return me().has_second_step and (shown_at is None or right_now() - shown_at >= SHOWN_AGAIN_FOR)


def _with_password(done: str, change: Callable[[Connection, datetime, str], Staff]) -> AnyResponse | Page:
    """Do what gives somebody a new password. This answer is the only one that ever holds it, so a form that is sent
    again cannot show it: then they are told to give another. done: the key of what the list says when one goes back.
    """
    if _must_show():
        return _page(Refused("show_first"))
    password, stored = made()
    try:
        with taking_once() as db:
            member = change(db, right_now(), stored)
    except TakenBefore:
        return redirect(url_for("staff.staff_list", said="password_given"), 303)
    except Refused as refused:
        return _refused(refused)
    return render_template(
        "staff/given_password.html", member=member, password=password, hours=GOOD_FOR_HOURS, done=done
    )


def _change(said: str, change: Change) -> AnyResponse | Page:
    if _must_show():
        return _page(Refused("show_first"))
    try:
        with taking_once() as db:
            change(db, right_now())
    except TakenBefore:
        pass  # sent again: it is done
    except Refused as refused:
        return _refused(refused)
    return redirect(url_for("staff.staff_list", said=said), 303)


def _refused(refused: Refused) -> Page:
    if refused.why == "not_on_staff":
        abort(404)
    return _page(refused)


def _leaving() -> tuple[str, ...]:
    """Return the hours that whoever sends the form has read to be left without a crisis contact."""
    return tuple(request.form.getlist("leaving"))


def _role() -> Role | None:
    given = request.form.get("role", "")
    return Role(given) if given in list(Role) else None


@bp.post(f"{MEMBER}/role")
@needs(May.STAFF)
def change_role(staff_id: int) -> AnyResponse | Page:
    role = _role()
    if role is None:
        return _page(Refused("role_unfit"))
    clinic, leaving = runtime().clinic, _leaving()
    return _change("role", lambda db, now: accounts.change_role(db, clinic, staff_id, role, me().id, now, leaving))


@bp.post(f"{MEMBER}/phone")
@needs(May.STAFF)
def change_phone(staff_id: int) -> AnyResponse | Page:
    read = phone_numbers.read_phones(request.form.get("phone", ""))
    if len(read) != 1:
        return _page(Refused("phone_unfit"))
    clinic, leaving = runtime().clinic, _leaving()

    def change(db: Connection, now: datetime) -> Staff:
        return _invited(db, accounts.change_phone(db, clinic, staff_id, read[0], me().id, now, leaving), now)

    return _change("phone", change)


@bp.post(f"{MEMBER}/password")
@needs(May.STAFF)
def give_password(staff_id: int) -> AnyResponse | Page:
    return _with_password("given", lambda db, now, stored: accounts.give_password(db, staff_id, stored, me().id, now))


@bp.post(f"{MEMBER}/second-step")
@needs(May.STAFF)
def forget_second_step(staff_id: int) -> AnyResponse | Page:
    return _change("second_step", lambda db, now: accounts.forget_second_step(db, staff_id, me().id, now))


@bp.post(f"{MEMBER}/disable")
@needs(May.STAFF)
def disable_member(staff_id: int) -> AnyResponse | Page:
    clinic, leaving = runtime().clinic, _leaving()
    return _change("disabled", lambda db, now: accounts.disable(db, clinic, staff_id, me().id, now, leaving))


@bp.post(f"{MEMBER}/enable")
@needs(May.STAFF)
def enable_member(staff_id: int) -> AnyResponse | Page:
    return _with_password("let_in", lambda db, now, stored: accounts.enable(db, staff_id, stored, me().id, now))
