"""A console with somebody signed in; a file that needs another has a `desk` of its own."""

import pytest

from tests.console_desk import Desk


@pytest.fixture
def desk(database):
    return Desk(database)


@pytest.fixture
def front(desk):
    desk.has_staff("front", name="Rosa Delgado")
    return desk.signed_in("front")


@pytest.fixture
def mia(desk):
    desk.has_staff("mia")
    return desk.signed_in("mia")
