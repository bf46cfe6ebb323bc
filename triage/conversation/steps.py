"""The map of the conversation: each step is a question, and a function of what was heard in answer to it.

A step's function says what the answer means (a Move), or None where the words do not answer the question. It saves,
sends and words nothing. Fields of the form are read from every message alike (`fields.found_in`); a step adds what
only its own question gives a meaning: digits, yes and no.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.conversation import call_request
from triage.conversation.draft import Field, FieldState, Found
from triage.conversation.state import AT_REST, Effect, KeepCall, Situation
from triage.hours.window import Window
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.understanding.safety import NO_DANGER

TOPICS = {1: "tms", 2: "ketamine", 3: "both", 4: "other"}


@dataclass(frozen=True)
class Move:
    """What an answer means. learned: what it tells of the fields; to: a step to go to whatever the form says.

    stands: a field and how it stands now, whatever was learned. doubted: the number that was read back is wrong.
    asks: what staff will ask.
    """

    learned: Found = field(default_factory=Found)
    to: str | None = None
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    answer: str | None = None
    stands: tuple[Field, FieldState] | None = None
    doubted: bool = False
    asks: Flag | None = None
    confirmed: bool = False
    wish: bool = False


Hear = Callable[[Heard, Situation], Move | None]


@dataclass(frozen=True)
class Step:
    """`form`: part of the call-back form, where the next question follows from the draft.

    loved: a heart that is tapped on its question says yes. Not where a yes would begin, undo or alarm anything.
    """

    key: str
    hear: Hear
    leads_to: frozenset[str]
    form: bool = False
    loved: bool = False


def means_yes(heard: Heard) -> bool:
    return heard.digit == 1 or (heard.digit is None and heard.yes_no is True)


def means_no(heard: Heard) -> bool:
    return heard.digit == 2 or (heard.digit is None and heard.yes_no is False)


def as_answer(heard: Heard, situation: Situation) -> Heard:
    """Return what was heard as the open question has it: a tapped heart that stands on it is a yes, and a full name in
    answer to "what name" is no danger, whatever the head hears in "Edith Coffin". Anything else stays as it is.
    """
    step, reaction = STEPS.get(situation.talk.step), heard.reaction
    if situation.talk.step == "ask_name" and heard.full_name and heard.danger.rule == "head":
        return replace(heard, danger=NO_DANGER)
    if not heard.only_reacts or reaction is None or step is None or not step.loved:
        return heard
    if situation.talk.draft.number_tried:
        return heard  # a heart is no number, and the one they write from was not meant
    says_yes = reaction.positive and reaction.quotes(situation.last_said or "")
    return replace(heard, understood=replace(heard.understood, yes_no=True)) if says_yes else heard


def hear_nothing(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    """Read it as a first message: no question of our own is open."""
    return None


def hear_offer(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(wish=True)
    if means_no(heard):
        return Move(to=AT_REST, says=(Say("no_call"),))
    # Whom to call, or where, says yes in other words.
    return Move(wish=True) if heard.lone_name or heard.phones else None


def hear_another_time(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    return Move(wish=True, to="ask_window") if means_yes(heard) else None


def hear_which_answer(heard: Heard, situation: Situation) -> Move | None:
    choices = situation.talk.choices
    if heard.digit and heard.digit <= len(choices):
        return Move(answer=choices[heard.digit - 1])
    if means_yes(heard) and not heard.wish:
        return Move(answer=choices[0])
    return None


def hear_number(heard: Heard, situation: Situation) -> Move | None:
    if situation.sender and not heard.phones and means_yes(heard):
        return Move(learned=Found(phone=situation.sender))
    return None


def hear_which_number(heard: Heard, situation: Situation) -> Move | None:
    choices = situation.talk.choices
    if heard.digit and heard.digit <= len(choices):
        return Move(learned=Found(phone=choices[heard.digit - 1]))
    return None


def hear_nearest(heard: Heard, situation: Situation) -> Move | None:
    if means_yes(heard):
        agreed = call_request.nearest(situation.talk.draft, situation)
        return Move(learned=Found(agreed=agreed), stands=(Field.TIME, FieldState.CONFIRMED))
    if means_no(heard):
        return Move(to="ask_window")
    return None


def hear_topic(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    topic = TOPICS.get(heard.digit or 0)
    return Move(learned=Found(topic=topic)) if topic else None


def hear_read_back(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(confirmed=True)
    if means_no(heard):
        return Move(to="change")
    return None


def hear_change(heard: Heard, situation: Situation) -> Move | None:
    if means_yes(heard) or heard.digit in (1, 2, 3, 4):
        # Somebody answers the question before: 1 was "right" there, and a bare digit names no change here.
        return None
    return hear_nothing(heard, situation)


def hear_keep(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard) or heard.keep:
        return Move(to=AT_REST, says=(Say("kept"),), effects=(KeepCall(),))
    return None


def hear_undo_move(heard: Heard, situation: Situation) -> Move | None:
    if not means_yes(heard):
        return None
    start, end = (datetime.fromisoformat(at).astimezone(situation.clinic.zone) for at in situation.talk.choices)
    back = call_request.move(situation, Window(start, end), said=None)
    return Move(to=AT_REST, effects=(back,), says=(Say("moved_back", {"when": back.promised or ""}),))


def _step(key: str, hear: Hear, leads_to: tuple[str, ...] = (), in_form: bool = False, loved: bool = False) -> Step:
    return Step(key, hear, frozenset(leads_to), in_form, loved)


_FORM = ("ask_name", "ask_number", "which_number", "ask_window", "offer_nearest", "ask_topic", "read_back", AT_REST)

STEPS = {
    step.key: step
    for step in (
        _step(AT_REST, hear_nothing, ("offer_call", "did_you_mean", "check_in", *_FORM)),
        _step("offer_call", hear_offer, (AT_REST, *_FORM)),
        _step("did_you_mean", hear_which_answer, ("offer_call", *_FORM)),
        _step("another_time", hear_another_time, (AT_REST, *_FORM)),
        _step("undo_cancel", hear_keep, (AT_REST,)),
        _step("undo_move", hear_undo_move, (AT_REST,)),
        _step("check_in", hear_nothing, (AT_REST, *_FORM)),
        _step("ask_name", hear_nothing, _FORM, in_form=True),
        _step("ask_number", hear_number, _FORM, in_form=True, loved=True),
        _step("which_number", hear_which_number, _FORM, in_form=True),
        _step("ask_window", hear_nothing, _FORM, in_form=True),
        _step("offer_nearest", hear_nearest, _FORM, in_form=True, loved=True),
        _step("ask_topic", hear_topic, _FORM, in_form=True),
        _step("read_back", hear_read_back, ("change", AT_REST, *_FORM), in_form=True, loved=True),
        _step("change", hear_change, ("read_back", AT_REST, *_FORM), in_form=True),
    )
}
