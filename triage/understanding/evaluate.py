"""Evaluation on labelled lines: counts and shares under the keys that the evaluation format prescribes."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from triage.understanding.decide import Decision, decide
from triage.understanding.labels import SCRIPTED
from triage.understanding.reading import Understanding, understand
from triage.understanding.safety import LABELS, Tier

Row = Mapping[str, Any]


def evaluate_questions(rows: Sequence[Row], read: Callable[[str], Understanding] = understand) -> dict[str, Any]:
    """Count right and wrong lines, each taken for a first message; its label is what is acted on, else the best."""
    understood, times = _timed(rows, read)
    decided = [decide(one) for one in understood]
    given = [decision.labels[0] for decision in decided]
    scripted = [row["label"] in SCRIPTED for row in rows]
    return {
        "n": len(rows),
        "right": sum(row["label"] == label for row, label in zip(rows, given, strict=True)),
        "wrong_answer": sum(
            bool(wrong_scripts(row["label"], decision)) for row, decision in zip(rows, decided, strict=True)
        ),
        "answered": sum(
            decision.kind == "act" and row["label"] in decision.labels
            for row, decision, counts in zip(rows, decided, scripted, strict=True)
            if counts
        ),
        "did_you_mean": sum(
            decision.kind == "did_you_mean" and row["label"] in decision.choices
            for row, decision, counts in zip(rows, decided, scripted, strict=True)
            if counts
        ),
        "offered_callback": sum(_offers_call(decision) for decision in decided),
        "by_label": _by("label", rows, given),
        "by_lang": _by("lang", rows, given),
        "by_channel": _by("channel", rows, given),
        "wrong": [
            [row["text"], row["label"], label] for row, label in zip(rows, given, strict=True) if row["label"] != label
        ],
        **times,
    }


def evaluate_safety(rows: Sequence[Row], read: Callable[[str], Understanding] = understand) -> dict[str, Any]:
    """Return shares of alarms and check-ins by label, and the number of false ones."""
    understood, times = _timed(rows, read)
    danger = [one.danger for one in understood]
    lines = list(zip(rows, danger, strict=True))
    harmless = [one for row, one in lines if row["label"] == "none"]
    return {
        "n": len(rows),
        "alarm": {
            label: _share(one.tier == Tier.ALARM for row, one in lines if row["label"] == label) for label in LABELS
        },
        "seen": {
            label: _share(one.tier != Tier.NONE for row, one in lines if row["label"] == label) for label in LABELS
        },
        "as_labelled": {
            label: _share(one.label == label for row, one in lines if row["label"] == label) for label in LABELS
        },
        "false_alarms": sum(one.tier == Tier.ALARM for one in harmless),
        "false_check_ins": sum(one.tier == Tier.CHECK_IN for one in harmless),
        "missed": [
            [row["text"], row["label"]] for row, one in lines if row["label"] != "none" and one.tier == Tier.NONE
        ],
        **times,
    }


def as_shares(questions: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the counts of `evaluate_questions` into shares: of the scripted lines where they count those, else all."""
    by_label = questions["by_label"]
    of = dict.fromkeys(("right", "wrong_answer", "offered_callback"), questions["n"])
    of |= dict.fromkeys(("answered", "did_you_mean"), sum(by_label[one]["n"] for one in SCRIPTED & by_label.keys()))
    shares = {key: round(questions[key] / max(n, 1), 4) for key, n in of.items()}
    for key in ("by_label", "by_lang", "by_channel"):
        shares[key] = {name: one | {"right": round(one["right"] / one["n"], 4)} for name, one in questions[key].items()}
    return dict(questions) | shares


def wrong_scripts(label: str, decision: Decision) -> list[str]:
    """Return the scripted answers that would be sent to a line with another label."""
    return [one for one in decision.labels if decision.kind == "act" and one in SCRIPTED and one != label]


def _offers_call(decision: Decision) -> bool:
    return decision.kind == "offer" or (
        decision.kind == "act" and decision.labels[0].startswith(("handover.", "out_of_scope"))
    )


def _timed(rows: Sequence[Row], read: Callable[[str], Understanding]) -> tuple[list[Understanding], dict[str, float]]:
    understood, spent_ms = [], []
    for row in rows:
        started = time.perf_counter()
        understood.append(read(row["text"]))
        spent_ms.append((time.perf_counter() - started) * 1000)
    p50, p99 = np.percentile(spent_ms or [0.0], [50, 99])
    return understood, {"p50_ms": round(float(p50), 1), "p99_ms": round(float(p99), 1)}


def _by(key: str, rows: Sequence[Row], given: Sequence[str]) -> dict[str, dict[str, int]]:
    names = sorted({str(row[key]) for row in rows if key in row})
    parts = {
        name: [row["label"] == label for row, label in zip(rows, given, strict=True) if row.get(key) == name]
        for name in names
    }
    return {name: {"n": len(part), "right": sum(part)} for name, part in parts.items()}


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0
