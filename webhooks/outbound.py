"""The port Messenger over Twilio's REST interface."""

from urllib.parse import quote

from requests.exceptions import ConnectionError, ConnectTimeout
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from triage.deliveries import is_permanent
from triage.errors import DeliveryFailed, DeliveryUnknown
from triage.settings import Clinic, Environment

# Twilio tries a report again by what stands in the URL's fragment.
TRY_AGAIN = "#rc=3&rp=all&ct=2000&rt=7000&tt=15000"
SHORTEST_VALIDITY_S, LONGEST_VALIDITY_S = 1, 36_000


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
    # A new connection each time: one that was kept open and is cut as we post leaves nobody knowing what went out.
    http = TwilioHttpClient(pool_connections=False, timeout=timeout_s)
    client = Client(user, secret, environment.twilio_account_sid, http_client=http)
    if environment.twilio_api_base_url:
        client.api.base_url = environment.twilio_api_base_url
    return client


def _never_connected(fault: Exception) -> bool:
    """Nothing can have been sent: nobody took the connection."""
    if isinstance(fault, ConnectTimeout):
        return True
    cause = fault.args[0] if isinstance(fault, ConnectionError) and fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
