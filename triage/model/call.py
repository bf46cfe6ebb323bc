"""A call that comes in, a phone that we ring, a recording."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Call:
    """turn: the newest one that was answered. silences: in a row. phone: what the person is known by."""

    id: int
    sid: str
    person_id: int
    turn: int
    step: str
    choices: tuple[str, ...]
    misses: int
    silences: int
    started_at: datetime
    ended_at: datetime | None
    phone: str


class Purpose(StrEnum):
    CALL_BACK = "call_back"  # the phone of staff who call a person back; while it is open that person is locked
    PATIENT = "patient"  # the person called back, dialled by a call-back leg
    VOICEMAIL = "voicemail"  # the same once more, to speak to the mailbox that answered
    CALLER = "caller"  # the phone of staff, rung for a caller who waits
    JOINED = "joined"  # a person who calls while we call them back: staff on the line are taken to them
    CRISIS_LINE = "crisis_line"  # dialled for a caller
    EMERGENCY = "emergency"  # 911, dialled for a caller
    ALERT = "alert"  # the phone of a crisis contact


class LegState(StrEnum):
    PLANNED = "planned"
    PLACED = "placed"  # with the provider; without a SID nobody can say yet whether it was taken
    ENDED = "ended"


@dataclass(frozen=True)
class Leg:
    """Times are aware UTC. `status` is the provider's word. `dialled_by`: the leg or the caller's turn behind it."""

    id: int
    purpose: Purpose
    request_id: int | None
    person_id: int | None
    staff_id: int | None
    dialled_by: str | None
    state: LegState
    due_at: datetime
    expires_at: datetime | None
    sid: str | None
    status: str | None
    answered_by: str | None
    accepted_at: datetime | None
    logged_at: datetime | None
    duration_s: int | None
    error_code: int | None
    why: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    login: str | None = None

    @property
    def ref(self) -> str:
        """Return the name of this leg at the provider; it comes back in receipts."""
        return f"l{self.id}"

    @property
    def by_machine(self) -> bool:
        return (self.answered_by or "").startswith(("machine", "fax"))


@dataclass(frozen=True)
class Wanted:
    """A leg to be. `key` is unique: planned twice it is one leg."""

    purpose: Purpose
    key: str
    due_at: datetime
    request_id: int | None = None
    person_id: int | None = None
    staff_id: int | None = None
    dialled_by: str | None = None
    expires_at: datetime | None = None
    state: LegState = LegState.PLANNED


class Fetch(StrEnum):
    """Where the sound is."""

    WAITING = "waiting"  # with the provider, to be fetched
    KEPT = "kept"  # here, and with the provider
    ALONE = "alone"  # here only: the provider's copy is deleted
    LOST = "lost"  # given up after many tries
    GONE = "gone"  # it has had its time: only the SID stays, so that its report makes nothing of it again


@dataclass(frozen=True)
class Recording:
    """`of`: voicemail or name. Times are aware UTC."""

    id: int
    sid: str
    call_sid: str | None
    person_id: int | None
    request_id: int | None
    of: str | None
    duration_s: int | None
    transcript: str | None
    content_type: str | None
    state: Fetch
    tries: int
    heard_at: datetime | None
    created_at: datetime
    heard_by: str | None = None
