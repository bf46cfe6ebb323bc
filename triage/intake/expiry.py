"""Expiry of open questions and drafts: settles those that waited too long; opens the question that a notice asks."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from triage.conversation.limits import run_out, still_open
from triage.conversation.state import Situation, Talk, kept
from triage.conversation.steps import STEPS
from triage.intake import set_aside
from triage.intake.effects import apply, standing_after
from triage.model.message import Channel
from triage.model.person import Person
from triage.model.phone import sender_kind
from triage.ports import Words
from triage.settings import Clinic
from triage.store import people, requests
from triage.store.column_types import unreadables_met
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
    talk = set_aside.talk_of_row(remembered, person.lang, clinic)
    if talk is None:
        return  # it is set aside when they write, or when it expires
    situation = _situation(db, clinic, person, talk, remembered is not None, now)
    talk = still_open(situation)
    if STEPS[talk.step].waits_for_nobody or (talk.draft.wish and not STEPS[step].overtakes):
        return  # whether somebody is in danger, or a form that is being filled in, stays the open question
    if talk.draft.wish and situation.open_request:
        talk = talk.ended()  # their request has all of it
    expires_at = talk.expires_at if talk.draft.wish else now + clinic.conversation.question_life
    asked = replace(talk.at(step), about=situation.standing, expires_at=expires_at)
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
    met = unreadables_met()
    found = people.lock_talk(db, person_id)
    if found is None or found[1] is None or found[1].expires_at is None or found[1].expires_at > now:
        return  # a message came in between
    person, remembered = found
    talk = set_aside.talk_of_row(remembered, person.lang, clinic)
    situation = _situation(db, clinic, person, talk or Talk(lang=person.lang), remembered is not None, now)
    if not set_aside.is_whole(met, talk):
        flags = set_aside.put_by(db, person.id, person.phone or None, talk is None, now)
        set_aside.tell_staff(db, clinic, words, situation, flags)
        if talk is None:
            return  # what was open went with the draft; a person looks
    turn = run_out(replace(situation, talk=still_open(situation)))
    for effect in turn.effects:
        apply(db, clinic, words, situation, effect, turn.talk.lang)
    people.remember(db, person.id, kept(standing_after(db, situation, turn), now), known=True)


def _situation(db: Connection, clinic: Clinic, person: Person, talk: Talk, known: bool, now: datetime) -> Situation:
    return Situation(
        clinic=clinic,
        channel=Channel.SMS,
        now=now.astimezone(clinic.zone),
        person=person,
        talk=talk,
        known=known,
        request=requests.newest_of(db, person.id),
        sender=person.phone if sender_kind(person.phone).is_phone else None,
    )
