"""Texts that no webhook brought, found later in the provider's list: what they may answer, and whether they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from triage.conversation.consent import opt_out
from triage.conversation.danger import alarm
from triage.conversation.guards import raises_alarm
from triage.conversation.respond import respond
from triage.conversation.state import CancelCall, Put, PutBack, Situation, Start, Turn
from triage.model.notice import Kind
from triage.model.request import ALARMS, Flag, Priority
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
    draft = turn.talk.draft
    changes = any(isinstance(one, Put | CancelCall | PutBack) for one in turn.effects)
    return _kind(turn.labels, changes or (draft.wish and not draft.lapsed), waited, raises_alarm(turn))


def lost_answer_kind(labels: Sequence[str], has_request: bool, waited: timedelta) -> Kind | None:
    """Return the same of an answer that was given and never arrived.

    What it changed is not known any more: whoever has a request may have been told of it.
    """
    return _kind(labels, has_request, waited)


def _kind(labels: Sequence[str], about_a_call: bool, waited: timedelta, alarms: bool = False) -> Kind | None:
    if alarms or {*ALARMS, "check_in"} & set(labels):
        return Kind.LATE_ALARM
    if about_a_call:
        return Kind.LATE_CONFIRMATION
    return Kind.LATE_ANSWER if waited <= ANSWERED_WITHIN else None
