"""A caller's turn of the conversation: the keys that work everywhere, silence, and what comes after a recording or a
connection; everything else is `respond`. Pure."""

from dataclasses import replace

from triage.conversation import call_menus, call_request, form, held_calls
from triage.conversation.answers import back_at, status
from triage.conversation.consent import with_calls_welcome
from triage.conversation.draft import Draft, Field, FieldState
from triage.conversation.guards import raises_alarm
from triage.conversation.limits import run_out
from triage.conversation.number_pieces import hear_piece
from triage.conversation.respond import in_language, respond
from triage.conversation.state import AT_REST, Effect, Put, Situation, SlowCalls, Talk, Turn
from triage.model.message import Say
from triage.model.phone import is_north_american
from triage.model.request import ALARMS, Flag, Priority
from triage.reading.read_message import Heard
from triage.reading.signs import Sign
from triage.reading.spoken_keys import SpokenKey, asks_for_quiet, spoken_key
from triage.understanding.safety import Tier

MOST_SILENCES = 2

# The label of a turn in which we say little, and wait.
QUIET = "quiet"


def key_of(heard: Heard, situation: Situation) -> str:
    """Return the key that was pressed or named; else what was said, as it stands.

    Danger is heard first. Where it is in doubt, only who is held already is put through to a person.
    """
    said = heard.text.strip()
    key = spoken_key(said)
    if key is None or heard.danger.tier is Tier.ALARM:
        return said
    in_doubt = heard.danger.tier is Tier.CHECK_IN and key is SpokenKey.PERSON
    return said if in_doubt and not held_calls.is_held(situation) else key.value


def opening(situation: Situation, returning: int | None = None) -> Turn:
    """Say the first words of a call: what to do in an emergency, the other language, and then where the caller stands.

    returning: the request about which we are trying to reach this person.
    """
    talk, request = situation.talk, situation.open_request
    if held_calls.is_held(situation):
        return _complete(held_calls.opening(situation), situation)
    other = "es" if talk.lang == "en" else "en"
    first = (Say("welcome", {"clinic": situation.clinic.name}), Say("other_language", lang=other))
    says: tuple[Say, ...] = first
    step = "menu"
    if returning is not None:
        step = "returning"
    elif talk.step == "check_in" or (talk.draft.wish and not talk.draft.lapsed):
        step = "check_in" if talk.step == "check_in" else "resume"
    elif request and request.promised:
        says, step = (*first, status(request, situation)), "open_request"
    choices = talk.choices if step == "check_in" else ()
    return _complete(Turn(talk.at(step, *choices), says, labels=("call",)), situation)


def take_turn(heard: Heard, situation: Situation, silences: int) -> Turn:
    """Take one turn. silences: how many in a row came before it."""
    return _complete(_taken(heard, situation, silences), situation)


def _taken(heard: Heard, situation: Situation, silences: int) -> Turn:
    key, step = key_of(heard, situation), situation.talk.step
    if not key:
        return _silence(situation, silences + 1)
    if key != SpokenKey.LANGUAGE and heard.digit is None:
        situation = replace(situation, talk=in_language(heard, situation.talk))
    acts = {
        SpokenKey.REPEAT: _repeat, SpokenKey.PERSON: _person, SpokenKey.SLOW: _slow, SpokenKey.LANGUAGE: _language,
        SpokenKey.MENU: _menu,
    }  # fmt: skip
    if key == SpokenKey.PERSON and Sign.LOW in heard.signs:
        turn = _person(situation)
        return replace(turn, says=(Say("low_mood"), *turn.says))
    if key in acts:
        return acts[SpokenKey(key)](situation)
    if key == SpokenKey.MESSAGE and _may_leave_message(heard, situation):
        return Turn(situation.talk.at("voicemail"), labels=("voicemail",))
    if step == "check_in" and heard.digit not in (None, 1, 2) and heard.danger.tier is Tier.NONE:
        return _unclear_check_in(situation, "missed/key")
    if step == "ask_name" and heard.text.isdecimal():
        return Turn(situation.talk.at("record_name"), labels=("name_skipped",))  # staff hear it themselves
    if piece := hear_piece(heard, situation):
        return piece
    if step != "check_in" and heard.danger.tier is Tier.NONE and asks_for_quiet(heard.text):
        return Turn(situation.talk, (), Say("quiet"), labels=(QUIET,))
    return respond(heard, situation)


def _may_leave_message(heard: Heard, situation: Situation) -> bool:
    """Tell whether 5 leaves a message: wherever it means nothing else; in words anywhere but where danger is held."""
    step = call_menus.CALL_STEPS[situation.talk.step]
    if held_calls.is_held(situation) or step.key == "check_in":
        return False
    return heard.digit is None or not (step.form or step.hear(heard, situation))


def blocked(made: Turn, situation: Situation, is_first: bool) -> Turn:
    """Take no call from a blocked phone: 988 and 911 are said, and words of danger are heard, but nothing else is."""
    is_grave = raises_alarm(made) or made.talk.step in ("check_in", *held_calls.LINES)
    if is_grave or held_calls.is_held(situation):
        return made
    if is_first:
        welcome = Say("welcome", {"clinic": situation.clinic.name})
        return _complete(Turn(situation.talk.at("blocked"), (welcome,)), situation)
    return _complete(Turn(situation.talk.at("goodbye"), labels=("blocked",)), situation)


def once_more(situation: Situation) -> Turn:
    """Ask the same again: a fault of ours has lost what was keyed or said."""
    return _complete(Turn(situation.talk, (), _again(situation, shorter=False), labels=("trouble",)), situation)


def after_recording(situation: Situation, recorded: bool) -> Turn:
    """Go on after the tone, whether the caller has spoken or not."""
    talk = situation.talk
    if talk.step == "record_name":
        talk = form.give_up(talk, situation)
        turn = Turn(talk, (Say("name_recorded"),) if recorded else (), labels=("name_recorded",))
        return _complete(form.proceed(turn, situation), situation)
    if not recorded:
        step = "goodbye" if talk.misses else "way_out"
        return _complete(Turn(talk.at(step, misses=1), (Say("voicemail_empty"),), labels=("no_message",)), situation)
    made = _left_message(situation)
    is_known = situation.callable_sender or talk.draft.phone
    if not is_known and talk.draft.state(Field.NUMBER) is not FieldState.GIVEN_UP:
        turn = Turn(talk, (Say("voicemail_no_number"),), None, (made,), ("voicemail",))
        return _complete(_asking_number(turn, situation), situation)
    after = () if situation.is_open else (back_at(situation),)
    turn = Turn(_without_draft(situation), (Say("voicemail_kept"), *after), None, (made,), ("voicemail",))
    return _complete(turn, situation)


def after_connection(situation: Situation, talked: bool = False) -> Turn:
    """Go on where other phones were rung: nobody took the call or, of who is held, that talk is over."""
    talk = situation.talk
    if talk.step.removeprefix("connecting_") in held_calls.LINES:
        return _complete(held_calls.after_line(situation, talked), situation)
    if held_calls.is_held(situation):
        return _complete(held_calls.after_team(situation, talked), situation)
    request = situation.open_request
    says = (Say("place_kept"), *((status(request, situation),) if request else ()), *_waiting(situation))
    return _complete(_will_be_called(Turn(talk, says, labels=("not_connected",)), situation), situation)


def _waiting(situation: Situation) -> tuple[Say, ...]:
    """Word the place in line and the likely wait, where they are known."""
    waiting = situation.waiting
    if waiting is None:
        return ()
    minutes, hours = (waiting.low_min, waiting.high_min), (waiting.low_min // 60, waiting.high_min // 60)
    low, high = hours if waiting.in_hours else minutes
    until = Say(f"waiting/{'hours' if waiting.in_hours else 'minutes'}", {"low": low, "high": high})
    key = "waiting/next" if waiting.position == 1 else "waiting/place"
    return (Say(key, {"position": waiting.position, "wait": until}),)


def hung_up(situation: Situation) -> Turn | None:
    """Settle a call that is over: who had chosen a call-back, and can be called, is called. None where nothing
    follows.
    """
    talk = situation.talk
    draft = talk.draft
    if talk.step == "check_in":
        return run_out(situation)
    if (
        not draft.wish
        or draft.lapsed
        or call_request.is_ready(draft, situation)
        or not (draft.phone or situation.sender)
    ):
        return None
    turn = run_out(situation)
    flagged = tuple(replace(e, add=e.add | {Flag.HUNG_UP}) if isinstance(e, Put) else e for e in turn.effects)
    return replace(turn, effects=flagged, labels=("hung_up",))


def missed(situation: Situation) -> tuple[Effect, ...]:
    """Make the request of a call that could not be answered; who gave no number cannot be called."""
    if situation.phone is None:
        return ()
    return (call_request.put(Draft(wish=True), situation, add=frozenset({Flag.MISSED})),)


def left_voicemail(situation: Situation) -> tuple[Effect, ...]:
    """Make the request of a recording that is reported after the caller is gone."""
    return (_left_message(situation),)


def _left_message(situation: Situation) -> Put:
    draft = situation.talk.draft if situation.talk.draft.wish else Draft(wish=True)
    if is_transcribed(situation.talk.lang):
        return call_request.put(draft, situation, add=frozenset({Flag.VOICEMAIL}))
    # Nothing looks for words of danger in it, so a person listens before anything else. A promise stands all the same.
    made = call_request.put(draft, situation, add=frozenset({Flag.VOICEMAIL, Flag.LISTEN_FIRST}))
    urgent = min(made.priority, Priority.URGENT, key=lambda priority: priority.rank)
    return replace(made, priority=urgent, act_by=situation.now + situation.clinic.targets.listened_to)


def is_transcribed(lang: str) -> bool:
    """Tell whether the provider writes down what is said in a recording: it does for English alone."""
    return lang == "en"


def _without_draft(situation: Situation) -> Talk:
    return replace(situation.talk.at(AT_REST), draft=Draft())


# --- keys that work everywhere


def _repeat(situation: Situation) -> Turn:
    """Say the whole of the last turn once more: who plays it finds it under this label."""
    return Turn(situation.talk, (), _again(situation, shorter=False), labels=("repeated",))


def _person(situation: Situation) -> Turn:
    """Put the caller through to somebody now; the place in line is taken before any phone rings."""
    if held_calls.is_held(situation):
        return held_calls.team(situation)
    talk = form.begun(situation.talk, situation)
    flags = frozenset() if call_request.is_ready(talk.draft, situation) else frozenset({Flag.INCOMPLETE})
    made = call_request.put(talk.draft, situation, add=flags)
    if situation.is_open:
        return Turn(situation.talk.at("connecting"), (), None, (made,), ("person",))
    request = situation.open_request
    when = made.promised or (call_request.promised(request, situation) if request else "")
    says = (Say("nobody_here"), Say("status/queued", {"when": when}))
    return _will_be_called(Turn(situation.talk, says, None, (made,), ("person",)), situation)


def _will_be_called(turn: Turn, situation: Situation) -> Turn:
    """Go on after the place in line is said: who gave no number that we can call is asked for one."""
    request, talk = situation.open_request, form.begun(situation.talk, situation)
    known = talk.draft.phone or (request.phone if request else None) or situation.sender
    if known and is_north_american(known):
        return replace(turn, talk=turn.talk.at("nobody_took_it"))
    return _asking_number(turn, situation)


def _asking_number(turn: Turn, situation: Situation) -> Turn:
    """Ask for nothing but a number: what is asked for already is kept, and the call can be made."""
    talk = form.begun(situation.talk, situation)
    talk = talk.with_draft(talk.draft.not_asking(Field.NAME, Field.TIME, Field.TOPIC))
    return replace(turn, talk=talk.at("key_number"), question=form.ask("key_number", talk.draft, situation))


def _slow(situation: Situation) -> Turn:
    slow = not situation.person.slow_calls
    says = (Say("slow_on" if slow else "slow_off"),)
    return Turn(situation.talk, says, _again(situation), (SlowCalls(slow),), ("slow",))


def _language(situation: Situation) -> Turn:
    talk = replace(situation.talk, lang="es" if situation.talk.lang == "en" else "en")
    return Turn(talk, (Say("language"),), _again(replace(situation, talk=talk), shorter=False), labels=("language",))


def _menu(situation: Situation) -> Turn:
    """Say the main menu; in the middle of the form its question again, for # also ends a number."""
    if call_menus.CALL_STEPS[situation.talk.step].form or situation.talk.step == "check_in":
        return _repeat(situation)
    return Turn(situation.talk.at("menu"), labels=("menu",))


def _again(situation: Situation, shorter: bool = True) -> Say:
    rests = situation.talk.step == AT_REST
    return call_menus.question(call_menus.resting(situation) if rests else situation, again=shorter)


# --- silence


def _silence(situation: Situation, silences: int) -> Turn:
    """Ask once more, then offer a way out (a message, a call-back or a text); nobody is hung up on without one."""
    talk = situation.talk
    labels = ("silence",)
    if held_calls.is_held(situation):
        return held_calls.silence(situation, silences)
    if talk.step == "check_in":
        return _unclear_check_in(situation, "missed/silence")
    if talk.step == "way_out" and talk.misses:
        return Turn(talk.at("goodbye"), labels=labels)
    if talk.step in ("way_out", "nobody_took_it") and silences >= MOST_SILENCES:
        return Turn(talk.at("voicemail"), labels=labels)
    if talk.step == "anything_else":
        return Turn(talk.at("goodbye"), labels=labels)
    if silences < MOST_SILENCES:
        return Turn(talk, (Say("missed/silence"),), _again(situation), labels=labels)
    if talk.step == "ask_name":
        # Words that were not recognized arrive as silence.
        return Turn(talk.at("record_name"), labels=labels)
    if talk.step == "text_ok":
        return Turn(talk.at("anything_else"), (call_menus.reference(situation),), labels=labels)
    if talk.step in ("read_back", "change"):
        return Turn(_without_draft(situation), (Say("read_back_left"),), labels=labels)
    return Turn(talk.at("way_out"), labels=labels)


def _unclear_check_in(situation: Situation, why: str) -> Turn:
    """Ask a second time; then 988 is said and somebody reads it."""
    talk = situation.talk
    if talk.misses == 0:
        return Turn(replace(talk, misses=1), (Say(why),), call_menus.question(situation), labels=("check_in",))
    made = call_request.put(form.begun(talk, situation).draft, situation, add=frozenset({Flag.PLEASE_READ}))
    turn = Turn(talk.at(AT_REST), (Say("check_in/unanswered"),), None, (made,), ("please_read",))
    if ALARMS[talk.choices[0]].pages:
        # They may have meant it: who says no more is held like those who said it plainly.
        return replace(turn, talk=talk.at(held_calls.line_of(situation, replace(turn, labels=talk.choices[:1]))))
    return form.proceed(turn, situation) if talk.draft.wish else turn


# --- what every turn of a call ends with


def _complete(turn: Turn, before: Situation) -> Turn:
    """End every turn in a question, or in what its step leads to: a call never falls silent, and who is in danger is
    held.
    """
    turn = held_calls.hold(with_calls_welcome(turn, before), before)
    situation = replace(before, talk=turn.talk)
    talk = turn.talk
    if "confirmed" in turn.labels:
        talk = talk.at("text_ok" if _may_confirm_by_text(before) else "anything_else")
        if talk.step == "anything_else":
            turn = replace(turn, says=(*turn.says, call_menus.reference(before)))
    elif turn.question is None and talk.step == AT_REST:
        talk = call_menus.resting(situation).talk
    slow = next((effect.on for effect in turn.effects if isinstance(effect, SlowCalls)), before.person.slow_calls)
    situation = replace(situation, talk=talk)
    then = call_menus.ends_with(talk.step, situation)
    asked = turn.question
    if asked is None:
        by_key = talk.step == held_calls.CRISIS_LINE and "emergency" in turn.labels
        asked = Say("hang_up_and_call") if by_key else call_menus.question(situation)
    listen = call_menus.listening(talk.step, talk.lang, slow or QUIET in turn.labels)
    return replace(turn, talk=talk, question=asked, listen=listen, then=then)


def _may_confirm_by_text(situation: Situation) -> bool:
    """Tell whether a text may confirm the call: only to the phone that is calling, and that the clinic will call."""
    return situation.may_text_caller and situation.talk.draft.phone in (None, situation.sender)
