"""The plain data that crosses an edge: what came in, what is said, whether an answer is awaited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"


@dataclass(frozen=True)
class Inbound:
    """One message of a person. `key` is unique per message: a text's SID, a call's SID and turn."""

    key: str
    channel: Channel
    sender: str
    to: str
    body: str
    at: datetime
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class Say:
    """One thing to tell the person. `apart`: in a message of its own."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    apart: bool = False


@dataclass(frozen=True)
class Listen:
    """Wait for an answer; a Reply without one ends a call."""

    silence_s: int = 5
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What a person is told, in order; nothing said is silence."""

    says: tuple[Say, ...] = ()
    listen: Listen | None = None

    def __add__(self, other: "Reply") -> "Reply":
        return Reply(self.says + other.says, other.listen or self.listen)
