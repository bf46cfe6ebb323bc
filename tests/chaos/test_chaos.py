"""The short form of what `make chaos` counts in full."""

import pytest

from tests.chaos.ground import Ground
from tests.chaos.scenarios import SCENARIOS

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one.short], ids=lambda scenario: scenario.name)
def test_it_holds(scenario, database, tmp_path):
    counted = scenario.short(Ground(database, tmp_path))
    assert counted.holds, counted
