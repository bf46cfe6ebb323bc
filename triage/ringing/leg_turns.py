"""The turns of an outgoing leg: its phone is answered, a key is pressed, a Dial ends; and reports about its call."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.model.call import Leg, LegState, Purpose
from triage.model.message import Say
from triage.model.request import Priority
from triage.policy import STAFF_LANG
from triage.ports import CallReport, Words
from triage.ringing import double_dial, talks
from triage.ringing.call_back import after_patient, call_patient, log_when_over, to_mailbox
from triage.ringing.outgoing_leg import OVER, TO_PATIENT, Next, Spoken, Why, lock_with_person
from triage.ringing.picked_up import Answer
from triage.ringing.transfer import LINES, back_to_caller, caller_key, dial, ring_next, still_trying, take_caller
from triage.settings import Clinic
from triage.store import calls, legs, requests
from triage.team import request_acts
from triage.team.request_acts import By

# Statuses of a call that is going on. Reports come in any order: of two, the one farther down this list counts.
RANKS = ("queued", "initiated", "ringing", "in-progress")

# Statuses of a call that has ended. The first one reported counts.
ENDS = ("completed", "busy", "no-answer", "failed", "canceled")

_SAME_STATUS = {"answered": "in-progress"}


def answered(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Return what a phone hears when it is picked up: nothing private, for it may be a mailbox or somebody else."""
    if leg.ended_at is not None:
        late = leg.purpose is Purpose.CALL_BACK  # it was given up: nobody could say that it rang
        return Spoken((Say("staff_call/too_late", {"ref": leg.request_id}),)) if late else OVER
    legs.change(db, leg.id, {"status": "in-progress"}, now)
    return _question(db, clinic, leg)


def _question(db: Connection, clinic: Clinic, leg: Leg) -> Spoken:
    request = requests.get(db, leg.request_id) if leg.request_id else None
    if leg.purpose is Purpose.CALLER:
        return Spoken((Say(caller_key(request), {"sender": clinic.sender_name}),), Next.KEY)
    if request is None or not request.is_open:
        return Spoken((Say("staff_call/not_open"),)) if leg.staff_id and leg.purpose is not Purpose.PATIENT else OVER
    if leg.purpose is Purpose.PATIENT:
        return Spoken((Say("staff_call/did_you_ask", {"sender": clinic.sender_name}),), Next.ASKED, request.lang)
    if leg.purpose is Purpose.ALERT:
        if request.acknowledged_at is not None:
            return Spoken((Say("staff_call/was_acknowledged", {"ref": request.id}),))
        grave = request.priority if request.priority.pages else Priority.CRISIS
        key = f"staff_call/{'uncalled' if request.uncalled_at else 'alert'}_{grave}"
        return Spoken((Say(key, {"sender": clinic.sender_name, "ref": request.id}),), Next.KEY)
    return Spoken((Say("staff_call/call_back", {"sender": clinic.sender_name, "ref": request.id}),), Next.KEY)


def pressed(db: Connection, clinic: Clinic, leg: Leg, step: Next, answer: Answer, now: datetime) -> Spoken:
    """Act on the answer of a leg to a question. Staff who do not say yes are asked again."""
    if leg.ended_at is not None:
        return OVER
    if step in TO_PATIENT:
        return _patient_said(db, clinic, leg, step, answer, now) if leg.purpose is Purpose.PATIENT else OVER
    if answer is not Answer.YES:
        return _question(db, clinic, leg) if step is Next.KEY else OVER
    if step is Next.VOICEMAIL:
        return to_mailbox(db, clinic, leg, now)
    if leg.purpose is Purpose.CALLER:
        return take_caller(db, clinic, leg, now) if leg.dialled_by and leg.staff_id else OVER
    if leg.request_id is None or leg.staff_id is None or leg.purpose is Purpose.PATIENT:
        return OVER  # a key on a phone that is asked nothing: the crisis line, a mailbox
    if leg.purpose is Purpose.ALERT and step is Next.KEY:
        return _acknowledge(db, clinic, leg, now)
    return call_patient(db, clinic, leg, now, anyway=step is Next.ANYWAY)


def _patient_said(db: Connection, clinic: Clinic, leg: Leg, step: Next, answer: Answer, now: datetime) -> Spoken:
    """Join a patient who asked for the call, or who speaks of danger; let anybody else go, after a second question.

    A machine is not asked a second time: what it records is one neutral sentence.
    """
    if answer in (Answer.YES, Answer.DANGER):
        legs.accept(db, leg.id, now)
        talks.began(db, clinic, leg, now, now)
        return Spoken(then=Next.JOIN)
    lang = _lang_of(db, leg)
    if answer is Answer.NO:
        return _let_go(db, leg, Why.WRONG_PERSON, lang, now)
    if answer is Answer.NOTHING and leg.by_machine:
        return OVER
    if step is Next.ASKED:
        return replace(_question(db, clinic, leg), then=Next.ASKED_AGAIN)
    return _let_go(db, leg, Why.SILENT if answer is Answer.NOTHING else Why.UNCLEAR, lang, now)


def _let_go(db: Connection, leg: Leg, why: Why, lang: str, now: datetime) -> Spoken:
    legs.change(db, leg.id, {"why": why}, now)
    return Spoken((Say("staff_call/sorry"),), lang=lang)


def _lang_of(db: Connection, leg: Leg) -> str:
    request = requests.get(db, leg.request_id) if leg.request_id else None
    return request.lang if request else STAFF_LANG


def _acknowledge(db: Connection, clinic: Clinic, leg: Leg, now: datetime) -> Spoken:
    """Acknowledge an alert by key. That the call was answered is not enough: it may have been a mailbox."""
    assert leg.request_id is not None
    assert leg.staff_id is not None
    legs.accept(db, leg.id, now)
    request_acts.acknowledge(db, clinic, leg.request_id, leg.staff_id, now, By.CALL)
    return Spoken((Say("staff_call/acknowledged", {"ref": leg.request_id}),), Next.CONNECT)


def after_dial(db: Connection, clinic: Clinic, leg: Leg, now: datetime, has_gone: bool = False) -> Spoken:
    """Return what the side that had this leg dialled hears when the Dial has ended. has_gone: it has hung up."""
    if leg.purpose is Purpose.PATIENT:
        return after_patient(leg)
    if leg.purpose is Purpose.VOICEMAIL:
        return Spoken((Say("staff_call/message_left" if leg.status == "completed" else "staff_call/no_answer"),))
    if leg.purpose is Purpose.JOINED:
        return double_dial.over(db, leg, now)
    if leg.dialled_by is None:
        return OVER  # it has dialled nobody: an alert, or staff who are called
    legs.end_of_dial(db, leg.dialled_by, now)
    call = calls.by_sid(db, leg.dialled_by.rsplit(":", 1)[0])
    if has_gone or (call is not None and call.ended_at is not None):
        return OVER  # a next phone would ring for nobody, and keep the person locked
    rung = legs.of_dial(db, leg.dialled_by)
    if leg.purpose in LINES.values():
        return back_to_caller(leg.dialled_by)
    if any(other.accepted_at is not None for other in rung):
        # Whoever is in danger is not left alone with a dead line, whoever hangs up first.
        request = requests.get(db, leg.request_id) if leg.request_id else None
        return back_to_caller(leg.dialled_by) if request and request.priority.pages else OVER
    later = [other for other in rung if other.id > leg.id]
    if later and clinic.calls.ring == "in_turn":
        return still_trying(db, dial(db, clinic, later[:1]), leg.person_id)
    request = requests.get(db, leg.request_id) if leg.request_id else None
    return still_trying(db, ring_next(db, clinic, request, leg.person_id, leg.dialled_by, now), leg.person_id)


def report(db: Connection, clinic: Clinic, words: Words, leg_id: int, heard: CallReport, now: datetime) -> None:
    """Update a leg from a report of its call: a receipt, the end of a Dial, or a look-up.

    Reports may come in any order, repeatedly or late. Unknown legs and CallSids of other legs change nothing.
    """
    leg = lock_with_person(db, leg_id)
    if leg is None or (heard.sid and not legs.bind(db, leg, heard.sid, now)):
        return
    values: dict[str, Any] = {}
    if heard.answered_by and not leg.answered_by:
        values["answered_by"] = heard.answered_by[:24]
    if heard.duration_s is not None:
        values["duration_s"] = heard.duration_s
    if heard.turned_away:
        values["why"] = Why.TURNED_AWAY
    status = _SAME_STATUS.get(heard.status, heard.status)
    if leg.status == "in-progress" and status in ENDS:
        status = "completed"  # it was picked up, though a Dial that connected nobody reports no-answer
    if leg.ended_at is None:
        if status in ENDS:
            values |= {"status": status, "state": LegState.ENDED, "ended_at": now}
        elif status in RANKS and (leg.status is None or RANKS.index(status) >= RANKS.index(leg.status)):
            values["status"] = status
    is_joined_unasked = leg.purpose in (Purpose.VOICEMAIL, *LINES.values()) or (
        leg.purpose is Purpose.PATIENT and not clinic.calls.confirm_identity
    )
    if is_joined_unasked and status in ("in-progress", "completed"):
        legs.accept(db, leg.id, now)
    legs.change(db, leg.id, values, now)
    if status not in ENDS:
        return
    if leg.purpose is Purpose.CALL_BACK and status == "failed":
        talks.tell_not_made(db, words, leg, "staff/not_rung", now)
    after = legs.get(db, leg.id) or leg
    talks.ended(db, after, now)
    log_when_over(db, clinic, words, after, now)
