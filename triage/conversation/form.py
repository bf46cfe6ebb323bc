"""The call-back form: what a message fills in, which question comes next, and the request it makes."""

from dataclasses import replace

from triage.conversation.call_request import in_words, is_ready, nearest, promise_of, promised, put, stored_window
from triage.conversation.draft import ASK_LATER, Draft, Field, FieldState, Found
from triage.conversation.state import AT_REST, Situation, Talk, Turn
from triage.hours.promises import Promise
from triage.hours.window import Window
from triage.model.message import Channel, Phone, Say
from triage.model.request import Priority

# The field that the question of a step is about.
FILLS = {
    "ask_name": Field.NAME,
    "ask_number": Field.NUMBER,
    "key_number": Field.NUMBER,
    "ask_window": Field.TIME,
    "offer_nearest": Field.TIME,
    "ask_topic": Field.TOPIC,
}

# The number that calls is offered in the one; in the other, of a call alone, a number is keyed or said.
NUMBER_STEPS = ("ask_number", "key_number")

# The same of the steps that only a call has.
_FILLS_ON_CALL = {"record_name": Field.NAME, "number_back": Field.NUMBER, "ask_day": Field.TIME}


def fill(talk: Talk, found: Found) -> Talk:
    """Return the talk with what was found in its draft."""
    return replace(talk, draft=talk.draft.filled(found), subject=found.topic or talk.subject)


def give_up(talk: Talk, situation: Situation) -> Talk:
    """Go on without what the open step asks, and let staff ask: nobody is asked the same thing a third time."""
    draft, step = talk.draft, talk.step
    one = (FILLS | _FILLS_ON_CALL).get(step)
    if one is None:
        return talk
    if step == "offer_nearest":
        return talk.with_draft(draft.standing(one, at=FieldState.OFFERED))
    asked_by_staff = draft.asking_later({ASK_LATER[one]} if one in ASK_LATER else ())
    if step in NUMBER_STEPS:
        phone = draft.phone or (None if draft.number_tried else situation.callable_sender)
        state = FieldState.GIVEN if phone else FieldState.GIVEN_UP
        return talk.with_draft(replace(asked_by_staff, phone=phone, number_piece="").standing(one, at=state))
    return talk.with_draft(asked_by_staff.standing(one, at=FieldState.GIVEN_UP))


def begun(talk: Talk, situation: Situation) -> Talk:
    """Return the talk with a wish for a call in it; what the person or their open request already told is taken
    over.
    """
    draft = talk.draft
    if draft.wish:
        return talk
    request, person = situation.open_request, situation.person
    known = Found(name=draft.name or person.name, topic=draft.topic or talk.subject)
    if request:
        known = Found(
            name=draft.name or request.name,
            phone=request.number if request.number != situation.sender else None,
            topic=draft.topic or request.topic or talk.subject,
            window=stored_window(request.window_start, request.window_end, situation),
            agreed=stored_window(request.promised_start, request.promised_end, situation),
            said=request.wish,
        )
    return fill(talk.with_draft(replace(draft, wish=True)), known)


def next_step(draft: Draft, situation: Situation) -> str:
    """Return the first question that is still open, in the order of the form."""
    request = situation.open_request
    if request and request.priority.pages:
        return AT_REST
    is_urgent = request is not None and request.priority is Priority.URGENT
    if not is_urgent and _lies_outside(draft, situation):
        return "offer_nearest"  # before all else: a time at which nobody calls is not taken down first
    if draft.asks_for(Field.NAME):
        return "ask_name"
    if draft.asks_for(Field.NUMBER) and not is_ready(draft, situation):
        return number_step(situation)
    if _is_unheard(draft, situation):
        return "number_back"
    if is_urgent:
        return AT_REST
    if draft.asks_for(Field.TIME):
        return "ask_window"
    return "ask_topic" if draft.asks_for(Field.TOPIC) else "read_back"


def _lies_outside(draft: Draft, situation: Situation) -> bool:
    """Tell whether a time is wished for at which we are closed, and another one was not offered yet."""
    is_open_question = draft.state(Field.TIME) not in (FieldState.OFFERED, FieldState.CONFIRMED)
    outside = draft.window is not None and not promise_of(draft, situation, Priority.ROUTINE).fits
    return is_open_question and outside


def number_step(situation: Situation) -> str:
    """Return where the number is asked for: a caller whose own cannot be called keys or says one."""
    is_keyed = situation.channel is Channel.VOICE and situation.callable_sender is None
    return "key_number" if is_keyed else "ask_number"


def _is_unheard(draft: Draft, situation: Situation) -> bool:
    """Tell whether the number was spoken or keyed in a call, and not yet read back."""
    other = draft.phone is not None and draft.phone != situation.sender
    is_settled = draft.state(Field.NUMBER) in (FieldState.CONFIRMED, FieldState.GIVEN_UP)
    return other and situation.channel is Channel.VOICE and not is_settled


def proceed(turn: Turn, situation: Situation, again: bool = False) -> Turn:
    """Queue what can be queued and ask the next question; shorter when it has just been asked (`again`)."""
    talk = turn.talk
    draft = talk.draft
    if situation.talk.step == "read_back" and draft == situation.talk.draft and again:
        return replace(turn, talk=talk.at("read_back", misses=talk.misses), question=Say("read_back_again"))
    effects = turn.effects
    turn = replace(turn, says=(*turn.says, *_time_taken(draft, situation)))
    if draft.wish and (is_ready(draft, situation) or situation.open_request):
        effects = (*effects, put(draft, situation))
    step = next_step(draft, situation)
    if step == AT_REST:
        done = Say("urgent_done", {"name": draft.name or ""}) if not again else Say("urgent_noted")
        if situation.is_unheard:
            opens_at = situation.clinic.opening.next_open(situation.now)
            done = Say("alarm/adverse_no_contact", {"when": Say("when/from", {"at": opens_at})})
        return replace(turn, talk=replace(talk.at(AT_REST), draft=Draft()), says=(*turn.says, done), effects=effects)
    same = step == situation.talk.step
    question = ask(step, draft, situation, again and same)
    talk = talk.at(step, misses=talk.misses if same else 0)
    return replace(turn, talk=talk, question=question, effects=effects)


def _time_taken(draft: Draft, situation: Situation) -> tuple[Say, ...]:
    """Return what says a time that has just been given, where the next question does not."""
    step, request = next_step(draft, situation), situation.open_request
    known = stored_window(request.window_start, request.window_end, situation) if request else None
    agreed = stored_window(request.promised_start, request.promised_end, situation) if request else None
    before = situation.talk.draft
    is_new = draft.window is not None and draft.window not in (before.window, known)
    is_agreed = draft.agreed is not None and draft.agreed not in (before.agreed, agreed)
    if not (is_new or is_agreed) or step in ("offer_nearest", "read_back", AT_REST):
        return ()
    made = promise_of(draft, situation, Priority.ROUTINE)
    return (Say("time_taken", {"when": in_words(made, draft.phone or situation.phone, situation)}),)


def ask(step: str, draft: Draft, situation: Situation, again: bool = False) -> Say:
    """Word the question of a step, with what it needs to be understood."""
    if step in NUMBER_STEPS:
        return _ask_number(step, draft, situation, again)
    if step == "offer_nearest":
        window = nearest(draft, situation)
        values = {"when": in_words(Promise(window, window.end), draft.phone or situation.phone, situation)}
        closed = draft.window and situation.clinic.opening.closed_reason(draft.window.start.date())
        if closed:
            return Say("offer_nearest_closed_day", values)
        return Say("offer_nearest", values | {"hours": _hours(draft.window, situation)})
    if step == "read_back":
        return read_back(draft, situation)
    if step == "number_back":
        slowly = again or draft.number_doubted
        return Say("number_back", {"number": Phone(draft.phone or "", slowly)})
    if step == "record_name":
        return Say("record_name")
    return Say(f"{step}_again" if again else step)


def _ask_number(step: str, draft: Draft, situation: Situation, again: bool) -> Say:
    if step == "key_number":
        is_foreign = situation.sender is not None and situation.callable_sender is None
        return Say("key_number_again" if again else "ask_number_foreign" if is_foreign else "ask_number_withheld")
    if situation.sender is None or (draft.number_tried and draft.number_doubted):
        return Say("ask_number_withheld_again" if again else "ask_number_withheld")
    if draft.number_tried and not again:
        return Say("number_unclear", {"number": Phone(situation.sender)})
    return Say("ask_number_again" if again else "ask_number", {"number": Phone(situation.sender)})


def _hours(wish: Window | None, situation: Situation) -> Say:
    """Word why the wish does not fit: when that day opens or closes, else the clinic's own words for its hours."""
    spans = situation.clinic.opening.spans(wish.start.date()) if wish else ()
    if wish and spans and wish.start >= spans[-1].end:
        return Say("closes_at", {"at": spans[-1].end})
    if wish and spans and wish.end <= spans[0].start:
        return Say("opens_at", {"at": spans[0].start})
    hours = situation.clinic.text(situation.talk.lang, "hours")
    return Say("own_words", {"words": hours}) if hours and not spans else Say("closed_then")


def read_back(draft: Draft, situation: Situation) -> Say:
    """Word everything that was understood, in one sentence."""
    made = put(draft, situation)
    request = situation.open_request
    phone = draft.phone or situation.phone
    unknown = draft.number_tried or (situation.callable_sender is None and not draft.phone)
    if unknown and draft.state(Field.NUMBER) is FieldState.GIVEN_UP:
        phone = None  # staff ask for the one that was meant
    return Say(
        "read_back" if draft.name else "read_back_nameless",
        {
            "name": draft.name or "",
            "number": _numbers(phone, draft.other_phone),
            "when": made.promised or (promised(request, situation) if request else ""),
            "topic": Say(f"topic/{draft.topic or 'unknown'}"),
        },
    )


def _numbers(phone: str | None, other: str | None) -> Phone | Say:
    if phone is None:
        return Say("number_unknown")
    return Say("either_number", {"first": Phone(phone), "second": Phone(other)}) if other else Phone(phone)
