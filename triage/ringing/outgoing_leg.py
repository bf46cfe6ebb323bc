"""An outgoing leg: which phone it rings, whether it may still be rung, and what that phone then hears."""

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


class Why(StrEnum):
    """How the leg of a patient ended who was not put through."""

    JOINED = "joined"
    WRONG_PERSON = "wrong_person"
    SILENT = "silent"
    UNCLEAR = "unclear"
    TURNED_AWAY = "turned_away"


class Next(StrEnum):
    """What follows what is said. The first six await an answer, each to a question of its own."""

    KEY = "key"  # the first question to staff: will you take the call, the alert?
    CONNECT = "connect"  # shall we ring the patient now?
    ANYWAY = "anyway"  # shall we ring them at this hour?
    VOICEMAIL = "voicemail"  # shall we ring the patient again, for a message on their mailbox?
    ASKED = "asked"  # the question to the patient: did you ask for this call? In a key or in words
    ASKED_AGAIN = "asked_again"  # the same once more
    JOIN = "join"  # both sides are connected
    END = "end"  # the call ends
    BACK = "back"  # the caller's own call goes on
    WAIT = "wait"  # a caller waits on in their place
    LEAVE = "leave"  # and leaves it


# The questions to staff, answered by a key; and those to a patient, to which silence is an answer, too.
TO_STAFF = (Next.KEY, Next.CONNECT, Next.ANYWAY, Next.VOICEMAIL)
TO_PATIENT = (Next.ASKED, Next.ASKED_AGAIN)


@dataclass(frozen=True)
class Dial:
    """Phones to ring at once, each with its leg; a phone may have its extension, as it is kept.

    screened: whoever answers must press a key first. detect: Twilio listens for an answering machine. caller: the E.164
    number that is shown there instead of ours.
    """

    phones: tuple[tuple[Leg, str], ...]
    screened: bool
    ring_s: int
    detect: bool = False
    caller: str = ""


@dataclass(frozen=True)
class Meeting:
    """A place where a caller waits (`waits`) until staff come to them."""

    leg: Leg
    waits: bool


@dataclass(frozen=True)
class Spoken:
    """What the phone of a leg hears, and what follows.

    on: id of the leg that the next key belongs to, if it is another. turn: the turn at which the caller's call goes on.
    """

    says: tuple[Say, ...] = ()
    then: Next | Dial | Meeting = Next.END
    lang: str = STAFF_LANG
    on: int | None = None
    turn: int = 0


OVER = Spoken()


def number_of(db: Connection, request: Request) -> str | None:
    """Return the E.164 number to call for a request; None if it was withheld and no other was given."""
    person = people.get(db, request.person_id)
    number = request.phone or (person.phone if person else "")
    return number if E164.fullmatch(number) else None


def phone_of(db: Connection, clinic: Clinic, leg: Leg) -> str | None:
    """Return the E.164 phone that a leg rings, read anew: it may have changed since the leg was planned."""
    if leg.purpose is Purpose.CRISIS_LINE:
        return clinic.calls.crisis_line
    if leg.purpose is Purpose.EMERGENCY:
        return clinic.calls.emergency_line or clinic.calls.crisis_line
    if leg.purpose in (Purpose.PATIENT, Purpose.VOICEMAIL, Purpose.JOINED):
        request = requests.get(db, leg.request_id) if leg.request_id else None
        return number_of(db, request) if request else None
    member = members.get(db, leg.staff_id) if leg.staff_id else None
    return member.phone if member and member.is_reachable else None


def why_not(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> str | None:
    """Return why a planned leg may not be rung any more (not_needed, expired, no_phone); None if it may."""
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if request is None or not request.is_open:
        return "not_needed"
    if leg.purpose is Purpose.ALERT and (request.acknowledged_at is not None or not request.priority.pages):
        return "not_needed"
    if leg.expires_at is not None and leg.expires_at <= now:
        return "expired"
    return None if phone_of(db, clinic, leg) else "no_phone"


def lock_with_person(db: Connection, leg_id: int) -> Leg | None:
    """Lock first the person of a leg, then the leg, for this transaction; None if there is no such leg."""
    leg = legs.get(db, leg_id)
    if leg is None:
        return None
    request = requests.get(db, leg.request_id) if leg.request_id else None
    person_id = leg.person_id or (request.person_id if request else None)
    if person_id is not None:
        people.lock_talk(db, person_id)
    return legs.lock(db, leg_id)
