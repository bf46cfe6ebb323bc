"""A backup taken under load, restored after more had been sent: what old is sent again, what new is not sent."""

import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from tests import pg_dumps
from tests.chaos.counted import Counted
from tests.chaos.crowd import CRISIS, WISH, plan_texts, plan_urgent
from tests.chaos.ground import Ground
from tests.processes.running import ROOT, Posted, Running, wait_until
from triage.model.notice import Kind, NoticeState, Planned
from triage.runtime import utc_now
from triage.store import notices, people
from triage.store.tables import notices as notice_table

OLD = "We will call you: "
NEW = "We will call you after all: "

Texts = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Outcome(Counted):
    """What became of the notices. `sent_since`: between the backup and the end of its database; `while_held`: old ones
    sent before the release; `again`: texts that arrived once more; `lost`: never arrived.
    """

    planned: int
    sent_since: int
    while_held: int
    again: int
    lost: int
    new: int
    new_lost: int
    crisis_alerted_s: float
    seconds: float

    @property
    def holds(self) -> bool:
        return self.while_held == self.again == self.lost == self.new_lost == 0 < self.sent_since

    @property
    def in_time(self) -> bool:
        return self.crisis_alerted_s < 15


def on(ground: Ground, count: int) -> Outcome:
    """Run it on this ground."""
    with ground.running() as here:
        return run(here, ground.folder, count)


def run(here: Running, folder: Path, count: int, within_s: float = 120.0) -> Outcome:
    """Back up while notices go out and people write, go on, lose the database, restore it, compare and release."""
    began, file = time.monotonic(), folder / "backup"
    here.start_web()
    here.start_clock()
    with _people_who_write(here):
        plan_urgent(here, range(count // 2))
        plan_texts(here, range(count // 2, count))
        wait_until(lambda: sum(_old(here).values()) >= count // 5, "a fifth has gone out", within_s)
        at_backup = sum(_old(here).values())
        _back_up(here, file)
        wait_until(lambda: sum(_old(here).values()) >= count * 4 // 5, "four fifths have gone out", within_s)
    here.kill_all()
    before = _old(here)
    _restore(here, file)

    here.start_web()
    here.start_clock()
    here.start_clock()
    here.deliver(Posted(f"SM{0xC0FFEE:032x}", "+14805550199", CRISIS))
    answered = time.monotonic()
    wait_until(lambda: any("CRISIS" in body.upper() for body in here.alerts()), "the crisis is alerted", within_s)
    crisis_alerted_s = round(time.monotonic() - answered, 1)
    new = count // 10
    _plan_new(here, new)
    wait_until(lambda: len(_arrived(here, NEW)) == new, "what is new goes out", within_s)
    while_held = sum((_old(here) - before).values())

    flask(here, "outbox", "reconcile")
    flask(here, "outbox", "release")
    wait_until(lambda: not _waiting(here), "all has been sent", within_s)
    after = _old(here)
    return Outcome(
        planned=count,
        sent_since=sum(before.values()) - at_backup,
        while_held=while_held,
        again=sum((after - Counter(dict.fromkeys(after, 1))).values()),
        lost=count - len(after),
        new=new,
        new_lost=new - len(_arrived(here, NEW)),
        crisis_alerted_s=crisis_alerted_s,
        seconds=round(time.monotonic() - began, 1),
    )


def flask(here: Running, *words: str) -> str:
    """Run a command as an operator does, beside the running processes."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT, env=here.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _people_who_write(here: Running) -> Iterator[None]:
    """Texts come in, one after the other, for as long as the block lasts."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.wait(0.02):
            here.post(Posted(f"SM{number:032x}", f"+1602555{number % 1000:04d}", WISH))
            number += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        yield
    finally:
        stop.set()
        writing.join()


def _back_up(here: Running, file: Path) -> None:
    if here.database.is_sqlite:
        flask(here, "backup", str(file))
    else:
        pg_dumps.dump(here.database, file)


def _restore(here: Running, file: Path) -> None:
    here.database.close()
    path = here.database.path
    if path is None:
        pg_dumps.read_in(here.database, file)
        return
    for left in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        left.unlink(missing_ok=True)
    shutil.copy(file, path)


def _plan_new(here: Running, count: int) -> None:
    now = utc_now()
    for number in range(count):
        with here.database.write() as db:
            person, _ = people.meet(db, f"+1928555{number:04d}", "en", now)
            words = f"{NEW}{number}."
            notices.plan(db, Planned(Kind.CALL_CONFIRMED, f"new:{number}", now, person_id=person.id, body=words), now)


def _arrived(here: Running, words: str) -> Texts:
    here.phone.settle()
    sent = here.phone.client().messages.list(page_size=1000)
    return Counter(
        (str(text.to), str(text.body)) for text in sent if text.direction == "outbound-api" and words in str(text.body)
    )


def _old(here: Running) -> Texts:
    """What arrived of the notices that were planned before the backup: confirmations, and alerts to staff."""
    return _arrived(here, OLD) + _arrived(here, "URGENT request")


def _waiting(here: Running) -> int:
    waits = notice_table.c.state.in_((NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN, NoticeState.HELD))
    due = waits & (notice_table.c.due_at <= utc_now()) & notice_table.c.kind.in_((Kind.URGENT, Kind.CALL_CONFIRMED))
    with here.database.read() as db:
        return db.scalar(select(func.count()).select_from(notice_table).where(due)) or 0
