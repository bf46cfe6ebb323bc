"""Phrasebooks: what patients say, one act a line, and what each line means; the format is in tests/data/README.md."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

# A time counted from now moves with the clock; an hour alone ("change it to 2") is of the day that was meant before.
_FROM_NOW = re.compile(
    r"\b(?:in|en(?! vez)|dentro de|from now|give me|gimme|den?me|dame)\b[^.;]*\b(?:h(?:ou)?rs?|horas?|min\w*)\b"
    r"|(?<!day )(?<!days )(?<!weeks )\bfrom now\b",
    re.IGNORECASE,
)
_TODAY = re.compile(
    r"\b(?:today|tonight|hoy|this (?:morning|afternoon|evening)|esta (?:mañana|tarde|noche))\b", re.IGNORECASE
)
WORDED_AT = time(10)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Line:
    """One wording of one act. says: what a person who reads it would note down."""

    act: str
    lang: str
    text: str
    says: Mapping[str, Any]


# A day without an hour is at least that long.
ALL_DAY = timedelta(hours=8)


@dataclass(frozen=True)
class Meant:
    """The window that somebody asked for, in the clinic's zone; None: no time was named ("as soon as you can").

    hour_alone: no day was named, so it may be the day that was meant before. A day alone may keep the hours.
    """

    start: datetime | None
    end: datetime | None
    hour_alone: bool = False

    def fits(self, start: datetime | None, before: "Meant | None") -> bool:
        """Tell whether a stored start is this one, the same hour of the day that was meant before, or in the day that
        was named without an hour.
        """
        if self.start is None or start is None or start == self.start:
            return True
        if self.end is not None and self.end - self.start >= ALL_DAY and self.start <= start < self.end:
            return True
        if not self.hour_alone or before is None or before.start is None:
            return False
        return start == datetime.combine(before.start.date(), self.start.timetz())


def day_meant_before(windows: Sequence[Meant]) -> Meant | None:
    """Return the time whose day an hour alone may be of: the last that named its day, before the last of these."""
    timed = [one for one in windows[:-1] if one.start]
    return next((one for one in reversed(timed) if not one.hour_alone), timed[-1] if timed else None)


class Phrasebook:
    """The lines by act and language."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in lines:
            self._lines[line.act, line.lang].append(line)

    def has(self, act: str, lang: str) -> bool:
        return bool(self._lines[act, lang])

    def lines(self, act: str, lang: str) -> list[Line]:
        return self._lines[act, lang]

    def pick(self, act: str, lang: str, rng: random.Random, **says: Any) -> Line | None:
        """Return one line of an act that says all of this; None if there is none."""
        fits = [line for line in self._lines[act, lang] if all(line.says.get(key) == says[key] for key in says)]
        return rng.choice(fits) if fits else None


def read(files: Iterable[Path]) -> Phrasebook:
    rows = (json.loads(row) for file in files for row in file.read_text("utf-8").splitlines() if row.strip())
    return Phrasebook(Line(row["act"], row["lang"], row["text"], row.get("says", {})) for row in rows)


def meant(says: Mapping[str, Any], now: datetime, text: str = "") -> Meant:
    """Return the window that a line's meaning is, said at `now` (in the clinic's zone) in these words."""
    if "start" not in says:
        return Meant(None, None)
    ahead = (DAYS.index(says["weekday"][:3].lower()) - now.weekday()) % 7 if "weekday" in says else int(says["days"])
    day = now.date() + timedelta(days=ahead)
    start, end = (time.fromisoformat(says.get(one, "17:00")) for one in ("start", "end"))
    first, last = (datetime.combine(day, clock, now.tzinfo) for clock in (start, end))
    if _FROM_NOW.search(text):
        five = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
        later = five - datetime.combine(now.date(), WORDED_AT, now.tzinfo)
        return Meant(first + later, last + later)
    return Meant(first, last, says.get("days") == 0 and not _TODAY.search(text))


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put what the patient wants into the slots of a wording."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
