"""A colleague is writing with a person: what they write is for staff, and the line stands back."""

from dataclasses import replace

from triage.conversation.answers import asked
from triage.conversation.arrived import arrived
from triage.conversation.call_request import to_read
from triage.conversation.feelings import low_mood
from triage.conversation.in_writing import in_writing
from triage.conversation.state import AT_REST, Put, Situation, Turn
from triage.conversation.wrong_person import not_me
from triage.model.message import Say
from triage.model.request import Flag, Priority
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import decide
from triage.understanding.safety import Tier

FOR_STAFF = "for_staff"


def with_staff(heard: Heard, situation: Situation) -> Turn | None:
    """Keep for staff whatever is written while they write with this person; danger and consent were looked at before.

    Only low mood hears 988, and who is somebody else a neutral word. Thanks need no answer.
    """
    if not situation.is_with_staff:
        return None
    told = not_me(heard, situation) or low_mood(heard, situation)
    kept = kept_for_staff(situation)
    if told:
        return replace(told, effects=(*told.effects, *kept.effects), labels=(*told.labels, FOR_STAFF))
    if noted := arrived(heard, situation) or (in_writing(heard, situation) if Sign.TEXT_ONLY in heard.signs else None):
        return replace(kept, effects=(*noted.effects, *kept.effects), labels=(*noted.labels, FOR_STAFF))
    if _is_thanks(heard, situation):
        return replace(kept, says=(Say("thanks"),) if kept.says else (), effects=())
    return kept


def kept_for_staff(situation: Situation) -> Turn:
    """Have staff read it now. The first answer to a text of theirs is told so; what follows is their talk alone."""
    talk = situation.talk
    is_first = talk.step == "asked_by_staff"
    says = (Say("for_staff"),) if is_first else ()
    return Turn(talk.at(AT_REST) if is_first else talk, says, None, (to_read(situation, wrote=True),), (FOR_STAFF,))


def for_staff(heard: Heard, situation: Situation) -> Turn | None:
    """Keep for staff what answers a text of theirs later on. Then a wish of the person's own is acted upon."""
    if situation.talk.step != "asked_by_staff":
        return None
    decision = decide(heard.understood, situation.talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    own = any(label.startswith("callback.") for label in labels) or bool(asked(labels)) or heard.waits
    if own or heard.wish or heard.scope or heard.danger.tier is Tier.CHECK_IN:
        return None
    if _is_thanks(heard, situation):
        return Turn(situation.talk, (Say("thanks"),), labels=(FOR_STAFF,))
    if situation.open_request is None and (heard.affirms or heard.yes_no or heard.digit == 1):
        return Turn(situation.talk, (Say("thanks"),), labels=(FOR_STAFF,))  # over: nothing is made of politeness
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    return Turn(situation.talk, (Say("for_staff"),), None, (made,), (FOR_STAFF,))


def _is_thanks(heard: Heard, situation: Situation) -> bool:
    decision = decide(heard.understood, situation.talk.subject)
    if heard.takes_note and situation.open_request is None:
        return True  # "ok, thanks" after the end agrees to nothing
    return decision.kind == "act" and "thanks" in decision.labels and not heard.yes_no
