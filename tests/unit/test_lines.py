"""What kind of line a number is, asked once a year, so that a landline is known before it is texted."""

import pytest
from flask import Flask

from tests.builders import Line, a_clinic, an_environment
from tests.calls import phone_beside
from tests.phone_line import ACCOUNT, TOKEN
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.jobs.look_up_lines import look_up_due
from triage.store import people
from webhooks import rest_client, rest_lines
from webhooks.rest_lines import TwilioLineTypes

DANA = "+16025550132"


@pytest.fixture
def clinic(database):
    return Line(database, "2026-11-24 10:00", a_clinic(sending={"segments_per_second": 0, "look_up_lines": True}))


def person(clinic, phone=DANA):
    with clinic.database.read() as db:
        return people.by_phone(db, phone)


@pytest.mark.parametrize(("line", "textable"), [("mobile", True), ("landline", False), ("tollFree", False)])
def test_a_line_is_asked_for_once_a_year_and_one_without_texts_is_known_before_it_is_texted(clinic, line, textable):
    clinic.has_request(DANA)
    clinic.line_types.lines[DANA] = line
    assert [look_up_due(clinic.lookup), look_up_due(clinic.lookup)] == [1, 0]
    assert person(clinic).textable is textable
    assert person(clinic).may_be_texted is textable
    clinic.clock.move(days=366)
    assert look_up_due(clinic.lookup) == 1


def test_nobody_is_asked_for_who_waits_for_no_call_nor_where_the_clinic_does_not_want_it(clinic, database):
    with database.write() as db:
        people.meet(db, "+16025550133", "en", clinic.now)
    assert look_up_due(clinic.lookup) == 0
    other = Line(database, "2026-11-24 10:00")
    other.has_request(DANA)
    assert look_up_due(other.lookup) == 0


def test_a_withheld_number_is_asked_of_nobody(clinic):
    clinic.has_request("withheld:CA1")
    assert [look_up_due(clinic.lookup), look_up_due(clinic.lookup)] == [1, 0]
    assert clinic.line_types.asked == []


@pytest.mark.parametrize("fault", [DeliveryUnknown("cut"), DeliveryFailed(Refusal.LATER)])
def test_where_nobody_can_say_texts_go_out_as_before_and_it_is_asked_again(clinic, fault):
    clinic.has_request(DANA)
    clinic.line_types.lines[DANA] = fault
    assert [look_up_due(clinic.lookup), look_up_due(clinic.lookup)] == [1, 0]
    assert person(clinic).may_be_texted
    clinic.clock.move(minutes=11)
    assert look_up_due(clinic.lookup) == 1


@pytest.mark.parametrize(("phone", "line"), [(DANA, "mobile"), (DANA, "landline"), ("+18005550199", "tollFree")])
def test_the_local_phone_answers_as_lookup_does(monkeypatch, phone, line):
    phones = phone_beside(Flask("clinic"))
    if phone == DANA:
        phones.do("POST", f"/line/people/{phone}", {"landline": line == "landline"})
    client = phones.client()
    client.lookups.base_url = "http://phone.invalid"
    monkeypatch.setattr(rest_lines, "rest_client", lambda environment, timeout_s=10: client)
    environment = an_environment(twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN)
    assert TwilioLineTypes(environment).line_type(phone, 5) == line


def test_lookup_is_asked_where_the_rest_of_the_provider_is():
    environment = an_environment(twilio_api_base_url="http://x.example")
    assert rest_client.rest_client(environment).lookups.base_url == "http://x.example"
