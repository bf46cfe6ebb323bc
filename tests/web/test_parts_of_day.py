"""What a clinic calls the afternoon holds everywhere at once: in words, as a bound, and on a key."""

from datetime import time

import pytest
from sqlalchemy import select

from tests.builders import a_clinic
from tests.web.calling import Caller
from tests.web.texting import a_text, texting
from triage.policy import PartsOfDay
from triage.store.tables import callback_requests


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        later = a_clinic(
            parts_of_day=PartsOfDay(
                morning=(time(9), time(13)), afternoon=(time(13), time(17)), evening=(time(17), time(20))
            )
        )
        runtime = clinic.line
        for part in (runtime, runtime.intake):
            part.__dict__["clinic"] = later
        yield clinic


def wished(clinic):
    """The hours of the newest request, in the clinic's zone."""
    with clinic.database.read() as db:
        row = db.execute(
            select(callback_requests.c.window_start, callback_requests.c.window_end).order_by(
                callback_requests.c.id.desc()
            )
        ).first()
    zone = clinic.line.clinic.zone
    return tuple(at.astimezone(zone).strftime("%H:%M") for at in row)


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("please call me tomorrow afternoon, my name is Dana Hall", ("13:00", "17:00")),
        ("please call me tomorrow before the afternoon, my name is Dana Hall", ("09:00", "13:00")),
        ("llámeme mañana por la tarde por favor, me llamo Dana Hall", ("13:00", "17:00")),
    ],
)
def test_an_afternoon_in_words_begins_when_the_clinic_says(clinic, words, hours):
    clinic.post(a_text(body=words))
    assert wished(clinic) == hours


def test_the_key_for_an_afternoon_means_the_same(clinic):
    Caller(clinic).rings().presses("4").says("Dana Hall").presses("1").presses("3")
    assert wished(clinic) == ("13:00", "17:00")
