"""The lock in a real browser: names go, the alarm stays live, and unlocking leads back with what was being typed."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import REFRESHED_MS, faults_of
from tests.console_desk import PASSWORD, Desk
from triage.model.request import Priority
from triage.policy import Console
from triage.store import requests

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.has_staff("rosa")
    return desk


def test_a_session_that_ends_takes_the_names_away_but_not_what_was_being_typed(desk, window):
    reference = desk.has_request(name="Ivy Chen")
    page = window("rosa")
    page.goto(f"/staff/requests/{reference}")
    page.get_by_label("Note, for colleagues only").fill("Prefers mornings")
    page.context.clear_cookies()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible(timeout=REFRESHED_MS)
    assert "Ivy" not in page.content()
    assert faults_of(page, "signed out", widths=(360,)) == []
    expect(page.get_by_label("What you had typed")).to_have_value("Prefers mornings")
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_session_that_ends_while_two_questions_are_out_keeps_what_was_being_typed(desk, window):
    reference = desk.has_request(name="Ivy Chen")
    page = window("rosa")
    held = []
    page.route("**/staff/locked/watch", lambda question: held.append(question))
    with page.expect_request("**/staff/locked/watch"):
        page.goto(f"/staff/requests/{reference}")
    page.get_by_label("Note, for colleagues only").fill("Prefers mornings")
    page.context.clear_cookies()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible(timeout=REFRESHED_MS)
    for question in held:
        question.fulfill(status=401, headers={"HX-Redirect": "/staff/sign-in"})
    page.wait_for_timeout(1000)
    expect(page.get_by_label("What you had typed")).to_have_value("Prefers mornings")


def test_who_has_lost_the_network_keeps_what_was_typed_and_sends_it_once_it_is_back(desk, window):
    reference = desk.has_request()
    page = window("rosa")
    page.goto(f"/staff/requests/{reference}")
    page.locator("#body").fill("Prefers mornings")
    page.context.set_offline(True)
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("That was not sent")).to_be_visible()
    expect(page.locator("#body")).to_have_value("Prefers mornings")
    page.context.set_offline(False)
    keep = page.get_by_role("button", name="Keep the note")
    keep.evaluate("(one) => { one.click(); one.click(); one.click(); }")
    expect(page.get_by_text("The note is kept.")).to_be_visible()
    with desk.db.read() as db:
        assert [note.body for note in requests.notes_of(db, reference)] == ["Prefers mornings"]


def test_an_idle_page_hides_names_and_unlocks_to_the_same_place_with_what_was_typed(desk, window):
    reference = desk.has_request(name="Ivy Chen")
    page = window("rosa")
    page.goto(f"/staff/requests/{reference}")
    page.get_by_label("Booked").check()
    page.get_by_label("Note, for colleagues only").fill("Ivy prefers mornings")
    desk.at += Console().idle_lock
    expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=REFRESHED_MS)
    assert "Ivy" not in page.content()
    desk.has_request(Priority.CRISIS, name="Leo Grant")
    alarm = page.locator("#standing").get_by_role("alert")
    expect(alarm).to_contain_text("seen by nobody", timeout=REFRESHED_MS)
    assert "Leo" not in page.content()
    assert faults_of(page, "locked") == []
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That password is not right.")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ivy Chen")).to_be_visible()
    expect(page.get_by_label("Note, for colleagues only")).to_have_value("Ivy prefers mornings")
    expect(page.get_by_label("Booked")).to_be_checked()
    assert page.url.endswith(f"/staff/requests/{reference}")


def holds_all(page, heading):
    """A page that has what every page has: the menu, what waits in crisis, and the word about the password."""
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=REFRESHED_MS)
    expect(page.get_by_role("navigation", name="Console").get_by_role("link", name="People")).to_be_visible()
    expect(page.locator("#alarm .alarm")).to_contain_text("seen by nobody", timeout=REFRESHED_MS)
    expect(page.get_by_text("Your password alone opens this console.")).to_be_visible()


def test_a_page_that_came_locked_unlocks_with_the_menu_and_the_crisis_that_nobody_has_seen(desk, window):
    desk.has_request(Priority.CRISIS, next_alert_at=desk.at)
    page = window("rosa", "/staff/people")
    page.get_by_role("button", name="Lock").click()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("That password is not right.")).to_be_visible(timeout=REFRESHED_MS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    holds_all(page, "People")
    assert page.url.endswith("/staff/people")


def test_a_page_that_came_locked_and_is_unlocked_in_another_window_comes_back_whole(desk, window):
    desk.has_request(Priority.CRISIS, next_alert_at=desk.at)
    page = window("rosa", "/staff/people")
    page.get_by_role("button", name="Lock").click()
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That password is not right.")).to_be_visible(timeout=REFRESHED_MS)
    other = page.context.new_page()
    other.goto("/staff/people")
    other.get_by_label("Password").fill(PASSWORD)
    other.keyboard.press("Enter")
    holds_all(other, "People")
    holds_all(page, "People")


def test_a_page_that_locked_itself_still_has_the_menu_and_the_crisis_after_unlocking(desk, window):
    page = window("rosa", "/staff/people")
    desk.at += Console().idle_lock
    expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=REFRESHED_MS)
    desk.has_request(Priority.CRISIS, next_alert_at=desk.at)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    holds_all(page, "People")
