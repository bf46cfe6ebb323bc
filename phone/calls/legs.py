"""A call as the switchboard sees it: one leg for each handset, with what was heard on it and what it waits for."""

import enum
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from phone.calls.verbs import NO_CALLBACK, Callback, Dial, Enqueue, Gather, Number, Record, Verb


class CallStatus(enum.StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


OPEN = frozenset({CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS})


class Way(enum.StrEnum):
    INBOUND = "inbound"
    API = "outbound-api"
    DIAL = "outbound-dial"


@dataclass(frozen=True)
class Line:
    """One thing on a call. `who`: "clinic" (what is played), "me" (this handset's owner), "other" (a connected
    party), "line" (tones and events). `kind`: say, key, play, record, note."""

    who: str
    kind: str
    text: str
    language: str = ""


@dataclass(frozen=True)
class Source:
    """Where a call's TwiML comes from: an address, or the document itself; and the address to ask when it fails."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"


@dataclass(frozen=True)
class Detection:
    """Machine detection that was asked for; with `told_to` the call does not wait for it."""

    kind: str = ""
    told_to: Callback = NO_CALLBACK


NO_DETECTION = Detection()


@dataclass(eq=False)
class Dialling:
    """A <Dial> under way: who rings, who is still to ring, and who was connected."""

    dial: Dial
    legs: list["Leg"] = field(default_factory=list)
    left: deque[Number] = field(default_factory=deque)
    connected: "Leg | None" = None


@dataclass(eq=False)
class Leg:
    """Changed by the switchboard alone, under its lock. `seconds` is time as played, not as passed.

    `turn` grows with each document: an answer that comes for an older turn is played no more. `waits` is what the
    leg listens for; while it is None the clinic is being asked, or everything is over. `alone` counts the documents
    played since somebody last did something.
    """

    sid: str
    owner: str
    sender: str
    recipient: str
    way: Way
    source: Source
    created_at: datetime
    updated_at: datetime
    status: CallStatus = CallStatus.QUEUED
    receipts: Callback = NO_CALLBACK
    detection: Detection = NO_DETECTION
    extra: tuple[tuple[str, str], ...] = ()
    parent: "Leg | None" = None
    rings_s: int = 60
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float = 0.0
    answered_by: str = ""
    is_machine: bool = False
    sip_code: int = 0
    sequence: int = 0
    turn: int = 0
    alone: int = 0
    was_redirected: bool = False
    url: str = ""
    verbs: deque[Verb] = field(default_factory=deque)
    waits: Gather | Record | Dialling | Enqueue | None = None
    digits: str = ""
    other: "Leg | None" = None
    lines: list[Line] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_ringing_here(self) -> bool:
        """Tell whether the handset rings and can be picked up: an inbound call rings at the clinic, not here."""
        return self.status is CallStatus.RINGING and self.way is not Way.INBOUND

    @property
    def is_whispered_to(self) -> bool:
        """Tell whether what it plays is for the person who was dialled alone, and may not dial anybody itself."""
        return self.parent is not None and not self.was_redirected

    @property
    def duration_s(self) -> int:
        """Count whole seconds from answer to end, as a bill would say; what was never answered has none."""
        return max(1, round(self.seconds)) if self.seconds else 0


@dataclass(frozen=True)
class Recording:
    """`audio` empty: a sample of the right length is made when somebody asks. `said` is what a transcript will say."""

    sid: str
    call_sid: str
    created_at: datetime
    seconds: int
    said: str = ""
    audio: bytes = b""
    content_type: str = "audio/x-wav"


@dataclass(frozen=True)
class Transcription:
    sid: str
    recording: Recording
    created_at: datetime
    text: str

    @property
    def status(self) -> str:
        return "completed" if self.text else "failed"
