"""What follows from a refusal by the provider or the carrier: for the text, the person, their request and staff."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

import structlog
from sqlalchemy import Connection

from triage.errors import Refusal
from triage.hours.promises import promise
from triage.hours.window import at_local
from triage.model.notice import STAFF_ALERTS, Kind, Notice
from triage.model.person import Person
from triage.model.phone import E164
from triage.model.request import Flag, Priority, Request, RequestValues
from triage.notices import plan
from triage.notices.quiet_hours import next_text_hour, zone_of
from triage.notices.recipients import alert_failed, contacts_in_turn, last_resort
from triage.settings import Clinic
from triage.store import audit, members, notices, people, requests

log = structlog.get_logger()

# A phone that was off is given so long to be switched on again.
ONCE_MORE_AFTER = timedelta(minutes=10)


class Again(Enum):
    """Whether the same text is tried again."""

    NEVER = "never"
    ONCE = "once"
    WHILE_USEFUL = "while_useful"  # as long as it is wanted, after growing waits: it is not used up
    NEXT_DAY = "next_day"


@dataclass(frozen=True)
class Consequence:
    """What a refusal of one class brings about.

    untextable_why, opts_out: what is remembered of the person. flag: what their open request shows once the text is
    given up. queues: where no request is open, one is made, so that a person looks.
    """

    again: Again = Again.NEVER
    untextable_why: str | None = None
    opts_out: bool = False
    flag: Flag | None = None
    queues: bool = False


CONSEQUENCES = {
    Refusal.BAD_NUMBER: Consequence(untextable_why="refused", flag=Flag.CALL_ONLY),
    Refusal.LANDLINE: Consequence(untextable_why="landline", flag=Flag.CALL_ONLY),
    Refusal.OPTED_OUT: Consequence(opts_out=True, flag=Flag.CALL_ONLY),
    Refusal.SETUP: Consequence(Again.WHILE_USEFUL, flag=Flag.UNDELIVERED),
    Refusal.LATER: Consequence(Again.WHILE_USEFUL, flag=Flag.UNDELIVERED),
    Refusal.OUT_OF_REACH: Consequence(Again.ONCE, flag=Flag.UNDELIVERED),
    Refusal.CONTENT: Consequence(flag=Flag.UNDELIVERED, queues=True),
    Refusal.DAILY_CAP: Consequence(Again.NEXT_DAY, flag=Flag.UNDELIVERED),
    Refusal.OTHER: Consequence(flag=Flag.UNDELIVERED),
}

# What is no matter of one phone: whoever runs the program must know.
FOR_OPERATOR = (Refusal.SETUP, Refusal.DAILY_CAP)


LONGEST_WAIT = timedelta(minutes=15)


def growing(first: timedelta, attempt: int) -> timedelta:
    """Return the wait after this attempt, the first being 1: it doubles from one to the next, up to LONGEST_WAIT."""
    return min(first * (1 << min(attempt - 1, 10)), LONGEST_WAIT)


@dataclass(frozen=True)
class NextTry:
    """When a text is tried again. `expires_at`: until when it is useful, where that moves with it."""

    due_at: datetime
    expires_at: datetime | None = None


def next_try(
    db: Connection, clinic: Clinic, notice: Notice, refusal: Refusal, wait: timedelta, now: datetime
) -> NextTry | None:
    """Return when a refused text is tried again; None if never.

    An alert to staff is tried again only where the fault is not the phone's: else somebody else is told at once.
    """
    again = CONSEQUENCES[refusal].again
    if again is Again.WHILE_USEFUL:
        is_useful = notice.person_id is None or notice.expires_at is None or now + wait < notice.expires_at
        return NextTry(now + wait) if is_useful else None
    if again is Again.NEVER or notice.person_id is None:
        return None
    if again is Again.ONCE:
        due_at = now + max(wait, ONCE_MORE_AFTER)
        is_useful = notice.expires_at is None or due_at < notice.expires_at
        return NextTry(due_at) if notice.attempt < 2 and is_useful else None
    person = people.get(db, notice.person_id)
    zone = zone_of(person, clinic) if person else clinic.zone
    midnight = at_local(now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    due_at = next_text_hour(clinic.texts_to_patients, zone, midnight)
    return NextTry(due_at, due_at + clinic.texts_to_patients.useful)


def of_person(
    db: Connection, clinic: Clinic, person_id: int, refusal: Refusal, code: int | None, given_up: bool, now: datetime
) -> None:
    """Keep what a refusal says about a person; of a text that is given up their request shows it.

    Locks the person: flags of the request are written.
    """
    found = people.lock_talk(db, person_id)
    if found is None:
        return
    person, consequence = found[0], CONSEQUENCES[refusal]
    if consequence.untextable_why and person.textable:
        people.change(db, person_id, {"textable": False, "untextable_why": consequence.untextable_why})
        audit.record(db, "untextable", now, person_id=person_id, detail={"code": code})
    if consequence.opts_out and person.opted_out_at is None:
        people.change(db, person_id, {"opted_out_at": now})
        audit.record(db, "opt_out_at_carrier", now, person_id=person_id, detail={"code": code})
    if given_up and consequence.flag:
        _show(db, clinic, person, consequence, consequence.flag, now)


def _show(db: Connection, clinic: Clinic, person: Person, consequence: Consequence, flag: Flag, now: datetime) -> None:
    request = requests.open_of(db, person.id)
    if request is not None:
        requests.add_flag(db, request.id, flag, now)
    elif consequence.queues and person.blocked_at is None:
        due_at = promise(Priority.ROUTINE, None, now, clinic.opening, clinic.targets).due_at
        phone = person.phone if E164.fullmatch(person.phone) else None
        values = {"name": person.name, "phone": phone, "flags": {flag, Flag.NEEDS_PERSON}}
        new = RequestValues(person.id, Priority.ROUTINE, "sms", person.lang, due_at, values)
        plan.follow(db, clinic, requests.create(db, new, now), now)


def of_staff(
    db: Connection, clinic: Clinic, notice: Notice, refusal: Refusal | None, code: int | None, now: datetime
) -> None:
    """Raise an alert that its member of staff did not get: the request and they are marked, the next contact is told.

    refusal None: it was a call, or their phone is no longer confirmed. Nobody is told the same twice, so this ends.
    """
    if refusal is not None and notice.staff_id is not None:
        members.mark_refused(db, notice.staff_id, refusal, now)
    request = requests.get(db, notice.request_id) if notice.request_id else None
    if request is None or not request.is_open or notice.kind not in STAFF_ALERTS:
        return
    requests.add_flag(db, request.id, Flag.ALERT_FAILED, now)
    log.error("alert_undelivered", notice=notice.id, request=request.id, why=refusal, code=code)
    if notice.kind is Kind.ALERT:
        alert_failed(db, clinic, request.id, now)
    else:
        tell_next(db, clinic, notice, request, now)


def tell_next(db: Connection, clinic: Clinic, notice: Notice, request: Request, now: datetime) -> None:
    """Plan the same alert for whoever comes next and has not been told of it."""
    told = {other.staff_id for other in notices.of_request(db, request.id) if other.need == notice.need}
    named = members.with_logins(db, (*contacts_in_turn(clinic, now), *last_resort(db)))
    left = [member for member in named if member.is_reachable and member.id not in told]
    if left:
        notices.plan(db, plan.copy_of(notice, left[0].id, now), now)
    else:
        log.critical("nobody_left_to_tell", notice=notice.id, request=request.id)
