"""What one message fills in of the call-back form."""

import re
from dataclasses import replace
from datetime import timedelta

from triage.conversation.call_request import stored_window
from triage.conversation.draft import Found
from triage.conversation.form import NUMBER_STEPS, fill
from triage.conversation.state import Situation, Talk
from triage.hours.window import OPEN_WISH, Window, later
from triage.model.message import Channel
from triage.model.phone import is_north_american
from triage.reading.names import amended, begins_with_first_name, is_name_of_nobody_hurt, put_right_name
from triage.reading.phone_numbers import local_number, put_right, with_area_code
from triage.reading.read_message import Heard
from triage.reading.which_number import adds_a_number, best_phone, labelled_phone, place_of
from triage.reading.yes_no import Reply
from triage.understanding.safety import Tier

MOST_WORDS_OF_A_TIME = 5

# A day without an hour is at least that long.
ALL_DAY = timedelta(hours=8)

_AT_LEISURE = re.compile(
    r"\b(?:when(?:ever)? (?:you|u|ya|y'?all|they|someone) (?:can|could|get|have|are)|whenever"
    r"|no (?:rush|hurry|hay prisa)|cuando (?:puedan?|gusten?|tengan?|quieran?)|sin prisa)\b",
    re.IGNORECASE,
)

_AT_ANY_TIME = re.compile(
    r"\b(?:any ?time|all day|whole day|whenever|flexible|open|free|todo el d[ií]a|cualquier|a la hora)\b", re.IGNORECASE
)

# Where a bare digit is an hour of the day.
TIME_STEPS = ("ask_window", "offer_nearest")


def found_in(heard: Heard, situation: Situation) -> Found:
    """Find what this message tells of name, number, time and topic."""
    window = None
    # "Domingo Reyes" is no Sunday; "Randall Epps, 3pm" names an hour.
    is_name = situation.talk.step == "ask_name" and heard.wholly_name and not any(c.isdigit() for c in heard.text)
    # "Ya" is a yes, and "now" only where a time is asked for.
    says_less = heard.digit is not None or heard.affirms
    moves = heard.move and heard.danger.tier is not Tier.ALARM
    is_of_danger = heard.danger.tier is not Tier.NONE and not (heard.wish or moves)  # "I will do it tonight"
    if heard.window and not (is_name or is_of_danger) and (not says_less or situation.talk.step in TIME_STEPS):
        window = _as_before(heard, heard.window, situation)
    elif heard.shift and heard.danger.tier is Tier.NONE:
        window = _moved_by(heard.shift, situation)
    if heard.whether_called and situation.talk.draft.wish and not any(map(str.isdigit, heard.text)):
        window = None  # "me llaman hoy?" asks whether, and wishes no day
    known = _known_name(situation) or situation.person.name
    name = (put_right_name(known, heard.text) if known else None) or name_told(heard, situation)
    is_bare = name is not None and heard.name is None
    phone, other = numbers(heard, situation)
    return Found(
        name=amended(known, name, heard.text) if name else None,
        phone=phone,
        number_tried=False if phone else _tried(heard, situation),
        number_doubted=_refused(heard, situation) or None,
        number_piece=local_number(heard.text) or None if heard.number_tried and not phone else None,
        other_phone=other,
        window=window,
        # Staff read in the person's own words which of two numbers is which.
        said=heard.text if window or other else None,
        topic=None
        if is_bare or _of_two_numbers(heard, situation)
        else heard.topic,  # "Bill Cash" is a name here, not a question about money
    )


def _known_name(situation: Situation) -> str | None:
    request = situation.open_request
    return situation.talk.draft.name or (request.name if request else None)


def name_told(heard: Heard, situation: Situation) -> str | None:
    """Return the name to ask for that a message gives: nobody is renamed by the name of somebody who is spoken of."""
    if heard.names_another:
        if _known_name(situation) is not None:
            return None
        return heard.bare_name if situation.talk.step == "ask_name" else heard.name
    return heard.name or _bare_name(heard, situation)


def name_asked_for(heard: Heard, situation: Situation) -> bool:
    """Tell whether it answers the question for a name that is open, and does nothing else."""
    bare = heard.bare_name
    told = heard.name or (bare if heard.wholly_name or (bare and begins_with_first_name(bare)) else None)
    return situation.talk.step == "ask_name" and told is not None


def _bare_name(heard: Heard, situation: Situation) -> str | None:
    """Return a name in answer to the question for it, or one that comes later, when nobody asks for it any more."""
    if situation.talk.step == "ask_name":
        return heard.bare_name
    if known := _known_name(situation):
        # "Thelma", and a little later "Thelma Rigby"
        longer = heard.lone_name.casefold().split() if heard.lone_name else []
        return heard.lone_name if len(longer) > 1 and longer[0] == known.casefold() else None
    return heard.lone_name or (heard.bare_name if _stands_before_a_time(heard) else None)


def _stands_before_a_time(heard: Heard) -> bool:
    """Tell whether it is a first name, a comma and a time: "Dana, after noon please"."""
    name = heard.bare_name
    if name is None or heard.window is None or not is_name_of_nobody_hurt(name):
        return False
    return heard.text.lower().startswith(f"{name.lower()},")


def numbers(heard: Heard, situation: Situation) -> tuple[str | None, str | None]:
    """Return the number to call that a message gives, and a second one where it gives two.

    In digits, "this one", "the second one" of two that were given, or the end of the last one put right.
    """
    draft = situation.talk.draft
    phones = [phone for phone in heard.phones if situation.channel is Channel.SMS or is_north_american(phone)]
    if heard.phones:
        first, *others = [*phones, None]
        if draft.phone and len(phones) == 1 and first != draft.phone and adds_a_number(heard.text):
            return draft.phone, first
        if others[:-1] and (best := best_phone(heard.text)):
            return best, _other_than(best, *phones)
        two = draft.other_phone and first in (draft.phone, draft.other_phone)
        return first, _other_than(first, draft.phone, draft.other_phone) if two else others[0] if others else None
    if whole := with_area_code(heard.text, draft.number_piece):
        return whole, None
    if draft.other_phone and (situation.talk.step != "ask_topic" or heard.digit is None):
        if place := place_of(heard.text):
            return (draft.phone, draft.other_phone) if place == 1 else (draft.other_phone, draft.phone)
        if draft.said and (labelled := labelled_phone(draft.said, heard.text)):
            return labelled, _other_than(labelled, draft.phone, draft.other_phone)
    own = heard.own_number and not heard.number_tried  # "use this number 480-KLM-0150"
    if own and situation.callable_sender and _is_told_for_a_call(heard, situation):
        return situation.callable_sender, None
    before = draft.phone or situation.phone
    return put_right(before, heard.text) if before else None, None


# Where the number that they write from answers a question, or may put the one right that was read back.
OWN_NUMBER_ANSWERS = (*NUMBER_STEPS, "read_back", "change")

_TO_CALL = re.compile(
    r"\b(?:call\w*|reach\w*|ring|use|contact|number|instead|better|ll?am\w+|marqu\w+|n[uú]mero|mejor|us[ae]n?)\b",
    re.IGNORECASE,
)


def _is_told_for_a_call(heard: Heard, situation: Situation) -> bool:
    """Tell whether the number they write from is named to be called: "my grandson set up this phone" replaces none."""
    given = situation.talk.draft.phone or (situation.open_request and situation.open_request.phone != situation.sender)
    if given and heard.reply is Reply.YES:
        return False  # "sí, ese" is the one that was read back
    return not given or situation.talk.step in OWN_NUMBER_ANSWERS or _TO_CALL.search(heard.text) is not None


def _of_two_numbers(heard: Heard, situation: Situation) -> bool:
    """Tell whether "both" is said of two numbers: "cualquiera de los dos"."""
    is_asked = situation.talk.step == "ask_topic"
    return bool(situation.talk.draft.other_phone) and heard.topic == "both" and not is_asked


def _other_than(one: str | None, *two: str | None) -> str | None:
    return next((phone for phone in two if phone != one), None)


def _tried(heard: Heard, situation: Situation) -> bool | None:
    """Tell whether a number was meant that is not understood. Where it was asked for, it is a miss like any other."""
    missed = heard.number_tried and situation.talk.step not in NUMBER_STEPS
    return True if missed or _refused(heard, situation) else None


def is_elsewhere(situation: Situation) -> bool:
    """Tell whether the call goes to another number than the one they write from."""
    request = situation.open_request
    number = situation.talk.draft.phone or (request.number if request else None)
    return number is not None and number != situation.sender


def _refused(heard: Heard, situation: Situation) -> bool:
    """Tell whether the number that is to be called now, the one they write from, is the wrong one."""
    return heard.refuses_phone and not is_elsewhere(situation)


def _as_before(heard: Heard, window: Window, situation: Situation) -> Window | None:
    """Complete a time from what was said before; None where nothing was.

    Another hour alone ("could you do 1 instead") keeps the day, another day alone ("make it thursday") the hours.
    """
    before = _window_before(situation)
    vague = before is None or before.end - before.start >= OPEN_WISH
    if not vague and window.end - window.start >= OPEN_WISH and _AT_LEISURE.search(heard.text):
        return None  # "call me when you can" is polite, and gives up no hour that was named
    if heard.same_hour:
        return None if before is None or vague else before.on(window.start.date())
    if before is None or vague:
        return window
    if window.end - window.start >= OPEN_WISH:
        return window  # "on second thought, as soon as you can" gives up day and hours
    if window.names_day:
        keeps_hours = window.end - window.start >= ALL_DAY and not _AT_ANY_TIME.search(heard.text)
        return before.on(window.start.date()) if keeps_hours else window
    moved = window.on(before.start.date())
    return moved if moved.start >= situation.now else window


def _window_before(situation: Situation) -> Window | None:
    """Return the time that was wished last, in the form that is open, else of the request; where it could not be, the
    one that was taken instead.
    """
    request, before = situation.open_request, situation.talk.draft.agreed or situation.talk.draft.window
    if before is None and request is not None:
        wished = stored_window(request.window_start, request.window_end, situation)
        promised = stored_window(request.promised_start, request.promised_end, situation)
        apart = wished and promised and (promised.end <= wished.start or promised.start >= wished.end)
        return promised if apart else wished
    return before


def _moved_by(shift: timedelta, situation: Situation) -> Window | None:
    """Return the time that stands, so much later or earlier; by days it keeps its hours, whatever the clocks do."""
    before = _window_before(situation)
    if before is None:
        return None
    moved = Window(later(before.start, shift), later(before.end, shift), names_day=True)
    return before.on(before.start.date() + shift) if shift % timedelta(days=1) == timedelta() else moved


# "ay bueno. apunte: Casilda Fonseca"
FEW_BESIDE_A_NAME = 3


def _in_capitals(heard: Heard) -> str | None:
    """Return a full name in capitals, with hardly a word beside it, of somebody who was offered a call."""
    name = heard.bare_name
    parts = name.split() if name else []
    is_full = len(parts) > 1 and name is not None and name in heard.text and all(part[0].isupper() for part in parts)
    return name if is_full and len(heard.text.split()) - len(parts) <= FEW_BESIDE_A_NAME else None


def noted(heard: Heard, situation: Situation) -> Talk:
    """Return the talk with the name, the number or nothing but a time that somebody gives before they ask for a
    call.
    """
    talk = situation.talk
    name = heard.name or heard.lone_name or (_in_capitals(heard) if talk.step == "offer_call" else None)
    phone, other = numbers(heard, situation) if heard.phones else (None, None)
    known = _known_name(situation)
    found = Found(name=None if known else name, phone=phone, other_phone=other)
    if other:
        found = replace(found, said=heard.text)  # staff read there which of the two is which
    if is_bare_time(heard) and names_a_time(heard) and "?" not in heard.text and not situation.open_request:
        found = replace(found, window=heard.window, said=heard.text)
    return fill(talk, found)


def names_a_time(heard: Heard) -> bool:
    """Tell whether a day or a figure is named: "mornin" greets."""
    return (heard.window is not None and heard.window.names_day) or any(c.isdigit() for c in heard.text)


def names_hours(heard: Heard) -> bool:
    """Tell whether a time is named, and not only "as soon as you can"."""
    window = heard.window
    return window is not None and heard.digit is None and later(window.start, OPEN_WISH) > window.end


def is_bare_time(heard: Heard) -> bool:
    """Tell whether it is nothing but another time: "Friday at 10"."""
    says_less = heard.digit is not None or heard.affirms
    return heard.window is not None and not says_less and len(heard.text.split()) <= MOST_WORDS_OF_A_TIME
