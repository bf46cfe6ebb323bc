"""Whole calls played by the local phone, as a caller would live through them."""

import pytest

from app import create_app
from tests.builders import a_clinic, an_environment, local
from tests.calls import phone_beside
from tests.fakes import SetClock
from tests.phone_line import ACCOUNT, CLINIC, TOKEN
from triage.model.request import Flag, Priority
from triage.store import people, recordings, requests

CALLER = "+16025550188"


@pytest.fixture
def house(database):
    environment = an_environment(
        database_url=database.url.render_as_string(hide_password=False),
        public_base_url="http://127.0.0.1:8000",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
    )
    app = create_app(environment, a_clinic(numbers=[CLINIC]), SetClock(local("2026-11-23 09:30")))
    yield app
    app.extensions["runtime"].db.close()


@pytest.fixture
def phone(house):
    return phone_beside(house)


def request_of(database, phone=CALLER):
    with database.read() as db:
        return requests.newest_of(db, people.by_phone(db, phone).id)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (
            "",
            ("name should we ask", "Shall we call you", "shall we call", "call about", "press 1", "text with the time"),
        ),
        ("9", ("Por quién", "Le llamamos al", "Cuándo", "Sobre qué", "prima 1", "un texto con la hora")),
    ],
    ids=["en", "es"],
)
def test_a_call_back_from_the_first_ring_to_the_promise(database, phone, first, said):
    call = phone.calls(CALLER)
    call.hears("9 1 1").hears("9 8 8")
    if first:
        call.presses(first)
    acts = ["4", "Dana Zimt", "1", "2", "2", "1"]
    for act, expected in zip(acts, said, strict=True):
        (call.presses if act.isdecimal() else call.says)(act)
        call.hears(expected)
    call.presses("2").hangs_up()
    found = request_of(database)
    assert (found.name, found.phone, found.topic) == ("Dana Zimt", CALLER, "ketamine")
    assert found.confirmed_at is not None


def test_a_message_is_recorded_queued_and_its_words_screened(database, phone):
    call = phone.calls(CALLER)
    call.presses("5").records("please call me, i am going to kill myself tonight", seconds=12)
    call.hears("has your message")
    call.hangs_up()
    phone.settle()
    found = request_of(database)
    assert Flag.VOICEMAIL in found.flags
    assert found.priority is Priority.CRISIS
    with database.read() as db:
        (left,) = recordings.of_person(db, found.person_id)
    assert left.request_id == found.id
    assert "kill myself" in left.transcript


def test_silence_from_beginning_to_end_is_never_met_with_silence(phone):
    call = phone.calls(CALLER)
    for _ in range(8):
        if call.ended:
            break
        call.stays_silent()
    assert call.ended
    call.hears("9 8 8")


def test_who_hangs_up_in_the_middle_is_in_the_queue(database, phone):
    phone.calls(CALLER).presses("4").says("Dana").hangs_up()
    phone.settle()
    assert Flag.HUNG_UP in request_of(database).flags
