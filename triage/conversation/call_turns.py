"""A caller's turn of the conversation: the keys that work everywhere, silence, and what comes after a recording or a
connection; everything else is `respond`. Pure."""

import re
from dataclasses import replace

from triage.conversation import call_menus, call_request, form
from triage.conversation.draft import Draft, Field
from triage.conversation.limits import run_out
from triage.conversation.respond import respond
from triage.conversation.state import AT_REST, Effect, Put, Situation, SlowCalls, Talk, Turn
from triage.model.message import Say
from triage.model.request import Flag
from triage.reading.read_message import Heard
from triage.understanding.safety import Tier

REPEAT, PERSON, SLOW, LANGUAGE, MENU, MESSAGE = "*", "0", "8", "9", "#", "5"

MOST_SILENCES = 2

# Plain words for keys. Whoever asks for "a person" in words is asked the form's questions: that is a call, too.
_PLEASE = r"(?: please| por favor)?"

_SPOKEN = tuple(
    (key, re.compile(f"(?:please )?(?:{words}){_PLEASE}"))
    for key, words in (
        (REPEAT, r"(?:repeat|say) (?:that|it|this)(?: again)?|repeat|repita(?: eso)?|repite|otra vez"),
        (SLOW, r"slower|slow down|more time|m[aá]s (?:despacio|lento|tiempo)"),
        (LANGUAGE, r"(?:en |in )?(?:espa[nñ]ol|spanish|english|ingl[eé]s)"),
        (MENU, r"(?:the |el )?(?:main |first )?men[uú](?: principal)?"),
        (
            MESSAGE,
            r"(?:i (?:want|would like) to |quiero )?(?:leave|dejar) (?:a|un) (?:message|voicemail|mensaje)|voicemail",
        ),
    )
)


def key_of(said: str) -> str:
    """Return the key that was pressed or named, of those that work everywhere; else what was said, as it stands."""
    words = re.sub(r"[.,!?¡¿]", "", said).strip().lower()
    return next((key for key, pattern in _SPOKEN if pattern.fullmatch(words)), said.strip())


def opening(situation: Situation, returning: int | None = None) -> Turn:
    """Say the first words of a call: what to do in an emergency, the other language, and then where the caller stands.

    returning: the request about which we are trying to reach this person.
    """
    talk, request = situation.talk, situation.open_request
    other = "es" if talk.lang == "en" else "en"
    first = (Say("welcome", {"clinic": situation.clinic.name}), Say("other_language", lang=other))
    says: tuple[Say, ...] = first
    step = "menu"
    if returning is not None:
        step = "returning"
    elif talk.step == "check_in" or (talk.draft.wish and not talk.draft.lapsed):
        step = "check_in" if talk.step == "check_in" else "resume"
    elif request and request.priority.pages:
        says, step = (*first, Say("after_alarm")), "crisis_line"
    elif request and request.promised:
        says = (*first, Say("status/queued", {"when": call_request.promised(request, situation)}))
    choices = talk.choices if step == "check_in" else ()
    return _complete(Turn(talk.at(step, *choices), says, labels=("call",)), situation)


def take_turn(heard: Heard, situation: Situation, silences: int) -> Turn:
    """Take one turn. silences: how many in a row came before it."""
    key = heard.text
    if not key:
        return _complete(_silence(situation, silences + 1), situation)
    acts = {REPEAT: _repeat, PERSON: _person, SLOW: _slow, LANGUAGE: _language, MENU: _menu}
    if key in acts:
        return _complete(acts[key](situation), situation)
    if key == MESSAGE and situation.talk.step in ("offer_call", "anything_else", "nobody_took_it"):
        return _complete(Turn(situation.talk.at("voicemail"), labels=("voicemail",)), situation)
    if situation.talk.step == "check_in" and heard.digit not in (None, 1, 2) and heard.danger.tier is Tier.NONE:
        return _complete(_unclear_check_in(situation, "missed/key"), situation)
    return _complete(respond(heard, situation), situation)


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
    if situation.sender is None and not made.phone:
        # A message without a number to call: the form asks for it, and what is asked already is kept.
        talk = form.begun(talk, situation)
        talk = talk.with_draft(talk.draft.not_asking(Field.NAME, Field.TIME, Field.TOPIC))
        turn = Turn(talk.at("ask_number"), (Say("voicemail_no_number"),), None, (made,), ("voicemail",))
        return _complete(turn, situation)
    turn = Turn(_without_draft(situation), (Say("voicemail_kept"),), None, (made,), ("voicemail",))
    return _complete(turn, situation)


def after_connection(situation: Situation) -> Turn:
    """Go on where nobody took the call: the place in line is kept."""
    talk = situation.talk
    if talk.step == "connecting_crisis_line":
        return _complete(Turn(talk.at("crisis_line"), (Say("crisis_line_lost"),), labels=("not_connected",)), situation)
    return _complete(Turn(talk.at("nobody_took_it"), (Say("place_kept"),), labels=("not_connected",)), situation)


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
    return call_request.put(draft, situation, add=frozenset({Flag.VOICEMAIL}))


def _without_draft(situation: Situation) -> Talk:
    return replace(situation.talk.at(AT_REST), draft=Draft())


# --- keys that work everywhere


def _repeat(situation: Situation) -> Turn:
    """Say the whole of the last turn once more: who plays it finds it under this label."""
    return Turn(situation.talk, (), _again(situation, shorter=False), labels=("repeated",))


def _person(situation: Situation) -> Turn:
    """Put the caller through to somebody now; the place in line is taken before any phone rings."""
    talk = form.begun(situation.talk, situation)
    if not situation.is_open:
        back = Say("back_at", {"when": Say("when/from", {"at": situation.clinic.opening.next_open(situation.now)})})
        return Turn(situation.talk.at("nobody_took_it"), (back,), labels=("person",))
    flags = frozenset() if call_request.is_ready(talk.draft, situation) else frozenset({Flag.INCOMPLETE})
    made = call_request.put(talk.draft, situation, add=flags)
    return Turn(situation.talk.at("connecting"), (), None, (made,), ("person",))


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
    kept = talk.at(AT_REST)
    turn = Turn(kept, (Say("check_in/unanswered"),), None, (made,), ("please_read",))
    return form.proceed(turn, situation) if talk.draft.wish else turn


# --- what every turn of a call ends with


def _complete(turn: Turn, before: Situation) -> Turn:
    """End every turn in a question, or in what its step leads to: a call never falls silent."""
    situation = replace(before, talk=turn.talk)
    talk = turn.talk
    if "confirmed" in turn.labels:
        talk = talk.at("text_ok" if _may_confirm_by_text(before) else "anything_else")
        if talk.step == "anything_else":
            turn = replace(turn, says=(*turn.says, call_menus.reference(before)))
    elif turn.question is None and talk.step == AT_REST:
        dangerous = {"crisis", "emergency"} & set(turn.labels)
        talk = talk.at("crisis_line") if dangerous else call_menus.resting(situation).talk
    slow = next((effect.on for effect in turn.effects if isinstance(effect, SlowCalls)), before.person.slow_calls)
    situation = replace(situation, talk=talk)
    then = call_menus.ends_with(talk.step, situation)
    asked = turn.question
    if asked is None:
        asked = Say("hang_up_and_call") if "emergency" in turn.labels else call_menus.question(situation)
    return replace(turn, talk=talk, question=asked, listen=call_menus.listening(talk.step, talk.lang, slow), then=then)


def _may_confirm_by_text(situation: Situation) -> bool:
    """Tell whether a text may confirm the call: only to the phone that is calling, and that the clinic will call."""
    return situation.may_text_caller and situation.talk.draft.phone in (None, situation.sender)
