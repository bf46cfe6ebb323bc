"""Derives the constants of deciding from cross-validation: `python -m triage.understanding.thresholds`.

Each constant is the lowest that keeps its mistakes within their limit, on every line of the phrases; none is set by
hand.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np

from triage.understanding.crossval import HeldOut, measure_held_out
from triage.understanding.decide import ACTS, SCRIPTED, Decision, decide_within
from triage.understanding.evaluate import wrong_scripts
from triage.understanding.heads import softmax
from triage.understanding.reading import Understanding, interpret
from triage.understanding.safety import GRAVITY, LABELS, Danger, Tier
from triage.understanding.settings import FILE, Band, Settings

WRONG_SCRIPTS = 0.004
WRONG_ACTS = 0.006
WRONG_OTHERS = 0.03
WRONG_CHOICES = 0.01  # asked "did you mean" without the right one among the two
# Harmless lines that may raise an alarm, or an alarm or check-in: hard ones; ordinary questions; and people's chat, of
# which there is no end: what strangers text is unlike the sample, so it keeps a quarter of what is allowed in reserve.
HARD_ALARMS, HARD_SEEN = 0.08, 0.25
ORDINARY_ALARMS, ORDINARY_SEEN = 0.01, 0.04
CHAT_ALARMS, CHAT_SEEN = 0.0075, 0.025
# Written or chosen because they come near to danger: they teach, but their share of alarms says nothing.
TEACH_ONLY = ("safety_everyday", "safety_chat")
CHAT_SAMPLE = "safety_chat_sample"  # taken blindly, so that its share of alarms is that of chat

STEPS = [round(float(step), 2) for step in np.arange(0.02, 1.0, 0.01)]
SAFETY_TEMPERATURE = 0.15
LEAST = {"ask": 0.3}  # below this two labels are no better than chance, whatever the phrases allow
Decided = Sequence[tuple[str, Decision]]  # the line's label, and what was decided


def derive(questions: Sequence[HeldOut], dangers: Sequence[HeldOut]) -> Settings:
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
    return replace(limits, bands=_bands(questions, dangers, limits))


def _lowest(
    limits: Settings,
    name: str,
    groups: Sequence[Sequence[tuple[str, Understanding]]],
    mistakes: Callable[[Decided], float],
    most: float,
) -> Settings:
    """Steps down from 1 while the mistakes stay within their limit, in each group of lines."""
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
    """The temperature at which the right labels are likeliest."""
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


def _bands(questions: Sequence[HeldOut], dangers: Sequence[HeldOut], limits: Settings) -> dict[str, Band]:
    """One band for all labels: the lowest alarm and check-in that the harmless lines allow. `limits` have no bands."""
    harmless = [one for one in dangers if one.phrase.label == "none"]
    hard = [one for one in harmless if not one.phrase.file.startswith(TEACH_ONLY)]
    chat = [one for one in harmless if one.phrase.file == CHAT_SAMPLE]
    # Medical questions speak of reactions and illness: a check-in there is no mistake.
    ordinary = [one for one in questions if one.phrase.label != "handover.medical"]
    judged = [[interpret(one.measured, limits).danger for one in lines] for lines in (hard, ordinary, chat)]

    def lowest(tier: Tier, *most: float) -> float:
        return next(
            step for step in STEPS if all(_share(lines, step, tier) <= m for lines, m in zip(judged, most, strict=True))
        )

    alarm = lowest(Tier.ALARM, HARD_ALARMS, ORDINARY_ALARMS, CHAT_ALARMS)
    check_in = lowest(Tier.CHECK_IN, HARD_SEEN, ORDINARY_SEEN, CHAT_SEEN)
    return {label: Band(alarm, min(check_in, alarm)) for label in LABELS}


def _share(lines: Sequence[Danger], step: float, tier: Tier) -> float:
    """The share of lines that reach the tier, by a phrase or by a head's score of at least `step`."""
    return float(np.mean([one.score >= step or GRAVITY[one.tier] >= GRAVITY[tier] for one in lines]))


def main() -> None:
    table = {encoder: asdict(derive(*measure_held_out(encoder))) for encoder in ("e5", "ngrams")}
    FILE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    logging.getLogger(__name__).info("%s", json.dumps(table, indent=2))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
