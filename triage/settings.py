"""The clinic's choices (`clinic.toml`) and the machine's (`environment`), read once and checked at start."""

import re
import tomllib
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from triage.errors import WrongSetting
from triage.hours.opening import OpeningHours
from triage.hours.promises import Targets
from triage.model.phone import E164

ROOT = Path(__file__).resolve().parent.parent

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

Span = tuple[time, time]

MINUTES_A_WEEK = 7 * 24 * 60


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


def first_mistake(error: ValidationError, where: str, upper: bool) -> str:
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
        raise WrongSetting(first_mistake(problem, path.name, upper=False)) from None
