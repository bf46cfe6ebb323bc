"""A call-back request: status, priority, flags, outcome; its attempts, notes and promises."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from triage.model.phone import with_extension


class Status(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (Status.QUEUED, Status.CLAIMED)


class Priority(StrEnum):
    """Highest first; the queue's first key."""

    CRISIS = "crisis"
    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        return list(Priority).index(self)

    @property
    def pages(self) -> bool:
        """Tell whether people are alerted day and night until somebody acknowledges."""
        return self in (Priority.CRISIS, Priority.EMERGENCY)


# What words of danger make of a request, by their label.
ALARMS = {"crisis": Priority.CRISIS, "emergency": Priority.EMERGENCY, "adverse": Priority.URGENT}


class Flag(StrEnum):
    """What staff should know before they call; shown on the row."""

    INCOMPLETE = "incomplete"  # the form was left half-finished
    NEEDS_PERSON = "needs_person"  # the program could not help
    PLEASE_READ = "please_read"  # a check-in was not answered
    ASK_NAME = "ask_name"
    ASK_NUMBER = "ask_number"
    ASK_TIME = "ask_time"
    NO_FIT = "no_fit"  # the wish lies outside opening hours
    CALL_ONLY = "call_only"  # takes no texts: opted out, or the number cannot
    TROUBLE = "trouble"  # the rules failed on this text
    HUNG_UP = "hung_up"  # the call ended before all was said
    VOICEMAIL = "voicemail"  # there is a recording to listen to
    LISTEN_FIRST = "listen_first"  # no machine has read that recording, nor looked for danger in it
    MISSED = "missed"  # called while this program could not be reached
    UNDELIVERED = "undelivered"  # a text of ours did not reach them
    ALERT_FAILED = "alert_failed"  # an alert about it did not reach its member of staff
    WRONG_NUMBER = "wrong_number"  # who reads our texts says that they are somebody else
    TEXT_ONLY = "text_only"  # no call helps: staff write
    ARRIVED = "arrived"  # they are at the door
    UNREADABLE = "unreadable"  # something kept of them could not be read and was set aside


class Disposition(StrEnum):
    """How an attempt to call ended."""

    REACHED = "reached"
    LEFT_VOICEMAIL = "left_voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"
    BOOKED = "booked"
    OTHER = "other"


# After these the person has not been spoken to, and another try is planned.
WITHOUT_CONTACT = frozenset({Disposition.LEFT_VOICEMAIL, Disposition.NO_ANSWER, Disposition.BUSY})


# After these they have: a crisis is red no more, and nobody texts that we tried to reach them.
WITH_CONTACT = frozenset({Disposition.REACHED, Disposition.DECLINED, Disposition.BOOKED})


class CrisisEnd(StrEnum):
    """How a crisis ends without being closed."""

    SPOKEN_TO = "spoken_to"  # and called again at a time
    FALSE_ALARM = "false_alarm"
    LOWERED = "lowered"  # grave, but no crisis


class Topic(StrEnum):
    TMS = "tms"
    KETAMINE = "ketamine"
    BOTH = "both"
    OTHER = "other"


@dataclass(frozen=True)
class Promised:
    """One promise, as it was said. Times are aware UTC; `by` is a login, None where the program made it.

    kept_at: a call was tried in time. broken_at: the time it had run out. settled_at without either: another promise
    took its place, or no call was wanted any more.
    """

    id: int
    words: str | None
    window_start: datetime | None
    window_end: datetime | None
    due_at: datetime
    made_at: datetime
    kept_at: datetime | None
    broken_at: datetime | None
    settled_at: datetime | None
    by: str | None

    def standing(self, now: datetime) -> str:
        """Return kept, broken, replaced, late or open."""
        if self.kept_at:
            return "kept"
        if self.broken_at:
            return "broken"
        if self.settled_at:
            return "replaced"
        return "late" if self.due_at < now else "open"


@dataclass(frozen=True)
class Request:
    """One call-back request. Times are aware UTC; `id` is the reference that staff see and say.

    uncalled_at: since when its alerts go on anew, because it had been acknowledged and nobody has called.
    spoken_at: when somebody last spoke with the person since the newest words of danger.
    alarmed_at: since when a crisis waits to be spoken with: the first words of danger since the last talk.
    wrote_at: when the person last wrote something to staff that nobody of them has answered or read.
    """

    id: int
    person_id: int
    status: Status
    priority: Priority
    channel: str
    lang: str
    due_at: datetime
    created_at: datetime
    updated_at: datetime
    flags: frozenset[Flag] = frozenset()
    name: str | None = None
    phone: str | None = None
    topic: str | None = None
    wish: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    promised: str | None = None
    promised_start: datetime | None = None
    promised_end: datetime | None = None
    confirmed_at: datetime | None = None
    claimed_by: int | None = None
    claimed_at: datetime | None = None
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    alert_round: int = 0
    next_alert_at: datetime | None = None
    uncalled_at: datetime | None = None
    wrote_at: datetime | None = None
    spoken_at: datetime | None = None
    alarmed_at: datetime | None = None
    attempts: int = 0
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    outcome: Disposition | None = None
    extension: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def calls_first(self) -> int:
        """Return where it stands among the others by what was done: a crisis that nobody has seen, one that was seen,
        one that was spoken to, all else.
        """
        if not self.priority.pages:
            return 3
        return 2 if self.spoken_at else 1 if self.acknowledged_at else 0

    def alarm_anew(self, now: datetime) -> datetime:
        """Return since when it waits once it alarms: words of danger in a crisis that waits already change nothing."""
        waits = self.priority.pages and self.spoken_at is None
        return self.alarmed_at if waits and self.alarmed_at else now

    @property
    def number(self) -> str | None:
        """Return the phone with its extension, as it is kept, shown and dialled."""
        return with_extension(self.phone, self.extension) if self.phone else None

    @property
    def window_counts(self) -> bool:
        """Tell whether the promised window is what is due; after a try without contact the next try is."""
        return self.promised_end is not None and self.promised_end == self.due_at


@dataclass(frozen=True)
class Queued:
    """A request as a row of the queue: with its owner's login and what the person is known by."""

    request: Request
    owner: str | None
    acknowledged: str | None
    person_phone: str
    opted_out: bool
    textable: bool = True
    blocked: bool = False
    zone: str | None = None
    others: int = 0  # requests of the same person beside this one, as far as they are counted


@dataclass(frozen=True)
class Attempt:
    """One try to call. talked_s: how long they talked, as the line saw it. awaits_outcome: `by` has yet to tell how it
    ended.
    """

    id: int
    request_id: int
    by: str
    at: datetime
    disposition: Disposition
    note: str | None
    talked_s: int | None = None
    awaits_outcome: bool = False


@dataclass(frozen=True)
class Note:
    id: int
    request_id: int
    by: str
    at: datetime
    body: str


@dataclass(frozen=True)
class Ended:
    """One end of a crisis."""

    how: CrisisEnd
    by: str
    at: datetime
    why: str | None


@dataclass(frozen=True)
class RequestValues:
    """What a new request is made of; the rest has its beginning by nature."""

    person_id: int
    priority: Priority
    channel: str
    lang: str
    due_at: datetime
    values: dict[str, Any] = field(default_factory=dict)
