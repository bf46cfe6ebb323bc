"""`python -m tests.chaos [COUNT]`: notices under faults on SQLite, as a table; ends with 1 if anything was lost."""

import logging
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.chaos import notices
from tests.conftest import use_new_keys
from tests.processes.running import running
from triage import migrations
from triage.store.engine import Database


def main(count: int) -> int:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    use_new_keys()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/chaos.db")
        migrations.upgrade(database)
        with running(database, Path(folder)) as here:
            counted = notices.run(here, count, kill_every_s=2.0, within_s=600.0)
    for name, value in asdict(counted).items():
        print(f"{name:12} {value}")
    print("holds" if counted.holds else "FALLS SHORT")
    return 0 if counted.holds else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
