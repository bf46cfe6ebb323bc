"""Calling a person back from the console."""

import pytest

from tests.console_desk import Desk, password_hash, send
from triage.model.call import LegState, Purpose
from triage.model.member import Role
from triage.store import legs, members


@pytest.fixture
def desk(database):
    made = Desk(database)
    with database.write() as db:
        for login, phone in (("front", "+16025550111"), ("night", "+16025550112")):
            member = members.add(db, login, login, Role.FRONT_DESK, password_hash(), phone, made.at)
            members.confirm_phone(db, member, made.at)
    return made


def legs_of(desk, request_id):
    with desk.db.read() as db:
        return legs.of_request(db, request_id)


def test_one_click_rings_the_phone_of_who_clicked(desk):
    ref = desk.has_request()
    browser = desk.signed_in("front")
    answer = send(browser, f"/staff/requests/{ref}/call")
    assert answer.status_code == 303
    leg = legs_of(desk, ref)[0]
    assert (leg.purpose, leg.state, leg.login) == (Purpose.CALL_BACK, LegState.PLANNED, "front")
    page = browser.get(answer.location).text
    assert "Press 1 there to be connected" in page
    assert "about to ring" in page
    assert "name neither a treatment" in page


def test_a_second_click_by_whomever_rings_nothing_more_and_says_why(desk):
    ref = desk.has_request()
    send(desk.signed_in("front"), f"/staff/requests/{ref}/call")
    for login in ("front", "night"):
        answer = send(desk.signed_in(login), f"/staff/requests/{ref}/call")
        assert answer.status_code == 409
        assert "Somebody is on a call with this person already" in answer.text
    assert len(legs_of(desk, ref)) == 1


def test_who_has_no_confirmed_phone_is_told_what_to_do(desk):
    ref = desk.has_request()
    desk.has_staff("newcomer")
    answer = send(desk.signed_in("newcomer"), f"/staff/requests/{ref}/call")
    assert answer.status_code == 409
    assert "You have no phone here, so it cannot be rung." in answer.text


def test_who_may_only_read_rings_nobody(desk):
    ref = desk.has_request()
    desk.has_staff("reader", Role.AUDITOR)
    assert send(desk.signed_in("reader"), f"/staff/requests/{ref}/call").status_code == 403
    assert legs_of(desk, ref) == []


def test_the_page_tells_how_each_phone_stands(desk):
    ref = desk.has_request()
    send(desk.signed_in("front"), f"/staff/requests/{ref}/call")
    with desk.db.write() as db:
        staff_leg = legs.of_request(db, ref)[0]
        legs.change(db, staff_leg.id, {"state": LegState.ENDED, "status": "no-answer", "ended_at": desk.at}, desk.at)
        legs.change(db, staff_leg.id, {"sid": "CA1"}, desk.at)
    assert "no answer" in desk.signed_in("front").get(f"/staff/requests/{ref}").text
