"""Whole calls in a few words, on top of a local phone: a running one, or one in this very process.

    phone = phone_beside(clinic_app)              # no server, no threads: quick enough to walk thousands of turns
    call = phone.calls("+16025550132")
    call.hears("988").presses("4").hears("name").says("Dana Whitfield").stays_silent().hangs_up()

Time is virtual: silence and ringing are over at once when a test says so, and never otherwise. What happens later
(receipts, transcripts, phones that ring because the clinic asked for it over REST) has happened when an act returns,
or after `phone.settle()`.
"""

import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from flask import Flask
from twilio.http import HttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client

from phone import create_phone
from phone.config import PhoneConfig
from phone.webhook import Reply, Transport
from tests.phone_line import ACCOUNT, CLINIC, QUICK, TOKEN, RunningPhone, Script, ScriptedClinic

# Method, path, JSON: status and JSON.
Ask = Callable[[str, str, object], tuple[int, Any]]


class Refused(AssertionError):
    """The phone would not do it: nobody listens, or nothing rings."""


@dataclass
class Call:
    """One handset's side of a call. Every act returns the call, so that a test reads like one."""

    phones: "Phones"
    state: dict[str, Any]
    heard_before: int = 0

    def presses(self, keys: str) -> "Call":
        return self._does("press", keys=keys)

    def says(self, text: str) -> "Call":
        return self._does("say", text=text)

    def stays_silent(self) -> "Call":
        return self._does("silence")

    def hangs_up(self) -> "Call":
        return self._does("hang-up")

    def records(self, said: str, seconds: int = 12, key: str = "", hangs_up: bool = False) -> "Call":
        """Speak after the tone; an empty `said` cannot be transcribed."""
        return self._does("record", said=said, seconds=seconds, key=key, hangs_up=hangs_up)

    def hears(self, words: str | re.Pattern[str]) -> "Call":
        """These words are among what was heard since the last act. A str is found in any case, a pattern as it is."""
        pattern = words if isinstance(words, re.Pattern) else re.compile(re.escape(words), re.IGNORECASE)
        assert pattern.search(self.heard) or pattern.search(self.refresh().heard), (
            f"{pattern.pattern!r} was not heard:\n{self}"
        )
        return self

    @property
    def heard(self) -> str:
        """What the clinic, the line and the other end said since the last act."""
        return " ".join(line["text"] for line in self._new_lines() if line["who"] != "me")

    @property
    def prompt(self) -> tuple[tuple[str, str], ...]:
        """The clinic's own words since the last act, with their languages: what a crawler knows a step by."""
        return tuple((line["text"], line["language"]) for line in self._new_lines() if line["who"] == "clinic")

    def _new_lines(self) -> list[dict[str, Any]]:
        """Of a long call only the last lines are shown."""
        lines = self.state["lines"]
        return list(lines[max(0, len(lines) - self.state["count"] + self.heard_before) :])

    @property
    def transcript(self) -> list[str]:
        return [f"{line['who']}: {line['text'] or line['kind']}" for line in self.refresh().state["lines"]]

    @property
    def waits_for(self) -> str | None:
        """gather, record or dial; connected; or None: the call is over, or its phone still rings."""
        waits = self.refresh().state["waits"]
        return waits["kind"] if waits else "connected" if self.state["connected"] else None

    @property
    def ended(self) -> bool:
        return not self.refresh().state["open"]

    @property
    def status(self) -> str:
        return str(self.refresh().state["status"])

    @property
    def sid(self) -> str:
        return str(self.state["sid"])

    def refresh(self) -> "Call":
        self.state = self.phones.do("GET", f"/line/calls/{self.sid}")
        return self

    def _does(self, act: str, **given: object) -> "Call":
        self.heard_before = self.state["count"]
        self.state = self.phones.do("POST", f"/line/calls/{self.sid}/{act}", given)
        self.phones.settle()
        return self

    def __str__(self) -> str:
        return "\n".join(self.transcript)


@dataclass
class Phones:
    """Everybody's phones, and the line's faults."""

    ask: Ask
    app: Flask | None = None

    def do(self, method: str, path: str, given: object = None) -> Any:
        status, answer = self.ask(method, path, given)
        if status >= 400:
            raise Refused(f"{path}: {answer['error'] if answer else status}")
        return answer

    def calls(self, caller: str, **more: object) -> Call:
        """Somebody calls the clinic. `caller` may be anything; more: phone, to, StirVerstat, ForwardedFrom."""
        call = Call(self, self.do("POST", "/line/calls", {"from": caller, **more}))
        self.settle()
        return call

    def of(self, phone: str) -> list[Call]:
        """All calls of one handset, oldest first."""
        return [Call(self, state) for state in self.do("GET", f"/line/calls?phone={quote(phone)}")]

    def ringing(self, phone: str) -> list[Call]:
        self.settle()
        return [call for call in self.of(phone) if call.state["rings_here"]]

    def answers(self, phone: str) -> Call:
        return self._picks(phone, "answer")

    def answers_by_machine(self, phone: str) -> Call:
        return self._picks(phone, "answer-by-machine")

    def declines(self, phone: str) -> Call:
        return self._picks(phone, "decline")

    def does_not_answer(self, phone: str) -> Call:
        """It rings until the clinic's time is over."""
        return self._picks(phone, "ring-out")

    def _picks(self, phone: str, act: str) -> Call:
        ringing = self.ringing(phone)
        if not ringing:
            raise Refused(f"{phone} does not ring")
        call = ringing[0]
        call.state = self.do("POST", f"/line/calls/{call.sid}/{act}", {})
        self.settle()
        return call

    def set_habit(self, phone: str, habit: str) -> None:
        """by hand, answers, no answer, busy, declines, machine, unreachable: what this phone does when it rings."""
        self.do("POST", f"/line/people/{phone}", {"habit": habit})

    def set_faults(self, **faults: object) -> None:
        self.do("POST", "/line/faults", faults)

    def releases_late_receipts(self) -> None:
        self.do("POST", "/line/late", {})
        self.settle()

    def settle(self) -> None:
        """Until no receipt, retry or ringing is under way any more."""
        self.do("GET", "/line/settled")

    def posts(self) -> list[dict[str, Any]]:
        """Every attempt to reach the clinic, with what it answered."""
        return list(self.do("GET", "/line/posts"))

    def client(self) -> Client:
        """The real Twilio client, asking this phone without a network."""
        assert self.app is not None, "a running phone has an address: turn the client there"
        return Client(ACCOUNT, TOKEN, http_client=_InProcess(self.app))


class _InProcess(HttpClient):  # type: ignore[misc]
    def __init__(self, app: Flask) -> None:
        super().__init__(logging.getLogger("twilio"), is_async=False)
        self._client = app.test_client()

    def request(
        self, method: str, url: str, params: Any = None, data: Any = None, headers: Any = None, auth: Any = None,
        timeout: Any = None, allow_redirects: bool = False,
    ) -> TwilioResponse:  # fmt: skip
        given = {name: value for name, value in (data or {}).items() if value is not None}
        answer = self._client.open(urlsplit(url).path, method=method, query_string=params, data=given, auth=auth)
        return TwilioResponse(answer.status_code, answer.get_data(as_text=True))


def through(clinic: Flask) -> Transport:
    """Carries webhooks straight into a Flask application. What it throws, the phone would see as an answer of 500."""
    client = clinic.test_client()

    def send(method: str, url: str, body: str, headers: Mapping[str, str], timeout: urllib3.Timeout) -> Reply:
        parts = urlsplit(url)
        answer = client.open(
            parts.path, method=method, query_string=parts.query, data=body.encode(), headers=dict(headers)
        )
        return Reply(answer.status_code, answer.headers, answer.data)

    return send


def phone_beside(clinic: Flask, **settings: Any) -> Phones:
    """A phone in this process for a clinic in this process; the clinic's public base is http://127.0.0.1:8000."""
    config = PhoneConfig(ACCOUNT, TOKEN, CLINIC, **QUICK | settings)
    app = create_phone(config, through(clinic))
    client = app.test_client()

    def ask(method: str, path: str, given: object) -> tuple[int, Any]:
        answer = client.open(path, method=method, json=given) if method == "POST" else client.get(path)
        return answer.status_code, answer.get_json(silent=True)

    return Phones(ask, app)


def phones_of(running: RunningPhone) -> Phones:
    """The same over HTTP, for a phone that runs somewhere."""

    def ask(method: str, path: str, given: object) -> tuple[int, Any]:
        body = json.dumps(given).encode() if method == "POST" else None
        asked = urllib.request.Request(running.url + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    return Phones(ask)


@contextmanager
def a_clinic_that_says(script: Script, **settings: Any) -> Iterator[tuple[Phones, ScriptedClinic]]:
    """A phone beside a scripted clinic, both in this process."""
    clinic, app = ScriptedClinic("http://127.0.0.1:8000", script), Flask("clinic")
    app.add_url_rule("/<path:anything>", "answer", lambda anything: clinic.answer(), methods=["GET", "POST"])
    yield phone_beside(app, **settings), clinic
