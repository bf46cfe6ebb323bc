"""Whole calls in a real browser: the phones of its page, and a clinic that takes them, rings staff and calls back."""

import pytest
from playwright.sync_api import expect

from tests.ringing_house import DANA, FRONT, NIGHT, House
from triage.store import requests
from triage.understanding.reading import warm

pytestmark = pytest.mark.browser

NAMES = {DANA: "Dana Whitfield", FRONT: "(602) 555-0111", NIGHT: "(602) 555-0112"}
PATIENCE_MS = 20_000


class Handsets:
    """The page, and what its people do on it."""

    def __init__(self, page, house):
        self.page, self.house = page, house

    def of(self, phone):
        return self.page.get_by_role("region", name=f"Phone of {NAMES.get(phone, phone)}")

    def calls(self, phone):
        self.of(phone).get_by_role("button", name="Calls").click()
        self.does(phone, "Call the clinic")
        expect(self.of(phone).get_by_role("button", name="Hang up")).to_be_visible()

    def does(self, phone, button):
        self.of(phone).get_by_role("button", name=button, exact=True).click(timeout=PATIENCE_MS)

    def presses(self, phone, keys):
        for key in keys:
            self.does(phone, f"Key {key}")

    def says(self, phone, words):
        box = self.page.get_by_role("textbox", name=f"{NAMES.get(phone, phone)} says")
        box.fill(words)
        box.press("Enter")

    def answers(self, phone, how="Answer"):
        self.does(phone, how)

    def hears(self, phone, words):
        name = NAMES.get(phone, phone)
        expect(self.page.get_by_role("log", name=f"Call of {name}")).to_contain_text(
            words, ignore_case=True, timeout=PATIENCE_MS
        )


@pytest.fixture
def open_page(browser, sqlite_database, monkeypatch):
    opened = []

    def open_it(at="2026-11-24 10:00"):
        warm()
        served = House.served(sqlite_database, monkeypatch, at)
        house, url = served.__enter__()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script("speechSynthesis.speak = () => {};")
        page.goto(url)
        opened.append((page, served))
        return Handsets(page, house)

    yield open_it
    for page, served in opened:
        page.close()
        served.__exit__(None, None, None)


ASKED = {
    "en": (
        "Shall we call you at",
        "When shall we call",
        "What is the call about",
        "Press 1 if that is right",
        "send you a",
    ),
    "es": (
        "Le llamamos al",
        "Cuándo le llamamos",
        "Sobre qué es la llamada",
        "Oprima 1 si es correcto",
        "Le enviamos un",
    ),
}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_call_back_is_asked_for_in_english_and_in_spanish(open_page, lang):
    phones = open_page()
    phones.calls(DANA)
    phones.hears(DANA, "press 1")
    if lang == "es":
        phones.presses(DANA, "9")
        phones.hears(DANA, "Para que le llamemos")
    phones.presses(DANA, "1")
    phones.hears(DANA, "What name" if lang == "en" else "preguntamos")
    phones.says(DANA, "Dana Whitfield")
    for asked in ASKED[lang]:
        phones.hears(DANA, asked)
        phones.presses(DANA, "1")
    phones.hears(DANA, "on its way" if lang == "en" else "va en camino")
    with phones.house.line.database.read() as db:
        request = requests.queue(db)[0].request
    assert (request.name, request.phone, request.lang) == ("Dana Whitfield", DANA, lang)
    assert request.confirmed_at is not None


def test_a_caller_in_crisis_at_night_is_connected_to_a_contact(open_page):
    phones = open_page("2026-11-24 23:00")
    phones.calls(DANA)
    phones.says(DANA, "I want to kill myself")
    phones.hears(DANA, "To reach our team, press 0")
    phones.presses(DANA, "0")
    phones.answers(NIGHT)
    phones.hears(NIGHT, "may be in crisis")
    phones.presses(NIGHT, "1")
    phones.hears(DANA, "connected")
    phones.does(NIGHT, "Hang up")
    phones.hears(DANA, "back with us")


def test_a_call_back_meets_a_machine_and_a_message_is_left(open_page):
    phones = open_page()
    ref = phones.house.line.has_request(DANA)
    phones.house.wants_to_call(ref)
    phones.house.rings()
    phones.answers(FRONT)
    phones.presses(FRONT, "1")
    phones.answers(DANA, "A machine answers")
    phones.hears(FRONT, "To speak after its tone, press 1")
    phones.presses(FRONT, "1")
    phones.answers(DANA, "A machine answers")
    phones.says(FRONT, "This is Ann, returning your call")
    phones.hears(DANA, "This is Ann, returning your call")
    phones.does(FRONT, "Hang up")
    phones.house.phones.settle()
    assert phones.house.outcomes(ref) == ["left_voicemail"]


def test_who_calls_while_we_ring_them_is_joined(open_page):
    phones = open_page()
    ref = phones.house.line.has_request(DANA)
    phones.house.wants_to_call(ref)
    phones.house.rings()
    phones.answers(FRONT)
    phones.presses(FRONT, "1")
    phones.hears(FRONT, "Connecting you now")
    caller = phones.house.phones.calls(DANA, phone="+16025550144").presses("1")
    phones.house.rings()
    phones.hears(FRONT, "They are calling us")
    phones.says(FRONT, "Hello Dana")
    caller.hears("Hello Dana")
    assert phones.house.outcomes(ref) == ["reached"]
