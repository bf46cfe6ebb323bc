"""The one way in for a message: what is said to the person and what changes. Pure; safety first, then opt-out,
then the step that is waiting."""

from collections.abc import Callable
from dataclasses import replace

from triage.conversation import call_menus, call_request, fields, form
from triage.conversation.answers import (
    affirmed,
    answer,
    ask_which_was_meant,
    asked,
    is_likely_noise,
    is_waiting_late,
    scripted,
    small_talk,
    status,
    waited_for,
)
from triage.conversation.arrived import arrived
from triage.conversation.changes import (
    cancel,
    change,
    changes_request,
    goes_elsewhere,
    is_meant,
    never_mind,
    spared,
    told_what_is_noted,
    topic_put_right,
    wanted_again,
    wants_to_cancel,
)
from triage.conversation.consent import no_calls, not_answered, opt_out, with_calls_welcome
from triage.conversation.danger import alarm, check_in_answer, weighed, with_check_in
from triage.conversation.draft import Draft, Found
from triage.conversation.feelings import anger, are_you_there, hear_out_again, low_mood
from triage.conversation.filling import SMALL_TALK, begin_form, confirm, fill_form
from triage.conversation.guards import unspoken
from triage.conversation.held_danger import hold
from triage.conversation.in_writing import in_writing
from triage.conversation.limits import still_open, with_time_limit, within_reply_limit
from triage.conversation.not_understood import lost
from triage.conversation.staff_questions import for_staff, with_staff
from triage.conversation.state import AT_REST, Put, Situation, Talk, Turn
from triage.conversation.steps import AFFIRMED, CLOSED, HEARD_ONCE, Move, as_answer, is_sign
from triage.conversation.wrong_person import not_me, who_we_are
from triage.model.message import Channel, Say
from triage.reading.opt_out import opens_with_stop
from triage.reading.read_message import Heard
from triage.understanding import SCRIPTED, decide
from triage.understanding.decide import Decision
from triage.understanding.safety import Tier

Screen = Callable[[Heard, Situation], Turn | None]

# What is looked at before the question that is open, in this order; the first that has something to say answers.
DANGER_AND_CONSENT: tuple[Screen, ...] = (alarm, check_in_answer, opt_out, no_calls, not_answered)
# These answer texts; a caller has a menu, and a person behind it, but low mood meets no menu anywhere.
# Whom staff write with, they answer: the line stands back.
WHO_AND_HOW: tuple[Screen, ...] = (
    with_staff, not_me, who_we_are, in_writing, arrived, anger, are_you_there, low_mood, for_staff,
)  # fmt: skip
WHO_AND_HOW_ALOUD: tuple[Screen, ...] = (low_mood,)


def respond(heard: Heard, situation: Situation) -> Turn:
    """Take one turn of the conversation."""
    situation = replace(situation, talk=still_open(situation), said=heard.understood.text)
    heard = weighed(as_answer(heard, situation), situation)
    if heard.says_nothing:
        return unspoken(heard, situation)
    situation = replace(situation, talk=in_language(heard, situation.talk))
    turn = _first(DANGER_AND_CONSENT, heard, situation)
    if turn is None:
        screens = WHO_AND_HOW if situation.channel is Channel.SMS else WHO_AND_HOW_ALOUD
        turn = _first(screens, heard, situation) or _converse(heard, situation)
        if heard.danger.tier is Tier.CHECK_IN:
            turn = with_check_in(turn, heard.danger.label, situation)
    turn = with_time_limit(with_calls_welcome(turn, situation), situation)
    return hold(within_reply_limit(turn, situation), heard, situation)


def _first(screens: tuple[Screen, ...], heard: Heard, situation: Situation) -> Turn | None:
    return next((turn for screen in screens if (turn := screen(heard, situation))), None)


def in_language(heard: Heard, talk: Talk) -> Talk:
    """Return the talk in the language of what was said."""
    # One letter is of no language: "y" is yes, or "and".
    told = heard.understood.lang if len(heard.understood.text) > 1 else None
    return replace(talk, lang=told) if told else talk


# --- conversation


def _converse(heard: Heard, situation: Situation) -> Turn:
    talk = situation.talk
    decision = decide(heard.understood, talk.subject)
    labels = _in_plain_words(decision, heard) or (decision.labels if decision.kind == "act" else ())
    just_cancelled = talk.step == "undo_cancel" and situation.open_request is None  # "yes cancel" says it again
    if wants_to_cancel(heard, talk, labels) and not just_cancelled:
        return cancel(situation)
    ends_nothing = "callback.cancel" in labels and not heard.may_cancel  # "solo checando lo de mi llamada"
    labels = _with_wish(tuple(label for label in labels if is_meant(label, heard)), heard, situation)
    if (heard.how_it_stands or ends_nothing) and situation.open_request:
        labels = ("callback.status",)
    if turn := (
        spared(heard, situation)
        or goes_elsewhere(heard, situation)
        or never_mind(heard, situation)
        or wanted_again(heard, situation, labels)
        or told_what_is_noted(heard, situation)
        or topic_put_right(heard, situation)
    ):
        return turn
    # "I waited all afternoon. Please call tomorrow at 11 instead" is answered with that time.
    is_moved = heard.wish and fields.names_hours(heard) and situation.open_request is not None
    is_text = situation.channel is Channel.SMS
    if is_text and not is_moved and (heard.waits or is_waiting_late(labels, heard, situation)):
        return waited_for(heard, situation)
    move = call_menus.open_step(situation).hear(heard, situation)
    if move is not None and not (move.to == AT_REST and not move.effects and asked(labels)):
        return _moved(move, heard, situation, labels)
    if talk.draft.wish:
        return fill_form(heard, situation, labels, decision)
    if changes_request(heard, situation, labels):
        return change(heard, situation)
    if "callback.request" in labels:
        return begin_form(heard, situation, labels)
    return _at_rest_says(heard, situation, labels, decision)


# From this chance on a cancellation that stands in plain words as well is taken as one.
LIKELY = 0.2


def _in_plain_words(decision: Decision, heard: Heard) -> tuple[str, ...]:
    """Return the cancellation of which the model is not sure where plain words say it too: "quiero cancelar".

    Where they name the call, "scratch that call", they need no model.
    """
    chance = max((share for label, share in heard.understood.scores[:2] if label == "callback.cancel"), default=0.0)
    if heard.undoes or heard.waits or heard.window or heard.phones or heard.full_name:
        return ()
    says_so = heard.cancel and not heard.never_mind and decision.kind == "offer" and chance >= LIKELY
    return ("callback.cancel",) if says_so or (heard.cancels_call and not heard.spares) else ()


def _with_wish(labels: tuple[str, ...], heard: Heard, situation: Situation) -> tuple[str, ...]:
    """Add the wish for a call to what else was asked, unless the words are about one that is planned already.

    A number beside a name or a time asks for a call in any words; so does a time where a call is offered, and a
    name with a time or a number of somebody who asks after a call that nobody has planned.
    """
    talk = situation.talk
    unplanned = situation.open_request is None and not heard.waits
    after_one = unplanned and labels == ("callback.status",) and heard.name and (heard.window or heard.phones)
    told = heard.phones or fields.names_a_time(heard) or (heard.name and heard.window)
    if after_one or (unplanned and heard.whether_called and told and not SCRIPTED.intersection(labels)):
        return ("callback.request",)
    here = heard.own_number and fields.names_hours(heard)  # "this number, tomorrow after 3"
    meant = here or ((heard.phones or _of_a_call(heard, situation)) and (heard.name or heard.window))
    about = heard.topic and heard.name and fields.names_a_time(heard) and "?" not in heard.text
    signed = about and unplanned
    meant = (meant and not asked(labels)) or bool(signed)  # "tomorrow after 2, about ketamine, Javi"
    taken = talk.step == "offer_call" and fields.is_bare_time(heard) and "?" not in heard.text and not asked(labels)
    if not (heard.wish or meant or taken) or any(label.startswith("callback.") for label in labels):
        return labels
    # A time beside a wish is that of the call.
    not_asked = SMALL_TALK | ({"handover.appointment"} if heard.window else set())
    if signed:
        not_asked = not_asked | set(asked(labels))
    if heard.only_about:
        not_asked = not_asked | SCRIPTED  # what the call is about is said in the call
    return (*(label for label in labels if label not in not_asked), "callback.request")


def _of_a_call(heard: Heard, situation: Situation) -> bool:
    """Tell whether a name and a time are said of a call that nobody has planned: most likely, or "my name is" tells."""
    likeliest = heard.understood.scores[0][0] if heard.understood.scores else ""
    timed = heard.name is not None and heard.window is not None
    return timed and situation.open_request is None and (heard.renames or likeliest.startswith("callback."))


def _moved(move: Move, heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """Act on an answer to the open question, and on whatever else stands in the same message."""
    talk = situation.talk
    if move.answer:
        return answer((move.answer,), situation)
    if move.cancels:
        return cancel(situation)
    # A bare digit answers the question; it is no hour of the day beside that.
    reads_on = heard.digit is None and (talk.draft.wish or move.wish)
    found = fields.found_in(heard, situation) if reads_on else Found()
    again = move.affirms and AFFIRMED in talk.choices
    if again and CLOSED in talk.choices and is_sign(heard):
        return Turn(talk, labels=("affirmed",))
    says = (*scripted(labels, situation), *((Say("all_right"),) if again else move.says))
    if move.confirmed and not talk.draft.is_changed_by(found):
        return confirm(situation, says)
    if move.wish:
        talk = form.begun(talk, situation)
    if move.wish or call_menus.open_step(situation).form:
        talk = form.fill(talk, move.learned.over(found))
        draft = talk.draft.asking_later({move.asks} if move.asks else ())
        draft = draft.standing(move.stands[0], at=move.stands[1]) if move.stands else draft
        talk = talk.with_draft(replace(draft, number_doubted=draft.number_doubted or move.doubted))
        turn = Turn(talk, says, None, move.effects, ("callback.request",) if move.wish else ("filled",))
        if move.to and not found.fields:
            return replace(turn, talk=talk.at(move.to), question=form.ask(move.to, talk.draft, situation))
        return _with_undo(form.proceed(turn, situation), situation)
    # A caller may look round in the menus with a request half made; a text leaves the question for good.
    kept = talk.draft if situation.channel is Channel.VOICE else Draft()
    talk = replace(talk.at(move.to or AT_REST), draft=kept)
    talk = talk.at(talk.step, AFFIRMED, *((CLOSED,) if again else ())) if move.affirms else talk
    label = "affirmed" if move.affirms else situation.talk.step
    return Turn(talk, says, move.asks_again, move.effects, (label,))


def _with_undo(turn: Turn, situation: Situation) -> Turn:
    """Say of a planned call that it is moved to the time that was offered and taken, with its undo."""
    before = situation.talk.before
    if before is None or turn.talk.step != "read_back":
        return turn
    made = next((one.promised for one in turn.effects if isinstance(one, Put) and one.promised), None)
    when = made or call_request.promised(before, situation)
    return replace(turn, talk=turn.talk.ended().undoing("undo_move", before), question=Say("moved", {"when": when}))


def _at_rest_says(heard: Heard, situation: Situation, labels: tuple[str, ...], decision: Decision) -> Turn:
    """Answer a person at rest, who may say anything."""
    talk = situation.talk
    talk = fields.noted(heard, situation)
    situation = replace(situation, talk=talk)
    questions = asked(labels)
    if questions:
        return answer(questions, situation, heard.understood.subject)
    request = situation.open_request
    if heard.undoes and request and "callback.status" not in labels:
        labels = ("callback.status",)  # what they would have back can be seen from how it stands
    if "callback.status" in labels:
        if request:
            return Turn(talk.at(AT_REST), (status(request, situation),), labels=labels)
        return Turn(talk.at(AT_REST).at("offer_call"), (Say("status/none"),), Say("way_on"), labels=labels)
    if situation.channel is Channel.SMS and is_sign(heard):
        return affirmed(heard, situation)
    if opens_with_stop(heard.text) and situation.channel is Channel.SMS:
        return lost(heard, situation)  # whatever else it says, a person reads it
    was_low = HEARD_ONCE in talk.choices and bool(request or talk.step == "offer_call") and "thanks" not in labels
    if labels and not was_low and not is_likely_noise(labels[0], situation):
        return small_talk(labels[0], situation)
    if situation.channel is Channel.SMS and (heard.affirms or heard.digit == 1):
        return affirmed(heard, situation)
    if was_low:
        return hear_out_again(situation)
    asked_already = talk.step == "did_you_mean" and situation.channel is Channel.VOICE
    if decision.kind == "did_you_mean" and not asked_already:
        return ask_which_was_meant(heard, decision, situation)
    return lost(heard, situation)
