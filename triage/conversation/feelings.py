"""Low mood, anger and who calls out, without words of danger: heard before anything else, never met with a menu."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, back_at, status
from triage.conversation.changes import change
from triage.conversation.state import AT_REST, Situation, Talk, Turn
from triage.conversation.steps import HEARD_ONCE
from triage.model.message import Channel, Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import decide
from triage.understanding.labels import SCRIPTED

# What is said the second time.
OTHER_WORDS = {
    "low_mood": "low_mood_again",
    "are_you_there": "are_you_there_again",
    "are_you_there_open": "are_you_there_again",
}


def are_you_there(heard: Heard, situation: Situation) -> Turn | None:
    """Answer who calls out for somebody: they are heard, 988, whether people are here or when they are back, a call."""
    request, labels = situation.open_request, ("are_you_there",)
    if not heard.calls_out or (request and (request.priority.pages or call_request.is_late(request, situation.now))):
        return None
    if situation.is_open and _wishes_a_call(heard):
        return None  # people are here: there is no need to say more than when they call
    words = "are_you_there_open" if situation.is_open else "are_you_there"
    return _taking_it_down(words, heard, situation, labels) or _hear_out(words, situation.talk, situation, labels)


def low_mood(heard: Heard, situation: Situation) -> Turn | None:
    """Say that it was heard, 988, when people are back, and offer a call."""
    if Sign.LOW not in heard.signs or _asks(heard, situation):
        return None
    if heard.calls_out and situation.is_open and situation.channel is Channel.SMS:
        return None  # "can I talk to somebody": that people are here is all there is to say
    labels = ("low_mood",)
    talk = fields.noted(heard, situation)
    return _taking_it_down("low_mood", heard, situation, labels) or _hear_out("low_mood", talk, situation, labels)


def _taking_it_down(words: str, heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn | None:
    """Say the words, and go on with the call that is being arranged or asked for beside; None where none is."""
    talk = situation.talk
    if talk.draft.wish:
        told = form.fill(talk, fields.found_in(heard, situation))
        return form.proceed(Turn(told, (Say(words),), labels=labels), situation, again=True)
    if _wishes_a_call(heard) or (heard.phones and (heard.name or heard.window)):
        begun = form.fill(form.begun(talk, situation), fields.found_in(heard, situation))
        after = () if situation.is_open else (back_at(situation),)
        turn = Turn(begun, (Say(words), *after), labels=("callback.request", *labels))
        return form.proceed(turn, situation, again=True)
    return None


def _wishes_a_call(heard: Heard) -> bool:
    decision = decide(heard.understood)
    return heard.wish or (decision.kind == "act" and decision.labels == ("callback.request",))


def _hear_out(words: str, talk: Talk, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """Say the words with how things stand. From the second time on the words are others, and a person reads it."""
    request = situation.open_request
    if HEARD_ONCE in talk.choices:
        key = next(key for key in (OTHER_WORDS[words], "will_be_read") if key not in talk.choices)
        made = call_request.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.PLEASE_READ}))
        return Turn(talk.at(AT_REST, HEARD_ONCE, key), (Say(key),), None, (made,), labels)
    if request:
        return Turn(talk.at(AT_REST, HEARD_ONCE), (Say(words), status(request, situation)), labels=labels)
    after = () if situation.is_open else (back_at(situation),)
    return Turn(talk.at("offer_call", HEARD_ONCE), (Say(words), *after), Say("way_on"), labels=labels)


def hear_out_again(situation: Situation) -> Turn:
    """Stay with somebody who was low a moment ago and says what we cannot follow: they meet no menu."""
    return _hear_out("low_mood", situation.talk, situation, ("low_mood",))


def anger(heard: Heard, situation: Situation) -> Turn | None:
    """Regret it, and have a person read it and answer."""
    if Sign.ANGER not in heard.signs:
        return None
    talk = situation.talk
    known = form.begun(talk, situation)
    made = call_request.put(known.draft, situation, add=frozenset({Flag.NEEDS_PERSON}))
    after = () if situation.is_open else (back_at(situation),)
    turn = Turn(talk, (Say("anger"), *after), None, (made,), ("anger",))
    if talk.draft.wish:
        return form.proceed(turn, situation, again=True)
    if situation.open_request and heard.wish and fields.names_hours(heard):
        # "You never called. Try today after 3": the call is put there.
        moved = change(heard, situation)
        return replace(moved, says=(*turn.says, *moved.says), effects=(made, *moved.effects), labels=turn.labels)
    return replace(turn, talk=talk.at(AT_REST))


def _asks(heard: Heard, situation: Situation) -> bool:
    """Tell whether a treatment is asked about beside the mood; that is answered."""
    decision = decide(heard.understood, situation.talk.subject)
    labels = asked(decision.labels) if decision.kind == "act" else ()
    scripted = any(label in SCRIPTED for label in labels)
    return heard.understood.subject is not None and (scripted or "?" in heard.text)
