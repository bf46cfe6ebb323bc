"""What staff do with a request beside taking and closing it: hand it on, put it back, promise, text, block."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from flask import render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import REQUEST, bp, me, right_now, runtime
from staff.request.request_page import LONGEST_NOTE, act, request_page
from triage.hours.window import Window, at_local
from triage.model.member import May
from triage.model.request import CrisisEnd, Priority
from triage.notices.neutral_words import telling_words
from triage.segments import count_segments
from triage.settings import Clinic
from triage.store import members, requests
from triage.team import ending_a_crisis, patient_texts, request_acts

Choice = TypeVar("Choice", bound=StrEnum)

WAITS = {"30": timedelta(minutes=30), "120": timedelta(hours=2)}

LONGEST_COUNTED = 2000

# Most promises are for days; one for a far month is more often a slip of the year.
ASKED_AGAIN_BEYOND = timedelta(days=60)


@bp.post(f"{REQUEST}/hand")
@needs(May.WORK)
def hand(request_id: int) -> AnyResponse:
    to, note = request.form.get("to", ""), request.form.get("note", "")[:LONGEST_NOTE]
    if not (to.isascii() and to.isdecimal() and len(to) < 10):
        return request_page(request_id, problem="no_such_colleague", code=422)
    with runtime().db.read() as db:
        colleague = members.get(db, int(to))
    return act(
        request_id,
        "handed" if colleague and colleague.is_reachable else "handed_untold",
        lambda db, clinic, now: request_acts.hand_over(db, clinic, request_id, me().id, int(to), note, now),
    )


@bp.post(f"{REQUEST}/snooze")
@needs(May.WORK)
def snooze(request_id: int) -> AnyResponse:
    until = _until(request.form.get("wait", ""), request.form.get("until", ""))
    if until is None:
        return request_page(request_id, problem="no_time", code=422)
    return act(
        request_id, "snoozed", lambda db, clinic, now: request_acts.snooze(db, clinic, request_id, me().id, until, now)
    )


def _until(wait: str, typed: str) -> datetime | None:
    """Read a time from one of the buttons, else from the field, which is the clinic's local time."""
    now, clinic = right_now(), runtime().clinic
    if wait in WAITS:
        return now + WAITS[wait]
    if wait == "opening":
        return clinic.opening.next_open(clinic.opening.open_until(now) + timedelta(minutes=1))
    try:
        at = datetime.fromisoformat(typed)
        return at_local(at.date(), at.time().replace(tzinfo=None), clinic.zone)
    except (ValueError, OverflowError):  # the last and the first day that there are have no time in every zone
        return None


@bp.post(f"{REQUEST}/end-crisis")
@needs(May.WORK)
def end_crisis(request_id: int) -> AnyResponse:
    """End a crisis without closing it: they were spoken to and are called again, or it is none, or less grave."""
    how, why, parts = _one_of(CrisisEnd, "how"), request.form.get("why", "").strip(), runtime()
    to = Priority.ROUTINE if how is CrisisEnd.FALSE_ALARM else _one_of(Priority, "to")
    again_at = _until(request.form.get("wait", ""), request.form.get("until", ""))
    problem = "no_end" if how is None else "long_note" if len(why) > LONGEST_NOTE else None
    if how is CrisisEnd.SPOKEN_TO and again_at is None:
        problem = problem or "no_time"
    elif how is CrisisEnd.LOWERED and to is None:
        problem = problem or "not_lower"
    if problem:
        return request_page(request_id, problem=problem, code=422)

    def change(db: Connection, clinic: Clinic, now: datetime) -> bool:
        if how is CrisisEnd.SPOKEN_TO:
            assert again_at is not None
            return ending_a_crisis.spoken_to(db, clinic, parts.words, request_id, me().id, again_at, why, now)
        assert how is not None
        assert to is not None
        return ending_a_crisis.lower(db, clinic, request_id, me().id, how, to, why, now)

    return act(request_id, "ended", change)


def _one_of(kind: type[Choice], field: str) -> Choice | None:
    given = request.form.get(field, "")
    return kind(given) if given in list(kind) else None


@bp.post(f"{REQUEST}/wake")
@needs(May.WORK)
def wake(request_id: int) -> AnyResponse:
    return act(request_id, "woken", lambda db, clinic, now: request_acts.wake(db, clinic, request_id, me().id, now))


@bp.post(f"{REQUEST}/promise")
@needs(May.WORK)
def promise(request_id: int) -> AnyResponse:
    window, parts = _window(), runtime()
    if window is None:
        return request_page(request_id, problem="no_window", code=422)
    if window.start > right_now() + ASKED_AGAIN_BEYOND and request.form.get("sure") != window.start.date().isoformat():
        return request_page(request_id, problem="window_far", code=422)
    return act(
        request_id,
        "promised",
        lambda db, clinic, now: patient_texts.promise_window(db, clinic, parts.words, request_id, me().id, window, now),
    )


def _window() -> Window | None:
    """Read the three fields of a window, in the clinic's local time."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
        start, end = (time.fromisoformat(request.form.get(name, "")) for name in ("from", "to"))
        zone = runtime().clinic.zone
        return Window(at_local(day, start.replace(tzinfo=None), zone), at_local(day, end.replace(tzinfo=None), zone))
    except (ValueError, OverflowError):
        return None


@bp.post(f"{REQUEST}/text")
@needs(May.WORK)
def text(request_id: int) -> AnyResponse:
    parts, once = runtime(), request.form.get("once", "")[:40]
    # A reply that is ready is put into the field by the page, where it can; else it is taken as it was chosen.
    written = request.form.get("text", "") or request.form.get("canned", "")
    return act(
        request_id,
        "texted",
        lambda db, clinic, now: patient_texts.text_patient(
            db, clinic, parts.words, request_id, me().id, written, once, now
        ),
    )


@bp.post(f"{REQUEST}/text/parts")
@needs(May.WORK)
def parts(request_id: int) -> str:
    """Tell what the text being written comes to: its parts as sent, and the words that may not stand in it."""
    parts, written = runtime(), request.form.get("text", "")[:LONGEST_COUNTED]
    with parts.db.read() as db:
        one = requests.get(db, request_id)
    body = patient_texts.as_sent(parts.clinic, parts.words, one.lang if one else "en", written)
    counted = count_segments(body)[1]
    return render_template("staff/_parts.html", parts=counted, length=len(written), telling=telling_words(body))


@bp.post(f"{REQUEST}/block")
@needs(May.BLOCK)
def block(request_id: int) -> AnyResponse:
    blocked = request.form.get("blocked") == "1"
    said = "blocked" if blocked else "unblocked"
    return act(
        request_id, said, lambda db, clinic, now: request_acts.block(db, clinic, request_id, me().id, blocked, now)
    )
