"""The Calls, Recordings and Transcriptions resources: what the clinic starts, asks and takes away."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flask import Response, request
from flask.typing import ResponseReturnValue

from phone.board import Board
from phone.calls.call_book import CallBook
from phone.calls.legs import CallStatus, Detection, Leg, Recording, Source, Transcription, Way
from phone.calls.sounds import sample_wav
from phone.calls.switchboard import Switchboard
from phone.calls.verbs import Callback
from phone.config import PhoneConfig, read_number
from phone.faults import Fault, Faults
from phone.records import new_sid
from phone.rest import fields
from phone.rest.call_resources import call_json, recording_json, transcription_json
from phone.rest.errors import RestError
from phone.rest.resources import page_json

LONGEST_TWIML = 4000

LONGEST_RING_S = 600


class Calls:
    """Views of Calls.json and what hangs below it."""

    def __init__(self, config: PhoneConfig, board: Board, switchboard: Switchboard) -> None:
        self._config = config
        self._board = board
        self._switchboard = switchboard
        self._book = switchboard.book

    def create(self) -> ResponseReturnValue:
        leg = self._draft(fields.read(request.form, fields.CALL_CREATE), request.form.getlist("StatusCallbackEvent"))
        # In the next moment the phone may be ringing: the answer says what was taken.
        shown = call_json(leg, self._config.account_sid)
        self._switchboard.call_out(leg)
        return shown, 201

    def _draft(self, form: Mapping[str, str], events: list[str]) -> Leg:
        """Make a call out of the form. Raises RestError with Twilio's code."""
        if unplayed := [name for name in fields.CALL_NOT_PLAYED if form.get(name, "false").lower() != "false"]:
            raise RestError(400, 20001, f"The local phone does not play {', '.join(unplayed)}")
        sender, recipient, now = self._sender(form), _recipient(form), datetime.now(UTC)
        if recipient == sender:
            raise RestError(400, 21266, f"'To' and 'From' number cannot be the same: {recipient}")
        if not re.fullmatch(fields.URL, form.get("StatusCallback", "")):
            raise RestError(400, 21609, "The StatusCallback URL is not a valid URL.")
        if int(form.get("Timeout", "60")) > LONGEST_RING_S:
            raise RestError(400, 20001, "Invalid parameters: Timeout")
        told = Callback(
            form.get("AsyncAmdStatusCallback", "") if form.get("AsyncAmd", "").lower() == "true" else "",
            form.get("AsyncAmdStatusCallbackMethod", "POST"),
        )
        return Leg(
            new_sid("CA"), recipient, sender, recipient, Way.API, _source(form), now, now,
            receipts=Callback(
                form.get("StatusCallback", ""), form.get("StatusCallbackMethod", "POST"),
                tuple(events) or Callback.events,
            ),
            detection=Detection(form.get("MachineDetection", ""), told), rings_s=int(form.get("Timeout", "60")),
        )  # fmt: skip

    def _sender(self, form: Mapping[str, str]) -> str:
        if not form.get("From"):
            raise RestError(400, 21213, "No 'From' number is specified")
        sender = read_number(form["From"])
        if sender is None or self._board.number(sender) is None:
            raise RestError(400, 21210, f"'From' phone number not verified: {form['From']}")
        return sender

    def list(self) -> ResponseReturnValue:
        """List the calls, newest first."""
        asked = fields.read(request.args, fields.CALL_LIST)
        times = _moments(asked, "StartTime", "EndTime")
        found = [leg for leg in reversed(self._book.legs()) if _is_asked_for(leg, asked, times)]
        return page_json("calls", [call_json(leg, self._config.account_sid) for leg in found], request.path, asked)

    def fetch(self, sid: str) -> ResponseReturnValue:
        return call_json(self._find(sid), self._config.account_sid)

    def update(self, sid: str) -> ResponseReturnValue:
        """End a call, or take it to another document."""
        leg, form = self._find(sid), fields.read(request.form, fields.CALL_UPDATE)
        if form.get("Status"):
            is_answered = leg.status is CallStatus.IN_PROGRESS
            if not is_answered or form["Status"] == "completed":
                self._switchboard.end(leg, CallStatus.COMPLETED if is_answered else CallStatus.CANCELED)
        elif leg.status is not CallStatus.IN_PROGRESS:
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        else:
            self._switchboard.redirect(leg, _source(form))
        return call_json(leg, self._config.account_sid)

    def delete(self, sid: str) -> ResponseReturnValue:
        leg = self._find(sid)
        if leg.is_open:
            raise RestError(409, 20009, "Cannot delete this resource before it is complete")
        self._book.delete(sid)
        return "", 204

    def _find(self, sid: str) -> Leg:
        leg = self._book.leg(sid)
        if leg is None:
            raise _not_found()
        return leg


def _source(form: Mapping[str, str]) -> Source:
    url, twiml = form.get("Url", ""), form.get("Twiml", "")
    if not twiml and not re.fullmatch(r"https?://\S+", url):
        raise RestError(400, 21205, f"Url is not a valid URL: {url}")
    if len(twiml) > LONGEST_TWIML:
        raise RestError(400, 20001, "Twiml is longer than 4000 characters")
    return Source(
        "" if twiml else url, form.get("Method", "POST"), twiml,
        form.get("FallbackUrl", ""), form.get("FallbackMethod", "POST"),
    )  # fmt: skip


def _recipient(form: Mapping[str, str]) -> str:
    if not form.get("To"):
        raise RestError(400, 21201, "No 'To' number is specified")
    recipient = read_number(form["To"])
    if recipient is None:
        raise RestError(400, 21211, f"Invalid 'To' Phone Number: {form['To']}")
    return recipient


def _is_asked_for(leg: Leg, asked: Mapping[str, str], times: Mapping[str, datetime]) -> bool:
    same = {"To": leg.recipient, "From": leg.sender, "Status": leg.status.value}
    same["ParentCallSid"] = leg.parent.sid if leg.parent else ""
    if any(asked.get(name, value) != value for name, value in same.items()):
        return False
    at = {True: leg.started_at, False: leg.ended_at}
    return all(_is_within(at[name.startswith("Start")], name, moment) for name, moment in times.items())


def _is_within(moment: datetime | None, name: str, asked: datetime) -> bool:
    """Tell whether it was before, after, or on the day that was asked, in GMT; a day alone stands for all of it,
    both ends in.
    """
    if moment is None:
        return False
    if name.endswith("<"):
        is_day = asked == asked.replace(hour=0, minute=0, second=0, microsecond=0)
        return moment < asked + (timedelta(days=1) if is_day else timedelta(seconds=1))
    return moment >= asked if name.endswith(">") else moment.date() == asked.date()


def _moments(asked: Mapping[str, str], *names: str) -> dict[str, datetime]:
    """Read the filters by time, in GMT. Raises RestError for one that cannot be read."""
    moments = {}
    for name in (name for name in asked if name.startswith(names)):
        try:
            moment = datetime.fromisoformat(asked[name])
        except ValueError as wrong:
            raise RestError(400, 20001, f"Invalid parameters: {name}") from wrong
        moments[name] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return moments


class Recordings:
    """What was recorded, its sound, and what was understood of it."""

    def __init__(self, config: PhoneConfig, book: CallBook, faults: Faults) -> None:
        self._config = config
        self._book = book
        self._faults = faults

    def list(self) -> ResponseReturnValue:
        asked = fields.read(request.args, fields.RECORDING_LIST)
        times = _moments(asked, "DateCreated")
        found = [
            recording
            for recording in reversed(self._book.recordings())
            if asked.get("CallSid", recording.call_sid) == recording.call_sid
            and all(_is_within(recording.created_at, name, moment) for name, moment in times.items())
        ]
        return self._page(found, asked)

    def list_of(self, call: str) -> ResponseReturnValue:
        asked = fields.read(request.args, fields.RECORDING_LIST)
        return self._page([each for each in reversed(self._book.recordings()) if each.call_sid == call], asked)

    def _page(self, found: Sequence[Recording], asked: Mapping[str, str]) -> ResponseReturnValue:
        shown = [recording_json(each, self._config.account_sid, self._config.own_url) for each in found]
        return page_json("recordings", shown, request.path, asked)

    def fetch(self, sid: str) -> ResponseReturnValue:
        return recording_json(self._find(sid), self._config.account_sid, self._config.own_url)

    def delete(self, sid: str) -> ResponseReturnValue:
        self._book.delete_recording(self._find(sid).sid)
        return "", 204

    def audio(self, name: str) -> ResponseReturnValue:
        """Give the sound behind RecordingUrl. Whatever ending is asked for, it is what was recorded: mostly a WAV."""
        if self._faults.strikes(Fault.AUDIO_NOT_READY):
            raise _not_found()
        recording = self._find(name.removesuffix(".wav").removesuffix(".mp3"))
        return Response(recording.audio or sample_wav(recording.seconds), content_type=recording.content_type)

    def transcriptions(self, sid: str) -> ResponseReturnValue:
        asked = fields.read(request.args, fields.RECORDING_LIST)
        found = self._book.transcriptions(self._find(sid).sid)
        shown = [transcription_json(each, self._config.account_sid) for each in found]
        return page_json("transcriptions", shown, request.path, asked)

    def transcription(self, sid: str) -> ResponseReturnValue:
        return transcription_json(self._transcription(sid), self._config.account_sid)

    def forget(self, sid: str) -> ResponseReturnValue:
        self._book.delete_transcription(self._transcription(sid).sid)
        return "", 204

    def _find(self, sid: str) -> Recording:
        recording = self._book.recording(sid)
        if recording is None:
            raise _not_found()
        return recording

    def _transcription(self, sid: str) -> Transcription:
        transcription = self._book.transcription(sid)
        if transcription is None:
            raise _not_found()
        return transcription


def _not_found() -> RestError:
    return RestError(404, 20404, f"The requested resource {request.path} was not found")
