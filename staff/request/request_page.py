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
from staff.queue import first_words
from staff.queue.rows import SECTIONS, row_of, section_of
from triage.errors import Refused
from triage.model.member import May
from triage.model.message import Message
from triage.model.notice import Notice
from triage.model.request import Disposition, Priority, Queued, Request, Topic
from triage.notices.recipients import can_be_texted
from triage.settings import Clinic
from triage.store import audit, crisis_ends, legs, members, merges, messages, notices, people, promise_ledger, requests
from triage.team import merging, patient_texts, request_acts
from triage.team.patient_texts import LONGEST_TEXT

LONGEST_NOTE = 4000

# What was said after a move that ends one's work on a request.
DONE_WITH = ("closed", "cancelled", "handed", "handed_untold", "snoozed")

# Refusals that tell how the request stands, and are not of one field.
OF_THE_WHOLE = (
    "somebody_has_it", "closed_already", "acknowledged_already", "open_already", "another_is_open", "yours_already",
    "nobody_has_it", "cannot_call_calling", "cannot_call_has_it", "cannot_call_not_open", "cannot_call_no_phone",
    "cannot_call_no_number", "cannot_call_no_calls",
)  # fmt: skip

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
        merged = merges.of_person(db, person.id)
        others = {one.other_person_id if one.kept_person_id == person.id else one.kept_person_id for one in merged}
        thread = messages.thread(db, person.id, *others)
        values = {
            "said_first": _said_first(thread, queued.request),
            "row": row_of(queued, now),
            "person": person,
            "thread": thread,
            "notices": _folded(notices.of_request(db, request_id)),
            "promises": promise_ledger.of_request(db, request_id),
            "attempts": requests.attempts_of(db, request_id),
            "notes": requests.notes_of(db, request_id),
            "ends": crisis_ends.of_request(db, request_id),
            "ended_call": legs.awaiting_wrap_up(db, request_id, me().id) if queued.request.is_open else None,
            "with_staff_until": person.with_staff_until(
                requests.newest_of(db, person.id), runtime().clinic.conversation.staff_life, now
            ),
            "earlier": requests.earlier_of(db, person.id, *others, before=request_id),
            "merged": merged,
            "phones": {other: found.phone for other in others if (found := people.get(db, other))},
            "undone_until": now - merging.CAN_BE_UNDONE,
        }
    part = render_template("staff/_request.html", now=now, **values)
    version = hashlib.sha256(IN_A_FORM.sub("", part).encode()).hexdigest()[:24]
    return Markup(part), queued, version  # noqa: S704 -- just rendered, escaped


def _said_first(thread: list[Message], one: Request) -> Message | None:
    """Return what the person said that this request is about: in an alarm the words of danger, else their first."""
    places = {text.id: text for text in thread}
    chosen = first_words.chosen([(text.id, text.label, text.at) for text in thread if text.direction == "in"], one)
    return places.get(chosen) if chosen else None


def _folded(all_notices: list[Notice]) -> list[list[Notice]]:
    """Put together what says the same to the same person, where the newest of it stood."""
    found: dict[tuple[str, str | None], list[Notice]] = {}
    for notice in all_notices:
        found.setdefault((notice.kind, notice.to_staff), []).append(notice)
    return list(found.values())


def _next_one(db: Connection, after: int, now: datetime) -> int | None:
    """Return the request that is to be called next by who looks: the first of the queue that no colleague has."""
    parts: dict[str, list[int]] = {}
    for one in requests.outlines(db):
        if one.id != after and one.claimed_by in (None, me().id):
            parts.setdefault(section_of(one, now), []).append(one.id)
    return next((parts[section][0] for section in SECTIONS if section in parts and section != "snoozed"), None)


def request_page(
    request_id: int, said: str | None = None, problem: str | None = None, code: int = 200, facts: tuple[str, ...] = ()
) -> AnyResponse:
    """Show the whole page. After a problem the forms hold again what was typed into them."""
    now = right_now()
    part, queued, version = _live_part(request_id, now)
    _seen(now, queued.request)
    choices = _to_choose_from(queued, goes_on=said in DONE_WITH)
    page = render_template(
        "staff/request.html",
        part=part,
        version=version,
        request_id=request_id,
        queued=queued,
        said=said,
        problem=problem,
        typed=request.form,
        at=_form_of(problem, queued.request, choices),
        dispositions=list(Disposition),
        topics=list(Topic),
        priorities=list(Priority),
        longest_note=LONGEST_NOTE,
        facts=facts,
        longest_text=LONGEST_TEXT,
        now=now,
        **choices,
    )
    return Response(page, code)


def _form_of(problem: str | None, one: Request, choices: dict[str, object]) -> str:
    """Return the form beside whose field a refusal is shown: the one that was sent. "" for what concerns all, and
    where that form is not on the page.
    """
    waits = one.is_open and not one.priority.pages
    is_there = {
        "note": True,
        "attempt": one.is_open or bool(request.form.get("disposition") or request.form.get("note")),
        "close": one.is_open,
        "correct": one.is_open,
        "merge": one.is_open,
        "hand": one.is_open and bool(choices["colleagues"]),
        "promise": waits,
        "snooze": waits,
        "text": bool(choices["can_be_texted"]),
    }
    sent = str(request.endpoint).partition(".")[2]
    return sent if problem not in (None, *OF_THE_WHOLE) and is_there.get(sent) else ""


def _to_choose_from(queued: Queued, goes_on: bool) -> dict[str, object]:
    """Return what the forms offer: colleagues, texts that are ready, and the call that is to be wrapped up.

    goes_on: whether this one is done with, so that the next is offered.
    """
    parts = runtime()
    with parts.db.read() as db:
        others = [member for member in members.all_staff(db) if member.disabled_at is None and member.id != me().id]
        person = people.get(db, queued.request.person_id)
        ended_call = legs.awaiting_wrap_up(db, queued.request.id, me().id) if queued.request.is_open else None
        next_one = _next_one(db, queued.request.id, right_now()) if goes_on else None
    return {
        "ended_call": ended_call,
        "colleagues": [member for member in others if member.may(May.WORK) and member.id != queued.request.claimed_by],
        "next_one": next_one,
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
