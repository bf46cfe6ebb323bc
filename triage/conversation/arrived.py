"""Somebody is here, in the parking lot or at the door: a person of the clinic is told now."""

from triage.conversation import call_request, fields, form
from triage.conversation.answers import opening
from triage.conversation.state import Situation, Turn
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.reading.signs import Sign


def arrived(heard: Heard, situation: Situation) -> Turn | None:
    request, talk = situation.open_request, situation.talk
    if Sign.ARRIVED not in heard.signs or heard.window or heard.wish:
        return None
    if request and request.priority.pages:
        return None
    known = form.fill(form.begun(talk, situation), fields.found_in(heard, situation))
    made = call_request.put(known.draft, situation, add=frozenset({Flag.ARRIVED, Flag.PLEASE_READ}))
    says = (Say("arrived"),) if situation.is_open else (Say("arrived_closed", {"when": opening(situation)}),)
    return Turn(talk.ended(), says, None, (made,), ("arrived",))
