"""Ending and deploying, with real processes: what is under way is finished; a database of another version is told."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from flask import Response
from sqlalchemy import select, text

from tests.chaos.crowd import plan_texts, plan_urgent
from tests.phone_line import scripted_clinic
from tests.processes.running import ROOT, Posted, running, wait_until
from triage import migrations
from triage.store.tables import messages

pytestmark = pytest.mark.processes

WISH = "please have someone call me, my name is Zebulon, tomorrow at noon"
FIRST, SECOND = (Posted(f"SM{number:032x}", f"+1480555010{number}", WISH) for number in (1, 2))


@pytest.fixture
def here(database, tmp_path):
    with running(database, tmp_path) as here:
        yield here


@contextmanager
def nobody_can_write(database):
    """Hold up whoever writes a message, as a slow disk would."""
    if database.is_sqlite:
        with open(f"{database.path}.lock", "a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        return
    with database.write() as db:
        db.execute(text("LOCK TABLE messages IN EXCLUSIVE MODE"))
        yield


def kept(here):
    with here.database.read() as db:
        return sorted(db.scalars(select(messages.c.dedupe_key).where(messages.c.direction == "in")))


def test_a_text_under_way_is_answered_and_kept_and_the_next_process_takes_the_next_one(here):
    web, answers = here.start_web(), []
    posting = threading.Thread(target=lambda: answers.append(here.post(FIRST)))
    with nobody_can_write(here.database):
        posting.start()
        time.sleep(0.7)
        web.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        assert answers == []
    posting.join()
    assert web.wait(25) == 0
    assert here.post(SECOND) == (0, b""), "nobody is let in any more"
    assert [status for status, _ in answers] == [200]
    assert kept(here) == [f"in:{FIRST.sid}"]
    here.start_web()
    assert here.post(FIRST) == answers[0], "the next process gives the same answer"
    here.deliver(SECOND)
    assert kept(here) == [f"in:{FIRST.sid}", f"in:{SECOND.sid}"]


def sends(provider):
    return sum(heard.method == "POST" for heard in provider.heard)


def test_a_send_under_way_is_recorded_and_none_is_begun_after_it(here):
    """The provider takes two seconds a text, and ten wait."""
    plan_urgent(here, range(10))
    plan_texts(here, range(10, 20))
    numbers = count()

    def slowly(heard):
        sid = f"SM{next(numbers):032x}"
        time.sleep(2.0)
        return Response(json.dumps({"sid": sid, "status": "queued"}), 201, mimetype="application/json")

    with scripted_clinic() as provider:
        provider.script = slowly
        here.environment |= {"TWILIO_API_BASE_URL": provider.url, "WAITS_SCALE": "1"}
        clock = here.start_clock()
        wait_until(lambda: sends(provider) >= 2, "texts to staff and to patients are under way")
        asked_at = time.monotonic()
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(25) == 0
        assert time.monotonic() - asked_at < 10
    with here.database.read() as db:
        states = db.execute(text("SELECT state, count(*) FROM notices GROUP BY state")).all()
    counted = {row[0]: row[1] for row in states}
    assert counted["sent"] == sends(provider) <= 4
    assert set(counted) == {"sent", "pending"}


# --- another version's database


@pytest.fixture
def head(database):
    """Set which revision the database says it is at; put right afterwards."""

    def set_to(revision):
        with database.write() as db:
            db.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})

    yield set_to
    set_to(migrations.known()[0])


def ready(here):
    status, body = here._ask("GET", "/health/ready")
    return status, json.loads(body)


@pytest.mark.rare
def test_processes_go_on_while_a_newer_version_adds_to_the_database(here, head):
    here.start_web()
    here.start_clock()
    here.deliver(FIRST)
    migrations.upgrade(here.database)
    with here.database.write() as db:
        db.execute(text("ALTER TABLE people ADD COLUMN fictional INTEGER"))
        db.execute(text("CREATE TABLE fictional (id INTEGER PRIMARY KEY)"))
    try:
        head("9999")
        here.start_clock()
        here.stop()
        here.start_web()
        here.start_clock()
        here.deliver(SECOND)
        wait_until(lambda: ready(here)[0] == 200, "it is ready")
        assert "newer_schema" in ready(here)[1]["warnings"]
        assert "still works on it" in here.said()
        assert len(kept(here)) == 2
        assert "Traceback" not in here.said()
    finally:
        here.kill_all()
        with here.database.write() as db:
            db.execute(text("DROP TABLE fictional"))
            db.execute(text("ALTER TABLE people DROP COLUMN fictional"))


@pytest.mark.rare
@pytest.mark.parametrize(("at", "told"), [("9999", "start that version"), ("0017", "run `flask migrate`")])
def test_a_database_that_cannot_be_worked_on_is_told_in_one_sentence(here, head, at, told):
    migrations.upgrade(here.database)
    with here.database.write() as db:
        db.execute(text("UPDATE schema_floor SET revision = '9999'"))
    head(at)
    web = here.start_web()
    for path in ("/staff/", "/staff/sign-in"):
        status, body = here._ask("GET", path)
        assert (status, told in body.decode(), body.count(b"\n")) == (503, True, 1)
    assert here.post(FIRST)[0] == 503
    status, told_probe = ready(here)
    assert (status, told_probe["problems"]) == (503, ["other_schema"])
    for command in (["clock.py"], ["-m", "flask", "queue"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=here.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode != 0
        assert told in done.stderr
        assert "Traceback" not in done.stderr
    assert "Traceback" not in here.said()
    head(migrations.known()[0])
    here.deliver(FIRST)
    assert web.poll() is None, "it goes on by itself once the database is right"


# --- all processes of a rehearsal


@pytest.fixture
def rehearsal(sqlite_database, tmp_path):
    """What `make run` starts, in a session of its own."""
    with running(sqlite_database, tmp_path) as here:
        environment = here.environment | {"PHONE_PORT": str(here.port + 1)}
        environment |= {"TWILIO_API_BASE_URL": f"http://127.0.0.1:{here.port + 1}"}
        with here.log.open("ab") as log:
            honcho = subprocess.Popen(
                [sys.executable, "-m", "honcho", "-f", "Procfile.dev", "start", "-p", str(here.port)],
                cwd=ROOT, env=environment | {"PATH": f"{os.path.dirname(sys.executable)}:{environment['PATH']}"},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        here.processes.append(honcho)
        try:
            wait_until(lambda: here._ask("GET", "/health/live")[0] == 200, "the web process answers")
            wait_until(lambda: "clock_started" in here.said(), "the clock has started")
            yield here, honcho
        finally:
            for pid in ours_left(here):
                os.kill(int(pid), signal.SIGKILL)


def ours_left(here):
    """Return the ids of processes that were given this test's database: whatever session they are in."""
    marker = f"DATABASE_URL={here.environment['DATABASE_URL']}".encode()
    left = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as given:
                if marker in given.read().split(b"\0"):
                    left.append(pid)
        except OSError:
            continue
    return left


def test_the_end_of_one_process_ends_all(rehearsal):
    here, honcho = rehearsal
    assert len(ours_left(here)) >= 4
    clock = [pid for pid in ours_left(here) if b"clock.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    for pid in clock:
        os.kill(int(pid), signal.SIGKILL)
    assert honcho.wait(25) != 0
    wait_until(lambda: ours_left(here) == [], "no process is left")


def test_ctrl_c_leaves_no_process(rehearsal):
    here, honcho = rehearsal
    os.killpg(honcho.pid, signal.SIGINT)
    honcho.wait(25)
    wait_until(lambda: ours_left(here) == [], "no process is left")
