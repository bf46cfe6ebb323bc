"""Taking a message in four moves: answered before? understand; one short transaction; give back what to say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from triage import notices, staff_texts
from triage.callbacks import ALARMS, Flag, Priority
from triage.conversation import respond, run_out
from triage.heard import Heard, hear
from triage.messages import Channel, Inbound, Say
from triage.optout import Scope
from triage.phones import SenderKind, sender_kind, zone_of
from triage.ports import Words
from triage.settings import Clinic
from triage.store import messages, people, promises, requests
from triage.store import staff as staff_store
from triage.store.engine import Database
from triage.store.messages import Arrival, Before
from triage.store.notices import Kind
from triage.store.people import Person
from triage.store.requests import Request, RequestValues
from triage.talk import (
    QUESTION_LASTS,
    CancelCall,
    Effect,
    KeepCall,
    Put,
    SendText,
    Situation,
    SlowCalls,
    Start,
    Stop,
    Turn,
    kept,
    recalled,
)
from triage.understanding import Tier

log = structlog.get_logger()

ONE_MINUTE = timedelta(minutes=1)
FAULTY_WAITS = timedelta(hours=1)
LONGEST_BODY = 20_000  # characters that are kept; a text has at most 1600


@dataclass(frozen=True)
class Answer:
    """The texts to give back, each with the key by which its delivery receipts find it."""

    texts: tuple[str, ...]
    refs: tuple[str, ...]


class AnsweredMeanwhile(Exception):
    """Another delivery of the same message was first; this one must change nothing."""


@dataclass(frozen=True)
class Intake:
    """What every message needs: where it is kept, the clinic's choices, the words, and when each answer expires."""

    database: Database
    clinic: Clinic
    words: Words
    expired: Mapping[str, datetime]

    def take(self, inbound: Inbound) -> Answer:
        """Take one message and return what to say.

        The same message again gives the same answer and changes nothing. Raises what the database raises when nothing
        could be kept: then the message must come again.
        """
        if inbound.sender in self.clinic.numbers:
            return Answer((), ())  # our own number: a loop
        with self.database.read() as db:
            before = messages.before(db, inbound.key, inbound.sender, inbound.at - ONE_MINUTE)
        if before.reply is not None:
            return _answer(inbound.key, before.reply)
        try:
            return self._take_new(inbound, before)
        except AnsweredMeanwhile:
            with self.database.read() as db:
                return _answer(inbound.key, messages.stored_reply(db, inbound.key) or ())

    def _take_new(self, inbound: Inbound, before: Before) -> Answer:
        body = inbound.body[:LONGEST_BODY]
        inbound = replace(inbound, body=body)
        try:
            heard = hear(body, inbound.at.astimezone(self.clinic.zone), inbound.channel, before.just_before)
            with self.database.write() as db:
                if before.staff_id is not None and heard.danger.tier is not Tier.ALARM:
                    return self._staff_text(db, inbound, before.staff_id)
                return self._turn(db, inbound, heard)
        except (AnsweredMeanwhile, SQLAlchemyError, OSError):
            raise
        except Exception as fault:
            # The rules failed, not the database: the text is kept, a person reads it, and nobody meets silence.
            log.exception("rules_failed", key=inbound.key, fault=type(fault).__name__)
            with self.database.write() as db:
                return self._safe_turn(db, inbound)

    def _staff_text(self, db: Connection, inbound: Inbound, staff_id: int) -> Answer:
        member = staff_store.get(db, staff_id)
        assert member is not None
        texts = (staff_texts.hear(db, self.clinic, self.words, member, inbound.body, inbound.at),)
        self._keep(db, Arrival(inbound.key, None, inbound.channel, inbound.body, inbound.at, "staff", reply=texts))
        return _answer(inbound.key, texts)

    def _turn(self, db: Connection, inbound: Inbound, heard: Heard) -> Answer:
        kind = sender_kind(inbound.sender)
        situation = self.situation(db, inbound, heard.understood.lang or "en", kind)
        if kind is SenderKind.PHONE_NANP or inbound.channel is Channel.VOICE:
            turn = respond(heard, situation) if inbound.body.strip() or not inbound.media else _picture(situation)
        else:
            turn = _unanswerable(heard, situation, kind)
        if situation.person.blocked_at and inbound.channel is Channel.SMS and not _alarms(turn):
            turn = _unanswered(turn, situation)
        return self._settle(db, inbound, situation, turn, heard)

    def _safe_turn(self, db: Connection, inbound: Inbound) -> Answer:
        situation = self.situation(db, inbound, "en", sender_kind(inbound.sender))
        add = frozenset({Flag.TROUBLE, Flag.NEEDS_PERSON})
        made = Put(Priority.ROUTINE, phone=situation.phone, add=add)
        turn = Turn(situation.talk, (Say("trouble"),), effects=(made,), labels=("trouble",))
        return self._settle(db, inbound, situation, turn, None)

    def situation(self, db: Connection, inbound: Inbound, lang: str, kind: SenderKind) -> Situation:
        """Who writes or calls, locked until the transaction ends, and where the talk with them stands."""
        person, row = people.meet(db, inbound.sender, lang, inbound.at)
        callable_phone = kind in (SenderKind.PHONE_NANP, SenderKind.PHONE_FOREIGN)
        if row is None and callable_phone and person.zone is None:
            person = _with_zone(db, person)
        return Situation(
            clinic=self.clinic,
            channel=inbound.channel,
            now=inbound.at.astimezone(self.clinic.zone),
            person=person,
            talk=recalled(row, person.lang if row else lang, self.clinic),
            known=row is not None,
            request=requests.newest_of(db, person.id) if person.had_request else None,
            sender=inbound.sender if callable_phone else None,
            expired=frozenset(label for label, at in self.expired.items() if at <= inbound.at),
        )

    def _settle(
        self, db: Connection, inbound: Inbound, situation: Situation, turn: Turn, heard: Heard | None
    ) -> Answer:
        """Write down what the turn comes to, in the transaction that it was made in."""
        person = situation.person
        texts = self.words.texts(turn.reply, turn.talk.lang, inbound.channel)
        request_id = self._apply(db, situation, turn)
        self._keep(
            db,
            Arrival(
                key=inbound.key,
                person_id=person.id,
                channel=inbound.channel,
                body=inbound.body,
                at=inbound.at,
                sender=sender_kind(inbound.sender).value,
                label=",".join(turn.labels)[:40] or None,
                heard=explained(heard),
                reply=texts,
                media=inbound.media,
                request_id=request_id,
            ),
        )
        answer = _answer(inbound.key, texts)
        keys = " ".join(say.key for say in turn.reply.says)
        messages.say(db, answer.refs, texts, person.id, inbound.channel, inbound.at, keys, request_id)
        if turn.talk != situation.talk or not situation.known:
            people.remember(db, person.id, kept(turn.talk, inbound.at), situation.known)
        return answer

    def _keep(self, db: Connection, arrival: Arrival) -> None:
        if messages.keep(db, arrival) is None:
            raise AnsweredMeanwhile(arrival.key)

    def _apply(self, db: Connection, situation: Situation, turn: Turn) -> int | None:
        request = situation.open_request
        request_id = request.id if request else None
        for effect in turn.effects:
            request_id = apply(db, self.clinic, self.words, situation, effect, turn.talk.lang) or request_id
        if turn.talk.lang != situation.person.lang:
            people.change(db, situation.person.id, {"lang": turn.talk.lang})
        return request_id


def apply(db: Connection, clinic: Clinic, words: Words, situation: Situation, effect: Effect, lang: str) -> int | None:
    """Carry out one effect; returns the id of the request that it touched, if any."""
    person, now = situation.person, situation.now
    request = requests.open_of(db, person.id)
    if isinstance(effect, Put):
        request_id = _put(db, words, situation, effect, request, lang)
    elif isinstance(effect, CancelCall):
        if request is None or not requests.cancel(db, request.id, now):
            return None
        promises.settle(db, request.id, now)
        request_id = request.id
    elif isinstance(effect, KeepCall):
        if request or not situation.request or not requests.reopen(db, situation.request.id, now):
            return None
        request_id = situation.request.id
    elif isinstance(effect, SendText):
        _text_to_caller(db, clinic, words, situation, effect, lang)
        return None
    elif isinstance(effect, SlowCalls):
        people.change(db, person.id, {"slow_calls": effect.on})
        return None
    else:
        _consent(db, person, effect, now)
        return None
    notices.follow(db, clinic, request_id, now)
    return request_id


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
    notices.plan_text_to_caller(db, clinic, Kind(effect.key), situation.person, request, body, situation.now)


def _consent(db: Connection, person: Person, effect: Stop | Start, now: datetime) -> None:
    if isinstance(effect, Start):
        people.change(db, person.id, {"opted_out_at": None, "consent": {"source": "text", "at": now.isoformat()}})
        return
    values: dict[str, Any] = {}
    if effect.scope in (Scope.TEXTS, Scope.ALL):
        values["opted_out_at"] = person.opted_out_at or now
    if effect.scope is Scope.ALL:
        values["no_calls_at"] = now
    people.change(db, person.id, values)


def _put(db: Connection, words: Words, situation: Situation, effect: Put, request: Request | None, lang: str) -> int:
    """Make the request, or add to the open one: known fields stay, flags gather, a priority only rises."""
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
    if effect.confirmed:
        values["confirmed_at"] = now
    free = ("promised_start", "promised_end", "snoozed_until")
    values = {name: value for name, value in values.items() if value is not None or name in free}
    if situation.person.name is None and effect.name and effect.phone == situation.sender:
        people.change(db, situation.person.id, {"name": effect.name})
    if request is None:
        due_at = values.pop("due_at", now)
        made = {**values, "flags": effect.add - effect.drop}
        new = RequestValues(situation.person.id, effect.priority, situation.channel, lang, due_at, made)
        request_id = requests.create(db, new, now)
        _note_promise(db, request_id, effect, values.get("promised"), now)
        return request_id
    values["flags"] = (request.flags | effect.add) - (effect.drop - effect.add)
    values["priority"] = min(request.priority, effect.priority, key=lambda p: p.rank)
    if effect.alert_again:
        values |= {"acknowledged_by": None, "acknowledged_at": None, "next_alert_at": None}
    requests.change(db, request.id, values, now)
    _note_promise(db, request.id, effect, values.get("promised"), now)
    return request.id


def _note_promise(db: Connection, request_id: int, effect: Put, words: str | None, now: datetime) -> None:
    if effect.promise:
        promises.make(db, request_id, effect.promise, words, now)


def _with_zone(db: Connection, person: Person) -> Person:
    zone = zone_of(person.phone)
    if zone is None:
        return person
    people.change(db, person.id, {"zone": zone.key})
    return replace(person, zone=zone.key)


def _picture(situation: Situation) -> Turn:
    """A picture without words: somebody should look at it."""
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    says = () if situation.person.opted_out_at else (Say("picture"),)
    return Turn(situation.talk, says, effects=(made,), labels=("picture",))


def _unanswerable(heard: Heard, situation: Situation, kind: SenderKind) -> Turn:
    """Robots and channels that we do not serve: kept and screened, and read by a person where there may be one."""
    alarm = heard.danger.tier is Tier.ALARM
    labels = (heard.danger.label,) if alarm else (kind.value,)
    if kind in (SenderKind.SHORT_CODE, SenderKind.ALPHANUMERIC) and not alarm:
        return Turn(situation.talk, labels=labels)
    flags = frozenset({Flag.NEEDS_PERSON, Flag.CALL_ONLY})
    made = Put(
        ALARMS[heard.danger.label] if alarm else Priority.ROUTINE,
        phone=situation.phone,
        add=flags,
        alert_again=alarm,
    )
    return Turn(situation.talk, effects=(made,), labels=labels)


def _alarms(turn: Turn) -> bool:
    return any(isinstance(effect, Put) and effect.priority is not Priority.ROUTINE for effect in turn.effects)


def _unanswered(turn: Turn, situation: Situation) -> Turn:
    """From a blocked phone: kept, with what it says of consent. Danger that is unclear is read by a person."""
    effects: tuple[Effect, ...] = tuple(one for one in turn.effects if isinstance(one, Stop | Start | CancelCall))
    if turn.talk.step == "check_in":
        effects += (Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.PLEASE_READ})),)
    return Turn(situation.talk, effects=effects, labels=turn.labels)


def _answer(key: str, texts: tuple[str, ...]) -> Answer:
    return Answer(texts, tuple(f"{key}.{number}" for number in range(len(texts))))


def explained(heard: Heard | None) -> dict[str, Any] | None:
    """Why the program answered as it did, for staff: labels with scores, danger, rule, nearest example."""
    if heard is None:
        return None
    understood = heard.understood
    return {
        "lang": understood.lang,
        "exact": understood.exact,
        "danger": dict(vars(heard.danger)),
        "scores": [[label, round(score, 3)] for label, score in understood.scores[:3]],
        "vetoes": list(understood.vetoes),
        "nearest": understood.nearest,
        "encoder": understood.encoder,
    }


def open_question(db: Connection, clinic: Clinic, person_id: int, step: str, now: datetime) -> None:
    """A notice has asked something: a digit answers the newest question."""
    found = people.lock_talk(db, person_id)
    if found is None:
        return
    person, row = found
    if row is not None and row.draft["draft"]["wish"]:
        return  # a form is being filled in; its question stays the open one
    talk = replace(recalled(row, person.lang, clinic).at(step), expires_at=now + QUESTION_LASTS)
    people.remember(db, person_id, kept(talk, now), row is not None)


def expire(database: Database, clinic: Clinic, words: Words, now: datetime) -> int:
    """Settle drafts and questions whose time is over; returns how many.

    One transaction each, and one that throws is put off, so none stops another.
    """
    with database.read() as db:
        waiting = people.expired(db, now)
    for person_id in waiting:
        try:
            with database.write() as db:
                _expire_one(db, clinic, words, person_id, now)
        except Exception as fault:
            log.exception("draft_not_settled", person=person_id, fault=type(fault).__name__)
            with database.write() as db:
                people.put_off(db, person_id, now + FAULTY_WAITS)
    return len(waiting)


def _expire_one(db: Connection, clinic: Clinic, words: Words, person_id: int, now: datetime) -> None:
    found = people.lock_talk(db, person_id)
    if found is None or found[1] is None or found[1].expires_at is None or found[1].expires_at > now:
        return  # a message came in between
    person, row = found
    sender = person.phone if sender_kind(person.phone) in (SenderKind.PHONE_NANP, SenderKind.PHONE_FOREIGN) else None
    situation = Situation(
        clinic=clinic,
        channel=Channel.SMS,
        now=now.astimezone(clinic.zone),
        person=person,
        talk=recalled(row, person.lang, clinic),
        known=True,
        request=requests.newest_of(db, person.id),
        sender=sender,
    )
    turn = run_out(situation)
    for effect in turn.effects:
        apply(db, clinic, words, situation, effect, turn.talk.lang)
    people.remember(db, person.id, kept(turn.talk, now), known=True)
