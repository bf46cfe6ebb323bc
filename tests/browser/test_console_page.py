"""The console in a real browser: fresh without reload, stored script as text, readable for everybody."""

import threading
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.console_desk import PASSWORD, Desk
from triage.callbacks import Flag, Priority
from triage.store import requests

pytestmark = pytest.mark.browser

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
# Polling is every 3 seconds; the wait is generous because machines are slow.
REFRESHED_MS = 60_000


class Quiet(WSGIRequestHandler):
    def log_request(self, *_args):
        """Nothing: a page that asks every three seconds would fill the output."""


@contextmanager
def served(desk):
    server = make_server("127.0.0.1", 0, desk.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.has_staff("rosa")
    desk.has_staff("mia")
    return desk


@pytest.fixture
def address(desk):
    with served(desk) as address:
        yield address


@pytest.fixture
def window(browser, address):
    """Opens a window of its own for a member of staff, signed in."""
    contexts = []

    def open_window(login, **options):
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto("/staff/")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Call-backs")).to_be_visible()
        return page

    yield open_window
    for context in contexts:
        context.close()


def row(page, reference):
    return page.locator(".row", has=page.locator(f"#open-{reference}"))


def a_full_desk(desk):
    """One request of each kind that a row can look like; returns one with a thread."""
    crisis = desk.has_request(Priority.CRISIS, name=None, topic=None)
    desk.has_request(Priority.URGENT, name="June Park")
    desk.has_request(flags={Flag.PLEASE_READ, Flag.ASK_TIME}, name="Tomás Rivera", lang="es")
    desk.has_request(name="Oluwaseun Adeyemi-Fitzgerald")
    closed = desk.has_request(name="Leo Grant")
    with desk.db.write() as db:
        requests.cancel(db, closed, desk.at)
    desk.has_texts(crisis, ("i dont want to be here", "crisis"), "Please call or text 988 now.")
    return crisis


def pages_with(reference):
    return "/staff/", f"/staff/requests/{reference}", "/staff/requests/999", "/staff/sign-in"


def unfold_all(page):
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


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
    expect(rosa.get_by_text(SCRIPT)).to_have_count(6)
    assert rosa.title().startswith("Request")


def test_a_request_can_be_worked_without_javascript(desk, window):
    reference = desk.has_request()
    rosa = window("rosa", java_script_enabled=False)
    row(rosa, reference).get_by_role("button", name="Claim").click()
    rosa.get_by_label("Booked").check()
    rosa.get_by_role("button", name="Log and close").click()
    expect(rosa.get_by_text("Closed. It stays in the list")).to_be_visible()
    assert desk.request(reference).outcome == "booked"


def test_a_request_can_be_worked_by_keyboard_alone(desk, window):
    reference = desk.has_request()
    rosa = window("rosa")
    for _ in range(40):
        rosa.keyboard.press("Tab")
        if rosa.evaluate("document.activeElement.id") == f"claim-{reference}":
            break
    rosa.keyboard.press("Enter")
    expect(rosa.get_by_text("It is yours now.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_any_page(desk, window, width, scheme):
    reference = a_full_desk(desk)
    rosa = window("rosa", viewport={"width": width, "height": 800}, color_scheme=scheme)
    for path in pages_with(reference):
        rosa.goto(path)
        unfold_all(rosa)
        found = Axe().run(rosa)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    rosa.goto("/staff/")
    rosa.keyboard.press("?")
    expect(rosa.get_by_role("dialog")).to_be_visible()
    assert Axe().run(rosa).violations_count == 0
    rosa.keyboard.press("Escape")
    rosa.get_by_role("searchbox").fill("Park")
    rosa.get_by_role("button", name="Search").click()
    expect(rosa.get_by_text("June Park")).to_be_visible()
    assert Axe().run(rosa).violations_count == 0


@pytest.mark.parametrize("width", [320, 360, 900, 1280])
def test_no_page_is_wider_than_its_window(desk, window, width):
    reference = a_full_desk(desk)
    rosa = window("rosa", viewport={"width": width, "height": 800})
    for path in pages_with(reference):
        rosa.goto(path)
        unfold_all(rosa)
        assert rosa.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
