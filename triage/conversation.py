"""The one way in for a message: what is said to the person and what changes. Pure; safety first, then opt-out,
then the step that is waiting."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from triage import form, menus
from triage.callbacks import ALARMS, Flag, Priority
from triage.heard import Heard
from triage.messages import Channel, Say
from triage.misses import SUBJECTS, count_miss, lost, missed, on_subject
from triage.optout import Scope
from triage.replies import asked, back_at, replies_to, scripted, status
from triage.screens import alarm, check_in_answer, not_answered, opt_out, with_check_in
from triage.steps import Move
from triage.talk import (
    AT_REST,
    CHECK_IN_LASTS,
    DRAFT_LASTS,
    LAPSED_DRAFT_LASTS,
    QUESTION_LASTS,
    CancelCall,
    Draft,
    Situation,
    Talk,
    Turn,
)
from triage.understanding import SCRIPTED, Decision, Tier, decide
from triage.windows import Unread, Window

SMALL_TALK = frozenset({"greeting", "thanks", "help", "out_of_scope"})
ONE_HOUR = timedelta(hours=1)
MOST_WORDS_OF_AN_ANSWER = 4
# With these people ask something themselves.
QUESTION_WORDS = frozenset(
    "what whats how hows is are was does do did can could will would should why when where which who has have am "
    "que como cual es son puede pueden puedo duele sirve funciona cuanto cuando donde por hay tiene".split()
)
_APPOINTMENT = re.compile(
    r"\b(?:appointments?|appts?|sessions?|infusions?|treatments?|visits?|consult\w*|citas?|sesion(?:es)?|tratamientos?)\b"
)
# "its about tms", "es de la ketamina" name a matter, and ask nothing.
_ANSWERS = re.compile(r"(?:(?:it is|its|this is|es|son) )?(?:about|for|re|regarding|de|del|por|sobre|para|acerca)\b")
_ASKS = re.compile(
    r"\b(?:how|what|whats|why|which|whether|does|do you|is (?:it|tms|ketamine)|can (?:i|you)|should|tell me|know|"
    r"wonder\w*|ask\w*|questions?|cost\w*|price\w*|insurance|como|cuanto|cuesta|cual|que|puedo|pregunta\w*|seguro|also|tambien)\b"
)

Screen = Callable[[Heard, Situation], Turn | None]


def respond(heard: Heard, situation: Situation) -> Turn:
    """One turn of the conversation."""
    situation = replace(situation, talk=_in_language(heard, _unless_expired(situation)))
    for screen in (alarm, check_in_answer, opt_out, not_answered):
        turn = screen(heard, situation)
        if turn is not None:
            break
    else:
        turn = _converse(heard, situation)
        if heard.danger.tier is Tier.CHECK_IN:
            turn = with_check_in(turn, heard.danger.label)
    return _counted(_timed(turn, situation), situation)


# --- before and after every turn


def _unless_expired(situation: Situation) -> Talk:
    talk = situation.talk
    if talk.expires_at is None or situation.now < talk.expires_at or talk.draft.wish:
        return talk
    return replace(talk.at(AT_REST), expires_at=None, draft=Draft())


def _in_language(heard: Heard, talk: Talk) -> Talk:
    # One letter is of no language: "y" is yes, or "and".
    told = heard.understood.lang if len(heard.understood.text) > 1 else None
    return replace(talk, lang=told) if told else talk


def _timed(turn: Turn, situation: Situation) -> Turn:
    """How long the question that is now open waits for its answer."""
    talk = turn.talk
    if talk.step == "check_in":
        lasts = CHECK_IN_LASTS
    elif talk.draft.wish:
        lasts = LAPSED_DRAFT_LASTS if talk.draft.lapsed else DRAFT_LASTS
    elif talk.step == AT_REST and talk.draft == Draft():
        return replace(turn, talk=replace(talk, expires_at=None))
    else:
        lasts = QUESTION_LASTS if talk.step != AT_REST else DRAFT_LASTS
    return replace(turn, talk=replace(talk, expires_at=situation.now + lasts))


def _counted(turn: Turn, situation: Situation) -> Turn:
    """A robot that answers us is not answered for ever; words of danger always are, and callers meet no silence."""
    if not turn.reply.says or situation.channel is Channel.VOICE:
        return turn
    talk = turn.talk
    if talk.replies_since is None or situation.now - talk.replies_since >= ONE_HOUR:
        return replace(turn, talk=replace(talk, replies=1, replies_since=situation.now))
    counted = replace(turn, talk=replace(talk, replies=talk.replies + 1))
    limit = situation.clinic.limits.replies_per_hour
    if talk.replies < limit or any(label in ALARMS for label in turn.labels) or talk.step == "check_in":
        return counted
    if talk.replies == limit:
        return replace(counted, says=(Say("over_limit"),), question=None)
    return replace(counted, says=(), question=None)


# --- conversation


def _converse(heard: Heard, situation: Situation) -> Turn:
    talk = situation.talk
    decision = decide(heard.understood, talk.subject)
    labels = decision.labels if decision.kind == "act" else ()
    if _cancels(heard, talk, labels):
        return _cancel(situation)
    labels = _with_wish(tuple(label for label in labels if _is_meant(label, heard)), heard, talk)
    move = menus.open_step(situation).hear(heard, situation)
    if move is not None and not (move.to == AT_REST and not move.effects and asked(labels)):
        return _moved(move, heard, situation, labels)
    if len(heard.phones) > 1 and (talk.draft.wish or "callback.request" in labels):
        return _which_number(heard, situation)
    if talk.draft.wish:
        return _in_form(heard, situation, labels, decision)
    if _amends(heard, situation, labels):
        return _amend(heard, situation)
    if "callback.request" in labels:
        return _wish(heard, situation, labels)
    return _at_rest_says(heard, situation, labels, decision)


def _cancels(heard: Heard, talk: Talk, labels: tuple[str, ...]) -> bool:
    """Not "don't cancel" where a cancelled call may be kept, nor "I'd rather not say" in the form, nor "don't use mine"
    beside a number."""
    kept = heard.keep and talk.step == "undo_cancel"
    declined = heard.declines and talk.draft.wish
    told = (heard.name or heard.phones or heard.window or heard.wish) and not heard.cancel
    refused = heard.scope is Scope.CALLS and "callback.request" not in labels and not heard.phones
    return refused or ("callback.cancel" in labels and not (kept or declined or told))


def _is_meant(label: str, heard: Heard) -> bool:
    """Not a cancellation that was none, nor another time where something about the call is asked."""
    asks = heard.text.rstrip().endswith("?") and not (heard.move or heard.window)
    return label != "callback.cancel" and not (label == "callback.reschedule" and asks)


def _with_wish(labels: tuple[str, ...], heard: Heard, talk: Talk) -> tuple[str, ...]:
    """Plain words for a call count beside what else was asked, unless they are about one that is planned already.

    A number beside a name or a time asks for a call in any words; so does a time where a call is offered.
    """
    meant = not labels and heard.phones and (heard.name or heard.window)
    taken = talk.step == "offer_call" and form.is_bare_time(heard) and "?" not in heard.text and not asked(labels)
    if not (heard.wish or meant or taken) or any(label.startswith("callback.") for label in labels):
        return labels
    # A time beside a wish is that of the call.
    not_asked = SMALL_TALK | ({"handover.appointment"} if heard.window else set())
    return (*(label for label in labels if label not in not_asked), "callback.request")


def _moved(move: Move, heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """An answer to the open question, and whatever else stands in the same message."""
    talk = situation.talk
    if move.answer:
        return _answers((move.answer,), situation)
    # A bare digit answers the question; it is no hour of the day beside that.
    reads_on = heard.digit is None and (talk.draft.wish or move.wish)
    found = form.fields(heard, situation) if reads_on else {}
    says = (*scripted(labels, situation), *move.says)
    if move.confirmed and not found.keys() - {"topic"}:
        return _confirm(situation, says)
    if move.wish:
        talk = form.begun(talk, situation)
    if move.wish or menus.open_step(situation).form:
        talk = form.fill(talk, {**found, **move.learned})
        settled = (talk.draft.settled - move.forgets) | ({move.settled} if move.settled else set())
        talk = talk.with_draft(settled=settled, asks=talk.draft.asks | ({move.asks} if move.asks else set()))
        turn = Turn(talk, says, None, move.effects, ("callback.request",) if move.wish else ("filled",))
        if move.to and not found:
            return replace(turn, talk=talk.at(move.to), question=form.ask(move.to, talk.draft, situation))
        return form.proceed(turn, situation)
    # A caller may look round in the menus with a request half made; a text leaves the question for good.
    kept = talk.draft if situation.channel is Channel.VOICE else Draft()
    talk = replace(talk.at(move.to or AT_REST), draft=kept)
    return Turn(talk, says, None, move.effects, (situation.talk.step,))


def _confirm(situation: Situation, says: tuple[Say, ...]) -> Turn:
    """The read-back was right. It confirms and does not gate: the request has been in the queue since it was ready."""
    talk = situation.talk
    made = form.put(talk.draft, situation, confirmed=True)
    thanks = Say("confirmed", {"name": talk.draft.name}) if talk.draft.name else Say("confirmed_nameless")
    after = () if situation.is_open else (back_at(situation),)
    return Turn(talk.ended(), (*says, thanks, *after), None, (made,), ("confirmed",))


def _in_form(heard: Heard, situation: Situation, labels: tuple[str, ...], decision: Decision) -> Turn:
    """A message while the form is open: it fills fields, asks something, or is not understood."""
    talk = situation.talk
    found = form.fields(heard, situation)
    labels = _beside_the_answer(labels, heard, found, talk.step)
    questions = asked(labels)
    if questions:
        # The subject of a question is not the topic of the call, unless no topic is known.
        found = {field: value for field, value in found.items() if field != "topic" or not talk.draft.topic}
    filled = form.fill(talk, found)
    answers = replies_to(questions, situation)
    if "callback.status" in labels and not found and situation.open_request:
        answers = (*answers, status(situation.open_request, situation))
    new = {f: v for f, v in found.items() if getattr(talk.draft, f) != v}
    if "thanks" in labels and talk.step == "read_back" and not new:
        return _confirm(situation, answers)
    if new or answers:
        filled, will_ask = count_miss(filled, found if new else {}, situation)
        # A name is small talk to the head; beside a field that it fills it is the answer.
        told = tuple(label for label in labels if not (new and label in SMALL_TALK))
        turn = Turn(filled, (*answers, *will_ask), labels=told or ("filled",))
        gone_on = form.proceed(turn, situation, again=not new)
        if "callback.status" in labels and gone_on.question == Say("read_back_again"):
            # They have just been told that the call is in the list.
            gone_on = replace(gone_on, question=Say("details_right"))
        return gone_on
    if decision.kind == "did_you_mean":
        return _did_you_mean(heard, decision, situation)
    polite = bool(found or set(labels) & {"greeting", "thanks", "help", "callback.request"}) and not heard.like_number
    return missed(heard, situation, polite)


def _beside_the_answer(labels: tuple[str, ...], heard: Heard, found: dict[str, Any], step: str) -> tuple[str, ...]:
    """What is asked beside the answer to the form's question."""
    if _only_answers(heard, found, step):
        return tuple(label for label in labels if label not in asked(labels))
    if heard.window or heard.unread is Unread.UNCLEAR:
        # A day and an hour are of the call that is being arranged, and of no treatment.
        return tuple(label for label in labels if label != "handover.appointment")
    return labels


def _only_answers(heard: Heard, found: dict[str, Any], step: str) -> bool:
    """Words that fill the field just asked for, or a few that name a subject, and ask nothing: "thursday", "tms"."""
    said = heard.understood.text
    words = said.split()
    names = found.keys() == {"topic"} and (len(words) <= 2 or _ANSWERS.match(said))
    fills = form.FILLS.get(step) in found or names
    if not fills or not words or "?" in heard.text:
        return False
    if len(words) > MOST_WORDS_OF_AN_ANSWER:
        return not _ASKS.search(said)
    return words[0] not in QUESTION_WORDS or bool(_ANSWERS.match(said))


def _which_number(heard: Heard, situation: Situation) -> Turn:
    talk = form.begun(situation.talk, situation)
    found = {field: value for field, value in form.fields(heard, situation).items() if field != "phone"}
    choices = heard.phones[:2]
    talk = form.fill(talk, found).at("which_number", *choices)
    return Turn(talk, (), Say("which_number", form.numbered(choices)), labels=("callback.request",))


def _wish(heard: Heard, situation: Situation, labels: tuple[str, ...]) -> Turn:
    """A call is asked for: the form begins, or the request that is there already is read back."""
    talk = form.begun(situation.talk, situation)
    found = form.fields(heard, situation)
    filled = form.fill(talk, found)
    answers = replies_to(asked(labels), situation)
    request = situation.open_request
    if request and not found.keys() - {"topic"} and form.next_step(filled.draft, situation) in ("read_back", AT_REST):
        return Turn(talk.ended(), (*answers, status(request, situation)), None, (), labels)
    return form.proceed(Turn(filled, answers, labels=labels), situation)


def _amends(heard: Heard, situation: Situation, labels: tuple[str, ...]) -> bool:
    """Whether this changes an open request: another time or number, or what was missing in it."""
    request = situation.open_request
    if "callback.reschedule" in labels:
        return True
    if request is None or (asked(labels) and not _of_the_call(heard, labels)):
        return False
    if heard.move:
        return True
    lacks = request.name is None or request.window_start is None
    if request.priority.pages or Flag.INCOMPLETE in request.flags or lacks:
        timed = heard.window and heard.digit is None
        return bool(heard.name or heard.lone_name or heard.phones or timed)
    return bool(heard.phones) or form.is_bare_time(heard) or bool(heard.name and heard.renames)


def _of_the_call(heard: Heard, labels: tuple[str, ...]) -> bool:
    """Whether a wish for another time, such as "can you make it Wednesday at 10 instead", speaks of no treatment."""
    appointed = asked(labels) == ("handover.appointment",) and heard.move and heard.window
    understood = heard.understood
    return bool(appointed) and understood.subject is None and not _APPOINTMENT.search(understood.text)


def _amend(heard: Heard, situation: Situation) -> Turn:
    request, talk = situation.open_request, situation.talk
    labels = ("callback.reschedule",)
    if request is None:
        # Nothing to move: what they want is a call at that time.
        return _wish(heard, situation, ("callback.request",))
    found = form.fields(heard, situation)
    if request.priority.pages:
        filled = form.fill(form.begun(talk, situation), found)
        return Turn(filled.ended(), (Say("after_alarm"),), None, (form.put(filled.draft, situation),), labels)
    if "window" in found and not found.keys() & {"phone", "name"}:
        return _move_call(found["window"], heard, situation)
    filled = form.fill(form.begun(talk, situation), found)
    if not found.keys() & {"window", "phone", "name"}:
        # "I need another time", without one.
        filled = filled.with_draft(window=None, said=None, settled=filled.draft.settled - {"time"})
        return Turn(filled.at("ask_window"), (), Say("ask_window"), labels=labels)
    return form.proceed(Turn(filled, labels=labels), situation)


def _move_call(window: Window, heard: Heard, situation: Situation) -> Turn:
    """Moved at once and read back with an undo."""
    request = situation.open_request
    assert request is not None
    made = form.move(situation, window, heard.text)
    if made.promise and not made.promise.fits:
        filled = form.fill(form.begun(situation.talk, situation), form.fields(heard, situation))
        return form.proceed(Turn(filled, labels=("callback.reschedule",)), situation)
    before = form.before_move(request)
    words = Say("moved" if before else "moved_first", {"when": made.promised or form.promised(request, situation)})
    talk = situation.talk.ended()
    if before:
        return Turn(talk.at("undo_move", *before), (), words, (made,), ("callback.reschedule",))
    return Turn(talk, (words,), None, (made,), ("callback.reschedule",))


def _cancel(situation: Situation) -> Turn:
    talk, request = situation.talk.ended(), situation.open_request
    labels = ("callback.cancel",)
    if request and (request.priority.pages or request.priority is Priority.URGENT):
        # Words of danger are not taken back by the person alone: somebody looks at it first.
        return Turn(talk, (Say("cancel_kept"),), labels=labels)
    if request:
        return Turn(talk.at("undo_cancel"), (), Say("cancelled"), (CancelCall(),), labels)
    if situation.talk.draft.wish:
        told = form.without_wish(situation.talk.draft)
        return Turn(replace(talk.at("offer_call"), draft=told), (), Say("draft_dropped"), labels=labels)
    return Turn(talk.at("offer_call"), (), Say("nothing_to_cancel"), labels=labels)


def _at_rest_says(heard: Heard, situation: Situation, labels: tuple[str, ...], decision: Decision) -> Turn:
    """A person at rest may say anything."""
    talk = situation.talk
    talk = form.noted(heard, situation)
    situation = replace(situation, talk=talk)
    questions = asked(labels)
    if questions:
        return _answers(questions, situation, heard.understood.subject)
    request = situation.open_request
    if "callback.status" in labels:
        if request:
            return Turn(talk.at(AT_REST), (status(request, situation),), labels=labels)
        return Turn(talk.at(AT_REST).at("offer_call"), (Say("status/none"),), Say("way_on"), labels=labels)
    if labels and not _leads_nowhere(labels[0], situation):
        return _small_talk(labels[0], situation)
    if request and heard.yes_no and situation.channel is Channel.SMS:
        return _small_talk("thanks", situation)  # "ok good", to an answer of ours that asked nothing
    asked_already = talk.step == "did_you_mean" and situation.channel is Channel.VOICE
    if decision.kind == "did_you_mean" and not asked_already:
        return _did_you_mean(heard, decision, situation)
    return lost(heard, situation)


def _leads_nowhere(label: str, situation: Situation) -> bool:
    """On a call noise is often heard as something out of scope, and a second "hello" says that we are not heard."""
    if situation.channel is not Channel.VOICE or label == "thanks":
        return False
    return label == "out_of_scope" or situation.talk.misses >= 1


def _small_talk(label: str, situation: Situation) -> Turn:
    talk = situation.talk.at(AT_REST)
    values = {"clinic": situation.clinic.name}
    if label == "thanks":
        return Turn(talk, (Say("thanks"),), labels=(label,))
    if request := situation.open_request:
        # A call is planned: none is offered, and who is in danger hears no menu.
        return Turn(talk, (Say("after_alarm") if request.priority.pages else Say(label, values),), labels=(label,))
    misses = 1 if situation.channel is Channel.VOICE else 0
    return Turn(talk.at("offer_call", misses=misses), (Say(label, values),), Say("way_on"), labels=(label,))


def _did_you_mean(heard: Heard, decision: Decision, situation: Situation) -> Turn:
    first, second = decision.choices
    values = {"first": Say(f"choice/{first}"), "second": Say(f"choice/{second}")}
    talk = on_subject(heard, situation.talk).at("did_you_mean", first, second, misses=situation.talk.misses)
    return Turn(talk, (), Say("did_you_mean", values), labels=("did_you_mean",))


# --- answers


def _answers(labels: tuple[str, ...], situation: Situation, named: str | None = None) -> Turn:
    """Scripted answers and hand-overs, then the way on, or the open question of the form again."""
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
    after = () if scripted or situation.is_open else (back_at(situation),)
    if request and scripted:
        return Turn(talk.at(AT_REST), says, labels=labels)
    return Turn(talk.at(AT_REST).at("offer_call"), (*says, *after), Say("way_on"), labels=labels)


# --- what the clock asks


def run_out(situation: Situation) -> Turn:
    """The open question's time is over: a half-finished request is kept, an unanswered check-in is read by staff."""
    talk = situation.talk
    if talk.step == "check_in":
        made = form.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.PLEASE_READ}))
        return Turn(talk.ended(), effects=(made,), labels=("please_read",))
    if talk.draft.wish and not talk.draft.lapsed and not form.is_ready(talk.draft, situation):
        made = form.put(talk.draft, situation, add=frozenset({Flag.INCOMPLETE}))
        lapsed = replace(talk.with_draft(lapsed=True), expires_at=situation.now + LAPSED_DRAFT_LASTS)
        return Turn(lapsed, effects=(made,), labels=("incomplete",))
    return Turn(replace(talk.ended(), expires_at=None))
