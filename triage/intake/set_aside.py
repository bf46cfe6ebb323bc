"""Goes on without what no key opens of a person: it is put by, and staff see it on the request."""

from datetime import datetime

from sqlalchemy import Connection

from triage.conversation.state import AT_REST, Put, Situation, Talk, recalled
from triage.conversation.steps import STEPS
from triage.intake.effects import apply
from triage.model.person import Remembered
from triage.model.request import Flag, Priority
from triage.ports import Words
from triage.settings import Clinic
from triage.store import unreadable
from triage.store.column_types import unreadables_met


def talk_of_row(remembered: Remembered | None, lang: str, clinic: Clinic) -> Talk | None:
    """Return the talk that is remembered; None where its draft cannot be read.

    A step that no text can be at, or of which what it asks about is gone, is over; the draft stays.
    """
    try:
        talk = recalled(remembered, lang, clinic)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return talk if _can_be_asked(talk) else talk.at(AT_REST)


# How many choices a question is about.
_CHOICES = {"check_in": 1, "did_you_mean": 2}


def _can_be_asked(talk: Talk) -> bool:
    if talk.step not in STEPS or len(talk.choices) < _CHOICES.get(talk.step, 0):
        return False
    about = {"number_back": talk.draft.phone, "offer_nearest": talk.draft.window}
    return talk.step not in about or about[talk.step] is not None


def is_whole(met_before: int, talk: Talk | None) -> bool:
    """Tell whether all of a person could be read since `met_before` unreadable values had been met."""
    return talk is not None and unreadables_met() == met_before


def put_by(db: Connection, person_id: int, phone: str | None, draft_too: bool, now: datetime) -> frozenset[Flag]:
    """Put by what is unreadable of a person, who is locked; return what staff should be told by it.

    With the draft a wish for a call may be lost, so that a person looks; other things are asked again when they call.
    """
    places = unreadable.put_by(db, person_id, phone, now, draft_too)
    if unreadable.DRAFT in places:
        return frozenset({Flag.UNREADABLE, Flag.NEEDS_PERSON})
    return frozenset({Flag.UNREADABLE}) if places else frozenset()


def tell_staff(db: Connection, clinic: Clinic, words: Words, situation: Situation, flags: frozenset[Flag]) -> bool:
    """Mark the open request, or make one where a draft is lost; False where there is nothing to mark."""
    if not flags or (Flag.NEEDS_PERSON not in flags and situation.open_request is None):
        return False
    apply(db, clinic, words, situation, Put(Priority.ROUTINE, phone=situation.phone, add=flags), situation.talk.lang)
    return True
