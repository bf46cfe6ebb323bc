"""What the local phone is told at its start, read once from the environment."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

from phone.records import Person

PEOPLE = (
    Person("+16025550132", "Dana Whitfield", "patient"),
    Person("+16025550147", "Marco Reyes", "patient"),
    Person("+16025550161", "Sam Ortiz", "front desk"),
    Person("+16025550162", "Priya Nair", "lead"),
)
RETRIES = "#rc=3&rp=all&ct=2000&rt=7000&tt=15000"


class WrongSetting(Exception):
    """A setting cannot be used; the text says which one and what to write instead."""


@dataclass(frozen=True)
class PhoneConfig:
    """`clinic_url` is where the clinic's webhooks live, `own_url` where this phone is found
    (pictures are fetched there).

    `delivery_s` is how long a text takes to arrive, `retry_pause_s` what is waited before a webhook is tried again
    (a little longer each time, so that a web process that restarts is found back in time), `late_s` how late a receipt
    is under that fault (0: until it is asked for), `hang_s` after how long a request that gets no answer is cut.
    `rings_out`: a phone that nobody picks up stops ringing after the time that the clinic asked for; without it, it
    rings until somebody decides. `service_sid`: a Messaging Service of all the clinic's numbers; empty for none.
    """

    account_sid: str
    auth_token: str
    clinic_number: str = "+16025550100"
    clinic_url: str = "http://127.0.0.1:8000"
    own_url: str = "http://127.0.0.1:8001"
    api_key: str = ""
    api_secret: str = ""
    people: tuple[Person, ...] = PEOPLE
    delivery_s: float = 0.6
    retry_pause_s: float = 0.5
    late_s: float = 5.0
    hang_s: float = 30.0
    rings_out: bool = True
    more_numbers: tuple[str, ...] = ()
    service_sid: str = ""

    @property
    def number_settings(self) -> dict[str, str]:
        """Return how the clinic's number is set up before anybody sets it otherwise."""
        return {
            "SmsUrl": f"{self.clinic_url}/webhooks/sms{RETRIES}",
            "VoiceUrl": f"{self.clinic_url}/webhooks/voice{RETRIES}",
            "StatusCallback": f"{self.clinic_url}/webhooks/voice/status{RETRIES}",
        }


def from_environment(env: Mapping[str, str]) -> PhoneConfig:
    """Read the settings; raises WrongSetting with one sentence."""
    account = env.get("TWILIO_ACCOUNT_SID", "")
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account):
        raise WrongSetting("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits; any will do for the local phone.")
    if not env.get("TWILIO_AUTH_TOKEN"):
        raise WrongSetting("TWILIO_AUTH_TOKEN is empty; give the local phone the same token as the clinic.")
    return PhoneConfig(
        account_sid=account,
        auth_token=env["TWILIO_AUTH_TOKEN"],
        clinic_number=e164(env.get("PHONE_CLINIC_NUMBER", PhoneConfig.clinic_number), "PHONE_CLINIC_NUMBER"),
        clinic_url=env.get("PUBLIC_BASE_URL", PhoneConfig.clinic_url).rstrip("/"),
        own_url=f"http://127.0.0.1:{port(env)}",
        api_key=env.get("TWILIO_API_KEY", ""),
        api_secret=env.get("TWILIO_API_SECRET", ""),
        service_sid=env.get("TWILIO_MESSAGING_SERVICE_SID", ""),
        people=people(env["PHONE_PEOPLE"]) if env.get("PHONE_PEOPLE") else PEOPLE,
    )


def port(env: Mapping[str, str]) -> int:
    written = env.get("PHONE_PORT", "8001")
    if not written.isascii() or not written.isdigit() or not 0 < int(written) < 65536:
        raise WrongSetting(f"PHONE_PORT is {written!r}; it must be a number from 1 to 65535, for example 8001.")
    return int(written)


def people(written: str) -> tuple[Person, ...]:
    """Read PHONE_PEOPLE: a JSON list of {"name": ..., "phone": ..., "role": ...}."""
    example = 'a JSON list such as [{"name": "Dana", "phone": "+16025550132", "role": "patient"}]'
    try:
        rows = [(str(row["phone"]), str(row["name"]), str(row.get("role", ""))) for row in json.loads(written)]
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise WrongSetting(f"PHONE_PEOPLE cannot be read; write {example}.") from wrong
    return tuple(Person(e164(phone, "PHONE_PEOPLE"), name, role) for phone, name, role in rows)


def e164(written: str, setting: str) -> str:
    phone = read_number(written)
    if phone is None:
        raise WrongSetting(f"{setting} holds {written!r}, which is no phone number; write it like +16025550132.")
    return phone


def read_number(written: str) -> str | None:
    """Read a phone number as E.164, ten digits taken as American; None if it is not one."""
    try:
        number = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def pretty(phone: str) -> str:
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
