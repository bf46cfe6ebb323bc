"""Looked at before the conversation: danger, opt-out, blocked and unanswerable senders."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, back_at, opening
from triage.conversation.draft import Draft, Field
from triage.conversation.state import AT_REST, CancelCall, Effect, Put, Situation, Start, Stop, Turn
from triage.conversation.steps import means_no
from triage.model.message import Channel, Say
from triage.model.phone import SenderKind
from triage.model.request import ALARMS, Flag, Priority
from triage.reading.opt_out import Keyword, Scope, opens_with_stop
from triage.reading.read_message import Heard
from triage.understanding import decide
from triage.understanding.safety import Danger, Tier


def picture(situation: Situation) -> Turn:
    """Have somebody look at a picture that came without words."""
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    says = () if situation.person.opted_out_at else (Say("picture"),)
    return Turn(situation.talk, says, effects=(made,), labels=("picture",))


def unanswerable(heard: Heard, situation: Situation, kind: SenderKind) -> Turn:
    """Keep and screen what robots and channels that we do not serve send; a person reads it where there may be one."""
    alarm = heard.danger.tier is Tier.ALARM
    if heard.says_nothing:
        return unspoken(heard, situation)
    labels = (heard.danger.label,) if alarm else (kind.value,)
    if kind in (SenderKind.SHORT_CODE, SenderKind.ALPHANUMERIC) and not alarm:
        return Turn(situation.talk, labels=labels)
    flags = frozenset({Flag.NEEDS_PERSON, Flag.CALL_ONLY})
    made = Put(
        ALARMS[heard.danger.label] if alarm else Priority.ROUTINE,
        phone=situation.phone,
        add=flags,
        alert_again=alarm,
    )
    return Turn(situation.talk, effects=(made,), labels=labels)


def unspoken(heard: Heard, situation: Situation) -> Turn:
    """Keep what nobody said: a tapped reaction, the answer of a phone for its owner. It prolongs no question."""
    return Turn(situation.talk, labels=("reaction" if heard.reaction else "automatic",))


def raises_alarm(turn: Turn) -> bool:
    return any(isinstance(effect, Put) and effect.priority is not Priority.ROUTINE for effect in turn.effects)


def blocked(turn: Turn, situation: Situation) -> Turn:
    """Keep what comes from a blocked phone, with what it says of consent. Danger that is unclear is read by a
    person.
    """
    effects: tuple[Effect, ...] = tuple(one for one in turn.effects if isinstance(one, Stop | Start | CancelCall))
    if turn.talk.step == "check_in":
        effects += (Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.PLEASE_READ})),)
    return Turn(situation.talk, effects=effects, labels=turn.labels)


def after_fault(danger: Danger, situation: Situation) -> tuple[Say, Put]:
    """Give what is said, and the request that is made, where the rules themselves have failed.

    A person reads the message. Danger that was already heard in it keeps its fixed words and its alert.
    """
    add = frozenset({Flag.TROUBLE, Flag.NEEDS_PERSON})
    if danger.tier is Tier.NONE:
        return Say("trouble"), Put(Priority.ROUTINE, phone=situation.phone, add=add)
    # Unclear danger counts as danger here: the check-in that would ask about it may be what has failed.
    made = Put(ALARMS[danger.label], phone=situation.phone, add=add, alert_again=True)
    return alarm_words(danger.label, situation), made


def alarm(heard: Heard, situation: Situation) -> Turn | None:
    if heard.danger.tier is not Tier.ALARM:
        return None
    return _raise_alarm(heard.danger.label, heard, situation)


def _raise_alarm(label: str, heard: Heard, situation: Situation) -> Turn:
    """Give the fixed reply, and make a request at the top with all that is known, without waiting for name or time."""
    priority = ALARMS[label]
    known = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation))
    made = call_request.put(known.draft, situation, priority, alert_again=True)
    stop = _stop_of(heard)
    effects: tuple[Effect, ...] = (*stop, made)
    if stop:
        effects = (*stop, replace(made, add=made.add | {Flag.CALL_ONLY}))
    turn = Turn(known, (alarm_words(label, situation),), None, effects, (label,))
    if label == "adverse":
        waiting = known.with_draft(known.draft.not_asking(Field.TIME, Field.TOPIC))
        after = () if situation.is_open else (back_at(situation),)
        if stop or not waiting.draft.asks_for(Field.NAME):
            return replace(turn, talk=waiting.ended(), says=(*turn.says, *after))
        return replace(turn, talk=waiting.at("ask_name"), says=(*turn.says, *after), question=Say("ask_name_again"))
    return replace(turn, talk=known.ended())


def alarm_words(label: str, situation: Situation) -> Say:
    if label != "adverse" and not situation.clinic.in_crisis(situation.now) and not situation.is_open:
        # Nobody is named for this hour: promise no call before the clinic opens.
        return Say(f"alarm/{label}_no_contact", {"when": opening(situation)})
    return Say(f"alarm/{label}")


def check_in_answer(heard: Heard, situation: Situation) -> Turn | None:
    """Take the answer to a check-in: yes, or anything unclear, is the alarm; only a clear no closes the question."""
    talk = situation.talk
    if talk.step != "check_in":
        return None
    label = talk.choices[0]
    if not means_no(heard) or heard.danger.tier is Tier.CHECK_IN:
        return _raise_alarm(label, heard, situation)
    resting = Turn(talk.at(AT_REST), (Say("check_in/closed"),), labels=("check_in.no",))
    return form.proceed(resting, situation, again=True) if talk.draft.wish else resting


def with_check_in(turn: Turn, label: str) -> Turn:
    """Return the answer without its way on, and the check-in as the only question open."""
    talk = turn.talk.at("check_in", label)
    return replace(turn, talk=talk, question=Say(f"check_in/{label}", apart=True), labels=(*turn.labels, "check_in"))


def _stop_of(heard: Heard) -> tuple[Stop, ...]:
    if heard.keyword is Keyword.STOP:
        return (Stop(Scope.TEXTS),)
    if heard.danger.tier is Tier.ALARM and opens_with_stop(heard.text):
        # In words of danger the rest of the sentence says nothing of texts; the capitals do.
        return (Stop(Scope.TEXTS),)
    return (Stop(heard.scope),) if heard.scope in (Scope.TEXTS, Scope.ALL) else ()


def opt_out(heard: Heard, situation: Situation) -> Turn | None:
    talk, request = situation.talk, situation.open_request
    alert: tuple[Effect, ...] = ()
    if heard.keyword in (Keyword.STOP, Keyword.HELP) and request and request.priority.pages:
        # After words of crisis a bare HELP or STOP may be one more of them.
        alert = (call_request.put(Draft(wish=True), situation, request.priority, alert_again=True),)
    if heard.keyword is Keyword.START:
        return Turn(talk, effects=(Start(),), labels=("opt_in",))
    if heard.keyword is Keyword.HELP:
        # The carrier answers HELP itself, with a text of ours that carries 988.
        return Turn(talk, effects=alert, labels=("help",))
    stop = _stop_of(heard)
    if not stop:
        return None
    effects: tuple[Effect, ...] = (*stop, *alert)
    if call := _call_without_texts(heard, situation):
        told = Say("opted_out_call", {"when": call.promised}) if call.promised else Say("opted_out_call_stands")
        says = () if situation.person.opted_out_at else (told,)
        return Turn(talk.ended(), says, None, (Stop(Scope.TEXTS), call), ("opt_out",))
    if heard.scope is Scope.ALL and heard.keyword is None:
        effects = (*effects, CancelCall()) if request and not request.priority.pages else effects
    elif request:
        effects = (*effects, replace(call_request.put(Draft(wish=True), situation), add=frozenset({Flag.CALL_ONLY})))
    # The carrier confirms its own keywords; a second text would be refused or, worse, arrive.
    says = () if heard.keyword or situation.person.opted_out_at else (Say("opted_out"),)
    return Turn(talk.ended(), says, None, effects, ("opt_out",))


def _call_without_texts(heard: Heard, situation: Situation) -> Put | None:
    """Return the call of somebody who wants no more texts: asked for beside it, or in a form that ends here.

    The carriers' own word says nothing of a call, so it ends a form; and "do not text and do not call" wants none.
    """
    request = situation.open_request
    if heard.keyword or (request and request.priority.pages):
        return None
    if not (heard.wish or (heard.scope is Scope.TEXTS and (heard.calls_instead or situation.talk.draft.wish))):
        return None
    draft = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation)).draft
    lacks = frozenset() if call_request.is_ready(draft, situation) else frozenset({Flag.INCOMPLETE})
    return call_request.put(draft, situation, add=lacks | {Flag.CALL_ONLY})


def for_staff(heard: Heard, situation: Situation) -> Turn | None:
    """Keep for staff what answers a text of theirs. Only a wish of the person's own is acted upon."""
    if situation.talk.step != "asked_by_staff" or situation.channel is not Channel.SMS:
        return None
    decision = decide(heard.understood, situation.talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    own = any(label.startswith("callback.") for label in labels) or bool(asked(labels)) or heard.waits
    if own or heard.wish or heard.scope or heard.danger.tier is Tier.CHECK_IN:
        return None
    if "thanks" in labels and not heard.yes_no:
        return Turn(situation.talk, (Say("thanks"),), labels=("for_staff",))
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    return Turn(situation.talk, (Say("for_staff"),), None, (made,), ("for_staff",))


def not_answered(heard: Heard, situation: Situation) -> Turn | None:
    """Keep an opted-out person's other texts for staff; a wish for a call in them still counts."""
    if situation.channel is not Channel.SMS or not situation.person.opted_out_at:
        return None
    decision = decide(heard.understood, situation.talk.subject)
    if "callback.cancel" in decision.labels and decision.kind == "act":
        return Turn(situation.talk, effects=(CancelCall(),) if situation.open_request else (), labels=decision.labels)
    flags = {Flag.CALL_ONLY, Flag.PLEASE_READ if heard.danger.tier is Tier.CHECK_IN else Flag.NEEDS_PERSON}
    known = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation))
    made = call_request.put(known.draft, situation, add=frozenset(flags))
    wants = heard.danger.tier is Tier.CHECK_IN or heard.wish or "callback.request" in decision.labels
    return Turn(situation.talk, effects=(made,) if wants else (), labels=decision.labels)
