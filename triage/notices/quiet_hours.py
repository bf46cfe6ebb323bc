"""At what hours a patient or a member of staff may be texted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triage.hours.window import at_local
from triage.model.notice import Kind
from triage.model.person import Person
from triage.model.request import Flag, Priority, Request
from triage.policy import PatientTexts
from triage.settings import Clinic


def alerts_at_once(request: Request) -> bool:
    """Tell whether staff are told at any hour, though it is no crisis; outside opening hours the crisis contacts."""
    urgent = request.priority is Priority.URGENT and Flag.PLEASE_READ not in request.flags
    return urgent or Flag.LISTEN_FIRST in request.flags


def zone_of(person: Person, clinic: Clinic) -> ZoneInfo:
    return ZoneInfo(person.zone) if person.zone else clinic.zone


def next_text_hour(texts: PatientTexts, zone: ZoneInfo, now: datetime) -> datetime:
    """Return `now` if texts that we start may reach that zone, else its next morning."""
    earliest, latest = texts.hours
    local = now.astimezone(zone)
    if earliest <= local.time() < latest:
        return now
    day = local.date() if local.time() < earliest else local.date() + timedelta(days=1)
    return at_local(day, earliest, zone)


def text_hours_end(texts: PatientTexts, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when the evening begins that `now` is before."""
    return at_local(now.astimezone(zone).date(), texts.hours[1], zone)


def next_staff_hour(kind: Kind, request: Request, clinic: Clinic, now: datetime) -> datetime:
    """Return `now` if staff may be told now, else the next opening for what can wait. Raises NeverOpen."""
    if alerts_at_once(request) or (request.priority.pages and kind is not Kind.STILL_OVERDUE):
        return now
    if kind in (Kind.NEW_REQUEST, Kind.WROTE) and clinic.new_requests_at_night:
        return now
    if kind is Kind.OVERDUE and clinic.opening.is_open(now - clinic.alerts.overdue_after_closing):
        return now
    return clinic.opening.next_open(now)
