"""Sign-in, sign-out, the session behind every page, CSRF for every form, and the headers of every answer."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from staff.desk import bp, clinic_line, me, right_now
from triage.errors import DatabaseBusy
from triage.store import audit
from triage.store import staff as store
from triage.store.staff import LONGEST, TOUCH_EVERY, Session, Staff

LARGEST_FORM = 64 * 1024
LONGEST_PASSWORD = 256
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HSTS = "max-age=63072000; includeSubDomains"
# What people type and would miss: shown again when a form could not be taken.
TYPED_FIELDS = ("note", "body")

_hasher = PasswordHasher()
View = TypeVar("View", bound=Callable[..., object])


def hashed(password: str) -> str:
    """A password as it is stored."""
    return _hasher.hash(password)


def anybody(view: View) -> View:
    """Marks the few views that need no sign-in."""
    view.needs_no_sign_in = True  # type: ignore[attr-defined]
    return view


def is_polling() -> bool:
    """The page asking by itself whether anything is new: nobody's activity."""
    return "HX-Request" in request.headers


@bp.before_request
def guard() -> AnyResponse | tuple[str, int] | None:
    """Nobody gets further without a session, and no change without the session's own token."""
    request.max_content_length = LARGEST_FORM
    request.max_form_memory_size = LARGEST_FORM
    view = current_app.view_functions[request.endpoint or ""]
    if request.endpoint == "staff.static" or hasattr(view, "needs_no_sign_in"):
        return None
    found = _session(right_now())
    if found is None:
        return _sign_in_first()
    g.session = found
    if request.method == "POST" and not hmac.compare_digest(_given_csrf(), found.csrf.encode()):
        return refusal("stale_form", 400)
    if request.method == "POST" and not found.staff.may_change and request.endpoint != "staff.sign_out":
        return refusal("read_only", 403)
    return None


def _given_csrf() -> bytes:
    return request.form.get("csrf", "").encode("utf-8", "replace")


def _session(now: datetime) -> Session | None:
    token = request.cookies.get(cookie_name("session"), "")
    if not token:
        return None
    db = clinic_line().db
    with db.read() as connection:
        found = store.find_session(connection, token, now)
    if found and not is_polling() and now - found.seen_at >= TOUCH_EVERY:
        with db.write() as connection:
            store.touch(connection, token, now)
    return found


def _sign_in_first() -> AnyResponse | tuple[str, int]:
    if request.method == "POST":
        return sign_in_page("signed_out", 401, onward=request.path.rpartition("/")[0])
    to_sign_in = url_for("staff.sign_in", next=request.full_path.rstrip("?"))
    if is_polling():
        # A redirect would be followed in the background; this makes the page itself go, and with it the names on it.
        return Response(status=401, headers={"HX-Redirect": url_for("staff.sign_in", next="/staff/")})
    return redirect(to_sign_in, 303)


@bp.context_processor
def _who() -> dict[str, object]:
    found: Session | None = g.get("session")
    return {"clinic": clinic_line().clinic, "me": found.staff if found else None, "csrf": found.csrf if found else ""}


@bp.after_request
def _headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    if request.endpoint != "staff.static":
        response.headers["Cache-Control"] = "no-store"
    if over_https():
        response.headers["Strict-Transport-Security"] = HSTS
    return response


def over_https() -> bool:
    return urlsplit(clinic_line().environment.public_base_url).scheme == "https"


def cookie_name(name: str) -> str:
    """`__Host-` binds a cookie to this host; browsers take it only over https."""
    return f"__Host-{name}" if over_https() else name


def _set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    # Lax, not Strict: the link in an alert must find whoever is signed in.
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, secure=over_https(), httponly=True, samesite="Lax", path="/"
    )


def refusal(why: str, code: int) -> tuple[str, int]:
    """A page that says in plain words what went wrong and what to do, with whatever had been typed."""
    return render_template("staff/refusal.html", why=why, typed=_typed()), code


def _typed() -> str:
    try:
        return "\n".join(filter(None, (request.form.get(name, "") for name in TYPED_FIELDS)))
    except HTTPException:
        return ""


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> tuple[str, int]:
    known = {404: "not_found", 413: "too_long"}
    code = error.code or 500
    return refusal(known.get(code, "failed"), code)


@bp.errorhandler(DatabaseBusy)
def _busy(_error: DatabaseBusy) -> tuple[str, int]:
    return refusal("busy", 503)


def own_path(target: str) -> str:
    """A path of the console to return to after sign-in; anything else becomes the queue.

    A full address counts by its path only. Backslashes and control characters are refused because browsers read
    `/\\host` and `/<tab>/host` as another host.
    """
    if "\\" in target or any(ord(char) <= 32 for char in target):
        return "/staff/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/staff/"
    ours = parts.path.startswith("/staff/") and "//" not in parts.path and "/staff/sign-" not in parts.path
    return parts.path if ours else "/staff/"


def _form_token(door: str) -> str:
    """The sign-in form's CSRF token: bound to the cookie that came with the form."""
    key = clinic_line().environment.secret_key.encode()
    return hmac.new(key, b"sign-in|" + door.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def sign_in_page(problem: str | None, code: int, onward: str) -> Response:
    door = request.cookies.get(cookie_name("door")) or secrets.token_urlsafe(24)
    page = render_template(
        "staff/sign_in.html", problem=problem, onward=own_path(onward), token=_form_token(door), typed=_typed()
    )
    response = make_response(page, code)
    _set_cookie(response, "door", door, int(LONGEST.total_seconds()))
    return response


@bp.get("/staff/sign-in")
@anybody
def sign_in() -> AnyResponse:
    return sign_in_page(None, 200, onward=request.args.get("next", ""))


@bp.post("/staff/sign-in")
@anybody
def take_sign_in() -> AnyResponse:
    onward = request.form.get("next", "")
    door = request.cookies.get(cookie_name("door"), "")
    if not door or not hmac.compare_digest(_given_csrf(), _form_token(door).encode()):
        return sign_in_page("stale_form", 400, onward)
    now, db = right_now(), clinic_line().db
    given = request.form.get("login", "").strip()[:LONGEST_PASSWORD]
    with db.write() as connection:
        attempt = store.begin_sign_in(connection, given, now)
        known = store.password_hash_of(connection, given)
    if attempt is None:
        return sign_in_page("too_many", 429, onward)
    if not _is_right(request.form.get("password", ""), known[1] if known else None):
        return sign_in_page("wrong", 401, onward)
    assert known is not None
    return _let_in(known[0], attempt, now, onward)


def _let_in(member: Staff, attempt: int, now: datetime, onward: str) -> AnyResponse:
    with clinic_line().db.write() as connection:
        store.sign_in_succeeded(connection, attempt)
        store.end_session(connection, request.cookies.get(cookie_name("session"), ""))
        token, _csrf = store.start_session(connection, member.id, now)
        audit.record(connection, "sign_in", now, staff_id=member.id)
    response = make_response(redirect(own_path(onward), 303))
    _set_cookie(response, "session", token, int(LONGEST.total_seconds()))
    return response


@cache
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(24))


def _is_right(password: str, password_hash: str | None) -> bool:
    """An unknown login costs the same work as a known one, so that the time taken tells nothing."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@bp.post("/staff/sign-out")
def sign_out() -> AnyResponse:
    with clinic_line().db.write() as connection:
        store.end_session(connection, request.cookies.get(cookie_name("session"), ""))
        audit.record(connection, "sign_out", right_now(), staff_id=me().id)
    response = make_response(redirect(url_for("staff.sign_in"), 303))
    response.delete_cookie(cookie_name("session"), secure=over_https(), httponly=True, samesite="Lax", path="/")
    return response
