"""Whom to tell: those on duty, the lead, the ladder of a crisis; and who can be texted."""

from datetime import datetime

from sqlalchemy import Connection

from triage.model.member import Role, Staff
from triage.model.notice import Kind
from triage.model.person import Person
from triage.model.phone import SenderKind, sender_kind
from triage.model.request import Request
from triage.notices.quiet_hours import alerts_at_once
from triage.settings import Clinic
from triage.store import members, requests


def can_be_texted(person: Person | None) -> bool:
    return person is not None and person.may_be_texted and sender_kind(person.phone) is SenderKind.PHONE_NANP


def addressees(kind: Kind, request: Request, owner: str | None, clinic: Clinic, now: datetime) -> tuple[str, ...]:
    """Return the logins to tell, before it is known who of them can be texted."""
    if kind in (Kind.URGENT_LEAD, Kind.OVERDUE):
        return (clinic.lead,)
    if kind is Kind.STILL_OVERDUE:
        return tuple(dict.fromkeys((clinic.lead, clinic.fallback_contact)))
    if kind in (Kind.DUE_SOON, Kind.WROTE) and owner:
        return (owner,)
    if alerts_at_once(request) and not clinic.opening.is_open(now):
        return clinic.in_crisis(now)
    return clinic.on_duty(now)


def round_addressees(number: int, clinic: Clinic, now: datetime) -> tuple[str, ...]:
    """Return the logins to alert in a round of a crisis, the first being 1. In an hour without a contact: lead and
    fallback.
    """
    contacts = clinic.in_crisis(now)
    lead = (clinic.lead,) if number >= clinic.alerts.crisis_lead_from_round or not contacts else ()
    fallback = (clinic.fallback_contact,) if number >= clinic.alerts.crisis_fallback_from_round or not contacts else ()
    return tuple(dict.fromkeys(contacts + lead + fallback))


def contacts_in_turn(clinic: Clinic, now: datetime) -> tuple[str, ...]:
    """Return the logins to tell, one after the other, when an alert did not reach who should have had it."""
    return tuple(dict.fromkeys((clinic.lead, clinic.fallback_contact, *clinic.on_duty(now), *clinic.in_crisis(now))))


def alert_failed(db: Connection, clinic: Clinic, request_id: int | None, now: datetime) -> None:
    """Begin the next round at once, until the fallback is in: an alert that reached nobody does not wait."""
    request = requests.get(db, request_id) if request_id else None
    if request is not None and request.next_alert_at and request.alert_round < clinic.alerts.crisis_fallback_from_round:
        requests.change(db, request.id, {"next_alert_at": now}, now)


def who_can_be_texted(db: Connection, logins: tuple[str, ...], clinic: Clinic) -> list[Staff]:
    """Return those of these logins with a confirmed phone; when there is none the lead, then the fallback contact, and
    as the last resort every admin who has one.
    """
    for named in (logins, (clinic.lead,), (clinic.fallback_contact,), last_resort(db)):
        if found := [member for member in members.with_logins(db, named) if member.is_reachable]:
            return found
    return []


def last_resort(db: Connection) -> tuple[str, ...]:
    """Return the logins of the admins who can be reached."""
    return tuple(login for login, role in members.reachable(db).items() if role is Role.ADMIN)


def somebody_hears(db: Connection, clinic: Clinic, now: datetime) -> bool:
    """Tell whether a crisis now alerts somebody: a contact is named for this hour, and somebody can be reached."""
    named = clinic.in_crisis(now)
    chain = {*named, clinic.lead, clinic.fallback_contact}
    return bool(named) and any(login in chain or role is Role.ADMIN for login, role in members.reachable(db).items())
