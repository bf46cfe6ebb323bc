"""One application under gunicorn as in production, with a single worker whose CPU time can be read."""

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
    port: int
    worker: int

    def cpu_s(self) -> float:
        """Return the CPU seconds that the worker has used, its own and the kernel's for it (proc(5): fields 14 and
        15).
        """
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


@contextmanager
def served(which: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serve `bare` or `whole` for as long as the block lasts."""
    port = _free_port()
    settings = {"BENCHED": which, "PORT": str(port), "WEB_CONCURRENCY": "1", "HOST": "127.0.0.1"}
    master = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--log-level", "warning", "bench.app:application"],
        cwd=ROOT,
        env={**os.environ, **environment, **settings},
    )
    try:
        _wait_until_it_answers(port, master)
        yield Served(port, _only_child(master.pid))
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


def _only_child(pid: int) -> int:
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
