"""What is said in reply to a question or a label: reviewed answers, the clinic's own words, hand-overs, and when."""

from triage import form
from triage.callbacks import Status
from triage.messages import Say
from triage.store.requests import Request
from triage.talk import Situation
from triage.understanding import SCRIPTED


def asked(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The questions among the labels."""
    return tuple(label for label in labels if label in SCRIPTED or label.startswith("handover."))


def scripted(labels: tuple[str, ...], situation: Situation) -> tuple[Say, ...]:
    return replies_to(tuple(label for label in labels if label in SCRIPTED), situation)


def replies_to(labels: tuple[str, ...], situation: Situation) -> tuple[Say, ...]:
    return tuple(reply_to(label, situation) for label in labels)


def reply_to(label: str, situation: Situation) -> Say:
    if label in SCRIPTED:
        return Say("answer_expired" if label in situation.expired else f"answers/{label}")
    own = own_words(label, situation)
    return Say("own_words", {"words": own}) if own else Say(label.replace("handover.", "handover/"))


def own_words(label: str, situation: Situation) -> str:
    """The clinic's configured text for what the program may not invent; empty: a call is offered."""
    clinic, lang = situation.clinic, situation.talk.lang
    if label == "handover.cost":
        return clinic.text(lang, "payment")
    if label == "handover.logistics":
        return " ".join(filter(None, (clinic.text(lang, "hours"), clinic.text(lang, "address"))))
    return ""


def status(request: Request, situation: Situation) -> Say:
    if request.priority.pages:
        return Say("after_alarm")
    if request.status is Status.CLAIMED:
        return Say("status/claimed", {"when": form.promised(request, situation)})
    return Say("status/queued", {"when": form.promised(request, situation)})


def back_at(situation: Situation) -> Say:
    return Say("back_at", {"when": opening(situation)})


def opening(situation: Situation) -> Say:
    return Say("when/from", {"at": situation.clinic.opening.next_open(situation.now)})
