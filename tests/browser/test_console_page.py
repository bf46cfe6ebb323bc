"""The console in a real browser: fresh without reload, stored script as text, of use without script or mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import REFRESHED_MS, row
from tests.console_desk import PASSWORD, Desk
from triage.model.request import Priority

pytestmark = pytest.mark.browser

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.has_staff("rosa")
    desk.has_staff("mia")
    return desk


def test_a_claimed_row_shows_its_owner_in_the_other_window_without_reload(desk, window):
    reference = desk.has_request()
    rosa, mia = window("rosa"), window("mia")
    row(rosa, reference).get_by_role("button", name="Claim").click()
    expect(rosa.get_by_text("It is yours now.")).to_be_visible()
    expect(row(mia, reference)).to_contain_text("rosa has it", timeout=REFRESHED_MS)
    expect(row(mia, reference).get_by_role("button")).to_have_count(0)


def test_a_new_request_appears_without_reload_and_is_counted(desk, window):
    rosa = window("rosa")
    expect(rosa.locator("#summary")).to_have_text("0 due, 0 later")
    reference = desk.has_request(Priority.CRISIS)
    expect(row(rosa, reference)).to_contain_text("Crisis", timeout=REFRESHED_MS)
    expect(rosa.locator("#summary")).to_have_text("1 now, 0 due, 0 later")


def test_what_is_being_typed_survives_a_refresh_and_a_lost_race(desk, window):
    reference = desk.has_request()
    rosa, mia = window("rosa"), window("mia")
    for page in (rosa, mia):
        page.goto(f"/staff/requests/{reference}")
    rosa.get_by_label("Booked").check()
    rosa.get_by_label("Note, for colleagues only").fill("Wednesday at ten")
    mia.get_by_label("Reached, spoke with them").check()
    mia.get_by_role("button", name="Log and close").click()
    expect(rosa.locator("#live")).to_contain_text("closed: reached", timeout=REFRESHED_MS)
    expect(rosa.get_by_label("Note, for colleagues only")).to_have_value("Wednesday at ten")
    rosa.get_by_role("button", name="Log and close").click()
    expect(rosa.get_by_role("alert").get_by_text("It was closed meanwhile.")).to_be_visible()
    expect(rosa.get_by_label("Note, for colleagues only")).to_have_value("Wednesday at ten")
    expect(rosa.get_by_label("Booked")).to_be_checked()


def test_the_page_says_so_when_it_cannot_refresh_itself(desk, window):
    rosa = window("rosa")
    expect(rosa.locator("#stale")).to_be_hidden()
    rosa.route("**/staff/rows", lambda route: route.abort())
    expect(rosa.get_by_text("This page is no longer up to date.")).to_be_visible(timeout=REFRESHED_MS)
    rosa.unroute("**/staff/rows")
    expect(rosa.locator("#stale")).to_be_hidden(timeout=REFRESHED_MS)


def test_names_leave_the_screen_when_the_session_has_ended(desk, window):
    desk.has_request(name="Ivy Chen")
    rosa = window("rosa")
    expect(rosa.get_by_text("Ivy Chen")).to_be_visible()
    rosa.context.clear_cookies()
    expect(rosa.get_by_role("heading", name="Sign in")).to_be_visible(timeout=REFRESHED_MS)
    expect(rosa.get_by_text("Ivy Chen")).to_have_count(0)


def test_stored_script_is_shown_as_text(desk, window):
    reference = desk.has_request(name=SCRIPT, wish=SCRIPT, promised=SCRIPT)
    desk.has_texts(reference, SCRIPT, SCRIPT)
    rosa = window("rosa")
    expect(row(rosa, reference).get_by_role("heading")).to_contain_text(SCRIPT)
    rosa.goto(f"/staff/requests/{reference}")
    rosa.get_by_label("For colleagues only, never sent").fill(SCRIPT)
    rosa.get_by_role("button", name="Keep the note").click()
    expect(rosa.get_by_text("The note is kept.")).to_be_visible()
    expect(rosa.get_by_text(SCRIPT).nth(5)).to_be_attached()  # name, wish, promise, two texts and the note
    assert rosa.title().startswith("Request")


def test_a_request_can_be_worked_without_javascript(desk, window):
    reference = desk.has_request()
    rosa = window(java_script_enabled=False)
    rosa.get_by_label("Login").fill("rosa")
    rosa.get_by_label("Password").fill(PASSWORD)
    rosa.get_by_role("button", name="Sign in").click()
    row(rosa, reference).get_by_role("button", name="Claim").click()
    rosa.get_by_label("Booked").check()
    rosa.get_by_role("button", name="Log and close").click()
    expect(rosa.get_by_text("Closed. It stays in the list")).to_be_visible()
    assert desk.request(reference).outcome == "booked"


def test_all_but_the_live_refresh_works_without_javascript_on_a_phone_too(desk, window):
    first, second = desk.has_request(name="Ivy Chen"), desk.has_request(name="Leo Grant")
    page = window(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.get_by_label("Login").fill("rosa")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#narrowing summary").click()
    page.locator("select[name=who]").select_option("nobody")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="People").click()
    page.locator("#more-fields summary").click()
    page.locator("#only-state").select_option("open")
    page.get_by_role("searchbox").fill("chen")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Ivy Chen").click()

    def does(fold, button, said, **fields):
        if fold:
            page.locator(f"#{fold} summary").click()
        for field, value in fields.items():
            page.locator(f"#{field}").fill(value)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text(said)).to_be_visible()

    does(None, "Claim", "It is yours now.")
    does("promise", "Promise it", "Promised. The patient is told", day="2026-11-24", **{"from": "10:00", "to": "11:00"})
    does("correct", "Correct it", "It is put right.", **{"correct-name": "Ivy Chan"})
    page.locator("#write summary").click()
    page.locator("#canned").select_option(index=1)
    does(None, "Send the text", "The text is on its way")
    does(None, "Keep the note", "The note is kept.", body="Prefers mornings")
    does("snooze", "30 minutes", "returns to the queue by itself")
    page.get_by_role("link", name="Next request").click()
    page.locator("#close-it summary").click()
    page.locator("#outcome").select_option("booked")
    does(None, "Close it", "Closed. It stays")
    assert desk.request(first).name == "Ivy Chan"
    assert desk.request(second).outcome == "booked"
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_request_can_be_worked_by_keyboard_alone(desk, window):
    reference = desk.has_request()
    rosa = window("rosa")
    for _ in range(40):
        rosa.keyboard.press("Tab")
        if rosa.evaluate("document.activeElement.id") == f"claim-{reference}":
            break
    rosa.keyboard.press("Enter")
    expect(rosa.get_by_text("It is yours now.")).to_be_visible()
