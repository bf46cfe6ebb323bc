"""Deciding what may be done with what was understood. Pure, so that every answer can be explained and tested.

A scripted answer is given only with a sure label, a treatment named in the words or spoken of in the conversation, and
no veto.
"""

import re
from dataclasses import dataclass

from triage.understanding.labels import SCRIPTED
from triage.understanding.reading import Understanding
from triage.understanding.tuning import Settings, settings_for

# Labels that change something: offered, not done, when unsure. The rest only say what the bot can do, or hand over.
ACTS = frozenset("callback.request callback.cancel callback.reschedule callback.status".split())
# Labels whose answer judges the person's own case. What a treatment is may be told to anybody.
JUDGING = frozenset(
    "ketamine.after_tms ketamine.right_for_me ketamine.tms_failed both.together tms.safety tms.first_line".split()
)
# Labels whose answer names harms: one that the page does not name is a question for the medical team.
OF_SAFETY = frozenset({"tms.safety"})
# Labels whose answer was found in adults: nobody is told that it holds for a child.
OF_ADULTS = JUDGING | {"tms.approval", "tms.effectiveness", "both.benefit"}
# Labels of messages that open a conversation and are not sent in the middle of one.
BEGINNINGS = frozenset({"greeting", "help"})
_EXACT_LABELS = {
    "greeting": "greeting",
    "thanks": "thanks",
    "help": "help",
    "menu": "help",
    "person": "callback.request",
}
# Labels whose answers tell anybody of the same treatment: the likeliest of two is near enough to what was asked.
TELLING = frozenset({"tms.what", "tms.how", "tms.approval", "tms.effectiveness"})
LIKELIER = 0.5
_EASILY_MIXED = ({"both.together", "ketamine.after_tms"}, {"both.together", "both.benefit"})
# The subjects of which one must be named, or spoken of before, for a label to be answered.
_NEEDS = {
    "both.together": ("both",),
    "both.benefit": ("both",),
    "ketamine.after_tms": ("both",),
    "ketamine.tms_failed": ("both",),
    "ketamine.difference": ("ketamine", "both"),
    "ketamine.right_for_me": ("ketamine",),
}
_NEEDS_TMS = ("tms",)
# Tense decides between "I'm doing" and "I've done TMS".
_STILL = re.compile(
    r"\b(?:i am (?:doing|in|on|getting|having)|while|during|currently|"
    r"(?<!not )still (?:doing|in|on|getting)|middle of|same (?:time|week|day|month)|at once|"
    r"simultaneous\w*|concurrent\w*|side by side|(?:not|nt) (?:finished|done|through)|"
    r"did not finish|halfway|midway|mid|(?:sessions?|treatments?|weeks?|more|left) to go|"
    r"alongside|until|hasta que|mientras|"
    r"al mismo tiempo|a la vez|"
    r"estoy (?:haciendo|en)|todavia no termin\w+|no he terminado|junto\w*)\b"
)
_DONE = re.compile(
    r"\b(?:already|after|finished|completed|all done|(?<!not )done|wrapped up|"
    r"in the past|used to|had|ago|last (?:year|month|week)|previous\w*|tms before|before$|"
    r"ya (?:hice|termine|tuve|complete)|despues de|hice|termine)\b"
)

# "Can I combine them?" asks leave, not for reasons.
_MAY_I = re.compile(
    r"\b(?:can|may|could|might|should) (?:i|we|you|one|someone|my|he|she|they|people|the two|tms|ketamine|both)\b|"
    r"\b(?:allowed|permitted|allow|permit|possible|is it (?:ok|okay|safe|fine))\b|"
    r"\b(?:puedo|podria|podemos|se puede|se pueden|se permite|permiten|es posible|dejan)\b"
)
_WHY = re.compile(
    r"\b(?:why|benefits?|advantages?|helps?|better|point|gain|good|upside|more|boost|enhance|improve|reasons?|worth|"
    r"ventajas?|beneficios?|por que|para que|ayudan?|mejor|sirve|razon|gano)\b"
)


# "Does it work if TMS did not work": what is asked about is the other treatment.
_TMS_FAILED = re.compile(
    r"\b(?:if|when|since|because|cause|after|though|si|cuando|porque|aunque) (?:my |the |la |el )?tms (?:\w+ ){0,2}?"
    r"(?:not|never|no|failed?|fallo|nunca)\b"
)


@dataclass(frozen=True)
class Decision:
    """What may be done: `labels` are one, or two when two things are asked; `choices` the two of a "did you mean"."""

    labels: tuple[str, ...]
    kind: str  # "act" | "did_you_mean" | "offer"
    choices: tuple[str, ...]
    score: float
    rule: str


def decide(u: Understanding, subject: str | None = None) -> Decision:
    """Return what to do with a message; `subject` is the treatment that the conversation is about, if any."""
    return _by_table(u.exact) if u.exact is not None else decide_within(settings_for(u.encoder), u, subject)


def decide_within(limits: Settings, u: Understanding, subject: str | None = None) -> Decision:
    """Decide with other thresholds than those of thresholds.json."""
    if u.exact is not None:
        return _by_table(u.exact)
    best, chance = _by_words(u)
    if len(asked := _asked_together(u, limits, subject)) == 2:
        return Decision(asked, "act", (), chance, "two")
    if best in SCRIPTED:
        return _scripted(best, chance, u, limits, subject)
    if u.vetoes and best == _vetoed_label(u.vetoes[0]):
        return Decision((best,), "act", (), chance, f"veto:{u.vetoes[0]}")
    if chance >= (limits.act if best in ACTS else limits.other):
        return Decision((best,), "act", (), chance, "sure")
    return Decision((best,), "offer", (), chance, "unsure")


def _by_table(said: str) -> Decision:
    """Decide for a message of the exact table: a digit, yes or no means something only where it was asked for."""
    label, kind = (_EXACT_LABELS[said], "act") if said in _EXACT_LABELS else ("out_of_scope", "offer")
    return Decision((label,), kind, (), 1.0, f"exact:{said}")


def _scripted(best: str, chance: float, u: Understanding, limits: Settings, subject: str | None) -> Decision:
    if veto := _veto(u, best):
        return Decision((_vetoed_label(veto),), "act", (), chance, f"veto:{veto}")
    sure = _in_talk(chance, u, subject) >= limits.script and _is_named(best, u, subject)
    if sure and not _against_words(best, u.text):
        return Decision((best,), "act", (), chance, "sure")
    second, other = next((label, more) for label, more in u.scores if label in SCRIPTED and label != best)
    near = {best, second} <= TELLING and (u.subject or subject) == "tms" and not _veto(u, second)
    if near and chance >= LIKELIER and chance + other >= limits.script:
        return Decision((best,), "act", (), chance, "near")
    if chance + other >= limits.ask and not _veto(u, second):
        return Decision((best,), "did_you_mean", (best, second), chance, "middle")
    return Decision((best,), "offer", (), chance, "unsure")


def _by_words(u: Understanding) -> tuple[str, float]:
    """Return the best label and its chance; of two that are easily confused, the one that the words speak for.

    "Does it work if TMS did not" asks nothing about TMS, which alone is named.
    """
    (best, chance), (second, other) = u.scores[:2]
    if best in TELLING and second == "ketamine.tms_failed" and _TMS_FAILED.search(u.text):
        return second, chance + other
    if {best, second} not in _EASILY_MIXED:
        return best, chance
    if _against_words(best, u.text):
        return second, chance + other
    return (best, chance + other) if _against_words(second, u.text) else (best, chance)


def _in_talk(chance: float, u: Understanding, subject: str | None) -> float:
    """Return the chance of a label in this conversation.

    After an answer, "how does it work" is a question about the subject: chances of greetings and calls for help, which
    open a conversation, are taken out.
    """
    if subject is None or u.subject is not None:
        return chance
    aside = sum(share for label, share in u.scores if label in BEGINNINGS)
    return chance / max(1 - aside, chance)


def _asked_together(u: Understanding, limits: Settings, subject: str | None) -> tuple[str, ...]:
    """Return the two things asked in one message: each sure in its own part, one of them the best of the whole."""
    sure = [
        label
        for label, chance in u.parts
        if (label == "callback.request" and chance >= limits.act)
        or (label in SCRIPTED and chance >= limits.script and _is_named(label, u, subject) and not _veto(u, label))
    ]
    two = tuple(dict.fromkeys(sure))
    return tuple(sorted(two, key=u.scores[0][0].__ne__)) if len(two) == 2 and u.scores[0][0] in two else ()


def _veto(u: Understanding, label: str) -> str | None:
    """Return the first matter in the words that forbids this label. Medicines that failed are no veto for TMS."""
    forbidding = set(u.vetoes) if label in JUDGING else set(u.vetoes) & {"child", "other_treatment"}
    if label not in OF_SAFETY:
        forbidding -= {"harm"}
    if label not in OF_ADULTS:
        forbidding -= {"child"}
    if u.subject is not None:
        forbidding -= {"other_treatment"}  # the answer is about the one that is named beside it
    if label in ("tms.first_line", "ketamine.right_for_me"):
        forbidding -= {"antidepressant"}
    return next((veto for veto in u.vetoes if veto in forbidding), None)


def _vetoed_label(veto: str) -> str:
    return "handover.cost" if veto == "price" else "handover.medical"


def _against_words(label: str, folded: str) -> bool:
    """Tell whether the words speak against a label.

    The tense tells TMS that goes on from TMS that is over; "may I" asks for leave, "why" for reasons.
    """
    if label == "both.benefit":
        return bool(_MAY_I.search(folded)) and not _WHY.search(folded)
    still, done = bool(_STILL.search(folded)), bool(_DONE.search(folded))
    return (label == "ketamine.after_tms" and still and not done) or (label == "both.together" and done and not still)


def _is_named(label: str, u: Understanding, subject: str | None) -> bool:
    """Tell whether the words, or the conversation where they name nothing, are about the subject of the label."""
    if label == "both.neuroplasticity":
        return True
    spoken = u.subject if u.subject in ("tms", "ketamine", "both") else subject
    if subject in ("ketamine", "both") and _TMS_FAILED.search(u.text):
        spoken = "both"
    return spoken in _NEEDS.get(label, _NEEDS_TMS)
