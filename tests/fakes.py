"""Stand-ins at the ports, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.ports import CallReport, ListedCall, ListedRecording, ListedText, Listing, TakenText


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
    lists_asked: int = 0

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        self.sent.append(SentText(to, body, ref, validity_s, timeout_s))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer()
        self.taken.add(ref)
        return self.sid(ref)

    def listed_to(self, to: str, since: datetime, timeout_s: float) -> Listing:
        """The texts to one phone that were taken, as the provider would list them."""
        self.lists_asked += 1
        return Listing([text for text in self.listed(since, timeout_s) if text.to == to], is_whole=True)

    def listed(self, since: datetime, timeout_s: float) -> list[TakenText]:
        """Everything that was taken, as the provider would list it."""
        if isinstance(self.listing, Exception):
            raise self.listing
        return [TakenText(self.sid(text.ref), text.to, text.body) for text in self.sent if text.ref in self.taken]

    def redirect(self, sid: str, path: str, timeout_s: float) -> None:
        self.redirected.append((sid, path))

    @staticmethod
    def sid(ref: str) -> str:
        return f"SM{ref.encode().hex():0>32}"

    def to(self, phone: str) -> list[str]:
        return [text.body for text in self.sent if text.to == phone]

    def take(self) -> list[SentText]:
        """What was sent since the last look."""
        taken, self.sent = self.sent, []
        return taken


@dataclass
class FakeOutsideChannel:
    """Keeps what was told; `works` False: nobody takes it."""

    told: list[tuple[str, str]] = field(default_factory=list)
    works: bool = True
    is_set_up: bool = True

    def tell(self, title: str, body: str) -> bool:
        self.told.append((title, body))
        return self.works


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
    lists_fail: bool = False
    redirected: list[tuple[str, str]] = field(default_factory=list)

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
        if self.lists_fail:
            raise DeliveryUnknown("answered 500")
        return list(self.traces)


@dataclass
class FakeLineTypes:
    """Says of a phone what stands in `lines`, or raises it; `asked` tells for which it was asked."""

    lines: dict[str, str | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def line_type(self, phone: str, timeout_s: float) -> str | None:
        self.asked.append(phone)
        found = self.lines.get(phone, "mobile")
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class FakeInbox:
    """The provider's lists. `failing` names those that cannot be read; `asked` tells what was asked for."""

    texts_in: list[ListedText] = field(default_factory=list)
    texts_out: list[ListedText] = field(default_factory=list)
    calls_in: list[ListedCall] = field(default_factory=list)
    recorded: list[ListedRecording] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    asked: list[tuple[str, datetime, datetime]] = field(default_factory=list)

    def texts(self, since: datetime, until: datetime) -> list[ListedText]:
        return self._within("texts", self.texts_in, since, until)

    def replies(self, since: datetime, until: datetime) -> list[ListedText]:
        return self._within("replies", self.texts_out, since, until)

    def calls(self, since: datetime, until: datetime) -> list[ListedCall]:
        self._ask("calls", since, until)
        return [call for call in self.calls_in if since <= call.started_at <= until]

    def recordings(self, since: datetime, until: datetime) -> list[ListedRecording]:
        self._ask("recordings", since, until)
        return [recording for recording in self.recorded if since <= recording.at <= until]

    def _within(self, name: str, texts: list[ListedText], since: datetime, until: datetime) -> list[ListedText]:
        self._ask(name, since, until)
        return sorted((text for text in texts if since <= text.at <= until), key=lambda text: text.at)

    def _ask(self, name: str, since: datetime, until: datetime) -> None:
        self.asked.append((name, since, until))
        if name in self.failing:
            raise DeliveryUnknown("no list")


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
