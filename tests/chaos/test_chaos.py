"""The short form of what `make chaos` counts in full: nothing lost, nothing sent three times."""

import pytest

from tests.chaos import notices
from tests.processes.running import running

pytestmark = pytest.mark.processes


def test_notices_survive_faults_of_the_provider_and_killed_clocks(database, tmp_path):
    with running(database, tmp_path) as here:
        counted = notices.run(here, count=60, kill_every_s=2.0)
    assert counted.holds, counted
