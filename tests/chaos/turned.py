"""Runs the clock with a wall clock that can be turned: `python -m tests.chaos.turned FILE`, seconds in the file."""

import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import time_machine

import clock


def follow(file: Path, wall: time_machine.Traveller) -> None:
    """Turn the wall clock whenever the file tells another number; monotonic time goes on as it does on a machine."""
    turned = 0.0
    while True:
        wanted = float(file.read_text() or 0)
        if wanted != turned:
            wall.shift(wanted - turned)
            turned = wanted
        time.sleep(0.02)


if __name__ == "__main__":
    with time_machine.travel(datetime.now(UTC), tick=True) as wall:
        threading.Thread(target=follow, args=(Path(sys.argv[1]), wall), daemon=True).start()
        sys.exit(clock.main())
