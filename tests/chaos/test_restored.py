"""The short form of a restore: nothing old is sent again, all that is new goes out."""

import pytest

from tests.chaos import restored
from tests.processes.running import running

pytestmark = pytest.mark.processes


def test_after_a_restore_nothing_old_is_sent_again_and_all_that_is_new_goes_out(database, tmp_path):
    with running(database, tmp_path) as here:
        counted = restored.run(here, tmp_path, count=60)
    assert counted.holds, counted
