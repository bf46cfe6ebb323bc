"""A request as a row of the queue, and the part of the queue in which it stands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from staff.desk import TimeLeft, ago, me, runtime, time_left
from triage.hours.promises import reason
from triage.model.request import Flag, Priority, Queued, Request

SECTIONS = ("now", "mine", "due", "later", "snoozed", "closed")


@dataclass(frozen=True)
class Row:
    """`why` is the key of the words for its place; `their_zone` is set where the patient's clock shows another time.
    `wrote`: how long ago the person wrote to staff, until somebody has answered or read it.
    """

    queued: Queued
    left: TimeLeft
    why: str
    is_mine: bool
    is_snoozed: bool
    their_zone: ZoneInfo | None
    wrote: TimeLeft | None = None


def section_of(one: Request, now: datetime) -> str:
    """Return what a request asks of staff. Neither a snooze nor an owner takes what is grave out of sight."""
    if not one.is_open:
        return "closed"
    if one.priority.pages or Flag.PLEASE_READ in one.flags or one.wrote_at:
        return "now"
    if is_snoozed(one, now):
        return "snoozed"
    if one.claimed_by == me().id:
        return "mine"
    window_has_begun = one.window_counts and one.promised_start is not None and one.promised_start <= now
    is_urgent = one.priority is Priority.URGENT and one.spoken_at is None
    if is_urgent or one.due_at <= now + runtime().clinic.console.due_within or window_has_begun:
        return "due"
    return "later"


def is_snoozed(one: Request, now: datetime) -> bool:
    return one.snoozed_until is not None and one.snoozed_until > now


def row_of(queued: Queued, now: datetime) -> Row:
    one = queued.request
    return Row(
        queued,
        time_left(one, now),
        _why(one, now),
        is_mine=one.claimed_by == me().id,
        is_snoozed=is_snoozed(one, now),
        their_zone=_their_zone(queued),
        wrote=ago("wrote", one.wrote_at, now) if one.wrote_at else None,
    )


def _why(one: Request, now: datetime) -> str:
    if one.wrote_at and not one.priority.pages:
        return "wrote"
    if one.spoken_at and one.priority.pages:
        return "spoken"
    if one.spoken_at and one.priority is Priority.URGENT and one.due_at > now:
        return "call_again"
    return reason(one.priority, one.due_at, 0 if one.window_counts else one.attempts, one.flags, now)


def _their_zone(queued: Queued) -> ZoneInfo | None:
    at = queued.request.promised_start or queued.request.due_at
    zone = ZoneInfo(queued.zone) if queued.zone else None
    here = at.astimezone(runtime().clinic.zone).utcoffset()
    return zone if zone and at.astimezone(zone).utcoffset() != here else None
