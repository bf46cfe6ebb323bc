"""The clock: an APScheduler process that wakes the jobs over rows. Any number may run; none keeps anything."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from triage import logs, migrations
from triage.environment import read_environment
from triage.errors import WrongSetting
from triage.jobs import alert_rounds, catch_up, health, look_up_lines, nightly_balance, safe_mode, tell_outside, upkeep
from triage.jobs.catch_up import Receiver
from triage.jobs.compose_texts import Outbox
from triage.jobs.fetch_recordings import Fetcher
from triage.jobs.look_up_lines import LineLookup
from triage.jobs.pace import CRISIS, TO_PATIENTS, TO_STAFF
from triage.jobs.ring_phones import Dialler
from triage.migrations import ADVICE, Schema
from triage.ports import OutsideChannel
from triage.runtime import Runtime, open_runtime
from triage.settings import read_clinic
from triage.store import key_canary
from triage.store.clocks import Clock
from triage.store.engine import NOT_KEPT
from triage.wording import Wording
from webhooks import alive, audit_head
from webhooks.apprise_channel import AppriseChannel
from webhooks.rest_client import TwilioMessenger, TwilioPhoneRinger
from webhooks.rest_inbox import TwilioInbox
from webhooks.rest_lines import TwilioLineTypes
from webhooks.rest_recordings import TwilioRecorder

log = structlog.get_logger()

STALLED_S = 60.0
LOOK_S = 1.0
A_DAY_S = 24 * 60 * 60
# A step of the wall clock larger than this was no fine tuning by the time service.
SET_S = 2.0
HELD_S = 10 * 60.0
# What is under way when the process is asked to end has this long: longer than any time-out of a send.
END_WITHIN_S = 25.0


class Pulse:
    """When a tick last ended, by monotonic time: the wall clock may be set back.

    One that found the database away has ended, too: it hangs no more than the database does, and a new process would
    find no other. ended_at: the last good end of each tick by its name, aware UTC.
    """

    def __init__(self) -> None:
        self._last = time.monotonic()
        self.ended_at: dict[str, datetime] = {}

    def go_on(self) -> None:
        self._last = time.monotonic()

    def beat(self, name: str) -> None:
        self.go_on()
        self.ended_at = self.ended_at | {name: datetime.now(UTC)}

    def silent_s(self) -> float:
        return time.monotonic() - self._last


class WallClock:
    """How far the wall clock has been set away from where it stood at the start, told by monotonic time.

    While it is away, texts to patients are held: by a wrong clock they might land at night. When it stays away for
    HELD_S it has been set for good; then `watch` ends the process, and the next one starts from there.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset_s = self._first_s = wall() - steady()
        self._away_since: float | None = None

    def look(self) -> float:
        """Return by how many seconds it was set since the last look: 0.0 where it only ticked on."""
        offset_s, before_s = self._wall() - self._steady(), self._offset_s
        self._offset_s = offset_s
        if abs(offset_s - self._first_s) <= health.AWAY_S:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._steady()
        return offset_s - before_s if abs(offset_s - before_s) > SET_S else 0.0

    def set_by_s(self) -> float:
        """Return by how many seconds it is away from where it stood at the start."""
        return self._offset_s - self._first_s

    @property
    def is_away(self) -> bool:
        """Tell whether it is away at this moment: it may have been set since the last look."""
        return abs(self._wall() - self._steady() - self._first_s) > health.AWAY_S

    def away_s(self) -> float:
        return self._steady() - self._away_since if self._away_since is not None else 0.0


@dataclass(frozen=True)
class Ports:
    """By what the jobs reach the world: texts, calls, recordings, lines, what came in, and a way past the provider."""

    outbox: Outbox
    dialler: Dialler
    fetcher: Fetcher
    receiver: Receiver
    channel: OutsideChannel
    lookup: LineLookup


def ticks(
    runtime: Runtime, ports: Ports, owner: str, wall: WallClock, pulse: Pulse
) -> dict[str, tuple[float, Callable[[], object]]]:
    """Return every job with its interval in seconds.

    Each has a thread of its own, and so has each pace of texts: a slow answer to a text holds up no alert to staff.
    """
    started_at, host = runtime.now(), socket.gethostname()

    def heartbeat() -> None:
        standing = Clock(owner, host, started_at, runtime.now(), pulse.ended_at, wall.set_by_s())
        upkeep.heartbeat(runtime.db, standing)

    def crisis() -> None:
        alert_rounds.escalate(runtime.db, runtime.clinic, runtime.now())
        upkeep.send(ports.outbox, CRISIS)

    def patients() -> None:
        # By a wall clock that was set, a text might land at night.
        if not wall.is_away:
            upkeep.send(ports.outbox, TO_PATIENTS)

    looked = threading.Event()

    def inbound() -> None:
        try:
            catch_up.take_missing(ports.receiver)
        finally:
            looked.set()

    def conversations() -> None:
        # What came while no clock ran is taken first: it may be the answer to a question that would now run out.
        if looked.is_set():
            upkeep.expire_conversations(runtime)

    scale = runtime.environment.waits_scale
    return {
        "crisis": (1 * scale, crisis),
        "ring": (1, lambda: upkeep.ring_due(ports.dialler)),
        "staff": (5 * scale, lambda: upkeep.send(ports.outbox, TO_STAFF)),
        "patients": (5 * scale, patients),
        "settle_crisis": (1 * scale, lambda: upkeep.settle(ports.outbox, CRISIS)),
        "settle_staff": (5 * scale, lambda: upkeep.settle(ports.outbox, TO_STAFF)),
        "settle_patients": (5 * scale, lambda: upkeep.settle(ports.outbox, TO_PATIENTS)),
        "calls": (2, lambda: upkeep.settle_calls(ports.dialler)),
        "inbound": (60 * scale, inbound),
        "conversations": (15, conversations),
        "lines": (5 * scale, lambda: look_up_lines.look_up_due(ports.lookup)),
        "names": (10, lambda: upkeep.index_names(runtime.db)),
        "recordings": (10, lambda: upkeep.fetch_recordings(ports.fetcher)),
        "outside": (5 * scale, lambda: tell_outside.tell(runtime, ports.channel)),
        "heartbeat": (10, heartbeat),
        "alive": (60, lambda: alive.tell(runtime)),
        "purge": (A_DAY_S, lambda: upkeep.purge_expired(runtime.db, runtime.clinic.retention, runtime.now())),
        # The row of the day decides that it is counted once, however many clocks ask.
        "balance": (10 * 60, lambda: nightly_balance.count_once(runtime)),
        "audit": (60, lambda: audit_head.note(runtime)),
    }


def tick(name: str, act: Callable[[], object], pulse: Pulse) -> None:
    """Run a job once. A fault is logged and the next tick tries anew: the database may be back by then."""
    try:
        act()
    except NOT_KEPT as fault:
        log.error("tick_without_database", tick=name, fault=type(fault).__name__)
        pulse.go_on()
    except Exception:
        log.exception("tick_failed", tick=name)
    else:
        pulse.beat(name)


def schedule(work: dict[str, tuple[float, Callable[[], object]]], pulse: Pulse) -> BackgroundScheduler:
    """Make a scheduler that holds ticks and nothing else, with a thread for each: none waits for another."""
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(len(work))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for name, (seconds, act) in work.items():
        # At once, and then at each interval: what waited while no clock ran waits no longer.
        scheduler.add_job(
            partial(tick, name, act, pulse), "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC)
        )
    return scheduler


def watch(pulse: Pulse, wall: WallClock, scheduler: BackgroundScheduler, stop: threading.Event) -> int:
    """Wait until asked to stop (0), or until the process should be started anew by its supervisor (1).

    That is when no tick has ended well for too long, and when the wall clock has been set for good.
    """
    while not stop.wait(LOOK_S):
        if set_by_s := wall.look():
            log.error("wall_clock_set", by_s=round(set_by_s), is_away=wall.is_away)
            run_now(scheduler)
        if wall.away_s() > HELD_S:
            log.critical("wall_clock_set_for_good", since_s=round(wall.away_s()))
            return 1
        if pulse.silent_s() > STALLED_S:
            log.critical("clock_stalled", silent_s=round(pulse.silent_s()))
            return 1
    return 0


def run_now(scheduler: BackgroundScheduler) -> None:
    """Let every job begin its interval now: the scheduler waits for wall times, and they have just moved."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def main() -> int:
    logs.set_up()
    try:
        environment = read_environment()
        clinic = read_clinic(environment.clinic_file)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        return 2
    runtime = open_runtime(environment, clinic, Wording())
    if advice := what_schema_needs(runtime):
        print(advice, file=sys.stderr)
        return 2
    try:
        key_canary.check(runtime.db)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        return 2
    safe_mode.enter_if_restored(runtime)
    owner, pulse, stop = str(uuid4()), Pulse(), runtime.ending
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    ports = Ports(
        Outbox(runtime, TwilioMessenger(environment, clinic)),
        Dialler(runtime, TwilioPhoneRinger(environment, clinic)),
        Fetcher(runtime, TwilioRecorder(environment)),
        Receiver(runtime, TwilioInbox(environment, clinic)),
        AppriseChannel(environment),
        LineLookup(runtime, TwilioLineTypes(environment)),
    )
    wall = WallClock()
    work = ticks(runtime, ports, owner, wall, pulse)
    scheduler = schedule(work, pulse)
    scheduler.start()
    log.info("clock_started", owner=owner, pid=os.getpid())
    code = watch(pulse, wall, scheduler, stop)
    if code or not ended_well(scheduler):
        os._exit(code or 1)  # a thread that hangs would hold up a clean end for ever
    runtime.db.close()
    log.info("clock_stopped", owner=owner)
    return code


def what_schema_needs(runtime: Runtime) -> str:
    """Return what to do before this program can work on the database; empty if it can, or if nobody can say yet."""
    try:
        standing = migrations.standing(runtime.db)
    except NOT_KEPT:
        return ""
    if standing.works:
        if standing is Schema.AHEAD:
            log.warning("newer_schema", advice=ADVICE[standing])
        return ""
    return ADVICE[standing]


def ended_well(scheduler: BackgroundScheduler) -> bool:
    """Wait until no job runs any more. False, and logged, if one has not ended in time: its send is settled later."""
    waiting = threading.Thread(target=scheduler.shutdown, daemon=True)
    waiting.start()
    waiting.join(END_WITHIN_S)
    if waiting.is_alive():
        log.critical("clock_hangs", waited_s=END_WITHIN_S)
    return not waiting.is_alive()


if __name__ == "__main__":
    sys.exit(main())
