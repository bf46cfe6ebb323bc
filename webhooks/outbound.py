"""The port Messenger over Twilio's REST interface."""

from typing import Any
from urllib.parse import quote, urlsplit

from requests.exceptions import ConnectionError, ConnectTimeout
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from triage.deliveries import is_permanent
from triage.errors import DeliveryFailed, DeliveryUnknown
from triage.settings import Clinic, Environment

# Twilio tries a report again by what stands in the URL's fragment.
TRY_AGAIN = "#rc=3&rp=all&ct=2000&rt=7000&tt=15000"
SHORTEST_VALIDITY_S, LONGEST_VALIDITY_S = 1, 36_000


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own client, but to another address if one is set. A new connection each time: one that was kept open
    and is cut as we post leaves nobody knowing whether the text went out."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        super().__init__(pool_connections=False, timeout=timeout_s)
        self._base_url = base_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base_url:
            parts = urlsplit(url)
            url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().request(method, url, *args, **kwargs)


class TwilioMessenger:
    """Sends texts from the clinic's first number. Nothing is tried again here: who asked decides."""

    def __init__(self, environment: Environment, clinic: Clinic) -> None:
        self._environment = environment
        self._sender = clinic.numbers[0]

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:
        """The port's contract. A refusal is an answer of 4xx, or a connection that never came about."""
        report_to = f"{self._environment.public_base_url}/webhooks/messages/status?ref={quote(ref)}{TRY_AGAIN}"
        try:
            message = rest_client(self._environment, timeout_s).messages.create(
                to=to,
                from_=self._sender,
                body=body,
                status_callback=report_to,
                validity_period=min(max(validity_s, SHORTEST_VALIDITY_S), LONGEST_VALIDITY_S),
            )
        except TwilioRestException as refusal:
            if refusal.status == 429:
                raise DeliveryFailed(refusal.code or 20429, permanent=False) from None
            if 400 <= refusal.status < 500:
                raise DeliveryFailed(refusal.code, is_permanent(refusal.code)) from None
            raise DeliveryUnknown(f"answered {refusal.status}") from None
        except Exception as fault:
            if _never_connected(fault):
                raise DeliveryFailed(None, permanent=False) from None
            raise DeliveryUnknown(type(fault).__name__) from None
        if not message.sid:
            raise DeliveryUnknown("answered without a SID")
        return str(message.sid)


def rest_client(environment: Environment, timeout_s: float = 10) -> Client:
    """Twilio's client for this account, by API key where one is set."""
    user, secret = environment.twilio_account_sid, environment.twilio_auth_token
    if environment.twilio_api_key:
        user, secret = environment.twilio_api_key, environment.twilio_api_secret
    http = _HttpClient(environment.twilio_api_base_url, timeout_s)
    return Client(user, secret, environment.twilio_account_sid, http_client=http)


def _never_connected(fault: Exception) -> bool:
    """Nothing can have been sent: nobody took the connection."""
    if isinstance(fault, ConnectTimeout):
        return True
    cause = fault.args[0] if isinstance(fault, ConnectionError) and fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
