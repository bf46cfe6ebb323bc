"""The port LineTypes over Twilio Lookup."""

from triage.environment import Environment
from webhooks.rest_client import as_delivery_errors, rest_client


class TwilioLineTypes:
    """Asks Lookup for the type of a line; it costs the clinic a little each time."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def line_type(self, phone: str, timeout_s: float) -> str | None:
        with as_delivery_errors():
            numbers = rest_client(self._environment, timeout_s).lookups.v2.phone_numbers(phone)
            found = numbers.fetch(fields="line_type_intelligence").line_type_intelligence
        kind = found.get("type") if isinstance(found, dict) else None
        return str(kind)[:20] if kind else None
