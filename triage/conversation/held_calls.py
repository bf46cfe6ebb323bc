"""A caller in danger is held: from words of danger on, no turn of ours lets go of the call.

There is one question, whom to be connected with: the crisis line (911 in an emergency) on 1, our team on 0. It is asked
after silence, wrong keys and words that mean nothing, after a line that did not answer, and in every later call, while
people are alerted for this person. No menu, no tone and no goodbye comes in between.
"""

from dataclasses import replace

from triage.conversation import call_request
from triage.conversation.draft import Draft
from triage.conversation.held_danger import SMALL_TALK, pages
from triage.conversation.state import CancelCall, Put, Situation, Talk, Turn
from triage.conversation.steps import Move, means_yes
from triage.model.message import Say
from triage.model.request import ALARMS, Priority
from triage.reading.read_message import Heard
from triage.reading.spoken_keys import wants_line

CRISIS_LINE, EMERGENCY_LINE = "crisis_line", "emergency_line"

LINES = (CRISIS_LINE, EMERGENCY_LINE)

# Where a line is being rung, or our team.
RINGING = ("connecting", "connecting_owner", *(f"connecting_{line}" for line in LINES))

# How a step is marked whose line was rung already: silence alone does not ring it a second time.
RUNG = "rung"

# Small talk, and what tells of the form or of a key: of no use to who is in danger.
_SMALL = SMALL_TALK | {
    "missed/other", "missed/key", "no_call", "goodbye", "draft_dropped", "nothing_to_cancel", "quiet",
    "voicemail_empty",
}  # fmt: skip

MOST_SILENCES = 2


def is_held(situation: Situation) -> bool:
    """Tell whether a call was held before this turn."""
    request = situation.open_request
    return situation.talk.step in LINES or bool(request and request.priority.pages)


def line_of(situation: Situation, turn: Turn | None = None) -> str:
    """Return the line on key 1: that of the danger just heard, else the one that is open, else that of the request."""
    label = next((one for one in turn.labels if one in ALARMS), None) if turn else None
    raised = ALARMS[label] if label else None
    if raised is None or not raised.pages:
        if situation.talk.step in LINES:
            return situation.talk.step
        raised = situation.open_request.priority if situation.open_request else Priority.CRISIS
    by_911 = raised is Priority.EMERGENCY and situation.clinic.calls.emergency_line
    return EMERGENCY_LINE if by_911 else CRISIS_LINE


def hear_line(heard: Heard, situation: Situation) -> Move | None:
    wants = means_yes(heard) or wants_line(heard.text)
    return Move(to=f"connecting_{situation.talk.step}") if wants else None


def opening(situation: Situation) -> Turn:
    """Begin a call of somebody for whom people are alerted: what was said before it is known."""
    other = "es" if situation.talk.lang == "en" else "en"
    says = (Say("after_alarm"), Say("other_language", lang=other))
    return Turn(situation.talk.at(line_of(situation)), says, labels=("call",))


def hold(turn: Turn, before: Situation) -> Turn:
    """Return a turn as a caller in danger may meet it: what answers them stays, then the line is offered."""
    if not is_held(before) and not pages(turn, before):
        return turn
    talk, line = turn.talk, line_of(before, turn)
    says = tuple({say.key: say for say in turn.says if say.key not in _SMALL}.values())
    if talk.step in RINGING:
        return replace(turn, says=says)
    effects = tuple(effect for effect in turn.effects if not isinstance(effect, CancelCall))
    if len(effects) < len(turn.effects):
        says = (Say("cancel_kept"),)  # what was said is yet to be read, and no undo is offered beside the line
    if talk.step == "check_in" and (label := talk.choices[0]) != "adverse":
        # Nobody is asked whether they mean it: they have said so before. It may be worse by now.
        line = line_of(before, replace(turn, labels=(label,)))
        effects = (*effects, call_request.put(Draft(wish=True), before, ALARMS[label], alert_again=True))
    asked = turn.question if talk.step == line and turn.question and turn.question.key.startswith(line) else None
    return replace(turn, talk=_at(line, talk, before), says=says, question=asked, effects=effects)


def _at(line: str, talk: Talk, before: Situation) -> Talk:
    """Return the talk at the line; that it was rung already stays known."""
    rung = RUNG in talk.choices or (before.talk.step == line and RUNG in before.talk.choices)
    return talk.at(line, *([RUNG] if rung else []))


def silence(situation: Situation, silences: int) -> Turn:
    """Say again where help is; at the second silence connect, once, if the clinic has it so.

    Where a check-in was left unanswered the line is held open. silences: how many in a row, this one included.
    """
    line, request = line_of(situation), situation.open_request
    talk = _at(line, situation.talk, situation)
    is_sure = request is not None and request.priority.pages
    connects = is_sure and situation.clinic.calls.silent_in_danger == "connect" and RUNG not in talk.choices
    if connects and silences >= MOST_SILENCES:
        return Turn(talk.at(f"connecting_{line}"), (Say("cannot_hear_you"),), labels=("silence",))
    return Turn(talk, (Say("still_here"),), Say(f"{line}_again"), labels=("silence",))


def after_line(situation: Situation, talked: bool) -> Turn:
    """Go on after the line was rung, whether anybody there has answered or not."""
    line = situation.talk.step.removeprefix("connecting_")
    said = Say("line_over") if talked else Say(f"{line}_lost")
    talk = situation.talk.at(line, RUNG)
    return Turn(talk, (said,), Say(f"{line}_again"), labels=("connected" if talked else "not_connected",))


def after_team(situation: Situation, talked: bool) -> Turn:
    """Go on after our team was rung. Where nobody took the call they are alerted once more."""
    line = line_of(situation)
    if talked:
        return Turn(situation.talk.at(line), (Say("line_over"),), Say(f"{line}_again"), labels=("connected",))
    again = call_request.put(Draft(wish=True), situation, _priority(situation), alert_again=True)
    says = (Say("team_not_reached"),)
    return Turn(situation.talk.at(line), says, Say(f"{line}_again"), (again,), ("not_connected",))


def team(situation: Situation) -> Turn:
    """Ring the crisis contacts, at any hour."""
    made: Put = call_request.put(Draft(wish=True), situation, _priority(situation))
    return Turn(situation.talk.at("connecting"), (), Say("connecting_held"), (made,), ("person",))


def _priority(situation: Situation) -> Priority:
    request = situation.open_request
    return request.priority if request and request.priority.pages else Priority.CRISIS
