"""Say -> words from templates/, strict about missing files and values."""

import string
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from triage.errors import WordsMissing
from triage.messages import Channel, Reply, Say
from triage.settings import ROOT
from triage.windows import Window

LANGS = ("en", "es")
DAY_PATTERNS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}


class Wording:
    """The port Words. All texts are read at start, so a missing one is found by tests and never at night."""

    def __init__(self, folder: Path = ROOT / "templates") -> None:
        self._texts: dict[tuple[str, str], str] = {}
        for lang in LANGS:
            base = folder / "sms" / lang
            for path in base.rglob("*.txt"):
                key = str(path.relative_to(base).with_suffix(""))
                self._texts[lang, key] = path.read_text("utf-8").strip()
        self._clock: dict[str, dict[str, str]] = tomllib.loads((folder / "clock.toml").read_text("utf-8"))

    def keys(self, lang: str) -> set[str]:
        return {key for found, key in self._texts if found == lang}

    def say(self, key: str, lang: str, values: Mapping[str, object] | None = None) -> str:
        """One text. Raises WordsMissing for an unknown key or a missing value."""
        try:
            text = self._texts[lang, key]
            if "{" not in text:
                return text
            shown = {name: self._shown(value, lang) for name, value in (values or {}).items()}
            return string.Formatter().vformat(text, (), shown)
        except KeyError as missing:
            raise WordsMissing(f"{lang}/{key}: {missing} is missing") from None

    def texts(self, reply: Reply, lang: str, channel: Channel) -> tuple[str, ...]:  # noqa: ARG002
        """A reply as the texts to send: what belongs together in one, what stands apart in its own."""
        texts: list[str] = []
        for say in reply.says:
            words = self.say(say.key, lang, say.values)
            if texts and not say.apart:
                texts[-1] = f"{texts[-1]} {words}"
            else:
                texts.append(words)
        return tuple(texts)

    def _shown(self, value: object, lang: str) -> object:
        if isinstance(value, Say):
            return self.say(value.key, lang, value.values)
        if isinstance(value, Window):
            return _Span(value, lang, self._clock[lang])
        if isinstance(value, datetime):
            return _Moment(value, lang, self._clock[lang])
        if isinstance(value, ZoneInfo):
            return get_timezone_location(value, locale=lang, return_city=True)
        return value


class _Moment:
    """A time in a text: `{at:day}` is "Tuesday 24 November", `{at:clock}` "3:30 pm"."""

    def __init__(self, at: datetime, lang: str, clock: Mapping[str, str]) -> None:
        self._at, self._lang, self._clock = at, lang, clock

    def __format__(self, spec: str) -> str:
        if spec == "day":
            return format_date(self._at, DAY_PATTERNS[self._lang], locale=self._lang)
        if spec == "clock":
            return _clock(self._at, self._clock, half=True)
        raise WordsMissing(f"a time is written {{at:day}} or {{at:clock}}, not {spec!r}")


class _Span(_Moment):
    """A window in a text: `{window:day}`, `{window:from}` and `{window:to}` ("between 3 and 5 pm")."""

    def __init__(self, window: Window, lang: str, clock: Mapping[str, str]) -> None:
        super().__init__(window.start, lang, clock)
        self._window = window

    def __format__(self, spec: str) -> str:
        start, end = self._window.start, self._window.end
        if spec == "from":
            same_half = (start.hour < 12) == (end.hour < 12) and (end.hour, end.minute) != (12, 0)
            return _clock(start, self._clock, half=not same_half)
        if spec == "to":
            return _clock(end, self._clock, half=True)
        return super().__format__(spec)


def _clock(at: datetime, words: Mapping[str, str], half: bool) -> str:
    """ "3", "3 pm", "3:30 pm", "noon"; in Spanish with its article."""
    if (at.hour, at.minute) == (12, 0):
        return words["noon"]
    hour = at.hour % 12 or 12
    article = words["one" if hour == 1 else "many"]
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{article}{hour}{minutes}" + (f" {words['am' if at.hour < 12 else 'pm']}" if half else "")
