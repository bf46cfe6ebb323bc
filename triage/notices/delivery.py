"""What the carrier tells us of a text: why it refuses one, what became of one, and what is remembered of that.

Source of the codes: Twilio's error pages.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from triage.model.notice import Kind
from triage.notices.recipients import alert_failed
from triage.settings import Clinic
from triage.store import audit, people, receipts


class Refusal(StrEnum):
    BAD_NUMBER = "bad_number"  # this number can never be texted
    OPTED_OUT = "opted_out"
    SETUP = "setup"  # our account or our number: an operator must act, then it works
    LATER = "later"
    OTHER = "other"


LANDLINE = (30006, 21614)

_CODES = {
    Refusal.BAD_NUMBER: (21211, 21217, 21265, 21635, 30004, 30005, *LANDLINE),
    Refusal.OPTED_OUT: (21610,),
    Refusal.SETUP: (20003, 21408, 21606, 21608, 30002, 30024, 30032, 30034),
    Refusal.LATER: (20429, 14107, 21611, 30001, 30003, 30008, 30022, 30023, 30410),
}

_MEANING = {code: refusal for refusal, codes in _CODES.items() for code in codes}


def meaning(code: int | None) -> Refusal:
    return _MEANING.get(code or 0, Refusal.OTHER)


def is_permanent(code: int | None) -> bool:
    """Tell whether trying again cannot help."""
    return meaning(code) not in (Refusal.SETUP, Refusal.LATER)


def remember_refusal(db: Connection, person_id: int, code: int | None, now: datetime) -> None:
    """Keep what a refusal says about a person: a number that takes no texts, or an opt-out made at the carrier."""
    person = people.get(db, person_id)
    refusal = meaning(code)
    if person is None:
        return
    if refusal is Refusal.BAD_NUMBER and person.textable:
        why = "landline" if code in LANDLINE else "refused"
        people.change(db, person_id, {"textable": False, "untextable_why": why})
        audit.record(db, "untextable", now, person_id=person_id, detail={"code": code})
    if refusal is Refusal.OPTED_OUT and person.opted_out_at is None:
        people.change(db, person_id, {"opted_out_at": now})
        audit.record(db, "opt_out_at_carrier", now, person_id=person_id, detail={"code": code})


def report(
    db: Connection, clinic: Clinic, sid: str, status: str, ref: str | None, error_code: int | None, now: datetime
) -> None:
    """Take in one delivery report. They come late, twice and in any order; what they tell together counts."""
    receipts.keep(db, sid, status, ref, error_code, now)
    standing = receipts.standing(db, sid)
    if standing is None:
        return
    status, error_code = standing
    notice = receipts.notice_of(db, sid, ref)
    if status in receipts.FAILED:
        person_id = receipts.person_of(db, sid, ref)
        if person_id is not None:
            remember_refusal(db, person_id, error_code, now)
        if notice is not None and notice.kind == Kind.ALERT and not notice.has_failed:
            alert_failed(db, clinic, notice.request_id, now)
    receipts.settle_message(db, sid, ref, status, error_code)
    if notice is not None:
        receipts.settle_notice(db, notice.id, sid, status, error_code, now)
