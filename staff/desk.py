"""What every page of the console stands on: the blueprint, the parts it was given, who is signed in, plain times."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app, g

from triage.model import phone
from triage.model.call import Recording
from triage.model.member import May, Session, Staff
from triage.model.message import Message, Recorded
from triage.model.request import Flag, Priority, Request
from triage.runtime import Runtime

if TYPE_CHECKING:
    from triage.runtime import Runtime

bp = Blueprint("staff", __name__, static_folder="static", static_url_path="/staff/static")

# A longer number is no reference: the databases' integers end there.
REQUEST = "/staff/requests/<int(max=2147483647):request_id>"
MEDICAL = frozenset({"adverse", "handover.medical"})
# Seven digits and more, with what people put between them.
A_NUMBER = re.compile(r"(?<!\w)[+(]{0,3}\d(?:[\s().\-–/]*\d){6,14}(?!\w)")
ALL_BUT_TWO_DIGITS = re.compile(r"\d(?=(?:\D*\d){2})")


def runtime() -> "Runtime":
    return cast("Runtime", current_app.extensions["runtime"])


def right_now() -> datetime:
    return runtime().now()


def words_of_staff() -> Any:
    """Return how codes are said to staff: the tables and macros of `templates/staff/_words.html`."""
    return current_app.jinja_env.get_template("staff/_words.html").module


def session() -> Session:
    """Return the session of this request; only for views that need a sign-in."""
    return cast(Session, g.session)


def me() -> Staff:
    return session().staff


@dataclass(frozen=True)
class TimeLeft:
    """How a promise stands. kind: waiting (at once was promised), spoken (so long ago, in a crisis), late, opens (its
    window is ahead), again (the next try is ahead) or left; of other times, wrote.

    tone: now, late, soon or calm.
    """

    kind: str
    tone: str
    days: int
    hours: int
    minutes: int


def time_left(request: Request, now: datetime) -> TimeLeft:
    if request.priority.pages:
        # Red only while nobody has talked with them.
        if request.spoken_at is not None:
            return ago("spoken", request.spoken_at, now)
        return _left("waiting", "now", now - (request.alarmed_at or request.created_at))
    if request.due_at <= now:
        return _left("late", "late", now - request.due_at)
    if request.attempts and not request.window_counts:
        return _left("again", _tone(request.due_at - now), request.due_at - now)
    if request.promised_start is not None and request.promised_start > now:
        return _left("opens", _tone(request.promised_start - now), request.promised_start - now)
    left = request.due_at - now
    return _left("left", "soon" if request.promised_start else _tone(left), left)


def ago(kind: str, at: datetime, now: datetime) -> TimeLeft:
    """Return how long ago something was."""
    return _left(kind, "soon", max(timedelta(), now - at))


def _tone(ahead: timedelta) -> str:
    return "soon" if ahead <= runtime().clinic.console.due_within else "calm"


def _left(kind: str, tone: str, span: timedelta) -> TimeLeft:
    minutes = int(span.total_seconds()) // 60
    return TimeLeft(kind, tone, minutes // (24 * 60), minutes // 60 % 24, minutes % 60)


@bp.app_template_filter("local")
def local(at: datetime, zone: tzinfo | None = None) -> datetime:
    """Convert an aware time to the clinic's zone, or to another."""
    return at.astimezone(zone or runtime().clinic.zone)


@bp.app_template_filter("clock")
def clock(at: datetime, zone: tzinfo | None = None) -> str:
    """Write `3:05 pm` or `3 pm`; local time of the clinic, if no other zone is named."""
    there = local(at, zone)
    minutes = there.strftime(":%M") if there.minute else ""
    return f"{there.strftime('%I').lstrip('0')}{minutes} {there.strftime('%p').lower()}"


@bp.app_template_filter("day")
def day(at: datetime, zone: tzinfo | None = None) -> str:
    """Write `Tue 24 Nov`, with the year where it is not this one."""
    there = local(at, zone)
    year = there.strftime(" %Y") if there.year != local(right_now()).year else ""
    return f"{there.strftime('%a')} {there.day} {there.strftime('%b')}{year}"


@bp.app_template_filter("iso")
def iso(at: datetime) -> str:
    """Write a time for the `datetime` of a time element."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


@bp.app_template_filter("phone")
def written_phone(number: str) -> str:
    """Write a number in full, or all but its last digits hidden from who may not see numbers."""
    written = phone.as_written(number)
    return written if me().may(May.NUMBERS) else ALL_BUT_TWO_DIGITS.sub("•", written)


@bp.app_template_test("withheld")
def withheld(number: str) -> bool:
    return phone.is_withheld(number)


@bp.app_template_filter("without_numbers")
def without_numbers(text: str) -> str:
    """Hide the phone numbers in what people wrote from who may not see numbers."""
    return text if me().may(May.NUMBERS) else A_NUMBER.sub(lambda found: ALL_BUT_TWO_DIGITS.sub("•", found[0]), text)


@bp.app_template_test("readable_by_me")
def readable_by_me(text: Message) -> bool:
    """Tell whether who looks may read it: medical words are for clinicians."""
    return not _is_medical(text.label) or me().may(May.MEDICAL)


@bp.app_template_test("readable_in")
def readable_in(text: Message, request: Request) -> bool:
    """Tell whether who looks may read it, on a request: an alarm asks everybody to read medical words too."""
    return readable_by_me(text) or _asked_of_everybody(request)


def _is_medical(label: str | None) -> bool:
    """Tell whether any of the labels of a message is medical; there are commas between them."""
    return not MEDICAL.isdisjoint((label or "").split(","))


def _asked_of_everybody(request: Request) -> bool:
    grave = request.priority is not Priority.ROUTINE or Flag.PLEASE_READ in request.flags
    return grave and request.is_open and me().may(May.WORK)


def may_hear(recording: Recording, label: str | None, request: Request | None) -> bool:
    """Tell whether who looks may listen: as they may read the transcript, whose labels are given, None without one.

    What nobody has read may be medical; as long as its request is open, whoever works on it listens, to call back. The
    number is said in it, so nobody listens who may not see numbers. A spoken name is no more than that.
    """
    if not me().may(May.NUMBERS):
        return False
    if recording.of == Recorded.NAME or me().may(May.MEDICAL):
        return True
    if label is None:
        return request is not None and request.is_open and me().may(May.WORK)
    return not _is_medical(label) or (request is not None and _asked_of_everybody(request))


@bp.app_template_test("day_after")
def day_after(one: datetime, other: datetime) -> bool:
    return local(one).date() == local(other).date() + timedelta(days=1)


@bp.app_template_test("same_day_as")
def same_day_as(one: datetime, other: datetime) -> bool:
    return local(one).date() == local(other).date()
