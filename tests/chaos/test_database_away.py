"""The short form: the database stopped, or its disk full; what is answered is kept, and the rest comes again."""

from functools import partial

import pytest

from tests.chaos import database_away
from tests.chaos.database_away import disk_full, own_server, small_disk, start, writes_refused
from tests.processes.running import running
from triage import migrations
from triage.store.engine import Database

pytestmark = [pytest.mark.processes, pytest.mark.rare]


@pytest.mark.postgres
def test_a_server_that_is_stopped_makes_texts_come_again(tmp_path):
    with own_server() as server, running(server.database, tmp_path) as here:
        start(here)
        counted = database_away.run(here, server.stopped, count=12, seconds=1.5)
    assert counted.holds, counted
    assert counted.ready_meanwhile == 0


def test_a_full_disk_that_holds_the_log_too_makes_texts_come_again(tmp_path):
    with small_disk() as disk:
        folder = disk or tmp_path
        database = Database(f"sqlite:///{folder}/clinic.db")
        migrations.upgrade(database)
        with running(database, folder) as here:
            start(here)
            trouble = partial(disk_full, disk) if disk else partial(writes_refused, here)
            counted = database_away.run(here, trouble, count=12, seconds=1.5)
        database.close()
    assert counted.holds, counted
    assert counted.answered <= 3, "what was sent before the disk was full"
