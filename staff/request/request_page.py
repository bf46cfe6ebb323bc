"""One request with the person's whole thread, and the moves that staff make with it."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, needs
from staff.desk import REQUEST, bp, me, right_now, runtime
from staff.once import IN_A_FORM, TakenBefore, taking_once
from staff.queue.rows import row_of
from triage.errors import Refused
from triage.model.member import May
from triage.model.request import Disposition, Queued, Request
from triage.notices.recipients import can_be_texted
from triage.settings import Clinic
from triage.store import audit, crisis_ends, legs, members, messages, notices, people, promise_ledger, requests
from triage.team import patient_texts, request_acts
from triage.team.patient_texts import LONGEST_TEXT

LONGEST_NOTE = 4000

Change = Callable[[Connection, Clinic, datetime], bool]


class _LostTheRace(Exception):
    """Somebody else was first: undo what this transaction has done."""


def _seen(now: datetime, one: Request) -> None:
    """Note who looked at a patient's data. Written before the page is given out, so there is no look without it."""
    with runtime().db.write() as db:
        audit.record(db, "view_request", now, me().id, one.id, one.person_id)


@bp.get(REQUEST)
@needs(May.VIEW)
def one(request_id: int) -> AnyResponse:
    return request_page(request_id, said=request.args.get("said"))


@bp.get(f"{REQUEST}/live")
@needs(May.VIEW)
def live(request_id: int) -> AnyResponse:
    """Show what changes by itself on the page of a request; the forms are not in it, so nothing typed is
    overwritten.
    """
    now = right_now()
    part, queued, version = _live_part(request_id, now)
    if request.if_none_match.contains(version):
        return Response(status=304, headers={"ETag": f'"{version}"'})
    _seen(now, queued.request)
    response = Response(render_template("staff/_live.html", part=part, version=version, request_id=request_id))
    response.set_etag(version)
    return response


@bp.get("/staff/<path:unknown>")
@needs(Gate.SIGNED_IN)
def no_such_page(unknown: str) -> AnyResponse:  # noqa: ARG001
    abort(404)


def _live_part(request_id: int, now: datetime) -> tuple[Markup, Queued, str]:
    """Return the changing part of the page, and a version that changes exactly when it does."""
    with runtime().db.read() as db:
        queued = requests.one(db, request_id)
        person = people.get(db, queued.request.person_id) if queued else None
        if queued is None or person is None:
            abort(404)
        values = {
            "row": row_of(queued, now),
            "person": person,
            "thread": messages.thread(db, person.id),
            "notices": notices.of_request(db, request_id),
            "promises": promise_ledger.of_request(db, request_id),
            "attempts": requests.attempts_of(db, request_id),
            "notes": requests.notes_of(db, request_id),
            "ends": crisis_ends.of_request(db, request_id),
            "ended_call": legs.awaiting_wrap_up(db, request_id, me().id) if queued.request.is_open else None,
            "earlier": requests.earlier_of(db, person.id, before=request_id),
            "with_staff_until": person.with_staff_until(
                requests.newest_of(db, person.id), runtime().clinic.conversation.staff_life, now
            ),
        }
    part = render_template("staff/_request.html", now=now, **values)
    version = hashlib.sha256(IN_A_FORM.sub("", part).encode()).hexdigest()[:24]
    return Markup(part), queued, version  # noqa: S704 -- just rendered, escaped


def request_page(
    request_id: int, said: str | None = None, problem: str | None = None, code: int = 200, facts: tuple[str, ...] = ()
) -> AnyResponse:
    """Show the whole page. After a problem the forms hold again what was typed into them."""
    now = right_now()
    part, queued, version = _live_part(request_id, now)
    _seen(now, queued.request)
    page = render_template(
        "staff/request.html",
        part=part,
        version=version,
        request_id=request_id,
        queued=queued,
        said=said,
        problem=problem,
        typed=request.form,
        dispositions=list(Disposition),
        longest_note=LONGEST_NOTE,
        facts=facts,
        longest_text=LONGEST_TEXT,
        now=now,
        **_to_choose_from(queued),
    )
    return Response(page, code)


def _to_choose_from(queued: Queued) -> dict[str, object]:
    """Return what the forms offer: colleagues, texts that are ready, and the call that is to be wrapped up."""
    parts = runtime()
    with parts.db.read() as db:
        others = [member for member in members.all_staff(db) if member.disabled_at is None and member.id != me().id]
        person = people.get(db, queued.request.person_id)
        ended_call = legs.awaiting_wrap_up(db, queued.request.id, me().id) if queued.request.is_open else None
    return {
        "ended_call": ended_call,
        "colleagues": [member for member in others if member.may(May.WORK) and member.id != queued.request.claimed_by],
        "canned": patient_texts.canned(parts.words, queued.request.lang),
        "can_be_texted": can_be_texted(person),
    }


def act(request_id: int, said: str, change: Change) -> AnyResponse:
    """Make one move in one transaction, once however often its form is sent. Whoever comes second sees how things
    stand, with their words still in the form.
    """
    try:
        with taking_once() as db:
            if not change(db, runtime().clinic, right_now()):
                raise _LostTheRace
    except TakenBefore:
        pass  # sent again: it is done
    except _LostTheRace:
        return request_page(request_id, problem=_why_not(request_id), code=409)
    except Refused as refused:
        return request_page(request_id, problem=refused.why, code=422, facts=refused.facts)
    return redirect(url_for("staff.one", request_id=request_id, said=said), 303)


def _why_not(request_id: int) -> str:
    with runtime().db.read() as db:
        queued = requests.one(db, request_id)
    if queued is None:
        abort(404)
    if request.endpoint == "staff.reopen":
        return "open_already" if queued.request.is_open else "another_is_open"
    if request.endpoint in ("staff.read", "staff.hand_back"):
        return "read_already" if request.endpoint == "staff.read" else "line_answers_already"
    if not queued.request.is_open:
        return "closed_already"
    if request.endpoint == "staff.end_crisis":
        return "no_crisis"
    if queued.request.claimed_by not in (None, me().id):
        return "somebody_has_it"
    if request.endpoint == "staff.acknowledge":
        return "acknowledged_already"
    return "yours_already" if queued.request.claimed_by else "nobody_has_it"


@bp.post(f"{REQUEST}/claim")
@needs(May.WORK)
def claim(request_id: int) -> AnyResponse:
    return act(request_id, "claimed", lambda db, clinic, now: request_acts.claim(db, clinic, request_id, me().id, now))


@bp.post(f"{REQUEST}/release")
@needs(May.WORK)
def release(request_id: int) -> AnyResponse:
    return act(
        request_id, "released", lambda db, clinic, now: request_acts.release(db, clinic, request_id, me().id, now)
    )


@bp.post(f"{REQUEST}/acknowledge")
@needs(May.WORK)
def acknowledge(request_id: int) -> AnyResponse:
    return act(
        request_id,
        "acknowledged",
        lambda db, clinic, now: request_acts.acknowledge(db, clinic, request_id, me().id, now),
    )


@bp.post(f"{REQUEST}/read")
@needs(May.WORK)
def read(request_id: int) -> AnyResponse:
    return act(request_id, "read", lambda db, clinic, now: request_acts.read(db, clinic, request_id, me().id, now))


@bp.post(f"{REQUEST}/hand-back")
@needs(May.WORK)
def hand_back(request_id: int) -> AnyResponse:
    """Let the line answer the person again, before the request is closed or the time of staff is over."""
    return act(
        request_id, "handed_back", lambda db, clinic, now: request_acts.hand_back(db, clinic, request_id, me().id, now)
    )


@bp.post(f"{REQUEST}/cancel")
@needs(May.WORK)
def cancel(request_id: int) -> AnyResponse:
    return act(
        request_id, "cancelled", lambda db, clinic, now: request_acts.cancel(db, clinic, request_id, me().id, now)
    )


@bp.post(f"{REQUEST}/reopen")
@needs(May.WORK)
def reopen(request_id: int) -> AnyResponse:
    return act(
        request_id, "reopened", lambda db, clinic, now: request_acts.reopen(db, clinic, request_id, me().id, now)
    )


@bp.post(f"{REQUEST}/note")
@needs(May.WORK)
def note(request_id: int) -> AnyResponse:
    body = request.form.get("body", "").strip()
    if not body:
        return request_page(request_id, problem="empty_note", code=422)
    if len(body) > LONGEST_NOTE:
        return request_page(request_id, problem="long_note", code=422)
    return act(request_id, "noted", lambda db, _clinic, now: request_acts.add_note(db, request_id, me().id, body, now))
