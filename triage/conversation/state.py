"""What is remembered of a talk between two messages, and what one turn of it comes to."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from triage.conversation.draft import Draft, Field, FieldState
from triage.hours.promises import Promise
from triage.hours.waiting import Waiting
from triage.hours.window import Window
from triage.model.message import Channel, Listen, Reply, Say, Then
from triage.model.person import Person, Remembered
from triage.model.phone import is_north_american
from triage.model.request import Disposition, Flag, Priority, Request, Status
from triage.reading.opt_out import Scope
from triage.settings import Clinic

AT_REST = "at_rest"


@dataclass(frozen=True)
class Standing:
    """What a question may be about: a request, and how it stands. Each call that was tried makes it another one."""

    request_id: int
    is_open: bool
    attempts: int


@dataclass(frozen=True)
class Talk:
    """The open step, the misses in it, and what its answers mean (`choices`).

    about: how the person's request stood when this was said; once it stands otherwise, the question is over.
    before: the request as it was before the change that the open step can undo.
    """

    lang: str = "en"
    step: str = AT_REST
    misses: int = 0
    choices: tuple[str, ...] = ()
    subject: str | None = None
    draft: Draft = field(default_factory=Draft)
    expires_at: datetime | None = None
    replies: int = 0
    replies_since: datetime | None = None
    about: Standing | None = None
    before: Request | None = None

    def at(self, step: str, *choices: str, misses: int = 0) -> "Talk":
        before = self.before if step == self.step else None
        return replace(self, step=step, choices=choices, misses=misses, before=before)

    def undoing(self, step: str, before: Request) -> "Talk":
        """Return the talk at a step that can put a request back to how it was."""
        return replace(self.at(step), before=before)

    def ended(self) -> "Talk":
        """Return the talk at rest, its draft gone."""
        return replace(self.at(AT_REST), draft=Draft())

    def with_draft(self, draft: Draft) -> "Talk":
        return replace(self, draft=draft)


@dataclass(frozen=True)
class Situation:
    """All that a turn may look at. `now` is aware and in the clinic's zone; `request`: the open one, else the newest.

    sender: E.164 of who writes or calls, None if withheld. expired: labels whose answer is past its review.
    overtaken: the talk has gone on since this message was written, so it answers no question that is open now.
    last_said: our last text to them, looked up where they react to one.
    said: the words of this turn, folded (see understanding/fold.py).
    alerts_reach: whether an alert would reach somebody now; it need not be known while the clinic is open.
    waiting: the place of their request in line, looked up where it may be told.
    """

    clinic: Clinic
    channel: Channel
    now: datetime
    person: Person
    talk: Talk
    request: Request | None = None
    sender: str | None = None
    expired: frozenset[str] = frozenset()
    known: bool = False
    overtaken: bool = False
    last_said: str | None = None
    said: str = ""
    alerts_reach: bool = True
    waiting: Waiting | None = None

    @property
    def open_request(self) -> Request | None:
        return self.request if self.request and self.request.is_open else None

    @property
    def standing(self) -> Standing | None:
        return standing_of(self.request)

    @property
    def is_with_staff(self) -> bool:
        """Tell whether a colleague is writing with this person, so that the line stands back."""
        return self.person.with_staff_until(self.request, self.clinic.conversation.staff_life, self.now) is not None

    @property
    def phone(self) -> str | None:
        """Return where to call as far as is known: the number of the open request with its extension, else who writes
        or calls.
        """
        return (self.open_request.number if self.open_request else None) or self.sender

    @property
    def name_known(self) -> str | None:
        """Return the name that staff know this person by: their own, else the one they asked us to ask for last."""
        return self.person.name or (self.request.name if self.request else None)

    @property
    def number_known(self) -> str | None:
        """Return the number that they asked us to call last, else who writes or calls."""
        return (self.request.number if self.request else None) or self.sender

    @property
    def callable_sender(self) -> str | None:
        """Return who writes or calls where the clinic can call them: of the North American plan."""
        return self.sender if self.sender and is_north_american(self.sender) else None

    @property
    def is_open(self) -> bool:
        return self.clinic.opening.is_open(self.now)

    @property
    def is_unheard(self) -> bool:
        """Tell whether nobody is alerted at this hour: then nobody is told that somebody was, or that we call soon."""
        return not self.alerts_reach and not self.is_open

    @property
    def may_text_caller(self) -> bool:
        """Tell whether the phone that is calling can get a text."""
        return self.person.may_be_texted and self.callable_sender is not None


def standing_of(request: Request | None) -> Standing | None:
    return Standing(request.id, request.is_open, request.attempts) if request else None


@dataclass(frozen=True)
class Put:
    """Make the person's request, or add to the open one. Fields that are None stay as they are.

    wrote: it is something for staff to read and answer now.
    act_by: when somebody of staff must have acted, whatever is promised.
    """

    priority: Priority
    name: str | None = None
    phone: str | None = None
    topic: str | None = None
    window: Window | None = None
    said: str | None = None
    promise: Promise | None = None
    promised: Say | None = None
    add: frozenset[Flag] = frozenset()
    drop: frozenset[Flag] = frozenset()
    confirmed: bool = False
    alert_again: bool = False
    wrote: bool = False
    act_by: datetime | None = None


@dataclass(frozen=True)
class CancelCall:
    """The person wants no call any more."""


@dataclass(frozen=True)
class PutBack:
    """The request is as it was before the person's last change of it. `promised` where its promise is a new one, since
    the old one has run out.
    """

    before: Request
    promise: Promise
    promised: Say | None = None


@dataclass(frozen=True)
class Stop:
    """No more texts, no calls, or neither. at_carrier: in the carrier's own word, which holds texts back as well."""

    scope: Scope
    at_carrier: bool = False


@dataclass(frozen=True)
class Start:
    """Texts are welcome again."""


@dataclass(frozen=True)
class CallsWelcome:
    """The person may be called again."""


@dataclass(frozen=True)
class SendText:
    """A caller agreed to get this text; `key` names its words."""

    key: str


@dataclass(frozen=True)
class SlowCalls:
    """Calls of this person wait longer for keys and words, or no longer do."""

    on: bool


Effect = Put | CancelCall | PutBack | Stop | Start | CallsWelcome | SendText | SlowCalls


@dataclass(frozen=True)
class Turn:
    """What one message comes to: what is said, the one question left open, and what changes.

    listen, then: how a call goes on after the words.
    """

    talk: Talk
    says: tuple[Say, ...] = ()
    question: Say | None = None
    effects: tuple[Effect, ...] = ()
    labels: tuple[str, ...] = ()
    listen: Listen = field(default_factory=Listen)
    then: Then | None = None

    @property
    def reply(self) -> Reply:
        if self.question is None:
            return Reply(self.says, None, self.then)
        return Reply((*self.says, self.question), None if self.then else self.listen, self.then)


def kept(talk: Talk, now: datetime) -> Remembered:
    """Turn a talk into a row of the database."""
    values = {name: value for name, value in vars(talk).items() if name not in ("step", "misses", "expires_at")}
    values["draft"] = {name: value for name, value in vars(talk.draft).items() if name not in ("window", "agreed")}
    values["draft"] |= {
        "states": dict(talk.draft.states),
        "asks": sorted(talk.draft.asks),
        "window": _ends_of(talk.draft.window),
        "agreed": _ends_of(talk.draft.agreed),
    }
    values["about"] = vars(talk.about) if talk.about else None
    values["before"] = _plain(talk.before) if talk.before else None
    values["replies_since"] = talk.replies_since.isoformat() if talk.replies_since else None
    return Remembered(talk.step, talk.misses, values, talk.expires_at, now)


# The times of a request among its fields.
_TIMES = frozenset(one.name for one in fields(Request) if "datetime" in str(one.type))

# What an undo never gives back need not be kept. A program from before these fields reads what is kept, too.
_NOT_GIVEN_BACK = frozenset({"wrote_at", "spoken_at", "alarmed_at"})


def _plain(request: Request) -> dict[str, Any]:
    """Turn a request into JSON."""
    values = {name: value for name, value in vars(request).items() if name not in _NOT_GIVEN_BACK}
    values |= {"flags": sorted(request.flags), "priority": request.priority.value}
    return values | {name: values[name].isoformat() for name in _TIMES if values.get(name)}


def _request_of(values: dict[str, Any]) -> Request:
    typed: dict[str, Any] = {name: datetime.fromisoformat(values[name]) for name in _TIMES if values.get(name)}
    typed |= {
        "status": Status(values["status"]),
        "priority": Priority(values["priority"]),
        "flags": frozenset(map(Flag, values["flags"])),
        "outcome": Disposition(values["outcome"]) if values["outcome"] else None,
    }
    return Request(**(values | typed))


def _ends_of(window: Window | None) -> list[str] | None:
    return [window.start.isoformat(), window.end.isoformat()] if window else None


def recalled(row: Remembered | None, lang: str, clinic: Clinic) -> Talk:
    """Build the talk of a row; a first talk in `lang` where there is none."""
    if row is None:
        return Talk(lang=lang)
    values = dict(row.draft)
    inner = dict(values.pop("draft"))
    for name in ("window", "agreed"):
        if inner[name]:
            start, end = (datetime.fromisoformat(at).astimezone(clinic.zone) for at in inner[name])
            inner[name] = Window(start, end)
    inner["asks"] = frozenset(map(Flag, inner["asks"]))
    if "settled" in inner:
        inner |= _states_of_0_1(inner.pop("settled"))
    else:
        inner["states"] = {Field(one): FieldState(state) for one, state in inner["states"].items()}
    since = values.pop("replies_since")
    about, before = values.pop("about", None), values.pop("before", None)
    return Talk(
        step=row.step,
        misses=row.misses,
        expires_at=row.expires_at,
        choices=tuple(values.pop("choices")),
        draft=Draft(**inner),
        replies_since=datetime.fromisoformat(since) if since else None,
        about=Standing(**about) if about else None,
        before=_request_of(before) if before else None,
        **values,
    )


def _states_of_0_1(settled: list[str]) -> dict[str, Any]:
    """Read the states of fields in a draft that version 0.1 kept: a list of what need not be asked again."""
    states = {Field(one): FieldState.GIVEN for one in settled if one in set(Field)}
    if Field.NUMBER in states and "number_back" in settled:
        states[Field.NUMBER] = FieldState.CONFIRMED
    if Field.TIME in states and "nearest" in settled:
        states[Field.TIME] = FieldState.OFFERED
    return {"states": states, "number_doubted": "number_doubted" in settled}
