"""What the scenarios share: invented people, texts on their way as the provider sends them, clocks that die."""

import contextlib
import os
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache

import phonenumbers
import psutil
from flask import Request
from sqlalchemy import func, select

from phone.records import Direction
from tests.processes.running import Posted, Running
from triage.model.notice import Kind, NoticeState, Planned
from triage.model.request import Priority, RequestValues
from triage.notices import plan
from triage.runtime import utc_now
from triage.store import notices, people, requests
from triage.store.tables import notices as notice_table
from triage.team.alert_codes import without_codes

WISH = "please have someone call me, my name is Zebulon, tomorrow at noon"
CRISIS = "i want to kill myself tonight"

UNDER_WAY = (NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN)

# How often the provider tries an address of ours (`#rc=3`), before it asks the fallback.
TRIES = 4


@cache
def _area_codes() -> tuple[str, ...]:
    codes = (str(code) for code in range(201, 990))
    return tuple(code for code in codes if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{code}5550100")))


def patient(number: int) -> str:
    """Return the phone of an invented person; there are some 30,000 of them."""
    area, last = divmod(number, 100)
    return f"+1{_area_codes()[area]}55501{last:02d}"


def sid(number: int) -> str:
    return f"SM{number:032x}"


def bring(here: Running, text: Posted, pause_s: float = 0.0) -> tuple[int, bytes]:
    """Deliver one text as the provider does: again where it failed, a few times. Returns the last answer."""
    answer = (0, b"")
    for attempt in range(TRIES):
        time.sleep(pause_s if attempt else 0)
        answer = here.post(text)
        if answer[0] == 200:
            break
    return answer


def at_once(senders: int, act: Callable[..., object], given: Iterable[object]) -> list[object]:
    with ThreadPoolExecutor(senders) as pool:
        return list(pool.map(act, given))


def plan_texts(here: Running, numbers: range, first_at: datetime | None = None, a_second: float = 0) -> None:
    """Plan a text to each of these people, of a kind that goes out at any hour; each has words of its own.

    All are due at once, or `a_second` of them from `first_at` on.
    """
    now = utc_now()
    for batch in batched(numbers):
        with here.database.write() as db:
            for number in batch:
                after = timedelta(seconds=(number - numbers.start) / a_second) if a_second else timedelta()
                person, _ = people.meet(db, patient(number), "en", now)
                text = Planned(
                    Kind.CALL_CONFIRMED, f"confirmed:{number}", (first_at or now) + after, person_id=person.id,
                    body=f"We will call you: {number}.",
                )  # fmt: skip
                notices.plan(db, text, now)


def plan_urgent(here: Running, numbers: range) -> None:
    """Let each of these people have an urgent request, so that those on duty are alerted."""
    now = utc_now()
    for batch in batched(numbers):
        with here.database.write() as db:
            for number in batch:
                person, _ = people.meet(db, patient(number), "en", now)
                values = {"name": "Zebulon", "phone": person.phone}
                due_at = now + timedelta(minutes=30)
                ref = requests.create(db, RequestValues(person.id, Priority.URGENT, "sms", "en", due_at, values), now)
                plan.follow(db, here.clinic, ref, now)


def batched(numbers: range, size: int = 250) -> Iterator[range]:
    """Give the numbers in parts, one for each transaction."""
    yield from (numbers[start : start + size] for start in range(0, len(numbers), size))


class Clocks:
    """So many clock processes, for as long as a `with` block lasts: whichever dies is started anew."""

    def __init__(self, here: Running, count: int, *command: str) -> None:
        self._here, self._count, self._command = here, count, command
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ended, self._nurse = threading.Event(), threading.Thread(target=self._look_after)
        self.deaths = 0

    def __enter__(self) -> "Clocks":
        self._processes = [self._here.start_clock(*self._command) for _ in range(self._count)]
        self._nurse.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._ended.set()
        self._nurse.join()
        for process in self._processes:
            process.send_signal(signal.SIGCONT)

    def _look_after(self) -> None:
        while not self._ended.wait(0.05):
            for place, process in enumerate(self._processes):
                if process.poll() is not None:
                    self.deaths += 1
                    self._processes[place] = self._here.begin_clock(*self._command)

    def kill_one(self) -> None:
        random.choice(self._processes).kill()

    def kill_sender_of(self, asked: Request) -> None:
        """Kill the clock whose request the phone is answering at this moment."""
        port = int(asked.environ["REMOTE_PORT"])
        for process in self._processes:
            with contextlib.suppress(psutil.Error):
                if any(one.laddr.port == port for one in psutil.Process(process.pid).net_connections("tcp")):
                    process.kill()

    def let_one_stand_still(self, seconds: float) -> None:
        """Stop one as if its machine had gone to sleep, and let it go on after that time."""
        process = random.choice(self._processes)
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)


@contextmanager
def every(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again beside the block."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def kill_a_worker(here: Running, web: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, IndexError, FileNotFoundError):
        os.kill(random.choice(here.workers(web)), signal.SIGKILL)


def under_way(here: Running) -> int:
    """Count the notices that are due and have no final state yet."""
    with here.database.read() as db:
        waiting = notice_table.c.state.in_(UNDER_WAY) & (notice_table.c.due_at <= utc_now() + timedelta(minutes=2))
        return db.scalar(select(func.count()).select_from(notice_table).where(waiting)) or 0


def wait_for_the_end(here: Running, within_s: float) -> None:
    """Wait until no notice is under way, or the time is over; what is left is for the scenario to count."""
    ends = time.monotonic() + within_s
    while under_way(here) and time.monotonic() < ends:
        time.sleep(0.2)


def arrived(here: Running) -> Counter[str]:
    """Count how often the provider took each notice: texts to patients by their words, those to staff by request."""
    here.phone.settle()
    taken = [text.body for text in here.phone.board.messages() if text.direction is Direction.API]
    return Counter(key for body in taken for key in _carried(body))


def _carried(body: str) -> list[str]:
    """Return what a text stands for: its words, or each request that a text to staff names."""
    named = re.search(r"\brequests?:? (\d+(?:, \d+)*)", without_codes(body))
    return [f"request {ref}" for ref in named[1].split(", ")] if named else [body]
