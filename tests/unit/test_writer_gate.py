"""The writer gate of SQLite while somebody else holds it: everybody is told in time, and it opens again."""

import fcntl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.errors import DatabaseBusy
from triage.store import engine


def test_nobody_waits_for_the_gate_longer_than_once(sqlite_database, monkeypatch):
    """Before, who came after another waited for that one first, and then anew: nine seconds instead of three."""
    monkeypatch.setattr(engine, "BUSY_S", 0.4)

    def write(_number: int) -> float:
        began = time.monotonic()
        with pytest.raises(DatabaseBusy), sqlite_database.write():
            pass
        return time.monotonic() - began

    with Path(f"{sqlite_database.path}.lock").open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with ThreadPoolExecutor(6) as pool:
            waited = list(pool.map(write, range(6)))
    assert max(waited) < 0.6
    with sqlite_database.write():
        pass
