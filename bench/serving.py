"""One application under gunicorn as in production, with workers whose CPU time and memory can be read."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_S = 60.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A server that answers on a port: its first process, and its workers."""

    port: int
    master: int
    workers: tuple[int, ...]

    def cpu_s(self) -> float:
        """Return the CPU seconds that the workers have used, their own and the kernel's for them (proc(5): fields 14
        and 15).
        """
        fields = (Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in self.workers)
        return sum(int(of[11]) + int(of[12]) for of in fields) / TICKS_PER_S


def memory_mb(process: int | str = "self") -> float:
    """Return the megabytes of a process; what it shares with others counts in parts (proc(5): Pss)."""
    rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    kilobytes = next(row.split()[1] for row in rows if row.startswith("Pss:"))
    return int(kilobytes) / 1024


@contextmanager
def served(which: str, environment: Mapping[str, str], workers: int = 1) -> Iterator[Served]:
    """Serve `bare`, `whole` or `as_run` for as long as the block lasts."""
    port = _free_port()
    settings = {"BENCHED": which, "PORT": str(port), "WEB_CONCURRENCY": str(workers), "HOST": "127.0.0.1"}
    master = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--log-level", "warning", "bench.app:application"],
        cwd=ROOT,
        env={**os.environ, **environment, **settings},
    )
    try:
        _wait_until_it_answers(port, master)
        yield Served(port, master.pid, _children(master.pid, workers))
    finally:
        master.terminate()
        master.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(port: int, master: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends and master.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise SystemExit("bench: the server did not start; see what it says above.")


def _children(pid: int, count: int) -> tuple[int, ...]:
    """Wait for all workers: the first of them answers while the others are still forked."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        found = tuple(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
        if len(found) == count:
            return found
        time.sleep(0.1)
    raise SystemExit(f"bench: there are not {count} workers.")
