"""A colleague has asked a person something by text: what answers that is kept for staff, and is no answer to us."""

from triage.conversation.answers import asked
from triage.conversation.state import Put, Situation, Turn
from triage.model.message import Say
from triage.model.request import Flag, Priority
from triage.reading.read_message import Heard
from triage.understanding import decide
from triage.understanding.safety import Tier


def for_staff(heard: Heard, situation: Situation) -> Turn | None:
    """Keep for staff what answers a text of theirs. Only a wish of the person's own is acted upon."""
    if situation.talk.step != "asked_by_staff":
        return None
    decision = decide(heard.understood, situation.talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    own = any(label.startswith("callback.") for label in labels) or bool(asked(labels)) or heard.waits
    if own or heard.wish or heard.scope or heard.danger.tier is Tier.CHECK_IN:
        return None
    if "thanks" in labels and not heard.yes_no:
        return Turn(situation.talk, (Say("thanks"),), labels=("for_staff",))
    if situation.open_request is None and (heard.affirms or heard.yes_no or heard.digit == 1):
        return Turn(situation.talk, (Say("thanks"),), labels=("for_staff",))  # over: nothing is made of politeness
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    return Turn(situation.talk, (Say("for_staff"),), None, (made,), ("for_staff",))
