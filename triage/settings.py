"""The clinic's choices (`clinic.toml`) and the machine's (`environment`), read once and checked at start."""

import contextlib
import os
import re
import secrets
import tomllib
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from triage.callbacks import Targets
from triage.errors import WrongSetting
from triage.hours import OpeningHours

ROOT = Path(__file__).resolve().parent.parent
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Span = tuple[time, time]
MINUTES_A_WEEK = 7 * 24 * 60

E164 = re.compile(r"\+[1-9]\d{6,14}")


def _span(written: object) -> Span:
    """`09:00-17:00`; `24:00` is the end of the day, kept as 0:00."""
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", str(written))
    if not match:
        raise ValueError("write hours as '09:00-17:00'")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    end = time(0) if (to_hour, to_minute) == (24, 0) else time(to_hour, to_minute)
    return time(from_hour, from_minute), end


HoursText = Annotated[Span, BeforeValidator(_span)]


def _in_order(span: Span) -> Span:
    if span[0] >= span[1] != time(0):
        raise ValueError("the first time must be before the second: write '09:00-17:00'")
    return span


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClinicTexts(_Strict):
    """The clinic's own words for what the program may not invent; empty means: offer a call."""

    hours: str = ""
    address: str = ""
    payment: str = ""


class Promises(_Strict):
    urgent_minutes: int = Field(default=30, ge=1, le=24 * 60)
    routine_open_minutes: int = Field(default=240, ge=15, le=10 * 24 * 60)


class Retries(_Strict):
    tries: int = Field(default=3, ge=1, le=10)
    open_minutes_apart: int = Field(default=120, ge=15, le=24 * 60)
    none_before_closing_minutes: int = Field(default=30, ge=0, le=240)


class Ringing(_Strict):
    """Calls that we make, take or hand on. `ring_s` is kept short, so that a mailbox rarely gets to answer.

    missed_call_text: send one text a day to who hangs up without a word. delete_recordings: the provider's copy goes
    once ours is kept.
    """

    confirm_identity: bool = True
    ring: Literal["in_turn", "together"] = "in_turn"
    ring_s: int = Field(default=20, ge=10, le=60)
    crisis_line: str = Field(default="988", pattern=r"^(988|911|\+[1-9]\d{6,14})$")
    missed_call_text: bool = False
    delete_recordings: bool = True


class Retention(_Strict):
    """After how many days what is stored goes. Nothing of an open request goes.

    messages: texts, what was said in calls, notes, and the names and numbers of closed requests. audit: who did what.
    """

    messages_days: int = Field(default=2192, ge=30)
    recordings_days: int = Field(default=365, ge=7)
    receipts_days: int = Field(default=30, ge=7)
    audit_days: int = Field(default=2192, ge=365)


class Limits(_Strict):
    replies_per_hour: int = Field(default=30, ge=5, le=1000)


class ContactBlock(_Strict):
    """Who is alerted in a crisis in some hours of some days; `22:00-06:00` runs into the next day."""

    days: tuple[Day, ...]
    hours: HoursText
    staff: tuple[str, ...] = Field(min_length=1)

    def minutes(self) -> set[int]:
        """Minutes of the week that the block covers, counted from Monday 00:00."""
        start = self.hours[0].hour * 60 + self.hours[0].minute
        end = self.hours[1].hour * 60 + self.hours[1].minute
        length = end - start if end > start else end + 24 * 60 - start
        return {(DAYS.index(d) * 24 * 60 + start + m) % MINUTES_A_WEEK for d in self.days for m in range(length)}


class Clinic(_Strict):
    """`clinic.toml`, checked."""

    name: str = Field(min_length=1, max_length=40)
    sender_name: str = Field(min_length=1, max_length=40)
    numbers: tuple[str, ...] = Field(min_length=1)
    zone: ZoneInfo
    lead: str
    fallback_contact: str
    new_requests_at_night: bool = False
    sms_fallback_url: str = ""
    voice_fallback_url: str = ""
    texts: dict[Literal["en", "es"], ClinicTexts] = {}
    hours: dict[Day, tuple[HoursText, ...]]
    closed: dict[date, str] = {}
    promises: Promises = Promises()
    retries: Retries = Retries()
    limits: Limits = Limits()
    retention: Retention = Retention()
    calls: Ringing = Ringing()
    duty: dict[Day, tuple[str, ...]]
    crisis_contacts: tuple[ContactBlock, ...] = ()

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )

    @field_validator("zone", mode="before")
    @classmethod
    def _known_zone(cls, name: object) -> ZoneInfo:
        try:
            return ZoneInfo(str(name))
        except (KeyError, ValueError, OSError):
            raise ValueError("write a zone of the tz database, such as 'America/Phoenix'") from None

    @field_validator("numbers")
    @classmethod
    def _e164(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        if not all(E164.fullmatch(n) for n in numbers):
            raise ValueError("write each number in E.164, such as '+16025550100'")
        return numbers

    @field_validator("hours")
    @classmethod
    def _open_sometime(cls, hours: dict[Day, tuple[Span, ...]]) -> dict[Day, tuple[Span, ...]]:
        for spans in hours.values():
            for span in spans:
                _in_order(span)
            if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
                raise ValueError("hours of one day must be in order and may not overlap")
        if not any(hours.values()):
            raise ValueError("no day is open: give at least one day its hours, such as monday = ['09:00-17:00']")
        return hours

    @model_validator(mode="after")
    def _neutral_sender(self) -> Self:
        if re.search(r"ketamin|tms|spravato|infusion", self.sender_name, re.IGNORECASE):
            raise ValueError("sender_name names a treatment: choose a neutral name, it stands in texts we start")
        return self

    @cached_property
    def opening(self) -> OpeningHours:
        weekly = {DAYS.index(day): spans for day, spans in self.hours.items() if spans}
        return OpeningHours(self.zone, weekly, self.closed)

    def text(self, lang: str, key: Literal["hours", "address", "payment"]) -> str:
        texts = self.texts.get("es" if lang == "es" else "en")
        return getattr(texts, key) if texts else ""

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Logins on duty on the clinic's day of `at` (aware); if that day has none, those of the next day that has."""
        day = at.astimezone(self.zone)
        for ahead in range(7):
            logins = self.duty.get(DAYS[(day + timedelta(days=ahead)).weekday()], ())  # type: ignore[call-overload]
            if logins:
                return tuple(logins)
        return (self.lead,)

    @cached_property
    def _crisis_minutes(self) -> tuple[tuple[frozenset[int], tuple[str, ...]], ...]:
        return tuple((frozenset(block.minutes()), block.staff) for block in self.crisis_contacts)

    @cached_property
    def targets(self) -> Targets:
        return Targets(
            urgent=timedelta(minutes=self.promises.urgent_minutes),
            routine=timedelta(minutes=self.promises.routine_open_minutes),
            tries=self.retries.tries,
            apart=timedelta(minutes=self.retries.open_minutes_apart),
            none_before_closing=timedelta(minutes=self.retries.none_before_closing_minutes),
        )

    def in_crisis(self, at: datetime) -> tuple[str, ...]:
        """Logins to alert in a crisis at `at` (aware); empty when that hour has nobody."""
        local = at.astimezone(self.zone)
        minute = local.weekday() * 24 * 60 + local.hour * 60 + local.minute
        found = [login for minutes, staff in self._crisis_minutes if minute in minutes for login in staff]
        return tuple(dict.fromkeys(found))

    def hours_without_crisis_contact(self) -> list[str]:
        """Hours of the week (`Monday 03:00`) in which a crisis would reach nobody."""
        covered = set[int]().union(*(minutes for minutes, _ in self._crisis_minutes))
        missing = sorted({minute // 60 for minute in set(range(MINUTES_A_WEEK)) - covered})
        return [f"{DAYS[hour // 24].capitalize()} {hour % 24:02d}:00" for hour in missing]

    def logins(self) -> set[str]:
        """Every staff login that the file names."""
        named = {login for day in self.duty.values() for login in day}
        return named | {x for block in self.crisis_contacts for x in block.staff} | {self.lead, self.fallback_contact}


class Environment(BaseSettings):
    """The environment variables. Secrets are nowhere else; the embedded default keeps made ones in `instance/`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = ""
    public_base_url: str = "http://127.0.0.1:8000"
    twilio_account_sid: str = Field(pattern=r"^AC[0-9a-f]{32}$")
    twilio_auth_token: str = Field(min_length=8)
    twilio_auth_token_previous: str = ""
    twilio_api_key: str = ""
    twilio_api_secret: str = ""
    twilio_api_base_url: str = ""
    clinic_file: Path = ROOT / "clinic.toml"
    secret_key: str = Field(min_length=32)
    data_keys: Annotated[tuple[str, ...], NoDecode] = Field(min_length=1)
    phone_hash_key: str = Field(min_length=32)
    port: int = Field(default=8000, ge=1, le=65535)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", url):
            raise ValueError("write sqlite:///path/to/file.db or postgresql://user:password@host/name")
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)

    @field_validator("public_base_url", "twilio_api_base_url")
    @classmethod
    def _bare_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise ValueError("write an address such as https://line.example.org, without query or fragment")
        return url.rstrip("/")

    @field_validator("data_keys", mode="before")
    @classmethod
    def _fernet_keys(cls, written: str | tuple[str, ...]) -> tuple[str, ...]:
        keys = tuple(k.strip() for k in written.split(",") if k.strip()) if isinstance(written, str) else written
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                raise ValueError("write keys made by `flask new-key`, newest first, with commas between") from None
        return keys

    @model_validator(mode="after")
    def _key_and_secret(self) -> Self:
        if bool(self.twilio_api_key) != bool(self.twilio_api_secret):
            raise ValueError("TWILIO_API_KEY and TWILIO_API_SECRET go together: set both or neither")
        return self

    @property
    def stands_in(self) -> bool:
        """True where the local phone stands in for Twilio."""
        return urlsplit(self.twilio_api_base_url).hostname in ("127.0.0.1", "localhost", "::1")


def _sentence(error: ValidationError, where: str, upper: bool) -> str:
    """The first thing that is wrong, as one sentence: which, why and what to write instead."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    name = name.upper() if upper else name
    why = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        why = "it is missing: give it a value"
    why = why if why[:2].isupper() else why[0].lower() + why[1:]
    return f"{where}{': ' + name if name else ''}: {why}."


def read_clinic(path: Path) -> Clinic:
    """The clinic's file, checked. Raises WrongSetting with one sentence."""
    try:
        return Clinic.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as problem:
        raise WrongSetting(
            f"{path.name}: it cannot be read ({problem.strerror}); set CLINIC_FILE to its path."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise WrongSetting(f"{path.name}: it is not valid TOML ({problem}).") from None
    except ValidationError as problem:
        raise WrongSetting(_sentence(problem, path.name, upper=False)) from None


def read_environment(instance: Path = ROOT / "instance") -> Environment:
    """The environment over what `instance/made.env` keeps. Raises WrongSetting with one sentence.

    Without DATABASE_URL this is the embedded default: SQLite in `instance/`, and every secret that is not given is made
    once and kept there. Without TWILIO_ACCOUNT_SID the local phone stands in for Twilio.
    """
    given = {name: value for name in Environment.model_fields if (value := os.environ.get(name.upper(), ""))}
    if "database_url" not in given:
        made = _made_once(instance / "made.env", stand_in="twilio_account_sid" not in given)
        given = made | given | {"database_url": f"sqlite:///{instance / 'clinic.db'}"}
    try:
        return Environment.model_validate(given)
    except ValidationError as problem:
        raise WrongSetting(_sentence(problem, "Environment", upper=True)) from None


def _made_once(path: Path, stand_in: bool) -> dict[str, Any]:
    """Secrets of the embedded default, made at the first start and read ever after."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        # Written aside and linked in: of two processes that start together one wins, and nobody reads half a file.
        aside = path.with_suffix(f".{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text("".join(f"{name}={value}\n" for name, value in _new_secrets().items()))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    lines = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    made = {name.lower(): value for name, value in lines}
    return made if stand_in else {name: value for name, value in made.items() if not name.startswith("twilio_")}


def _new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATA_KEYS": Fernet.generate_key().decode(),
        "PHONE_HASH_KEY": secrets.token_urlsafe(48),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_BASE_URL": "http://127.0.0.1:8001",
    }
