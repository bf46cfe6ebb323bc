"""The fields of each webhook about a call, as recorded. The places are empty: a made-up number has none."""

from datetime import UTC, datetime
from email.utils import format_datetime

from phone.calls.legs import CallStatus, Leg, Recording, Transcription, Way
from phone.webhook import Form

Fields = list[tuple[str, str]]


def call_form(leg: Leg, account: str) -> Fields:
    """Return what every webhook of a call carries."""
    form: Fields = [
        ("AccountSid", account), ("ApiVersion", "2010-04-01"), ("CallSid", leg.sid),
        ("CallStatus", leg.status.value), *_party("Called", leg.recipient), *_party("Caller", leg.sender),
        ("Direction", leg.way.value), *_party("From", leg.sender), *_party("To", leg.recipient),
    ]  # fmt: skip
    if leg.way is Way.INBOUND and leg.status is CallStatus.RINGING:
        form.insert(4, ("CallToken", '{"parentCallInfoToken":"local"}'))
    if leg.parent is not None:
        form.append(("ParentCallSid", leg.parent.sid))
    if leg.answered_by and not leg.detection.told_to.url:
        form.append(("AnsweredBy", leg.answered_by))
    return [*form, *leg.extra]


def _party(name: str, phone: str) -> Fields:
    country = "US" if phone.startswith("+1") else ""
    return [(name, phone), *((f"{name}{part}", country if part == "Country" else "") for part in PLACE)]


PLACE = ("City", "Country", "State", "Zip")


def keys_form(digits: str, finished_on: str) -> Fields:
    return [("Digits", digits), ("FinishedOnKey", finished_on), ("msg", "Gather End")]


def speech_form(text: str, language: str) -> Fields:
    """Return speech with a capital and a full stop, as the recogniser writes it."""
    confidence = "0.91234" if text else "0.0"
    return [("Language", language), ("SpeechResult", as_recognised(text)), ("Confidence", confidence)]


def as_recognised(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def record_form(recording: Recording, url: str, ended_by: str) -> Fields:
    """Return the form of a recording. `ended_by`: the key, "hangup", or empty after silence or at full length."""
    form: Fields = [
        ("RecordingDuration", str(recording.seconds)), ("RecordingSid", recording.sid), ("RecordingUrl", url),
    ]  # fmt: skip
    return [("Digits", ended_by), *form] if ended_by else form


def recording_form(leg: Leg, account: str, status: str, recording: Recording, url: str) -> Form:
    return [
        ("RecordingSource", "RecordVerb"), ("RecordingSid", recording.sid), ("RecordingUrl", url),
        ("RecordingStatus", status), ("RecordingChannels", "1"), ("ErrorCode", "0"), ("CallSid", leg.sid),
        ("RecordingStartTime", format_datetime(recording.created_at)), ("AccountSid", account),
        ("RecordingDuration", str(recording.seconds)),
    ]  # fmt: skip


def transcription_form(leg: Leg, account: str, transcription: Transcription, recording_url: str, hook: str) -> Form:
    """Return the form of a transcription; a failed one comes without a text."""
    form: Fields = [
        ("ApiVersion", "2010-04-01"), ("TranscriptionType", "fast"),
        ("TranscriptionUrl", f"{recording_url}/Transcriptions/{transcription.sid}"),
        ("TranscriptionSid", transcription.sid), ("Called", leg.recipient),
        ("RecordingSid", transcription.recording.sid), ("CallStatus", leg.status.value),
        ("RecordingUrl", recording_url), ("From", leg.sender), ("Direction", leg.way.value), ("url", hook),
        ("AccountSid", account), ("Caller", leg.sender), ("TranscriptionStatus", transcription.status),
        ("CallSid", leg.sid), ("To", leg.recipient),
    ]  # fmt: skip
    return [*form, ("TranscriptionText", transcription.text)] if transcription.text else form


def progress_form(leg: Leg, account: str, event: str, sequence: int) -> Form:
    """Return a call receipt. Only the last one knows how long it was: `Duration` in minutes, `CallDuration` in
    seconds.
    """
    form = [
        ("CallStatus", "initiated") if event == "initiated" and name == "CallStatus" else (name, value)
        for name, value in call_form(leg, account)
        if name != "CallToken"
    ]
    form += [
        ("Timestamp", format_datetime(datetime.now(UTC))), ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(sequence)),
    ]  # fmt: skip
    if leg.sip_code:
        form.append(("SipResponseCode", str(leg.sip_code)))
    if event == "completed":
        form += [("Duration", str(-(-leg.duration_s // 60))), ("CallDuration", str(leg.duration_s))]
    return form


def dial_form(status: str, child: Leg | None, is_bridged: bool) -> Fields:
    form: Fields = [("DialCallStatus", status), ("DialBridged", "true" if is_bridged else "false")]
    if child is not None:
        form.insert(0, ("DialCallSid", child.sid))
    if child is not None and is_bridged:
        form.append(("DialCallDuration", str(child.duration_s)))
    return form


def detection_form(leg: Leg, account: str) -> Form:
    return [
        ("CallSid", leg.sid), ("AccountSid", account), ("AnsweredBy", leg.answered_by),
        ("MachineDetectionDuration", "1800"),
    ]  # fmt: skip
