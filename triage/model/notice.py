"""A text that we start ourselves: its kind, state and key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    NEW_REQUEST = "new_request"
    URGENT = "urgent"
    URGENT_LEAD = "urgent_lead"
    LISTEN_FIRST = "listen_first"  # a message that no machine has read
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    STILL_OVERDUE = "still_overdue"
    ALERT = "alert"
    ARRIVED = "arrived"  # a patient is at the door
    WROTE = "wrote"  # a patient has answered staff
    HANDED = "handed"  # a colleague has handed it over
    TRIED_TO_REACH = "tried_to_reach"
    NEW_PROMISE = "new_promise"
    STAFF_TEXT = "staff_text"
    CONFIRM_PHONE = "confirm_phone"
    DONE_BY_TEXT = "done_by_text"  # to colleagues: what somebody's phone has done with a crisis
    BALANCE_OFF = "balance_off"  # the nightly count found rows that should not be
    CALL_CONFIRMED = "call_confirmed"  # a caller asked to have the promise in writing
    YOU_CALLED = "you_called"  # a caller asked to go on by text
    MISSED_CALL = "missed_call"  # somebody hung up without a word
    # What answers a text that no webhook brought: words of danger, a matter of a request, anything else.
    LATE_ALARM = "late_alarm"
    LATE_CONFIRMATION = "late_confirmation"
    LATE_ANSWER = "late_answer"
    LATE_COMMAND = "late_command"  # to staff: what they texted came too late to be done
    TELL_OUTCOME = "tell_outcome"  # to who has talked with a patient: how did it end?
    CALL_NOT_MADE = "call_not_made"  # to who wanted to call: there was no call


# About a request, to whoever of staff is to act.
STAFF_ALERTS = frozenset(
    {
        Kind.NEW_REQUEST, Kind.URGENT, Kind.URGENT_LEAD, Kind.LISTEN_FIRST, Kind.DUE_SOON, Kind.OVERDUE,
        Kind.STILL_OVERDUE, Kind.ALERT, Kind.WROTE,
    }
)  # fmt: skip


class NoticeState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"  # one clock has it under a lease, and is perhaps sending it
    UNKNOWN = "unknown"  # nobody can say whether it went out
    HELD = "held"  # it waited in a backup that was restored: nobody knows what became of it since
    SENT = "sent"
    FINAL_OK = "final_ok"
    FINAL_FAIL = "final_fail"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Notice:
    """Times are aware UTC. To a person or to one of staff; neither: whom to tell is decided when it is due.

    `to_staff` is a login. `need` is the part of the key that all copies of one notice share.
    """

    id: int
    kind: Kind
    dedupe_key: str
    request_id: int | None
    person_id: int | None
    staff_id: int | None
    state: NoticeState
    due_at: datetime
    expires_at: datetime | None
    attempt: int
    why: str | None
    error_code: int | None
    to_staff: str | None = None

    @property
    def need(self) -> str:
        return self.dedupe_key.split(">", 1)[0]

    @property
    def ref(self) -> str:
        """Return the name of this attempt at the provider; it comes back in receipts."""
        return f"n{self.id}.{self.attempt}"


@dataclass(frozen=True)
class Planned:
    """A notice to be: `need` is unique, with the member of staff where several are told the same."""

    kind: Kind
    need: str
    due_at: datetime
    request_id: int | None = None
    person_id: int | None = None
    staff_id: int | None = None
    expires_at: datetime | None = None
    body: str | None = None
    copy_for: int | None = None


@dataclass(frozen=True)
class Due:
    """What is known of a due notice before it is locked."""

    id: int
    person_id: int | None
    staff_id: int | None

    @property
    def is_addressed(self) -> bool:
        return self.person_id is not None or self.staff_id is not None
