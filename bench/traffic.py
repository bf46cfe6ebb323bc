"""What is sent: invented people who ask, fill the form, ask again, and whose texts arrive twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "a token for measuring only"
CLINIC = "+16025550100"
BASE_URL = "http://127.0.0.1:8000"  # what the signatures are made for: a rehearsal knows no other address
NOBODY = "http://127.0.0.1:9"  # what would be sent to the provider goes nowhere
PATH = "/webhooks/sms"

BODIES = (
    "What is TMS?",
    "TMS didn't work for me, will ketamine fail too?",
    "yes please have someone call me",
    "Dana",
    "1",
    "tomorrow after 3",
    "2",
    "How much does it cost?",
    "thank you",
)
REPEATED = (1, 5)  # places in a dialogue whose text is delivered a second time
AREAS = ("212", "213", "305", "312", "404", "415", "480", "503", "512", "602", "617", "702", "713", "801", "917", "971")


@dataclass(frozen=True)
class Post:
    """A signed form, ready to be sent."""

    body: bytes
    headers: dict[str, str]


def texts() -> Iterator[list[Post]]:
    """Yield one person's dialogue after the other; each person writes once."""
    signer = RequestValidator(TOKEN)
    for place, (number, area) in enumerate(product(range(100, 200), AREAS)):
        dialogue = []
        for turn, body in enumerate(BODIES):
            post = _post(signer, f"SM{place:016x}{turn:016x}", f"+1{area}5550{number}", body)
            dialogue += [post] * (2 if turn in REPEATED else 1)
        yield dialogue


def _post(signer: RequestValidator, sid: str, sender: str, body: str) -> Post:
    form = {
        "ToCountry": "US", "ToState": "AZ", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "PHOENIX", "FromZip": "",
        "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "US",
        "To": CLINIC, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": sender,
        "ApiVersion": "2010-04-01",
    }  # fmt: skip
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": signer.compute_signature(BASE_URL + PATH, form),
        "I-Twilio-Idempotency-Token": sid,
        "User-Agent": "TwilioProxy/1.1",
    }
    return Post(urlencode(form).encode(), headers)
