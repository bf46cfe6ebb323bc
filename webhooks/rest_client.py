"""The ports Messenger and PhoneRinger over Twilio's REST interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

from requests.exceptions import ConnectionError, ConnectTimeout
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance
from urllib3.exceptions import MaxRetryError, NewConnectionError

from triage.environment import Environment
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.ports import CallReport, Listing, TakenText
from triage.settings import Clinic
from webhooks.twilio_words import TOO_MANY_REQUESTS, refusal_of

# Connection overrides in a URL's fragment: up to 3 retries (rc) on every kind of failure (rp), with timeouts in ms.
TRY_AGAIN = "#rc=3&rp=all&ct=2000&rt=7000&tt=15000"

LOOK_UP_S = 10

CALLS_LISTED = 20

# Twilio's longest page.
TEXTS_A_PAGE = 1000

SHORTEST_VALIDITY_S, LONGEST_VALIDITY_S = 1, 36_000


class TwilioMessenger:
    """Sends texts from the clinic's Messaging Service where there is one, else from its first number.

    It never retries: that is for the caller to decide.
    """

    def __init__(self, environment: Environment, clinic: Clinic) -> None:
        self._environment = environment
        self._service = environment.twilio_messaging_service_sid
        self._numbers = clinic.numbers

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        """Send one text as the port says. A refusal is an answer of 4xx, or a connection that never came about."""
        report_to = f"{self._environment.public_base_url}/webhooks/messages/status?ref={quote(ref)}{TRY_AGAIN}"
        with as_delivery_errors():
            message = rest_client(self._environment, timeout_s).messages.create(
                to=to,
                body=body,
                **({"messaging_service_sid": self._service} if self._service else {"from_": self._numbers[0]}),
                status_callback=report_to,
                validity_period=min(max(validity_s, SHORTEST_VALIDITY_S), LONGEST_VALIDITY_S),
            )
        if not message.sid:
            raise DeliveryUnknown("answered without a SID")
        return str(message.sid)

    def listed_to(self, to: str, since: datetime, timeout_s: float) -> Listing:
        """List one page as the port says. The list can be asked by phones and days, not by a reference of ours.

        It is asked for every sender: a service picks the number, and has picked none yet for what it just took.
        """
        try:
            listed = rest_client(self._environment, timeout_s).messages.list(
                to=to, date_sent_after=since, page_size=TEXTS_A_PAGE, limit=TEXTS_A_PAGE
            )
        except Exception as fault:
            raise DeliveryUnknown(type(fault).__name__) from None
        return Listing(self._taken(listed), len(listed) < TEXTS_A_PAGE)

    def _taken(self, listed: list[MessageInstance]) -> list[TakenText]:
        return [TakenText(str(one.sid), str(one.to), str(one.body)) for one in reversed(listed) if self._is_ours(one)]

    def _is_ours(self, text: MessageInstance) -> bool:
        """Tell whether `send` sent a text: what we gave back in a webhook's answer is an "outbound-reply"."""
        is_from_us = text.from_ in self._numbers or (self._service and text.messaging_service_sid == self._service)
        return bool(is_from_us) and text.direction == "outbound-api"

    def listed(self, since: datetime, timeout_s: float) -> list[TakenText]:
        """List texts as the port says, page after page."""
        try:
            listed = rest_client(self._environment, timeout_s).messages.list(
                date_sent_after=since, page_size=TEXTS_A_PAGE
            )
        except Exception as fault:
            raise DeliveryUnknown(type(fault).__name__) from None
        return self._taken(listed)


class TwilioPhoneRinger:
    """Rings phones from the clinic's first number; nobody's own number is ever shown."""

    def __init__(self, environment: Environment, clinic: Clinic) -> None:
        self._environment = environment
        self._number = clinic.numbers[0]

    def call(self, to: str, ref: str, path: str, ring_s: int, timeout_s: float) -> str:
        """Ring a phone as the port says. Without machine detection: whoever we ring this way must press a key."""
        base = self._environment.public_base_url
        with as_delivery_errors():
            made = rest_client(self._environment, timeout_s).calls.create(
                to=to,
                from_=self._number,
                url=f"{base}{path}{TRY_AGAIN}",
                timeout=ring_s,
                status_callback=f"{base}/webhooks/calls/status?ref={quote(ref)}{TRY_AGAIN}",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
            )
        if not made.sid:
            raise DeliveryUnknown("answered without a SID")
        return str(made.sid)

    def redirect(self, sid: str, path: str, timeout_s: float) -> None:
        url = f"{self._environment.public_base_url}{path}{TRY_AGAIN}"
        with as_delivery_errors():
            rest_client(self._environment, timeout_s).calls(sid).update(url=url, method="POST")

    def look_up(self, sid: str) -> CallReport | None:
        try:
            return _report(rest_client(self._environment, LOOK_UP_S).calls(sid).fetch())
        except TwilioRestException as refusal:
            if refusal.status == 404:
                return None
            raise DeliveryUnknown(f"answered {refusal.status}") from None
        except Exception as fault:
            raise DeliveryUnknown(type(fault).__name__) from None

    def calls_to(self, phone: str, since: datetime) -> list[CallReport]:
        try:
            client = rest_client(self._environment, LOOK_UP_S)
            found = client.calls.list(to=phone, start_time_after=since, limit=CALLS_LISTED)
        except Exception as fault:
            raise DeliveryUnknown(type(fault).__name__) from None
        # The filter knows days only.
        return [_report(one) for one in found if one.date_created is None or one.date_created >= since]


def _report(call: CallInstance) -> CallReport:
    duration = str(call.duration or "")
    return CallReport(
        str(call.sid), str(call.status), call.answered_by or None, int(duration) if duration.isdecimal() else None
    )


def rest_client(environment: Environment, timeout_s: float = 10) -> Client:
    """Return Twilio's client for this account, by API key where one is set."""
    user, secret = environment.twilio_account_sid, environment.twilio_auth_token
    if environment.twilio_api_key:
        user, secret = environment.twilio_api_key, environment.twilio_api_secret
    # A new connection each time: one that was kept open and is cut as we post leaves nobody knowing what went out.
    http = TwilioHttpClient(pool_connections=False, timeout=timeout_s)
    client = Client(user, secret, environment.twilio_account_sid, http_client=http)
    if environment.twilio_api_base_url:
        client.api.base_url = client.messaging.base_url = environment.twilio_api_base_url
        client.lookups.base_url = environment.twilio_api_base_url
    return client


@contextmanager
def as_delivery_errors() -> Iterator[None]:
    """Translate errors of a send: DeliveryFailed if it certainly did not happen, DeliveryUnknown if it may have."""
    try:
        yield
    except TwilioRestException as refusal:
        if refusal.status == 429:
            raise DeliveryFailed(Refusal.LATER, refusal.code or TOO_MANY_REQUESTS) from None
        if 400 <= refusal.status < 500:
            raise DeliveryFailed(refusal_of(refusal.code), refusal.code) from None
        raise DeliveryUnknown(f"answered {refusal.status}") from None
    except Exception as fault:
        if _never_connected(fault):
            raise DeliveryFailed(Refusal.LATER) from None
        raise DeliveryUnknown(type(fault).__name__) from None


def _never_connected(fault: Exception) -> bool:
    """Tell whether nobody took the connection, so that nothing can have been sent."""
    if isinstance(fault, ConnectTimeout):
        return True
    cause = fault.args[0] if isinstance(fault, ConnectionError) and fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
