"""A code is texted to a phone of staff; sent back from there, it confirms the phone."""

import hmac
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.model.member import Staff
from triage.model.notice import Kind, Planned
from triage.policy import STAFF_LANG
from triage.ports import Words
from triage.settings import Clinic
from triage.store import members, notices
from triage.store.keys import Keys

CODE_LASTS = timedelta(days=2)


def invite(db: Connection, clinic: Clinic, words: Words, staff: Staff, now: datetime) -> None:
    """Text a new code to the phone of a member of staff; sent back from there, it confirms the phone."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    members.set_phone_code(db, staff.id, Keys.phone_hash(code))
    body = words.say("staff/confirm_phone", STAFF_LANG, {"sender": clinic.sender_name, "code": code})
    need = f"confirm_phone:{staff.id}:{now.timestamp():.0f}"
    new = Planned(Kind.CONFIRM_PHONE, need, now, staff_id=staff.id, expires_at=now + CODE_LASTS, body=body)
    notices.plan(db, new, now)


def confirm(db: Connection, staff: Staff, text: str, now: datetime) -> bool:
    """Confirm the phone if the text is the code that was sent to it; the code is used up."""
    expected = members.phone_code_hash_of(db, staff.id)
    given = Keys.phone_hashes(re.sub(r"[\s-]", "", text))
    if expected is None or not any(hmac.compare_digest(expected, one) for one in given):
        return False
    members.confirm_phone(db, staff.id, now)
    return True
