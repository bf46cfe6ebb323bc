"""What a person does with their phone during a call: keys, speech, silence, a message after the tone, hanging up."""

from datetime import UTC, datetime

from phone.calls.legs import CallStatus, Dialling, Leg, Line, Recording, Transcription, Way
from phone.calls.switchboard import Switchboard
from phone.calls.verbs import KEYS, Callback, Enqueue, Gather, Record
from phone.calls.webhook_forms import keys_form, record_form, recording_form, speech_form, transcription_form
from phone.config import PhoneConfig
from phone.faults import Fault, Faults
from phone.records import new_sid

WORDS_A_SECOND = 2.5

TRANSCRIBED_S = range(3, 120)


class NotNow(Exception):
    """The call is not at a point where this can be done; the text says why."""


class Handset:
    """Each act is back when the clinic has answered it. Two acts at once on one call: the second finds it busy."""

    def __init__(self, config: PhoneConfig, switchboard: Switchboard, faults: Faults) -> None:
        self._config = config
        self._switchboard = switchboard
        self._book = switchboard.book
        self._exchange = switchboard.exchange
        self._faults = faults

    def answer(self, leg: Leg) -> None:
        if not self._switchboard.pick_up(leg):
            raise NotNow("that phone does not ring")

    def decline(self, leg: Leg) -> None:
        if not leg.is_ringing_here:
            raise NotNow("that phone does not ring")
        self._switchboard.end(leg, CallStatus.BUSY, 603)

    def ring_out(self, leg: Leg) -> None:
        if not self._switchboard.ring_out(leg):
            raise NotNow("that phone does not ring")

    def answer_by_machine(self, leg: Leg) -> None:
        if not self._switchboard.pick_up(leg, is_machine=True):
            raise NotNow("that phone does not ring")

    def hang_up(self, leg: Leg) -> None:
        """Hang up, at any moment, also while the clinic is being asked. Hanging up on a ringing phone declines."""
        if leg.is_ringing_here:
            self.decline(leg)
        elif leg.is_open:
            gone = CallStatus.NO_ANSWER if leg.way is Way.INBOUND else CallStatus.CANCELED
            self._switchboard.end(leg, CallStatus.COMPLETED if leg.status is CallStatus.IN_PROGRESS else gone)

    def press(self, leg: Leg, keys: str, are_more_coming: bool = False) -> None:
        """Press keys, which stop what is said. Unless more are coming, a pause after the last one ends what was
        keyed in.
        """
        if not keys or set(keys) - set(KEYS):
            raise NotNow(f"keys are {KEYS}")
        waits = self._listening(leg)
        self._book.hear(leg, Line("me", "key", keys))
        if isinstance(waits, Dialling):
            self._press_while_connected(keys, waits)
        elif waits is None and leg.other is not None:
            self._book.hear(leg.other, Line("other", "key", keys))
        elif isinstance(waits, Record):
            if ends := [key for key in keys if key in waits.finish_on]:
                self.record(leg, 1, "", ended_by=ends[0])
        elif isinstance(waits, Gather) and waits.keys:
            self._collect(leg, waits, keys, are_more_coming)

    def _press_while_connected(self, keys: str, dialling: Dialling) -> None:
        other = dialling.connected
        if other is None:
            return
        self._book.hear(other, Line("other", "key", keys))
        if "*" in keys and dialling.dial.hangs_up_on_star:
            self._switchboard.end(other, CallStatus.COMPLETED)

    def _collect(self, leg: Leg, gather: Gather, keys: str, are_more_coming: bool) -> None:
        """Collect keys. The finishing key ends it only after a digit; as first key it is nothing."""
        for key in keys:
            if key in gather.finish_on:
                if leg.digits:
                    self._send_digits(leg, gather, key)
                    return
                continue
            leg.digits += key
            if len(leg.digits) == gather.num_digits:
                self._send_digits(leg, gather, "")
                return
        if leg.digits and not are_more_coming:
            self._send_digits(leg, gather, "")

    def _send_digits(self, leg: Leg, gather: Gather, finished_on: str) -> None:
        digits = leg.digits
        self._take(leg, gather)
        form = keys_form(digits, finished_on)
        self._switchboard.ask(leg, gather.action, gather.method, form)

    def say(self, leg: Leg, text: str) -> None:
        """Say something: heard by whoever is connected, by a Gather that listens to speech, or on a recording;
        else by nobody.
        """
        text = " ".join(text.split())
        if not text:
            self.stay_silent(leg)
            return
        waits = self._listening(leg)
        if isinstance(waits, Record):
            self.record(leg, max(1, round(len(text.split()) / WORDS_A_SECOND)), text)
            return
        self._book.hear(leg, Line("me", "say", text))
        leg.seconds += len(text.split()) / WORDS_A_SECOND
        if leg.other is not None:
            self._book.hear(leg.other, Line("other", "say", text))
        elif isinstance(waits, Gather) and waits.speech and not leg.digits:
            self._take(leg, waits)
            form = speech_form(text, waits.language)
            self._switchboard.ask(leg, waits.action, waits.method, form)

    def stay_silent(self, leg: Leg) -> None:
        """Let the time run out for which the clinic listens."""
        waits = self._listening(leg)
        if isinstance(waits, Enqueue) and leg.other is None:
            self._switchboard.wait_on(leg, waits)
        elif isinstance(waits, Gather) and leg.digits:
            self._send_digits(leg, waits, "")
        elif isinstance(waits, Gather | Record):
            self._book.hear(leg, Line("me", "note", "silence"))
            self._take(leg, waits)
            if isinstance(waits, Record):
                self._report_recording(leg, waits, "absent", self._recording(leg, 0, "", b"", ""))
            self._switchboard.nothing_said(leg, waits)

    def record(
        self, leg: Leg, seconds: int, said: str, audio: bytes = b"", content_type: str = "", ended_by: str = ""
    ) -> Recording:
        """Speak after the tone. `ended_by`: a key, "hangup", or empty when the caller falls silent."""
        waits = self._listening(leg)
        if not isinstance(waits, Record):
            raise NotNow("nothing is being recorded")
        if ended_by not in ("", "hangup") and ended_by not in waits.finish_on:
            raise NotNow(f"only {waits.finish_on or 'silence'} ends this recording")
        self._take(leg, waits)
        self._book.hear(leg, Line("me", "record", said))
        recording = self._recording(leg, min(max(seconds, 1), waits.max_length_s), said, audio, content_type)
        self._book.keep(recording)
        leg.seconds += recording.seconds
        is_early = self._faults.strikes(Fault.REORDER_RECEIPTS)
        if is_early:
            self._report_recording(leg, waits, "completed", recording, is_early=True)
        self._recorded(leg, waits, recording, ended_by)
        if not is_early:
            self._report_recording(leg, waits, "completed", recording)
        self._transcribe(leg, waits, recording)
        return recording

    def _recorded(self, leg: Leg, verb: Record, recording: Recording, ended_by: str) -> None:
        form = record_form(recording, self.url_of(recording), ended_by)
        if ended_by == "hangup":
            self._switchboard.end(leg, CallStatus.COMPLETED)
            if verb.action:
                self._exchange.tell(leg, verb.action, verb.method, form)
        elif verb.action:
            self._switchboard.ask(leg, verb.action, verb.method, form)
        else:
            self._switchboard.play_on(leg)

    def _recording(self, leg: Leg, seconds: int, said: str, audio: bytes, content_type: str) -> Recording:
        given = {"audio": audio, "content_type": content_type} if audio else {}
        return Recording(new_sid("RE"), leg.sid, datetime.now(UTC), seconds, said, **given)  # type: ignore[arg-type]

    def _report_recording(
        self, leg: Leg, verb: Record, status: str, recording: Recording, is_early: bool = False
    ) -> None:
        told: Callback = verb.receipts
        if not told.url or status not in told.events:
            return
        form = recording_form(leg, self._config.account_sid, status, recording, self.url_of(recording))
        if is_early:
            self._exchange.now(leg, told.url, form, told.method)
        else:
            self._exchange.receipt(leg, told.url, form, told.method)

    def _transcribe(self, leg: Leg, verb: Record, recording: Recording) -> None:
        """Transcribe only what is longer than two seconds and shorter than two minutes."""
        if not verb.transcribes or recording.seconds not in TRANSCRIBED_S:
            return
        transcription = Transcription(new_sid("TR"), recording, datetime.now(UTC), recording.said)
        self._book.keep_transcription(transcription)
        if verb.transcript_to:
            account, shelf, url = self._config.account_sid, self.url_of(recording), verb.transcript_to
            self._exchange.receipt(leg, url, transcription_form(leg, account, transcription, shelf, url))

    def url_of(self, recording: Recording) -> str:
        shelf = f"{self._config.own_url}/2010-04-01/Accounts/{self._config.account_sid}"
        return f"{shelf}/Recordings/{recording.sid}"

    def _listening(self, leg: Leg) -> Gather | Record | Dialling | Enqueue | None:
        if not leg.is_open or leg.is_ringing_here:
            raise NotNow("there is no call on this phone")
        if leg.waits is None and leg.other is None:
            raise NotNow("the clinic has not answered yet")
        return leg.waits

    def _take(self, leg: Leg, waits: Gather | Record) -> None:
        """Take the call for this act: from here on it alone moves the call."""
        with self._book.lock:
            if leg.waits is not waits:
                raise NotNow("the call has gone on meanwhile")
            leg.waits, leg.digits, leg.alone = None, "", 0
