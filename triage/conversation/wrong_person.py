"""Not me: a text of ours has reached somebody else. Neutral words, a flag, no more texts until staff look."""

from dataclasses import replace

from triage.conversation import call_request, form
from triage.conversation.draft import Draft
from triage.conversation.state import AT_REST, Situation, Turn
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.reading.signs import Sign, is_not


def not_me(heard: Heard, situation: Situation) -> Turn | None:
    """Answer "wrong number", "who is this?" and "I am not Gia" with nothing but the sender's name."""
    request, talk = situation.open_request, situation.talk
    if talk.draft.wish or heard.wish or heard.phones:
        return None
    if request and request.priority.pages:
        return None
    if request and Flag.WRONG_NUMBER in request.flags:
        return None if heard.name or heard.window else _noted(situation)
    name = (request.name if request else None) or situation.person.name
    denied = Sign.WRONG_PERSON in heard.signs or is_not(name, heard.text)
    if not denied and Sign.WHO not in heard.signs:
        return None
    if request is None and not (situation.known and situation.person.had_request):
        return None  # they wrote first, and we have started nothing
    words = Say("wrong_person", {"sender": situation.clinic.sender_name})
    if request is None:
        return Turn(talk.ended(), (words,), labels=("wrong_number",))
    made = replace(call_request.put(Draft(wish=True), situation), add=frozenset({Flag.WRONG_NUMBER}))
    return Turn(talk.ended(), (words,), None, (made,), ("wrong_number",))


def who_we_are(heard: Heard, situation: Situation) -> Turn | None:
    """Tell who wrote first what this line is, and go on with the question that is open."""
    talk, request = situation.talk, situation.open_request
    if Sign.WHO not in heard.signs or heard.wish or heard.phones or (request and request.priority.pages):
        return None
    turn = Turn(talk, (Say("help", {"clinic": situation.clinic.name}),), labels=("help",))
    if talk.draft.wish:
        return form.proceed(turn, situation, again=True)
    return turn if request else replace(turn, talk=talk.at("offer_call"), question=Say("way_on"))


def _noted(situation: Situation) -> Turn:
    """Say no more than that somebody looks: nobody knows yet who reads it."""
    return Turn(situation.talk.at(AT_REST), (Say("wrong_person_noted"),), labels=("wrong_number",))
