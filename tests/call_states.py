"""A call without a database: what `caller` makes of each turn, and the states that can be reached."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from tests.builders import ZONE, a_clinic, local
from triage.conversation import call_turns
from triage.conversation.call_menus import CALL_STEPS, ends_with
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, CancelCall, Put, PutBack, Situation, SlowCalls, Talk, Turn
from triage.hours.window import Window
from triage.model.message import Channel, Connect, Hangup, Record
from triage.model.person import Person
from triage.model.request import Priority, Request, Status
from triage.reading.read_message import Heard, hear

CLINIC = a_clinic()
OPEN, CLOSED = local("2026-11-23 10:00").astimezone(ZONE), local("2026-11-23 22:30").astimezone(ZONE)
CALLER = "+16025550177"
KEYS = tuple("1234567890*#")
# What the answers to a step mean, where that is not fixed.
CHOICES = {"did_you_mean": ("tms.how", "tms.what"), "which_number": (CALLER, CALLER), "check_in": ("crisis",)}
FILLED = Draft(
    wish=True, name="Dana", phone=CALLER, window=Window(OPEN.replace(hour=14), OPEN.replace(hour=15)), topic="tms"
)


@cache
def heard(said: str) -> Heard:
    """Read once for each text: the times in them are those of the opening hours' morning."""
    return hear(said, OPEN, Channel.VOICE)


@dataclass(frozen=True)
class State:
    """Where a call stands after a turn."""

    situation: Situation
    turn: Turn
    silences: int = 0

    @property
    def step(self) -> str:
        return self.turn.talk.step

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one prompt from another: fields known and misses so far, the language, what is queued."""
        talk, request = self.turn.talk, self.situation.request
        draft = talk.draft
        known = (
            draft.wish,
            bool(draft.name),
            draft.phone,
            bool(draft.window),
            draft.topic,
            tuple(sorted(draft.states.items())),
            draft.asks,
        )
        queued = (request.priority, request.status) if request else None
        return (
            self.step,
            known,
            talk.misses,
            talk.choices,
            talk.lang,
            self.silences,
            queued,
            self.situation.person.slow_calls,
        )

    @property
    def whole(self) -> object:
        """All that the next turn depends on beside what is said: `key` takes some of it for alike."""
        situation = self.situation
        return self.silences, repr(situation.talk), repr(situation.request), situation.person.slow_calls


def begin(sender: str | None = CALLER, lang: str = "en", now: object = OPEN) -> State:
    person = Person(1, sender or "withheld:CA1", lang)
    situation = Situation(CLINIC, Channel.VOICE, now, person, Talk(lang=lang), sender=sender, known=True)
    return _state(situation, call_turns.opening(situation), 0)


def begin_planned(lang: str = "en", now: object = OPEN) -> State:
    """A later call of somebody whose call-back is planned."""
    state = begin(CALLER, lang, now)
    for one in ("1", "Dana", "1", "1", "1", "1"):
        state = goes_on(state, one)
    situation = replace(state.situation, talk=state.situation.talk.at(AT_REST))
    return _state(situation, call_turns.opening(situation), 0)


def at_every_step(lang: str, now: object = OPEN, sender: str | None = CALLER) -> Iterator[State]:
    """A call at each step that waits for an answer, however it came there; with a call-back planned, and with none."""
    start, planned = begin(sender, lang, now).situation, begin_planned(lang, now).situation.request
    for request in (None, planned):
        for step, row in CALL_STEPS.items():
            situation = replace(start, request=request)
            if step == AT_REST or ends_with(step, situation):
                continue
            talk = start.talk.with_draft(FILLED if row.form else Draft()).at(step, *CHOICES.get(step, ()))
            yield State(replace(situation, talk=talk), Turn(talk))


def goes_on(state: State, said: str) -> State:
    """The next turn. After the tone "" is silence and anything else a message; a phone that rings is taken where
    anything is said.
    """
    then, situation = state.turn.then, state.situation
    if isinstance(then, Record):
        return _state(situation, call_turns.after_recording(situation, bool(said)), 0)
    if isinstance(then, Connect):
        return _state(situation, call_turns.after_connection(situation, bool(said)), 0)
    turn = call_turns.take_turn(heard(said), situation, state.silences)
    return _state(situation, turn, 0 if said else state.silences + 1)


def is_over(state: State) -> bool:
    return isinstance(state.turn.then, Hangup)


def _state(before: Situation, turn: Turn, silences: int) -> State:
    request, person = before.request, before.person
    for effect in turn.effects:
        if isinstance(effect, Put):
            request = _put(request, effect, before)
        elif isinstance(effect, CancelCall) and request:
            request = replace(request, status=Status.CANCELLED)
        elif isinstance(effect, PutBack):
            request = effect.before
        elif isinstance(effect, SlowCalls):
            person = replace(person, slow_calls=effect.on)
    return State(replace(before, talk=turn.talk, request=request, person=person), turn, silences)


def _put(request: Request | None, effect: Put, before: Situation) -> Request:
    if request is None or not request.is_open:
        request = Request(41, 1, Status.QUEUED, Priority.ROUTINE, "voice", "en", before.now, before.now, before.now)
    window, made = effect.window, effect.promise
    return replace(
        request,
        priority=min(request.priority, effect.priority, key=lambda priority: priority.rank),
        name=effect.name or request.name,
        phone=effect.phone or request.phone,
        topic=effect.topic or request.topic,
        flags=(request.flags | effect.add) - (effect.drop - effect.add),
        window_start=window.start if window else request.window_start,
        window_end=window.end if window else request.window_end,
        promised="then" if made else request.promised,
        promised_start=made.window.start if made and made.window else None,
        promised_end=made.window.end if made and made.window else None,
        due_at=made.due_at if made else request.due_at,
    )


def reachable(start: State, said: tuple[str, ...], turns: int) -> Iterator[tuple[State, str, State]]:
    """Every distinct state within so many turns, with each thing that can be said or pressed there and what follows."""
    seen, now = {start.key}, [start]
    for _ in range(turns):
        following = []
        for state in now:
            for one in said:
                after = goes_on(state, one)
                yield state, one, after
                if after.key not in seen and not is_over(after):
                    seen.add(after.key)
                    following.append(after)
        now = following


@dataclass
class Crawl:
    """Every state that can be reached from `start`, and what follows there.

    transitions: each state with what is said or pressed there, and the state after it. turns: how many lead to a state,
    by its key.
    """

    start: State
    lang: str
    transitions: list[tuple[State, str, State]] = field(default_factory=list)
    turns: dict[object, int] = field(default_factory=dict)
    _after: dict[object, State] = field(default_factory=dict)

    def within(self, turns: int) -> Iterator[State]:
        """Each state once that so many turns lead to and that is not the end of the call."""
        seen = {self.start.key}
        for _, _, after in self.transitions:
            if after.key not in seen and self.turns[after.key] <= turns and not is_over(after):
                seen.add(after.key)
                yield after

    def follows(self, state: State, said: str) -> State:
        """The next turn, played once for all states that are alike in everything."""
        known = (state.whole, said)
        if known not in self._after:
            self._after[known] = goes_on(state, said)
        return self._after[known]


def crawled(start: State, said: tuple[str, ...], turns: int) -> Crawl:
    crawl = Crawl(start, start.turn.talk.lang)
    crawl.turns[start.key] = 0
    for before, one, after in reachable(start, said, turns):
        crawl.transitions.append((before, one, after))
        crawl.turns.setdefault(after.key, crawl.turns[before.key] + 1)
    return crawl
