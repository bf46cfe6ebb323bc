"""Real web and clock processes end cleanly when they are asked to. What they survive otherwise is in `tests/chaos`."""

import pytest
from sqlalchemy import select

from tests.processes.running import Posted, running
from triage.store.tables import messages

pytestmark = pytest.mark.processes


def test_web_and_clock_end_cleanly_when_they_are_asked_to(database, tmp_path):
    with running(database, tmp_path) as here:
        here.start_web()
        here.start_clock()
        here.deliver(Posted("SM1", "+14805550101", "please have someone call me"))
        assert here.stop() == [0, 0]
        assert "clock_stopped" in here.said()
    with database.read() as db:
        assert list(db.scalars(select(messages.c.dedupe_key).where(messages.c.direction == "in"))) == ["in:SM1"]
