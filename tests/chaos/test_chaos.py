"""The short form of what `make chaos` counts in full."""

import pytest

from tests.chaos.ground import Ground
from tests.chaos.scenarios import SCENARIOS

pytestmark = pytest.mark.processes

# Seconds are asserted by `make chaos` alone: a machine that runs all tests at once is slower.
SHORT = [one for one in SCENARIOS if one.short]


@pytest.mark.parametrize("scenario", [one for one in SHORT if not one.once], ids=lambda scenario: scenario.name)
def test_it_holds(scenario, database, tmp_path):
    is_whole(scenario.short(Ground(database, tmp_path)))


@pytest.mark.parametrize("scenario", [one for one in SHORT if one.once], ids=lambda scenario: scenario.name)
def test_it_holds_whatever_the_database(scenario, sqlite_database, tmp_path):
    is_whole(scenario.short(Ground(sqlite_database, tmp_path)))


def is_whole(counted):
    assert getattr(counted, "is_whole", counted.holds), counted
