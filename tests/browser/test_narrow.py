"""The console on a phone: the places fold, the queue begins near the top, and one can tell where one is."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.console import REFRESHED_MS, a_full_desk, faults_of
from tests.console_desk import MORNING, Desk
from triage.model.member import Role
from triage.model.request import Priority
from triage.store import requests

pytestmark = pytest.mark.browser

A_PHONE = {"width": 390, "height": 844}


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.has_staff("rosa", Role.ADMIN)
    return desk


def test_on_a_phone_the_queue_begins_in_the_first_third_and_the_places_fold(desk, window):
    crisis = a_full_desk(desk)
    with desk.db.write() as db:
        requests.change(db, crisis, {"next_alert_at": desk.at}, desk.at)
    page = window("rosa", viewport=A_PHONE)
    # The most that can stand over it: an alarm, reminders that do not go out, hours without a crisis contact.
    for words in ("Acknowledge and call", "Reminders are not going out", "Some hours have no crisis contact"):
        expect(page.locator("aside").get_by_text(words)).to_be_visible(timeout=REFRESHED_MS)
    assert page.locator(".row").first.bounding_box()["y"] <= A_PHONE["height"] / 3
    expect(page.get_by_role("link", name="Trail")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Queue")).to_have_attribute("aria-current", "page")
    assert faults_of(page, "menu", widths=(360,)) == []
    page.get_by_role("link", name="Trail").click()
    expect(page.get_by_role("heading", name="Who did what")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("link", name="Trail")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()


def test_who_reads_further_down_keeps_place_and_focus_when_a_request_comes_in_above(desk, window):
    references = [desk.has_request(name=f"Patient {number}") for number in range(12)]
    page = window("rosa", viewport=A_PHONE)
    link = page.locator(f"#open-{references[9]}")
    link.focus()
    link.scroll_into_view_if_needed()
    before = link.bounding_box()["y"]
    crisis = desk.has_request(Priority.CRISIS)
    expect(page.locator(f"#open-{crisis}")).to_have_count(1, timeout=REFRESHED_MS)
    expect(link).to_be_focused()
    assert abs(link.bounding_box()["y"] - before) <= 2


def test_ones_own_page_tells_how_the_console_gets_onto_a_phone_and_takes_the_browsers_offer(desk, window):
    page = window("rosa", "/staff/account", viewport=A_PHONE)
    expect(page.locator(".steps")).to_contain_text("Add to Home Screen")
    button = page.get_by_role("button", name="Put it on this device")
    expect(button).to_be_hidden()
    page.evaluate(
        "() => { const offer = new Event('beforeinstallprompt', { cancelable: true });"
        " offer.prompt = () => { document.body.dataset.asked = 'yes'; }; window.dispatchEvent(offer); }"
    )
    button.click()
    expect(page.locator("body")).to_have_attribute("data-asked", "yes")
    expect(button).to_be_hidden()


def test_the_console_can_be_installed_and_its_notification_says_nothing_of_a_patient(desk, window):
    page = window("rosa", viewport=A_PHONE, permissions=["notifications"])
    manifest = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert manifest["errors"] == []
    read = json.loads(manifest["data"])
    assert (read["start_url"], read["display"]) == ("/staff/", "standalone")
    for icon in read["icons"]:
        answer = page.request.get(f"/staff/static/{icon['src']}")
        assert answer.ok, icon
        assert answer.headers["content-type"].startswith(icon["type"])
    page.evaluate(
        "() => { localStorage.setItem('sound', 'on'); ServiceWorkerRegistration.prototype.showNotification ="
        " async (title, more) => { document.body.dataset.told = title + ' ' + JSON.stringify(more); }; }"
    )
    desk.has_request(Priority.CRISIS, name="Ivy Chen", next_alert_at=desk.at)
    expect(page.locator("body")).to_have_attribute("data-told", re.compile("Somebody waits"), timeout=REFRESHED_MS)
    told = page.locator("body").get_attribute("data-told")
    assert not re.search(r"Ivy|555|crisis|ketamine", told)


def test_a_crisis_stays_in_sight_however_far_down_the_page_somebody_is(desk, window):
    another = a_full_desk(desk)
    desk.has_request(Priority.CRISIS, next_alert_at=MORNING)
    page = window("rosa", viewport=A_PHONE)
    page.goto(f"/staff/requests/{another}")
    alarm = page.locator(".notice.alarm")
    expect(alarm).to_be_visible(timeout=REFRESHED_MS)
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(alarm).to_be_in_viewport()
    assert page.evaluate("window.scrollY") > A_PHONE["height"]
