"""A phone number that comes over several turns of a call: "four eight zero", "five five five", "oh one two three"."""

from dataclasses import replace

from triage.conversation import form
from triage.conversation.draft import Found
from triage.conversation.state import Situation, Turn
from triage.model.message import Say
from triage.model.phone import is_north_american
from triage.reading.phone_numbers import digits_alone, read_phones
from triage.reading.read_message import Heard
from triage.understanding.safety import Tier

A_NUMBER = 10

# No piece of a number: who keys these is told where they lead.
EMERGENCY_NUMBERS = ("911", "988", "112")


def hear_piece(heard: Heard, situation: Situation) -> Turn | None:
    """Take digits that are no whole number: joined to those before they may be, else more are waited for.

    None where more than digits is said, or where they can be no number: that is a miss like any other.
    """
    talk = situation.talk
    digits = digits_alone(heard.text)
    if talk.step not in form.NUMBER_STEPS or heard.phones or not digits or heard.danger.tier is Tier.ALARM:
        return None
    offered = talk.step == "ask_number"  # 1 and 2 answer that question
    if digits in EMERGENCY_NUMBERS or (offered and digits in ("1", "2")):
        return None
    joined = talk.draft.number_piece + digits
    phones = [phone for phone in read_phones(joined) if is_north_american(phone)]
    if phones:
        return _whole(phones[0], situation)
    if len(joined) >= A_NUMBER:
        return None
    kept = talk.at("key_number", misses=talk.misses).with_draft(replace(talk.draft, number_piece=joined))
    return Turn(kept, (), goes_on(joined), labels=("number_piece",))


def goes_on(piece: str) -> Say:
    return Say("number_goes_on", {"digits": " ".join(piece)})


def _whole(phone: str, situation: Situation) -> Turn:
    return form.proceed(Turn(form.fill(situation.talk, Found(phone=phone)), labels=("filled",)), situation)
