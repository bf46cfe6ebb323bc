"""Looked at beside the conversation: pictures, blocked and unanswerable senders, and rules that fail."""

from dataclasses import replace

from triage.conversation.call_request import to_read
from triage.conversation.danger import PITCHES, alarm_words
from triage.conversation.held_danger import HELD
from triage.conversation.limits import within_reply_limit
from triage.conversation.staff_questions import FOR_STAFF, kept_for_staff
from triage.conversation.state import AT_REST, CancelCall, Effect, Put, PutBack, Situation, Start, Stop, Turn
from triage.model.message import Say
from triage.model.phone import SenderKind
from triage.model.request import ALARMS, Flag, Priority
from triage.reading.read_message import Heard
from triage.understanding.safety import Danger, Tier

LOOK = frozenset({Flag.NEEDS_PERSON})


def picture(situation: Situation) -> Turn:
    """Have somebody look at a picture that came without words; where staff write with them it is for those."""
    if situation.is_with_staff and not situation.person.opted_out_at:
        return kept_for_staff(situation)
    says = () if situation.person.opted_out_at else (Say("picture"),)
    return Turn(
        situation.talk, says, effects=(to_read(situation, situation.talk.draft.phone, add=LOOK),), labels=("picture",)
    )


def with_media(turn: Turn, situation: Situation) -> Turn:
    """Thank for what came beside the words, and have somebody look at it; nobody hears that it was not understood."""
    if FOR_STAFF in turn.labels:
        return turn  # they look already
    turn = replace(turn, effects=_with_look(turn, situation))
    if not turn.reply.says or HELD in turn.labels or {*ALARMS} & {*turn.labels}:
        return turn
    says = tuple(say for say in turn.says if say.key not in PITCHES)
    if turn.question and turn.question.key == "way_on" and not says:
        return replace(turn, talk=turn.talk.at(AT_REST), says=(Say("picture"),), question=None)
    return replace(turn, says=(Say("picture"), *says))


def _with_look(turn: Turn, situation: Situation) -> tuple[Effect, ...]:
    """Return the effects with the request to look, which makes no second one of a call that the words cancel or put
    back.
    """
    effects = turn.effects
    phone = turn.talk.draft.phone or next((one.phone for one in effects if isinstance(one, Put)), None)
    if situation.open_request and any(isinstance(one, CancelCall) for one in effects):
        return (to_read(situation, phone, add=LOOK), *effects)  # it shows in the queue for a day, with what came
    if back := next((one.before for one in effects if isinstance(one, PutBack)), None):
        return (*effects, replace(to_read(situation, back.number, add=LOOK), name=None))
    return (*effects, to_read(situation, phone, add=LOOK))


def unanswerable(heard: Heard, situation: Situation, kind: SenderKind) -> Turn:
    """Keep and screen what robots and channels that we do not serve send; a person reads it where there may be one.

    A foreign phone is told so, in one line; in danger it gets the words of the alarm.
    """
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
    says: tuple[Say, ...] = ()
    if kind is SenderKind.PHONE_FOREIGN and (alarm or not situation.person.opted_out_at):
        says = (alarm_words(heard.danger.label, situation) if alarm else Say("foreign"),)
    return within_reply_limit(Turn(situation.talk, says, effects=(made,), labels=labels), situation)


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
