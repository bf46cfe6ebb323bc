"""Voicemail and spoken names: takes the reports of recordings and their transcripts, which come in any order."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from triage.conversation import call_turns
from triage.conversation.danger import alarm_words
from triage.conversation.state import Put, Situation
from triage.hours.promises import promise
from triage.intake.effects import apply
from triage.intake.inbound_calls import LONGEST_SPEECH, CallTurn, begin_call, caller_of, talk_of, turn_key
from triage.intake.inbound_texts import Intake
from triage.model.call import Call, Fetch
from triage.model.message import Arrival, Channel, Inbound, Recorded
from triage.model.notice import Kind
from triage.model.phone import is_north_american, sender_kind
from triage.model.request import ALARMS, Flag, Priority
from triage.notices.to_patients import plan_late_answer
from triage.reading.read_message import Heard, explained, hear
from triage.store import calls, messages, recordings
from triage.store.engine import may_pass
from triage.understanding.decide import decide
from triage.understanding.safety import Tier

log = structlog.get_logger()

# A question about the person's own case, which the medical team answers.
MEDICAL_QUESTION = "handover.medical"


def reported(intake: Intake, sid: str, call_sid: str, duration_s: int | None, at: datetime, sender: str = "") -> None:
    """Keep a recording that is complete. If the turn that recorded it never came, queue the voicemail here.

    at: aware UTC. sender: the caller as Twilio posts it, for a call that we do not know. Where it is not posted, the
    provider's list of calls tells it, and the recording waits for that.
    """
    with intake.database.write() as db:
        known = recordings.keep_and_fetch(db, sid, {"call_sid": call_sid, "duration_s": duration_s}, at)
        if known.state is Fetch.GONE or known.person_id is not None or intake.clinic.calls.is_too_short(duration_s):
            return
        call = calls.by_sid(db, call_sid) or _call_unheard_of(intake, db, CallTurn(call_sid, 0, sender, "", at))
        if call is None:
            return
        situation = _situation_of(intake, db, call, at)
        of = Recorded.NAME if situation.talk.step == "record_name" else Recorded.VOICEMAIL
        request_id = situation.open_request.id if situation.open_request else None
        if of is Recorded.VOICEMAIL:
            for effect in call_turns.left_voicemail(situation):
                request_id = apply(db, intake.clinic, intake.words, situation, effect, situation.talk.lang)
        recordings.keep(db, sid, {"person_id": call.person_id, "request_id": request_id, "of": of.value}, at)


def _call_unheard_of(intake: Intake, db: Connection, turn: CallTurn) -> Call | None:
    """Insert a call of which the first we hear is a recording: we were down when it came, and Twilio took a message.

    None where it is not told who called.
    """
    if not turn.sender.strip():
        return None
    inbound = Inbound(turn_key(turn), Channel.VOICE, caller_of(turn, intake.clinic), "", "", turn.at)
    person = intake.situation(db, inbound, "en", sender_kind(inbound.sender)).person
    return begin_call(db, turn, person.id)


def transcribed(intake: Intake, sid: str, call_sid: str, text: str, at: datetime, sender: str = "") -> None:
    """Keep the transcript of a recording and screen it for danger like any other words, however late it comes.

    sender: as with `reported`. The same post again changes nothing, and alarms nobody a second time. Where a rule
    fails, or what is kept of the caller, the words are kept and screened all the same.
    """
    text = text.strip()[:LONGEST_SPEECH]
    try:
        _take_transcript(intake, sid, call_sid, text, at, sender)
    except Exception as fault:
        if not text or may_pass(fault):
            raise
        log.exception("taken_unopened", key=_key_of(sid), fault=type(fault).__name__)
        _keep_unopened(intake, _key_of(sid), CallTurn(call_sid, 0, sender, "", at), text)


def _key_of(sid: str) -> str:
    return f"transcript:{sid}"


def _keep_unopened(intake: Intake, key: str, turn: CallTurn, text: str) -> None:
    """Keep and screen a transcript of which all else has failed, under the caller who is posted with it, else under
    the one whose call it was.
    """
    with intake.database.write() as db:
        if messages.known(db, [key]):
            return
        caller = caller_of(turn, intake.clinic)
        call = None if sender_kind(caller).is_phone else calls.by_sid(db, turn.sid)
        phone = (call.phone if call else "") or caller
        intake.keep_unopened(db, Inbound(key, Channel.VOICE, phone, "", text, turn.at), ())


def _take_transcript(intake: Intake, sid: str, call_sid: str, text: str, at: datetime, sender: str) -> None:
    heard = hear(text, at.astimezone(intake.clinic.zone), Channel.VOICE) if text else None
    with intake.database.write() as db:
        call = calls.by_sid(db, call_sid) or _call_unheard_of(intake, db, CallTurn(call_sid, 0, sender, "", at))
        known = recordings.keep(db, sid, {"call_sid": call_sid, "transcript": text or None}, at)
        if call is None or heard is None:
            return
        situation, key = _situation_of(intake, db, call, at), _key_of(sid)
        if messages.known(db, [key]):
            return
        made = _alarm_of(heard, situation)
        request_id = known.request_id
        if made is not None:
            request_id = apply(db, intake.clinic, intake.words, situation, made, situation.talk.lang)
        label = _label_of(heard)
        phone = situation.sender
        if heard.danger.tier is Tier.ALARM and phone and is_north_american(phone) and situation.person.textable:
            # Nobody answered these words while they were said. An opt-out does not stand against it.
            said = alarm_words(heard.danger.label, situation)
            body = intake.words.say(said.key, situation.talk.lang, said.values)
            plan_late_answer(db, intake.clinic, Kind.LATE_ALARM, call.person_id, request_id, key, at, body, at)
        messages.keep(
            db,
            Arrival(
                key, call.person_id, Channel.VOICE, text, at, sender_kind(call.phone).value, label,
                explained(heard), (), (), request_id,
            ),
        )  # fmt: skip


def _label_of(heard: Heard) -> str:
    """Return as what a transcript is kept: what is medical in it is so in a text, too."""
    if heard.danger.tier is not Tier.NONE:
        return heard.danger.label
    is_medical = MEDICAL_QUESTION in decide(heard.understood).labels
    return f"voicemail,{MEDICAL_QUESTION}" if is_medical else "voicemail"


def _alarm_of(heard: Heard, situation: Situation) -> Put | None:
    """Return the request that a transcript raises: an alarm as if said now; where danger is in doubt, one to read."""
    if heard.danger.tier is Tier.ALARM:
        priority, clinic = ALARMS[heard.danger.label], situation.clinic
        made = promise(priority, None, situation.now, clinic.opening, clinic.targets)
        return Put(priority, phone=situation.phone, alert_again=True, promise=made)
    if heard.danger.tier is Tier.CHECK_IN:
        return Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.PLEASE_READ}))
    return None


def _situation_of(intake: Intake, db: Connection, call: Call, at: datetime) -> Situation:
    inbound = Inbound(f"call:{call.sid}:later", Channel.VOICE, call.phone, "", "", at)
    situation = intake.situation(db, inbound, "en", sender_kind(call.phone))
    return replace(situation, talk=talk_of(call, situation))
