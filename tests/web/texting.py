"""The whole web application on a test's database, and requests as Twilio posts them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from tests.builders import a_clinic, an_environment, local
from tests.fakes import SetClock
from triage.model.message import Channel
from triage.reading import read_message
from triage.runtime import Runtime
from triage.store.engine import Database
from triage.understanding.reading import understand

SMS, STATUS = "/webhooks/sms", "/webhooks/messages/status"
ACCOUNT = "AC" + "0" * 32
CLINIC = "+16025550100"
DANA = "+16025550132"

Fields = Sequence[tuple[str, str]]
remembered = cache(understand)


def sid(number: int) -> str:
    return f"SM{number:032x}"


def a_text(number: int = 1, body: str = "What is TMS?", sender: str = DANA, **others: str) -> list[tuple[str, str]]:
    """The fields of an inbound text; `others` replace or add."""
    form = {
        "SmsMessageSid": sid(number), "NumMedia": "0", "SmsStatus": "received", "Body": body, "To": CLINIC,
        "NumSegments": "1", "MessageSid": sid(number), "AccountSid": ACCOUNT, "From": sender,
    }  # fmt: skip
    return list((form | others).items())


class Texting:
    """A client of the application. Its clock stands still until a test moves it."""

    def __init__(self, database: Database, at: str = "2026-11-24 10:00", **choices: Any) -> None:
        self.database, self.clock = database, SetClock(local(at))
        self.environment = an_environment(database_url=database.url.render_as_string(hide_password=False))
        self.app = create_app(self.environment, a_clinic(**choices), self.clock)
        self.app.testing = False  # a fault is answered as in production, so that a 500 is seen as one
        self.line: Runtime = self.app.extensions["runtime"]

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def signature(self, path: str, form: Fields, token: str | None = None, base: str | None = None) -> str:
        url = (base or self.environment.public_base_url) + path
        return RequestValidator(token or self.environment.twilio_auth_token).compute_signature(url, MultiDict(form))

    def post(self, form: Fields, path: str = SMS, signature: str | None = None) -> TestResponse:
        """Post a form as Twilio does; `signature` replaces the right one."""
        headers = {"X-Twilio-Signature": self.signature(path, form) if signature is None else signature}
        return self.post_raw(urlencode(form).encode(), path, headers=headers)

    def post_raw(
        self, body: bytes, path: str = SMS, content_type: str = "application/x-www-form-urlencoded", **more: object
    ) -> TestResponse:
        return self.client.post(path, data=body, content_type=content_type, **more)

    def of_a_fault(self, channel: Channel) -> str:
        """The first sentence that is said after a fault, which tells such an answer from one by the rules."""
        return self.line.words.say("trouble", "en", channel=channel).split(".")[0]

    def count(self, table, *which) -> int:
        with self.database.read() as db:
            return db.scalar(select(func.count()).select_from(table).where(*which))


@contextmanager
def texting(database: Database, monkeypatch, at: str = "2026-11-24 10:00", **choices: Any) -> Iterator[Texting]:
    """What repeated words mean is remembered from test to test; nothing else is faked."""
    monkeypatch.setattr(read_message, "understand", remembered)
    clinic = Texting(database, at, **choices)
    yield clinic
    clinic.line.db.close()


def texts_in(answer: TestResponse) -> list[str]:
    """The texts in a TwiML answer; fails unless it is a well-formed <Response>."""
    document = ElementTree.fromstring(answer.data)
    assert document.tag == "Response"
    assert answer.content_type == "text/xml; charset=utf-8"
    return [message.text or "" for message in document.iter("Message")]
