"""What the phone of a leg hears, and whose phone it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from triage.model.call import Leg, Purpose
from triage.model.message import Say
from triage.model.phone import E164
from triage.model.request import Request
from triage.policy import STAFF_LANG
from triage.settings import Clinic
from triage.store import legs, members, people, requests


class Next(StrEnum):
    """What follows what is said: a key is awaited, both sides are joined, the call ends, the caller's call goes on."""

    KEY = "key"
    CONNECT = "connect"
    VOICEMAIL = "voicemail"
    JOIN = "join"
    END = "end"
    BACK = "back"


@dataclass(frozen=True)
class Dial:
    """Phones to ring at once, by their legs. screened: whoever answers presses a key; detect: listen for a machine."""

    phones: tuple[tuple[Leg, str], ...]
    screened: bool
    ring_s: int
    detect: bool = False


@dataclass(frozen=True)
class Spoken:
    """What the phone of a leg hears, and what follows.

    on: the leg that a key then belongs to, if another. turn: with which the caller's call goes on.
    """

    says: tuple[Say, ...] = ()
    then: Next | Dial = Next.END
    lang: str = STAFF_LANG
    on: int | None = None
    turn: int = 0


OVER = Spoken()


def number_of(db: Connection, request: Request) -> str | None:
    """Return the number to call for a request; None if it was withheld and no other was given."""
    person = people.get(db, request.person_id)
    number = request.phone or (person.phone if person else "")
    return number if E164.fullmatch(number) else None


def phone_of(db: Connection, clinic: Clinic, leg: Leg) -> str | None:
    """Return the phone that a leg rings, as things stand now."""
    if leg.purpose is Purpose.CRISIS_LINE:
        return clinic.calls.crisis_line
    if leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL):
        request = requests.get(db, leg.request_id) if leg.request_id else None
        return number_of(db, request) if request else None
    member = members.get(db, leg.staff_id) if leg.staff_id else None
    return member.phone if member and member.is_reachable else None


def why_not(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> str | None:
    """Return why a planned leg may not be rung any more; None if it may."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if request is None or not request.is_open:
        return "not_needed"
    if leg.purpose is Purpose.ALERT and (request.acknowledged_at is not None or not request.priority.pages):
        return "not_needed"
    if leg.expires_at is not None and leg.expires_at <= now:
        return "expired"
    return None if phone_of(db, clinic, leg) else "no_phone"


def hold(db: Connection, leg_id: int) -> Leg | None:
    """Return a leg, held for this transaction together with its person."""
    leg = legs.get(db, leg_id)
    if leg is None:
        return None
    request = requests.get(db, leg.request_id) if leg.request_id else None
    person_id = leg.person_id or (request.person_id if request else None)
    if person_id is not None:
        people.lock_talk(db, person_id)
    return legs.lock(db, leg_id)
