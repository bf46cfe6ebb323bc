"""The clock's process: what it schedules, and how it ends."""

import threading

import pytest
from apscheduler.jobstores.memory import MemoryJobStore

import clock
from tests.builders import Line


@pytest.fixture
def pulse(monkeypatch):
    monkeypatch.setattr(clock, "LOOK_S", 0.01)
    return clock.Pulse()


def silent(pulse: clock.Pulse, seconds: float) -> None:
    pulse._last -= seconds


def test_a_clock_that_is_asked_to_stop_ends_well(pulse):
    stop = threading.Event()
    stop.set()
    assert clock.watch(pulse, stop) == 0


def test_a_clock_whose_ticks_have_stopped_ends_with_a_fault(pulse):
    silent(pulse, clock.STALLED_S + 1)
    assert clock.watch(pulse, threading.Event()) == 1


def test_a_tick_that_ends_well_is_a_pulse_and_one_that_fails_is_none(pulse):
    def fails():
        raise RuntimeError

    silent(pulse, 30)
    clock.tick("any", fails, pulse)
    assert pulse.silent_s() >= 30
    clock.tick("any", lambda: None, pulse)
    assert pulse.silent_s() < 30


def test_the_scheduler_holds_no_reminders_and_lets_no_tick_overtake_itself(sqlite_database, pulse):
    line = Line(sqlite_database, "2026-11-24 10:00")
    work = clock.ticks(line.line, line.outbox, line.dialler, line.fetcher, "owner")
    scheduler = clock.schedule(work, pulse)
    scheduler.start(paused=True)
    try:
        assert {job.id: job.trigger.interval.total_seconds() for job in scheduler.get_jobs()} == {
            "crisis": 1,
            "ring": 1,
            "due": 5,
            "leases": 5,
            "calls": 15,
            "recordings": 10,
            "conversations": 15,
            "heartbeat": 10,
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


def test_every_tick_runs_on_an_empty_database_and_twice_over(sqlite_database):
    line = Line(sqlite_database, "2026-11-24 10:00")
    for _ in range(2):
        for _, act in clock.ticks(line.line, line.outbox, line.dialler, line.fetcher, "owner").values():
            act()
    assert line.messenger.sent == []
