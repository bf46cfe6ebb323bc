"""`make check-security`: hostile posts on both databases, then the scanners that are installed; ends with 1 at a
finding.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.__main__ import DATABASES, opened
from tests.conftest import emptied
from tests.processes.running import Running, running
from tests.security import flood, scanners
from tests.security.flood import Flooded, p99

PARTS = ("floods", *scanners.SCANNERS)

# p99 beside a flood may be this many times that of a quiet line: two cores serve both.
MOST_TIMES = 10.0
LEAST_S = 0.5


def main() -> int:
    """Run what was asked for and print what was seen."""
    asked = _asked()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    findings: list[str] = []
    began = time.monotonic()
    for name in asked.on:
        with opened(name) as database, tempfile.TemporaryDirectory() as folder:
            emptied(database)
            with running(database, Path(folder), WEB_CONCURRENCY="2") as line:
                line.start_web()
                if "floods" in asked.only:
                    findings += _floods(line, name, asked)
                if name == asked.on[0]:
                    findings += scanners.scan(line, Path(folder), asked.only)
                findings += [f"{name}: {many} x {told}" for told, many in flood.faults_told(line.said()).items()]
    print(f"\n{(time.monotonic() - began) / 60:.0f} minutes.")
    print("No finding." if not findings else "\nFOUND\n" + "\n".join(findings))
    return 1 if findings else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__)
    parser.add_argument("--on", action="append", choices=DATABASES, help="one database instead of both")
    parser.add_argument("--malformed", type=int, default=10_000)
    parser.add_argument("--forged", type=int, default=5_000)
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts and no others")
    asked = parser.parse_args()
    asked.on = asked.on or list(DATABASES)
    asked.only = asked.only or list(PARTS)
    return asked


def _floods(line: Running, name: str, asked: argparse.Namespace) -> Iterator[str]:
    for kind, many, send in (
        ("malformed", asked.malformed, flood.malformed_posts),
        ("forged", asked.forged, flood.forged_posts),
    ):
        found = send(line, many)
        print(
            f"{name}: {many:,} {kind}: {found.faults} x 500, {found.accepted} accepted; statuses "
            f"{dict(sorted(found.statuses.items()))}; p99 of signed texts {p99(found.quiet_s) * 1000:.0f} ms quiet, "
            f"{p99(found.meanwhile_s) * 1000:.0f} ms meanwhile",
            flush=True,
        )
        yield from _too_much(f"{name}, {kind}", found)


def _too_much(what: str, found: Flooded) -> Iterator[str]:
    if found.faults:
        yield f"{what}: {found.faults} answered with a fault"
    if found.accepted:
        yield f"{what}: {found.accepted} accepted"
    if p99(found.meanwhile_s) > max(LEAST_S, MOST_TIMES * p99(found.quiet_s)):
        yield f"{what}: signed texts waited {p99(found.meanwhile_s):.2f} s"


if __name__ == "__main__":
    sys.exit(main())
