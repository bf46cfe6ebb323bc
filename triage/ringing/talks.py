"""What becomes of a call that was put through: the talk is logged as it begins, and who made it tells how it ended."""

from datetime import datetime

from sqlalchemy import Connection

from triage.model.call import Leg, Purpose
from triage.model.notice import Kind, Planned
from triage.policy import CALL_NEWS_USEFUL, OUTCOME_WITHIN, STAFF_LANG
from triage.ports import Words
from triage.settings import Clinic
from triage.store import legs, notices
from triage.team import request_acts
from triage.team.alert_codes import coded

WITH_PERSON = (Purpose.PATIENT, Purpose.CALLER, Purpose.JOINED)


def began(db: Connection, clinic: Clinic, leg: Leg, at: datetime, now: datetime) -> None:
    """Log once that the member of staff of a leg talks with the person, since `at`."""
    if leg.request_id is None or leg.staff_id is None or not legs.mark_logged(db, leg.id, now):
        return
    request_acts.log_talk(db, clinic, leg.request_id, leg.staff_id, leg.id, at, now)


def ended(db: Connection, leg: Leg, now: datetime) -> None:
    """Plan to ask who has talked how it ended, whoever hung up first; not if they have told it by then."""
    if leg.accepted_at is None or leg.purpose not in WITH_PERSON or leg.request_id is None or leg.staff_id is None:
        return
    need = f"{Kind.TELL_OUTCOME}:{leg.id}"
    due_at = now + OUTCOME_WITHIN
    notices.plan(db, Planned(Kind.TELL_OUTCOME, need, due_at, leg.request_id, staff_id=leg.staff_id), now)


def tell_not_made(db: Connection, words: Words, leg: Leg, key: str, now: datetime) -> None:
    """Tell who wanted to call that there was no call, and why."""
    if leg.request_id is None or leg.staff_id is None:
        return
    body = words.say(key, STAFF_LANG, {"ref": leg.request_id, "coded": coded(leg.request_id, leg.staff_id, now)})
    need = f"{Kind.CALL_NOT_MADE}:{leg.id}"
    expires_at = now + CALL_NEWS_USEFUL
    news = Planned(Kind.CALL_NOT_MADE, need, now, leg.request_id, None, leg.staff_id, expires_at, body)
    notices.plan(db, news, now)
