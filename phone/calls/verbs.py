"""Reading the TwiML that is played on a call."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

from phone.texts.twiml import BadTwiml, Redirect, document
from phone.webhook import Answer

EVENTS = ("initiated", "ringing", "answered", "completed")

KEYS = "0123456789*#"

NUMBERS_AT_ONCE = 10

# What each verb may carry. What is not played is taken where it changes nothing that a caller would notice.
ATTRIBUTES = {
    "Say": {"voice", "language", "loop"},
    "Play": {"digits", "loop"},
    "Pause": {"length"},
    "Gather": {
        "action", "method", "input", "numDigits", "finishOnKey", "timeout", "speechTimeout", "maxSpeechTime",
        "actionOnEmptyResult", "bargeIn", "hints", "language", "speechModel", "enhanced", "profanityFilter", "debug",
    },
    "Record": {
        "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "transcribe",
        "transcribeCallback", "recordingStatusCallback", "recordingStatusCallbackMethod",
        "recordingStatusCallbackEvent",
    },
    "Dial": {
        "action", "method", "timeout", "callerId", "sequential", "hangupOnStar", "answerOnBridge", "ringTone",
        "timeLimit",
    },
    "Number": {
        "url", "method", "statusCallback", "statusCallbackMethod", "statusCallbackEvent", "machineDetection",
        "machineDetectionTimeout", "amdStatusCallback", "amdStatusCallbackMethod", "sendDigits",
    },
    "Queue": set(),
    "Enqueue": {"action", "method", "waitUrl", "waitUrlMethod"},
    "Leave": set(),
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
}  # fmt: skip

ALONE = {"Say", "Play", "Pause", "Gather", "Record", "Dial", "Enqueue", "Leave", "Redirect", "Hangup", "Reject"}


@dataclass(frozen=True)
class Say:
    text: str
    language: str = ""
    voice: str = ""


@dataclass(frozen=True)
class Play:
    url: str
    digits: str = ""


@dataclass(frozen=True)
class Pause:
    length_s: int = 1


@dataclass(frozen=True)
class Gather:
    """`num_digits` 0: as many as come. `finish_on` empty: no key ends it."""

    prompts: tuple[Say | Play | Pause, ...] = ()
    action: str = ""
    method: str = "POST"
    keys: bool = True
    speech: bool = False
    num_digits: int = 0
    finish_on: str = "#"
    timeout_s: int = 5
    posts_when_empty: bool = False
    language: str = "en-US"


@dataclass(frozen=True)
class Callback:
    """Where receipts go, and which of them."""

    url: str = ""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)


NO_CALLBACK = Callback()


@dataclass(frozen=True)
class Record:
    action: str = ""
    method: str = "POST"
    timeout_s: int = 5
    finish_on: str = KEYS
    max_length_s: int = 3600
    beeps: bool = True
    transcribes: bool = False
    transcript_to: str = ""
    receipts: Callback = NO_CALLBACK


@dataclass(frozen=True)
class Number:
    """`url` is played to whoever answers, before the two are connected."""

    phone: str
    url: str = ""
    method: str = "POST"
    receipts: Callback = NO_CALLBACK
    detects: str = ""
    detected_to: Callback = Callback()


@dataclass(frozen=True)
class Enqueue:
    """`wait_url` is played to whoever waits, over and over, until somebody dials the queue or it says <Leave>."""

    name: str
    action: str = ""
    method: str = "POST"
    wait_url: str = ""
    wait_method: str = "POST"


@dataclass(frozen=True)
class Leave:
    pass


@dataclass(frozen=True)
class Dial:
    """`queue`: the name of a queue; then it is whoever waits there that is dialled, and no number."""

    numbers: tuple[Number, ...]
    action: str = ""
    method: str = "POST"
    timeout_s: int = 30
    caller_id: str = ""
    sequential: bool = False
    hangs_up_on_star: bool = False
    queue: str = ""


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class Reject:
    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Record | Dial | Enqueue | Leave | Redirect | Hangup | Reject


def read_voice(answer: Answer) -> list[Verb]:
    """Read the verbs of an answer to a call, in order; a repeated <Say> stands as often as it is said.

    Raises BadTwiml: 12300 for a wrong Content-Type, 12100 for what is no TwiML, 12200 for a verb, attribute or value
    that is not in it, 13521 for a <Say> that is too long, 13328 for settings of speech that exclude each other.
    """
    verbs: list[Verb] = []
    for element in document(answer):
        if element.tag not in ALONE:
            raise BadTwiml(12200)
        verbs += _verbs(element)
    return verbs


def _verbs(element: ET.Element) -> list[Verb]:
    given = _attributes(element)
    text = " ".join("".join(element.itertext()).split())
    match element.tag:
        case "Say" | "Play" | "Pause":
            return list(_prompts(element))
        case "Gather":
            return [_gather(element, given)]
        case "Record":
            return [_record(given)]
        case "Dial":
            return [_dial(element, given)]
        case "Enqueue":
            return [_enqueue(text, given)]
        case "Leave":
            return [Leave()]
        case "Redirect":
            return [Redirect(text, _method(given))]
        case "Reject":
            return [Reject(_one_of(given, "reason", ("rejected", "busy"), "rejected"))]
        case _:
            return [Hangup()]


def _attributes(element: ET.Element) -> Mapping[str, str]:
    if set(element.attrib) - ATTRIBUTES[element.tag]:
        raise BadTwiml(12200)
    return element.attrib


def _prompts(element: ET.Element) -> list[Say | Play | Pause]:
    given = _attributes(element)
    text = " ".join("".join(element.itertext()).split())
    loops = min(max(_whole(given, "loop", 1), 1), 10)
    if element.tag == "Pause":
        return [Pause(_whole(given, "length", 1))]
    if element.tag == "Play":
        return [Play(text, given.get("digits", ""))] * loops
    voice = given.get("voice", "")
    if len(text) > _longest(voice):
        raise BadTwiml(13521)
    return [Say(text, given.get("language", ""), voice)] * loops if text else []


def _longest(voice: str) -> int:
    """Return how many characters a voice can say at once."""
    if voice.startswith("Polly."):
        return 3000
    return 5000 if voice.startswith("Google.") else 4096


def _gather(element: ET.Element, given: Mapping[str, str]) -> Gather:
    if any(child.tag not in ("Say", "Play", "Pause") for child in element):
        raise BadTwiml(12200)
    inputs = set(given.get("input", "dtmf").split())
    if not inputs or inputs - {"dtmf", "speech"}:
        raise BadTwiml(12200)
    if given.get("speechTimeout") == "auto" and given.get("speechModel"):
        raise BadTwiml(13328)
    if given.get("speechTimeout", "auto") != "auto":
        _whole(given, "speechTimeout", 0)
    return Gather(
        prompts=tuple(prompt for child in element for prompt in _prompts(child)),
        action=given.get("action", ""),
        method=_method(given),
        keys="dtmf" in inputs,
        speech="speech" in inputs,
        num_digits=_whole(given, "numDigits", 0),
        finish_on=given.get("finishOnKey", "#"),
        timeout_s=5 if given.get("timeout") == "auto" else _whole(given, "timeout", 5),
        posts_when_empty=_yes(given, "actionOnEmptyResult"),
        language=given.get("language", "en-US"),
    )


def _record(given: Mapping[str, str]) -> Record:
    return Record(
        action=given.get("action", ""),
        method=_method(given),
        timeout_s=_whole(given, "timeout", 5),
        finish_on=given.get("finishOnKey", KEYS),
        max_length_s=_whole(given, "maxLength", 3600),
        beeps=_yes(given, "playBeep", "true"),
        transcribes=_yes(given, "transcribe") or bool(given.get("transcribeCallback")),
        transcript_to=given.get("transcribeCallback", ""),
        receipts=_callback(given, "recordingStatusCallback", ("in-progress", "completed", "absent")),
    )


def _enqueue(name: str, given: Mapping[str, str]) -> Enqueue:
    if not name:
        raise BadTwiml(12200)
    return Enqueue(
        name, given.get("action", ""), _method(given), given.get("waitUrl", ""), _method(given, "waitUrlMethod")
    )


def _dial(element: ET.Element, given: Mapping[str, str]) -> Dial:
    queue = element.find("Queue")
    if queue is not None and len(element) == 1 and (queue.text or "").strip():
        return Dial((), given.get("action", ""), _method(given), queue=(queue.text or "").strip())
    if any(child.tag != "Number" for child in element):
        raise BadTwiml(12200)
    numbers = [_number(child) for child in element] or [Number((element.text or "").strip())]
    if len(numbers) > NUMBERS_AT_ONCE or not all(number.phone for number in numbers):
        raise BadTwiml(12200)
    return Dial(
        numbers=tuple(numbers),
        action=given.get("action", ""),
        method=_method(given),
        timeout_s=_whole(given, "timeout", 30),
        caller_id=given.get("callerId", ""),
        sequential=_yes(given, "sequential"),
        hangs_up_on_star=_yes(given, "hangupOnStar"),
    )


def _number(element: ET.Element) -> Number:
    given = _attributes(element)
    return Number(
        phone=(element.text or "").strip(),
        url=given.get("url", ""),
        method=_method(given),
        receipts=_callback(given, "statusCallback", EVENTS),
        detects=_one_of(given, "machineDetection", ("Enable", "DetectMessageEnd"), ""),
        detected_to=Callback(given.get("amdStatusCallback", ""), _method(given, "amdStatusCallbackMethod")),
    )


def _callback(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> Callback:
    events = tuple(given.get(f"{name}Event", "completed").split())
    if set(events) - set(known):
        raise BadTwiml(12200)
    return Callback(given.get(name, ""), _method(given, f"{name}Method"), events)


def _method(given: Mapping[str, str], name: str = "method") -> str:
    method = given.get(name, "POST").upper()
    if method not in ("GET", "POST"):
        raise BadTwiml(12200)
    return method


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    written = given.get(name, str(default))
    if not (written.isascii() and written.isdigit()):
        raise BadTwiml(12200)
    return int(written)


def _yes(given: Mapping[str, str], name: str, default: str = "false") -> bool:
    return _one_of(given, name, ("true", "false"), default) == "true"


def _one_of(given: Mapping[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    written = given.get(name, default)
    if written not in (*known, default):
        raise BadTwiml(12200)
    return written
