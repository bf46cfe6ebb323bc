"""`python -m tests.chaos`: every scenario on both databases, as a table; ends with 1 if anything falls short."""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from tests.chaos.counted import Counted
from tests.chaos.ground import WAITS, Ground
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.conftest import emptied, use_new_keys
from triage import migrations
from triage.store.engine import Database

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run what was asked for."""
    asked = _asked()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    wanted = [one for one in SCENARIOS if not asked.only or any(part in one.name for part in asked.only)]
    wanted = [one for one in wanted if one.short or not asked.short]
    print(f"Waits of the program: {WAITS:g} of their length, but for crises while processes die: 1.\n", flush=True)
    short = []
    for name in asked.on:
        with opened(name) as database:
            for scenario in wanted:
                if not _run(scenario, name, database, asked.short):
                    short.append(f"{name}: {scenario.name}")
    print("\nEverything holds." if not short else "\nFALLS SHORT\n" + "\n".join(short))
    return 1 if short else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--only", action="append", metavar="PART", help="scenarios whose name has this part")
    parser.add_argument("--on", action="append", choices=DATABASES, help="one database instead of both")
    parser.add_argument("--short", action="store_true", help="the sizes that the tests run")
    asked = parser.parse_args()
    asked.on = asked.on or list(DATABASES)
    return asked


@contextmanager
def opened(name: str) -> Iterator[Database]:
    use_new_keys()
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{folder}/chaos.db")
            migrations.upgrade(database)
            yield database
            database.close()
        return
    from tests.postgres_server import postgres_server

    with postgres_server() as url:
        database = Database(url)
        migrations.upgrade(database)
        yield database
        database.close()


def _run(scenario: Scenario, name: str, database: Database, is_short: bool) -> bool:
    emptied(database)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = scenario.short if is_short and scenario.short else scenario.full
        counted: Counted = run(Ground(database, Path(folder)))
    holds = counted.holds and counted.in_time
    print(f"{'holds      ' if holds else 'FALLS SHORT'} {name}: {scenario.name} ({scenario.must_be})")
    told = ", ".join(f"{key} {value}" for key, value in asdict(counted).items())  # type: ignore[call-overload]
    print(f"            {told}; {time.monotonic() - began:.0f} s\n", flush=True)
    return holds


if __name__ == "__main__":
    sys.exit(main())
