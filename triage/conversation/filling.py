"""A message while the form is open, or that opens it."""

import re
from dataclasses import replace

from triage.conversation import call_request, fields, form
from triage.conversation.answers import ask_which_was_meant, asked, back_at, replies_to, status
from triage.conversation.draft import Field, Found
from triage.conversation.not_understood import count_miss, missed
from triage.conversation.state import AT_REST, Situation, Talk, Turn
from triage.model.message import Say
from triage.reading.read_message import Heard
from triage.reading.times.read_window import Unread
from triage.understanding.decide import Decision
from triage.understanding.fold import fold

SMALL_TALK = frozenset({"greeting", "thanks", "help", "out_of_scope"})

MOST_WORDS_OF_AN_ANSWER = 4

# With these people ask something themselves.
QUESTION_WORDS = frozenset(
    "what whats how hows is are was does do did can could will would should why when where which who has have am "
    "que como cual es son puede pueden puedo duele sirve funciona cuanto cuando donde por hay tiene".split()
)

# "its about tms", "es de la ketamina", "both of them, tms and the ketamine" name a matter, and ask nothing.
_ANSWERS = re.compile(
    r"(?:(?:it is|its|this is|es|son) )?(?:about|for|re|regarding|de|del|por|sobre|para|acerca)\b"
    r"|(?:both|ambas|ambos|las dos|los dos)(?: (?:of|them|those|these|the|tms|ketamine|and|y|la|el|de))*$"
)

_ASKS = re.compile(
    r"\b(?:how|what|whats|why|which|whether|does|do you|"
    r"(?:is|would|could|will) (?:it|tms|ketamine)|(?:can|could|would) (?:i|you)|should|"
    r"tell me|know|"
    r"wonder\w*|ask\w*|questions?|cost\w*|price\w*|insurance|como|cuanto|cuesta|cual|que|puedo|pregunta\w*|seguro|also|tambien)\b"
)


def confirm(situation: Situation, says: tuple[Say, ...]) -> Turn:
    """Confirm the read-back. It does not gate: the request has been in the queue since it was ready."""
    talk = situation.talk
    made = call_request.put(talk.draft, situation, confirmed=True)
    thanks = Say("confirmed", {"name": talk.draft.name}) if talk.draft.name else Say("confirmed_nameless")
    after = () if situation.is_open else (back_at(situation),)
    return Turn(talk.ended(), (*says, thanks, *after), None, (made,), ("confirmed",))


def fill_form(heard: Heard, situation: Situation, labels: tuple[str, ...], decision: Decision) -> Turn:
    """Take a message while the form is open: it fills fields, asks something, or is not understood."""
    talk = situation.talk
    found = fields.found_in(heard, situation)
    labels = _beside_the_answer(labels, heard, found, talk.step)
    if asked(labels) and talk.draft.topic:
        # The subject of a question is not the topic of the call, unless no topic is known.
        found = found.without(Field.TOPIC)
    answers = _answers_beside(labels, found, situation)
    is_new = talk.draft.is_changed_by(found)
    if is_new or answers:
        return _go_on(found if is_new else Found(), form.fill(talk, found), answers, situation, labels)
    if decision.kind == "did_you_mean":
        return ask_which_was_meant(heard, decision, situation)
    is_polite = bool(found.fields or set(labels) & {"greeting", "thanks", "help", "callback.request"})
    return missed(heard, situation, polite=is_polite and not heard.like_number)


def _answers_beside(labels: tuple[str, ...], found: Found, situation: Situation) -> tuple[Say, ...]:
    """Return what is said to the questions in the message, and to how the request stands where nothing else is told."""
    answers = replies_to(asked(labels), situation)
    if "callback.status" in labels and not found.fields and situation.open_request:
        return (*answers, status(situation.open_request, situation))
    return answers


def _go_on(new: Found, filled: Talk, answers: tuple[Say, ...], situation: Situation, labels: tuple[str, ...]) -> Turn:
    """Answer, and ask the next question. `new`: what the message has told that was not known."""
    filled, will_ask = count_miss(filled, new, situation)
    # A name is small talk to the head; beside a field that it fills it is the answer.
    told = tuple(label for label in labels if not (new.fields and label in SMALL_TALK))
    turn = Turn(filled, (*answers, *will_ask), labels=told or ("filled",))
    gone_on = form.proceed(turn, situation, again=not new.fields)
    if "callback.status" in labels and gone_on.question == Say("read_back_again"):
        # They have just been told that the call is in the list.
        return replace(gone_on, question=Say("details_right"))
    return gone_on


def _beside_the_answer(labels: tuple[str, ...], heard: Heard, found: Found, step: str) -> tuple[str, ...]:
    """Return the labels of what is asked beside the answer to the form's question."""
    if _only_answers(heard, found, step):
        return tuple(label for label in labels if label not in asked(labels))
    if heard.window or heard.unread is Unread.UNCLEAR:
        # A day and an hour are of the call that is being arranged, and of no treatment.
        return tuple(label for label in labels if label != "handover.appointment")
    return labels


def _only_answers(heard: Heard, found: Found, step: str) -> bool:
    """Tell whether words fill the field just asked for, or name a time or a subject, and ask nothing: "at 2", "tms"."""
    said = heard.understood.text
    words = said.split()
    names = found.fields == {Field.TOPIC} and (len(words) <= 2 or _ANSWERS.match(said))
    timed = Field.TIME in found.fields and fields.is_bare_time(heard)
    field = form.FILLS.get(step)
    fills = (field in found.fields and field is not Field.TOPIC) or names or timed  # "la tms es segura" asks
    if not fills or not words or "?" in heard.text:
        return False
    if len(words) > MOST_WORDS_OF_AN_ANSWER:
        named = set(fold(found.name or "").split())  # "it's Dana Price, hon" asks for no price
        return not _ASKS.search(" ".join(word for word in words if word not in named))
    return words[0] not in QUESTION_WORDS or bool(_ANSWERS.match(said))


def begin_form(heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """Begin the form, since a call is asked for; or read back the request that is there already."""
    talk = form.begun(situation.talk, situation)
    found = fields.found_in(heard, situation)
    filled = form.fill(talk, found)
    answers = replies_to(asked(labels), situation)
    request = situation.open_request
    if (
        request
        and not found.fields - {Field.TOPIC}
        and form.next_step(filled.draft, situation) in ("read_back", AT_REST)
    ):
        return Turn(talk.ended(), (*answers, status(request, situation)), None, (), labels)
    return form.proceed(Turn(filled, answers, labels=labels), situation)
