"""Outgoing legs: what a phone that we ring hears when it answers or presses a key, and the reports about its call."""

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import Connection

from triage.model.call import Leg
from triage.model.message import Channel, ConnectTo, Reply
from triage.ports import CallReport
from triage.ringing import double_dial, leg_turns, outgoing_leg, transfer
from triage.ringing.outgoing_leg import OVER, TO_PATIENT, TO_STAFF, Next, Spoken
from triage.ringing.picked_up import read_answer
from triage.store import legs
from triage.store.engine import NOT_KEPT
from triage.store.keys import storable
from webhooks import last_words, twiml
from webhooks.rest_client import TRY_AGAIN
from webhooks.signature import signed_by_twilio
from webhooks.twilio_posts import answer_report, field, runtime, whole_number
from webhooks.twilio_words import ENDED

log = structlog.get_logger()

bp = Blueprint("calls", __name__, url_prefix="/webhooks/calls")

LEG = "/<int(max=2147483647):leg_id>"

# The alternatives of Flask's `any` converter: whom a caller may be connected to.
CONNECT_KINDS = ", ".join(f'"{kind}"' for kind in ConnectTo)

# The same: the questions that a phone is asked.
STEPS = ", ".join((*TO_STAFF, *TO_PATIENT))

LONGEST_ANSWER = 400

TURNED_AWAY = "603"  # the code of SIP for a call that its callee rejects

_REF = re.compile(r"l([0-9]{1,9})")

TakeLegTurn = Callable[[Connection, Leg], Spoken]


@bp.post(f"{LEG}/answered")
@signed_by_twilio
def answered(leg_id: int) -> Response:
    """Answer when a phone that we ring has been picked up."""
    return _answer_leg(leg_id, lambda db, leg: leg_turns.answered(db, runtime().clinic, leg, runtime().now()))


@bp.post(f"{LEG}/<any({STEPS}):step>")
@signed_by_twilio
def pressed(leg_id: int, step: str) -> Response:
    """Answer a key or words on a leg. The step is in the URL, so that the same post gets the same answer twice."""
    said = storable(request.form.get("SpeechResult", ""))[:LONGEST_ANSWER]
    answer = read_answer(request.form.get("Digits", "")[:1], said)
    return _answer_leg(
        leg_id, lambda db, leg: leg_turns.pressed(db, runtime().clinic, leg, Next(step), answer, runtime().now())
    )


@bp.post(f"{LEG}/dialled")
@signed_by_twilio
def dialled(leg_id: int) -> Response:
    """Answer when a Dial has ended; heard by the side that was dialling, staff or a caller."""

    def go_on(db: Connection, leg: Leg) -> Spoken:
        _report(db, leg.id, field("DialCallSid"), request.form.get("DialCallStatus", ""))
        after, has_gone = legs.get(db, leg.id), request.form.get("CallStatus") in ENDED
        return leg_turns.after_dial(db, runtime().clinic, after, runtime().now(), has_gone) if after else OVER

    return _answer_leg(leg_id, go_on, is_own_call=False)


@bp.post(f"{LEG}/waits")
@signed_by_twilio
def waits(leg_id: int) -> Response:
    """Answer what a caller hears who waits for the staff that are calling them."""
    return _answer_leg(leg_id, lambda _db, leg: double_dial.waits_on(leg, runtime().now()), is_own_call=False)


@bp.post(f"{LEG}/room")
@signed_by_twilio
def room(leg_id: int) -> Response:
    """Answer the call of staff that was taken to a caller who waits."""
    return _answer_leg(
        leg_id, lambda db, leg: double_dial.joins(db, runtime().clinic, leg, runtime().now()), is_own_call=False
    )


@bp.post(f"{LEG}/talked")
@signed_by_twilio
def talked(leg_id: int) -> Response:
    """Answer staff whose talk with a caller who waited is over."""
    return _answer_leg(leg_id, lambda _db, leg: double_dial.talked(leg), is_own_call=False)


@bp.post("/status")
@signed_by_twilio
def reported() -> Response:
    """Take one status report of a leg. 204 also for legs and statuses that we do not know; 503 if it was not kept."""
    ref = _REF.fullmatch(request.args.get("ref", ""))
    if ref is None:
        return Response(status=204)

    def keep() -> None:
        with runtime().db.write() as db:
            _report(db, int(ref[1]), field("CallSid"), request.form.get("CallStatus", ""))

    return answer_report(keep, "call_report_not_kept")


def _report(db: Connection, leg_id: int, sid: str, status: str) -> None:
    duration_s = whole_number("DialCallDuration" if request.form.get("DialCallDuration") else "CallDuration")
    answered_by = storable(request.form.get("AnsweredBy", "")) or None
    turned_away = request.form.get("SipResponseCode") == TURNED_AWAY
    heard = CallReport(sid, storable(status), answered_by, duration_s, turned_away)
    leg_turns.report(db, runtime().clinic, runtime().words, leg_id, heard, runtime().now())


@bp.post(f"/connect/<any({CONNECT_KINDS}):kind>/<int(max=9999):turn>")
@signed_by_twilio
def connect(kind: str, turn: int) -> Response:
    """Put a caller through to staff or the crisis line; if nobody answers, the call goes on with turn `turn`."""
    sid = field("CallSid")

    def put_through(db: Connection) -> Spoken:
        return transfer.connect(db, runtime().clinic, ConnectTo(kind), sid, turn, runtime().now())

    return _answer_in_transaction(put_through)


def _after_fault() -> Response:
    """Say 988 / 911. A caller who was to be put through goes on with the call, another phone is hung up."""
    lines = [(lang, runtime().words.say("trouble", lang, channel=Channel.VOICE)) for lang in ("en", "es")]
    turn = (request.view_args or {}).get("turn")
    if turn is None:
        return Response(twiml.farewell(lines), content_type=twiml.CONTENT_TYPE)
    back = f"{runtime().environment.public_base_url}/webhooks/voice/{turn}/nobody{TRY_AGAIN}"
    return Response(twiml.once_more(lines, back), content_type=twiml.CONTENT_TYPE)


last_words.answer_faults(bp, _after_fault, last_words.VOICE)


def _answer_leg(leg_id: int, take_turn: TakeLegTurn, is_own_call: bool = True) -> Response:
    """Lock a leg, take one turn of it and answer; hang up where the leg is unknown, or bound to another CallSid.

    is_own_call: the call that posts is the leg itself, so its CallSid is the leg's.
    """

    def take(db: Connection) -> Spoken:
        leg = outgoing_leg.lock_with_person(db, leg_id)
        if leg is None or (is_own_call and not legs.bind(db, leg, field("CallSid"), runtime().now())):
            return OVER
        return take_turn(db, leg)

    return _answer_in_transaction(take, leg_id)


def _answer_in_transaction(take: Callable[[Connection], Spoken], leg_id: int = 0) -> Response:
    """Run one transaction and render what it says. 503 if the database did not keep it: then Twilio tries again."""
    parts = runtime()
    try:
        with parts.db.write() as db:
            spoken = take(db)
    except NOT_KEPT as fault:
        log.error("leg_not_kept", leg=leg_id, fault=type(fault).__name__)
        return Response(status=503)
    base = f"{parts.environment.public_base_url}/webhooks"
    back = f"{base}/voice/{spoken.turn}/nobody{TRY_AGAIN}"
    urls = twiml.LegUrls(f"{base}/calls", parts.clinic.numbers[0], TRY_AGAIN, back)
    sentences = parts.words.texts(Reply(spoken.says), spoken.lang, Channel.VOICE)
    document = twiml.leg(sentences, spoken.lang, spoken.then, spoken.on or leg_id, urls)
    return Response(document, content_type=twiml.CONTENT_TYPE)
