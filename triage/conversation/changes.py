"""An open request is moved, changed or cancelled in the person's own words."""

import re
from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import asked, status
from triage.conversation.draft import Field, Found
from triage.conversation.filling import begin_form
from triage.conversation.state import AT_REST, CancelCall, Situation, Talk, Turn
from triage.hours.window import Window
from triage.model.message import Say
from triage.model.request import Flag, Priority
from triage.reading.names import put_right_name, respells
from triage.reading.opt_out import Scope
from triage.reading.read_message import Heard

_APPOINTMENT = re.compile(
    r"\b(?:appointments?|appts?|sessions?|infusions?|treatments?|visits?|consult\w*|citas?|sesion(?:es)?|tratamientos?)\b"
)


# "Dr appt came up, move me to the 2nd": what is moved stands behind the last such verb.
_UP_TO_WHAT_IS_MOVED = re.compile(
    r"\A.*\b(?:move|change|switch|push|bump|swap|reschedule|make it|do it|call me"
    r"|cambi\w+|muev\w+|mov[ei]\w*|p[aá]s[ae]\w*)\b"
)


def wants_to_cancel(heard: Heard, talk: Talk, labels: tuple[str, ...]) -> bool:
    """Tell whether the planned call is to be cancelled.

    Not by "don't cancel", nor by "I'd rather not say" in the form, nor by "don't use
    mine" beside a number.
    """
    taken_back = (heard.undoes or heard.mistaken) and talk.before is not None
    # "Never mind the new time, keep it how it was"
    kept = heard.spares or taken_back or heard.undoes or (heard.keep and not heard.cancels_call)
    declined = heard.declines and talk.draft.wish
    elsewhere = heard.phones and heard.scope is Scope.CALLS  # "don't call this one, call 602 ..."
    says_more = heard.name or heard.phones or heard.window or heard.wish or heard.undoes or heard.refuses_phone
    told = says_more and not (heard.cancel or heard.cancels_call)
    refused = heard.scope is Scope.CALLS and "callback.request" not in labels and not heard.phones
    named = "callback.cancel" in labels and heard.may_cancel and not heard.never_mind
    return refused or (named and not (kept or declined or told or elsewhere))


def is_meant(label: str, heard: Heard) -> bool:
    """Tell whether a label counts: not a cancellation that was none, nor another time where something about the
    call is asked.
    """
    asks = heard.text.rstrip().endswith("?") and not (heard.move or heard.window)
    return label != "callback.cancel" and not (label == "callback.reschedule" and asks)


def changes_request(heard: Heard, situation: Situation, labels: tuple[str, ...]) -> bool:
    """Tell whether this changes an open request: another time or number, or what was missing in it."""
    request = situation.open_request
    if "callback.reschedule" in labels:
        return True
    if request and situation.talk.step == "undo_move" and fields.names_hours(heard) and "?" not in heard.text:
        return True  # "ugh no, wednesday 11 to 12", of the call that was moved just now
    if request is None or (asked(labels) and not _of_the_call(heard, labels)):
        return False
    if heard.move or (heard.same_hour and heard.window):
        return True
    if "callback.status" in labels and heard.wish and fields.names_hours(heard):
        return True  # "did I miss your call? if so can you try again tomorrow at 9"
    asks = heard.text.rstrip().endswith("?")
    asks_how_it_stands = asks or heard.whether_called or not fields.names_hours(heard)
    if "callback.status" in labels and asks_how_it_stands and not heard.phones:
        return False  # "me llaman hoy?", "are you going to call me today", "ya mero me llaman"
    lacks = request.name is None or request.window_start is None
    if request.priority.pages or Flag.INCOMPLETE in request.flags or lacks:
        timed = heard.window and heard.digit is None
        return bool(fields.name_told(heard, situation) or _tells_of_number(heard) or timed)
    told = fields.name_told(heard, situation)
    put_right = request.name is not None and put_right_name(request.name, heard.text) is not None
    renamed = put_right or (told and (heard.renames or respells(told, request.name, heard.text)))
    return bool(_tells_of_number(heard) or renamed) or _names_another_time(heard, labels)


def _tells_of_number(heard: Heard) -> bool:
    return bool(heard.phones) or heard.number_tried or heard.refuses_phone


def _names_another_time(heard: Heard, labels: tuple[str, ...]) -> bool:
    """Tell whether a time is wished for and nothing is asked: "my boss needs me then so wednesday at 2 is better"."""
    if fields.is_bare_time(heard):
        return True
    says_more = heard.text.rstrip().endswith("?") or any(one.startswith("callback.") for one in labels)
    return fields.names_hours(heard) and not says_more


def _of_the_call(heard: Heard, labels: tuple[str, ...]) -> bool:
    """Tell whether a wish for another time ("can you make it Wednesday at 10 instead") is of the call, and of no
    treatment.
    """
    # "Friday same time?" can only be of the call: no other time has been spoken of here.
    told = fields.names_hours(heard) and "?" not in heard.text  # "tomorrow 11:30 til 1 is when I'm free"
    timed = heard.window and (heard.move or heard.same_hour or fields.is_bare_time(heard) or told)
    of_a_visit = ("handover.appointment", "handover.logistics")
    appointed = asked(labels) and all(label in of_a_visit for label in asked(labels)) and timed
    moved = _UP_TO_WHAT_IS_MOVED.sub("", heard.understood.text)
    return bool(appointed) and heard.understood.subject is None and not _APPOINTMENT.search(moved)


def change(heard: Heard, situation: Situation) -> Turn:
    request, talk = situation.open_request, situation.talk
    labels = ("callback.reschedule",)
    if request is None:
        # Nothing to move: what they want is a call at that time.
        return begin_form(heard, situation, ("callback.request",))
    found = fields.found_in(heard, situation)
    if request.priority.pages:
        filled = form.fill(form.begun(talk, situation), found)
        return Turn(filled.ended(), (Say("after_alarm"),), None, (call_request.put(filled.draft, situation),), labels)
    if found.window and not found.fields & {Field.NUMBER, Field.NAME} and not found.number_tried:
        return _move_call(found.window, heard, situation)
    if heard.window and not found.fields - {Field.TOPIC}:
        return begin_form(heard, situation, ("callback.request",))  # "when you can" names no other time
    filled = form.fill(form.begun(talk, situation), found)
    if not found.fields - {Field.TOPIC} and not found.number_tried:
        # "I need another time", without one.
        filled = filled.with_draft(replace(filled.draft, window=None, said=None).forgetting(Field.TIME))
        return Turn(filled.at("ask_window"), (), Say("ask_window"), labels=labels)
    return form.proceed(Turn(filled, labels=labels), situation)


def _move_call(window: Window, heard: Heard, situation: Situation) -> Turn:
    """Move the call at once and read it back with an undo."""
    request = situation.open_request
    assert request is not None
    if call_request.repeats(window, request):
        stands = Say("stands", {"when": call_request.promised(request, situation)})
        return Turn(situation.talk.ended(), (stands,), labels=("callback.reschedule",))
    made = call_request.move(situation, window, heard.text)
    if made.promise and not made.promise.fits:
        filled = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation))
        offered = form.proceed(Turn(filled, labels=("callback.reschedule",)), situation)
        return replace(offered, talk=replace(offered.talk, before=request)) if _can_be_had_back(situation) else offered
    when = {"when": made.promised or call_request.promised(request, situation)}
    talk, labels = situation.talk.ended(), ("callback.reschedule",)
    if not _can_be_had_back(situation):
        return Turn(talk, (Say("moved_first", when),), None, (made,), labels)
    return Turn(talk.undoing("undo_move", request), (), Say("moved", when), (made,), labels)


def _can_be_had_back(situation: Situation) -> bool:
    """Tell whether there is an earlier time of the call to go back to."""
    request = situation.open_request
    return request is not None and request.window_start is not None and request.due_at > situation.now


def spared(heard: Heard, situation: Situation) -> Turn | None:
    """Say how the call stands that was not to be cancelled, and go on with whatever was asked."""
    if not heard.spares or situation.open_request is None or heard.window:
        return None
    return _stands(status(situation.open_request, situation), situation)


def goes_elsewhere(heard: Heard, situation: Situation) -> Turn | None:
    """Say that the call stands which goes elsewhere already, to who does not want it on the phone they write from."""
    request = situation.open_request
    if request is None or not heard.refuses_phone or not fields.is_elsewhere(situation) or heard.window:
        return None
    return _stands(Say("stands", {"when": call_request.promised(request, situation)}), situation)


def _stands(said: Say, situation: Situation) -> Turn:
    says = (said,)
    if situation.talk.draft.wish:
        return form.proceed(Turn(situation.talk, says, labels=("callback.status",)), situation, again=True)
    return Turn(situation.talk.at(AT_REST), says, labels=("callback.status",))


# "Oops, I meant ketamine, not TMS"
_OTHER_TOPIC = re.compile(
    r"\b(?:meant|not (?:the )?(?:tms|ketamine)|quise decir|quiero decir|sorry its|actually its)\b"
)


def topic_put_right(heard: Heard, situation: Situation) -> Turn | None:
    """Take another subject for a planned call, and read the call back."""
    request = situation.open_request
    if request is None or request.priority.pages or situation.talk.draft.wish or "?" in heard.text:
        return None
    if heard.topic in (None, request.topic) or not _OTHER_TOPIC.search(heard.understood.text):
        return None
    filled = form.fill(form.begun(situation.talk, situation), Found(topic=heard.topic))
    return form.proceed(Turn(filled, labels=("callback.reschedule",)), situation)


def told_what_is_noted(heard: Heard, situation: Situation) -> Turn | None:
    """Read the planned call back to who asks what we have noted of it."""
    request = situation.open_request
    if not heard.what_is_noted or heard.phones or request is None:
        return None
    if request.priority.pages or not request.promised or call_request.is_late(request, situation.now):
        return None
    talk = form.begun(situation.talk, situation).at("read_back")
    # No question to be put in other words when it was asked before: it is what was asked for.
    return Turn(talk, (form.read_back(talk.draft, situation),), labels=("callback.status",))


def cancel(situation: Situation) -> Turn:
    talk, request = situation.talk.ended(), situation.open_request
    labels = ("callback.cancel",)
    if request and (request.priority.pages or request.priority is Priority.URGENT):
        # Words of danger are not taken back by the person alone: somebody looks at it first.
        return Turn(talk, (Say("cancel_kept"),), labels=labels)
    if request:
        return Turn(talk.undoing("undo_cancel", request), (), Say("cancelled"), (CancelCall(),), labels)
    if situation.talk.draft.wish:
        told = situation.talk.draft.without_wish()
        return Turn(talk.with_draft(told), (Say("draft_dropped"),), labels=labels)
    return Turn(talk, (Say("nothing_to_cancel"),), labels=labels)


def never_mind(heard: Heard, situation: Situation) -> Turn | None:
    """Leave the form on "never mind": a call that is planned already stays as it is, one that is not is dropped."""
    if not heard.never_mind or not situation.talk.draft.wish or situation.talk.step not in FIRST_QUESTIONS:
        return None
    if situation.open_request is None:
        return cancel(situation)
    return Turn(situation.talk.ended(), (status(situation.open_request, situation),), labels=("callback.status",))


# At these "never mind" is about the call, at the others about the question alone.
FIRST_QUESTIONS = ("ask_name", "ask_number", "ask_window")


def wanted_again(heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn | None:
    """Take a wish for a call right after its cancellation as taking that back, with whatever the wish says anew."""
    before = situation.talk.before
    wants = "callback.request" in labels or "callback.reschedule" in labels or heard.phones
    if situation.talk.step != "undo_cancel" or before is None or not wants:
        return None
    back = call_request.put_back(before, situation)
    again = replace(situation, request=before, talk=situation.talk.ended())
    turn = begin_form(heard, again, ("callback.request",))
    return replace(turn, effects=(back, *turn.effects))
