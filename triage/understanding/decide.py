"""From what was understood to what may be done: a pure function, so that every answer can be explained and tested.

A script is given only with a sure label, a treatment named in the words or open in the conversation, and no veto.
"""

from dataclasses import dataclass

from triage.understanding.reading import Understanding
from triage.understanding.settings import Settings, settings_for

SCRIPTED = frozenset(
    "tms.what tms.how tms.approval tms.safety tms.effectiveness tms.first_line both.benefit both.together both.neuroplasticity "
    "ketamine.after_tms ketamine.tms_failed ketamine.difference ketamine.right_for_me".split())
# Acts change something and are offered, not done, when unsure; the rest only say what the bot can do or hand over.
ACTS = frozenset("callback.request callback.cancel callback.reschedule callback.status".split())
# Labels that judge a person. What a thing is may be told to anybody.
JUDGING = frozenset("ketamine.after_tms ketamine.right_for_me ketamine.tms_failed both.together tms.safety tms.first_line".split())
_EXACT_LABELS = {"greeting": "greeting", "thanks": "thanks", "help": "help", "menu": "help"}
# What must be spoken of, for a label to be the answer.
_NEEDS = {
    "both.together": ("both",), "both.benefit": ("both",), "ketamine.after_tms": ("both",), "ketamine.tms_failed": ("both",),
    "ketamine.difference": ("ketamine", "both"), "ketamine.right_for_me": ("ketamine",),
}
_NEEDS_TMS = ("tms", "both")


@dataclass(frozen=True)
class Decision:
    """`labels`: one, or two when two things are asked. `choices`: the two scripted labels of a "did you mean"."""

    labels: tuple[str, ...]
    kind: str  # "act" | "did_you_mean" | "offer"
    choices: tuple[str, ...]
    score: float
    rule: str


def decide(u: Understanding, subject: str | None = None) -> Decision:
    """What to do with a message; `subject` is the treatment that the conversation is about, if any."""
    limits = settings_for(u.encoder)
    if u.exact in _EXACT_LABELS:
        return Decision((_EXACT_LABELS[u.exact],), "act", (), 1.0, f"exact:{u.exact}")
    best, chance = u.scores[0]
    if best in SCRIPTED and (veto := _veto(u, best)):
        return Decision(("handover.cost" if veto == "price" else "handover.medical",), "act", (), chance, f"veto:{veto}")
    if best in SCRIPTED and chance >= limits.script and _is_named(best, u, subject):
        return Decision((best, *_second(u, best, limits, subject)), "act", (), chance, "sure")
    if best in ACTS and chance >= limits.act:
        return Decision((best,), "act", (), chance, "sure")
    if best not in SCRIPTED and best not in ACTS and chance >= limits.ask:
        return Decision((best,), "act", (), chance, "sure")
    return _unsure(u, limits)


def _unsure(u: Understanding, limits: Settings) -> Decision:
    (best, chance), (second, other) = u.scores[0], u.scores[1]
    if {best, second} <= SCRIPTED and chance + other >= limits.ask and not (_veto(u, best) or _veto(u, second)):
        return Decision((best,), "did_you_mean", (best, second), chance, "middle")
    return Decision((best,), "offer", (), chance, "unsure")


def _second(u: Understanding, first: str, limits: Settings, subject: str | None) -> tuple[str, ...]:
    """The other thing asked in the same message, if it is as sure as the first."""
    for label, chance in u.part_labels:
        if label == first or chance < limits.script:
            continue
        if label == "callback.request" or (label in SCRIPTED and _is_named(label, u, subject) and not _veto(u, label)):
            return (label,)
    return ()


def _veto(u: Understanding, label: str) -> str | None:
    return next(iter(u.vetoes), None) if label in JUDGING else None


def _is_named(label: str, u: Understanding, subject: str | None) -> bool:
    """Whether the words, or the conversation where they name nothing, speak of what the label is about."""
    if label == "both.neuroplasticity":
        return True
    spoken = u.subject if u.subject in ("tms", "ketamine", "both") else subject
    return spoken in _NEEDS.get(label, _NEEDS_TMS)
