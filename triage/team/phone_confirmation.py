"""A code is texted to a phone of staff; sent back from there, it confirms the phone."""

import json
import re
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from triage.model.member import Staff
from triage.model.notice import Kind, Planned
from triage.policy import STAFF_LANG
from triage.ports import Words
from triage.settings import Clinic
from triage.store import audit, members, notices, sign_ins
from triage.store.keys import Keys
from triage.team.alert_codes import guesses

A_CODE = re.compile(r"[0-9]{6}")
CODE_LASTS = timedelta(days=2)

_BETWEEN = re.compile(r"[\s-]")


def invite(db: Connection, clinic: Clinic, words: Words, staff: Staff, now: datetime) -> None:
    """Text a new code to the phone of a member of staff; sent back from there, it confirms the phone."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    members.set_phone_code(db, staff.id, Keys.seal(_sealed_words(staff, code, now.date())))
    body = words.say("staff/confirm_phone", STAFF_LANG, {"sender": clinic.sender_name, "code": code})
    need = f"confirm_phone:{staff.id}:{now.timestamp():.0f}"
    new = Planned(Kind.CONFIRM_PHONE, need, now, staff_id=staff.id, expires_at=now + CODE_LASTS, body=body)
    notices.plan(db, new, now)


def confirm(db: Connection, staff: Staff, text: str, now: datetime) -> bool:
    """Confirm the phone if the text is the code that was sent to it in the last days; the code is used up.

    So is a code at which too many guesses were made: then only a new one confirms it.
    """
    expected, given = members.phone_code_hash_of(db, staff.id), _BETWEEN.sub("", text)
    if expected is None or not is_code(text):
        return False
    attempt = sign_ins.begin(db, guesses(staff, "phone_code"), now)
    if attempt is None:
        members.unconfirm_phone(db, staff.id)
        audit.record(db, "phone_code_guessed", now, staff.id)
        return False
    days = (now.date() - timedelta(days=ago) for ago in range(CODE_LASTS.days + 1))
    if not any(Keys.is_seal(expected, _sealed_words(staff, given, day)) for day in days):
        return False
    sign_ins.succeeded(db, attempt)
    members.confirm_phone(db, staff.id, now)
    return True


def is_code(text: str) -> bool:
    """Tell whether a text is one of these codes by its looks."""
    return A_CODE.fullmatch(_BETWEEN.sub("", text)) is not None


def _sealed_words(staff: Staff, code: str, day: date) -> str:
    """Return the words whose seal is kept of a code: its day is in them, so that it runs out."""
    return json.dumps(["phone code", staff.id, code, day.isoformat()])
