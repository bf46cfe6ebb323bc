"""The clock's process: what it schedules, and how it ends."""

import threading
from dataclasses import replace

import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import OperationalError

import clock
from tests.builders import Line
from tests.unit.test_settling import DANA, MORNING, tried_to_reach
from triage.model.request import Priority
from triage.store import audit, audit_chain
from webhooks import audit_head


@pytest.fixture
def pulse(monkeypatch):
    monkeypatch.setattr(clock, "LOOK_S", 0.01)
    return clock.Pulse()


def work_of(line: Line, wall: clock.WallClock, pulse: clock.Pulse):
    ports = clock.Ports(line.outbox, line.dialler, line.fetcher, line.receiver, line.outside, line.lookup)
    return clock.ticks(line.line, ports, "owner", wall, pulse)


def silent(pulse: clock.Pulse, seconds: float) -> None:
    pulse._last -= seconds


def test_a_clock_that_is_asked_to_stop_ends_well(pulse):
    stop = threading.Event()
    stop.set()
    assert clock.watch(pulse, clock.WallClock(), BackgroundScheduler(), stop) == 0


def test_a_clock_whose_ticks_have_stopped_ends_with_a_fault(pulse):
    silent(pulse, clock.STALLED_S + 1)
    assert clock.watch(pulse, clock.WallClock(), BackgroundScheduler(), threading.Event()) == 1


def test_a_tick_that_ends_well_is_a_pulse_and_one_that_fails_is_none(pulse):
    def fails():
        raise RuntimeError

    silent(pulse, 30)
    clock.tick("any", fails, pulse)
    assert pulse.silent_s() >= 30
    clock.tick("any", lambda: None, pulse)
    assert pulse.silent_s() < 30


def test_the_clock_notes_the_head_of_the_trail_where_it_was_told_to(sqlite_database, pulse, tmp_path):
    line, file = Line(sqlite_database, "2026-11-24 10:00"), tmp_path / "head.txt"
    with sqlite_database.write() as db:
        audit.record(db, "claim", line.now)
    line.line = replace(line.line, environment=line.line.environment.model_copy(update={"audit_head": str(file)}))
    _every_s, note = work_of(line, clock.WallClock(), pulse)["audit"]
    note()
    with sqlite_database.snapshot() as db:
        assert audit_head.kept(str(file)) == audit_chain.head(db) != audit_chain.BEGINNING


def test_the_clock_deletes_what_has_had_its_time_by_what_the_clinic_has_set(sqlite_database, pulse, monkeypatch):
    asked = []
    monkeypatch.setattr(clock.upkeep, "purge_expired", lambda *given: asked.append(given))
    line = Line(sqlite_database, "2026-11-24 10:00")
    _every_s, purge = work_of(line, clock.WallClock(), pulse)["purge"]
    purge()
    assert asked == [(line.line.db, line.clinic.retention, line.now)]


def test_the_scheduler_holds_no_reminders_and_lets_no_tick_overtake_itself(sqlite_database, pulse):
    line = Line(sqlite_database, "2026-11-24 10:00")
    work = work_of(line, clock.WallClock(), pulse)
    scheduler = clock.schedule(work, pulse)
    scheduler.start(paused=True)
    try:
        assert {job.id: job.trigger.interval.total_seconds() for job in scheduler.get_jobs()} == {
            "crisis": 1,
            "ring": 1,
            "staff": 5,
            "patients": 5,
            "settle_crisis": 1,
            "settle_staff": 5,
            "settle_patients": 5,
            "calls": 2,
            "lines": 5,
            "names": 10,
            "recordings": 10,
            "conversations": 15,
            "inbound": 60,
            "outside": 5,
            "heartbeat": 10,
            "balance": 600,
            "alive": 60,
            "purge": 86_400,
            "audit": 60,
        }
        assert {(job.max_instances, job.coalesce, job.misfire_grace_time) for job in scheduler.get_jobs()} == {
            (1, True, None)
        }
        assert isinstance(scheduler._jobstores["default"], MemoryJobStore)
        assert str(scheduler.timezone) == "UTC"
    finally:
        scheduler.shutdown(wait=False)


def test_every_tick_runs_on_an_empty_database_and_twice_over(sqlite_database, pulse):
    line = Line(sqlite_database, "2026-11-24 10:00")
    for _ in range(2):
        work = work_of(line, clock.WallClock(), pulse)
        for _, act in work.values():
            act()
    assert line.messenger.sent == []


def test_no_question_runs_out_before_what_came_while_no_clock_ran_has_been_read(sqlite_database, pulse, monkeypatch):
    line = Line(sqlite_database, MORNING)
    work = work_of(line, clock.WallClock(), pulse)
    settled = []
    monkeypatch.setattr(clock.upkeep, "expire_conversations", settled.append)
    work["conversations"][1]()
    assert settled == []
    line.inbox.failing = {"texts", "calls"}
    work["inbound"][1]()
    work["conversations"][1]()
    assert len(settled) == 1


def test_an_alert_to_staff_goes_out_while_a_text_to_a_patient_hangs(sqlite_database, pulse):
    line = Line(sqlite_database, MORNING)
    tried_to_reach(line)
    work = work_of(line, clock.WallClock(), pulse)
    hangs, answered = threading.Event(), threading.Event()

    def hang():
        hangs.set()
        assert answered.wait(30)

    line.messenger.answers = [hang]
    scheduler = clock.schedule({"patients": work["patients"]}, pulse)
    scheduler.start()
    try:
        assert hangs.wait(30)
        line.has_request("+16025550119", priority=Priority.URGENT, due="2026-11-24 12:00")
        work["staff"][1]()
        assert [text.to == DANA for text in line.messenger.sent] == [True, False]
        assert not answered.is_set()
    finally:
        answered.set()
        scheduler.shutdown(wait=True)


def test_texts_to_patients_wait_while_the_wall_clock_is_away(sqlite_database, pulse):
    line, hands = Line(sqlite_database, MORNING), Hands()
    tried_to_reach(line)
    wall = clock.WallClock(lambda: hands.wall, lambda: hands.steady)
    work = work_of(line, wall, pulse)
    hands.pass_s(1, set_by=-3600)
    wall.look()
    for _, act in work.values():
        act()
    assert line.messenger.to(DANA) == []
    hands.pass_s(1, set_by=3600)
    wall.look()
    work["patients"][1]()
    assert len(line.messenger.to(DANA)) == 1


class Hands:
    """A wall clock that a test sets, beside steady time."""

    def __init__(self):
        self.wall, self.steady = 1_800_000_000.0, 500.0

    def pass_s(self, seconds, set_by=0.0):
        self.wall, self.steady = self.wall + seconds + set_by, self.steady + seconds


def test_a_wall_clock_that_is_set_is_noticed_and_trusted_again_when_it_is_put_right():
    hands = Hands()
    wall = clock.WallClock(lambda: hands.wall, lambda: hands.steady)
    hands.pass_s(60)
    assert (wall.look(), wall.is_away) == (0.0, False)
    hands.pass_s(1, set_by=-3600)
    assert (wall.look(), wall.is_away) == (-3600, True)
    hands.pass_s(30)
    assert (wall.look(), wall.is_away, wall.away_s()) == (0.0, True, 30)
    hands.pass_s(1, set_by=3600)
    assert (wall.look(), wall.is_away, wall.away_s()) == (3600, False, 0.0)


def test_a_wall_clock_is_known_to_be_away_before_the_next_look():
    hands = Hands()
    wall = clock.WallClock(lambda: hands.wall, lambda: hands.steady)
    hands.pass_s(0.5, set_by=86_400)
    assert wall.is_away


def test_a_wall_clock_that_stays_away_ends_the_process_so_that_the_next_starts_from_there(pulse, monkeypatch):
    hands = Hands()
    wall = clock.WallClock(lambda: hands.wall, lambda: hands.steady)
    hands.pass_s(1, set_by=86_400)
    wall.look()
    hands.pass_s(clock.HELD_S + 1)
    assert clock.watch(pulse, wall, BackgroundScheduler(), threading.Event()) == 1


def test_after_the_wall_clock_was_set_back_every_job_runs_at_once_and_not_an_hour_later(pulse):
    ran = threading.Event()
    scheduler = clock.schedule({"any": (3600.0, ran.set)}, pulse)
    scheduler.start()
    try:
        clock.run_now(scheduler)
        assert ran.wait(10)
    finally:
        scheduler.shutdown()


def test_a_tick_that_finds_the_database_away_is_no_stall_and_is_not_counted_as_done(pulse):
    """Before, a clock ended itself after a minute without its database, and took what it was started with along."""

    def finds_it_away():
        raise OperationalError("", None, OSError())

    silent(pulse, clock.STALLED_S + 1)
    clock.tick("any", finds_it_away, pulse)
    assert pulse.silent_s() < 30
    assert pulse.ended_at == {}
