"""Say -> words from templates/, strict about missing files and values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from triage.errors import WordsMissing
from triage.hours.window import Window
from triage.model.message import Channel, Phone, Reply, Say
from triage.model.phone import as_spoken, as_written, parted
from triage.segments import count_segments
from triage.settings import ROOT

LANGS = ("en", "es")

MOST_PARTS = {"en": 2, "es": 3}  # of one text; more is dear, and parts arrive out of order

DAY_PATTERNS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}


@dataclass(frozen=True)
class _Tongue:
    """A language, read or heard, with its words for the time of day."""

    lang: str
    channel: Channel
    clock: Mapping[str, Any]


class Wording:
    """The port Words. All texts are read at start, so a missing one is found by tests and never at night."""

    def __init__(self, folder: Path = ROOT / "templates") -> None:
        self._texts = _texts_in(folder)
        clocks = tomllib.loads((folder / "clock.toml").read_text("utf-8"))
        self._tongues = {(c, lang): _Tongue(lang, c, clocks[c][lang]) for c in Channel for lang in LANGS}

    def keys(self, lang: str, channel: Channel = Channel.SMS) -> set[str]:
        return {key for of, found, key in self._texts if (of, found) == (channel, lang)}

    def say(
        self, key: str, lang: str, values: Mapping[str, object] | None = None, channel: Channel = Channel.SMS
    ) -> str:
        """Word one text. Raises WordsMissing for an unknown key or a missing value."""
        try:
            text = self._texts[channel, lang, key]
            if "{" not in text:
                return text
            tongue = self._tongues[channel, lang]
            shown = {name: self._shown(value, tongue) for name, value in (values or {}).items()}
            # A sentence that ends in "a. m." has its full stop already.
            return text.format_map(shown).replace(". m..", ". m.")
        except KeyError as missing:
            raise WordsMissing(f"{channel}/{lang}/{key}: {missing} is missing") from None

    def texts(self, reply: Reply, lang: str, channel: Channel) -> tuple[str, ...]:
        """Return the texts: what belongs together in one as long as it fits its parts, what stands apart in its own.

        To hear: one a sentence.
        """
        texts: list[str] = []
        for say in reply.says:
            words = self.say(say.key, say.lang or lang, say.values, channel)
            joined = f"{texts[-1]} {words}" if texts and not say.apart and channel is Channel.SMS else ""
            if joined and count_segments(joined)[1] <= MOST_PARTS[lang]:
                texts[-1] = joined
            else:
                texts.append(words)
        return tuple(texts)

    def _shown(self, value: object, tongue: _Tongue) -> object:
        if isinstance(value, Say):
            return self.say(value.key, tongue.lang, value.values, tongue.channel)
        if isinstance(value, Phone):
            return _phone(value, tongue)
        if isinstance(value, Window):
            return _Span(value, tongue)
        if isinstance(value, datetime):
            return _Moment(value, tongue)
        if isinstance(value, ZoneInfo):
            return get_timezone_location(value, locale=tongue.lang, return_city=True)
        return value


@cache
def _texts_in(folder: Path) -> Mapping[tuple[Channel, str, str], str]:
    return {
        (channel, lang, str(path.relative_to(folder / channel / lang).with_suffix(""))): path.read_text("utf-8").strip()
        for channel in Channel
        for lang in LANGS
        for path in (folder / channel / lang).rglob("*.txt")
    }


def _phone(phone: Phone, tongue: _Tongue) -> str:
    if tongue.channel is Channel.SMS:
        return as_written(phone.e164)
    spoken = as_spoken(phone.e164)
    if extension := parted(phone.e164)[1]:
        spoken = f"{spoken}, {tongue.clock['extension']}, {' '.join(extension)}"
    return spoken.replace(",", ";").replace(" ", ", ").replace(";,", ";") if phone.slowly else spoken


class _Moment:
    """A time in a text: `{at:day}` is "Tuesday 24 November", `{at:clock}` "3:30 pm"."""

    def __init__(self, at: datetime, tongue: _Tongue) -> None:
        self._at, self._tongue = at, tongue

    def __format__(self, spec: str) -> str:
        if spec == "day":
            return _day(self._at, self._tongue)
        if spec == "clock":
            return _clock(self._at, self._tongue, half=True)
        raise WordsMissing(f"a time is written {{at:day}} or {{at:clock}}, not {spec!r}")


class _Span(_Moment):
    """A window in a text: `{window:day}`, `{window:from}` and `{window:to}` ("between 3 and 5 pm")."""

    def __init__(self, window: Window, tongue: _Tongue) -> None:
        super().__init__(window.start, tongue)
        self._window = window

    def __format__(self, spec: str) -> str:
        start, end = self._window.start, self._window.end
        if spec == "from":
            same = _half(start, self._tongue) == _half(end, self._tongue) and (end.hour, end.minute) != (12, 0)
            return _clock(start, self._tongue, half=not same)
        if spec == "to":
            return _clock(end, self._tongue, half=True)
        return super().__format__(spec)


def _day(at: datetime, tongue: _Tongue) -> str:
    """Write "Tuesday 24 November"; to the ear "Tuesday the 24th of November"."""
    if "days" not in tongue.clock:
        return format_date(at, DAY_PATTERNS[tongue.lang], locale=tongue.lang)
    pattern = format_date(at, f"EEEE '{tongue.clock['days'][at.day - 1]}' MMMM", locale=tongue.lang)
    return str(pattern)


def _half(at: datetime, tongue: _Tongue) -> str:
    """Write "am" or "pm"; to the ear "in the morning", "in the afternoon", "in the evening"."""
    part = "am" if at.hour < 12 else "evening" if at.hour >= 18 and "evening" in tongue.clock else "pm"
    return str(tongue.clock[part])


def _clock(at: datetime, tongue: _Tongue, half: bool) -> str:
    """Write "3", "3 pm", "3:30 pm", "noon"; in Spanish with its article."""
    words = tongue.clock
    if (at.hour, at.minute) == (12, 0):
        return str(words["noon"])
    hour = at.hour % 12 or 12
    article = words["one" if hour == 1 else "many"]
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{article}{hour}{minutes}" + (f" {_half(at, tongue)}" if half else "")
