"""Posting to the clinic as Twilio does: signed, with the retries that the address's fragment asks for."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag, urlencode, urljoin
from uuid import uuid4

import urllib3

from phone.signature import sign

Form = Sequence[tuple[str, str]]

REDIRECTS_FOLLOWED = 5
ALL_FAILURES = frozenset({"4xx", "5xx", "ct", "rt"})


@dataclass(frozen=True)
class Plan:
    """Twilio's connection overrides; the defaults are Twilio's own, one retry and only for a failed connection."""

    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0


@dataclass(frozen=True)
class Answer:
    """What the clinic said: an outcome of "2xx", a class of refusal, or no answer at all ("ct", "rt")."""

    outcome: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        return self.outcome == "2xx"

    @property
    def error_code(self) -> int:
        """Return Twilio's code for an answer that was none: 11205 no connection, 11200 everything else."""
        return 11205 if self.outcome == "ct" else 11200


Attempted = Callable[[str, int, Answer], None]


class WebhookFailed(Exception):
    """The clinic gave no answer that can be played: Twilio's code, and the address that was asked."""

    def __init__(self, code: int, url: str) -> None:
        super().__init__(code)
        self.code = code
        self.url = urldefrag(url).url


@dataclass(frozen=True)
class Reply:
    """One HTTP answer, as it came over whatever carried it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Method, address, body, headers, time-outs. Raises urllib3's errors where no answer came.
Transport = Callable[[str, str, str, Mapping[str, str], urllib3.Timeout], Reply]


def over_http() -> Transport:
    web = urllib3.PoolManager(maxsize=8)

    def send(method: str, url: str, body: str, headers: Mapping[str, str], timeout: urllib3.Timeout) -> Reply:
        response = web.request(
            method, url, body=body or None, headers=headers, timeout=timeout, retries=False, redirect=False
        )
        return Reply(response.status, response.headers, response.data)

    return send


class Courier:
    """Carries forms to the clinic. Every attempt, good or bad, is told to `attempted(url, attempt, answer)`."""

    def __init__(self, token: str, retry_pause_s: float, transport: Transport | None = None) -> None:
        self._token = token
        self._retry_pause_s = retry_pause_s
        self._transport = transport or over_http()

    def post(self, address: str, form: Form, attempted: Attempted, method: str = "POST") -> Answer:
        """Deliver one form and return the last answer. Every attempt of it carries the same idempotency token."""
        url, fragment = urldefrag(address)
        plan, token = read_plan(fragment), str(uuid4())
        ends = time.monotonic() + plan.total_s
        for attempt in range(plan.retries + 1):
            answer = self._ask(method, url, form, token, plan, ends)
            attempted(url, attempt + 1, answer)
            pause = self._retry_pause_s * (attempt + 1)
            is_last = attempt == plan.retries or time.monotonic() + pause >= ends
            if answer.outcome not in plan.retried or is_last:
                break
            time.sleep(pause)
        return answer

    def _ask(self, method: str, url: str, form: Form, token: str, plan: Plan, ends: float) -> Answer:
        """Make one attempt. A 301 or 302 is followed as a GET that has lost its form, which is what Twilio does."""
        for _ in range(REDIRECTS_FOLLOWED):
            left = max(ends - time.monotonic(), 0.1)
            timeout = urllib3.Timeout(connect=min(plan.connect_s, left), read=min(plan.read_s, left))
            try:
                response = self._send(method, url, form, token, timeout)
            except (urllib3.exceptions.ReadTimeoutError, urllib3.exceptions.ProtocolError):
                return Answer("rt")
            except (urllib3.exceptions.HTTPError, ValueError):
                return Answer("ct")
            target = response.headers.get("Location", "")
            if response.status not in (301, 302, 303, 307, 308) or not target:
                break
            url = urljoin(url, target)
            method, form = (method, form) if response.status in (307, 308) else ("GET", ())
        outcome = f"{response.status // 100}xx"
        return Answer(outcome, response.status, response.headers.get("Content-Type", ""), response.body)

    def _send(self, method: str, url: str, form: Form, token: str, timeout: urllib3.Timeout) -> Reply:
        body = urlencode(form)
        if method == "GET" and form:
            url, form, body = f"{url}{'&' if '?' in url else '?'}{body}", (), ""
        headers = {
            "X-Twilio-Signature": sign(self._token, url, form),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return self._transport(method, url, body, headers, timeout)


def read_plan(fragment: str) -> Plan:
    """Read `rc=3&rp=all&ct=2000&rt=7000&tt=15000`; what cannot be read stays Twilio's default."""
    asked = {name: values[-1] for name, values in parse_qs(fragment).items()}

    def whole(name: str, low: int, high: int, default: int) -> int:
        value = asked.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and low <= int(value) <= high else default

    named = frozenset(asked.get("rp", "").split(","))
    return Plan(
        retries=whole("rc", 0, 5, 1),
        retried=ALL_FAILURES if "all" in named else (named & ALL_FAILURES or Plan.retried),
        connect_s=whole("ct", 100, 10_000, 5_000) / 1000,
        read_s=whole("rt", 100, 15_000, 15_000) / 1000,
        total_s=whole("tt", 100, 15_000, 15_000) / 1000,
    )
