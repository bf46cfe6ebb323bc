"""Setting up the second step: an authenticator app from a QR code, and ten recovery codes shown once."""

import base64
import io

import segno
from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, needs, token
from staff.desk import bp, me, right_now, runtime, session
from staff.pages import keyed
from staff.signing_in import guesses
from staff.signing_in.login import open_session
from triage.store import audit, members, second_steps, sign_ins
from triage.team import authenticator


def _offered() -> str:
    """Return the secret that this session offers.

    It is made from the session's own token, so that nothing is kept until it is confirmed, and the picture and the form
    speak of the same one.
    """
    return base64.b32encode(bytes.fromhex(keyed("second-step", session().csrf))[:20]).decode()


@bp.get("/staff/second-step")
@needs(Gate.HALF_WAY)
def enrol() -> AnyResponse:
    if me().has_second_step:
        return redirect(url_for("staff.account" if session().second_step_at else "staff.code"), 303)
    return _page(None, 200)


def _page(problem: str | None, status: int) -> AnyResponse:
    secret = _offered()
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    may_put_off = runtime().environment.rehearsal
    page = render_template("staff/enrol.html", problem=problem, secret=groups, may_put_off=may_put_off)
    return make_response(page, status)


@bp.get("/staff/second-step/qr.svg")
@needs(Gate.HALF_WAY)
def qr_code() -> AnyResponse:
    """Give the picture by a route of its own, because pages may hold nothing inline."""
    if me().has_second_step:
        return Response(status=404)
    picture = io.BytesIO()
    address = authenticator.address(_offered(), me().login, runtime().clinic.sender_name)
    segno.make(address, error="m").save(picture, kind="svg", scale=5, dark="#000", light="#fff", xmldecl=False)
    return Response(picture.getvalue(), content_type="image/svg+xml")


@bp.post("/staff/second-step")
@needs(Gate.HALF_WAY)
def take_enrolment() -> AnyResponse:
    """Take the app's first code, which proves that it took the secret. Every session from before ends."""
    member, now = me(), right_now()
    with runtime().db.write() as db:
        attempt = sign_ins.begin(db, guesses.of_member("enrol", member.id, token()), now)
        step = authenticator.step_of(_offered(), request.form.get("code", ""), now)
        if attempt is not None and step is not None and second_steps.enrol(db, member.id, _offered(), step, now):
            sign_ins.succeeded(db, attempt)
            members.end_sessions_of(db, member.id)
            onward = url_for("staff.account")
            answer = open_session(db, member, onward, second_step=True, how="second_step_set_up")
            return _with_codes(answer, new_codes(db, member.id))
    return _page("too_many" if attempt is None else "wrong_code", 401)


def new_codes(db: Connection, staff_id: int) -> tuple[str, ...]:
    """Make ten new recovery codes; those from before count no more."""
    codes = authenticator.new_recovery_codes()
    second_steps.replace_recovery_codes(db, staff_id, map(authenticator.recovery_hash, codes), right_now())
    audit.record(db, "recovery_codes_made", right_now(), staff_id=staff_id)
    return codes


def _with_codes(answer: AnyResponse, codes: tuple[str, ...]) -> AnyResponse:
    """Show the codes in place of the redirect: this is the only answer that ever holds them."""
    page = make_response(render_template("staff/codes.html", codes=codes))
    for cookie in answer.headers.getlist("Set-Cookie"):
        page.headers.add("Set-Cookie", cookie)
    return page
