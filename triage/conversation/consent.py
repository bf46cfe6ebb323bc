"""Whether we may text and call: STOP, START and HELP in any dress, "do not call me", and what the opted-out write."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.changes import cancel
from triage.conversation.draft import Draft
from triage.conversation.state import (
    AT_REST,
    CallsWelcome,
    CancelCall,
    Effect,
    Put,
    PutBack,
    Situation,
    Start,
    Stop,
    Turn,
)
from triage.model.message import Channel, Phone, Say
from triage.model.request import Flag, Priority
from triage.reading.opt_out import Keyword, Scope, opens_with_stop
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import decide
from triage.understanding.safety import Tier

# What wishes for a call on a call: key 0, a message after the tone.
BY_VOICE = frozenset({"person", "voicemail"})

# Said by somebody who has opted out, these are nothing that staff would have to read.
NOTHING_TO_READ = frozenset({"yes", "no", "digit", "thanks", "empty"})


def opt_out(heard: Heard, situation: Situation) -> Turn | None:
    """Obey STOP, START and HELP. The carrier answers its own words, exactly written; all others are answered here."""
    talk, request = situation.talk, situation.open_request
    alert: tuple[Effect, ...] = ()
    if heard.keyword in (Keyword.STOP, Keyword.HELP) and request and request.priority.pages:
        # After words of crisis a bare HELP or STOP may be one more of them.
        alert = (call_request.put(Draft(wish=True), situation, request.priority, alert_again=True),)
    back = heard.welcomes and situation.person.opted_out_at and situation.channel is Channel.SMS
    if heard.keyword is Keyword.START or (back and heard.danger.tier is not Tier.ALARM):
        return _opted_in(heard, situation)
    if heard.keyword is Keyword.HELP:
        says = () if heard.carrier_answers else (Say("help", {"clinic": situation.clinic.name}),)
        return Turn(talk, says, effects=alert, labels=("help",))
    stop = stop_of(heard)
    if not stop:
        return None
    effects: tuple[Effect, ...] = (*stop, *alert)
    if call := _call_without_texts(heard, situation):
        told = Say("opted_out_call", {"when": call.promised}) if call.promised else Say("opted_out_call_stands")
        says = () if situation.person.opted_out_at and not heard.aloud else (told,)
        return Turn(talk.ended(), says, None, (Stop(Scope.TEXTS), call), ("opt_out",))
    if noted := _other_phone(heard, situation):
        says = () if situation.person.opted_out_at else (Say("opted_out_other", {"number": Phone(heard.phones[0])}),)
        return Turn(talk.ended(), says, None, (*effects, noted), ("opt_out",))
    if heard.scope is Scope.ALL and heard.keyword is None:
        effects = (*effects, CancelCall()) if request and not request.priority.pages else effects
    elif request:
        effects = (*effects, replace(call_request.put(Draft(wish=True), situation), add=frozenset({Flag.CALL_ONLY})))
    # A second text beside the carrier's own would be refused or, worse, arrive.
    is_silent = heard.carrier_answers or (situation.person.opted_out_at and not heard.aloud)
    said = Say("opted_out_all" if heard.aloud and heard.scope is Scope.ALL else "opted_out")
    kept = talk.at(AT_REST).with_draft(talk.draft.without_wish())  # should they come back, or want a call after all
    return Turn(kept, () if is_silent else (said,), None, effects, ("opt_out",))


def _call_without_texts(heard: Heard, situation: Situation) -> Put | None:
    """Return the call of somebody who wants no more texts: asked for beside it, planned, or in a form that ends here.

    The carriers' own word says nothing of a call, so it ends a form; and "do not text and do not call" wants none.
    """
    request = situation.open_request
    if heard.keyword or (request and request.priority.pages):
        return None
    elsewhere = bool(heard.phones)  # texts are wanted on another phone
    arranged = situation.talk.draft.wish or (request is not None and request.promised)
    planned = heard.calls_instead or (arranged and not elsewhere)
    if not (heard.wish or (heard.scope is Scope.TEXTS and planned)):
        return None
    draft = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation)).draft
    lacks = frozenset() if call_request.is_ready(draft, situation) else frozenset({Flag.INCOMPLETE})
    return call_request.put(draft, situation, add=lacks | {Flag.CALL_ONLY})


def _other_phone(heard: Heard, situation: Situation) -> Put | None:
    """Return the note for staff of who wants texts to another phone. The number to be called is not replaced by it."""
    request = situation.open_request
    if heard.scope is not Scope.TEXTS or not heard.phones or heard.phones[0] == situation.sender:
        return None
    if request and request.priority.pages:
        return None
    add = frozenset({Flag.CALL_ONLY, Flag.NEEDS_PERSON})
    if request:
        return Put(Priority.ROUTINE, add=add)
    return Put(Priority.ROUTINE, name=situation.person.name, phone=heard.phones[0], said=heard.text, add=add)


def _opted_in(heard: Heard, situation: Situation) -> Turn:
    effects: tuple[Effect, ...] = (Start(),)
    if situation.open_request:
        put = call_request.put(Draft(wish=True), situation)
        effects = (*effects, replace(put, drop=put.drop | {Flag.CALL_ONLY}))
    # The carrier answers a START where it had stopped the texts itself: not after "STOP!!!".
    says = () if heard.carrier_answers and not situation.person.stopped_in_words else (Say("opted_in"),)
    return Turn(situation.talk, says, effects=effects, labels=("opt_in",))


def stop_of(heard: Heard) -> tuple[Stop, ...]:
    """Return the opt-out from texts that stands in the words."""
    if heard.keyword is Keyword.STOP:
        return (Stop(Scope.TEXTS, heard.carrier_answers),)
    if heard.danger.tier is Tier.ALARM and opens_with_stop(heard.text) and not heard.aloud:
        # In words of danger the rest of the sentence says nothing of texts; the capitals do.
        return (Stop(Scope.TEXTS),)
    return (Stop(heard.scope),) if heard.scope in (Scope.TEXTS, Scope.ALL) else ()


def not_answered(heard: Heard, situation: Situation) -> Turn | None:
    """Keep an opted-out person's other texts, unanswered, as something for staff to read; a wish still counts."""
    if situation.channel is not Channel.SMS or not situation.person.opted_out_at:
        return None
    decision = decide(heard.understood, situation.talk.subject)
    if "callback.cancel" in decision.labels and decision.kind == "act":
        return Turn(situation.talk, effects=(CancelCall(),) if situation.open_request else (), labels=decision.labels)
    if heard.understood.exact in NOTHING_TO_READ:
        return Turn(situation.talk, labels=decision.labels)
    flags = {Flag.CALL_ONLY, Flag.PLEASE_READ if heard.danger.tier is Tier.CHECK_IN else Flag.NEEDS_PERSON}
    found = fields.found_in(heard, situation)
    if heard.wish or "callback.request" in decision.labels or found.fields or situation.open_request:
        known = form.fill(form.begun(situation.talk, situation), found)
        made = call_request.put(known.draft, situation, add=frozenset(flags))
    else:
        made = call_request.to_read(situation, add=frozenset(flags))
    return Turn(situation.talk, effects=(made,), labels=decision.labels)


# --- calls


def no_calls(heard: Heard, situation: Situation) -> Turn | None:
    """Store that somebody wants no calls, and say so; a planned one is cancelled. Not in danger: a person looks
    first.
    """
    request, talk = situation.open_request, situation.talk
    if heard.scope is not Scope.CALLS or heard.phones or heard.wish:
        return None
    if Sign.TEXT_ONLY in heard.signs or (request and request.priority is not Priority.ROUTINE):
        return None
    if request is None:
        return Turn(talk.ended(), (Say("no_calls"),), None, (Stop(Scope.CALLS),), ("no_calls",))
    turn = cancel(situation)
    return replace(
        turn, says=(Say("no_calls"), *turn.says), effects=(*turn.effects, Stop(Scope.CALLS)), labels=("no_calls",)
    )


def with_calls_welcome(turn: Turn, situation: Situation) -> Turn:
    """Take back "do not call me" where a call is wished for anew, and say so."""
    if situation.person.no_calls_at is None or any(isinstance(effect, CallsWelcome) for effect in turn.effects):
        return turn
    made = any(isinstance(effect, Put) for effect in turn.effects)
    wished = any(isinstance(effect, PutBack) for effect in turn.effects) or "callback.request" in turn.labels
    if not wished and not (made and BY_VOICE & {*turn.labels}):
        return turn
    is_answered = turn.reply.says or situation.channel is Channel.VOICE
    says = (Say("calls_again"), *turn.says) if is_answered else ()
    return replace(turn, says=says, effects=(CallsWelcome(), *turn.effects))
