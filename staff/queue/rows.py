"""A request as a row of the queue, and the part of the queue in which it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from staff.desk import TimeLeft, ago, bp, local, me, runtime, time_left
from staff.queue import first_words
from triage.hours.promises import reason
from triage.model.message import Message
from triage.model.request import Flag, Priority, Queued, Request
from triage.store import messages, requests

SECTIONS = ("now", "due", "mine", "later", "snoozed", "closed")


@dataclass(frozen=True)
class Row:
    """`why` is the key of the words for its place; `their_zone` is set where the patient's clock shows another time.

    `wrote`: how long ago the person wrote to staff, until somebody has answered or read it. `at`: by what time it is
    sorted, as the row shows it. `said`: the words that it is about.
    """

    queued: Queued
    left: TimeLeft
    why: str
    is_mine: bool
    is_snoozed: bool
    their_zone: ZoneInfo | None
    wrote: TimeLeft | None
    at: datetime
    said: Message | None

    @property
    def day(self) -> date:
        """Return the clinic's day under which it stands."""
        return local(self.at).date()


def section_of(one: Request, now: datetime) -> str:
    """Return what a request asks of staff. Neither a snooze nor an owner takes what is grave out of sight, and what is
    due is due whoever has it.
    """
    if not one.is_open:
        return "closed"
    if alarms(one):
        return "now"
    if is_snoozed(one, now):
        return "snoozed"
    if is_wanted_now(one, now):
        return "now"
    window_has_begun = one.window_counts and one.promised_start is not None and one.promised_start <= now
    is_urgent = one.priority is Priority.URGENT and one.spoken_at is None
    if is_urgent or one.due_at <= now + runtime().clinic.console.due_within or window_has_begun:
        return "due"
    return "mine" if one.claimed_by == me().id else "later"


def alarms(one: Request) -> bool:
    """Tell whether it stands over everything, whatever is filtered for."""
    return one.is_open and bool(one.priority.pages or Flag.PLEASE_READ in one.flags or one.wrote_at)


def is_wanted_now(one: Request, now: datetime) -> bool:
    """Tell whether somebody who asked for a call as soon as possible waits while the clinic is open."""
    asked_for_now = one.promised_start is None and not one.attempts and one.priority is Priority.ROUTINE
    return asked_for_now and one.claimed_by is None and runtime().clinic.opening.is_open(now)


def shown_at(one: Request, now: datetime) -> datetime:
    """Return the time that the row of an open request shows, by which it is sorted among its like."""
    if is_snoozed(one, now) and one.snoozed_until:
        return one.snoozed_until
    ahead = one.window_counts and one.promised_start is not None and one.promised_start > now
    return one.promised_start if ahead and one.promised_start else one.due_at


def is_snoozed(one: Request, now: datetime) -> bool:
    return one.snoozed_until is not None and one.snoozed_until > now


def row_of(queued: Queued, now: datetime, said: Message | None = None) -> Row:
    one = queued.request
    return Row(
        queued,
        time_left(one, now),
        _why(one, now),
        is_mine=one.claimed_by == me().id,
        is_snoozed=is_snoozed(one, now),
        their_zone=_their_zone(queued),
        wrote=ago("wrote", one.wrote_at, now) if one.wrote_at else None,
        at=shown_at(one, now),
        said=said,
    )


def _why(one: Request, now: datetime) -> str:
    if one.wrote_at and not one.priority.pages:
        return "wrote"
    if one.spoken_at and one.priority.pages:
        return "spoken"
    if one.spoken_at and one.priority is Priority.URGENT and one.due_at > now:
        return "call_again"
    why = reason(one.priority, one.due_at, 0 if one.window_counts else one.attempts, one.flags, now)
    return "soon" if why == "promised" and is_wanted_now(one, now) else why


def rows_of(db: Connection, found: list[Queued], now: datetime) -> list[Row]:
    """Return rows with the words that each request is about; of all that was said only those are decrypted."""
    if not found:
        return []
    since = min(queued.request.created_at for queued in found) - first_words.TALK_BEFORE
    heard = messages.heard_of(db, [queued.request.person_id for queued in found], since)
    chosen = {
        queued.request.id: first_words.chosen(heard.get(queued.request.person_id, ()), queued.request)
        for queued in found
    }
    said = messages.with_ids(db, [key for key in chosen.values() if key is not None])
    return [row_of(queued, now, said.get(chosen[queued.request.id] or 0)) for queued in found]


@bp.app_template_global("most_others")
def most_others() -> int:
    """Return up to how many other requests of a person are counted."""
    return requests.MOST_OTHERS


def _their_zone(queued: Queued) -> ZoneInfo | None:
    at = queued.request.promised_start or queued.request.due_at
    zone = ZoneInfo(queued.zone) if queued.zone else None
    here = at.astimezone(runtime().clinic.zone).utcoffset()
    return zone if zone and at.astimezone(zone).utcoffset() != here else None
