"""Probes: alive, ready and why not, counts for Prometheus; and the bar that staff see while reminders do not run."""

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from tests.fakes import FakeInbox
from tests.phone_line import scripted_clinic
from tests.web.texting import a_text, texting
from triage import migrations
from triage.jobs import upkeep
from triage.jobs.catch_up import Receiver, take_missing
from triage.store.clocks import Clock
from triage.store.tables import notices as notice_table
from webhooks import alive

JOBS = ("crisis", "ring", "staff")


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


def a_clock(clinic, ended_before=timedelta(), seen_before=timedelta(), away_s=0.0):
    now = clinic.clock()
    ended = dict.fromkeys(JOBS, now - ended_before)
    return Clock("owner", "host", now - timedelta(hours=1), now - seen_before, ended, away_s)


def ready(clinic):
    answer = clinic.client.get("/health/ready")
    return answer.status_code, answer.json["problems"], answer.json["warnings"]


def test_a_process_that_takes_requests_is_alive_whatever_stands_behind_it(clinic):
    assert clinic.client.get("/health/live").status_code == 200


def test_ready_means_that_a_clock_runs(clinic):
    assert ready(clinic) == (503, ["no_clock"], [])
    upkeep.heartbeat(clinic.database, a_clock(clinic))
    assert ready(clinic) == (200, [], [])
    clinic.clock.move(seconds=41)
    assert ready(clinic) == (503, ["no_clock"], [])


def test_a_clock_whose_job_hangs_is_not_ready_though_its_heart_beats(clinic):
    upkeep.heartbeat(clinic.database, a_clock(clinic, ended_before=timedelta(seconds=61)))
    assert ready(clinic) == (503, ["job_stands"], [])


def test_a_wall_clock_that_is_away_and_texts_that_are_late_are_told(clinic):
    clinic.post(a_text(body="please call me, Dana, tomorrow at 10"))
    clinic.clock.move(minutes=30)
    upkeep.heartbeat(clinic.database, a_clock(clinic, away_s=3600))
    assert ready(clinic) == (200, [], ["clock_away", "texts_late"])


@pytest.mark.parametrize("failing", ["texts", "calls", "recordings"])
def test_lists_that_cannot_be_read_are_told_after_ten_minutes_and_reminders_go_out_all_the_same(clinic, failing):
    inbox = FakeInbox()
    receiver = Receiver(clinic.line, inbox)
    take_missing(receiver)
    inbox.failing = {failing}
    for minutes, told in ((9, []), (3, ["lists_unread"])):
        clinic.clock.move(minutes=minutes)
        take_missing(receiver)
        upkeep.heartbeat(clinic.database, a_clock(clinic))
        assert ready(clinic) == (200, [], told)
    inbox.failing = set()
    take_missing(receiver)
    assert ready(clinic) == (200, [], [])


def test_a_database_without_its_migrations_is_not_ready(clinic, monkeypatch):
    upkeep.heartbeat(clinic.database, a_clock(clinic))
    known = migrations.known
    monkeypatch.setattr(migrations, "known", lambda: ("9999", *known()))
    assert ready(clinic) == (503, ["other_schema"], [])


@pytest.mark.parametrize(
    ("free", "told"),
    [(6, (200, [], [])), (4, (200, [], ["disk_short"])), (0.0001, (503, ["disk_full"], ["disk_short"]))],
)
def test_a_disk_that_fills_up_is_told_in_time_where_the_database_is_on_it(clinic, monkeypatch, free, told):
    upkeep.heartbeat(clinic.database, a_clock(clinic))
    total = 10**10
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=total, free=int(total * free / 100)))
    assert ready(clinic) == (told if clinic.database.is_sqlite else (200, [], []))


def test_nothing_private_is_told_and_counts_are_for_this_machine_or_a_token(clinic, monkeypatch):
    clinic.post(a_text(body="please call me tomorrow at 3, my name is Zebulon"))
    upkeep.heartbeat(clinic.database, a_clock(clinic))
    told = clinic.client.get("/metrics").text
    assert "clinic_line_requests_open 1.0" in told
    assert 'clinic_line_notices{state="pending"}' in told
    assert "Zebulon" not in told + clinic.client.get("/health/ready").text
    assert clinic.client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    assert clinic.client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    clinic.line.environment.__dict__["metrics_token"] = "a word"
    assert clinic.client.get("/metrics").status_code == 404
    assert clinic.client.get("/metrics", headers={"Authorization": "Bearer a word"}).status_code == 200


def test_the_watcher_outside_is_told_only_while_all_is_well(clinic):
    with scripted_clinic() as watcher:
        clinic.line.environment.__dict__["alive_url"] = f"{watcher.url}/alive"
        alive.tell(clinic.line)
        assert watcher.heard == []
        upkeep.heartbeat(clinic.database, a_clock(clinic))
        alive.tell(clinic.line)
        assert [heard.path for heard in watcher.heard] == ["/alive"]


def test_staff_see_on_every_page_that_reminders_do_not_run(desk, front):
    shown = front.get("/staff/alarm")
    assert "Reminders are not going out" in shown.text
    now = desk.at
    upkeep.heartbeat(desk.db, Clock("owner", "host", now, now, dict.fromkeys(JOBS, now), 0.0))
    again = front.get("/staff/alarm", headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 200, "what is shown has changed"
    assert "Reminders are not going out" not in again.text


def test_texts_that_the_account_is_refused_for_are_told_with_their_code(clinic):
    clinic.post(a_text(body="please call me, Dana, tomorrow at 10"))
    with clinic.database.write() as db:
        refused = {"why": "setup", "error_code": 30034, "state": "pending"}
        db.execute(update(notice_table).values(refused).where(notice_table.c.kind == "new_request"))
    upkeep.heartbeat(clinic.database, a_clock(clinic))
    assert ready(clinic) == (200, [], ["texts_refused"])
    assert clinic.client.get("/health/ready").json["refused_codes"] == [30034]
