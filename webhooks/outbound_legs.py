"""Calls that we make or hand on: what each phone hears as it answers and presses keys, and what became of it."""

import re
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import DatabaseBusy
from triage.model.call import Leg
from triage.model.message import Channel, ConnectTo, Reply
from triage.ports import CallReport
from triage.ringing import leg_turns, outgoing_leg, transfer
from triage.ringing.outgoing_leg import OVER, Next, Spoken
from triage.runtime import Runtime
from triage.store import calls, legs
from triage.store.keys import storable
from webhooks import twiml
from webhooks.rest_client import TRY_AGAIN
from webhooks.signature import signed_by_twilio

log = structlog.get_logger()

bp = Blueprint("calls", __name__, url_prefix="/webhooks/calls")

LEG = "/<int(max=2147483647):leg_id>"

KINDS = ", ".join(f'"{kind}"' for kind in ConnectTo)

LONGEST_SID = 40

_REF = re.compile(r"l([0-9]{1,9})")

Act = Callable[[Connection, Leg], Spoken]


def runtime() -> Runtime:
    found: Runtime = current_app.extensions["runtime"]
    return found


@bp.post(f"{LEG}/answered")
@signed_by_twilio
def answered(leg_id: int) -> Response:
    """Answer for a phone that we ring and that has been picked up."""
    return _heard(leg_id, lambda db, leg: leg_turns.answered(db, runtime().clinic, leg, runtime().now()))


@bp.post(f"{LEG}/<any(key, connect, voicemail):step>")
@signed_by_twilio
def pressed(leg_id: int, step: str) -> Response:
    """Take a key on it. The step is in the address, so that a post that comes twice is answered alike."""
    key = request.form.get("Digits", "")[:1]
    return _heard(
        leg_id, lambda db, leg: leg_turns.pressed(db, runtime().clinic, leg, Next(step), key, runtime().now())
    )


@bp.post(f"{LEG}/dialled")
@signed_by_twilio
def dialled(leg_id: int) -> Response:
    """Answer to the end of a dial; heard by whoever had it made, staff or a caller."""

    def go_on(db: Connection, leg: Leg) -> Spoken:
        _report(db, leg.id, request.form.get("DialCallSid", ""), request.form.get("DialCallStatus", ""))
        after = legs.get(db, leg.id)
        return leg_turns.after_dial(db, runtime().clinic, after, runtime().now()) if after else OVER

    return _heard(leg_id, go_on, own=False)


@bp.post("/status")
@signed_by_twilio
def reported() -> Response:
    """Take one report of a leg. 204 also for legs and words that we do not know; 503 if it was not kept."""
    ref = _REF.fullmatch(request.args.get("ref", ""))
    if ref is None:
        return Response(status=204)
    try:
        with runtime().db.write() as db:
            _report(db, int(ref[1]), request.form.get("CallSid", ""), request.form.get("CallStatus", ""))
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("call_report_not_kept", fault=type(fault).__name__)
        return Response(status=503)
    return Response(status=204)


def _report(db: Connection, leg_id: int, sid: str, status: str) -> None:
    duration = request.form.get("DialCallDuration") or request.form.get("CallDuration") or ""
    seconds = int(duration) if duration.isdecimal() and duration.isascii() and len(duration) <= 6 else None
    machine = storable(request.form.get("AnsweredBy", "")) or None
    heard = CallReport(storable(sid)[:LONGEST_SID], storable(status), machine, seconds)
    leg_turns.report(db, runtime().clinic, runtime().words, leg_id, heard, runtime().now())


@bp.post(f"/connect/<any({KINDS}):kind>/<int(max=9999):turn>")
@signed_by_twilio
def connect(kind: str, turn: int) -> Response:
    """Put a caller through; the call goes on with that turn if nobody takes it."""
    sid = storable(request.form.get("CallSid", ""))[:LONGEST_SID]

    def put_through(db: Connection) -> Spoken:
        call = calls.by_sid(db, sid)
        person_id = call.person_id if call else None
        return transfer.connect(db, runtime().clinic, ConnectTo(kind), person_id, sid, turn, runtime().now())

    return _told(put_through)


def _heard(leg_id: int, act: Act, own: bool = True) -> Response:
    """Take one turn of a leg. own: the call that posts is the leg itself."""

    def take(db: Connection) -> Spoken:
        leg = outgoing_leg.hold(db, leg_id)
        sid = storable(request.form.get("CallSid", ""))[:LONGEST_SID]
        if leg is None or (own and not legs.bind(db, leg, sid, runtime().now())):
            return OVER
        return act(db, leg)

    return _told(take, leg_id)


def _told(take: Callable[[Connection], Spoken], leg_id: int = 0) -> Response:
    """Run one transaction and answer with its words. 503 when nothing could be kept: then Twilio tries again."""
    parts = runtime()
    try:
        with parts.db.write() as db:
            spoken = take(db)
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("leg_not_kept", leg=leg_id, fault=type(fault).__name__)
        return Response(status=503)
    base = f"{parts.environment.public_base_url}/webhooks"
    back = f"{base}/voice/{spoken.turn}/nobody{TRY_AGAIN}"
    links = twiml.Links(f"{base}/calls", parts.clinic.numbers[0], TRY_AGAIN, back)
    sentences = parts.words.texts(Reply(spoken.says), spoken.lang, Channel.VOICE)
    document = twiml.leg(sentences, spoken.lang, spoken.then, spoken.on or leg_id, links)
    return Response(document, content_type=twiml.CONTENT_TYPE)
