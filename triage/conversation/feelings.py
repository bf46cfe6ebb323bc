"""Low mood and anger, without words of danger: who writes so is heard before anything else, and meets no menu."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, back_at, status
from triage.conversation.state import AT_REST, Situation, Turn
from triage.conversation.steps import HEARD_ONCE
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import decide
from triage.understanding.labels import SCRIPTED


def low_mood(heard: Heard, situation: Situation) -> Turn | None:
    """Say that it was heard, 988, when people are back, and offer a call."""
    if Sign.LOW not in heard.signs or _asks(heard, situation):
        return None
    talk, request = situation.talk, situation.open_request
    labels = ("low_mood",)
    if talk.draft.wish:
        told = form.fill(talk, fields.found_in(heard, situation))
        return form.proceed(Turn(told, (Say("low_mood"),), labels=labels), situation, again=True)
    if heard.wish or (heard.phones and (heard.name or heard.window)):
        begun = form.fill(form.begun(talk, situation), fields.found_in(heard, situation))
        turn = Turn(begun, (Say("low_mood"),), labels=("callback.request", *labels))
        return form.proceed(turn, situation, again=True)
    talk = fields.noted(heard, situation)
    if HEARD_ONCE in talk.choices:  # the second time it has other words, and a person reads it
        made = call_request.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.PLEASE_READ}))
        return Turn(talk.at(AT_REST), (Say("low_mood_again"),), None, (made,), labels)
    if request:
        return Turn(talk.at(AT_REST, HEARD_ONCE), (Say("low_mood"), status(request, situation)), labels=labels)
    after = () if situation.is_open else (back_at(situation),)
    return Turn(talk.at("offer_call", HEARD_ONCE), (Say("low_mood"), *after), Say("way_on"), labels=labels)


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
    return replace(turn, talk=talk.at(AT_REST))


def _asks(heard: Heard, situation: Situation) -> bool:
    """Tell whether a treatment is asked about beside the mood; that is answered."""
    decision = decide(heard.understood, situation.talk.subject)
    labels = asked(decision.labels) if decision.kind == "act" else ()
    scripted = any(label in SCRIPTED for label in labels)
    return heard.understood.subject is not None and (scripted or "?" in heard.text)
