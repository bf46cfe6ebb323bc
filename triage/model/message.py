"""What crosses an edge (Inbound, Say, Listen, Reply) and a message as it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"


@dataclass(frozen=True)
class Inbound:
    """One message of a person. `key` is unique per message: a text's SID, a call's SID and turn.

    at: when it was sent. found_at: when it was found in the provider's list, for a text that no webhook brought: its
    answer cannot go back with the webhook's.
    """

    key: str
    channel: Channel
    sender: str
    to: str
    body: str
    at: datetime
    media: tuple[str, ...] = ()
    found_at: datetime | None = None

    @property
    def taken_at(self) -> datetime:
        """Return the time by which everything is decided but what its own words mean."""
        return self.found_at or self.at


@dataclass(frozen=True)
class Say:
    """One thing to tell the person. `apart`: in a message of its own; `lang`: in another language than the rest."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    apart: bool = False
    lang: str | None = None


@dataclass(frozen=True)
class Phone:
    """An E.164 phone as something to say, with its extension as it is kept: written with dashes, spoken digit by
    digit.
    """

    e164: str
    slowly: bool = False


@dataclass(frozen=True)
class Listen:
    """Wait for an answer; a Reply without one ends a call.

    digits: how many keys end it at once, so that nobody waits for the silence behind the last. speech: whether talking
    is heard too. pauses: each key may take its time, and so may each word.
    """

    silence_s: int = 5
    hints: tuple[str, ...] = ()
    digits: int = 1
    speech: bool = True
    pauses: bool = False


class ConnectTo(StrEnum):
    """With whom a caller is connected: those on duty, who is trying to reach them, the crisis line, or 911."""

    ON_DUTY = "on_duty"
    OWNER = "owner"
    CRISIS_LINE = "988"
    EMERGENCY_LINE = "911"


@dataclass(frozen=True)
class Connect:
    """A turn ends in another phone being rung. Nobody takes it: the call goes on at the step `nobody_took_it`."""

    kind: ConnectTo
    request_id: int | None = None


class Recorded(StrEnum):
    VOICEMAIL = "voicemail"
    NAME = "name"


@dataclass(frozen=True)
class Record:
    """A turn ends in a recording."""

    of: Recorded
    longest_s: int
    silence_s: int = 5


@dataclass(frozen=True)
class Hangup:
    """The call ends after what was said."""


@dataclass(frozen=True)
class Redirect:
    """The call goes on with the next turn, without waiting for an answer."""


Then = Record | Connect | Hangup | Redirect


@dataclass(frozen=True)
class Reply:
    """What a person is told, in order; nothing said is silence. `then`: what follows instead of listening."""

    says: tuple[Say, ...] = ()
    listen: Listen | None = None
    then: Then | None = None

    def __add__(self, other: "Reply") -> "Reply":
        return Reply(self.says + other.says, other.listen or self.listen, other.then or self.then)


@dataclass(frozen=True)
class Message:
    """One line of a thread. `reply` of an inbound one holds the texts it was answered with."""

    id: int
    direction: str
    channel: Channel
    body: str
    at: datetime
    label: str | None
    heard: Mapping[str, Any] | None
    status: str | None
    error_code: int | None
    media: Sequence[str]
    template: str | None
    request_id: int | None
    person_id: int | None = None


@dataclass(frozen=True)
class Arrival:
    """What is kept of an inbound message."""

    key: str
    person_id: int | None
    channel: Channel
    body: str
    at: datetime
    sender: str
    label: str | None = None
    heard: Mapping[str, Any] | None = None
    reply: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    request_id: int | None = None


@dataclass(frozen=True)
class Before:
    """What is known before a message is understood.

    reply: what this very message was answered with, None if it is new. staff_id: whose phone sent it. just_before: the
    same sender's text of the last minute, unless it has raised an alarm of its own. is_lost: what it was answered with
    cannot be read any more.
    """

    reply: tuple[str, ...] | None
    staff_id: int | None
    just_before: str | None
    is_lost: bool = False
