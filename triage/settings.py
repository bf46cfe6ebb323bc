"""The clinic's choices (`clinic.toml`), read once and checked at start; its numbers stand in `policy`."""

import re
import tomllib
from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from triage.errors import WrongSetting
from triage.hours.opening import OpeningHours
from triage.hours.promises import Targets
from triage.model.phone import E164
from triage.policy import (
    Alerts,
    Console,
    Conversation,
    HoursText,
    Limits,
    PartsOfDay,
    PatientTexts,
    Promises,
    Retention,
    Retries,
    Ringing,
    Section,
    Sending,
    Span,
    in_order,
)  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

MINUTES_A_WEEK = 7 * 24 * 60


class ClinicTexts(Section):
    """The clinic's own words for what the program may not invent; empty means: offer a call."""

    hours: str = ""
    address: str = ""
    payment: str = ""


# What a clinic may say in its own voice: texts that hold nothing of the caller.
InOwnVoice = Literal[
    "welcome", "menu", "menu_again", "voicemail", "voicemail_kept", "voicemail_empty", "nobody_here", "place_kept",
    "connecting", "goodbye",
]  # fmt: skip

SoundFile = Annotated[str, Field(pattern=r"^\w[\w-]*\.(mp3|wav)$")]


class ContactBlock(Section):
    """Who is alerted in a crisis in some hours of some days; `22:00-06:00` runs into the next day."""

    days: tuple[Day, ...]
    hours: HoursText
    staff: tuple[str, ...] = Field(min_length=1)

    def minutes(self) -> set[int]:
        """Return the minutes of the week that the block covers, counted from Monday 00:00."""
        start = self.hours[0].hour * 60 + self.hours[0].minute
        end = self.hours[1].hour * 60 + self.hours[1].minute
        length = end - start if end > start else end + 24 * 60 - start
        return {(DAYS.index(d) * 24 * 60 + start + m) % MINUTES_A_WEEK for d in self.days for m in range(length)}


class Clinic(Section):
    """`clinic.toml`, checked."""

    name: str = Field(min_length=1, max_length=40)
    sender_name: str = Field(min_length=1, max_length=40)
    numbers: tuple[str, ...] = Field(min_length=1)
    spanish_numbers: tuple[str, ...] = ()
    desk_lines: tuple[str, ...] = ()
    zone: ZoneInfo
    lead: str
    fallback_contact: str
    new_requests_at_night: bool = False
    sms_fallback_url: str = ""
    voice_fallback_url: str = ""
    texts: dict[Literal["en", "es"], ClinicTexts] = Field(default_factory=dict)
    own_voice: dict[Literal["en", "es"], dict[InOwnVoice, SoundFile]] = Field(default_factory=dict)
    hours: dict[Day, tuple[HoursText, ...]]
    closed: dict[date, str] = Field(default_factory=dict)
    promises: Promises = Promises()
    retries: Retries = Retries()
    limits: Limits = Limits()
    alerts: Alerts = Alerts()
    conversation: Conversation = Conversation()
    texts_to_patients: PatientTexts = PatientTexts()
    sending: Sending = Sending()
    parts_of_day: PartsOfDay = PartsOfDay()
    console: Console = Console()
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

    @field_validator("numbers", "spanish_numbers", "desk_lines")
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
                in_order(span)
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

    def lang_of(self, number: str) -> str:
        """Return the language in which somebody new is met who calls or texts this number of ours."""
        return "es" if number in self.spanish_numbers else "en"

    def is_no_person(self, caller: str) -> bool:
        """Tell whether a caller id is that of a line of ours, which a forwarded call shows: it names nobody."""
        return caller in self.numbers or caller in self.desk_lines

    def text(self, lang: str, key: Literal["hours", "address", "payment"]) -> str:
        texts = self.texts.get("es" if lang == "es" else "en")
        return getattr(texts, key) if texts else ""

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Return the logins on duty on the clinic's day of `at` (aware); if that day has none, those of the next
        day that has.
        """
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
            crisis=timedelta(minutes=self.promises.crisis_minutes),
            urgent=timedelta(minutes=self.promises.urgent_minutes),
            routine=timedelta(minutes=self.promises.routine_open_minutes),
            listened_to=timedelta(minutes=self.promises.listen_minutes),
            tries=self.retries.tries,
            apart=timedelta(minutes=self.retries.open_minutes_apart),
            none_before_closing=timedelta(minutes=self.retries.none_before_closing_minutes),
            crisis_again=timedelta(minutes=self.retries.crisis_again_after_minutes),
            longest_snooze=timedelta(days=self.retries.longest_snooze_days),
        )

    def in_crisis(self, at: datetime) -> tuple[str, ...]:
        """Return the logins to alert in a crisis at `at` (aware); empty when that hour has nobody."""
        local = at.astimezone(self.zone)
        minute = local.weekday() * 24 * 60 + local.hour * 60 + local.minute
        found = [login for minutes, staff in self._crisis_minutes if minute in minutes for login in staff]
        return tuple(dict.fromkeys(found))

    @cached_property
    def _crews(self) -> dict[frozenset[str], set[int]]:
        """Return the hours of the week, counted from Monday 00:00, by who is alerted in any minute of them."""
        found: dict[frozenset[str], set[int]] = {}
        for minute in range(MINUTES_A_WEEK):
            crew = frozenset(login for minutes, staff in self._crisis_minutes if minute in minutes for login in staff)
            found.setdefault(crew, set()).add(minute // 60)
        return found

    def hours_open(self, reachable: Collection[str]) -> list[int]:
        """Return the hours of the week, counted from Monday 00:00, in which a crisis reaches none of its contacts."""
        return sorted(set[int]().union(*(hours for crew, hours in self._crews.items() if not crew & set(reachable))))

    def hours_without_crisis_contact(self) -> list[str]:
        """Return the hours of the week (`Monday 03:00`) for which no crisis contact is named."""
        return [hour_of_week(hour) for hour in self.hours_open(self.logins())]

    def logins(self) -> set[str]:
        """Return every staff login that the file names."""
        named = {login for day in self.duty.values() for login in day}
        return named | {x for block in self.crisis_contacts for x in block.staff} | {self.lead, self.fallback_contact}


def hour_of_week(hour: int) -> str:
    """Write an hour of the week, counted from Monday 00:00: `Monday 03:00`."""
    return f"{DAYS[hour // 24 % 7].capitalize()} {hour % 24:02d}:00"


def first_mistake(error: ValidationError, where: str, upper: bool) -> str:
    """Word the first thing that is wrong in one sentence: which, why and what to write instead."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    name = name.upper() if upper else name
    why = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        why = "it is missing: give it a value"
    why = why if why[:2].isupper() else why[0].lower() + why[1:]
    return f"{where}{': ' + name if name else ''}: {why}."


def read_clinic(path: Path) -> Clinic:
    """Read and check the clinic's file. Raises WrongSetting with one sentence."""
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
