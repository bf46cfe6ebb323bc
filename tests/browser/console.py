"""The console served to a real browser: a desk, its address, windows of members of staff, what axe finds."""

from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import expect
from werkzeug.serving import WSGIRequestHandler

from tests import phone_line
from triage.model.request import Flag, Priority
from triage.store import members, requests

# Pages ask ten times as often as they do for staff; the wait is generous because machines are slow.
ASK_AGAIN_MS = 300
REFRESHED_MS = 60_000
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDTHS = (1280, 900, 360, 320)
JUDGED = (1280, 360)  # by axe; the others are measured only
# Another colour scheme changes colours only, so in it only the rules of colour can find anything new.
RULES = {"light": {}, "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}}


class Quiet(WSGIRequestHandler):
    # Connections stay open, or each small file would need one of its own.
    protocol_version = "HTTP/1.1"

    def log_request(self, *_args):
        """Nothing: a page that asks again and again would fill the output."""


@contextmanager
def served(desk):
    desk.app.config["ASK_AGAIN_MS"] = ASK_AGAIN_MS
    with phone_line.served(desk.app, Quiet) as address:
        yield address


@contextmanager
def windows(browser, desk, address):
    """Opens windows, each a browser of its own: of a member of staff who is signed in, or of nobody."""
    contexts = []

    def open_window(login=None, path="/staff/", **options):
        context = browser.new_context(base_url=address, reduced_motion="reduce", **options)
        contexts.append(context)
        if login:
            context.add_cookies([{"name": "session", "value": session_of(desk, login), "url": address}])
        page = context.new_page()
        page.goto(path)
        if login and path == "/staff/":
            expect(page.get_by_role("heading", name="Call-backs")).to_be_visible()
        return page

    yield open_window
    for context in contexts:
        context.close()


def session_of(desk, login):
    """The cookie of somebody who has signed in, and past the second step if they have one."""
    with desk.db.write() as db:
        member = members.by_login(db, login)
        return members.start_session(
            db, member.id, desk.at, desk.clinic.console.session_life, second_step=member.has_second_step
        )[0]


def row(page, reference):
    return page.locator(".row", has=page.locator(f"#open-{reference}"))


def unfold_all(page):
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def a_full_desk(desk):
    """One request of each kind that a row can look like; returns one with a thread."""
    crisis = desk.has_request(Priority.CRISIS, name=None, topic=None)
    desk.has_request(Priority.URGENT, name="June Park")
    desk.has_request(flags={Flag.PLEASE_READ, Flag.ASK_TIME}, name="Tomás Rivera", lang="es")
    desk.has_request(name="Oluwaseun Adeyemi-Fitzgerald")
    closed = desk.has_request(name="Leo Grant")
    desk.has_texts(closed, "is parking free?")
    with desk.db.write() as db:
        requests.cancel(db, closed, desk.at)
    desk.has_texts(crisis, ("i dont want to be here", "crisis"), "Please call or text 988 now.")
    return crisis


def faults_of(page, what, widths=WIDTHS):
    """What axe and a ruler find on the page as it stands, light and dark, wide and narrow, with every fold open."""
    unfold_all(page)
    page.evaluate(AXE)
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{what}: wider than {width}")
        for scheme, rules in RULES.items() if width in JUDGED else ():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            broken = page.evaluate("async (rules) => (await axe.run(document, rules)).violations", rules)
            found += [
                f"{what}, {scheme}, {width}: {one['id']}: {node['html'][:160]} {node['failureSummary'][:240]}"
                for one in broken
                for node in one["nodes"]
            ]
    page.set_viewport_size({"width": widths[0], "height": 800})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found
