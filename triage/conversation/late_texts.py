"""Texts that no webhook brought, found later in the provider's list: what they may answer, and whether they are."""

from dataclasses import replace
from datetime import timedelta

from triage.conversation.guards import alarm, opt_out, raises_alarm
from triage.conversation.respond import respond
from triage.conversation.state import CancelCall, KeepCall, Put, Situation, Start, Turn
from triage.model.notice import Kind
from triage.model.request import Flag, Priority
from triage.policy import ANSWERED_WITHIN
from triage.reading.read_message import Heard


def respond_late(heard: Heard, situation: Situation, stopped_since: bool) -> Turn:
    """Take the turn of a text that was found late. One that newer ones have overtaken answers no question of now.

    Its "2" would else close a check-in that its writer had not seen. A person reads what it may have meant.
    stopped_since: whether its writer has stopped texts since; then a START in it is over.
    """
    if situation.overtaken and (situation.talk.step == "check_in" or _only_answers(heard)):
        turn = alarm(heard, situation) or _beside_the_question(heard, situation)
    else:
        turn = respond(heard, situation)
    if stopped_since:
        turn = replace(turn, effects=tuple(one for one in turn.effects if not isinstance(one, Start)))
    return turn


def _only_answers(heard: Heard) -> bool:
    """Tell whether a text says something only as the answer to a question."""
    says_more = heard.wish or heard.window or heard.phones or heard.name
    return (heard.digit is not None or heard.yes_no is not None) and not says_more


def _beside_the_question(heard: Heard, situation: Situation) -> Turn:
    stop = opt_out(heard, situation)
    if stop is not None:
        return replace(stop, talk=situation.talk)
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    return Turn(situation.talk, effects=(made,), labels=("late",))


def answer_kind(turn: Turn, waited: timedelta) -> Kind | None:
    """Return as what the answer goes out; None if it goes out no more: so late, small talk and facts only puzzle."""
    if raises_alarm(turn) or "check_in" in turn.labels:
        return Kind.LATE_ALARM
    draft = turn.talk.draft
    if any(isinstance(one, Put | CancelCall | KeepCall) for one in turn.effects) or (draft.wish and not draft.lapsed):
        return Kind.LATE_CONFIRMATION
    return Kind.LATE_ANSWER if waited <= ANSWERED_WITHIN else None
