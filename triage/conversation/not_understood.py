"""Words that do not answer the open question: asked once more, then the talk goes on without an answer. Pure."""

from dataclasses import replace

from triage.conversation import call_menus, call_request, form
from triage.conversation.answers import answer, back_at, handed_over, is_planned_by_text, on_subject, passed_on
from triage.conversation.draft import Found
from triage.conversation.held_calls import is_held
from triage.conversation.number_pieces import EMERGENCY_NUMBERS
from triage.conversation.state import AT_REST, Situation, Talk, Turn
from triage.conversation.steps import means_no
from triage.model.message import Channel, Say
from triage.model.request import Flag
from triage.reading.opt_out import opens_with_stop
from triage.reading.phone_numbers import local_number
from triage.reading.read_message import Heard


def count_miss(filled: Talk, found: Found, situation: Situation) -> tuple[Talk, tuple[Say, ...]]:
    """Count other fields than the one asked for as a miss; the second time the form goes on without it."""
    before = situation.talk
    one = form.FILLS.get(before.step)
    if not found.fields or one is None or one in found.fields:
        return replace(filled, misses=0 if found.fields else before.misses), ()
    if before.misses:
        return _given_up(filled, situation)
    return replace(filled, misses=1), ()


def missed(heard: Heard, situation: Situation, polite: bool) -> Turn:
    """Ask once more in other words where the question is not answered, then go on without it.

    polite: what was said made sense, so nobody hears that it was not understood.
    """
    talk = situation.talk
    if situation.channel is Channel.VOICE and not call_menus.open_step(situation).form:
        return _lost_on_call(heard, situation)
    if not call_menus.open_step(situation).form:
        # Another question came in between ("did you mean ...?"): the form goes on where it was.
        return form.proceed(Turn(talk, labels=("not_understood",)), situation)
    if talk.misses >= 1 or (heard.declines and talk.step in form.FILLS):
        if talk.step in ("read_back", "change"):
            return _confirm_unheard(situation)
        if talk.step == "ask_name" and situation.channel is Channel.VOICE:
            # Staff understand a name that the recognizer does not.
            return Turn(talk.at("record_name"), (), Say("record_name"), labels=("not_understood",))
        gone_on, will_ask = _given_up(talk, situation)
        if talk.step == "key_number" and gone_on.draft.phone is None:
            # Nobody could call them to ask: what the recognizer does not hear, staff may.
            return Turn(gone_on.at("voicemail"), (Say("number_by_voice"),), labels=("not_understood",))
        return form.proceed(Turn(gone_on, will_ask, labels=("not_understood",)), situation)
    why = Say(_why(heard, situation))
    says = () if polite else (why, *_other_language(heard, situation))
    if polite and why.key == "missed/number_foreign":
        says = (why,)  # made sense, and cannot be done
    again = replace(talk, misses=1).with_draft(replace(talk.draft, number_piece=""))
    if talk.step == "ask_number" and heard.like_number and situation.channel is Channel.SMS:
        piece = local_number(heard.text) or talk.draft.number_piece  # its area code may follow
        again = again.with_draft(replace(talk.draft, number_tried=True, number_piece=piece))
    question = Say("change_again") if talk.step == "change" else form.ask(talk.step, talk.draft, situation, again=True)
    if talk.step == "read_back":
        question = Say("read_back_again")
    elif talk.step == "ask_number" and means_no(heard):
        says, question = (), Say("ask_number_withheld")  # they have told that it is another one
    return Turn(again, says, question, labels=("not_understood",))


def _given_up(talk: Talk, situation: Situation) -> tuple[Talk, tuple[Say, ...]]:
    """Return the form without this question, and who will ask it instead."""
    gone_on = form.give_up(talk, situation)
    return gone_on, (Say("we_will_ask"),) if gone_on.draft.asks != talk.draft.asks else ()


def _why(heard: Heard, situation: Situation) -> str:
    step = situation.talk.step
    if situation.channel is Channel.VOICE and heard.digit is not None and step not in form.NUMBER_STEPS:
        return "missed/key"
    if step in ("ask_window", "ask_day"):
        return "missed/time_past" if heard.unread.name == "PAST" else "missed/time"
    if step in form.NUMBER_STEPS and situation.channel is Channel.VOICE:
        if heard.phones or (heard.own_number and situation.callable_sender is None):
            return "missed/number_foreign"
        if heard.understood.text.replace(" ", "") in EMERGENCY_NUMBERS:
            return "missed/number_emergency"
    if step in form.NUMBER_STEPS and (heard.like_number or heard.digit is not None):
        return "missed/number"
    return "missed/other"


def _confirm_unheard(situation: Situation) -> Turn:
    return Turn(situation.talk.ended(), (Say("read_back_left"),), labels=("not_understood",))


def lost(heard: Heard, situation: Situation) -> Turn:
    """Say what the line can do where a person at rest is not understood; the second time a person reads it."""
    talk, request = on_subject(heard, situation.talk), situation.open_request
    labels = ("not_understood",)
    if situation.channel is Channel.VOICE:
        return _lost_on_call(heard, replace(situation, talk=talk))
    if request and request.priority.pages:
        return Turn(talk.at(AT_REST), (Say("after_alarm"),), labels=labels)
    if request and Flag.NEEDS_PERSON in request.flags:
        return passed_on(talk, situation, labels)
    if handed := handed_over(situation):
        return answer((handed,), replace(situation, talk=talk))
    if is_planned_by_text(situation) and not opens_with_stop(heard.text):
        return passed_on(talk, situation, labels)
    if talk.misses >= 1 or opens_with_stop(heard.text):
        made = call_request.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.NEEDS_PERSON}))
        after = () if situation.is_open else (back_at(situation),)
        return Turn(talk.at(AT_REST), (Say("needs_person"), *after), None, (made,), labels)
    return Turn(talk.at(AT_REST).at("offer_call", misses=1), (Say("not_understood"),), Say("way_on"), labels=labels)


def _lost_on_call(heard: Heard, situation: Situation) -> Turn:
    """Ask once more after a wrong key or words that mean nothing here, then offer a way out."""
    talk = situation.talk
    if talk.step == AT_REST:  # a call never rests: what was open has run out
        talk = replace(
            call_menus.resting(situation).talk if is_held(situation) else talk.at("menu"), misses=talk.misses
        )
    if talk.misses >= 1:
        return Turn(talk.at("way_out" if talk.step != "way_out" else "voicemail"), labels=("not_understood",))
    why = "missed/key" if heard.digit is not None else "not_understood" if talk.step == "menu" else "missed/other"
    again = replace(talk, misses=1)
    question = call_menus.question(replace(situation, talk=again), again=True)
    return Turn(again, (Say(why), *_other_language(heard, situation)), question, labels=("not_understood",))


def _other_language(heard: Heard, situation: Situation) -> tuple[Say, ...]:
    """Offer the other language to a caller whose words mean nothing: a recognizer writes down what is foreign to it as
    words of its own.
    """
    if situation.channel is not Channel.VOICE or heard.digit is not None:
        return ()
    return (Say("other_language", lang="es" if situation.talk.lang == "en" else "en"),)
