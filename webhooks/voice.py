"""Inbound calls: one route a turn, and the reports about calls and recordings."""

import structlog
from flask import Blueprint, Response, request

from triage.intake import voicemail
from triage.intake.inbound_calls import CallIntake, CallTurn, Happened, Played
from triage.model.message import Channel, Connect
from triage.store.engine import NOT_KEPT
from triage.store.keys import storable
from webhooks import last_words, own_voice, twiml
from webhooks.rest_client import TRY_AGAIN
from webhooks.signature import signed_by_twilio
from webhooks.twilio_posts import answer_report, field, phone_field, runtime, whole_number
from webhooks.twilio_words import ENDED

log = structlog.get_logger()

bp = Blueprint("voice", __name__, url_prefix="/webhooks/voice")

MOST_TURNS = 9999
MOST_KEYS = 40
TURN = f"/<int(max={MOST_TURNS}):number>"
# The query parameter of a turn that is tried once more after a fault; at a second fault Twilio asks the fallback URL.
TRIED = "tried"


@bp.post("")
@signed_by_twilio
def rings() -> Response:
    """Answer a call that comes in."""
    return _answer_turn(_turn(0))


@bp.post(TURN)
@signed_by_twilio
def heard(number: int) -> Response:
    """Answer keys, words or silence."""
    said = _keys_or_words()
    is_lost = not said and TRIED in request.args  # a Redirect brings none of what was keyed or said
    return _answer_turn(_turn(number, body=said, happened=Happened.TRIED if is_lost else Happened.HEARD))


@bp.post(f"{TURN}/recorded")
@signed_by_twilio
def recorded(number: int) -> Response:
    """Go on after the tone: the caller has stopped speaking."""
    sid, duration_s = _sid("RecordingSid"), whole_number("RecordingDuration")
    return _answer_turn(_turn(number, happened=Happened.RECORDED, recording=sid, duration_s=duration_s))


@bp.post(f"{TURN}/nobody")
@signed_by_twilio
def nobody(number: int) -> Response:
    """Go on with the call: the phones that were rung for the caller are done with, taken or not."""
    return _answer_turn(_turn(number, happened=Happened.RUNG))


@bp.post("/fallback")
@signed_by_twilio
def fallback() -> Response:
    """Answer when a turn failed: 988 / 911, then a voicemail. Needs no database."""
    return _out_of_reach()


@bp.post("/fallback/recorded")
@signed_by_twilio
def fallback_recorded() -> Response:
    """Keep a voicemail of the fallback with who called, which the report of a recording does not tell; say goodbye."""
    sid, call_sid = _sid("RecordingSid"), _sid("CallSid")
    caller, duration_s, at = phone_field("From"), whole_number("RecordingDuration"), runtime().now()
    if sid and call_sid:
        try:
            voicemail.reported(runtime().intake, sid, call_sid, duration_s, at, caller)
        except NOT_KEPT as fault:
            log.error("voicemail_not_kept", fault=type(fault).__name__)  # the provider's lists bring it
    return _xml(twiml.farewell(_in_both_languages("goodbye")))


@bp.post("/status")
@signed_by_twilio
def status() -> Response:
    """Take the report that a call is over; other statuses need nothing done."""
    sid, call_status = _sid("CallSid"), request.form.get("CallStatus", "")
    if not sid or call_status not in ENDED:
        return Response(status=204)
    duration_s, at = whole_number("CallDuration"), runtime().now()
    return answer_report(lambda: CallIntake(runtime().intake).ended(sid, duration_s, at), "report_not_kept")


@bp.post("/recordings")
@signed_by_twilio
def recording() -> Response:
    """Take the report of a complete recording; one of another status needs nothing done."""
    sid, call_sid = _sid("RecordingSid"), _sid("CallSid")
    if not sid or not call_sid or request.form.get("RecordingStatus", "completed") != "completed":
        return Response(status=204)
    caller, duration_s, at = phone_field("From"), whole_number("RecordingDuration"), runtime().now()
    return answer_report(
        lambda: voicemail.reported(runtime().intake, sid, call_sid, duration_s, at, caller), "report_not_kept"
    )


@bp.post("/transcripts")
@signed_by_twilio
def transcript() -> Response:
    """Take the transcript of a recording, which Twilio posts some time after it."""
    sid, call_sid = _sid("RecordingSid"), _sid("CallSid")
    text = storable(request.form.get("TranscriptionText", ""))
    if not sid or not call_sid:
        return Response(status=204)
    caller, at = phone_field("From"), runtime().now()
    return answer_report(
        lambda: voicemail.transcribed(runtime().intake, sid, call_sid, text, at, caller), "report_not_kept"
    )


def _turn(number: int, **more: object) -> CallTurn:
    return CallTurn(
        sid=_sid("CallSid") or "",
        number=number,
        sender=phone_field("From"),
        to=phone_field("To"),
        at=runtime().now(),
        **more,  # type: ignore[arg-type]
    )


def _keys_or_words() -> str:
    """Return the keys of a turn, else the words: whoever presses a key means it. Twilio leaves out the final #."""
    digits = storable(request.form.get("Digits", "")).strip()
    if digits:
        return digits[:MOST_KEYS]
    return storable(request.form.get("SpeechResult", ""))


def _sid(name: str) -> str | None:
    return field(name).strip() or None


def _answer_turn(turn: CallTurn) -> Response:
    """Take a turn and render what is heard.

    If the database does not keep it, say 988 / 911 and redirect to the same turn once more; the second time answer 503,
    by which Twilio asks the fallback URL. 204 without a CallSid.
    """
    if not turn.sid:
        return Response(status=204)
    try:
        played = CallIntake(runtime().intake).take(turn)
    except NOT_KEPT as fault:
        log.error("turn_not_kept", fault=type(fault).__name__)
        if TRIED in request.args:
            return Response(status=503)
        again = f"{runtime().environment.public_base_url}{request.path}?{TRIED}=1{TRY_AGAIN}"
        return _xml(twiml.once_more(_in_both_languages("unreached"), again))
    if played is None:
        return _out_of_reach()
    return _xml(twiml.voice(played, _next_urls(played), own_voice.recorded(runtime())))


def _out_of_reach() -> Response:
    longest_s, lines = runtime().clinic.calls.longest_message_s, _in_both_languages("out_of_reach")
    urls = twiml.NextUrls("", _voice_url("fallback/recorded"), "", _voice_url("recordings"), _voice_url("transcripts"))
    return _xml(twiml.out_of_reach(lines, urls, longest_s))


last_words.answer_faults(bp, _out_of_reach, last_words.VOICE)


def _next_urls(played: Played) -> twiml.NextUrls:
    next_turn = played.number + 1
    kind = played.then.kind if isinstance(played.then, Connect) else ""
    base = runtime().environment.public_base_url
    return twiml.NextUrls(
        heard=_voice_url(str(next_turn)),
        recorded=_voice_url(f"{next_turn}/recorded"),
        connect=f"{base}/webhooks/calls/connect/{kind}/{next_turn}{TRY_AGAIN}",
        recording_report=_voice_url("recordings"),
        transcript=_voice_url("transcripts"),
    )


def _in_both_languages(key: str) -> list[tuple[str, str]]:
    """Word a text in English and Spanish, as pairs of language and sentence: the caller's language is not known."""
    return [(lang, runtime().words.say(key, lang, channel=Channel.VOICE)) for lang in ("en", "es")]


def _voice_url(path: str) -> str:
    return f"{runtime().environment.public_base_url}/webhooks/voice/{path}{TRY_AGAIN}"


def _xml(document: str) -> Response:
    return Response(document, content_type=twiml.CONTENT_TYPE)
