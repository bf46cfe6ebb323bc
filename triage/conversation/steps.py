"""The map of the conversation: each step is a question, and a function of what was heard in answer to it.

A step's function says what the answer means (a Move), or None where the words do not answer the question. It saves,
sends and words nothing. Fields of the form are read from every message alike (`fields.found_in`); a step adds what
only its own question gives a meaning: digits, yes and no.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from triage.conversation import call_request
from triage.conversation.draft import Field, FieldState, Found
from triage.conversation.form import NUMBER_STEPS
from triage.conversation.state import AT_REST, Effect, Situation
from triage.model.message import Channel, Say
from triage.model.request import Flag, Priority, Request
from triage.reading.read_message import BesideKey, Heard
from triage.reading.signs import Sign
from triage.reading.yes_no import Reply
from triage.understanding.safety import NO_DANGER, Tier

TOPICS = {1: "tms", 2: "ketamine", 3: "both", 4: "other"}


@dataclass(frozen=True)
class Move:
    """What an answer means. learned: what it tells of the fields; to: a step to go to whatever the form says.

    stands: a field and how it stands now, whatever was learned. doubted: the number that was read back is wrong.
    asks: what staff will ask. asks_again: the question of the step that it goes to, in other words.
    affirms: it says that what we said is right, and changes nothing. cancels: the planned call is not wanted.
    """

    learned: Found = field(default_factory=Found)
    to: str | None = None
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    answer: str | None = None
    stands: tuple[Field, FieldState] | None = None
    doubted: bool = False
    asks: Flag | None = None
    asks_again: Say | None = None
    affirms: bool = False
    confirmed: bool = False
    wish: bool = False
    cancels: bool = False


Hear = Callable[[Heard, Situation], Move | None]


@dataclass(frozen=True)
class Step:
    """One question. form: part of the call-back form, where the next question follows from the draft.

    outlives: an answer means something whatever has become of the person's request; all other questions are about that
    request as it stood when they were asked. waits_for_nobody: no text of ours may open another question instead.
    overtakes: it becomes the open question even in the middle of the form. loved: a heart that is tapped on its
    question says yes; not where a yes would begin, undo or alarm anything.
    """

    key: str
    hear: Hear
    leads_to: frozenset[str]
    form: bool = False
    outlives: bool = False
    waits_for_nobody: bool = False
    overtakes: bool = False
    loved: bool = False


def means_yes(heard: Heard) -> bool:
    return heard.digit == 1 or (heard.digit is None and heard.yes_no is True)


def means_no(heard: Heard) -> bool:
    return heard.digit == 2 or (heard.digit is None and heard.yes_no is False)


def as_answer(heard: Heard, situation: Situation) -> Heard:
    """Return what was heard as the open question has it: a tapped heart that stands on it is a yes, and a full name in
    answer to "what name" is no danger, whatever the head hears in "Edith Coffin"; nor is a clear no to a check-in, to
    an alarm or to a low mood that was answered with 988, which repeats their words. The same no where nobody has asked
    is asked about and pages nobody. Anything else stays as it is.
    """
    step, reaction = STEPS.get(situation.talk.step), heard.reaction
    if situation.talk.draft.other_phone and (beside_place := heard.beside_place):
        # "The second one" of two numbers is no key of the menu, and "the 2nd" no day.
        return replace(heard, choice=None, window=beside_place.window)
    request = situation.open_request
    if heard.refuses_phone:
        # "Not this phone" of a call that is wished for is about the number; where none is, about all calls.
        is_of_a_call = situation.talk.draft.wish or request is not None
        of_the_number = replace(heard, scope=None, cancel=False, cancels_call=False)
        heard = of_the_number if is_of_a_call else replace(heard, refuses_phone=False)
    if heard.left_out and (situation.talk.step == "check_in" or (request and request.priority.pages)):
        # "Tonight" says when they would do it, to who asks about that.
        heard = replace(heard, danger=heard.understood.danger)
    if heard.danger.rule == "head" and _is_answered_harmlessly(heard, situation):
        heard = replace(heard, danger=NO_DANGER)
    if heard.danger.rule == "head" and heard.danger.label == "crisis" and denies(heard):
        heard = replace(heard, danger=replace(heard.danger, tier=Tier.CHECK_IN))
    if situation.talk.step == "ask_name" and (beside := heard.beside_name):
        return replace(heard, danger=beside.danger, window=beside.window, same_hour=False)
    if heard.beside_key and heard.digit is None and situation.talk.step in YES_STEPS:
        return _with_key(heard, heard.beside_key, situation)
    if not heard.only_reacts or reaction is None or step is None or not step.loved:
        return heard
    if situation.talk.draft.number_tried:
        return heard  # a heart is no number, and the one they write from was not meant
    says_yes = reaction.positive and reaction.quotes(situation.last_said or "")
    return replace(heard, understood=replace(heard.understood, yes_no=True)) if says_yes else heard


# Where our text says "Reply 1 for yes", in these or like words; a 1 among other words is that key and no hour.
YES_STEPS = ("offer_call", "ask_number", "offer_nearest", "read_back")
# Here the yes is to a time: another one behind the key is wished for instead.
_TIMED = ("offer_nearest", "read_back")


def _with_key(heard: Heard, beside: BesideKey, situation: Situation) -> Heard:
    """Return what was heard as a yes with what stands behind its key."""
    says_yes = not (situation.talk.step in _TIMED and beside.window)
    understood = replace(heard.understood, yes_no=True) if says_yes else heard.understood
    return replace(
        heard,
        understood=understood,
        window=beside.window,
        same_hour=False,
        bare_name=beside.bare_name,
        lone_name=beside.lone_name,
    )


# "No, estoy a salvo": a few words behind a no that say how somebody is.
FEW_WORDS = 5


def denies(heard: Heard) -> bool:
    """Tell whether words are a no to danger, in whichever dress: "nah just venting", "no, estoy a salvo"."""
    safe = heard.yes_no is False and Sign.BETTER in heard.signs and len(heard.understood.text.split()) <= FEW_WORDS
    return (Sign.DENIES in heard.signs or safe) and not {Sign.UNCLEAR, Sign.TAKES_BACK} & heard.signs


def _is_answered_harmlessly(heard: Heard, situation: Situation) -> bool:
    if situation.talk.step == "ask_name" and heard.full_name:
        return True
    if situation.talk.step in NUMBER_STEPS and heard.danger.tier is Tier.CHECK_IN and heard.own_when_asked:
        return True  # "el que ya tiene"
    back_again = heard.undoes or heard.spares or heard.keep
    if situation.talk.step in UNDO_STEPS and heard.danger.tier is Tier.CHECK_IN and back_again:
        return True  # "póngala otra vez", "siempre sí"
    request = situation.open_request
    in_crisis = request is not None and request.priority is Priority.CRISIS
    spoken_of = situation.talk.step == "check_in" or in_crisis or HEARD_ONCE in situation.talk.choices
    return Sign.DENIES in heard.signs and spoken_of


def hear_nothing(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    """Read it as a first message: no question of our own is open."""
    return None


def hear_offer(heard: Heard, situation: Situation) -> Move | None:
    if heard.takes_note:
        return None
    if means_yes(heard) or (heard.wish and heard.digit is None):
        return Move(wish=True)
    if means_no(heard):
        request = situation.open_request
        stands = Say("stands", {"when": call_request.promised(request, situation)}) if request else Say("no_call")
        return Move(to=AT_REST, says=(stands,))
    # Whom to call, or where, says yes in other words.
    return Move(wish=True) if heard.lone_name or heard.phones else None


def hear_another_time(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    # "ok" and "thanks" take note that we could not reach them; they ask for no other time.
    asks = heard.digit == 1 or (heard.understood.exact == "yes" and heard.understood.text in PLAIN_YES)
    return Move(wish=True, to="ask_window") if asks else None


# These answer a question; "ok" and the like only take note of what was said.
PLAIN_YES = frozenset({"yes", "y", "yeah", "yep", "si", "s", "yes please", "si por favor"})


def hear_window(heard: Heard, situation: Situation) -> Move | None:
    """Hear a time. A 1 where a call is planned already is the key that brought them here, sent twice."""
    return Move(to="ask_window") if heard.digit == 1 and situation.open_request else None


def hear_which_answer(heard: Heard, situation: Situation) -> Move | None:
    choices = situation.talk.choices
    if heard.digit and heard.digit <= len(choices):
        return Move(answer=choices[heard.digit - 1])
    if means_yes(heard) and not heard.wish:
        return Move(answer=choices[0])
    return None


def hear_number(heard: Heard, situation: Situation) -> Move | None:
    if situation.sender and not heard.phones and (means_yes(heard) or heard.own_when_asked):
        return Move(learned=Found(phone=situation.sender))
    return None


def hear_nearest(heard: Heard, situation: Situation) -> Move | None:
    if situation.talk.before is not None and (heard.undoes or heard.mistaken or heard.keep):
        return _undone("moved_back", situation)
    if means_yes(heard):
        agreed = call_request.nearest(situation.talk.draft, situation)
        return Move(learned=Found(agreed=agreed), stands=(Field.TIME, FieldState.CONFIRMED))
    if means_no(heard):
        return Move(to="ask_window")
    return None


def hear_topic(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    topic = TOPICS.get(heard.digit or 0)
    return Move(learned=Found(topic=topic)) if topic else None


def hear_read_back(heard: Heard, situation: Situation) -> Move | None:  # noqa: ARG001
    if means_yes(heard) or heard.affirms:
        return Move(confirmed=True)
    if means_no(heard) or heard.finds_fault:
        return Move(to="change")
    return None


def hear_change(heard: Heard, situation: Situation) -> Move | None:
    if means_yes(heard) or heard.digit in (1, 2, 3, 4):
        # Somebody answers the question before: 1 was "right" there, and a bare digit names no change here.
        return None
    return hear_nothing(heard, situation)


# --- what was done, and can be undone: whatever is polite, or repeats it, affirms it


# Noted in the talk where a low mood was answered with 988.
HEARD_ONCE = "low_mood"

UNDO = 2

UNDO_STEPS = ("undo_cancel", "undo_move")


def hear_cancelled(heard: Heard, situation: Situation) -> Move | None:
    """Hear what follows a cancellation. A wish for the call takes it back, with all that the call had."""
    if situation.talk.before is None:
        return None
    confirms = heard.cancel and not (heard.undoes or heard.keep or heard.spares)  # "yes, forget it"
    taken_back = heard.undoes or (heard.mistaken and not confirms) or heard.keep or heard.spares
    # "That was a typo" finds fault with the cancellation; "déjelo así, está bien" leaves it.
    if heard.digit == UNDO or (taken_back and heard.reply in (None, Reply.WRONG)):
        return _undone("kept", situation)
    stays = Move(to=_stays(situation), says=(Say("stays_cancelled"),), affirms=True)
    return stays if _affirms(heard) or confirms else None


def hear_moved(heard: Heard, situation: Situation) -> Move | None:
    """Hear what follows another time that was taken: a "no" alone tells nobody which of the two is meant."""
    request, before = situation.open_request, situation.talk.before
    if request is None or before is None or call_request.is_late(request, situation.now):
        return None
    if heard.digit == UNDO or ((heard.undoes or heard.mistaken) and _names_no_other_time(heard, before)):
        return _undone("moved_back", situation)
    when = call_request.promised(request, situation)
    keeps_one = heard.keep and not heard.affirms and heard.window is None
    if heard.understood.exact == "no" or heard.finds_fault or keeps_one:
        return Move(to="undo_move", asks_again=Say("which_time", {"when": when}))
    if _affirms(heard) or _says_it_again(heard, request):
        return Move(to=_stays(situation), says=(Say("stands", {"when": when}),), affirms=True)
    return None


def hear_promise(heard: Heard, situation: Situation) -> Move | None:
    """Hear what follows a promise that we have texted."""
    request = situation.open_request
    if request is None or call_request.is_late(request, situation.now):
        return None
    if _affirms(heard) or _says_it_again(heard, request):
        stands = Say("stands", {"when": call_request.promised(request, situation)})
        return Move(to=_stays(situation), says=(stands,), affirms=True)
    return Move(wish=True, to="ask_window") if heard.digit == UNDO or means_no(heard) else None


# Noted in the talk once an affirmation was answered with all that stands: the next one in a row is thanked for.
AFFIRMED = "affirmed"

# And once that close was said: a mere sign after it ends the talk, and is not answered.
CLOSED = "closed"


def is_sign(heard: Heard) -> bool:
    """Tell whether it is a sign that affirms, and no word: 👍."""
    return heard.affirms and not any(map(str.isalnum, heard.text))


def _affirms(heard: Heard) -> bool:
    return heard.digit == 1 or heard.affirms


def _says_it_again(heard: Heard, request: Request) -> bool:
    """Tell whether the time that stands is said once more: "yes, Thursday at 1"."""
    if heard.phones or heard.cancel or heard.yes_no is False:
        return False
    agrees = heard.yes_no is True and not heard.move
    return call_request.repeats(heard.window, request) or (agrees and call_request.lies_in(heard.window, request))


def _stays(situation: Situation) -> str:
    """Return the step after an affirmation: what was done can still be undone by text; a call goes on."""
    return situation.talk.step if situation.channel is Channel.SMS else AT_REST


def _names_no_other_time(heard: Heard, before: Request) -> bool:
    window, day = heard.window, before.window_start or before.promised_start
    if window is None or call_request.lies_in(window, before):
        return True
    # "Put it back to wednesday like before"
    return heard.undoes and day is not None and day.astimezone(window.start.tzinfo).weekday() == window.start.weekday()


def _undone(key: str, situation: Situation) -> Move:
    before = situation.talk.before
    assert before is not None
    back = call_request.put_back(before, situation)
    when = back.promised or call_request.promised(before, situation)
    return Move(to=AT_REST, says=(Say(key, {"when": when}),), effects=(back,))


def _step(key: str, hear: Hear, leads_to: tuple[str, ...] = (), in_form: bool = False, **marks: bool) -> Step:
    return Step(key, hear, frozenset(leads_to), in_form, **marks)


_FORM = ("ask_name", "ask_number", "ask_window", "offer_nearest", "ask_topic", "read_back", AT_REST)

STEPS = {
    step.key: step
    for step in (
        _step(AT_REST, hear_nothing, ("offer_call", "did_you_mean", "check_in", *_FORM), outlives=True),
        _step("offer_call", hear_offer, (AT_REST, *_FORM)),
        _step("did_you_mean", hear_which_answer, ("offer_call", *_FORM), outlives=True),
        _step("another_time", hear_another_time, (AT_REST, *_FORM)),
        _step("promise_told", hear_promise, (AT_REST, *_FORM)),
        _step("asked_by_staff", hear_nothing, (AT_REST, *_FORM), outlives=True, overtakes=True),
        _step("undo_cancel", hear_cancelled, (AT_REST, *_FORM)),
        _step("undo_move", hear_moved, (AT_REST, *_FORM)),
        _step("check_in", hear_nothing, (AT_REST, *_FORM), outlives=True, waits_for_nobody=True),
        _step("ask_name", hear_nothing, _FORM, in_form=True),
        _step("ask_number", hear_number, _FORM, in_form=True, loved=True),
        _step("ask_window", hear_window, _FORM, in_form=True),
        _step("offer_nearest", hear_nearest, (*_FORM, "undo_move"), in_form=True, loved=True),
        _step("ask_topic", hear_topic, _FORM, in_form=True),
        _step("read_back", hear_read_back, ("change", AT_REST, *_FORM), in_form=True, loved=True),
        _step("change", hear_change, ("read_back", AT_REST, *_FORM), in_form=True),
    )
}
