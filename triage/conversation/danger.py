"""Words of danger: the alarm, and the check-in that asks where it is not clear."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, back_at, opening, scripted
from triage.conversation.consent import stop_of
from triage.conversation.draft import Field, Found
from triage.conversation.state import AT_REST, Effect, Situation, Turn
from triage.conversation.steps import HEARD_ONCE, denies, means_no, means_yes
from triage.model.message import Channel, Say
from triage.model.request import ALARMS, Flag, Priority
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import SCRIPTED, decide
from triage.understanding.safety import NO_DANGER, Tier

# What says nothing of the danger that is asked about beside it: the offers of a line that may not have understood.
PITCHES = frozenset({"not_understood", "out_of_scope", "greeting", "help", "thanks", "missed/other", "own_words"})

# The second time the check-in asks; then whatever is unclear is the alarm.
ONCE_MORE = "once_more"


# From this chance on the head's word is taken in whatever it stands.
SURELY = 0.9

# And from this one on it is asked about where a low mood was heard just before.
SUSPECTED = 0.15


def weighed(heard: Heard, situation: Situation) -> Heard:
    """Return what was heard, with its danger weighed by the conversation.

    Words that do what was asked of them (a name, a number, a time, a yes), or that wait for our call, are asked about
    and alert nobody, where the head alone hears a crisis in them and is not sure: "tmrw, the letter n is dead on my
    keyboard". A no to the check-in is a no, where the head for those answers hears one and no phrase speaks against it.
    """
    danger = heard.danger
    if danger.tier is Tier.NONE and _is_suspected(heard, situation):
        return replace(heard, danger=replace(danger, label="crisis", tier=Tier.CHECK_IN, rule="head"))
    if danger.rule != "head" or danger.tier is Tier.NONE:
        return heard
    unsure = danger.tier is Tier.CHECK_IN
    if unsure and (heard.cancels_call or heard.signs & {Sign.ARRIVED, Sign.WRONG_PERSON}):
        # "Been sitting 20 minutes in the lobby": somebody goes and looks. "I won't be needing that call after all".
        return replace(heard, danger=NO_DANGER)
    if Sign.WRONG_PERSON in heard.signs and danger.score < SURELY:
        # "This used to be my brother's phone, I am not who texted you" pages nobody unasked.
        return replace(heard, danger=replace(danger, tier=Tier.CHECK_IN))
    if unsure and danger.label == "adverse" and Sign.LOW in heard.signs and heard.understood.subject is None:
        return replace(heard, danger=NO_DANGER)  # "can't sleep, can't stop crying" tells of no treatment
    if danger.label != "crisis" or danger.score >= SURELY:
        return heard
    if situation.talk.step == "check_in":
        return replace(heard, danger=NO_DANGER) if denies(heard) else heard
    if unsure or not _does_what_was_asked(heard, situation):
        return heard
    return replace(heard, danger=replace(danger, tier=Tier.CHECK_IN))


def _is_suspected(heard: Heard, situation: Situation) -> bool:
    """Tell whether words by themselves no danger are asked about after a low mood: "no, i already took the pills"."""
    was_low = HEARD_ONCE in situation.talk.choices
    return (
        was_low and heard.danger.score >= SUSPECTED and not denies(heard) and not _does_what_was_asked(heard, situation)
    )


def _does_what_was_asked(heard: Heard, situation: Situation) -> bool:
    """Tell whether words answer our question, wish or wait for a call, or tell of a low mood: "ya no puedo más"."""
    if heard.wish or heard.waits or Sign.LOW in heard.signs:
        return True
    told = fields.found_in(replace(heard, danger=NO_DANGER), situation)
    return situation.talk.step != AT_REST and bool(told.fields or heard.own_number or heard.yes_no)


def alarm(heard: Heard, situation: Situation) -> Turn | None:
    if heard.danger.tier is not Tier.ALARM:
        return None
    return raise_alarm(heard.danger.label, heard, situation)


def raise_alarm(label: str, heard: Heard, situation: Situation) -> Turn:
    """Give the fixed reply, and make a request at the top with all that is known, without waiting for name or time."""
    priority = ALARMS[label]
    known = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation))
    made = call_request.put(known.draft, situation, priority, alert_again=True)
    stop = stop_of(heard)
    effects: tuple[Effect, ...] = (*stop, made)
    if stop:
        effects = (*stop, replace(made, add=made.add | {Flag.CALL_ONLY}))
    turn = Turn(known, (alarm_words(label, situation),), None, effects, (label,))
    if label == "adverse":
        waiting = known.with_draft(known.draft.not_asking(Field.TIME, Field.TOPIC))
        after = () if situation.is_open or situation.is_unheard else (back_at(situation),)
        if stop or not waiting.draft.asks_for(Field.NAME):
            return replace(turn, talk=waiting.ended(), says=(*turn.says, *after))
        return replace(turn, talk=waiting.at("ask_name"), says=(*turn.says, *after), question=Say("ask_name_again"))
    return replace(turn, talk=known.ended())


def alarm_words(label: str, situation: Situation) -> Say:
    if situation.is_unheard:
        # Promise no call before the clinic opens.
        return Say(f"alarm/{label}_no_contact", {"when": opening(situation)})
    return Say(f"alarm/{label}")


# --- the check-in


def with_check_in(turn: Turn, label: str, situation: Situation) -> Turn:
    """Return the answer without its way on, and the check-in as the only question open.

    What may be a crisis is read by a person whatever is answered, and beside it nobody meets a pitch.
    """
    says = tuple(say for say in turn.says if say.key not in PITCHES)
    effects = (*turn.effects, _please_read(turn, situation)) if label == "crisis" else turn.effects
    return replace(
        turn,
        talk=turn.talk.at("check_in", label),
        says=says,
        question=Say(f"check_in/{label}", apart=bool(says)),
        effects=effects,
        labels=(*turn.labels, "check_in"),
    )


def check_in_answer(heard: Heard, situation: Situation) -> Turn | None:
    """Take the answer to a check-in: yes, or anything unclear, is the alarm; only a clear no closes the question.

    An answer to something else that was asked before (a name, a time, a number), or a question, is asked about once
    more. About hurting oneself, "no" is clear alone, before a name, a number or a wish for a call, and in words that
    are wholly a no: "no, but ..." is none.
    """
    talk = situation.talk
    if talk.step != "check_in":
        return None
    label = talk.choices[0]
    taken_back = Sign.TAKES_BACK in heard.signs
    goes_on = bool(heard.name or heard.lone_name or heard.phones or heard.wish) and Sign.UNCLEAR not in heard.signs
    is_clear = not taken_back and (label != "crisis" or heard.understood.exact is not None or goes_on)
    too_soon = heard.mistaken and heard.wish  # "sorry, sent too soon. can someone call me"
    if (Sign.DENIES in heard.signs or denies(heard) or too_soon) and heard.danger.tier is Tier.NONE:
        return _closed(heard, situation)
    if heard.danger.tier is Tier.CHECK_IN or means_yes(heard):
        return raise_alarm(label, heard, situation)
    if means_no(heard) and is_clear:
        return _closed(heard, situation)
    beside = None if taken_back else _beside(heard, situation)
    if beside is None or ONCE_MORE in talk.choices:
        return raise_alarm(label, heard, situation)
    return beside


def _closed(heard: Heard, situation: Situation) -> Turn:
    """Close the question with 988 said; what raised it is read by a person all the same."""
    talk = form.begun(situation.talk, situation) if heard.wish else situation.talk
    talk = form.fill(talk, fields.found_in(heard, situation))
    turn = Turn(talk.at(AT_REST), (Say("check_in/closed"),), labels=("check_in.no",))
    turn = replace(turn, effects=(_please_read(turn, situation),))
    return form.proceed(turn, situation, again=True) if talk.draft.wish else turn


def _beside(heard: Heard, situation: Situation) -> Turn | None:
    """Take what answers another question, and ask once more; None where the words do neither."""
    talk = situation.talk
    decision = decide(heard.understood, talk.subject)
    questions = asked(decision.labels) if decision.kind == "act" else ()
    name = heard.name or heard.lone_name or (heard.bare_name if heard.window else None)
    gives = name or heard.phones or (heard.window and heard.digit is None)
    asks = questions or "callback.status" in decision.labels  # "me llaman hoy?" answers no question about danger
    is_asked = "?" in heard.text or SCRIPTED.intersection(questions)  # "quiero saber qué es eso de la TMS"
    if not gives and not (asks and is_asked):
        return None
    filled = form.fill(talk, fields.found_in(heard, situation))
    if name and not filled.draft.name:
        filled = form.fill(filled, Found(name=name))
    label = talk.choices[0]
    turn = Turn(filled, scripted(questions, situation), labels=("check_in", *questions))
    question = Say(f"check_in/{label}_again" if situation.channel is Channel.SMS else f"check_in/{label}")
    return replace(
        turn,
        talk=filled.at("check_in", label, ONCE_MORE),
        question=question,
        effects=(_please_read(turn, situation),),
    )


def _please_read(turn: Turn, situation: Situation) -> Effect:
    """Have somebody read what was written, without paging."""
    known = form.begun(turn.talk, situation)
    return call_request.put(known.draft, situation, Priority.ROUTINE, add=frozenset({Flag.PLEASE_READ}))
