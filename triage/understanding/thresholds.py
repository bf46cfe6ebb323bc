"""Thresholds derived from cross-validation and written to thresholds.json: `make thresholds`.

Each is the lowest that keeps its mistakes within their limit on every line of the phrases; none is set by hand.
"""

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from typing import Any

import numpy as np

from triage.understanding import fingerprint
from triage.understanding.crossval import HeldOut, measure_held_out
from triage.understanding.decide import ACTS, Decision, decide_within
from triage.understanding.encoder import Ngrams, Sentences
from triage.understanding.evaluate import wrong_scripts
from triage.understanding.heads import softmax
from triage.understanding.labels import SCRIPTED
from triage.understanding.phrase_files import Phrase
from triage.understanding.reading import Understanding, interpret
from triage.understanding.safety import GRAVITY, LABELS, Danger, Tier
from triage.understanding.tuning import DERIVED_FROM, FILE, Band, Settings

WRONG_SCRIPTS = 0.004
WRONG_ACTS = 0.006
WRONG_OTHERS = 0.03
WRONG_CHOICES = 0.01  # asked "did you mean" without the right one among the two
# The share of a file's harmless lines that may raise an alarm, and that may raise an alarm or a check-in.
# "safety", "safety_harmless" and "safety_hard" were written to sound like danger, "safety_everyday" to come near it;
# "safety_arranging" has what earlier heads took for more than it was. Of strangers' chat, a third as many lines do
# ("safety_talk"), and fewer still where it was taken blindly ("safety_chat_sample"). The further questions are worded
# harder than most people word them. "safety_chat" was chosen by score: for training only.
SOUNDS_GRAVE, ORDINARY, ORDINARY_BUT_HARD, NEAR_DANGER = (0.08, 0.25), (0.01, 0.04), (0.02, 0.07), (0.045, 0.13)
STRANGERS = (0.045, 0.135)
HARMLESS = {
    "safety": SOUNDS_GRAVE,
    "safety_harmless": SOUNDS_GRAVE,
    "safety_hard": SOUNDS_GRAVE,
    "safety_everyday": NEAR_DANGER,
    "safety_chat_sample": ORDINARY,
    "questions": ORDINARY,
    "questions_scripted": ORDINARY_BUT_HARD,
    "questions_other": ORDINARY_BUT_HARD,
    "questions_further": ORDINARY_BUT_HARD,
    "safety_arranging": NEAR_DANGER,
    "safety_talk": STRANGERS,
}

STEPS = [round(float(step), 2) for step in np.arange(0.02, 1.0, 0.01)]
SAFETY_TEMPERATURE = 0.15
LEAST = {"ask": 0.3}  # below this two labels are no better than chance, whatever the phrases allow
Decided = Sequence[tuple[str, Decision]]  # the line's label, and what was decided


def derive(questions: Sequence[HeldOut], dangers: Sequence[HeldOut]) -> Settings:
    """Return the settings of one encoder from its held-out question and safety lines."""
    never = dict.fromkeys(LABELS, Band(2.0, 2.0))
    limits = Settings(_temperature(questions), 1.0, 1.0, 2.0, 1.0, SAFETY_TEMPERATURE, never)
    understood = [(one.phrase.label, interpret(one.measured, limits)) for one in questions]
    told = [line for one, line in zip(questions, understood, strict=True) if one.phrase.file == "questions"]
    for name, mistakes, most in (
        ("script", _wrong_script_share, WRONG_SCRIPTS),
        ("act", _wrong_act_share, WRONG_ACTS),
        ("ask", _wrong_choice_share, WRONG_CHOICES),
        ("other", _wrong_other_share, WRONG_OTHERS),
    ):
        limits = _lowest(limits, name, (understood, told), mistakes, most)
    screened = [(one.phrase, read.danger) for one, (_, read) in zip(questions, understood, strict=True)]
    screened += [(one.phrase, interpret(one.measured, limits).danger) for one in dangers]
    return replace(limits, bands=_bands(screened))


def _lowest(
    limits: Settings,
    name: str,
    groups: Sequence[Sequence[tuple[str, Understanding]]],
    mistakes: Callable[[Decided], float],
    most: float,
) -> Settings:
    """Lower one threshold from 1 while the mistakes stay within their limit in each group of lines."""
    kept = limits
    for step in reversed(STEPS):
        lower = replace(limits, **{name: step})  # type: ignore[arg-type]
        if step < LEAST.get(name, 0) or any(
            mistakes([(label, decide_within(lower, one)) for label, one in lines]) > most for lines in groups
        ):
            break
        kept = lower
    return kept


def _temperature(questions: Sequence[HeldOut]) -> float:
    """Return the temperature at which the right labels are likeliest."""
    scores = np.stack([one.measured.topic[0] for one in questions])
    right = [one.measured.topic_labels.index(one.phrase.label) for one in questions]

    def surprise(temperature: float) -> float:
        chances = softmax(scores, temperature)[np.arange(len(right)), right]
        return float(-np.log(np.maximum(chances, 1e-6)).mean())

    return min((round(float(t), 3) for t in np.arange(0.05, 0.3, 0.005)), key=surprise)


def _wrong_script_share(lines: Decided) -> float:
    return float(np.mean([bool(wrong_scripts(label, decision)) for label, decision in lines]))


def _wrong_act_share(lines: Decided) -> float:
    return float(
        np.mean(
            [
                decision.kind == "act" and decision.labels[0] in ACTS and decision.labels[0] != label
                for label, decision in lines
            ]
        )
    )


def _wrong_choice_share(lines: Decided) -> float:
    return float(
        np.mean([decision.kind == "did_you_mean" and label not in decision.choices for label, decision in lines])
    )


def _wrong_other_share(lines: Decided) -> float:
    return float(
        np.mean(
            [
                decision.kind == "act" and decision.labels[0] not in ACTS | SCRIPTED and decision.labels[0] != label
                for label, decision in lines
            ]
        )
    )


def _bands(screened: Sequence[tuple[Phrase, Danger]]) -> dict[str, Band]:
    """Return one band for all labels: the lowest alarm and check-in that the harmless lines allow.

    screened: lines with what only the explicit phrases raise, and the heads' scores.
    """
    # Medical questions speak of reactions and illness: a check-in there is no mistake.
    harmless = [
        (phrase.file, danger) for phrase, danger in screened if phrase.label not in (*LABELS, "handover.medical")
    ]
    judged = {file: [danger for of, danger in harmless if of == file] for file in HARMLESS}

    def lowest(tier: Tier) -> float:
        at = (Tier.ALARM, Tier.CHECK_IN).index(tier)
        return next(
            step for step in STEPS if all(_share(judged[file], step, tier) <= HARMLESS[file][at] for file in HARMLESS)
        )

    alarm = lowest(Tier.ALARM)
    return {label: Band(alarm, min(lowest(Tier.CHECK_IN), alarm)) for label in LABELS}


def _share(lines: Sequence[Danger], step: float, tier: Tier) -> float:
    """Return the share of lines that reach the tier, by a phrase or by a head's score of at least `step`."""
    return float(np.mean([one.score >= step or GRAVITY[one.tier] >= GRAVITY[tier] for one in lines]))


def _derived(encoder: str) -> dict[str, Any]:
    return asdict(derive(*measure_held_out(encoder)))


def main() -> None:
    encoders = (Sentences.name, Ngrams.name)
    with ProcessPoolExecutor(len(encoders), mp_context=get_context("spawn")) as pool:
        table: dict[str, Any] = dict(zip(encoders, pool.map(_derived, encoders), strict=True))
    table[DERIVED_FROM] = dict.fromkeys(encoders, fingerprint.inputs())
    FILE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    logging.getLogger(__name__).info("%s", json.dumps(table, indent=2))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
