"""Danger is held: while people are alerted for somebody, every reply to them goes through `hold`.

It carries 988 (911 in an emergency) in words that answer what was said; no menu, hours, price or "you are welcome"
comes through. Only a real question is answered, with 988 after it.
"""

from dataclasses import replace

from triage.conversation import call_request
from triage.conversation.answers import opening
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, Put, Situation, Turn
from triage.model.message import Channel, Say
from triage.model.request import ALARMS, Priority
from triage.reading.read_message import Heard
from triage.reading.signs import Sign

# What is said of help, of the danger itself, or in answer to a question, and may stand before the words that hold.
MAY_STAND = ("answers/", "handover/medical", "alarm/adverse", "opted_out", "no_calls", "calls_again", "opted_in")

# These say all by themselves, 988 and 911 with it.
WHOLE = ("cancel_kept",)

HELD = "held"

# The more pressing first. Each has its words in templates/<channel>/<language>/held/.
# Said to anybody else, these are polite; to who is in danger they are of no use.
SMALL_TALK = frozenset({"thanks", "greeting", "help", "out_of_scope", "own_words", "not_understood"})

BY_SIGN = {
    Sign.NO_ANSWER: "no_answer",
    Sign.HELP_COMES: "help_comes",
    Sign.BETTER: "better",
    Sign.DENIES: "better",
}


# With these help may come that is not ours.
WITH_HELP = (Priority.CRISIS, Priority.EMERGENCY)


def pages(turn: Turn, situation: Situation) -> bool:
    """Tell whether people are alerted for this person, since before or from this turn on."""
    request = situation.open_request
    return bool(request and request.priority.pages) or any(
        isinstance(effect, Put) and effect.priority.pages for effect in turn.effects
    )


def hold(turn: Turn, heard: Heard | None, situation: Situation) -> Turn:
    """Return the turn as a person in danger may meet it. Silence stays silence; what is held already stays as it is."""
    request = situation.open_request
    if not pages(turn, situation) or not turn.reply.says or HELD in turn.labels:
        return turn
    if situation.channel is Channel.VOICE:
        return _held_on_call(turn, situation)
    if request is None or not request.priority.pages:
        return turn  # the alarm itself, just raised
    turn = replace(turn, labels=(*turn.labels, HELD))
    priority = _gravest(turn, situation)
    if situation.is_unheard:
        return _unheard(turn, heard, priority, situation)
    if any(say.key.startswith("alarm/") for say in turn.says) and "adverse" not in turn.labels:
        return _alarmed_again(turn, heard, priority, situation)
    if whole := next((say for say in turn.says if say.key in WHOLE and say.key not in situation.talk.choices), None):
        return replace(turn, talk=turn.talk.ended().at(AT_REST, whole.key), says=(whole,), question=None)
    kept = tuple(say for say in turn.says if say.key.startswith(MAY_STAND))
    turn = _without_other_questions(turn, heard, priority, situation)
    key = _words(turn, heard, priority, situation)
    # Whatever the form knew is in the request; no question but a check-in stays open.
    talk = turn.talk if turn.question else replace(turn.talk.ended().at(AT_REST, key), lang=turn.talk.lang)
    return replace(turn, talk=talk, says=(*kept, Say(key)))


def _alarmed_again(turn: Turn, heard: Heard | None, priority: Priority, situation: Situation) -> Turn:
    """Word a second alarm otherwise than the one before; one of another danger has its own words first."""
    assert situation.open_request is not None
    # "The paramedic is here, she is breathing" speaks of the danger and is no new one.
    by_head = heard is not None and heard.danger.rule == "head"
    first = next(say.key for say in turn.says if say.key.startswith("alarm/"))
    keys = [*(_told(heard, priority) if by_head else ()), f"held/{priority}/alarm_again", first]
    if turn.labels[0] != situation.open_request.priority and not (by_head and _told(heard, priority)):
        keys.insert(0, first)
    key = next(key for key in keys if key not in situation.talk.choices)
    says = turn.says if key == first else (Say(key),)
    return replace(turn, talk=turn.talk.at(AT_REST, key), says=says, question=None)


def _unheard(turn: Turn, heard: Heard | None, priority: Priority, situation: Situation) -> Turn:
    """Word what holds where nobody is alerted at this hour: 988, 911, and when it is read. No call is promised."""
    kept = tuple(say for say in turn.says if say.key.startswith(MAY_STAND))
    turn = _without_other_questions(turn, heard, priority, situation)
    comes = heard is not None and Sign.HELP_COMES in heard.signs and priority in WITH_HELP
    keys = [f"held/{priority}/unalerted", f"alarm/{priority}_no_contact"]
    keys = [f"held/{priority}/unalerted_help_comes", *keys] if comes else keys
    key = next(key for key in keys if key not in situation.talk.choices)
    talk = turn.talk if turn.question else replace(turn.talk.ended().at(AT_REST, key), lang=turn.talk.lang)
    return replace(turn, talk=talk, says=(*kept, Say(key, {"when": opening(situation)})))


def _without_other_questions(turn: Turn, heard: Heard | None, priority: Priority, situation: Situation) -> Turn:
    """Leave no question open but a check-in that asks for a graver danger than is known.

    Where it asks for the same, nobody is asked again: it may be worse by now, so people are alerted once more.
    """
    if turn.question is None or not turn.question.key.startswith("check_in/") or heard is None:
        return replace(turn, question=None)
    if heard.danger.label == "emergency" and priority is Priority.CRISIS:
        return turn
    if ALARMS.get(heard.danger.label) is not priority:
        return replace(turn, question=None)
    again = call_request.put(Draft(wish=True), situation, priority, alert_again=True)
    return replace(turn, question=None, effects=(*turn.effects, again))


def _gravest(turn: Turn, situation: Situation) -> Priority:
    made = [effect.priority for effect in turn.effects if isinstance(effect, Put)]
    known = [situation.open_request.priority] if situation.open_request else []
    return min((one for one in (*made, *known) if one.pages), key=lambda one: one.rank)


def _words(turn: Turn, heard: Heard | None, priority: Priority, situation: Situation) -> str:
    """Return the key of the words that hold, by what was said; never the same twice in a row."""
    before = situation.talk.choices
    told = _told(heard, priority)
    if "thanks" in turn.labels:
        told.append(f"held/{priority}/thanks")
    if any(label.startswith(("handover.", "did_you_mean")) for label in turn.labels):
        told.append(f"held/{priority}/question")
    others = ["after_alarm", f"held/{priority}/again"]
    if any(say.key.startswith("answers/") for say in turn.says):
        others.reverse()
    return next(key for key in (*told, *others) if key not in before)


def _told(heard: Heard | None, priority: Priority) -> list[str]:
    return [f"held/{priority}/{name}" for sign, name in BY_SIGN.items() if heard and sign in heard.signs]


def _held_on_call(turn: Turn, situation: Situation) -> Turn:
    """Keep the answer and the question of a call, whose menus all begin with 988; leave out the small talk."""
    says = tuple(say for say in turn.says if say.key not in SMALL_TALK)
    if len(says) < len(turn.says):
        says = (*says, Say("after_alarm"))
    if situation.is_unheard:
        told = Say(f"alarm/{_gravest(turn, situation)}_no_contact", {"when": opening(situation)})
        says = tuple(told if say.key == "after_alarm" else say for say in says)
    return replace(turn, says=says)
