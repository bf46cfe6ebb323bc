"""The clock: an APScheduler process that wakes the jobs over rows. Any number may run; none keeps anything."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from triage import logs
from triage.environment import read_environment
from triage.errors import WrongSetting
from triage.jobs import alert_rounds, upkeep
from triage.jobs.compose_texts import Outbox
from triage.jobs.fetch_recordings import Fetcher
from triage.jobs.ring_phones import Dialler
from triage.runtime import Runtime, open_runtime
from triage.settings import read_clinic
from triage.wording import Wording
from webhooks.rest_client import TwilioMessenger, TwilioPhoneRinger
from webhooks.rest_recordings import TwilioRecorder

log = structlog.get_logger()

STALLED_S = 60.0
LOOK_S = 1.0
A_DAY_S = 24 * 60 * 60


class Pulse:
    """When a tick last ended, by monotonic time: the wall clock may be set back."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def beat(self) -> None:
        self._last = time.monotonic()

    def silent_s(self) -> float:
        return time.monotonic() - self._last


def ticks(
    runtime: Runtime, outbox: Outbox, dialler: Dialler, fetcher: Fetcher, owner: str
) -> dict[str, tuple[float, Callable[[], object]]]:
    """Every job with its interval in seconds."""
    started_at, host = runtime.now(), socket.gethostname()

    def crisis() -> None:
        alert_rounds.escalate(runtime.db, runtime.clinic, runtime.now())
        upkeep.send_crisis(outbox)

    return {
        "crisis": (1, crisis),
        "ring": (1, lambda: upkeep.ring_due(dialler)),
        "due": (5, lambda: upkeep.send_due_notices(outbox)),
        "leases": (5, lambda: upkeep.expire_leases(runtime.db, runtime.now())),
        "calls": (15, lambda: upkeep.settle_calls(dialler)),
        "conversations": (15, lambda: upkeep.expire_conversations(runtime)),
        "recordings": (10, lambda: upkeep.fetch_recordings(fetcher)),
        "heartbeat": (10, lambda: upkeep.heartbeat(runtime.db, owner, host, started_at, runtime.now())),
        "purge": (A_DAY_S, lambda: upkeep.purge_expired(runtime.db, runtime.clinic.retention, runtime.now())),
        "audit": (60, lambda: upkeep.link_audit(runtime.db)),
    }


def tick(name: str, act: Callable[[], object], pulse: Pulse) -> None:
    """One run of a job. A fault is logged and the next tick tries anew: the database may be back by then."""
    try:
        act()
    except Exception:
        log.exception("tick_failed", tick=name)
    else:
        pulse.beat()


def schedule(work: dict[str, tuple[float, Callable[[], object]]], pulse: Pulse) -> BackgroundScheduler:
    """A scheduler that holds ticks and nothing else, with a thread for each: none waits for another."""
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(len(work))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for name, (seconds, act) in work.items():
        scheduler.add_job(partial(tick, name, act, pulse), "interval", seconds=seconds, id=name)
    return scheduler


def watch(pulse: Pulse, stop: threading.Event) -> int:
    """Wait until asked to stop (0), or until no tick has ended well for too long (1): the supervisor starts us anew."""
    while not stop.wait(LOOK_S):
        if pulse.silent_s() > STALLED_S:
            log.critical("clock_stalled", silent_s=round(pulse.silent_s()))
            return 1
    return 0


def main() -> int:
    logs.set_up()
    try:
        environment = read_environment()
        clinic = read_clinic(environment.clinic_file)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        return 2
    runtime = open_runtime(environment, clinic, Wording())
    owner, pulse, stop = str(uuid4()), Pulse(), threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    outbox = Outbox(runtime, TwilioMessenger(environment, clinic))
    dialler = Dialler(runtime, TwilioPhoneRinger(environment, clinic))
    fetcher = Fetcher(runtime, TwilioRecorder(environment))
    work = ticks(runtime, outbox, dialler, fetcher, owner)
    scheduler = schedule(work, pulse)
    tick("purge", work["purge"][1], pulse)
    scheduler.start()
    log.info("clock_started", owner=owner)
    code = watch(pulse, stop)
    if code:
        os._exit(code)  # a thread that hangs would hold up a clean end for ever
    scheduler.shutdown(wait=True)
    runtime.db.close()
    log.info("clock_stopped", owner=owner)
    return code


if __name__ == "__main__":
    sys.exit(main())
