"""The locked page: counts and the alarm stay live, names come back when its owner shows that it is them."""

import json
import re

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, needs, token
from staff.desk import bp, me, right_now, runtime, session
from staff.pages import lock_page, own_path, refusal
from staff.signing_in import guesses
from staff.signing_in.login import check_code
from staff.signing_in.passwords import is_right
from triage.store import audit, members, queue_counts, sign_ins

A_CODE = re.compile(r"[0-9]{3}[ -]?[0-9]{3}")


@bp.post("/staff/lock")
@needs(Gate.SIGNED_IN)
def lock() -> AnyResponse:
    """Lock the page of somebody who leaves their desk."""
    with runtime().db.write() as db:
        members.lock(db, token(), right_now())
        audit.record(db, "lock", right_now(), me().id)
    return redirect(own_path(request.form.get("next", "")), 303)


@bp.get("/staff/locked/counts")
@needs(Gate.EVEN_LOCKED)
def counts() -> AnyResponse:
    """Answer what a locked page asks every few seconds. Unlocked in another window meanwhile, it goes back to its
    place.

    A page that came locked names that place as `back`, and is loaded whole; "" is none, because something was typed.
    """
    now, back = right_now(), request.args.get("back")
    if back != "" and not session().is_locked(now, runtime().clinic.console.idle_lock):
        if back:
            return Response(status=204, headers={"HX-Redirect": own_path(back)})
        return _back(own_path(request.headers.get("HX-Current-URL", "")))
    with runtime().db.read() as db:
        numbers = queue_counts.now(db, now, runtime().clinic.console.due_within)
    if request.if_none_match.contains(numbers.version):
        return Response(status=304, headers={"ETag": f'"{numbers.version}"'})
    response = make_response(
        render_template("staff/_standing.html", numbers=numbers, version=numbers.version, back=back)
    )
    response.set_etag(numbers.version)
    return response


@bp.get("/staff/locked/watch")
@needs(Gate.SIGNED_IN)
def watch() -> AnyResponse:
    """Answer what every page asks, also one that does not refresh itself: when it is time, the guard answers with
    the lock.
    """
    return Response(status=204)


@bp.post("/staff/unlock")
@needs(Gate.EVEN_LOCKED)
def unlock() -> AnyResponse | tuple[str, int]:
    now, onward = right_now(), own_path(request.form.get("next", ""))
    problem = _wrong(request.form.get("secret", ""))
    if problem:
        return lock_page(now, problem, onward)
    with runtime().db.write() as db:
        members.touch(db, token(), now)
        audit.record(db, "unlock", now, me().id)
    if request.form.get("kept"):
        return refusal("was_locked", 200, back=onward)
    return _back(onward) if "HX-Request" in request.headers else redirect(onward, 303)


def _wrong(secret: str) -> str | None:
    """Return why password or code does not open it; guesses count like those of a sign-in."""
    member, now = me(), right_now()
    if member.has_second_step and A_CODE.fullmatch(secret):
        with runtime().db.write() as db:
            return check_code(db, member, secret)
    with runtime().db.write() as db:
        attempt = sign_ins.begin(db, guesses.of_member("unlock", member.id, token()), now)
        known = members.password_hash_of(db, member.login)
    if attempt is None:
        return "too_many"
    if not is_right(secret, known[1] if known else None):
        with runtime().db.write() as db:
            audit.record(db, "unlock_failed", now, member.id)
        return "wrong"
    with runtime().db.write() as db:
        sign_ins.succeeded(db, attempt)
    return None


def _back(onward: str) -> AnyResponse:
    """Send the page that was locked back to its place, fetched anew by htmx: a reload would lose what was being
    typed.
    """
    place = {"path": onward, "target": "#main", "select": "#main", "swap": "outerHTML"}
    return Response(status=204, headers={"HX-Location": json.dumps(place)})


@bp.post("/staff/active")
@needs(Gate.SIGNED_IN)
def active() -> AnyResponse:
    """Take note that somebody is typing or reading: the guard has noted it already."""
    return Response(status=204)
