"""Expiry of open questions and drafts: settles those that waited too long; opens the question that a notice asks."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from triage.conversation.limits import run_out
from triage.conversation.state import Situation, kept, recalled
from triage.intake.effects import apply
from triage.model.message import Channel
from triage.model.phone import sender_kind
from triage.ports import Words
from triage.settings import Clinic
from triage.store import people, requests
from triage.store.engine import Database

log = structlog.get_logger()

# When a talk that could not be settled is tried again.
FAULTY_WAITS = timedelta(hours=1)


def open_question(db: Connection, clinic: Clinic, person_id: int, step: str, now: datetime) -> None:
    """Open the question that a notice has asked, so that a digit answers it as the newest one."""
    found = people.lock_talk(db, person_id)
    if found is None:
        return
    person, remembered = found
    if remembered is not None and remembered.draft["draft"]["wish"]:
        return  # a form is being filled in; its question stays the open one
    talk = recalled(remembered, person.lang, clinic).at(step)
    asked = replace(talk, expires_at=now + clinic.conversation.question_life)
    people.remember(db, person_id, kept(asked, now), remembered is not None)


def expire(database: Database, clinic: Clinic, words: Words, now: datetime) -> int:
    """Settle drafts and questions that have expired, each in a transaction of its own; returns how many.

    One that throws is put off, so that it does not stop the others.
    """
    with database.read() as db:
        waiting = people.expired(db, now)
    for person_id in waiting:
        try:
            with database.write() as db:
                _expire_one(db, clinic, words, person_id, now)
        except Exception as fault:
            log.exception("draft_not_settled", person=person_id, fault=type(fault).__name__)
            with database.write() as db:
                people.put_off(db, person_id, now + FAULTY_WAITS)
    return len(waiting)


def _expire_one(db: Connection, clinic: Clinic, words: Words, person_id: int, now: datetime) -> None:
    found = people.lock_talk(db, person_id)
    if found is None or found[1] is None or found[1].expires_at is None or found[1].expires_at > now:
        return  # a message came in between
    person, remembered = found
    sender = person.phone if sender_kind(person.phone).is_phone else None
    situation = Situation(
        clinic=clinic,
        channel=Channel.SMS,
        now=now.astimezone(clinic.zone),
        person=person,
        talk=recalled(remembered, person.lang, clinic),
        known=True,
        request=requests.newest_of(db, person.id),
        sender=sender,
    )
    turn = run_out(situation)
    for effect in turn.effects:
        apply(db, clinic, words, situation, effect, turn.talk.lang)
    people.remember(db, person.id, kept(turn.talk, now), known=True)
