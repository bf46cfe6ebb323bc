"""Temperatures and thresholds of understanding, one table for each encoder, read from thresholds.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "thresholds.json"
DERIVED_FROM = "derived_from"  # beside the tables: the hashes of what they were derived from


@dataclass(frozen=True)
class Band:
    """The chances of danger from which on an alarm is raised, and a check-in asked."""

    alarm: float
    check_in: float


@dataclass(frozen=True)
class Settings:
    """Temperatures that turn scores into chances, and the chances from which on something is done."""

    topic_temperature: float
    script: float  # a scripted answer
    act: float  # a change of state: call wished, cancelled, moved
    ask: float  # "did you mean", for the two best labels together
    other: float  # hand-overs, greetings and the like, which promise nothing
    safety_temperature: float
    bands: dict[str, Band]


@cache
def settings_for(encoder: str) -> Settings:
    """Return the table of the encoder with this name."""
    row = json.loads(FILE.read_text(encoding="utf-8"))[encoder]
    bands = {label: Band(**band) for label, band in row.pop("bands").items()}
    return Settings(**row, bands=bands)


def derived_from(encoder: str) -> dict[str, str]:
    """Return the hashes of what the thresholds of this encoder were derived from, empty if nobody has noted it."""
    told: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8")).get(DERIVED_FROM, {})
    return told.get(encoder, {})
