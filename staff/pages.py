"""What every answer of the console has: headers, cookies, a plain page for what went wrong, a way back."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from flask import Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from staff.desk import bp, runtime
from triage.errors import DatabaseBusy
from triage.jobs import health
from triage.jobs.health import Health
from triage.model.member import Session
from triage.notices.recipients import who_can_be_texted
from triage.store import queue_counts, requests
from triage.team import coverage

log = structlog.get_logger()

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "media-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# How often a page asks whether anything is new; tests may ask more often.
ASK_AGAIN_MS = 3000
FOR_A_YEAR = "public, max-age=31536000, immutable"
HSTS = "max-age=63072000; includeSubDomains"
# What is said of an error by its code; a code that is not here says that something could not be read.
KNOWN = {400: "failed", 401: "not_allowed", 403: "not_allowed", 404: "not_found", 405: "not_found", 408: "too_slow",
         413: "too_long", 415: "failed", 429: "too_many"}  # fmt: skip
# What people type and would miss: shown again when a form could not be taken.
TYPED_FIELDS = (
    "note", "body", "text", "why", "name", "login", "number", "phone", "other", "day", "from", "to", "since", "until",
    "q", "kept",
)  # fmt: skip
# The number of a colleague who was chosen is nothing that was typed.
CHOSEN = re.compile(r"[0-9]*")


@bp.context_processor
def _who() -> dict[str, object]:
    found: Session | None = g.get("session")
    return {
        "clinic": runtime().clinic,
        "me": found.staff if found else None,
        "csrf": found.csrf if found else "",
        "entered": g.get("entered", False),
        "ask_again_ms": current_app.config.get("ASK_AGAIN_MS", ASK_AGAIN_MS),
    }


@bp.app_template_global("hours_left_open")
def hours_left_open() -> tuple[str, ...]:
    """Return the stretches of the week in which a crisis reaches none of its contacts.

    Nothing where the database cannot be asked: the page that says so stands on this, too.
    """
    try:
        with runtime().db.read() as db:
            return coverage.spans(coverage.open_hours(db, runtime().clinic))
    except (DatabaseBusy, OperationalError, PoolTimeout):
        return ()


@dataclass(frozen=True)
class Alarm:
    """What stands over every page: references of crises that nobody has seen, and how the program stands."""

    unseen: tuple[int, ...]
    health: Health

    @property
    def version(self) -> str:
        """Return a word that changes with it."""
        return "-".join(map(str, [*self.unseen, *self.health.problems, *self.health.warnings])) or "none"


@bp.app_template_global("alarm_now")
def alarm_now() -> Alarm:
    """Look at what stands over every page. It comes with the page: what came later would push it down under a finger.

    Where the database cannot be asked nobody is named, and its being away is told.
    """
    try:
        with runtime().db.read() as db:
            unseen = tuple(requests.unseen_alarms(db))
    except (DatabaseBusy, OperationalError, PoolTimeout):
        unseen = ()
    return Alarm(unseen, health.look(runtime()))


@bp.app_template_global("nobody_hears")
def nobody_hears() -> bool:
    """Tell whether nobody at all can be alerted: no contact, no lead, no admin."""
    parts = runtime()
    with parts.db.read() as db:
        return not who_can_be_texted(db, tuple(parts.clinic.logins()), parts.clinic)


@bp.app_url_defaults
def _version(endpoint: str, values: dict[str, object]) -> None:
    """Make a file's address change with what is in it, so that browsers need not ask for it with each page."""
    if endpoint == "staff.static":
        values["v"] = _digest(str(values["filename"]))


@lru_cache(maxsize=64)
def _digest(filename: str) -> str:
    path = safe_join(str(bp.static_folder), filename)
    known = path is not None and Path(path).is_file()
    return hashlib.sha256(Path(str(path)).read_bytes()).hexdigest()[:12] if known else ""


@bp.after_request
def _headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    if request.endpoint != "staff.static":
        response.headers["Cache-Control"] = "no-store"
    elif response.status_code == 200 and request.args.get("v") == _digest(str((request.view_args or {})["filename"])):
        response.headers["Cache-Control"] = FOR_A_YEAR
    if over_https():
        response.headers["Strict-Transport-Security"] = HSTS
    return response


def over_https() -> bool:
    return urlsplit(runtime().environment.public_base_url).scheme == "https"


def cookie_name(name: str) -> str:
    """Return the name of a cookie: `__Host-` binds it to this host; browsers take it only over https."""
    return f"__Host-{name}" if over_https() else name


def set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    # Lax, not Strict: the link in an alert must find whoever is signed in.
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, secure=over_https(), httponly=True, samesite="Lax", path="/"
    )


def keyed(purpose: str, text: str) -> str:
    """Return a keyed hash, hex, that nobody else can make; one purpose's is of no use for another."""
    key = runtime().environment.secret_key.encode()
    return hmac.new(key, f"{purpose}|{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def refusal(why: str, code: int, back: str = "/staff/") -> tuple[str, int]:
    """Show a page that says in plain words what went wrong and what to do, with whatever had been typed."""
    return render_template("staff/refusal.html", why=why, typed=typed(), back=own_path(back)), code


def typed() -> str:
    try:
        given = [(name, request.form.get(name, "").strip()) for name in TYPED_FIELDS]
        return "\n".join(value for name, value in given if value and not (name == "to" and CHOSEN.fullmatch(value)))
    except HTTPException:
        return ""


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return refusal("our_fault" if code >= 500 else KNOWN.get(code, "failed"), code)


@bp.app_errorhandler(404)
@bp.app_errorhandler(405)
def _no_such_address(error: HTTPException) -> AnyResponse | tuple[str, int]:
    """Show a page of ours also where no route was met. What comes to the webhooks' addresses is answered as ever."""
    if request.blueprint == bp.name:
        return _http_error(error)
    if request.url_rule is not None or request.path.startswith("/webhooks"):
        return error.get_response()
    code = error.code or 404
    page = render_template("staff/refusal.html", why=KNOWN[code], typed="", back="/staff/", **_who())
    response = make_response(page, code)
    if allowed := error.get_response().headers.get("Allow"):
        response.headers["Allow"] = allowed  # which a 405 has to name
    return _headers(response)


@bp.errorhandler(DatabaseBusy)
@bp.errorhandler(OperationalError)
@bp.errorhandler(PoolTimeout)
def _busy(error: Exception) -> tuple[str, int]:
    """Answer while the database is busy, away or full."""
    log.error("page_without_database", fault=type(error).__name__)
    return refusal("busy", 503)


def own_path(target: str) -> str:
    r"""Return a path of the console to return to after sign-in; anything else becomes the queue.

    A full address counts by its path only. Backslashes and control characters are refused because browsers read
    `/\host` and `/<tab>/host` as another host.
    """
    if "\\" in target or any(ord(char) <= 32 for char in target):
        return "/staff/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/staff/"
    ours = parts.path.startswith("/staff/") and "//" not in parts.path and "/staff/sign-" not in parts.path
    return parts.path if ours else "/staff/"


def form_token(door: str) -> str:
    """Return the sign-in form's CSRF token: bound to the cookie that came with the form."""
    return keyed("sign-in", door)


def sign_in_page(problem: str | None, code: int, onward: str) -> Response:
    door = request.cookies.get(cookie_name("door")) or secrets.token_urlsafe(24)
    page = render_template(
        "staff/sign_in.html", problem=problem, onward=own_path(onward), token=form_token(door), typed=typed()
    )
    response = make_response(page, code)
    set_cookie(response, "door", door, int(runtime().clinic.console.session_life.total_seconds()))
    return response


def lock_page(now: datetime, problem: str | None = None, onward: str | None = None) -> Response:
    """Show, instead of any page of a locked session, how many wait and whether it is grave, but nobody's name.

    To a page that refreshes itself goes the inner part alone, in place of everything that it shows.
    """
    by_htmx = "HX-Request" in request.headers
    back = own_path(_place() if onward is None else onward)
    kept = typed() if request.method == "POST" else ""
    with runtime().db.read() as db:
        numbers = queue_counts.now(db, now, runtime().clinic.console.due_within)
    page = render_template(
        "staff/_locked.html" if by_htmx else "staff/locked.html",
        numbers=numbers,
        version=numbers.version,
        problem=problem,
        onward=back,
        kept=kept,
        in_place=by_htmx,
        # Where it goes by itself once it is unlocked in another window; what was typed is waited with.
        back=None if by_htmx else "" if kept else back,
    )
    # htmx takes no page with an error's code, so to it a locked page is a page like any other.
    response = make_response(page, 200 if by_htmx or request.method == "GET" else 423)
    if by_htmx:
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _place() -> str:
    """Return where somebody was: the page around what refreshes itself, or the page whose form was sent."""
    place = request.path.rpartition("/")[0] if request.method == "POST" else request.path
    path = own_path(request.headers.get("HX-Current-URL", place))
    page, _values = current_app.url_map.bind("").match(path, method="GET")
    # What was found by a search was posted: there is no such page to return to.
    return "/staff/" if page == "staff.no_such_page" else path
