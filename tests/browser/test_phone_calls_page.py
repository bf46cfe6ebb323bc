"""The calling phones of the page in a real browser."""

import io
import re
import urllib.request
import wave
from base64 import b64encode

import pytest
from playwright.sync_api import expect

from tests.browser.console import JUDGED, faults_of
from tests.phone_line import ACCOUNT, CLINIC, DANA, TOKEN, running_phone, scripted_clinic

pytestmark = pytest.mark.browser

MENU = """<Response><Gather input="dtmf speech" action="/heard" actionOnEmptyResult="true">
  <Say>Press 4 for a call back.</Say><Say language="es-US">Para español, oprima nueve.</Say></Gather></Response>"""
RECORD = '<Response><Say>Speak after the tone.</Say><Record action="/done" maxLength="110"/></Response>'
DIAL = '<Response><Dial action="/done"><Number url="/whisper">+16025550161</Number></Dial></Response>'
WHISPER = '<Response><Gather action="/taken" numDigits="1"><Say>Press 1 to take it.</Say></Gather></Response>'
DONE = "<Response><Say>Goodbye.</Say></Response>"


def answer(heard):
    form = dict(heard.form)
    if heard.path == "/heard":
        digits, speech = form.get("Digits"), form.get("SpeechResult", "")
        said = f"You gave {digits or speech or 'nothing'}"
        return {"5": RECORD, "0": DIAL}.get(digits, MENU.replace("Press 4 for a call back.", said))
    return {"/webhooks/voice": MENU, "/done": DONE, "/whisper": WHISPER, "/moment": MENU}.get(heard.path, "<Response/>")


@pytest.fixture
def clinic():
    with scripted_clinic() as clinic:
        clinic.script = answer
        yield clinic


@pytest.fixture
def phone(clinic):
    with running_phone(clinic.url) as phone:
        yield phone


@pytest.fixture
def page(browser, phone):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    # What the browser would speak, as a list that a test can read.
    page.add_init_script("window.aloud = []; speechSynthesis.speak = (said) => aloud.push([said.text, said.lang]);")
    page.goto(phone.url)
    expect(phone_of(page, "Dana Whitfield")).to_be_visible()
    yield page
    page.close()


def phone_of(page, name):
    return page.get_by_role("region", name=f"Phone of {name}")


def calls(page, name="Dana Whitfield"):
    section = phone_of(page, name)
    section.get_by_role("button", name="Calls").click()
    section.get_by_role("button", name="Call the clinic").click()
    expect(section.get_by_role("button", name="Hang up")).to_be_visible()
    return section


def log_of(page, name="Dana Whitfield"):
    return page.get_by_role("log", name=f"Call of {name}")


def says(page, name, text):
    box = page.get_by_role("textbox", name=f"{name} says")
    box.fill(text)
    box.press("Enter")


@pytest.fixture
def ring(phone, clinic):
    """The clinic calls Dana."""
    return lambda: phone.client().calls.create(to=DANA, from_=CLINIC, url=f"{clinic.url}/moment")


def test_a_call_is_heard_and_spoken_in_its_languages_and_answered_by_key_and_by_word(page):
    section = calls(page)
    expect(log_of(page)).to_contain_text("Press 4 for a call back.")
    assert page.evaluate("aloud") == [["Press 4 for a call back.", "en-US"], ["Para español, oprima nueve.", "es-US"]]
    says(page, "Dana Whitfield", "what is TMS")
    expect(log_of(page)).to_contain_text("You gave What is TMS.")
    section.get_by_role("button", name="Key 4").click()
    section.get_by_role("button", name="Key hash").click()
    expect(log_of(page)).to_contain_text("You gave 4")
    section.get_by_role("button", name="Say nothing").click()
    expect(log_of(page)).to_contain_text("You gave nothing")
    section.get_by_role("button", name="Hang up").click()
    expect(section).to_contain_text("Call ended · completed")


def test_several_keys_are_one_answer_after_a_pause(page):
    section = calls(page)
    for key in "602":
        section.get_by_role("button", name=f"Key {key}").click()
    expect(section).to_contain_text("Keyed in: 602")
    expect(log_of(page)).to_contain_text("You gave 602")


def test_a_muted_phone_speaks_no_more(page):
    section = calls(page)
    section.get_by_role("button", name="Mute").click()
    before = len(page.evaluate("aloud"))
    says(page, "Dana Whitfield", "hello")
    expect(log_of(page)).to_contain_text("You gave Hello.")
    assert len(page.evaluate("aloud")) == before


def test_a_number_can_be_hidden(page, clinic):
    section = phone_of(page, "Dana Whitfield")
    section.get_by_role("button", name="Calls").click()
    section.get_by_label("Hide my number").check()
    section.get_by_role("button", name="Call the clinic").click()
    expect(log_of(page)).to_contain_text("Press 4")
    assert clinic.heard[0]["From"] == "anonymous"


def test_a_message_is_left_by_typing_what_is_said(page, clinic):
    section = calls(page)
    section.get_by_role("button", name="Key 5").click()
    section.get_by_role("button", name="Key hash").click()
    section.get_by_label("Your message").fill("Please call me tomorrow")
    section.get_by_role("button", name="Leave it").click()
    expect(log_of(page)).to_contain_text("left a message: Please call me tomorrow")
    expect(log_of(page)).to_contain_text("Goodbye.")
    assert clinic.at("/done")[0]["RecordingSid"]


def test_hanging_up_leaves_the_message_that_was_written(page, clinic):
    section = calls(page)
    section.get_by_role("button", name="Key 5").click()
    section.get_by_role("button", name="Key hash").click()
    section.get_by_label("Your message").fill("Please call me tomorrow")
    section.get_by_role("button", name="Hang up").click()
    expect(section).to_contain_text("Call ended · completed")
    assert clinic.at("/done")[0]["Digits"] == "hangup"


def test_a_message_from_the_microphone_becomes_a_wav(page, phone, clinic):
    section = calls(page)
    section.get_by_role("button", name="Key 5").click()
    section.get_by_role("button", name="Key hash").click()
    section.get_by_role("button", name="Use the microphone").click()
    section.get_by_role("button", name="Stop and leave it").click()
    expect(log_of(page)).to_contain_text("left a message")
    url = clinic.at("/done")[0]["RecordingUrl"]
    user = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    path = url.removeprefix("http://127.0.0.1:8001")
    asked = urllib.request.Request(phone.url + path, headers={"Authorization": f"Basic {user}"})
    with urllib.request.urlopen(asked) as sound, wave.open(io.BytesIO(sound.read())) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (1, 8000, 2)


def test_a_phone_that_rings_comes_to_the_front_and_is_answered(page, ring):
    phone_of(page, "Dana Whitfield").get_by_role("button", name="Close").click()
    ring()
    section = phone_of(page, "Dana Whitfield")
    expect(section).to_contain_text("(602) 555-0100 is calling")
    expect(page.get_by_role("navigation").get_by_role("button", name=re.compile("Dana"))).to_contain_text("Ringing")
    section.get_by_role("button", name="Answer", exact=True).click()
    expect(log_of(page)).to_contain_text("Press 4 for a call back.")


@pytest.mark.parametrize(
    ("button", "ended"),
    [("Decline", "busy or declined"), ("Nobody answers", "not answered"), ("A machine answers", "completed")],
)
def test_a_ringing_phone_can_be_left_in_other_ways(page, ring, button, ended):
    ring()
    section = phone_of(page, "Dana Whitfield")
    section.get_by_role("button", name=button).click()
    expect(section).to_contain_text(f"Call ended · {ended}")


def test_what_a_phone_does_when_it_rings_is_chosen_on_it(page, ring):
    section = phone_of(page, "Dana Whitfield")
    section.get_by_role("button", name="Calls").click()
    with page.expect_response("**/line/people/*"):
        section.get_by_label("When this phone rings").select_option("busy")
    ring()
    expect(section).to_contain_text("Call ended · busy or declined")


def test_two_phones_are_connected_and_hear_each_other(page):
    dana, sam = calls(page), phone_of(page, "Sam Ortiz")
    dana.get_by_role("button", name="Key 0").click()
    dana.get_by_role("button", name="Key hash").click()
    sam.get_by_role("button", name="Answer", exact=True).click()
    sam.get_by_role("button", name="Key 1").click()
    expect(sam).to_contain_text("Connected")
    says(page, "Sam Ortiz", "This is Sam")
    expect(log_of(page)).to_contain_text("Other end This is Sam")
    sam.get_by_role("button", name="Hang up").click()
    expect(log_of(page)).to_contain_text("Goodbye.")


def test_a_call_is_still_there_after_a_reload_and_is_not_spoken_again(page):
    calls(page)
    page.reload()
    phone_of(page, "Dana Whitfield").get_by_role("button", name="Calls").click()
    expect(log_of(page)).to_contain_text("Press 4 for a call back.")
    assert page.evaluate("aloud") == []


@pytest.mark.parametrize("width", JUDGED)
@pytest.mark.parametrize("moment", ["idle", "ringing", "gather", "record"])
def test_every_moment_of_a_call_is_accessible_and_never_wider_than_its_window(browser, phone, ring, width, moment):
    if moment == "ringing":
        ring()
        phone.settle()
    elif moment != "idle":
        sid = phone.post("/line/calls", {"from": DANA})["sid"]
        if moment == "record":
            phone.post(f"/line/calls/{sid}/press", {"keys": "5"})
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(phone.url)
    section = phone_of(page, "Dana Whitfield")
    section.get_by_role("button", name="Calls").click()
    expected = {"idle": "Call the clinic", "ringing": "Decline", "gather": "Key 1", "record": "Leave it"}
    expect(section.get_by_role("button", name=expected[moment])).to_be_visible()
    box, whole = section.bounding_box(), section.get_by_role("button").last.bounding_box()
    assert whole["y"] + whole["height"] <= box["y"] + box["height"]
    assert faults_of(page, moment, [width]) == []
    page.close()
