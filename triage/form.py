"""The call-back form: what a message fills in, which question comes next, and the request it makes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.callbacks import Flag, Priority, Promise, promise
from triage.heard import Heard
from triage.messages import Channel, Phone, Say
from triage.names import amended
from triage.phones import put_right, zone_of
from triage.store.requests import Request
from triage.talk import AT_REST, Draft, Put, Situation, Talk, Turn
from triage.windows import OPEN_WISH, Window

# Filling a field takes back what staff were told to ask, and what made the request half a one.
ASKS = {"name": Flag.ASK_NAME, "number": Flag.ASK_NUMBER, "time": Flag.ASK_TIME}
# The field that the question of a step is about.
FILLS = {
    "ask_name": "name",
    "ask_number": "phone",
    "ask_window": "window",
    "offer_nearest": "window",
    "ask_topic": "topic",
}
MOST_WORDS_OF_A_TIME = 5
# Where a bare digit is an hour of the day.
TIME_STEPS = ("ask_window", "offer_nearest")


def fields(heard: Heard, situation: Situation) -> dict[str, Any]:
    """What this message tells of name, number, time and topic, as values of a Draft."""
    talk = situation.talk
    found: dict[str, Any] = {}
    if name := heard.name or _bare_name(heard, situation):
        found["name"] = amended(_known_name(situation), name, heard.text)
    if phone := number(heard, situation):
        found["phone"] = phone
    if heard.window and (heard.digit is None or talk.step in TIME_STEPS):
        window = _as_before(heard, heard.window, situation)
        found |= {"window": window, "said": heard.text} if window else {}
    bare = name is not None and heard.name is None
    if heard.topic and not bare:  # "Bill Cash" is a name here, not a question about money
        found["topic"] = heard.topic
    return found


def _known_name(situation: Situation) -> str | None:
    request = situation.open_request
    return situation.talk.draft.name or (request.name if request else None)


def _bare_name(heard: Heard, situation: Situation) -> str | None:
    """A name in answer to the question for it, or one that comes later, when nobody asks for it any more."""
    if situation.talk.step == "ask_name":
        return heard.bare_name
    return heard.lone_name if _known_name(situation) is None else None


def number(heard: Heard, situation: Situation) -> str | None:
    """The one number to call that a message gives: in digits, "this one", or the end of the last one put right."""
    phones = [phone for phone in heard.phones if situation.channel is Channel.SMS or phone.startswith("+1")]
    if heard.phones:
        return phones[0] if len(phones) == 1 else None
    if heard.own_number and situation.sender:
        return situation.sender
    before = situation.talk.draft.phone or situation.phone
    return put_right(before, heard.text) if before else None


def _as_before(heard: Heard, window: Window, situation: Situation) -> Window | None:
    """What a time leaves out is as it was said before: the day of another hour alone ("could you do 1 instead"),
    the hour of "thursday, same time"; None where none was said."""
    request = situation.open_request
    before = situation.talk.draft.window
    if before is None and request is not None:
        before = _window(request.window_start, request.window_end, situation)
    vague = before is None or before.end - before.start >= OPEN_WISH
    if heard.same_hour:
        return None if before is None or vague else before.on(window.start.date())
    if window.names_day or before is None or vague:
        return window
    moved = window.on(before.start.date())
    return moved if moved.start >= situation.now else window


def noted(heard: Heard, situation: Situation) -> Talk:
    """The talk with the name, the number or nothing but a time that somebody gives before they ask for a call."""
    talk = situation.talk
    name, phone = heard.name or heard.lone_name, heard.phones[0] if len(heard.phones) == 1 else None
    found: dict[str, Any] = {"name": None if talk.draft.name else name, "phone": phone}
    if is_bare_time(heard) and "?" not in heard.text and not situation.open_request:
        found |= {"window": heard.window, "said": heard.text}
    return fill(talk, {field: value for field, value in found.items() if value})


def is_bare_time(heard: Heard) -> bool:
    """ "Friday at 10": nothing but another time."""
    return heard.window is not None and heard.digit is None and len(heard.text.split()) <= MOST_WORDS_OF_A_TIME


def without_wish(draft: Draft) -> Draft:
    """What is known of a person whose wish for a call is gone, should it come back."""
    kept = Draft(name=draft.name, phone=draft.phone, topic=draft.topic)
    return replace(kept, settled=draft.settled & {field for field in ("name", "topic") if getattr(kept, field)})


def fill(talk: Talk, found: dict[str, Any]) -> Talk:
    """The talk with these fields in its draft; what is given need not be asked."""
    settled = talk.draft.settled
    asks = talk.draft.asks
    for value, field in (("name", "name"), ("phone", "number"), ("window", "time"), ("topic", "topic")):
        if value in found:
            settled |= {field}
            asks -= {ASKS[field]} if field in ASKS else set()
    if found.get("phone") not in (None, talk.draft.phone):
        settled -= {"number_back"}
    if "window" in found:
        settled -= {"nearest"}
        found = {"agreed": None, **found}
    return replace(talk.with_draft(**found, settled=settled, asks=asks), subject=found.get("topic", talk.subject))


def give_up(talk: Talk, situation: Situation) -> Talk:
    """Nobody is asked the same thing a third time: go on without it, and let staff ask."""
    field = {
        "ask_name": "name", "record_name": "name", "ask_number": "number", "ask_window": "time", "ask_day": "time"
    }.get(talk.step)  # fmt: skip
    if talk.step == "number_back":
        return talk.with_draft(settled=talk.draft.settled | {"number_back"}, asks=talk.draft.asks | {Flag.ASK_NUMBER})
    if field is None:
        settled = {"offer_nearest": "nearest", "ask_topic": "topic"}.get(talk.step)
        return talk.with_draft(settled=talk.draft.settled | {settled}) if settled else talk
    draft = talk.draft
    found = {"phone": situation.sender} if field == "number" and not draft.phone else {}
    return talk.with_draft(**found, settled=draft.settled | {field}, asks=draft.asks | {ASKS[field]})


def begun(talk: Talk, situation: Situation) -> Talk:
    """The talk with a wish for a call in it: what the person or their open request already told is taken over."""
    draft = talk.draft
    if draft.wish:
        return talk
    request, person = situation.open_request, situation.person
    known: dict[str, Any] = {"name": draft.name or person.name, "topic": draft.topic or talk.subject}
    if request:
        known = {
            "name": draft.name or request.name,
            "phone": request.phone if request.phone != situation.sender else None,
            "topic": draft.topic or request.topic or talk.subject,
            "window": _window(request.window_start, request.window_end, situation),
            "agreed": _window(request.promised_start, request.promised_end, situation),
            "said": request.wish,
        }
    known = {field: value for field, value in known.items() if value is not None}
    return fill(talk.with_draft(wish=True), known)


def _window(start: datetime | None, end: datetime | None, situation: Situation) -> Window | None:
    zone = situation.clinic.zone
    return Window(start.astimezone(zone), end.astimezone(zone)) if start and end else None


def is_ready(draft: Draft, situation: Situation) -> bool:
    """Wish, name, number and time are known, or have been asked often enough."""
    number = draft.phone or situation.sender or "number" in draft.settled
    return bool(draft.wish and "name" in draft.settled and number and "time" in draft.settled)


def next_step(draft: Draft, situation: Situation) -> str:
    """The first question that is still open, in the order of the form."""
    request = situation.open_request
    if request and request.priority.pages:
        return AT_REST
    if "name" not in draft.settled:
        return "ask_name"
    if "number" not in draft.settled and not is_ready(draft, situation):
        return "ask_number"
    if _is_unheard(draft, situation):
        return "number_back"
    if request and request.priority is Priority.URGENT:
        return AT_REST
    if "time" not in draft.settled:
        return "ask_window"
    if draft.window and "nearest" not in draft.settled and not promise_of(draft, situation, Priority.ROUTINE).fits:
        return "offer_nearest"
    return "read_back" if "topic" in draft.settled else "ask_topic"


def _is_unheard(draft: Draft, situation: Situation) -> bool:
    """A number that was spoken or keyed in a call, and not yet read back."""
    other = draft.phone is not None and draft.phone != situation.sender
    return other and situation.channel is Channel.VOICE and "number_back" not in draft.settled


def promise_of(draft: Draft, situation: Situation, priority: Priority) -> Promise:
    clinic = situation.clinic
    if draft.agreed and not priority.pages and priority is not Priority.URGENT and draft.agreed.end > situation.now:
        return Promise(draft.agreed, draft.agreed.end)
    return promise(priority, draft.window, situation.now, clinic.opening, clinic.targets)


def nearest(draft: Draft, situation: Situation) -> Window:
    """What can be offered where the wish lies outside opening hours."""
    assert draft.window is not None
    return situation.clinic.opening.nearest(draft.window, situation.now)


def put(draft: Draft, situation: Situation, priority: Priority = Priority.ROUTINE, **more: Any) -> Put:
    """The request that this draft makes. A promise that stands is not made anew."""
    request = situation.open_request
    priority = min(priority, request.priority, key=lambda p: p.rank) if request else priority
    phone = draft.phone or situation.phone
    made = promise_of(draft, situation, priority)
    wish = (request.window_start, request.window_end) if request else (None, None)
    window = (draft.window.start, draft.window.end) if draft.window else (None, None)
    stands = request is not None and request.promised and request.priority is priority and wish == window
    stands = stands and request is not None and (not draft.agreed or draft.agreed.start == request.promised_start)
    complete = is_ready(draft, situation)
    kept = draft.asks | ({Flag.NO_FIT} if not made.fits and not stands else frozenset())
    gone = frozenset(ASKS.values()) - draft.asks if complete else frozenset()
    if complete:
        gone |= {Flag.INCOMPLETE}
    if made.fits:
        gone |= {Flag.NO_FIT}
    return Put(
        priority=priority,
        name=draft.name,
        phone=phone,
        topic=draft.topic,
        window=draft.window,
        said=draft.said,
        promise=None if stands else made,
        promised=None if stands else in_words(made, phone, situation),
        add=kept | more.pop("add", frozenset()),
        drop=gone,
        **more,
    )


def in_words(made: Promise, phone: str | None, situation: Situation) -> Say:
    """The promise as something to say: a window, a day's end, or at once; with the zone where the phone's differs."""
    zone = situation.clinic.zone
    if made.window:
        when = Say("when/between", {"window": made.window})
    elif made.due_at <= situation.now:
        when = Say("when/at_once")
    else:
        when = Say("when/by", {"at": made.due_at.astimezone(zone)})
    theirs = zone_of(phone) if phone else None
    moment = made.due_at
    if theirs and moment.astimezone(theirs).utcoffset() != moment.astimezone(zone).utcoffset():
        return Say("when/in_zone", {"when": when, "zone": zone})
    return when


def proceed(turn: Turn, situation: Situation, again: bool = False) -> Turn:
    """Queue what can be queued and ask the next question; shorter when it has just been asked (`again`)."""
    talk = turn.talk
    draft = talk.draft
    if situation.talk.step == "read_back" and draft == situation.talk.draft and again:
        return replace(turn, talk=talk.at("read_back", misses=talk.misses), question=Say("read_back_again"))
    effects = turn.effects
    if draft.wish and (is_ready(draft, situation) or situation.open_request):
        effects = (*effects, put(draft, situation))
    step = next_step(draft, situation)
    if step == AT_REST:
        done = Say("urgent_done", {"name": draft.name or ""}) if not again else Say("urgent_noted")
        return replace(turn, talk=replace(talk.at(AT_REST), draft=Draft()), says=(*turn.says, done), effects=effects)
    same = step == situation.talk.step
    question = ask(step, draft, situation, again and same)
    talk = talk.at(step, misses=talk.misses if same else 0)
    return replace(turn, talk=talk, question=question, effects=effects)


def ask(step: str, draft: Draft, situation: Situation, again: bool = False) -> Say:
    """The question of a step, with what it needs to be understood."""
    if step == "ask_number":
        if situation.sender is None:
            return Say("ask_number_withheld")
        if situation.channel is Channel.VOICE and not situation.sender.startswith("+1"):
            return Say("ask_number_foreign")
        return Say("ask_number_again" if again else "ask_number", {"number": Phone(situation.sender)})
    if step == "offer_nearest":
        window = nearest(draft, situation)
        values = {"when": in_words(Promise(window, window.end), draft.phone or situation.phone, situation)}
        closed = draft.window and situation.clinic.opening.closed_reason(draft.window.start.date())
        return Say("offer_nearest_closed_day" if closed else "offer_nearest", values)
    if step == "read_back":
        return read_back(draft, situation)
    if step == "number_back":
        slowly = again or "number_doubted" in draft.settled
        return Say("number_back", {"number": Phone(draft.phone or "", slowly)})
    if step == "record_name":
        return Say("record_name")
    return Say(f"{step}_again" if again else step)


def numbered(phones: tuple[str, ...]) -> dict[str, object]:
    return {"first": Phone(phones[0]), "second": Phone(phones[1])}


def read_back(draft: Draft, situation: Situation) -> Say:
    """Everything that was understood, in one sentence."""
    made = put(draft, situation)
    request = situation.open_request
    phone = draft.phone or situation.phone
    return Say(
        "read_back" if draft.name else "read_back_nameless",
        {
            "name": draft.name or "",
            "number": Phone(phone) if phone else Say("number_unknown"),
            "when": made.promised or (promised(request, situation) if request else ""),
            "topic": Say(f"topic/{draft.topic or 'unknown'}"),
        },
    )


def move(situation: Situation, window: Window, said: str | None) -> Put:
    """The open request with another window."""
    return put(Draft(wish=True, window=window, said=said), situation)


def promised(request: Request, situation: Situation) -> Say | str:
    """What a request was promised: to read as it was written then, to hear as it is spoken."""
    window = _window(request.promised_start, request.promised_end, situation)
    if situation.channel is Channel.SMS or not request.promised:
        return request.promised or ""
    return in_words(Promise(window, request.due_at), request.phone, situation)


def before_move(request: Request) -> tuple[str, ...]:
    """The window of a request as choices of the undo step; none where it had none."""
    if request.window_start is None or request.window_end is None:
        return ()
    return request.window_start.isoformat(), request.window_end.isoformat()
