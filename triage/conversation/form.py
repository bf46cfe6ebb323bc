"""The call-back form: what a message fills in, which question comes next, and the request it makes."""

from dataclasses import replace
from typing import Any

from triage.conversation.call_request import ASKS, in_words, is_ready, nearest, promise_of, promised, put, stored_window
from triage.conversation.state import AT_REST, Draft, Situation, Talk, Turn
from triage.hours.promises import Promise
from triage.model.message import Channel, Phone, Say
from triage.model.phone import is_north_american
from triage.model.request import Flag, Priority

# The field that the question of a step is about.
FILLS = {
    "ask_name": "name",
    "ask_number": "phone",
    "ask_window": "window",
    "offer_nearest": "window",
    "ask_topic": "topic",
}


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
            "window": stored_window(request.window_start, request.window_end, situation),
            "agreed": stored_window(request.promised_start, request.promised_end, situation),
            "said": request.wish,
        }
    known = {field: value for field, value in known.items() if value is not None}
    return fill(talk.with_draft(wish=True), known)


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
        if situation.channel is Channel.VOICE and not is_north_american(situation.sender):
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
