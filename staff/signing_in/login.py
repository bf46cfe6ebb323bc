"""Sign-in in two steps, and sign-out."""

import hmac
import secrets
from datetime import datetime

import structlog
from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, given_csrf, needs, next_step, token
from staff.desk import bp, me, right_now, runtime
from staff.pages import cookie_name, form_token, keyed, over_https, own_path, set_cookie, sign_in_page
from staff.signing_in import guesses
from staff.signing_in.devices import device_of
from staff.signing_in.passwords import LONGEST_PASSWORD, hashed, is_outdated, is_right
from triage.model.member import Staff
from triage.policy import FIRST_PASSWORD_LASTS, HALF_SIGNED_IN
from triage.store import audit, members, second_steps, sign_ins
from triage.team import authenticator

log = structlog.get_logger()

A_DEVICE_S = 180 * 24 * 60 * 60


@bp.get("/staff/sign-in")
@needs(Gate.NOBODY)
def sign_in() -> AnyResponse:
    return sign_in_page(None, 200, onward=request.args.get("next", ""))


@bp.post("/staff/sign-in")
@needs(Gate.NOBODY)
def take_sign_in() -> AnyResponse:
    onward = request.form.get("next", "")
    door = request.cookies.get(cookie_name("door"), "")
    if not door or not hmac.compare_digest(given_csrf(), form_token(door).encode()):
        return sign_in_page("stale_form", 400, onward)
    now, db = right_now(), runtime().db
    given = request.form.get("login", "").strip()[:LONGEST_PASSWORD]
    with db.write() as connection:
        known = members.password_hash_of(connection, given)
        counters = guesses.of_sign_in(given, known[0].id if known else None, _known_device(given))
        attempt = sign_ins.begin(connection, counters, now)
    if attempt is None:
        log.warning("sign_in_refused", staff=known[0].id if known else None)
        return sign_in_page("too_many", 429, onward)
    if not is_right(request.form.get("password", ""), known[1] if known else None):
        log.warning("sign_in_failed", staff=known[0].id if known else None)
        if known:
            with db.write() as connection:
                audit.record(connection, "sign_in_failed", now, staff_id=known[0].id)
        return sign_in_page("wrong", 401, onward)
    assert known is not None
    member, kept = known
    better = hashed(request.form.get("password", "")) if is_outdated(kept) else None
    with db.write() as connection:
        sign_ins.succeeded(connection, attempt)
        if _has_run_out(member, now):
            audit.record(connection, "first_password_ran_out", now, staff_id=member.id)
            return sign_in_page("ran_out", 401, onward)
        if better:
            members.keep_hash(connection, member.id, better)
        return _let_in(connection, member, own_path(onward))


def _has_run_out(member: Staff, now: datetime) -> bool:
    """Tell whether a password that somebody else has made has lain about for too long. In a rehearsal it may."""
    given_at = None if runtime().environment.rehearsal else member.password_given_at
    return given_at is not None and now - given_at >= FIRST_PASSWORD_LASTS


def _let_in(db: Connection, member: Staff, onward: str) -> AnyResponse:
    """Go on after the right password: to the second step, or in where none is set up and it may be put off."""
    may_put_off = runtime().environment.rehearsal and not member.has_second_step
    if may_put_off:
        return open_session(db, member, onward, second_step=False, how="sign_in")
    return half_way(db, member, onward)


def half_way(db: Connection, member: Staff, onward: str) -> AnyResponse:
    """Start a short session for what is still missing."""
    to = url_for(next_step(member, has_passed=False), next=onward)
    members.end_session(db, token())
    half, _csrf = members.start_session(db, member.id, right_now(), HALF_SIGNED_IN)
    response = make_response(redirect(to, 303))
    set_cookie(response, "session", half, int(HALF_SIGNED_IN.total_seconds()))
    return response


def open_session(db: Connection, member: Staff, onward: str, second_step: bool, how: str) -> AnyResponse:
    """Start a new session with a new token in place of the one before, in this device's cookie."""
    now, lasts = right_now(), runtime().clinic.console.session_life
    members.end_session(db, token())
    device = device_of(request.headers.get("User-Agent", ""))
    fresh, _csrf = members.start_session(db, member.id, now, lasts, second_step, device)
    audit.record(db, how, now, staff_id=member.id)
    response = make_response(redirect(onward, 303))
    set_cookie(response, "session", fresh, int(lasts.total_seconds()))
    name, value = _device_cookie(member.login)
    set_cookie(response, name, value, A_DEVICE_S)
    return response


def _device_name(login: str) -> str:
    return f"device-{keyed('device-name', login.casefold())[:12]}"


def _device_cookie(login: str) -> tuple[str, str]:
    """Return what tells a browser that has signed in before from a stranger's; it opens nothing by itself."""
    nonce = _known_device(login) or secrets.token_urlsafe(12)
    return _device_name(login), f"{nonce}.{keyed('device', f'{login.casefold()}|{nonce}')}"


def _known_device(login: str) -> str:
    nonce, _, proof = request.cookies.get(cookie_name(_device_name(login)), "").rpartition(".")
    right = keyed("device", f"{login.casefold()}|{nonce}")
    return nonce if nonce and hmac.compare_digest(proof.encode("utf-8", "replace"), right.encode()) else ""


@bp.get("/staff/sign-in/code")
@needs(Gate.HALF_WAY)
def code() -> AnyResponse:
    return _code_page(None, 200, request.args.get("next", ""))


@bp.post("/staff/sign-in/code")
@needs(Gate.HALF_WAY)
def take_code() -> AnyResponse:
    onward, member = own_path(request.form.get("next", "")), me()
    if not member.has_second_step:
        return redirect(url_for("staff.enrol"), 303)
    with runtime().db.write() as db:
        problem = check_code(db, member, request.form.get("code", ""))
        if problem is None:
            return open_session(db, member, onward, second_step=True, how="sign_in")
    return _code_page(problem, 429 if problem == "too_many" else 401, onward)


def check_code(db: Connection, member: Staff, typed: str) -> str | None:
    """Use up a code of the app or a recovery code; None, or the key of what is wrong."""
    now = right_now()
    attempt = sign_ins.begin(db, guesses.of_member("code", member.id, _known_device(member.login)), now)
    if attempt is None:
        return "too_many"
    if not _used_up(db, member.id, typed):
        audit.record(db, "code_failed", now, staff_id=member.id)
        return "wrong_code"
    sign_ins.succeeded(db, attempt)
    return None


def _used_up(db: Connection, staff_id: int, typed: str) -> bool:
    now = right_now()
    secret = second_steps.secret_of(db, staff_id)
    step = authenticator.step_of(secret, typed, now) if secret else None
    if step is not None:
        return second_steps.use_step(db, staff_id, step)
    if not second_steps.use_recovery_code(db, staff_id, authenticator.recovery_hashes(typed), now):
        return False
    audit.record(db, "recovery_code_used", now, staff_id=staff_id)
    return True


def _code_page(problem: str | None, status: int, onward: str) -> AnyResponse:
    return make_response(render_template("staff/code.html", problem=problem, onward=own_path(onward)), status)


@bp.post("/staff/sign-out")
@needs(Gate.ANY_SESSION)
def sign_out() -> AnyResponse:
    with runtime().db.write() as connection:
        members.end_session(connection, token())
        audit.record(connection, "sign_out", right_now(), staff_id=me().id)
    response = make_response(redirect(url_for("staff.sign_in"), 303))
    response.delete_cookie(cookie_name("session"), secure=over_https(), httponly=True, samesite="Lax", path="/")
    return response
