"""What the running line takes: `python -m bench.memory` starts two web workers and a clock as a clinic does.

Prints the memory of each process after some dialogues (Pss: what processes share counts in parts), and their sum.
"""

import os
import subprocess
import sys
import tempfile
import time
from itertools import islice

from bench.__main__ import environment_of
from bench.load import send
from bench.serving import ROOT, memory_mb, served
from bench.traffic import texts

WORKERS, PEOPLE, CONNECTIONS = 2, 40, 8
# The clock's jobs run once at its start; what they load stays.
CLOCK_S = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_of(f"sqlite:///{folder}/bench.db")
        clock = subprocess.Popen(
            [sys.executable, "clock.py"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with served("as_run", environment, WORKERS) as web:
                people = list(islice(texts(), PEOPLE))
                send(web.port, [[post for one in people[n::CONNECTIONS] for post in one] for n in range(CONNECTIONS)])
                time.sleep(CLOCK_S)
                if clock.poll() is not None:
                    raise SystemExit("bench: the clock has ended.")
                named = {"web, first process": web.master, **{f"worker {pid}": pid for pid in web.workers}}
                took = {name: memory_mb(pid) for name, pid in {**named, "clock": clock.pid}.items()}
        finally:
            clock.terminate()
            clock.wait(30)
    for name, megabytes in took.items():
        print(f"{name:<24}{megabytes:>8.1f} MB")
    print(f"{'all':<24}{sum(took.values()):>8.1f} MB")


if __name__ == "__main__":
    main()
