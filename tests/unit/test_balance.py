"""The nightly balance: all of it holds after a day's work, and each equation that is broken once is told."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from tests.builders import PHONES, Line, local
from triage.jobs import health, nightly_balance
from triage.jobs.health import Concern
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition
from triage.store.tables import balances, callback_requests, messages, notices, people, recordings
from triage.team import request_acts

BODIES = (
    "please call me, this is Dana, tomorrow at 10", "1", "what is tms", "I want to die", "thank you",
    "my heart has been racing since my ketamine treatment yesterday", "STOP", "???", "llámame mañana por favor", "2",
)  # fmt: skip


def works_a_day(clinic):
    """People write all day; of their requests one is closed, one cancelled, the others stay open."""
    for number, body in enumerate(BODIES * 3):
        sender = f"+1602555010{1 + number % 7}"
        clinic.line.intake.take(Inbound(f"in:{number}", Channel.SMS, sender, "+16025550100", body, clinic.now))
        clinic.clock.move(minutes=10)
    with clinic.database.read() as db:
        refs = list(db.scalars(select(callback_requests.c.id).where(callback_requests.c.closed_at.is_(None))))
    clinic.does(request_acts.close, refs[0], clinic.staff["front"], Disposition.REACHED)
    clinic.does(request_acts.cancel, refs[1], clinic.staff["front"])


@pytest.fixture
def clinic(database):
    clinic = Line(database, "2026-11-24 10:00")
    works_a_day(clinic)
    clinic.clock.at = local("2026-11-25 01:05")
    return clinic


def changes_first(clinic, table, where, **values):
    with clinic.database.write() as db:
        row = db.scalar(select(func.min(table.c.id)).where(where))
        assert row is not None
        db.execute(update(table).where(table.c.id == row).values(**values))


def test_a_day_of_work_balances(clinic):
    found = nightly_balance.count_once(clinic.line)
    assert found.off == 0, found
    assert found.requests == found.open + found.closed + found.cancelled
    assert (found.closed, found.cancelled) == (1, 1)
    assert found.messages == len(BODIES) * 3
    assert found.asked > 3


def is_closed_by_nobody(clinic):
    changes_first(clinic, callback_requests, callback_requests.c.status == "done", closed_by=None)


def is_closed_at_no_time(clinic):
    changes_first(clinic, callback_requests, callback_requests.c.status == "cancelled", closed_at=None)


def has_a_status_that_is_none(clinic):
    changes_first(clinic, callback_requests, callback_requests.c.status == "queued", status="lost")


def is_claimed_by_nobody(clinic):
    changes_first(clinic, callback_requests, callback_requests.c.status == "queued", status="claimed")


def asked_and_has_no_request(clinic):
    changes_first(clinic, messages, messages.c.label.like("crisis%"), request_id=None)


def left_a_voicemail_without_a_request(clinic):
    with clinic.database.write() as db:
        person = db.scalar(select(func.min(people.c.id)))
        at = local("2026-11-24 15:00")
        db.execute(insert(recordings).values(sid="RE1", person_id=person, of="voicemail", state="kept", created_at=at))


def came_from_nowhere(clinic):
    at = local("2026-11-24 15:00")
    with clinic.database.write() as db:
        values = {"phone": "+16025550199", "phone_hash": "x", "lang": "en", "created_at": at}
        person = db.scalar(insert(people).values(values).returning(people.c.id))
        request = {
            "person_id": person, "status": "queued", "priority": "routine", "channel": "sms", "lang": "en",
            "due_at": at, "flags": [], "created_at": at, "updated_at": at,
        }  # fmt: skip
        db.execute(insert(callback_requests).values(request))


def was_never_answered(clinic):
    changes_first(clinic, messages, messages.c.direction == "in", reply=None)


def has_a_text_that_hangs(clinic):
    long_ago = local("2026-11-22 12:00")
    changes_first(clinic, notices, notices.c.id > 0, state="unknown", due_at=long_ago, updated_at=long_ago)


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (is_closed_by_nobody, "off_status"), (is_closed_at_no_time, "off_status"),
        (has_a_status_that_is_none, "off_status"), (is_claimed_by_nobody, "off_status"),
        (asked_and_has_no_request, "off_asked"), (left_a_voicemail_without_a_request, "off_asked"),
        (came_from_nowhere, "off_origin"), (was_never_answered, "off_answer"), (has_a_text_that_hangs, "off_notices"),
    ],
)  # fmt: skip
def test_each_equation_that_is_broken_once_is_told(clinic, breaks, told):
    breaks(clinic)
    found = nightly_balance.count_once(clinic.line)
    assert (found.off, getattr(found, told)) == (1, 1), found


def test_the_lead_is_told_in_opening_hours_and_the_console_until_it_balances(clinic):
    was_never_answered(clinic)
    nightly_balance.count_once(clinic.line)
    assert Concern.BALANCE_OFF in health.look(clinic.line).warnings
    clinic.runs_jobs()
    assert not [body for body in clinic.messenger.to(PHONES["lead"]) if "count" in body]
    clinic.clock.at = local("2026-11-25 09:01")
    clinic.runs_jobs()
    assert [body for body in clinic.messenger.to(PHONES["lead"]) if "off by 1" in body]
    with clinic.database.write() as db:
        db.execute(update(messages).where(messages.c.reply.is_(None), messages.c.direction == "in").values(reply=[]))
    clinic.clock.at = local("2026-11-26 01:05")
    nightly_balance.count_once(clinic.line)
    assert Concern.BALANCE_OFF not in health.look(clinic.line).warnings


def test_a_day_is_counted_once_however_many_clocks_ask_and_not_before_it_has_settled(clinic):
    clinic.clock.at = local("2026-11-25 00:30")
    nightly_balance.count_once(clinic.line)
    clinic.clock.at = local("2026-11-25 01:05")
    assert [nightly_balance.count_once(clinic.line) is not None for _ in range(3)] == [True, False, False]
    clinic.clock.at += timedelta(hours=23)
    assert nightly_balance.count_once(clinic.line) is None
    with clinic.database.read() as db:
        assert list(db.scalars(select(balances.c.day).order_by(balances.c.day))) == ["2026-11-23", "2026-11-24"]
