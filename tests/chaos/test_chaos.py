"""The short form of what `make chaos` counts in full."""

import pytest

from tests.chaos.ground import Ground
from tests.chaos.scenarios import SCENARIOS

pytestmark = [pytest.mark.processes, pytest.mark.rare]

SHORT = [one for one in SCENARIOS if one.short]


@pytest.mark.parametrize("scenario", [one for one in SHORT if not one.once], ids=lambda scenario: scenario.name)
def test_it_holds(scenario, database, tmp_path):
    counted = scenario.short(Ground(database, tmp_path))
    assert counted.holds, counted


@pytest.mark.parametrize("scenario", [one for one in SHORT if one.once], ids=lambda scenario: scenario.name)
def test_it_holds_whatever_the_database(scenario, sqlite_database, tmp_path):
    counted = scenario.short(Ground(sqlite_database, tmp_path))
    assert counted.holds, counted
