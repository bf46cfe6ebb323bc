"""The queue, one request with the person's whole thread, and the moves that staff make with it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.desk import REQUEST, TimeLeft, bp, clinic_line, me, right_now, time_left
from triage import work
from triage.callbacks import Disposition, Flag, Priority, reason
from triage.store import audit, messages, notices, people, requests
from triage.store.requests import Queued, Request

SHOWN_AFTER_CLOSING = timedelta(hours=24)
DUE_FROM = timedelta(minutes=30)
LONGEST_NOTE = 4000

Change = Callable[[Connection, datetime], bool]


@dataclass(frozen=True)
class Row:
    """A request as the queue shows it. `why` is the key of the words for its place."""

    queued: Queued
    left: TimeLeft
    why: str
    is_mine: bool


class _LostTheRace(Exception):
    """Somebody else was first: undo what this transaction has done."""


@bp.get("/staff/")
def queue() -> str:
    now = right_now()
    with clinic_line().db.read() as db:
        version, sections = _version(db, now), _sections(db, now)
    _seen("view_queue", now, rows=sum(map(len, sections.values())))
    return render_template("staff/queue.html", version=version, sections=sections, now=now)


@bp.get("/staff/rows")
def rows() -> AnyResponse:
    """The rows alone, for the page that asks again every few seconds; 304 while nothing has changed."""
    now = right_now()
    with clinic_line().db.read() as db:
        version = _version(db, now)
        if request.if_none_match.contains(version):
            return Response(status=304, headers={"ETag": f'"{version}"'})
        sections = _sections(db, now)
    _seen("view_queue", now, rows=sum(map(len, sections.values())))
    response = Response(render_template("staff/_rows.html", version=version, sections=sections, now=now, fresh=True))
    response.set_etag(version)
    return response


def _version(db: Connection, now: datetime) -> str:
    """Changes with the queue, with the minute (time left is shown) and with who looks."""
    seen = f"{requests.fingerprint(db)}|{now:%Y-%m-%dT%H:%M}|{me().id}"
    return hashlib.sha256(seen.encode()).hexdigest()[:24]


def _sections(db: Connection, now: datetime) -> dict[str, list[Row]]:
    """The queue in order, parted by what it asks of staff, and what was closed within a day."""
    parted: dict[str, list[Row]] = {"now": [], "due": [], "later": [], "closed": []}
    for queued in requests.queue(db):
        parted[_section(queued.request, now)].append(_row(queued, now))
    parted["closed"] = [_row(queued, now) for queued in requests.closed_since(db, now - SHOWN_AFTER_CLOSING)]
    return parted


def _section(one: Request, now: datetime) -> str:
    if one.priority.pages or Flag.PLEASE_READ in one.flags:
        return "now"
    window_is_open = one.promised_start is not None and one.promised_start <= now and not one.attempts
    if one.priority is Priority.URGENT or one.due_at <= now + DUE_FROM or window_is_open:
        return "due"
    return "later"


def _row(queued: Queued, now: datetime) -> Row:
    one = queued.request
    why = reason(one.priority, one.due_at, one.attempts, one.flags, now)
    return Row(queued, time_left(one, now), why, is_mine=one.claimed_by == me().id)


def _seen(
    action: str, now: datetime, request_id: int | None = None, person_id: int | None = None, **detail: int
) -> None:
    """Who looked at patients' data. Written before the page is given out, so there is no look without it."""
    with clinic_line().db.write() as db:
        audit.record(db, action, now, me().id, request_id, person_id, detail)


@bp.get(REQUEST)
def one(request_id: int) -> AnyResponse:
    return request_page(request_id, said=request.args.get("said"))


@bp.get(f"{REQUEST}/live")
def live(request_id: int) -> AnyResponse:
    """What changes by itself on the page of a request; the forms are not in it, so nothing typed is overwritten."""
    now = right_now()
    part, _queued, version = _live_part(request_id, now)
    if request.if_none_match.contains(version):
        return Response(status=304, headers={"ETag": f'"{version}"'})
    _seen("view_request", now, request_id, _queued.request.person_id)
    response = Response(render_template("staff/_live.html", part=part, version=version, request_id=request_id))
    response.set_etag(version)
    return response


@bp.get("/staff/<path:unknown>")
def no_such_page(unknown: str) -> AnyResponse:  # noqa: ARG001
    abort(404)


def _live_part(request_id: int, now: datetime) -> tuple[Markup, Queued, str]:
    """The changing part of the page, and a version that changes exactly when it does."""
    with clinic_line().db.read() as db:
        queued = requests.one(db, request_id)
        person = people.get(db, queued.request.person_id) if queued else None
        if queued is None or person is None:
            abort(404)
        values = {
            "row": _row(queued, now),
            "person": person,
            "thread": messages.thread(db, person.id),
            "notices": notices.of_request(db, request_id),
            "attempts": requests.attempts_of(db, request_id),
            "notes": requests.notes_of(db, request_id),
            "earlier": requests.earlier_of(db, person.id, before=request_id),
        }
    part = render_template("staff/_request.html", now=now, **values)
    return Markup(part), queued, hashlib.sha256(part.encode()).hexdigest()[:24]  # noqa: S704 -- just rendered, escaped


def request_page(request_id: int, said: str | None = None, problem: str | None = None, code: int = 200) -> AnyResponse:
    """The whole page. After a problem the forms hold again what was typed into them."""
    now = right_now()
    part, queued, version = _live_part(request_id, now)
    _seen("view_request", now, request_id, queued.request.person_id)
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
    )
    return Response(page, code)


def act(request_id: int, said: str, change: Change) -> AnyResponse:
    """One move in one transaction. Whoever comes second sees how things stand, with their words still in the form."""
    try:
        with clinic_line().db.write() as db:
            if not change(db, right_now()):
                raise _LostTheRace
    except _LostTheRace:
        return request_page(request_id, problem=_why_not(request_id), code=409)
    return redirect(url_for("staff.one", request_id=request_id, said=said), 303)


def _why_not(request_id: int) -> str:
    with clinic_line().db.read() as db:
        queued = requests.one(db, request_id)
    if queued is None:
        abort(404)
    if request.endpoint == "staff.reopen":
        return "open_already" if queued.request.is_open else "another_is_open"
    if not queued.request.is_open:
        return "closed_already"
    if queued.request.claimed_by not in (None, me().id):
        return "somebody_has_it"
    if request.endpoint == "staff.acknowledge":
        return "acknowledged_already"
    return "yours_already" if queued.request.claimed_by else "nobody_has_it"


@bp.post(f"{REQUEST}/claim")
def claim(request_id: int) -> AnyResponse:
    return act(request_id, "claimed", lambda db, now: work.claim(db, request_id, me().id, now))


@bp.post(f"{REQUEST}/release")
def release(request_id: int) -> AnyResponse:
    return act(request_id, "released", lambda db, now: work.release(db, request_id, me().id, now))


@bp.post(f"{REQUEST}/acknowledge")
def acknowledge(request_id: int) -> AnyResponse:
    return act(request_id, "acknowledged", lambda db, now: work.acknowledge(db, request_id, me().id, now))


@bp.post(f"{REQUEST}/cancel")
def cancel(request_id: int) -> AnyResponse:
    return act(request_id, "cancelled", lambda db, now: work.cancel(db, request_id, me().id, now))


@bp.post(f"{REQUEST}/reopen")
def reopen(request_id: int) -> AnyResponse:
    return act(request_id, "reopened", lambda db, now: work.reopen(db, request_id, me().id, now))


@bp.post(f"{REQUEST}/note")
def note(request_id: int) -> AnyResponse:
    body = request.form.get("body", "").strip()
    if not body:
        return request_page(request_id, problem="empty_note", code=422)
    if len(body) > LONGEST_NOTE:
        return request_page(request_id, problem="long_note", code=422)
    return act(request_id, "noted", lambda db, now: work.add_note(db, request_id, me().id, body, now))
