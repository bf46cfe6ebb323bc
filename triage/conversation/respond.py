"""The one way in for a message: what is said to the person and what changes. Pure; safety first, then opt-out,
then the step that is waiting."""

from collections.abc import Callable
from dataclasses import replace

from triage.conversation import call_menus, fields, form
from triage.conversation.answers import _answers, _did_you_mean, _leads_nowhere, _small_talk, asked, scripted, status
from triage.conversation.changes import _amend, _amends, _cancel, _cancels, _is_meant
from triage.conversation.filling import SMALL_TALK, _confirm, _in_form, _which_number, _wish
from triage.conversation.guards import alarm, check_in_answer, not_answered, opt_out, with_check_in
from triage.conversation.not_understood import lost
from triage.conversation.state import AT_REST, Draft, Situation, Talk, Turn
from triage.conversation.steps import Move
from triage.conversation.time_limits import _counted, _timed, _unless_expired
from triage.model.message import Channel, Say
from triage.reading.read_message import Heard
from triage.understanding import decide
from triage.understanding.decide import Decision
from triage.understanding.safety import Tier

Screen = Callable[[Heard, Situation], Turn | None]


def respond(heard: Heard, situation: Situation) -> Turn:
    """One turn of the conversation."""
    situation = replace(situation, talk=_in_language(heard, _unless_expired(situation)))
    for screen in (alarm, check_in_answer, opt_out, not_answered):
        turn = screen(heard, situation)
        if turn is not None:
            break
    else:
        turn = _converse(heard, situation)
        if heard.danger.tier is Tier.CHECK_IN:
            turn = with_check_in(turn, heard.danger.label)
    return _counted(_timed(turn, situation), situation)


def _in_language(heard: Heard, talk: Talk) -> Talk:
    # One letter is of no language: "y" is yes, or "and".
    told = heard.understood.lang if len(heard.understood.text) > 1 else None
    return replace(talk, lang=told) if told else talk


# --- conversation


def _converse(heard: Heard, situation: Situation) -> Turn:
    talk = situation.talk
    decision = decide(heard.understood, talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    if _cancels(heard, talk, labels):
        return _cancel(situation)
    labels = _with_wish(tuple(label for label in labels if _is_meant(label, heard)), heard, talk)
    move = call_menus.open_step(situation).hear(heard, situation)
    if move is not None and not (move.to == AT_REST and not move.effects and asked(labels)):
        return _moved(move, heard, situation, labels)
    if len(heard.phones) > 1 and (talk.draft.wish or "callback.request" in labels):
        return _which_number(heard, situation)
    if talk.draft.wish:
        return _in_form(heard, situation, labels, decision)
    if _amends(heard, situation, labels):
        return _amend(heard, situation)
    if "callback.request" in labels:
        return _wish(heard, situation, labels)
    return _at_rest_says(heard, situation, labels, decision)


def _with_wish(labels: tuple[str, ...], heard: Heard, talk: Talk) -> tuple[str, ...]:
    """Plain words for a call count beside what else was asked, unless they are about one that is planned already.

    A number beside a name or a time asks for a call in any words; so does a time where a call is offered.
    """
    meant = not labels and heard.phones and (heard.name or heard.window)
    taken = talk.step == "offer_call" and fields.is_bare_time(heard) and "?" not in heard.text and not asked(labels)
    if not (heard.wish or meant or taken) or any(label.startswith("callback.") for label in labels):
        return labels
    # A time beside a wish is that of the call.
    not_asked = SMALL_TALK | ({"handover.appointment"} if heard.window else set())
    return (*(label for label in labels if label not in not_asked), "callback.request")


def _moved(move: Move, heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """An answer to the open question, and whatever else stands in the same message."""
    talk = situation.talk
    if move.answer:
        return _answers((move.answer,), situation)
    # A bare digit answers the question; it is no hour of the day beside that.
    reads_on = heard.digit is None and (talk.draft.wish or move.wish)
    found = fields.fields(heard, situation) if reads_on else {}
    says = (*scripted(labels, situation), *move.says)
    if move.confirmed and not found.keys() - {"topic"}:
        return _confirm(situation, says)
    if move.wish:
        talk = form.begun(talk, situation)
    if move.wish or call_menus.open_step(situation).form:
        talk = form.fill(talk, {**found, **move.learned})
        settled = (talk.draft.settled - move.forgets) | ({move.settled} if move.settled else set())
        talk = talk.with_draft(settled=settled, asks=talk.draft.asks | ({move.asks} if move.asks else set()))
        turn = Turn(talk, says, None, move.effects, ("callback.request",) if move.wish else ("filled",))
        if move.to and not found:
            return replace(turn, talk=talk.at(move.to), question=form.ask(move.to, talk.draft, situation))
        return form.proceed(turn, situation)
    # A caller may look round in the menus with a request half made; a text leaves the question for good.
    kept = talk.draft if situation.channel is Channel.VOICE else Draft()
    talk = replace(talk.at(move.to or AT_REST), draft=kept)
    return Turn(talk, says, None, move.effects, (situation.talk.step,))


def _at_rest_says(heard: Heard, situation: Situation, labels: tuple[str, ...], decision: Decision) -> Turn:
    """A person at rest may say anything."""
    talk = situation.talk
    talk = fields.noted(heard, situation)
    situation = replace(situation, talk=talk)
    questions = asked(labels)
    if questions:
        return _answers(questions, situation, heard.understood.subject)
    request = situation.open_request
    if "callback.status" in labels:
        if request:
            return Turn(talk.at(AT_REST), (status(request, situation),), labels=labels)
        return Turn(talk.at(AT_REST).at("offer_call"), (Say("status/none"),), Say("way_on"), labels=labels)
    if labels and not _leads_nowhere(labels[0], situation):
        return _small_talk(labels[0], situation)
    if request and heard.yes_no and situation.channel is Channel.SMS:
        return _small_talk("thanks", situation)  # "ok good", to an answer of ours that asked nothing
    asked_already = talk.step == "did_you_mean" and situation.channel is Channel.VOICE
    if decision.kind == "did_you_mean" and not asked_already:
        return _did_you_mean(heard, decision, situation)
    return lost(heard, situation)
