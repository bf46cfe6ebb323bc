"""The database away, its disk full, its connections taken, its rows locked: what was answered, and what was kept."""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
from sqlalchemy import select

from tests.chaos.counted import Counted
from tests.chaos.crowd import CRISIS, WISH
from tests.chaos.ground import Ground
from tests.postgres_server import control, postgres_server
from tests.processes.running import Posted, Running, running, wait_until
from triage import migrations
from triage.model.request import Priority
from triage.store import people
from triage.store.engine import Database
from triage.store.tables import callback_requests, messages

SENDERS = 20
BACK_WITHIN_S = 10.0
READY_WITHIN_S = 8.0
ALERTED_WITHIN_S = 60.0
# What the database may fill before the disk counts as full.
SMALL_DISK = "12m"

# A trouble lasts as long as its block.
Trouble = Callable[[], Any]


@dataclass(frozen=True)
class Outcome(Counted):
    """What became of the texts that were sent meanwhile.

    unkept: answered 2xx without a row; lost: refused, sent again, and still no row; unlabelled: crises that are none in
    the queue; unalerted: crises that reached no phone of staff; ended: processes that are no more; unlike: answers
    other than 2xx, 503 and a line that broke. Times in seconds: `back_s` from the end of the trouble to the first text
    that is taken.
    """

    sent: int
    answered: int
    crises: int
    unkept: int
    lost: int
    unlabelled: int
    unalerted: int
    unlike: int
    ended: int
    live_missed: int
    ready_meanwhile: int
    slowest_live_s: float
    slowest_ready_s: float
    slowest_answer_s: float
    back_s: float

    @property
    def holds(self) -> bool:
        wrong = (self.unkept, self.lost, self.unlabelled, self.unalerted, self.unlike, self.ended, self.live_missed)
        return not any(wrong)

    @property
    def in_time(self) -> bool:
        return self.back_s <= BACK_WITHIN_S and self.slowest_ready_s <= READY_WITHIN_S


# --- troubles


class OwnServer:
    """A PostgreSQL server that may be stopped: nobody else uses it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.uri = database.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop it as when its machine is taken away: connections are cut in the middle."""
        control(self.database, "stop", "-m", "immediate")
        try:
            yield
        finally:
            control(self.database, "restart")

    @contextmanager
    def slots_taken(self) -> Iterator[None]:
        """Take every connection that it gives, and cut off whoever has another, until nobody has."""
        uri, mine = self.uri, "application_name = 'taker'"
        with ExitStack() as taken:
            boss = taken.enter_context(psycopg.connect(uri, autocommit=True, application_name="taker"))
            others = f"FROM pg_stat_activity WHERE NOT {mine} AND backend_type = 'client backend'"
            while True:
                with suppress(psycopg.OperationalError):
                    while True:
                        taken.enter_context(psycopg.connect(uri, application_name="taker"))
                if not boss.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall():
                    break
            yield

    @contextmanager
    def rows_locked(self) -> Iterator[None]:
        """Hold what every text must write: each request waits, and the connections of the processes run out."""
        with psycopg.connect(self.uri) as holder:
            holder.execute("LOCK TABLE people, messages IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def behind_a_wire(self) -> Iterator["Wire | None"]:
        """Reach it over a network that can be cut; None where this user may not make one (only root may)."""
        socket = Path(unquote(re.findall(r"host=([^&]+)", self.uri)[0])) / ".s.PGSQL.5432"
        assert socket.exists(), "a relay that leads nowhere would prove nothing"
        with wire(socket) as laid:
            yield laid


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server of its own with the tables migrated."""
    with postgres_server() as url:
        database = Database(url)
        migrations.upgrade(database)
        yield OwnServer(database)
        database.close()


@dataclass(frozen=True)
class Wire:
    """A network of two machines; a server of ours is reached over it at `url`."""

    url: str
    space: str

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Let every packet vanish: nobody refuses a connection, nobody closes one, nobody answers."""
        self._far_end("down")
        try:
            yield
        finally:
            self._far_end("up")

    def _far_end(self, state: str) -> None:
        subprocess.run(("ip", "-n", self.space, "link", "set", "far", state), check=True)


@contextmanager
def wire(socket: Path) -> Iterator[Wire | None]:
    """Make a network space in which a relay leads to a socket of this machine."""
    space, near = f"away{os.getpid()}", f"near{os.getpid()}"
    laying = (
        f"ip netns add {space}",
        f"ip link add {near} type veth peer name far netns {space}",
        f"ip addr add 10.203.0.1/30 dev {near}",
        f"ip link set {near} up",
        f"ip -n {space} addr add 10.203.0.2/30 dev far",
        f"ip -n {space} link set far up",
    )
    relay: subprocess.Popen[bytes] | None = None
    try:
        if shutil.which("ip") and all(
            subprocess.run(words.split(), check=False, capture_output=True).returncode == 0 for words in laying
        ):
            here = (sys.executable, "-m", "tests.chaos.relay", "10.203.0.2", "5432", str(socket))
            relay = subprocess.Popen(("ip", "netns", "exec", space, *here))
            time.sleep(1.0)
            yield Wire("postgresql+psycopg://postgres@10.203.0.2:5432/postgres", space)
        else:
            yield None
    finally:
        if relay is not None:
            relay.kill()
            relay.wait()
        if shutil.which("ip"):
            subprocess.run(("ip", "netns", "del", space), check=False, capture_output=True)


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A small file system of its own in memory; None where this user may not mount one (only root may)."""
    folder = Path(tempfile.mkdtemp(prefix="disk"))
    mount = ("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", str(folder))
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield folder if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(("umount", "-l", str(folder)), check=True)
        folder.rmdir()


@contextmanager
def disk_full(folder: Path) -> Iterator[None]:
    """Fill the file system to its last byte."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for size in (64 * 1024, 512):
            with suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def writes_refused(here: Running) -> Iterator[None]:
    """Let the system refuse what the processes write to files (EFBIG): any user can make this, unlike a full disk."""
    pids = [pid for process in here.processes for pid in (process.pid, *here.workers(process))]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


# --- one run


@dataclass
class _Sender:
    """Posts texts once each, as Twilio does at first; the status is 0 where the line broke before an answer."""

    here: Running
    statuses: dict[str, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def send(self, text: Posted) -> None:
        began = time.monotonic()
        self.statuses[text.sid] = self.here.post(text)[0]
        self.took.append(time.monotonic() - began)

    @property
    def answered(self) -> set[str]:
        return {sid for sid, status in self.statuses.items() if 200 <= status < 300}


class _Probing:
    """What the probes answer while the trouble lasts: the status, and the seconds that it took."""

    def __init__(self, port: int) -> None:
        self.live: list[tuple[int, float]] = []
        self.ready: list[tuple[int, float]] = []
        self._port, self._stop = port, threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._stop.wait(0.2):
            self.live.append(_ask(self._port, "/health/live"))
            self.ready.append(_ask(self._port, "/health/ready"))


def _ask(port: int, path: str) -> tuple[int, float]:
    """Ask a probe; its status, 0 where there was no answer, and how many seconds it took."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException):
        status = 0
    finally:
        connection.close()
    return status, time.monotonic() - began


def run(here: Running, trouble: Trouble, count: int, seconds: float, first: int = 0) -> Outcome:
    """Send texts, a third of them of crisis, over `seconds`: a quarter before the trouble begins, some while it ends.

    What was refused is then sent again. first: the number of the first text, where one run follows another.
    """
    texts = [
        Posted(f"SM{number:032x}", f"+1480555{1000 + number}", CRISIS if number % 3 == 0 else WISH)
        for number in range(first, first + count)
    ]
    before = here.ended()
    sender, probing = _Sender(here), _Probing(here.port)
    with ThreadPoolExecutor(SENDERS) as pool:
        for text in texts[: count // 4]:
            pool.submit(sender.send, text)
            time.sleep(min(seconds / count, 0.05))
        with trouble():
            probing.begin()
            for text in texts[count // 4 :]:
                pool.submit(sender.send, text)
                time.sleep(seconds / count)
            probing.end()
        back_s = _until_back(here, first)
    # Before anything is sent again: who was answered has a row now.
    kept = _kept(here)
    refused = [text for text in texts if text.sid not in sender.answered]
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(here.deliver, refused))
    crises = [text for text in texts if text.body == CRISIS]
    return Outcome(
        sent=len(texts),
        answered=len(sender.answered),
        crises=len(crises),
        unkept=len(sender.answered - kept),
        lost=len({text.sid for text in texts} - _kept(here)),
        unlabelled=len(crises) - _labelled(here, crises),
        unalerted=_unalerted(here),
        unlike=sum(status not in (0, 200, 503) for status in sender.statuses.values()),
        ended=here.ended() - before,
        live_missed=sum(status != 200 for status, _ in probing.live),
        ready_meanwhile=sum(status == 200 for status, _ in probing.ready),
        slowest_live_s=round(max(took for _, took in probing.live), 2),
        slowest_ready_s=round(max(took for _, took in probing.ready), 2),
        slowest_answer_s=round(max(sender.took), 2),
        back_s=round(back_s, 2),
    )


def start(here: Running) -> None:
    """Start a web and a clock process, and wait until all is well."""
    here.start_web()
    here.start_clock()
    wait_until(lambda: _ask(here.port, "/health/ready")[0] == 200, "all is well before")


def _until_back(here: Running, number: int) -> float:
    began = time.monotonic()
    here.deliver(Posted(f"SM{'f' * 16}{number:016x}", "+14805550100", "how does tms work"))
    return time.monotonic() - began


def _kept(here: Running) -> set[str]:
    with here.database.read() as db:
        keys = db.scalars(select(messages.c.dedupe_key).where(messages.c.direction == "in"))
        return {str(key).removeprefix("in:") for key in keys}


def _labelled(here: Running, crises: list[Posted]) -> int:
    with here.database.read() as db:
        found = [people.by_phone(db, text.sender) for text in crises]
        ids = [person.id for person in found if person is not None]
        wanted = callback_requests.c.person_id.in_(ids), callback_requests.c.priority == Priority.CRISIS
        return len(set(db.scalars(select(callback_requests.c.person_id).where(*wanted))))


def _unalerted(here: Running) -> int:
    """Wait until every crisis was seen on a phone of staff, and count those that were not."""
    with here.database.read() as db:
        wanted = set(db.scalars(select(callback_requests.c.id).where(callback_requests.c.priority == Priority.CRISIS)))

    def missing() -> set[int]:
        return wanted - {int(ref) for body in _alerts(here) for ref in re.findall(r"CRISIS, request (\d+)", body)}

    with suppress(AssertionError):
        wait_until(lambda: not missing(), "every crisis is alerted", ALERTED_WITHIN_S)
    return len(missing())


def _alerts(here: Running) -> Counter[str]:
    """From the provider's own list: the page of the local phone shows only the newest of a long thread."""
    sent = here.phone.client().messages.list(page_size=1000)
    return Counter(str(text.body) for text in sent if text.direction == "outbound-api")


# --- all of them, one after the other


@dataclass(frozen=True)
class Away(Counted):
    """What was counted under each trouble, by its name."""

    troubles: dict[str, Outcome]

    @property
    def holds(self) -> bool:
        return all(counted.holds for counted in self.troubles.values())

    @property
    def in_time(self) -> bool:
        return all(counted.in_time for counted in self.troubles.values())


def every(ground: Ground, count: int, seconds: float) -> Away:
    """Run each trouble of this kind of database that this user may make, on databases of its own."""
    run_each = _on_sqlite if ground.database.is_sqlite else _on_postgres
    return Away(dict(run_each(ground.folder, count, seconds)))


def _on_postgres(folder: Path, count: int, seconds: float) -> Iterator[tuple[str, Outcome]]:
    with own_server() as server, _started(server.database, folder / "server") as here:
        for place, name in enumerate(("stopped", "slots_taken", "rows_locked")):
            yield name, run(here, getattr(server, name), count, seconds, place * count)
    with own_server() as server, server.behind_a_wire() as laid:
        if laid is not None:
            with _started(Database(laid.url), folder / "wire") as here:
                yield "wire_cut", run(here, laid.cut, count, seconds)


def _on_sqlite(folder: Path, count: int, seconds: float) -> Iterator[tuple[str, Outcome]]:
    with small_disk() as disk:
        path = disk or folder
        database = Database(f"sqlite:///{path}/clinic.db")
        migrations.upgrade(database)
        with _started(database, path / "log") as here:
            if disk is not None:
                yield "disk_full", run(here, lambda: disk_full(disk), count, seconds)
            yield "writes_refused", run(here, lambda: writes_refused(here), count, seconds, count)
            yield "gate_held", run(here, Ground(database, path).gate_held, count, seconds, 2 * count)


@contextmanager
def _started(database: Database, folder: Path) -> Iterator[Running]:
    folder.mkdir()
    with running(database, folder) as here:
        start(here)
        yield here
    database.close()
