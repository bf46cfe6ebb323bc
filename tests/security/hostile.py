"""Posts that Twilio would never send: malformed ones, signed as if it had, and forged ones that it did not sign."""

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from twilio.request_validator import RequestValidator
from werkzeug.test import EnvironBuilder

FORM = "application/x-www-form-urlencoded"
# Marks what must never be kept; the words are those that would alert somebody.
FORGED = "forged: I want to kill myself"

PATHS = (
    "/webhooks/sms", "/webhooks/sms/fallback", "/webhooks/messages/status", "/webhooks/voice", "/webhooks/voice/1",
    "/webhooks/voice/9999", "/webhooks/voice/1/recorded", "/webhooks/voice/3/nobody", "/webhooks/voice/fallback",
    "/webhooks/voice/fallback/recorded", "/webhooks/voice/status", "/webhooks/voice/recordings",
    "/webhooks/voice/transcripts", "/webhooks/calls/1/answered", "/webhooks/calls/2147483647/dialled",
    "/webhooks/calls/1/key", "/webhooks/calls/1/voicemail", "/webhooks/calls/connect/owner/1",
    "/webhooks/calls/connect/911/9999", "/webhooks/calls/status",
)  # fmt: skip

FIELDS = (
    "MessageSid", "CallSid", "From", "To", "Body", "NumMedia", "MediaContentType0", "MessageStatus", "ErrorCode",
    "AccountSid", "Digits", "SpeechResult", "CallStatus", "CallDuration", "RecordingSid", "RecordingDuration",
    "RecordingStatus", "TranscriptionText", "DialCallStatus", "AnsweredBy", "ParentCallSid", "DialCallSid",
)  # fmt: skip

VALUES = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"-1", b"99999999999999999999", b"1e309", b"NaN", b"'; DROP TABLE x",
    b"<Response><Hangup/></Response>", b"${jndi:ldap://x}", b"%00%0d%0aSet-Cookie: a=b", b"{{7*7}}", b"../../etc/x",
    b"+1602555013", b"+16025550132", b"withheld:", b"anonymous", b"SM" + b"1" * 32, b"CA" + b"f" * 4000, b"@" * 1600,
    b"3 " * 800, "ñ🙂\u202e\u0000".encode(), b"completed", b"undelivered", b"in-progress", b"0", b"10", b"null",
    b"\r\n" * 50, b"(" * 500, b"call me at 602-555-0132? " + b"3 " * 700, b"a" * 20_000,
)  # fmt: skip


@dataclass(frozen=True)
class Post:
    """One request, as it goes over the line."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


def malformed(count: int, seed: int, base: str, token: str) -> Iterator[Post]:
    """Yield posts whose form is odd in every way. Nine of ten are signed for what the program will read of them."""
    dice = random.Random(seed)
    for _ in range(count):
        path, fields = dice.choice(PATHS), dice.choices(FIELDS, k=dice.randint(0, 8))
        pairs = [(name, dice.choice(VALUES)) for name in fields]
        body = b"&".join(f"{name}={quote_from_bytes(value)}".encode() for name, value in pairs)
        kind = dice.choices(
            (FORM, "multipart/form-data; boundary=x", "application/json", "", "text/\xff"), (92, 3, 3, 1, 1)
        )
        headers = {"Content-Type": kind[0]}
        if kind[0] != FORM:
            body = dice.choice(
                (body, b"--x\r\nContent-Disposition: form-data; name=Body\r\n\r\nhi", b"{", b"\x00" * 99)
            )
        if dice.random() < 0.9:
            headers["X-Twilio-Signature"] = _signature(base, path, kind[0], body, token)
        yield Post(path, headers, body, dice.choices(("POST", "GET", "PUT", "DELETE"), (97, 1, 1, 1))[0])


def _signature(base: str, path: str, kind: str, body: bytes, token: str) -> str:
    """Sign the form as the program will read it."""
    try:
        builder = EnvironBuilder(path, method="POST", data=body, content_type=kind or None)
        form = builder.get_request().form
    except (ValueError, UnicodeError):
        form = {}
    return str(RequestValidator(token).compute_signature(base + path, form))


def forged(count: int, seed: int, base: str, token: str) -> Iterator[Post]:
    """Yield posts that are well-formed and tempting, and that Twilio did not sign."""
    dice = random.Random(seed)
    for number in range(count):
        path = dice.choice(PATHS)
        form = {
            "MessageSid": f"SMforged{number:024d}", "CallSid": f"CAforged{number:024d}", "From": "+16025550132",
            "To": "+16025550100", "Body": FORGED, "SpeechResult": FORGED, "TranscriptionText": FORGED,
            "RecordingSid": f"REforged{number:024d}", "RecordingDuration": "20", "MessageStatus": "undelivered",
            "CallStatus": "completed", "AccountSid": "AC" + "0" * 32, "Digits": "9",
        }  # fmt: skip
        body = b"&".join(f"{name}={quote_from_bytes(value.encode())}".encode() for name, value in form.items())
        headers = {"Content-Type": FORM} | dice.choice(FORGERIES)(base + path, form, token, dice)
        yield Post(path, headers, body)


def _sign(token: str, url: str, form: dict[str, str]) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


Forgery = Callable[[str, dict[str, str], str, random.Random], dict[str, str]]


def _changed(url: str, form: dict[str, str], token: str, dice: random.Random) -> dict[str, str]:
    good = bytearray(base64.b64decode(_sign(token, url, form)))
    good[dice.randrange(len(good))] ^= 1 << dice.randrange(8)
    return {"X-Twilio-Signature": base64.b64encode(good).decode()}


FORGERIES: tuple[Forgery, ...] = (
    lambda *_: {},
    lambda *_: {"X-Twilio-Signature": ""},
    lambda *_: {"X-Twilio-Signature": "A" * 28},
    lambda *_: {"X-Twilio-Signature": "\xff" * 28},
    _changed,
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token[:-1] + "x", url, form)},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url + "/", form)},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url + "?a=1", form)},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url.replace("http", "ftp", 1), form)},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url, form | {"Body": "hello"})},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url, form | {"More": "x"})},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url, {})},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url, form)[:-1]},
    lambda url, form, token, _: {"X-Twilio-Signature": _sign(token, url, form) + "="},
    lambda url, form, token, _: {
        "X-Twilio-Signature": _sign(token, f"http://evil.example/{url.rpartition('/')[2]}", form),
        "Host": "evil.example",
    },
)
