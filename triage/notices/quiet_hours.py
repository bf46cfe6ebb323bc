"""At what hours a patient or a member of staff may be texted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triage.hours.window import at_local
from triage.model.notice import Kind
from triage.model.person import Person
from triage.model.request import Flag, Priority, Request
from triage.policy import AFTER_CLOSING, TEXTS_FROM, TEXTS_UNTIL
from triage.settings import Clinic


def alerts_at_once(request: Request) -> bool:
    return request.priority is Priority.URGENT and Flag.PLEASE_READ not in request.flags


def zone_of(person: Person, clinic: Clinic) -> ZoneInfo:
    return ZoneInfo(person.zone) if person.zone else clinic.zone


def next_text_hour(zone: ZoneInfo, now: datetime) -> datetime:
    """`now` if texts that we start may reach that zone, else its next morning."""
    local = now.astimezone(zone)
    if TEXTS_FROM <= local.time() < TEXTS_UNTIL:
        return now
    day = local.date() if local.time() < TEXTS_FROM else local.date() + timedelta(days=1)
    return at_local(day, TEXTS_FROM, zone)


def text_hours_end(zone: ZoneInfo, now: datetime) -> datetime:
    """When the evening begins that `now` is before."""
    return at_local(now.astimezone(zone).date(), TEXTS_UNTIL, zone)


def next_staff_hour(kind: Kind, request: Request, clinic: Clinic, now: datetime) -> datetime:
    """`now` if staff may be told now; what can wait waits for the next opening. Raises NeverOpen."""
    if request.priority.pages or alerts_at_once(request):
        return now
    if kind is Kind.NEW_REQUEST and clinic.new_requests_at_night:
        return now
    if kind is Kind.OVERDUE and clinic.opening.is_open(now - AFTER_CLOSING):
        return now
    return clinic.opening.next_open(now)
