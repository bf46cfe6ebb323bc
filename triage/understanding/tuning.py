"""The constants of understanding, a table for each encoder: `python -m triage.understanding.thresholds` writes it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "thresholds.json"


@dataclass(frozen=True)
class Band:
    alarm: float
    check_in: float


@dataclass(frozen=True)
class Settings:
    """`temperature`s turn scores into chances; the rest are chances from which on something is done."""

    topic_temperature: float
    script: float  # a scripted answer
    act: float  # a change of state: call wished, cancelled, moved
    ask: float  # "did you mean", for the two best labels together
    other: float  # hand-overs, greetings and the like, which promise nothing
    safety_temperature: float
    bands: dict[str, Band]


@cache
def settings_for(encoder: str) -> Settings:
    row = json.loads(FILE.read_text(encoding="utf-8"))[encoder]
    bands = {label: Band(**band) for label, band in row.pop("bands").items()}
    return Settings(**row, bands=bands)
