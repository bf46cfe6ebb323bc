"""What is said in reply to a question, small talk, or what is not sure."""

import re
from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.state import AT_REST, Effect, Put, Situation, Talk, Turn
from triage.conversation.steps import AFFIRMED, CLOSED, PLAIN_YES, is_sign
from triage.hours.promises import Promise
from triage.model.message import Channel, Say
from triage.model.request import Flag, Priority, Request, Status
from triage.reading.read_message import Heard
from triage.understanding.decide import Decision
from triage.understanding.labels import SCRIPTED


def is_likely_noise(label: str, situation: Situation) -> bool:
    """Tell whether this was hardly said: on a call noise is often heard as something out of scope, and a second
    "hello" says that we are not heard.
    """
    if situation.channel is not Channel.VOICE or label == "thanks":
        return False
    return label == "out_of_scope" or situation.talk.misses >= 1


def small_talk(label: str, situation: Situation) -> Turn:
    talk = situation.talk.at(AT_REST)
    values = {"clinic": situation.clinic.name}
    if label == "thanks":
        return Turn(talk, (Say("thanks"),), labels=(label,))
    if label == "out_of_scope" and (handed := handed_over(situation)):
        return answer((handed,), situation)
    if label == "out_of_scope" and is_planned_by_text(situation):
        return passed_on(talk, situation, (label,))
    if request := situation.open_request:
        # A call is planned: none is offered, and who is in danger hears no menu.
        return Turn(talk, (Say("after_alarm") if request.priority.pages else Say(label, values),), labels=(label,))
    misses = 1 if situation.channel is Channel.VOICE else 0
    return Turn(talk.at("offer_call", misses=misses), (Say(label, values),), Say("way_on"), labels=(label,))


def is_planned_by_text(situation: Situation) -> bool:
    """Tell whether somebody writes whose call is planned, and who is in no danger."""
    request = situation.open_request
    return situation.channel is Channel.SMS and request is not None and not request.priority.pages


def passed_on(talk: Talk, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """Have our team read what no script answers from somebody whose call is planned: "this is her husband, she is
    asleep". They hear that it is read and how the call stands; no menu, and no call is offered.
    """
    request = situation.open_request
    assert request is not None
    read = Say("will_be_read")
    if Flag.NEEDS_PERSON in request.flags:
        return Turn(talk.at(AT_REST), (read,), labels=labels)
    made = Put(Priority.ROUTINE, phone=situation.phone, add=frozenset({Flag.NEEDS_PERSON}))
    # Once we have tried, staff settle the next call with them.
    stands = () if request.attempts else (status(request, situation),)
    return Turn(talk.at(AT_REST), (read, *stands), None, (made,), labels)


def ask_which_was_meant(heard: Heard, decision: Decision, situation: Situation) -> Turn:
    first, second = decision.choices
    values = {"first": Say(f"choice/{first}"), "second": Say(f"choice/{second}")}
    talk = on_subject(heard, situation.talk).at("did_you_mean", first, second, misses=situation.talk.misses)
    return Turn(talk, (), Say("did_you_mean", values), labels=("did_you_mean",))


# --- answers


def answer(labels: tuple[str, ...], situation: Situation, named: str | None = None) -> Turn:
    """Give scripted answers and hand-overs, then the way on, or the open question of the form again."""
    talk = situation.talk
    says = replies_to(labels, situation)
    subject = next((s for label in labels if (s := label.split(".")[0]) in SUBJECTS), None)
    subject = subject or (named if named in SUBJECTS else None) or talk.subject
    talk = replace(talk, subject=subject)
    if talk.draft.wish:
        return form.proceed(Turn(talk, says, labels=labels), situation, again=True)
    request = situation.open_request
    if request and request.priority.pages:
        return Turn(talk.at(AT_REST), says, labels=labels)
    scripted = any(label in SCRIPTED for label in labels)
    handed = [label for label in labels if label not in SCRIPTED]
    effects: tuple[Effect, ...] = ()
    if any(say.key == "handover/person" for say in says):
        draft = form.begun(talk, situation).draft
        effects = (call_request.put(draft, situation, add=frozenset({Flag.NEEDS_PERSON})),)
        return Turn(talk.at(AT_REST), says, None, effects, labels)
    before = situation.talk.choices if situation.talk.step == "offer_call" else ()
    handed += [label for label in before if label in handed]
    after = () if scripted or situation.is_open else (back_at(situation),)
    if request:
        # A call is planned already: none is offered.
        planned = () if scripted else (status(request, situation),)
        return Turn(talk.at(AT_REST), (*says, *planned), labels=labels)
    return Turn(talk.at(AT_REST).at("offer_call", *handed), (*says, *after), Say("way_on"), labels=labels)


# What a question of logistics is about; all else (telehealth, parking, who treats) is for the team.
_OF_HOURS = re.compile(
    r"\b(?:hours?|open|opens|opening|closed?|closes|closing|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|"
    r"holidays?|thanksgiving|christmas|new years|how late|how early|what time|when (?:are|do|can|is)|until|till|"
    r"evenings?|tonight|today|tomorrow|times?|schedule|horas?|horarios?|abren?|abiert\w+|cierran?|cerrad\w+|"
    r"fin(?:es)? de semana|sabados?|domingos?|lunes|viernes|hoy|manana|cuando|lunch|after work|24)\b"
)
_OF_PLACE = re.compile(
    r"\b(?:where (?:are|is|r) (?:you|u|ya|your|the|this|it)|address|located|location|directions?|"
    r"what (?:street|city|town|part)|find you|get there|map|how far|"
    r"donde (?:estan|esta|queda|quedan|se encuentran)|direccion|ubicacion|ubicad\w+)\b"
)

SUBJECTS = ("tms", "ketamine", "both")


def on_subject(heard: Heard, talk: Talk) -> Talk:
    """Turn the talk to the subject that the words name, also where they are not understood."""
    named = heard.understood.subject
    return replace(talk, subject=named) if named in SUBJECTS else talk


def asked(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the questions among the labels."""
    return tuple(label for label in labels if label in SCRIPTED or label.startswith("handover."))


def scripted(labels: tuple[str, ...], situation: Situation) -> tuple[Say, ...]:
    return replies_to(tuple(label for label in labels if label in SCRIPTED), situation)


def replies_to(labels: tuple[str, ...], situation: Situation) -> tuple[Say, ...]:
    return tuple(reply_to(label, situation) for label in labels)


def reply_to(label: str, situation: Situation) -> Say:
    if label in SCRIPTED:
        return Say("answer_expired" if label in situation.expired else f"answers/{label}")
    own = own_words(label, situation)
    if own:
        return Say("own_words", {"words": own})
    key = label.replace("handover.", "handover/")
    return Say((key, f"{key}_again", "handover/person")[min(times_handed_over(label, situation), 2)])


def handed_over(situation: Situation) -> str | None:
    """Return the question that was handed over just now: what is not understood after it asks the same once more."""
    first = next(iter(situation.talk.choices), "") if situation.talk.step == "offer_call" else ""
    return first if first.startswith("handover.") else None


def times_handed_over(label: str, situation: Situation) -> int:
    """Return how often in a row this question was handed over: nobody gets the same words twice."""
    talk = situation.talk
    return talk.choices.count(label) if talk.step == "offer_call" else 0


def own_words(label: str, situation: Situation) -> str:
    """Return the clinic's configured text for what the program may not invent; empty: a call is offered."""
    clinic, lang = situation.clinic, situation.talk.lang
    if label == "handover.cost":
        return clinic.text(lang, "payment")
    if label == "handover.logistics":
        hours = clinic.text(lang, "hours") if _OF_HOURS.search(situation.said) else ""
        address = clinic.text(lang, "address") if _OF_PLACE.search(situation.said) else ""
        return " ".join(filter(None, (hours, address)))
    return ""


def status(request: Request, situation: Situation) -> Say:
    """Say how an open request stands. A promise that has passed is not said as if it were to come."""
    if request.priority.pages:
        return Say("after_alarm")
    if call_request.is_late(request, situation.now):
        return Say("status/late_again" if Flag.NEEDS_PERSON in request.flags else "status/late")
    if not request.promised:
        return Say("will_be_read")
    if request.attempts and not request.window_counts:
        again = call_request.in_words(Promise(None, request.due_at), request.phone, situation)
        return Say("status/tried", {"when": again})
    key = "status/claimed" if request.status is Status.CLAIMED else "status/queued"
    return Say(key, {"when": call_request.promised(request, situation)})


def is_waiting_late(labels: tuple[str, ...], heard: Heard, situation: Situation) -> bool:
    """Tell whether somebody whose call is late writes to find out: "when?", "hello?", "are you there". A name
    that we have just asked for asks nothing.
    """
    request = situation.open_request
    if request is None or not call_request.is_late(request, situation.now):
        return False
    if fields.names_hours(heard) or heard.affirms or heard.phones or fields.name_asked_for(heard, situation):
        return False
    return bool({"callback.status", "greeting", "out_of_scope"} & set(labels)) or (
        not labels and heard.digit is None and situation.talk.step == AT_REST
    )


def waited_for(heard: Heard, situation: Situation) -> Turn:
    """Answer who waits for a call: regret where it is late, how it stands where it is not; staff see the complaint, and
    a name or number that stands beside it.
    """
    request = situation.open_request
    add = frozenset({Flag.NEEDS_PERSON})
    if request:
        said, made = status(request, situation), Put(Priority.ROUTINE, phone=situation.phone, add=add)
    else:
        said = Say("status/nobody_called")
        told = form.fill(form.begun(situation.talk, situation), fields.found_in(heard, situation))
        made = call_request.put(told.draft, situation, add=add)
    return Turn(situation.talk.ended(), (said,), None, (made,), ("callback.status",))


def affirmed(heard: Heard, situation: Situation) -> Turn:
    """Answer an affirmation that answers no question of ours: nothing changes by it."""
    request, talk = situation.open_request, situation.talk.at(AT_REST, AFFIRMED)
    late = request is not None and call_request.is_late(request, situation.now)
    choices, waits = situation.talk.choices, request is not None and (late or request.priority.pages)
    if not waits and (AFFIRMED in choices or is_sign(heard)):
        close = Say("thanks" if heard.understood.exact == "thanks" else "all_right")
        says = () if CLOSED in choices and is_sign(heard) else (close,)
        return Turn(talk.at(AT_REST, AFFIRMED, CLOSED), says, labels=("affirmed",))
    thanks = heard.understood.exact != "digit" and heard.understood.text not in PLAIN_YES
    if thanks or (request and (request.priority.pages or not request.promised)):
        return small_talk("thanks", situation)
    said = status(request, situation) if request else Say("nothing_open")
    return Turn(talk, (said,), labels=("affirmed",))


def back_at(situation: Situation) -> Say:
    return Say("back_at", {"when": opening(situation)})


def opening(situation: Situation) -> Say:
    return Say("when/from", {"at": situation.clinic.opening.next_open(situation.now)})
