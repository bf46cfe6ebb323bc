"""Danger in a text: words of crisis, of a medical emergency and of a bad reaction, in two tiers, alarm and check-in.

A head scores the text; explicit phrases (patterns.toml) may add an alarm or a check-in and never take one away.
Recall comes before precision: a missed crisis costs more than a question too many.
"""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from triage.understanding.ngrams import Vectors
from triage.understanding.tuning import Band

LABELS = ("crisis", "emergency", "adverse")  # the graver first
LOW = "low"  # low mood, which is no danger and not met with a menu either
WHOLE_WORDS = 60  # a longer text is scored by windows as well: one sentence of crisis drowns in a long one
# Windows overlap by half where that takes few, else by as much as a sentence has; of a text longer still they are
# longer themselves, up to what the encoder reads of one.
WINDOW_WORDS, OVERLAP, SHORT_OVERLAP, LONGEST_WINDOW = 40, 20, 10, 110
MOST_WINDOWS = 10  # of one message as its sender can send it (1,600 characters); the whole is one of them


class Tier(StrEnum):
    NONE = "none"
    CHECK_IN = "check_in"
    ALARM = "alarm"


GRAVITY = {Tier.NONE: 0, Tier.CHECK_IN: 1, Tier.ALARM: 2}


@dataclass(frozen=True)
class Danger:
    """The danger found: `score` is the head's chance of any danger; `rule` is "pattern:<id>", "head" or "" (none)."""

    label: str
    tier: Tier
    score: float
    rule: str


NO_DANGER = Danger("none", Tier.NONE, 0.0, "")


@dataclass(frozen=True)
class Phrase:
    id: str
    label: str
    tier: Tier
    says: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def phrases() -> tuple[Phrase, ...]:
    rows = tomllib.loads((Path(__file__).parent / "patterns.toml").read_text(encoding="utf-8"))["phrase"]
    return tuple(
        Phrase(
            row["id"],
            row["label"],
            Tier(row["tier"]),
            re.compile(row["says"]),
            re.compile(row["unless"]) if "unless" in row else None,
        )
        for row in rows
    )


def windows_of(folded: str, most: int = MOST_WINDOWS) -> list[str]:
    """Return the text itself and, beyond 60 words, overlapping windows over all of it.

    Any ten words in a row stand in one of them, so that no short sentence is cut everywhere. There are at most `most`
    as long as the windows are not too long for the encoder: to read all comes first.
    """
    words = folded.split()
    if len(words) <= WHOLE_WORDS:
        return [folded]
    count, overlap = _count(len(words), WINDOW_WORDS, OVERLAP), OVERLAP
    if count >= most:
        overlap = SHORT_OVERLAP
        count = min(most - 1, _count(len(words), WINDOW_WORDS, overlap))
        count = max(count, _count(len(words), LONGEST_WINDOW, overlap))
    size = max(WINDOW_WORDS, math.ceil((len(words) - overlap) / count) + overlap)
    starts = range(0, len(words) - overlap, size - overlap)
    return [folded] + [" ".join(words[start : start + size]) for start in starts]


def _count(words: int, size: int, overlap: int) -> int:
    """Return how many windows of a size cover so many words."""
    return math.ceil((words - overlap) / (size - overlap))


def by_phrase(readings: Sequence[str]) -> Danger | None:
    """Return the gravest explicit phrase in any reading of the text."""
    found = [
        Danger(phrase.label, phrase.tier, 1.0, f"pattern:{phrase.id}")
        for phrase in phrases()
        for reading in readings
        if phrase.says.search(reading) and not (phrase.unless and phrase.unless.search(reading))
    ]
    return max(found, key=_gravity, default=None)


def by_head(chances: Vectors, labels: Sequence[str], bands: dict[str, Band]) -> Danger:
    """Return the danger of the gravest window. chances: one row a window, one column a label."""
    columns = [labels.index(label) for label in LABELS]
    judged = []
    for row in chances:
        label = max(LABELS, key=lambda name: float(row[labels.index(name)]))
        judged.append(_by_score(label, float(row[columns].sum()), bands[label]))
    return max(judged, key=lambda danger: (*_gravity(danger), danger.score))


def of_head(danger: Danger, bands: dict[str, Band]) -> Danger:
    """Return what the head alone found where a phrase may have found more."""
    return _by_score(danger.label, danger.score, bands[danger.label]) if danger.rule.startswith("pattern:") else danger


def _by_score(label: str, score: float, band: Band) -> Danger:
    tier = Tier.ALARM if score >= band.alarm else Tier.CHECK_IN if score >= band.check_in else Tier.NONE
    return Danger(label, tier, score, "head") if tier != Tier.NONE else Danger("none", tier, score, "")


def judge(readings: Sequence[str], chances: Vectors, labels: Sequence[str], bands: dict[str, Band]) -> Danger:
    """Return the graver of what the head and the explicit phrases find."""
    return graver(by_head(chances, labels, bands), by_phrase(readings))


def graver(head: Danger, phrase: Danger | None) -> Danger:
    """Return what the head found, or the phrase where that is not less grave, with the head's chance."""
    if phrase is None or GRAVITY[head.tier] > GRAVITY[phrase.tier]:
        return head
    return Danger(phrase.label, phrase.tier, head.score, phrase.rule)


def _gravity(danger: Danger) -> tuple[int, int]:
    order = LABELS.index(danger.label) if danger.label in LABELS else len(LABELS)
    return GRAVITY[danger.tier], -order
