"""Posts that come again when all that was said has had its time: keys outlive bodies, so nothing begins anew."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import Line
from tests.unit.test_refusals import refusal_of
from tests.unit.test_texts_to_callers import a_line
from triage.intake import voicemail
from triage.intake.inbound_calls import CallIntake, CallTurn, Happened
from triage.jobs import upkeep
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition
from triage.notices import delivery
from triage.store import messages, people, requests
from triage.store.tables import callback_requests, recordings

CALLER = "+16025550188"
LATER = timedelta(days=4000)


def of_a_text(line: Line) -> None:
    line.line.intake.take(
        Inbound("in:SM1", Channel.SMS, CALLER, "+16025550100", "I want to kill myself", line.now)
    )  # fmt: skip


def of_a_call(line: Line) -> None:
    edge = CallIntake(line.line.intake)
    for turn, body in enumerate(("", "call me back please", "Dana Zimt", "1", "1", "1")):
        edge.take(CallTurn("CA1", turn, CALLER, "+16025550100", line.now, body))
    edge.ended("CA1", 20, line.now)


def of_a_voicemail(line: Line) -> None:
    edge = CallIntake(line.line.intake)
    edge.take(CallTurn("CA2", 0, CALLER, "+16025550100", line.now))
    edge.take(CallTurn("CA2", 1, CALLER, "+16025550100", line.now, "3"))
    left = CallTurn(
        "CA2", 2, CALLER, "+16025550100", line.now, happened=Happened.RECORDED, recording="RE1", duration_s=20
    )
    edge.take(left)


def of_a_recording(line: Line) -> None:
    voicemail.reported(line.line.intake, "RE2", "CA3", 20, line.now, CALLER)


def of_a_transcript(line: Line) -> None:
    of_a_recording(line)
    voicemail.transcribed(line.line.intake, "RE2", "CA3", "I want to kill myself tonight", line.now)


def of_a_refused_text(line: Line) -> None:
    ref, sid = "in:SM9.0", "SM" + "9" * 32
    with line.database.write() as db:
        if not messages.known(db, [ref]):
            person, _ = people.meet(db, CALLER, "en", line.now)
            messages.say(db, [ref], ["words"], person.id, Channel.SMS, line.now, "greeting", None)
    line.does(delivery.report, sid, "undelivered", ref, refusal_of(30007), 30007)


@pytest.mark.parametrize("years", [0, 11], ids=["at_once", "after_the_purge"])
@pytest.mark.parametrize(
    "posts", [of_a_text, of_a_call, of_a_voicemail, of_a_recording, of_a_transcript, of_a_refused_text]
)
def test_a_post_that_comes_again_makes_no_new_request(database, posts, years):
    line = a_line(database)
    posts(line)
    with database.write() as db:
        for request_id in db.scalars(select(callback_requests.c.id)).all():
            requests.close(db, request_id, line.staff["front"], Disposition.REACHED, line.now)
    if years:
        line.clock.at += LATER
        upkeep.purge_expired(database, line.clinic.retention, line.now)
    posts(line)
    with database.read() as db:
        made = db.execute(select(func.count(), func.count(callback_requests.c.closed_at))).one()
        words = db.scalars(select(recordings.c.transcript)).all()
    assert tuple(made) == (1, 1)
    assert not years or not any(words)
