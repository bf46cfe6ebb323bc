"""Stand-ins at the ports, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.errors import DeliveryFailed, Refusal
from triage.ports import CallReport


class SetClock:
    """`now` for the parts that ask for the time themselves; it stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True)
class SentText:
    to: str
    body: str
    ref: str
    validity_s: int
    timeout_s: float


@dataclass
class FakeMessenger:
    """Keeps what was sent. `answers` are taken in turn: an exception is raised, a function called.

    `taken` holds the refs of what the provider took, also where its answer was lost; `listing` is raised by a look.
    """

    sent: list[SentText] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    listing: Exception | None = None

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        self.sent.append(SentText(to, body, ref, validity_s, timeout_s))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer()
        self.taken.add(ref)
        return self.sid(ref)

    def find(self, to: str, body: str, since: datetime, timeout_s: float) -> list[str]:
        """The texts that were taken, as the provider would list them."""
        if isinstance(self.listing, Exception):
            raise self.listing
        return [
            self.sid(text.ref) for text in self.sent if (text.to, text.body) == (to, body) and text.ref in self.taken
        ]

    @staticmethod
    def sid(ref: str) -> str:
        return f"SM{ref.encode().hex():0>32}"

    def to(self, phone: str) -> list[str]:
        return [text.body for text in self.sent if text.to == phone]

    def take(self) -> list[SentText]:
        """What was sent since the last look."""
        taken, self.sent = self.sent, []
        return taken


@dataclass(frozen=True)
class PlacedCall:
    to: str
    ref: str
    path: str
    ring_s: int


@dataclass
class FakeCaller:
    """Keeps what was rung. `answers` as with FakeMessenger; `standing` is what a look-up finds, by SID."""

    rung: list[PlacedCall] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    standing: dict[str, CallReport | Exception] = field(default_factory=dict)
    traces: list[CallReport] = field(default_factory=list)

    def call(self, to: str, ref: str, path: str, ring_s: int, timeout_s: float) -> str:
        self.rung.append(PlacedCall(to, ref, path, ring_s))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return self.sid(ref)

    @staticmethod
    def sid(ref: str) -> str:
        return f"CA{ref.encode().hex():0>32}"

    def look_up(self, sid: str) -> CallReport | None:
        found = self.standing.get(sid)
        if isinstance(found, Exception):
            raise found
        return found

    def calls_to(self, phone: str, since: datetime) -> list[CallReport]:
        return list(self.traces)


@dataclass
class FakeRecorder:
    """The provider's recordings by SID; a SID that is not there is refused. `forgotten`: deleted there."""

    sounds: dict[str, bytes] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    def fetch(self, sid: str, timeout_s: float) -> tuple[bytes, str]:
        if sid not in self.sounds:
            raise DeliveryFailed(Refusal.LATER, 404)
        return self.sounds[sid], "audio/mpeg"

    def forget(self, sid: str, timeout_s: float) -> None:
        self.forgotten.append(sid)
