"""The code of an alert: a text from a phone of staff does something only with it, because senders can be forged.

It is four letters and digits behind the reference, "41-k7mx", another for each request, member of staff and day. Nobody
can make one without our key, and only the phone itself receives it. Without vowels no word is taken for one.
"""

import hmac
import json
import re
from datetime import UTC, date, datetime, timedelta

from triage.model.member import Staff
from triage.policy import MOST_WRONG_CODES, WRONG_CODES_WITHIN
from triage.store.keys import Keys
from triage.store.sign_ins import Counter

ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
LENGTH = 4
PATTERN = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_CODED = re.compile(rf"\b(\d+)-{PATTERN.pattern}\b")
# The day on which it was texted, and so many more.
GOOD_FOR = timedelta(days=2)


def coded(ref: int, staff_id: int, at: datetime) -> str:
    """Return a reference with the code that this member of staff is told on this day."""
    return f"{ref}-{_code(ref, staff_id, at.astimezone(UTC).date())}"


def _code(ref: int, staff_id: int, day: date) -> str:
    number = int(Keys.seal(json.dumps(["alert code", ref, staff_id, day.isoformat()])), 16)
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def is_right(given: str, ref: int, staff_id: int, at: datetime) -> bool:
    """Tell whether a code is one that this member of staff was told of this request within the last days."""
    today = at.astimezone(UTC).date()
    told = [_code(ref, staff_id, today - timedelta(days=ago)) for ago in range(GOOD_FOR.days + 1)]
    return any(hmac.compare_digest(given, code) for code in told)


def without_codes(text: str) -> str:
    """Return a text with its references bare: two texts that differ in codes alone say the same."""
    return _CODED.sub(r"\1", text)


def guesses(staff: Staff, what: str) -> tuple[Counter, ...]:
    """Return what counts wrong codes that come by text from the number of a member of staff."""
    return (Counter((what, str(staff.id)), MOST_WRONG_CODES, WRONG_CODES_WITHIN),)
