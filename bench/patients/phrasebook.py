"""Phrasebooks: what patients say, one act a line, and what each line means; the format is in tests/data/README.md."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Line:
    """One wording of one act. says: what a person who reads it would note down."""

    act: str
    lang: str
    text: str
    says: Mapping[str, Any]


@dataclass(frozen=True)
class Meant:
    """The window that somebody asked for, in the clinic's zone; None: no time was named ("as soon as you can")."""

    start: datetime | None
    end: datetime | None


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


def meant(says: Mapping[str, Any], now: datetime) -> Meant:
    """Return the window that a line's meaning is, said at `now` (in the clinic's zone)."""
    if "start" not in says:
        return Meant(None, None)
    ahead = (DAYS.index(says["weekday"][:3].lower()) - now.weekday()) % 7 if "weekday" in says else int(says["days"])
    day = now.date() + timedelta(days=ahead)
    start, end = (time.fromisoformat(says.get(one, "17:00")) for one in ("start", "end"))
    return Meant(*(datetime.combine(day, clock, now.tzinfo) for clock in (start, end)))


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put what the patient wants into the slots of a wording."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
