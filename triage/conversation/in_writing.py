"""People whom no call helps, the deaf among them: it is noted on their request, and staff write instead."""

from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, replies_to
from triage.conversation.changes import change
from triage.conversation.draft import Draft
from triage.conversation.state import Situation, Stop, Turn
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.opt_out import Scope
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.understanding import decide


def in_writing(heard: Heard, situation: Situation) -> Turn | None:
    """Note that staff shall write, and from then on offer no call; questions are answered as ever."""
    request, talk = situation.open_request, situation.talk
    told = Sign.TEXT_ONLY in heard.signs
    stands = request is not None and Flag.TEXT_ONLY in request.flags
    if (request and request.priority.pages) or not (told or stands):
        return None
    if not told and (heard.wish or Sign.CALL_AFTER_ALL in heard.signs):
        return _called_after_all(heard, situation)
    decision = decide(heard.understood, talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    if not told and "thanks" in labels:
        return None
    if "callback.cancel" in labels and stands and not told:
        return None
    known = form.fill(form.begun(talk, situation), fields.found_in(heard, situation))
    made = call_request.put(known.draft, situation, add=frozenset({Flag.TEXT_ONLY}))
    says = (*replies_to(asked(labels), situation), Say("text_only" if not stands else "text_only_noted"))
    no_calls = (Stop(Scope.CALLS),) if heard.scope is Scope.CALLS else ()  # "please do not ever call"
    return Turn(known.ended(), says, None, (made, *no_calls), ("text_only",))


def _called_after_all(heard: Heard, situation: Situation) -> Turn:
    """Take the note away: a call is wished for again, at the time and number that they may give with it."""
    made = replace(call_request.put(Draft(wish=True), situation), drop=frozenset({Flag.TEXT_ONLY}))
    if heard.window or heard.phones:
        turn = change(heard, situation)
        return replace(turn, effects=(made, *turn.effects))
    request = situation.open_request
    assert request is not None
    when = call_request.promised(request, situation)
    return Turn(situation.talk.ended(), (Say("status/queued", {"when": when}),), None, (made,), ("callback.request",))
