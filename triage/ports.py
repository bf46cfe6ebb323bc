"""What the rules need from outside; fakes stand here in tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.model.message import Channel, Reply


@dataclass(frozen=True)
class TakenText:
    """A text that the provider took from us; `to` is E.164."""

    sid: str
    to: str
    body: str


@dataclass(frozen=True)
class Listing:
    """What the provider took for one phone, oldest first. is_whole: nothing older was left out."""

    texts: Sequence[TakenText]
    is_whole: bool

    def sids_of(self, body: str) -> list[str] | None:
        """Return the texts with these words; None where they may stand further back than was read."""
        found = [text.sid for text in self.texts if text.body == body]
        return found if found or self.is_whole else None


class Messenger(Protocol):
    """Sends texts that we start."""

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        """Send one text to an E.164 phone and return the provider's id for it.

        `ref` comes back in delivery receipts. Raises DeliveryFailed when the provider refused it, DeliveryUnknown when
        nobody can say whether it went out.
        """
        ...

    def listed_to(self, to: str, since: datetime, timeout_s: float) -> Listing:
        """Return the texts that the provider took from `send` for this phone, as far back as one question reaches.

        `since` is aware; the provider may count from the beginning of its day. Raises DeliveryUnknown when the
        provider gives no list.
        """
        ...

    def listed(self, since: datetime, timeout_s: float) -> list[TakenText]:
        """Return every text that the provider took from `send`, oldest first; `since`, errors: as `listed_to`."""
        ...


@dataclass(frozen=True)
class CallReport:
    """What the provider says of one call. `status` is its word: ringing, in-progress, completed, busy, no-answer ...

    turned_away: somebody has rejected the call on their phone; it is "busy", too.
    """

    sid: str
    status: str
    answered_by: str | None = None
    duration_s: int | None = None
    turned_away: bool = False


class PhoneRinger(Protocol):
    """Rings phones from the clinic's number."""

    def call(self, to: str, ref: str, path: str, ring_s: int, timeout_s: float) -> str:
        """Ring one E.164 phone and return the provider's id for the call; `path` of ours says what is heard.

        `ref` comes back in receipts. Raises DeliveryFailed and DeliveryUnknown as Messenger does.
        """
        ...

    def redirect(self, sid: str, path: str, timeout_s: float) -> None:
        """Take a call that is going on to another document of ours, away from whoever it rings. Raises as `call`."""
        ...

    def look_up(self, sid: str) -> CallReport | None:
        """Return how a call stands; None if the provider knows none. Raises DeliveryUnknown when it gives no answer."""
        ...

    def calls_to(self, phone: str, since: datetime) -> list[CallReport]:
        """Return the clinic's calls to a phone since then, newest first. Raises DeliveryUnknown when there is no
        answer.
        """
        ...


class LineTypes(Protocol):
    """Tells what kind of line a number is."""

    def line_type(self, phone: str, timeout_s: float) -> str | None:
        """Return the provider's word for the line of an E.164 phone: mobile, landline, tollFree ...; None if unknown.

        Raises DeliveryFailed and DeliveryUnknown as Messenger does.
        """
        ...


@dataclass(frozen=True)
class ListedText:
    """A text as the provider lists it, to us or from us. `at`: when it was sent, aware UTC. media: how many."""

    sid: str
    sender: str
    to: str
    body: str
    at: datetime
    media: int = 0


@dataclass(frozen=True)
class ListedCall:
    """A call to us as the provider lists it. `ended_at` None: it is still going on. Times are aware UTC."""

    sid: str
    sender: str
    to: str
    started_at: datetime
    ended_at: datetime | None
    duration_s: int | None = None


@dataclass(frozen=True)
class ListedRecording:
    """A recording as the provider lists it, of any call of the account."""

    sid: str
    call_sid: str
    at: datetime
    duration_s: int | None = None


class Inbox(Protocol):
    """The provider's lists of what came in, whether or not anybody answered its webhooks.

    Each list goes from `since` up to `until`, both aware, oldest first, and is whole: raises DeliveryUnknown when the
    provider gives none, or only a part.
    """

    def texts(self, since: datetime, until: datetime) -> list[ListedText]:
        """Return the texts to the clinic's numbers."""
        ...

    def replies(self, since: datetime, until: datetime) -> list[ListedText]:
        """Return the texts that went out because the answer to a webhook said so."""
        ...

    def calls(self, since: datetime, until: datetime) -> list[ListedCall]:
        """Return the calls to the clinic's numbers that began in that time."""
        ...

    def recordings(self, since: datetime, until: datetime) -> list[ListedRecording]:
        """Return what was recorded."""
        ...


class Recorder(Protocol):
    """Where the provider keeps what callers have left."""

    def fetch(self, sid: str, timeout_s: float) -> tuple[bytes, str]:
        """Return the sound of a recording and its content type. Raises DeliveryFailed or DeliveryUnknown."""
        ...

    def forget(self, sid: str, timeout_s: float) -> None:
        """Delete it there; one that is gone already is no fault. Raises DeliveryFailed or DeliveryUnknown."""
        ...


class OutsideChannel(Protocol):
    """Reaches staff past the provider of texts: by e-mail, chat or a webhook."""

    @property
    def is_set_up(self) -> bool:
        """Tell whether there is anybody to tell."""
        ...

    def tell(self, title: str, body: str) -> bool:
        """Send one message; True if somebody took it. Never raises, and ends within seconds."""
        ...


class Words(Protocol):
    """Turns keys into the words of templates/."""

    def say(
        self, key: str, lang: str, values: Mapping[str, object] | None = None, channel: Channel = Channel.SMS
    ) -> str:
        """Word one text, to be read or to be heard. Raises WordsMissing for an unknown key or a missing value."""
        ...

    def texts(self, reply: Reply, lang: str, channel: Channel) -> tuple[str, ...]:
        """Return a reply as the texts to send, or the sentences to speak, in order."""
        ...
