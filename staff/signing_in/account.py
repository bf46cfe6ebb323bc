"""One's own account: the password, the second step, and where else one is signed in."""

from dataclasses import replace

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, must_choose, needs, next_step, token
from staff.desk import bp, me, right_now, runtime, session
from staff.pages import own_path
from staff.signing_in import guesses
from staff.signing_in.enrolment import new_codes
from staff.signing_in.login import half_way, open_session
from staff.signing_in.passwords import LONGEST_PASSWORD, SHORTEST, hashed, is_right, weakness
from triage.store import audit, members, second_steps, sign_ins


@bp.get("/staff/account")
@needs(Gate.SIGNED_IN)
def account() -> AnyResponse:
    return _page(None, 200)


def _page(problem: str | None, status: int) -> AnyResponse:
    with runtime().db.read() as db:
        values = {
            "codes_left": second_steps.recovery_codes_left(db, me().id),
            "sessions": members.sessions_of(db, me().id, right_now(), token()),
        }
    said = request.args.get("said")
    page = render_template(
        "staff/account.html", problem=problem, said=said, shortest=SHORTEST, longest=LONGEST_PASSWORD, **values
    )
    return make_response(page, status)


@bp.post("/staff/account/password")
@needs(Gate.SIGNED_IN)
def change_password() -> AnyResponse:
    """Set a new password, which ends every session that the old one opened; this browser gets a new one."""
    member, new = me(), request.form.get("new", "")
    problem = _password_is_wrong() or _unfit(new)
    if problem:
        return _page(problem, 422)
    with runtime().db.write() as db:
        members.set_password(db, member.id, hashed(new))
        onward = url_for("staff.account", said="password")
        return open_session(db, member, onward, second_step=member.has_second_step, how="password_changed")


def _unfit(new: str) -> str | None:
    parts, member = runtime(), me()
    own_words = [member.login, *member.name.split(), *parts.clinic.name.split(), *parts.clinic.sender_name.split()]
    with parts.db.read() as db:
        known = members.password_hash_of(db, member.login)
    return weakness(new, own_words) or ("the_same" if known and is_right(new, known[1]) else None)


@bp.get("/staff/password")
@needs(Gate.HALF_WAY)
def choose_password() -> AnyResponse:
    """Ask for a password in place of one that somebody else has made and seen."""
    return _another_step() or _choice(None, 200, request.args.get("next", ""))


def _choice(problem: str | None, status: int, onward: str) -> AnyResponse:
    values = {"shortest": SHORTEST, "longest": LONGEST_PASSWORD, "onward": own_path(onward)}
    return make_response(render_template("staff/password.html", problem=problem, **values), status)


def _another_step() -> AnyResponse | None:
    """Return where to go instead: the second step comes first, and who has a password of their own changes it
    elsewhere.
    """
    if not must_choose(me()):
        return redirect(url_for("staff.account"), 303)
    step = next_step(me(), session().second_step_at is not None)
    return None if step == "staff.choose_password" else redirect(url_for(step), 303)


@bp.post("/staff/password")
@needs(Gate.HALF_WAY)
def take_password() -> AnyResponse:
    """Set the first password of one's own. The old one is not asked for: this session was opened with it."""
    elsewhere, new, onward = _another_step(), request.form.get("new", ""), request.form.get("next", "")
    if elsewhere is not None:
        return elsewhere
    problem = _unfit(new)
    if problem:
        return _choice(problem, 422, onward)
    with runtime().db.write() as db:
        members.set_password(db, me().id, hashed(new))
        if session().second_step_at is not None:
            return open_session(db, me(), own_path(onward), second_step=True, how="password_changed")
        audit.record(db, "password_changed", right_now(), me().id)
        return half_way(db, replace(me(), password_given_out=False), own_path(onward))


def _password_is_wrong() -> str | None:
    """Return why not, unless the password was given: whoever changes how one signs in must know it, not only sit
    at the desk.
    """
    member, now = me(), right_now()
    with runtime().db.write() as db:
        attempt = sign_ins.begin(db, guesses.of_member("account", member.id, token()), now)
        known = members.password_hash_of(db, member.login)
    if attempt is None:
        return "too_many"
    right = is_right(request.form.get("password", ""), known[1] if known else None)
    with runtime().db.write() as db:
        if right:
            sign_ins.succeeded(db, attempt)
        else:
            audit.record(db, "password_wrong", now, member.id)
    return None if right else "wrong"


@bp.post("/staff/account/recovery-codes")
@needs(Gate.SIGNED_IN)
def make_codes() -> AnyResponse:
    problem = None if me().has_second_step else "no_second_step"
    problem = problem or _password_is_wrong()
    if problem:
        return _page(problem, 422)
    with runtime().db.write() as db:
        codes = new_codes(db, me().id)
    return make_response(render_template("staff/codes.html", codes=codes))


@bp.post("/staff/account/sessions")
@needs(Gate.SIGNED_IN)
def end_others() -> AnyResponse:
    with runtime().db.write() as db:
        ended = members.end_sessions_of(db, me().id, but=token())
        audit.record(db, "other_sessions_ended", right_now(), me().id, detail={"ended": ended})
    return redirect(url_for("staff.account", said="sessions"), 303)


@bp.post("/staff/account/sessions/<handle>")
@needs(Gate.SIGNED_IN)
def end_one(handle: str) -> AnyResponse:
    """End one session of one's own: a browser left behind."""
    with runtime().db.write() as db:
        ended = members.end_named_session(db, me().id, handle)
        if ended:
            audit.record(db, "session_ended", right_now(), me().id)
    return redirect(url_for("staff.account", said="session" if ended else None), 303)
