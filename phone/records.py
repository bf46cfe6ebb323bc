"""What the local phone remembers: people, texts, the clinic's numbers. Plain values; phone/board.py keeps them."""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4


class Status(enum.StrEnum):
    """Where a text stands, in Twilio's words."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


class Direction(enum.StrEnum):
    INBOUND = "inbound"
    API = "outbound-api"
    REPLY = "outbound-reply"
    # The carrier's own answer to STOP, START, HELP: a person sees it, Twilio's list of messages never does.
    CARRIER = "carrier"


class HandOver(enum.StrEnum):
    """What became of the webhook of a text that a person wrote."""

    WAITING = "waiting"
    TAKEN = "taken"
    FALLBACK = "fallback"
    LOST = "lost"


class Habit(enum.StrEnum):
    """What a phone does when it rings. By hand: whoever plays its owner decides each time."""

    BY_HAND = "by hand"
    ANSWERS = "answers"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    DECLINES = "declines"
    MACHINE = "machine"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Person:
    """Somebody with a phone. A landline takes no texts: they end undelivered with 30006."""

    phone: str
    name: str
    role: str = ""
    landline: bool = False
    habit: Habit = Habit.BY_HAND


@dataclass(frozen=True)
class Message:
    """One text, either way. Times are aware UTC."""

    sid: str
    sender: str
    recipient: str
    body: str
    direction: Direction
    status: Status
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    media: tuple[str, ...] = ()
    service_sid: str | None = None
    receipts_to: str = ""
    error_code: int | None = None
    hand_over: HandOver | None = None
    is_crowded: bool = False  # the sender's queue is full: taken, and given up before it left

    @property
    def person(self) -> str:
        return self.sender if self.direction is Direction.INBOUND else self.recipient

    @property
    def clinic(self) -> str:
        return self.recipient if self.direction is Direction.INBOUND else self.sender


@dataclass(frozen=True)
class ClinicNumber:
    """A number that the clinic rents. `settings` are Twilio's own field names, as the REST call spells them."""

    phone: str
    sid: str
    created_at: datetime
    updated_at: datetime
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A Messaging Service: numbers that share opt-outs; it picks one to send from. `settings` are as ClinicNumber's."""

    sid: str
    numbers: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def asks_the_number(self) -> bool:
        """Tell whether a text to one of its numbers is posted to the address of that number, not to its own."""
        return self.settings.get("UseInboundWebhookOnNumber", "false").lower() == "true"

    @property
    def is_sticky(self) -> bool:
        return self.settings.get("StickySender", "true").lower() == "true"


@dataclass(frozen=True)
class Post:
    """One attempt to reach the clinic's web address, kept so that a rehearsal or a test can look back."""

    at: datetime
    sid: str
    url: str
    attempt: int
    outcome: str
    answer: str = ""


def new_sid(prefix: str) -> str:
    return prefix + uuid4().hex
