"""Who gets past the door: each route names what it needs, and nothing is served that names nothing."""

import hmac
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import structlog
from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from staff.desk import bp, right_now, runtime
from staff.pages import cookie_name, lock_page, refusal, sign_in_page
from triage.model.member import May, Session, Staff
from triage.store import audit, members
from triage.store.members import TOUCH_EVERY

log = structlog.get_logger()

LARGEST_FORM = 64 * 1024
View = TypeVar("View", bound=Callable[..., object])


class Gate(StrEnum):
    """What a route needs that shows no patient. Routes that do name a `May` instead."""

    NOBODY = "nobody"  # no sign-in
    ANY_SESSION = "any_session"  # also half-way or locked: to end it
    HALF_WAY = "half_way"  # the password was right; a second step, or a password of one's own, may still be missing
    EVEN_LOCKED = "even_locked"  # fully signed in, though the page may be locked
    SIGNED_IN = "signed_in"  # one's own account


def needs(what: May | Gate) -> Callable[[View], View]:
    """Say, under the route, what must be given before the view runs."""

    def mark(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return mark


def need_of(endpoint: str) -> May | Gate:
    """Return what a route named. Raises LookupError for one that named nothing: it is not served."""
    if endpoint == "staff.static":
        return Gate.NOBODY
    what = getattr(current_app.view_functions[endpoint], "needs", None)
    if what is None:
        raise LookupError(f"{endpoint}: put @needs(May....) under its route")
    assert isinstance(what, May | Gate)
    return what


def is_polling() -> bool:
    """Tell whether the page is asking by itself whether anything is new: nobody's activity."""
    return request.method == "GET" and "HX-Request" in request.headers


def token() -> str:
    return request.cookies.get(cookie_name("session"), "")


@bp.before_request
def guard() -> AnyResponse | tuple[str, int] | None:
    """Let nobody further without what the route needs, and make no change without the session's own token."""
    request.max_content_length = LARGEST_FORM
    request.max_form_memory_size = LARGEST_FORM
    what = need_of(request.endpoint or "")
    if what is Gate.NOBODY:
        return None
    now = right_now()
    found = _session(now)
    if found is None:
        return _sign_in_first()
    g.session = found
    if request.method == "POST" and not hmac.compare_digest(given_csrf(), found.csrf.encode()):
        return refusal("stale_form", 400)
    return None if what is Gate.ANY_SESSION else _in_its_stage(found, what, now)


def _in_its_stage(found: Session, what: May | Gate, now: datetime) -> AnyResponse | tuple[str, int] | None:
    """Ask for the second step before everything, then the lock, a password of one's own, the role."""
    if not is_complete(found):
        return None if what is Gate.HALF_WAY else _step_first(found)
    if what is Gate.EVEN_LOCKED:
        return None
    if found.is_locked(now, runtime().clinic.console.idle_lock):
        return lock_page(now)
    if must_choose(found.staff) and what is not Gate.HALF_WAY:
        return _step_first(found)
    if not is_polling() and now - found.seen_at >= TOUCH_EVERY:
        with runtime().db.write() as db:
            members.touch(db, token(), now)
    g.entered = not must_choose(found.staff)
    if isinstance(what, May) and not found.staff.may(what):
        return _not_allowed(found, what, now)
    return None


def given_csrf() -> bytes:
    return request.form.get("csrf", "").encode("utf-8", "replace")


def is_complete(found: Session) -> bool:
    """Tell whether both steps are done. A rehearsal without a real account may put the second one off."""
    put_off = runtime().environment.rehearsal and not found.staff.has_second_step
    return found.second_step_at is not None or put_off


def must_choose(member: Staff) -> bool:
    """Tell whether a password that was given out has to be changed now. A rehearsal may put that off, too."""
    return member.password_given_out and not runtime().environment.rehearsal


def next_step(member: Staff, has_passed: bool) -> str:
    """Return the route of what is still to be done before anything is shown; `has_passed`: the second step."""
    if member.has_second_step and not has_passed:
        return "staff.code"
    return "staff.choose_password" if must_choose(member) else "staff.enrol"


def _session(now: datetime) -> Session | None:
    if not token():
        return None
    with runtime().db.read() as db:
        return members.find_session(db, token(), now)


def _sign_in_first() -> AnyResponse:
    if request.method == "POST":
        return sign_in_page("signed_out", 401, onward=request.path.rpartition("/")[0])
    if is_polling():
        # A redirect would be followed in the background; this makes the page itself go, and with it the names on it.
        return Response(status=401, headers={"HX-Redirect": url_for("staff.sign_in", next="/staff/")})
    return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")), 303)


def _step_first(found: Session) -> AnyResponse:
    to = url_for(next_step(found.staff, found.second_step_at is not None))
    return Response(status=401, headers={"HX-Redirect": to}) if is_polling() else redirect(to, 303)


def _not_allowed(found: Session, what: May, now: datetime) -> tuple[str, int]:
    log.warning("not_allowed", staff=found.staff.id, needs=what.value, endpoint=request.endpoint)
    with runtime().db.write() as db:
        audit.record(db, "not_allowed", now, found.staff.id, detail={"needs": what})
    return refusal("not_allowed", 403)


@bp.app_template_global("may")
def may(act: str) -> bool:
    """Tell a page whether who looks may do this, so that no button is shown that would be refused."""
    found: Session | None = g.get("session")
    return found is not None and found.staff.may(May(act))
