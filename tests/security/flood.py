"""Many hostile posts at the running web process, and signed texts beside them whose answers are timed."""

import contextlib
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count

from sqlalchemy import func, select

from tests.phone_line import TOKEN
from tests.processes.running import Posted, Running
from tests.security.hostile import FORGED, Post, forged, malformed
from triage.store.tables import messages

SENDERS = 4
QUIET_TEXTS = 150
APART_S = 0.1


@dataclass
class Flooded:
    """What came back. statuses: of the hostile posts. quiet_s, meanwhile_s: how long signed texts waited."""

    statuses: Counter[int] = field(default_factory=Counter)
    quiet_s: list[float] = field(default_factory=list)
    meanwhile_s: list[float] = field(default_factory=list)
    accepted: int = 0

    @property
    def faults(self) -> int:
        """Return how many posts were answered with a fault of ours, or not at all."""
        return sum(many for status, many in self.statuses.items() if status >= 500 or status == 0)


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else 0.0


def malformed_posts(line: Running, many: int) -> Flooded:
    """Send malformed posts, most of them signed."""
    return _flood(line, malformed(many, 1, line.environment["PUBLIC_BASE_URL"], TOKEN), "m")


def forged_posts(line: Running, many: int) -> Flooded:
    """Send forged posts, and count those that were taken or kept."""
    found = _flood(line, forged(many, 2, line.environment["PUBLIC_BASE_URL"], TOKEN), "f")
    with line.database.read() as db:
        bodies = db.scalars(select(messages.c.body).where(messages.c.dedupe_key.like("%forged%"))).all()
    found.accepted = found.statuses.total() - found.statuses[403] - found.statuses[400] - found.statuses[0]
    found.accepted += sum(body == FORGED for body in bodies)
    return found


def _flood(line: Running, posts: Iterable[Post], name: str) -> Flooded:
    found, over = Flooded(), threading.Event()
    numbers = count()
    for _ in range(QUIET_TEXTS):
        found.quiet_s.append(_timed(line, f"{name}q{next(numbers)}"))
        time.sleep(APART_S)
    shared = _Shared(iter(posts))
    senders = [threading.Thread(target=_send_all, args=(line, shared, found)) for _ in range(SENDERS)]

    def ask() -> None:
        while not over.wait(APART_S):
            found.meanwhile_s.append(_timed(line, f"{name}w{next(numbers)}"))

    asking = threading.Thread(target=ask)
    for thread in (*senders, asking):
        thread.start()
    for thread in senders:
        thread.join()
    over.set()
    asking.join()
    return found


class _Shared:
    """An iterator that several threads take from."""

    def __init__(self, posts: Iterator[Post]) -> None:
        self._posts, self._lock = posts, threading.Lock()

    def take(self) -> Post | None:
        with self._lock:
            return next(self._posts, None)


def _send_all(line: Running, shared: _Shared, found: Flooded) -> None:
    while (post := shared.take()) is not None:
        connection = HTTPConnection("127.0.0.1", line.port, timeout=20)
        headers = {name: value.encode("latin-1", "replace").decode("latin-1") for name, value in post.headers.items()}
        try:
            connection.request(post.method, post.path, post.body, headers)
            answer = connection.getresponse()
            answer.read()
            found.statuses[answer.status] += 1
        except (OSError, HTTPException):
            found.statuses[0] += 1
        finally:
            connection.close()


def _timed(line: Running, name: str) -> float:
    """Send a signed text and return the seconds to its answer, without end where none came.

    Each is from another phone, or limits would count.
    """
    number = sum(ord(letter) * (place + 1) for place, letter in enumerate(name)) % 9000 + 1000
    began = time.monotonic()
    status, _ = line.post(Posted(f"SM{name}", f"+1602555{number}", "what is tms?"))
    return time.monotonic() - began if status == 200 else math.inf


def faults_told(said: str) -> Counter[str]:
    """Return the faults that a log tells, each with its place, however kindly they were answered.

    Ours are objects with where it was; the rest is what libraries could not help, such as Flask.
    """
    found: Counter[str] = Counter()
    for line in said.splitlines():
        if line.startswith("{"):
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                if "at" in told:
                    found[f"{told['event']}, {told['fault']} at {told['at'][-1]}"] += 1
        elif line.startswith(("ERROR ", "CRITICAL ", "Traceback ")):
            found[line] += 1
    return found


def kept(line: Running) -> int:
    """Return how many messages there are."""
    with line.database.read() as db:
        return int(db.scalar(select(func.count()).select_from(messages)) or 0)
