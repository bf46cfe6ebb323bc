"""The steps that only a call has: menus of keys, ways out for who is not heard, and what ends in another thing than
listening. The steps of the form have keys here, too."""

from dataclasses import replace
from datetime import date, time, timedelta
from functools import cache

from triage.conversation import call_request, form, held_calls
from triage.conversation.draft import Draft, Field, FieldState, Found
from triage.conversation.number_pieces import A_NUMBER, goes_on
from triage.conversation.state import AT_REST, SendText, Situation
from triage.conversation.steps import (
    STEPS,
    Hear,
    Move,
    Step,
    hear_change,
    hear_nothing,
    hear_number,
    hear_offer,
    means_no,
    means_yes,
)
from triage.hours.window import Window, at_local
from triage.model.message import Channel, Connect, ConnectTo, Hangup, Listen, Record, Recorded, Say, Then
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.reading.times.read_window import read_window
from triage.settings import DAYS
from triage.words.word_lists import word_file

ANSWERS = {
    "menu_tms": ("tms.what", "tms.how", "tms.approval", "tms.safety", "tms.effectiveness", "tms.first_line"),
    "menu_ketamine": ("ketamine.difference", "ketamine.after_tms", "ketamine.tms_failed", "ketamine.right_for_me"),
    "menu_both": ("both.benefit", "both.together", "both.neuroplasticity"),
}

# 4 and 5 are the keys of an older menu, which callers may know by heart.
MENU = {
    1: Move(wish=True),
    2: Move(to="menu_topics"),
    3: Move(to="voicemail"),
    4: Move(wish=True),
    5: Move(to="voicemail"),
}

TOPIC_MENUS = {1: "menu_tms", 2: "menu_ketamine", 3: "menu_both"}

CHANGES = {
    1: ("ask_name", Field.NAME),
    2: ("ask_number", Field.NUMBER),
    3: ("ask_window", Field.TIME),
    4: ("ask_topic", Field.TOPIC),
}

A_WEEK = 7

# What a voice may expect to hear at a step, by the table of words/call_hints.toml; the recognizer leans towards it.
HINTS_OF = {
    "ask_name": "names",
    **dict.fromkeys(("ask_number", "key_number"), "numbers"),
    **dict.fromkeys(("ask_window", "ask_day", "offer_nearest"), "times"),
    **dict.fromkeys(("number_back", "read_back", "text_ok", "check_in", "undo_cancel", "undo_move"), "answers"),
    **dict.fromkeys(held_calls.LINES, "danger"),
}

# How many keys end an answer where one does not.
KEYS_OF = {"key_number": A_NUMBER}

SHORT_NAME_S = 10

# How long a pause is no silence yet; who is in danger may need to find words.
SILENCE_S, HELD_SILENCE_S, SLOW_SILENCE_S = 5, 8, 12


def hear_menu(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    return MENU.get(heard.digit or 0)


def hear_topics(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    topic = TOPIC_MENUS.get(heard.digit or 0)
    return Move(to=topic) if topic else None


def hear_open_request(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if heard.digit == 1:
        return Move(wish=True, to="ask_window")
    if heard.digit == 2:
        return Move(cancels=True)
    return Move(to="menu") if heard.digit == 3 else None


def hear_topic_menu(heard: Heard, situation: Situation) -> Move | None:
    labels = ANSWERS[situation.talk.step]
    if heard.digit and heard.digit <= len(labels):
        return Move(answer=labels[heard.digit - 1])
    return None


def hear_offer_on_call(heard: Heard, situation: Situation) -> Move | None:
    if means_no(heard):
        return Move(to="menu", says=(Say("no_call"),))
    return hear_offer(heard, situation)


def hear_way_out(heard: Heard, situation: Situation) -> Move | None:
    if heard.digit == 1:
        return Move(to="voicemail")
    if heard.digit == 2:
        return Move(wish=True)
    if heard.digit == 3 and situation.may_text_caller:
        return Move(to="goodbye", says=(Say("text_sent"),), effects=(SendText("you_called"),))
    return None


def hear_nobody_took_it(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(wish=True)
    return Move(to="voicemail") if means_no(heard) else None


def hear_anything_else(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(to="menu")
    return Move(to="goodbye") if means_no(heard) else None


def hear_resume(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(wish=True)
    return Move(to="menu") if means_no(heard) else None


def hear_returning(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard):
        return Move(to="connecting_owner")
    return Move(wish=True, to="ask_window") if means_no(heard) else None


def hear_text_ok(heard: Heard, situation: Situation) -> Move | None:
    if means_yes(heard):
        return Move(to="anything_else", says=(Say("text_coming"),), effects=(SendText("call_confirmed"),))
    if means_no(heard):
        return Move(to="anything_else", says=(reference(situation),))
    return None


def reference(situation: Situation) -> Say:
    """Word the number of the request, digit by digit: for who gets no text."""
    request = situation.open_request
    return Say("reference", {"ref": " ".join(str(request.id))}) if request else Say("thanks")


def hear_number_back(heard: Heard, situation: Situation) -> Move | None:
    """Hear whether the number is right as we understood it: anything but a "no" and another number lets it stand."""
    draft = situation.talk.draft
    if means_no(heard):
        if draft.number_doubted:
            stands = (Field.NUMBER, FieldState.GIVEN_UP)
            return Move(stands=stands, says=(Say("we_will_ask"),), asks=Flag.ASK_NUMBER)
        return Move(to="key_number", stands=(Field.NUMBER, FieldState.UNKNOWN), doubted=True)
    goes_on = heard.window or heard.name or heard.understood.subject
    if means_yes(heard) or heard.phones == (draft.phone,) or (goes_on and not heard.phones):
        return Move(stands=(Field.NUMBER, FieldState.CONFIRMED))
    return None


def hear_number_on_call(heard: Heard, situation: Situation) -> Move | None:
    if means_no(heard) and not heard.phones:
        return Move(to="key_number")
    return hear_number(heard, situation) if situation.callable_sender else None


def hear_window_keys(heard: Heard, situation: Situation) -> Move | None:
    if heard.digit == 1:
        return _at_time(read_window("as soon as possible", situation.now), "as soon as possible")
    if heard.digit in (2, 3):
        said = "morning" if heard.digit == 2 else "afternoon"
        parts = situation.clinic.parts_of_day
        return _at_time(_next(parts.morning if heard.digit == 2 else parts.afternoon, situation), said)
    return Move(to="ask_day") if heard.digit == 4 else None


def hear_day_keys(heard: Heard, situation: Situation) -> Move | None:
    if heard.digit and heard.digit <= 5:
        day = DAYS[heard.digit - 1]
        return _at_time(read_window(day, situation.now), day)
    return None


def _at_time(window: object, said: str) -> Move | None:
    return Move(learned=Found(window=window, said=said)) if isinstance(window, Window) else None


def _next(part: tuple[time, time], situation: Situation) -> Window:
    """Return the next such part of a day in which the clinic is open."""
    opening, now = situation.clinic.opening, situation.now
    first = _window(now.date(), part, situation)
    for ahead in range(2 * A_WEEK):
        window = _window(now.date() + timedelta(days=ahead), part, situation)
        if window.end > now and opening.fit(window, now):
            return window
    return first


def _window(day: date, part: tuple[time, time], situation: Situation) -> Window:
    zone = situation.clinic.zone
    return Window(at_local(day, part[0], zone), at_local(day, part[1], zone))


def hear_change_keys(heard: Heard, situation: Situation) -> Move | None:
    if heard.digit in CHANGES:
        step, one = CHANGES[heard.digit]
        step = form.number_step(situation) if one is Field.NUMBER else step
        return Move(to=step, stands=(one, FieldState.UNKNOWN))
    return hear_change(heard, situation)


def _step(key: str, hear: Hear, *leads_to: str, in_form: bool = False) -> Step:
    return Step(key, hear, frozenset(leads_to), in_form)


_FORM = (
    "ask_name",
    *form.NUMBER_STEPS,
    "number_back",
    "ask_window",
    "ask_day",
    "offer_nearest",
    "ask_topic",
    "read_back",
)

_ASKED = ("offer_call", "did_you_mean", "check_in", *held_calls.LINES, "way_out", "anything_else")

CALL_STEPS = STEPS | {
    step.key: step
    for step in (
        _step("menu", hear_menu, "menu_topics", "voicemail", *_FORM, *_ASKED),
        _step("menu_topics", hear_topics, "menu", *TOPIC_MENUS.values(), *_FORM, *_ASKED),
        _step("open_request", hear_open_request, "menu", "undo_cancel", *_FORM, *_ASKED),
        *(_step(menu, hear_topic_menu, "menu", *_FORM, *_ASKED) for menu in ANSWERS),
        _step("offer_call", hear_offer_on_call, "menu", *_FORM, *_ASKED),
        _step("way_out", hear_way_out, "voicemail", "goodbye", "menu", *_FORM),
        _step("nobody_took_it", hear_nobody_took_it, "voicemail", "menu", *_FORM),
        _step("anything_else", hear_anything_else, "menu", "goodbye", *_FORM, *_ASKED),
        *(
            _step(line, held_calls.hear_line, *held_calls.LINES, f"connecting_{line}", "connecting")
            for line in held_calls.LINES
        ),
        _step("resume", hear_resume, "menu", *_FORM),
        _step("returning", hear_returning, "connecting_owner", "menu", *_FORM),
        _step("text_ok", hear_text_ok, "anything_else"),
        _step("voicemail", hear_nothing, "anything_else", "goodbye", *_FORM),
        _step("connecting", hear_nothing, "nobody_took_it", *held_calls.LINES),
        _step("connecting_owner", hear_nothing, "nobody_took_it", *held_calls.LINES),
        *(_step(f"connecting_{line}", hear_nothing, line) for line in held_calls.LINES),
        _step("goodbye", hear_nothing),
        _step("blocked", hear_nothing, "goodbye", "check_in", *held_calls.LINES),
        _step("record_name", hear_nothing, "ask_number", "ask_window", in_form=True),
        _step("ask_number", hear_number_on_call, *_FORM, in_form=True),
        _step("key_number", hear_nothing, *_FORM, "voicemail", in_form=True),
        _step("number_back", hear_number_back, *_FORM, in_form=True),
        _step("ask_window", hear_window_keys, *_FORM, in_form=True),
        _step("ask_day", hear_day_keys, *_FORM, in_form=True),
        _step("change", hear_change_keys, *_FORM, in_form=True),
    )
}


def open_step(situation: Situation) -> Step:
    """Return the open step; a call has keys and menus of its own."""
    return (CALL_STEPS if situation.channel is Channel.VOICE else STEPS)[situation.talk.step]


def ends_with(step: str, situation: Situation) -> Then | None:
    """Return what follows a step's words where it is not an answer."""
    request = situation.open_request
    request_id = request.id if request else None
    ends: dict[str, Then] = {
        "voicemail": Record(Recorded.VOICEMAIL, situation.clinic.calls.longest_message_s),
        "record_name": Record(Recorded.NAME, SHORT_NAME_S),
        "connecting": Connect(ConnectTo.ON_DUTY, request_id),
        "connecting_owner": Connect(ConnectTo.OWNER, request_id),
        "connecting_crisis_line": Connect(ConnectTo.CRISIS_LINE, request_id),
        "connecting_emergency_line": Connect(ConnectTo.EMERGENCY_LINE, request_id),
        "goodbye": Hangup(),
    }
    return ends.get(step)


def listening(step: str, lang: str, slow: bool) -> Listen:
    """Return how an answer is waited for. Slow: for hands, speech and relay services that need their time."""
    hints = _hints()[f"{HINTS_OF.get(step, 'menu')}_{lang}"]
    silence_s = SLOW_SILENCE_S if slow else HELD_SILENCE_S if step in held_calls.LINES else SILENCE_S
    return Listen(silence_s=silence_s, hints=hints, digits=KEYS_OF.get(step, 1), pauses=slow)


@cache
def _hints() -> dict[str, tuple[str, ...]]:
    texts = word_file("call_hints").texts("hints")
    return {key: tuple(text.strip().replace("\n", "|").split("|")) for key, text in texts.items()}


def question(situation: Situation, again: bool = False) -> Say:
    """Return what the open step asks; shorter when it has just been asked."""
    talk = situation.talk
    step = talk.step
    if step == "did_you_mean":
        first, second = talk.choices
        return Say("did_you_mean", {"first": Say(f"choice/{first}"), "second": Say(f"choice/{second}")})
    if step == "check_in":
        return Say(f"check_in/{talk.choices[0]}")
    if step == "resume":
        return Say("resume", {"have": _have(talk.draft)})
    if step in ("undo_move", "promise_told"):
        request = situation.open_request
        key = "moved" if step == "undo_move" else "promise_told"
        return Say(key, {"when": call_request.promised(request, situation)}) if request else Say("way_on")
    if step == "way_out" and not situation.may_text_caller:
        return Say("way_out_no_text")
    if step == "read_back" and again:
        return Say("read_back_again")
    if step == "key_number" and talk.draft.number_piece:
        return goes_on(talk.draft.number_piece)
    if CALL_STEPS[step].form:
        return form.ask(step, talk.draft, situation, again)
    if step in ("menu", "menu_topics", "open_request", *held_calls.LINES, *ANSWERS) and again:
        return Say(f"{step}_again")
    return Say(
        {
            "offer_call": "way_on",
            "undo_cancel": "cancelled",
            "another_time": "way_on",
            "asked_by_staff": "anything_else",
        }.get(step, step)
    )


def _have(draft: Draft) -> Say:
    known = {Field.NAME: draft.name, Field.TIME: draft.window, Field.TOPIC: draft.topic}
    return Say("have/" + ("_".join(one for one, value in known.items() if value) or "nothing"))


def resting(situation: Situation) -> Situation:
    """Return the situation with a question open, since a call never rests: the line for who is held, else whether
    there is more.
    """
    step = held_calls.line_of(situation) if held_calls.is_held(situation) else "anything_else"
    return replace(situation, talk=situation.talk.at(step))


def is_waiting(step: str) -> bool:
    """Tell whether a step of a call asks something that a text could answer as well."""
    return step in STEPS and step != AT_REST
