"""Every page of the console for everybody: axe, light and dark, wide and narrow, and nothing wider than its window."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.console import a_full_desk, faults_of, served, windows
from tests.console_desk import PASSWORD, Desk, console_routes
from triage.model.call import Fetch
from triage.model.member import Role
from triage.model.request import Disposition
from triage.store import members, recordings
from triage.team import request_acts
from triage.wording import Wording

pytestmark = pytest.mark.browser

# Everything that can be fetched is one of these pages, which the tests below visit, or no page of its own.
PAGES = {
    *("staff.sign_in", "staff.code", "staff.choose_password", "staff.enrol", "staff.queue", "staff.one"),
    *(
        "staff.account",
        "staff.staff_list",
        "staff.trail",
        "staff.no_such_page",
        "staff.people_list",
        "staff.person",
        "staff.found",
    ),
}
NO_PAGES = {
    *("staff.rows", "staff.live", "staff.alarm", "staff.counts", "staff.watch"),
    *("staff.qr_code", "staff.recording", "staff.static"),
}


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.app.extensions["runtime"].words = Wording()
    desk.has_staff("rosa", Role.ADMIN, given_out=True)
    desk.has_staff("mia", phone="+16025550171")
    gone = desk.has_staff("gone")
    with desk.db.write() as db:
        members.disable(db, gone, desk.at)
    return desk


@pytest.fixture
def door(sqlite_database):
    """A desk with a real account, where somebody comes for the first time."""
    desk = Desk(sqlite_database, rehearsal=False)
    desk.has_staff("rosa", given_out=True)
    return desk


def a_worked_request(desk):
    """A request on which nearly everything has happened that its page can show."""
    reference = a_full_desk(desk)
    with desk.db.write() as db:
        person_id = desk.request(reference).person_id
        values = {"person_id": person_id, "request_id": reference, "of": "voicemail", "duration_s": 21}
        kept = recordings.keep(db, "RE1", values, desk.at)
        recordings.change(db, kept.id, audio=b"RIFF", content_type="audio/wav", state=Fetch.KEPT)
        words, clinic = desk.app.extensions["runtime"].words, desk.clinic
        request_acts.add_note(db, reference, 1, "Ask for Dana's sister", desk.at)
        request_acts.log_attempt(db, clinic, words, reference, 1, Disposition.NO_ANSWER, "rang out", desk.at)
        request_acts.claim(db, desk.clinic, reference, 1, desk.at)
    return reference


def closed(desk):
    reference = desk.has_request(name="Ana Ruiz")
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, reference, 1, Disposition.BOOKED, desk.at)
    return reference


def test_no_page_is_left_out(desk):
    assert {name for method, name, _path in console_routes(desk) if method == "GET"} == PAGES | NO_PAGES


def test_axe_finds_nothing_on_any_page_of_the_day(desk, window):
    page = window("rosa")
    found = faults_of(page, "empty queue")
    worked, done = a_worked_request(desk), closed(desk)
    for path in (
        *("/staff/", "/staff/?who=mine&topic=tms", f"/staff/requests/{worked}", f"/staff/requests/{done}"),
        *("/staff/requests/4", "/staff/requests/999", "/staff/account", "/staff/members", "/staff/trail"),
        *(f"/staff/trail?request={worked}", "/staff/second-step", "/staff/people", "/staff/people/1"),
    ):
        page.goto(path)
        found += faults_of(page, path)
    assert found == []


def test_axe_finds_nothing_on_what_answers_a_form(desk, window):
    reference, found = a_full_desk(desk), []
    page = window("rosa", "/staff/members")
    page.locator("#name").fill("Ana Lopez")
    page.locator("#login").fill("mia")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("The login mia is taken.")).to_be_visible()
    found += faults_of(page, "a member refused")
    page.locator("#login").fill("ana")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    found += faults_of(page, "a password to pass on")
    page.goto("/staff/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += faults_of(page, "keys")
    page.keyboard.press("Escape")
    for asked, heading in (("Park", "June Park"), ("nobody", "Nothing found")):
        page.get_by_role("searchbox").fill(asked)
        with page.expect_navigation():
            page.get_by_role("button", name="Search").click()
        expect(page.get_by_text(heading)).to_be_visible()
        found += faults_of(page, f"search for {asked}")
    page.goto(f"/staff/requests/{reference}")
    page.evaluate("document.querySelectorAll('[name=csrf]').forEach((one) => { one.value = 'old'; })")
    page.locator("#body").fill("A note that would be missed")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("This form had grown old")).to_be_visible()
    found += faults_of(page, "an old form")
    mia = window("mia", "/staff/trail")
    found += faults_of(mia, "not allowed")
    mia.goto("/staff/requests/2")
    mia.get_by_role("button", name="Log and close").evaluate("(one) => { one.form.noValidate = true; one.click(); }")
    expect(mia.get_by_text("Choose how the call ended,")).to_be_visible()
    found += faults_of(mia, "a form refused")
    assert found == []


def test_axe_finds_nothing_on_the_way_in(browser, door):
    with served(door) as address, windows(browser, door, address) as window:
        page, found = window(), []

        def go_on(button, what, words):
            page.get_by_role("button", name=button).click()
            expect(page.get_by_text(words)).to_be_visible()
            found.extend(faults_of(page, what))

        def sign_in(password, what, words):
            page.get_by_label("Login").fill("rosa")
            page.get_by_label("Password").fill(password)
            go_on("Sign in", what, words)

        found += faults_of(page, "sign-in")
        sign_in("wrong", "a wrong password", "do not belong together")
        sign_in(PASSWORD, "first password", "Choose one that only you know.")
        page.get_by_label("New password").fill("rosarosarosarosa")
        go_on("Use it from now on", "a poor password", "easy to guess")
        page.get_by_label("New password").fill("walnut harbour tricycle 9 moss")
        go_on("Use it from now on", "enrolment", "scan this picture")
        secret = re.sub(" ", "", page.locator(".secret").inner_text())
        page.get_by_label("Code that the app shows").fill("000000")
        go_on("Set it up", "a wrong code", "That code is not right")
        page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).at(door.at))
        go_on("Set it up", "recovery codes", "They are shown this once.")
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("heading", name="Call-backs")).to_be_visible()
        page.goto("/staff/account")
        found += faults_of(page, "account with a second step")
        page.get_by_role("button", name="Sign out", exact=True).click()
        door.at += timedelta(minutes=1)
        page.get_by_label("Login").fill("rosa")
        page.get_by_label("Password").fill("walnut harbour tricycle 9 moss")
        go_on("Sign in", "the code", "Code from your app")
        page.get_by_label("Code from your app").fill("000000")
        go_on("Go on", "a wrong code at sign-in", "That code is not right")
        assert found == []
