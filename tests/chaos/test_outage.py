"""The short form: what came while the site was down is found, once, and the gravest of it at once."""

import pytest

from tests.chaos import outage
from tests.processes.running import running

pytestmark = pytest.mark.processes


def test_what_came_while_the_site_was_down_is_taken_when_it_is_back(database, tmp_path):
    with running(database, tmp_path) as here:
        counted = outage.run(here, texts=20, calls=3)
    assert counted.holds, counted
