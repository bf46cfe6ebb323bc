"""The lock in a real browser: names go, the alarm stays live, and unlocking leads back with what was being typed."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_console_page import REFRESHED_MS, address, desk, window  # noqa: F401
from tests.console_desk import PASSWORD
from triage.callbacks import Priority
from triage.store.staff import IDLE

pytestmark = pytest.mark.browser


def test_an_idle_page_hides_names_and_unlocks_to_the_same_place_with_what_was_typed(desk, window):  # noqa: F811
    reference = desk.has_request(name="Ivy Chen")
    page = window("rosa")
    page.goto(f"/staff/requests/{reference}")
    page.get_by_label("Booked").check()
    page.get_by_label("Note, for colleagues only").fill("Ivy prefers mornings")
    desk.at += IDLE
    expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=REFRESHED_MS)
    assert "Ivy" not in page.content()
    desk.has_request(Priority.CRISIS, name="Leo Grant")
    alarm = page.locator("#standing").get_by_role("alert")
    expect(alarm).to_contain_text("seen by nobody", timeout=REFRESHED_MS)
    assert "Leo" not in page.content()
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That password is not right.")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ivy Chen")).to_be_visible()
    expect(page.get_by_label("Note, for colleagues only")).to_have_value("Ivy prefers mornings")
    expect(page.get_by_label("Booked")).to_be_checked()
    assert page.url.endswith(f"/staff/requests/{reference}")


def test_ones_account_the_trail_and_the_second_step_are_readable_for_everybody(desk, window):  # noqa: F811
    page = window("rosa")
    for path in ("/staff/account", "/staff/second-step"):
        page.goto(path)
        assert Axe().run(page).violations_count == 0, path
