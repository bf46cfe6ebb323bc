"""Takes a turn of a call in the four moves of a text: answered before? understand; one short transaction; say it.

The dedupe key of a turn is the CallSid and the number of the turn. The step is kept with the call, the draft with the
person: two calls of one phone do not answer each other's questions, and a text can go on where a call ended.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection

from triage.conversation import call_menus, call_turns, guards, held_calls
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, SendText, Situation, Talk, Turn, kept
from triage.hours.waiting import OF_LATE, Waiting, usual
from triage.intake.effects import apply, standing_after
from triage.intake.inbound_texts import BOTH_LANGUAGES, AnsweredMeanwhile, Intake, screened
from triage.model.call import Call
from triage.model.message import (
    Arrival,
    Channel,
    Connect,
    ConnectTo,
    Hangup,
    Inbound,
    Listen,
    Record,
    Recorded,
    Redirect,
    Say,
    Then,
)
from triage.model.notice import Kind
from triage.model.phone import SenderKind, sender_kind
from triage.model.request import Priority
from triage.policy import JOINED_WITHIN
from triage.reading.read_message import Heard, explained, hear
from triage.ringing import talks, transfer
from triage.settings import Clinic
from triage.store import calls, legs, messages, people, recordings, waits
from triage.store.engine import may_pass
from triage.understanding.safety import Tier

log = structlog.get_logger()

LONGEST_SPEECH = 4000


class Happened(StrEnum):
    """What a turn is posted for."""

    HEARD = "heard"  # keys, words or silence
    RECORDED = "recorded"  # the end of a recording
    RUNG = "rung"  # the end of ringing other phones for the caller
    TRIED = "tried"  # a second try, after a fault of ours that lost what was heard


@dataclass(frozen=True)
class CallTurn:
    """One turn of a call as it comes in. number: 0 when the phone rings. body: keys or words, empty for silence."""

    sid: str
    number: int
    sender: str
    to: str
    at: datetime
    body: str = ""
    happened: Happened = Happened.HEARD
    recording: str | None = None
    duration_s: int | None = None


@dataclass(frozen=True)
class Played:
    """What a turn answers: `lines`, pairs of language and sentence, then what is listened for or done.

    lang: in which the caller's next words are expected. number: of the turn that this answers.
    """

    lines: tuple[tuple[str, str], ...]
    lang: str
    number: int
    listen: Listen | None = None
    then: Then | None = None


@dataclass(frozen=True)
class CallIntake:
    """Takes the turns of inbound calls and the report of their end; shares its parts with the intake of texts."""

    intake: Intake

    def take(self, turn: CallTurn) -> Played | None:
        """Take one turn and return what is to be heard. The same turn again gives the same and changes nothing.

        None where the words were kept and all else failed: then the caller hears 988 / 911 and may leave a message.
        Raises what the database raises when nothing could be kept (NOT_KEPT).
        """
        try:
            return self._take(turn)
        except Exception as fault:
            if may_pass(fault):
                raise
            log.exception("taken_unopened", key=turn_key(turn), fault=type(fault).__name__)
        caller, body = caller_of(turn, self.intake.clinic), turn.body[:LONGEST_SPEECH]
        inbound = Inbound(turn_key(turn), Channel.VOICE, caller, turn.to, body, turn.at)
        try:
            with self.intake.database.write() as db:
                self.intake.keep_unopened(db, inbound, ())
        except AnsweredMeanwhile:
            log.warning("answered_meanwhile", key=inbound.key)
        return None

    def _take(self, turn: CallTurn) -> Played:
        database = self.intake.database
        with database.read() as db:
            call = calls.by_sid(db, turn.sid)
            turn = _with_possible_number(turn, call)
            stored = calls.stored_reply(db, turn.sid, turn.number)
            caller = (call.phone if call else "") or caller_of(turn, self.intake.clinic)
            before = messages.before(db, turn_key(turn), caller, turn.at - JOINED_WITHIN, turn.at)
        if stored is not None:
            return self._again(stored, turn.number)
        try:
            return self._take_new(turn, caller, before.just_before)
        except AnsweredMeanwhile:
            with database.read() as db:
                return self._again(calls.stored_reply(db, turn.sid, turn.number) or {}, turn.number)

    def _again(self, stored: Mapping[str, Any], number: int) -> Played:
        """Return what a turn was answered with; where that cannot be read, 988 / 911 and an open ear."""
        if stored:
            return _from_stored(stored, number)
        lines = tuple((lang, self.intake.words.say("trouble", lang, channel=Channel.VOICE)) for lang in BOTH_LANGUAGES)
        return Played(lines, BOTH_LANGUAGES[0], number, call_menus.listening("menu", BOTH_LANGUAGES[0], slow=False))

    def _take_new(self, turn: CallTurn, caller: str, just_before: str | None) -> Played:
        """Understand a turn that was not answered before, then decide and write in one transaction."""
        inbound = Inbound(turn_key(turn), Channel.VOICE, caller, turn.to, turn.body[:LONGEST_SPEECH], turn.at)
        heard: Heard | None = None
        try:
            if turn.number and turn.happened is Happened.HEARD:
                at, usual = turn.at.astimezone(self.intake.clinic.zone), self.intake.clinic.parts_of_day
                heard = hear(inbound.body.strip(), at, Channel.VOICE, just_before, usual)
            with self.intake.database.write() as db:
                return self._turn(db, turn, inbound, heard)
        except AnsweredMeanwhile:
            raise
        except Exception as fault:
            if may_pass(fault):
                raise
            # The rules failed, not the database: the words are kept, somebody reads them, and the call goes on.
            log.exception("rules_failed", key=inbound.key, fault=type(fault).__name__)
            with self.intake.database.write() as db:
                return self._safe_turn(db, turn, inbound, heard)

    def _turn(self, db: Connection, turn: CallTurn, inbound: Inbound, heard: Heard | None) -> Played:
        lang = heard.understood.lang if heard else None
        lang = lang or self.intake.clinic.lang_of(inbound.to)
        situation = self.intake.situation(db, inbound, lang, sender_kind(inbound.sender))
        call = begin_call(db, turn, situation.person.id)
        returning = transfer.returning(db, situation.person.id) if turn.number == 0 else None
        situation = replace(situation, talk=talk_of(call, situation) if turn.number else situation.talk)
        if turn.number == 0:
            made = call_turns.opening(situation, returning)
        elif turn.happened is Happened.RECORDED:
            made = call_turns.after_recording(situation, self._keep_recording(db, turn, situation))
        elif turn.happened is Happened.TRIED:
            made = call_turns.once_more(situation)
        elif turn.happened is Happened.RUNG:
            situation = replace(situation, waiting=self._waiting(db, situation))
            made = call_turns.after_connection(situation, transfer.has_talked(db, turn.sid, turn.number))
        else:
            assert heard is not None
            made = call_turns.take_turn(heard, situation, call.silences)
        if situation.person.blocked_at:
            made = call_turns.blocked(made, situation, is_first=turn.number == 0)
        return self._settle(db, turn, inbound, situation, call, made, heard)

    def _waiting(self, db: Connection, situation: Situation) -> Waiting | None:
        """Return the place in line and the likely wait of who waits for no window; None where nobody can say."""
        request, opening = situation.open_request, self.intake.clinic.opening
        if request is None or request.priority is not Priority.ROUTINE or request.promised_start:
            return None
        waited = [opening.open_time(*wait) for wait in waits.first_tries(db, situation.now - OF_LATE)]
        told = usual(waited)
        return Waiting(waits.position(db, request), *told) if told else None

    def _safe_turn(self, db: Connection, turn: CallTurn, inbound: Inbound, heard: Heard | None) -> Played:
        """Say that it was our fault, with 988 / 911, ask the same again, and raise a request that somebody reads: the
        rules have failed.
        """
        danger = heard.danger if heard else screened(inbound.body)
        situation = self.intake.situation(db, inbound, "en", sender_kind(inbound.sender))
        call = begin_call(db, turn, situation.person.id)
        said, made = guards.after_fault(danger, situation)
        label = "trouble" if danger.tier is Tier.NONE else danger.label
        talk, question = _same_question(call, situation, label)
        listen = call_menus.listening(talk.step, talk.lang, situation.person.slow_calls)
        safe = Turn(talk, (said,), question, (made,), (label,), listen)
        return self._settle(db, turn, inbound, situation, call, safe, None)

    def _settle(
        self, db: Connection, turn: CallTurn, inbound: Inbound, situation: Situation, call: Call, made: Turn,
        heard: Heard | None,
    ) -> Played:  # fmt: skip
        """Write what a turn changes, the turn and its reply, and return what is to be heard.

        Raises AnsweredMeanwhile if another post of the same turn was written first.
        """
        person, talk = situation.person, made.talk
        request_id = situation.open_request.id if situation.open_request else None
        for effect in made.effects:
            touched = apply(db, self.intake.clinic, self.intake.words, situation, effect, talk.lang)
            request_id = touched or request_id
        if talk.lang != person.lang:
            people.change(db, person.id, {"lang": talk.lang})
        if turn.happened is Happened.RECORDED and turn.recording:
            recordings.keep(db, turn.recording, {"person_id": person.id, "request_id": request_id}, turn.at)
        played = self._played(made, turn.number)
        if made.labels == ("repeated",):
            played = self._repeated(db, call, played)
        silent = turn.number > 0 and turn.happened is Happened.HEARD and not inbound.body.strip()
        state = {
            "step": talk.step,
            "choices": list(talk.choices),
            "misses": talk.misses,
            "silences": call.silences + 1 if silent else 0,
        }
        if not calls.answered(db, call.id, turn.number, _to_stored(played), turn.at, **state):
            raise AnsweredMeanwhile(inbound.key)
        self._keep_words(db, inbound, situation, made, heard, played, request_id)
        left = _talk_for_texts(standing_after(db, situation, made))
        people.remember(db, person.id, kept(left, turn.at), situation.known)
        return played

    def _keep_words(
        self, db: Connection, inbound: Inbound, situation: Situation, made: Turn, heard: Heard | None, played: Played,
        request_id: int | None,
    ) -> None:  # fmt: skip
        """Insert both sides of a turn as messages of the person; none for silence, nor for the first turn of a call."""
        if not inbound.body.strip():
            return
        words = " ".join(line for _, line in played.lines)
        arrival = Arrival(
            key=inbound.key,
            person_id=situation.person.id,
            channel=Channel.VOICE,
            body=inbound.body,
            at=inbound.at,
            sender=sender_kind(inbound.sender).value,
            label=",".join(made.labels)[:40] or None,
            heard=explained(heard),
            reply=(words,),
            request_id=request_id,
        )
        if messages.keep(db, arrival) is None:
            raise AnsweredMeanwhile(inbound.key)
        keys = " ".join(say.key for say in made.reply.says)
        refs = (f"{inbound.key}.0",)
        messages.say(db, refs, (words,), situation.person.id, Channel.VOICE, inbound.at, keys, request_id)

    def _played(self, made: Turn, number: int) -> Played:
        lang, words, reply = made.talk.lang, self.intake.words, made.reply
        lines = tuple(
            (say.lang or lang, words.say(say.key, say.lang or lang, say.values, Channel.VOICE)) for say in reply.says
        )
        return Played(lines, lang, number, reply.listen, reply.then)

    def _repeated(self, db: Connection, call: Call, played: Played) -> Played:
        """Return what the key * repeats: all sentences of the turn before."""
        stored = calls.stored_reply(db, call.sid, call.turn)
        return replace(played, lines=self._again(stored, played.number).lines) if stored is not None else played

    def _keep_recording(self, db: Connection, turn: CallTurn, situation: Situation) -> bool:
        """Keep a recording, to be fetched by the clock; False if there is none, or it is too short to be a message."""
        if not turn.recording or self.intake.clinic.calls.is_too_short(turn.duration_s):
            return False
        of = Recorded.NAME if situation.talk.step == "record_name" else Recorded.VOICEMAIL
        recordings.keep_and_fetch(
            db, turn.recording, {"call_sid": turn.sid, "of": of.value, "duration_s": turn.duration_s}, turn.at
        )
        return True

    def ended(self, sid: str, duration_s: int | None, at: datetime) -> None:
        """Record that a call is over. A caller who had chosen a call-back is called all the same."""
        with self.intake.database.write() as db:
            call = calls.by_sid(db, sid)
            if call is None or not calls.end(db, sid, duration_s, at):
                return
            people.lock_talk(db, call.person_id)
            for leg in legs.end_of_call(db, sid, at):
                talks.ended(db, leg, at)
            inbound = Inbound(f"call:{sid}:end", Channel.VOICE, call.phone, "", "", at)
            situation = self.intake.situation(db, inbound, "en", sender_kind(call.phone))
            situation = replace(situation, talk=talk_of(call, situation))
            turn = call_turns.hung_up(situation)
            if turn is None:
                self._text_missed_caller(db, call, situation)
                return
            for effect in turn.effects:
                apply(db, self.intake.clinic, self.intake.words, situation, effect, turn.talk.lang)
            left = _talk_for_texts(standing_after(db, situation, turn))
            people.remember(db, situation.person.id, kept(left, at), situation.known)

    def _text_missed_caller(self, db: Connection, call: Call, situation: Situation) -> None:
        """Plan a text to a caller who hung up without a word, where the clinic has switched that on."""
        if call.turn == 0 and self.intake.clinic.calls.missed_call_text and not situation.open_request:
            effect = SendText(Kind.MISSED_CALL)
            apply(db, self.intake.clinic, self.intake.words, situation, effect, situation.talk.lang)


def begin_call(db: Connection, turn: CallTurn, person_id: int) -> Call:
    """Return the call of a turn, inserted if it is new."""
    calls.begin(db, turn.sid, person_id, "menu", turn.at)
    call = calls.by_sid(db, turn.sid)
    assert call is not None
    return call


def _same_question(call: Call, situation: Situation, label: str) -> tuple[Talk, Say]:
    """Return what is asked after a fault: of who is in danger the line, else the same again, a second time the menu."""
    talk = talk_of(call, situation)
    raised = Turn(talk, labels=(label,))
    if held_calls.is_held(situation) or label in ("crisis", "emergency"):
        talk = talk.at(held_calls.line_of(replace(situation, talk=talk), raised))
    elif talk.misses or call_menus.ends_with(talk.step, situation):
        talk = talk.at("menu")
    else:
        talk = replace(talk, misses=1)
    try:
        return talk, call_menus.question(replace(situation, talk=talk), again=True)
    except Exception as fault:
        log.exception("question_failed", step=talk.step, fault=type(fault).__name__)
        return talk.at("menu"), Say("menu_again")


# --- the number of a turn, its dedupe key, its caller, and where its call stands


def _with_possible_number(turn: CallTurn, call: Call | None) -> CallTurn:
    """Return the turn with a number that can be: at most the one after the last taken; 0 for an unknown call."""
    if call is None:
        return replace(turn, number=0)
    return replace(turn, number=min(turn.number, call.turn + 1))


def turn_key(turn: CallTurn) -> str:
    return f"call:{turn.sid}:{turn.number}"


def caller_of(turn: CallTurn, clinic: Clinic) -> str:
    """Return a caller's E.164 phone; for a withheld one "withheld:" and the CallSid, which no two callers share."""
    sender = turn.sender.strip()
    is_known = sender_kind(sender).is_phone and not clinic.is_no_person(sender)
    return sender if is_known else f"{SenderKind.WITHHELD}:{turn.sid}"


def talk_of(call: Call, situation: Situation) -> Talk:
    """Return the person's talk at the step where this call stands; at the menu if that is no step of a call."""
    step = call.step if call.step in call_menus.CALL_STEPS else "menu"
    return situation.talk.at(step, *call.choices, misses=call.misses)


def _talk_for_texts(talk: Talk) -> Talk:
    """Return the talk as the person's next text may go on from it.

    The open question stays where a text can answer it; of a draft without a wish for a call only the name stays.
    """
    if call_menus.is_waiting(talk.step):
        return talk
    resting = talk.at(AT_REST)
    return resting if talk.draft.wish else replace(resting, draft=Draft(name=talk.draft.name))


# --- the reply of a turn as stored JSON


_THEN_KINDS = {Record: "record", Connect: "connect", Hangup: "hangup", Redirect: "redirect"}


def _to_stored(played: Played) -> Mapping[str, Any]:
    then = played.then
    return {
        "lines": [list(line) for line in played.lines],
        "lang": played.lang,
        "listen": asdict(played.listen) if played.listen else None,
        "then": {"kind": _THEN_KINDS[type(then)], "values": asdict(then)} if then else None,
    }


def _from_stored(stored: Mapping[str, Any], number: int) -> Played:
    listen, then = stored["listen"], stored["then"]
    return Played(
        lines=tuple((lang, line) for lang, line in stored["lines"]),
        lang=stored["lang"],
        number=number,
        listen=Listen(**{**listen, "hints": tuple(listen["hints"])}) if listen else None,
        then=_then(then["kind"], then["values"]) if then else None,
    )


def _then(kind: str, values: Mapping[str, Any]) -> Then:
    if kind == "record":
        return Record(**{**values, "of": Recorded(values["of"])})
    if kind == "connect":
        return Connect(ConnectTo(values["kind"]), values["request_id"])
    return Hangup() if kind == "hangup" else Redirect()
