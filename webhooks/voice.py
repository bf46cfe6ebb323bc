"""Inbound calls: one route a turn, and the reports about calls and recordings."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import DatabaseBusy
from triage.intake import voicemail
from triage.intake.inbound_calls import Calls, CallTurn, Happened, Played
from triage.model.message import Channel, Connect
from triage.runtime import Runtime
from triage.store.keys import storable
from webhooks import twiml
from webhooks.rest_client import TRY_AGAIN
from webhooks.signature import signed_by_twilio

log = structlog.get_logger()

bp = Blueprint("voice", __name__, url_prefix="/webhooks/voice")

LONGEST_SID = 40
MOST_TURNS = 9999
TURN = f"/<int(max={MOST_TURNS}):number>"
# A fault has been answered by one more try; the next is Twilio's to answer, with the fallback URL.
TRIED = "tried"
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


def runtime() -> Runtime:
    found: Runtime = current_app.extensions["runtime"]
    return found


@bp.post("")
@signed_by_twilio
def rings() -> Response:
    """Answer a call that comes in."""
    return _played(_turn(0))


@bp.post(TURN)
@signed_by_twilio
def heard(number: int) -> Response:
    """Take keys, words or silence."""
    return _played(_turn(number, body=_said()))


@bp.post(f"{TURN}/recorded")
@signed_by_twilio
def recorded(number: int) -> Response:
    """Go on after the tone: the caller has stopped speaking."""
    sid = _field("RecordingSid")
    return _played(_turn(number, happened=Happened.RECORDED, recording=sid, duration_s=_seconds("RecordingDuration")))


@bp.post(f"{TURN}/nobody")
@signed_by_twilio
def nobody(number: int) -> Response:
    """Go on with the call where it was: the phones that were rung for the caller were not taken."""
    return _played(_turn(number))


@bp.post("/fallback")
@signed_by_twilio
def fallback() -> Response:
    """Answer when a turn failed. Needs no database, and ends in a message all the same."""
    longest_s = runtime().clinic.calls.longest_message_s
    return _xml(twiml.out_of_reach(_in_both("out_of_reach"), _url("fallback/recorded"), _url("recordings"), longest_s))


@bp.post("/fallback/recorded")
@signed_by_twilio
def fallback_recorded() -> Response:
    """End the call with where help is; the message itself is kept by its receipt."""
    return _xml(twiml.farewell(_in_both("goodbye")))


@bp.post("/status")
@signed_by_twilio
def status() -> Response:
    """Take note that a call is over."""
    sid, word = _field("CallSid"), request.form.get("CallStatus", "")
    if not sid or word not in ENDED:
        return Response(status=204)
    duration = _seconds("CallDuration")
    return _kept(lambda: Calls(runtime().intake).ended(sid, duration, runtime().now()))


@bp.post("/recordings")
@signed_by_twilio
def recording() -> Response:
    """Take the report of a recording that is complete, or has come to nothing."""
    sid, call_sid = _field("RecordingSid"), _field("CallSid")
    if not sid or not call_sid or request.form.get("RecordingStatus", "completed") != "completed":
        return Response(status=204)
    caller = request.form.get("From", "").strip()[:80]
    duration = _seconds("RecordingDuration")
    return _kept(lambda: voicemail.reported(runtime().intake, sid, call_sid, duration, runtime().now(), caller))


@bp.post("/transcripts")
@signed_by_twilio
def transcript() -> Response:
    """Take the words of a recording, some time after it."""
    sid, call_sid = _field("RecordingSid"), _field("CallSid")
    text = storable(request.form.get("TranscriptionText", ""))
    if not sid or not call_sid:
        return Response(status=204)
    return _kept(lambda: voicemail.transcribed(runtime().intake, sid, call_sid, text, runtime().now()))


def _turn(number: int, **more: object) -> CallTurn:
    form = request.form
    return CallTurn(
        sid=_field("CallSid") or "",
        number=number,
        sender=form.get("From", "").strip()[:80],
        to=form.get("To", "").strip()[:80],
        at=runtime().now(),
        **more,  # type: ignore[arg-type]
    )


def _said() -> str:
    """Return keys before words: who presses a key means it. The key that ends a number is no part of it."""
    digits = storable(request.form.get("Digits", "")).strip()
    if digits:
        return digits[:40]
    return storable(request.form.get("SpeechResult", ""))


def _field(name: str) -> str | None:
    return storable(request.form.get(name, "")).strip()[:LONGEST_SID] or None


def _seconds(name: str) -> int | None:
    written = request.form.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= 6 else None


def _played(turn: CallTurn) -> Response:
    """Answer with the turn's words; on a fault help is named, the turn asked for once more, then the fallback
    answers.
    """
    if not turn.sid:
        return Response(status=204)
    try:
        played = Calls(runtime().intake).take(turn)
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("turn_not_kept", fault=type(fault).__name__)
        if TRIED in request.args:
            return Response(status=503)
        again = f"{runtime().environment.public_base_url}{request.path}?{TRIED}=1{TRY_AGAIN}"
        return _xml(twiml.once_more(_in_both("unreached"), again))
    return _xml(twiml.voice(played, _ways(played)))


def _ways(played: Played) -> twiml.Ways:
    following = played.number + 1
    kind = played.then.kind if isinstance(played.then, Connect) else ""
    base = runtime().environment.public_base_url
    return twiml.Ways(
        heard=_url(str(following)),
        recorded=_url(f"{following}/recorded"),
        connect=f"{base}/webhooks/calls/connect/{kind}/{following}{TRY_AGAIN}",
        recording_report=_url("recordings"),
        transcript=_url("transcripts"),
    )


def _in_both(key: str) -> list[tuple[str, str]]:
    """Word it in both languages: nobody can say which one the caller speaks."""
    return [(lang, runtime().words.say(key, lang, channel=Channel.VOICE)) for lang in ("en", "es")]


def _url(path: str) -> str:
    return f"{runtime().environment.public_base_url}/webhooks/voice/{path}{TRY_AGAIN}"


def _xml(document: str) -> Response:
    return Response(document, content_type=twiml.CONTENT_TYPE)


def _kept(act: Callable[[], None]) -> Response:
    """Answer 204 for a report that is kept, or of which we know nothing; 503 makes it come again."""
    try:
        act()
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("report_not_kept", fault=type(fault).__name__)
        return Response(status=503)
    return Response(status=204)
