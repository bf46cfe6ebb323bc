"""What is measured under gunicorn starts, and takes what is sent to it."""

import pytest

from bench.__main__ import environment_of
from bench.load import send
from bench.serving import memory_mb, served
from bench.traffic import texts

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(("which", "workers"), [("bare", 1), ("whole", 1), ("as_run", 2)])
def test_each_application_that_is_measured_takes_a_dialogue(tmp_path, which, workers):
    with served(which, environment_of(f"sqlite:///{tmp_path}/bench.db"), workers) as web:
        sample = send(web.port, [next(texts())])
        assert (len(web.workers), sample.refused) == (workers, 0)
        assert all(memory_mb(pid) > 1 for pid in (web.master, *web.workers))
