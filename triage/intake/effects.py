"""Writes what one turn of the conversation changes: requests, opt-out and consent, texts to callers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.conversation.state import (
    CallsWelcome,
    CancelCall,
    Effect,
    Put,
    PutBack,
    SendText,
    Situation,
    SlowCalls,
    Start,
    Stop,
    Talk,
    Turn,
    standing_of,
)
from triage.model.notice import Kind
from triage.model.person import STOPPED_IN_WORDS, Person
from triage.model.request import Request, RequestValues
from triage.notices import plan, to_patients
from triage.ports import Words
from triage.reading.opt_out import Scope
from triage.settings import Clinic
from triage.store import people, promise_ledger, requests


def apply(db: Connection, clinic: Clinic, words: Words, situation: Situation, effect: Effect, lang: str) -> int | None:
    """Write one effect and plan the notices that follow; returns the id of the request that it changed, if any."""
    person, now = situation.person, situation.now
    request = requests.open_of(db, person.id)
    if isinstance(effect, Put):
        request_id = _put(db, words, situation, effect, request, lang)
    elif isinstance(effect, CancelCall):
        if request is None or not requests.cancel(db, request.id, now):
            return None
        promise_ledger.settle(db, request.id, now)
        request_id = request.id
    elif isinstance(effect, PutBack):
        put_back = _put_back(db, words, effect, request, lang, now)
        if put_back is None:
            return None
        request_id = put_back
    elif isinstance(effect, SendText):
        _text_to_caller(db, clinic, words, situation, effect, lang)
        return None
    elif isinstance(effect, SlowCalls):
        people.change(db, person.id, {"slow_calls": effect.on})
        return None
    else:
        _consent(db, person, effect, now)
        return None
    plan.follow(db, clinic, request_id, now)
    return request_id


def standing_after(db: Connection, situation: Situation, turn: Turn) -> Talk:
    """Return the talk that a turn leaves, with how the request stands by now: what its open question is about."""
    request = requests.newest_of(db, situation.person.id) if turn.effects else situation.request
    return replace(turn.talk, about=standing_of(request))


def _text_to_caller(
    db: Connection, clinic: Clinic, words: Words, situation: Situation, effect: SendText, lang: str
) -> None:
    request = requests.open_of(db, situation.person.id)
    values: dict[str, object] = {"sender": clinic.sender_name}
    if request:
        values |= {"ref": request.id, "when": request.promised or words.say("when/at_once", lang)}
    elif effect.key == "call_confirmed":
        return
    body = words.say(effect.key, lang, values)
    to_patients.plan_text_to_caller(db, clinic, Kind(effect.key), situation.person, request, body, situation.now)


def _consent(db: Connection, person: Person, effect: Stop | Start | CallsWelcome, now: datetime) -> None:
    if isinstance(effect, CallsWelcome):
        people.change(db, person.id, {"no_calls_at": None})
        return
    if isinstance(effect, Start):
        people.change(db, person.id, {"opted_out_at": None, "consent": {"source": "text", "at": now.isoformat()}})
        return
    values: dict[str, Any] = {}
    if effect.scope in (Scope.TEXTS, Scope.ALL):
        stopped = {"source": "carrier" if effect.at_carrier else STOPPED_IN_WORDS, "at": now.isoformat()}
        values["consent"] = person.consent if person.opted_out_at and not effect.at_carrier else stopped
        values["opted_out_at"] = person.opted_out_at or now
    if effect.scope in (Scope.CALLS, Scope.ALL):
        values["no_calls_at"] = person.no_calls_at or now
    people.change(db, person.id, values)


def _put(db: Connection, words: Words, situation: Situation, effect: Put, request: Request | None, lang: str) -> int:
    """Create a request, or update the open one; returns its id.

    Of the open one, fields that the effect leaves empty stay, flags are added and dropped, and the priority only rises.
    """
    now = situation.now
    values: dict[str, Any] = {"name": effect.name, "phone": effect.phone, "topic": effect.topic, "wish": effect.said}
    if effect.window:
        values |= {"window_start": effect.window.start, "window_end": effect.window.end}
    if effect.promise:
        window = effect.promise.window
        values |= {
            "promised_start": window.start if window else None,
            "promised_end": window.end if window else None,
            "due_at": effect.promise.due_at,
            "snoozed_until": None,
        }
    if effect.promised:
        values["promised"] = words.say(effect.promised.key, lang, effect.promised.values)
    if effect.act_by:
        due_at = values.get("due_at") or (request.due_at if request else effect.act_by)
        values["due_at"] = min(due_at, effect.act_by)
    if effect.confirmed:
        values["confirmed_at"] = now
    if effect.wrote:
        values["wrote_at"] = now
    may_be_emptied = ("promised_start", "promised_end", "snoozed_until")
    values = {name: value for name, value in values.items() if value is not None or name in may_be_emptied}
    if situation.person.name is None and effect.name and effect.phone == situation.sender:
        people.change(db, situation.person.id, {"name": effect.name})
    if effect.alert_again and effect.priority.pages:
        # In danger the line answers, though staff wrote before; when they write again, the talk is theirs again.
        people.change(db, situation.person.id, {"staff_wrote_at": None})
    if request is None:
        due_at = values.pop("due_at", now)
        known = {**values, "flags": effect.add - effect.drop}
        new = RequestValues(situation.person.id, effect.priority, situation.channel, lang, due_at, known)
        request_id = requests.create(db, new, now)
        _note_promise(db, request_id, effect, values.get("promised"), now)
        return request_id
    values["flags"] = (request.flags | effect.add) - (effect.drop - effect.add)
    values["priority"] = min(request.priority, effect.priority, key=lambda p: p.rank)
    if effect.alert_again:
        values |= {
            "acknowledged_by": None, "acknowledged_at": None, "next_alert_at": None, "uncalled_at": None,
            "spoken_at": None, "alarmed_at": request.alarm_anew(now),
        }  # fmt: skip
    requests.change(db, request.id, values, now)
    _note_promise(db, request.id, effect, values.get("promised"), now)
    return request.id


# What the person's own change of a request may have changed. Who has it and where it stands is theirs only while it is
# closed: nobody else can have taken it then.
_PUT_BACK = (
    "name", "phone", "topic", "wish", "window_start", "window_end", "promised", "promised_start", "promised_end",
    "due_at", "snoozed_until", "confirmed_at", "flags",
)  # fmt: skip
_PUT_BACK_REOPENED = (*_PUT_BACK, "status", "claimed_by", "claimed_at")


def _put_back(
    db: Connection, words: Words, effect: PutBack, request: Request | None, lang: str, now: datetime
) -> int | None:
    """Give a request back all that it had, its promise included; None where that cannot be any more."""
    before, made = effect.before, effect.promise
    if request is not None and request.id != before.id:
        return None  # another one is open by now
    reopened = request is None and requests.reopen(db, before.id, now)
    if request is None and not reopened:
        return None
    values = {name: getattr(before, name) for name in (_PUT_BACK_REOPENED if reopened else _PUT_BACK)}
    if effect.promised:
        values |= {
            "promised": words.say(effect.promised.key, lang, effect.promised.values),
            "promised_start": made.window.start if made.window else None,
            "promised_end": made.window.end if made.window else None,
            "due_at": made.due_at,
        }
    requests.change(db, before.id, values, now)
    promise_ledger.make(db, before.id, made, values["promised"], now)
    return before.id


def _note_promise(db: Connection, request_id: int, effect: Put, words: str | None, now: datetime) -> None:
    if effect.promise:
        promise_ledger.make(db, request_id, effect.promise, words, now)
