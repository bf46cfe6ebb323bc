"""Calls over the webhooks, as Twilio posts them, and what may stand in TwiML."""

import json
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.web.texting import CLINIC, Texting

VERBS = json.loads((Path(__file__).parent.parent / "data" / "twiml_verbs.json").read_text("utf-8"))["library"]["voice"]
VOICE = "/webhooks/voice"
CALLER = "+16025550188"


def call_sid(number: int = 1) -> str:
    return f"CA{number:032x}"


def valid(document: ElementTree.Element, parent: str = "Response") -> None:
    """Every verb with its attributes is one that Twilio knows at that place."""
    for verb in document:
        allowed = VERBS[parent]["children"]
        assert verb.tag in allowed, (parent, verb.tag)
        known = {*allowed[verb.tag], "voice", "language"} if verb.tag == "Say" else {*allowed[verb.tag], "method"}
        assert set(verb.attrib) <= known, (verb.tag, verb.attrib)
        valid(verb, verb.tag)


class Caller:
    """One call: `presses` and `says` post to where the last answer said that the call goes on."""

    def __init__(self, clinic: Texting, sender: str = CALLER, number: int = 1) -> None:
        self.clinic, self.sender, self.sid = clinic, sender, call_sid(number)
        self.answers: list[bytes] = []
        self.posted: list[str] = []

    def rings(self) -> "Caller":
        return self._posts(VOICE, CallStatus="ringing")

    def presses(self, digits: str) -> "Caller":
        return self._posts(self.way("Gather"), Digits=digits, msg="Gather End")

    def says(self, words: str) -> "Caller":
        return self._posts(self.way("Gather"), SpeechResult=words, Confidence="0.91")

    def stays_silent(self) -> "Caller":
        return self._posts(self.way("Gather"), SpeechResult="", Confidence="0.0")

    def records(self, sid: str, seconds: str = "12") -> "Caller":
        return self._posts(
            self.way("Record"), RecordingSid=sid, RecordingDuration=seconds, RecordingUrl="https://x.example"
        )

    def nobody_answers(self) -> "Caller":
        return self._posts(f"{VOICE}/{len(self.posted)}/nobody")

    def again(self) -> bytes:
        """The last turn as Twilio posts it a second time."""
        path, form = self._last
        return self.clinic.post(form, path).data

    def hangs_up(self, status: str = "completed") -> int:
        form = [("CallSid", self.sid), ("CallStatus", status), ("CallDuration", "34"), ("From", self.sender)]
        return self.clinic.post(form, f"{VOICE}/status").status_code

    def reports(self, what: str, **fields: str) -> int:
        return self.clinic.post([("CallSid", self.sid), *fields.items()], f"{VOICE}/{what}").status_code

    def way(self, verb: str) -> str:
        """Where the last answer goes on."""
        found = self.document.find(verb)
        assert found is not None, ElementTree.tostring(self.document, "unicode")
        return urlsplit(found.attrib["action"]).path

    @property
    def document(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.answers[-1])

    @property
    def heard(self) -> str:
        return " ".join(say.text or "" for say in self.document.iter("Say"))

    def _posts(self, path: str, **fields: str) -> "Caller":
        form = {
            "CallSid": self.sid,
            "From": self.sender,
            "To": CLINIC,
            "CallStatus": "in-progress",
            "Direction": "inbound",
        }
        self._last = (path, list((form | fields).items()))
        answer = self.clinic.post(self._last[1], path)
        assert answer.status_code == 200, (path, answer.status_code)
        assert answer.content_type == "text/xml; charset=utf-8"
        self.answers.append(answer.data)
        self.posted.append(path)
        valid(self.document)
        self.clinic.clock.move(seconds=10)
        return self
