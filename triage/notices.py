"""The rules for what we start ourselves: what a request needs and when, whom to tell, and whether it may go now."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from triage.callbacks import Flag, Priority
from triage.hours import OpeningHours
from triage.phones import SenderKind, sender_kind
from triage.settings import Clinic
from triage.store import notices, people, requests
from triage.store.notices import Kind, Notice, Planned
from triage.store.people import Person
from triage.store.requests import Request
from triage.windows import at_local

BUNDLE = timedelta(seconds=60)
LEAD_AFTER = timedelta(minutes=15)
SOON = timedelta(minutes=15)
CALL_AFTER_ALERT = timedelta(minutes=15)
# What a patient is asked by these, a digit answers: the step that is then open.
ASKING = {
    Kind.TRIED_TO_REACH: "another_time",
    Kind.NEW_PROMISE: "another_time",
    Kind.CALL_CONFIRMED: "another_time",
    Kind.YOU_CALLED: "offer_call",
    Kind.MISSED_CALL: "offer_call",
}
# The lead hears of what ran out at closing time, though the clinic is no longer open.
AFTER_CLOSING = timedelta(hours=1)

ROUND = timedelta(minutes=3)
LATER_ROUND = timedelta(minutes=10)
ROUNDS_IN_A_ROW = 5
LEAD_FROM_ROUND = 2
FALLBACK_FROM_ROUND = 3

TEXTS_FROM, TEXTS_UNTIL = time(9), time(20)
USEFUL = timedelta(hours=4)
# What a caller has just asked for goes out at whatever hour.
ASKED_FOR = frozenset({Kind.CALL_CONFIRMED, Kind.YOU_CALLED})


@dataclass(frozen=True)
class Need:
    """One thing staff should be told of a request, and when."""

    kind: Kind
    due_at: datetime
    expires_at: datetime | None = None


def needs(request: Request, now: datetime) -> dict[str, Need]:
    """What a request needs as it stands, by a key that changes when the need is a new one.

    The rounds of a crisis are not among them: `escalate` makes those.
    """
    if not request.is_open:
        return {}
    if request.priority.pages:
        return _needs_of_crisis(request)
    found = {}
    if request.claimed_by is None and request.acknowledged_at is None and not request.attempts:
        if _alerts_at_once(request):
            found[f"urgent:{request.id}"] = Need(Kind.URGENT, now)
            found[f"urgent_lead:{request.id}"] = Need(Kind.URGENT_LEAD, now + LEAD_AFTER)
        else:
            found[f"new_request:{request.id}"] = Need(Kind.NEW_REQUEST, now + BUNDLE)
    stamp = f"{request.id}:{request.due_at.timestamp():.0f}"
    found[f"due_soon:{stamp}"] = Need(Kind.DUE_SOON, request.due_at - SOON, request.due_at)
    found[f"overdue:{stamp}"] = Need(Kind.OVERDUE, request.due_at)
    return found


def _needs_of_crisis(request: Request) -> dict[str, Need]:
    """Until somebody acknowledges it the rounds go on; after that the lead hears if it stays open."""
    if request.acknowledged_at is None:
        return {}
    late = max(request.due_at, request.acknowledged_at + CALL_AFTER_ALERT)
    return {f"overdue:{request.id}:{late.timestamp():.0f}": Need(Kind.OVERDUE, late)}


def _alerts_at_once(request: Request) -> bool:
    return request.priority is Priority.URGENT and Flag.PLEASE_READ not in request.flags


def follow(db: Connection, clinic: Clinic, request_id: int, now: datetime) -> None:
    """Plan what a request now needs and drop what no longer holds; in the transaction of each change by a person."""
    _follow(db, request_id, now, None if clinic.new_requests_at_night else clinic.opening)


def follow_staff(db: Connection, request_id: int, now: datetime) -> None:
    """The same after an act of staff."""
    _follow(db, request_id, now, None)


def _follow(db: Connection, request_id: int, now: datetime, opening: OpeningHours | None) -> None:
    request = requests.get(db, request_id)
    if request is None:
        return
    planned = set()
    for notice in notices.waiting_of(db, request_id):
        if holds(notice, request, now):
            planned.add(notice.dedupe_key)
        else:
            notices.drop(db, notice.id, "not_needed", now)
    for key, need in needs(request, now).items():
        if key in planned:
            continue
        due_at = need.due_at
        if need.kind is Kind.DUE_SOON and due_at <= now:
            continue  # it would arrive with the text about the request itself
        if need.kind is Kind.NEW_REQUEST:
            # It joins a text that is about to go, but does not wait for one that was put off.
            due_at = min(due_at, notices.open_batch(db, Kind.NEW_REQUEST, now) or due_at)
            due_at = opening.next_open(due_at) if opening else due_at
        notices.plan(db, Planned(need.kind, key, due_at, request_id=request_id, expires_at=need.expires_at), now)
    if request.is_open and request.priority.pages and request.acknowledged_at is None and not request.next_alert_at:
        requests.change(db, request_id, {"alert_round": 0, "next_alert_at": now}, now)


def holds(notice: Notice, request: Request, now: datetime) -> bool:
    """Whether a planned notice is still called for by its request; what staff wrote is, even when it is closed."""
    if notice.kind is Kind.STAFF_TEXT:
        return True
    if not request.is_open:
        return False
    if notice.kind is Kind.ALERT:
        return request.priority.pages and request.acknowledged_at is None
    return notice.kind in ASKING or notice.need in needs(request, now)


def plan_tried_to_reach(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> None:
    """Tell the patient that we tried; an older one that has not gone out yet is dropped."""
    need = f"tried_to_reach:{request.id}:{request.attempts}"
    _plan_to_patient(db, clinic, request, Kind.TRIED_TO_REACH, need, body, now)


def plan_new_promise(db: Connection, clinic: Clinic, request: Request, body: str, now: datetime) -> bool:
    """Tell the patient of the window that is promised now, instead of one that they have not been told yet."""
    need = f"new_promise:{request.id}:{request.due_at.timestamp():.0f}:{now.timestamp():.0f}"
    return _plan_to_patient(db, clinic, request, Kind.NEW_PROMISE, need, body, now)


def plan_staff_text(db: Connection, clinic: Clinic, request: Request, body: str, once: str, now: datetime) -> bool:
    """A text that staff wrote; `once` makes the same form sent twice one text."""
    return _plan_to_patient(db, clinic, request, Kind.STAFF_TEXT, f"staff_text:{request.id}:{once}", body, now)


def plan_text_to_caller(
    db: Connection, clinic: Clinic, kind: Kind, person: Person, request: Request | None, body: str, now: datetime
) -> None:
    """A text to the phone that has called; of each kind one a day, and of a promise one as often as it changes."""
    if not can_be_texted(person):
        return
    request = request if kind is Kind.CALL_CONFIRMED else None
    promise = f":{request.id}:{request.due_at.timestamp():.0f}" if request else ""
    due_at = now if kind in ASKED_FOR else next_text_hour(zone_of(person, clinic), now)
    new = Planned(
        kind,
        f"{kind}:{person.id}:{now.astimezone(clinic.zone).date()}{promise}",
        due_at,
        request_id=request.id if request else None,
        person_id=person.id,
        expires_at=due_at + USEFUL,
        body=body,
    )
    notices.plan(db, new, now)


def can_be_texted(person: Person | None) -> bool:
    return person is not None and person.may_be_texted and sender_kind(person.phone) is SenderKind.PHONE_NANP


def _plan_to_patient(
    db: Connection, clinic: Clinic, request: Request, kind: Kind, need: str, body: str, now: datetime
) -> bool:
    """At a decent hour, and only the newest of what the program says by itself; False if no text may go there."""
    if kind is not Kind.STAFF_TEXT:
        for notice in notices.waiting_of(db, request.id):
            if notice.kind in (Kind.TRIED_TO_REACH, Kind.NEW_PROMISE):
                notices.drop(db, notice.id, "not_needed", now)
    person = people.get(db, request.person_id)
    if person is None or not can_be_texted(person):
        return False
    due_at = next_text_hour(zone_of(person, clinic), now)
    new = Planned(kind, need, due_at, request_id=request.id, person_id=person.id, expires_at=due_at + USEFUL, body=body)
    notices.plan(db, new, now)
    return True


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
    if request.priority.pages or _alerts_at_once(request):
        return now
    if kind is Kind.NEW_REQUEST and clinic.new_requests_at_night:
        return now
    if kind is Kind.OVERDUE and clinic.opening.is_open(now - AFTER_CLOSING):
        return now
    return clinic.opening.next_open(now)


def addressees(kind: Kind, request: Request, owner: str | None, clinic: Clinic, now: datetime) -> tuple[str, ...]:
    """Logins to tell, before it is known who of them can be texted."""
    if kind in (Kind.URGENT_LEAD, Kind.OVERDUE):
        return (clinic.lead,)
    if kind is Kind.DUE_SOON and owner:
        return (owner,)
    if _alerts_at_once(request) and not clinic.opening.is_open(now):
        return clinic.in_crisis(now)
    return clinic.on_duty(now)


def round_addressees(number: int, clinic: Clinic, now: datetime) -> tuple[str, ...]:
    """Logins to alert in a round of a crisis, the first being 1. In an hour without a contact: lead and fallback."""
    contacts = clinic.in_crisis(now)
    lead = (clinic.lead,) if number >= LEAD_FROM_ROUND or not contacts else ()
    fallback = (clinic.fallback_contact,) if number >= FALLBACK_FROM_ROUND or not contacts else ()
    return tuple(dict.fromkeys(contacts + lead + fallback))


def pause_after_round(number: int) -> timedelta:
    """How long a round of alerts is given before the next."""
    return ROUND if number < ROUNDS_IN_A_ROW else LATER_ROUND


def alert_failed(db: Connection, request_id: int | None, now: datetime) -> None:
    """An alert that reached nobody does not wait: the next round begins at once, until the fallback is in."""
    request = requests.get(db, request_id) if request_id else None
    if request is not None and request.next_alert_at and request.alert_round < FALLBACK_FROM_ROUND:
        requests.change(db, request.id, {"next_alert_at": now}, now)
