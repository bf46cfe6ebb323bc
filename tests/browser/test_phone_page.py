"""The phone's page in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.console import JUDGED, faults_of
from tests.phone_line import CLINIC, DANA, messages, running_phone, scripted_clinic

pytestmark = pytest.mark.browser

SAM = "+16025550161"


@pytest.fixture
def phone():
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        clinic.script = lambda heard: messages("We will call you.")
        yield phone


@pytest.fixture
def page(browser, phone):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(phone.url)
    expect(page.get_by_role("region", name="Phone of Dana Whitfield")).to_be_visible()
    yield page
    page.close()


def phone_of(page, name):
    return page.get_by_role("region", name=f"Phone of {name}")


def write(page, name, body):
    box = page.get_by_role("textbox", name=f"Text from {name}")
    box.fill(body)
    box.press("Enter")


def test_a_text_typed_in_the_page_is_answered_there(page):
    write(page, "Dana Whitfield", "Please call me")
    thread = page.get_by_role("log", name="Texts of Dana Whitfield")
    expect(thread).to_contain_text("Please call me")
    expect(thread).to_contain_text("Delivered")
    expect(thread).to_contain_text("We will call you.")


def test_the_threads_are_still_there_after_a_reload(page):
    write(page, "Dana Whitfield", "Please call me")
    expect(phone_of(page, "Dana Whitfield")).to_contain_text("We will call you.")
    page.reload()
    expect(phone_of(page, "Dana Whitfield")).to_contain_text("We will call you.")


def test_a_text_to_a_closed_phone_is_counted_until_it_is_opened(page, phone):
    phone.client().messages.create(to="+16025550147", from_=CLINIC, body="Your call is set.")
    row = page.get_by_role("navigation").get_by_role("button", name=re.compile("Marco Reyes"))
    expect(row).to_contain_text("1 unread")
    row.click()
    expect(phone_of(page, "Marco Reyes")).to_contain_text("Your call is set.")
    expect(row).not_to_contain_text("unread", use_inner_text=True)


def test_a_stranger_who_is_texted_appears_among_the_people(page, phone):
    phone.client().messages.create(to="+16025550188", from_=CLINIC, body="Hello")
    page.get_by_role("button", name=re.compile(r"\(602\) 555-0188")).click()
    expect(phone_of(page, "(602) 555-0188")).to_contain_text("Hello")


def test_somebody_can_be_added_and_write_at_once(page):
    page.get_by_text("Add a person").click()
    page.get_by_label("Name").fill("Ana Lopez")
    page.get_by_role("button", name="Add", exact=True).click()
    write(page, "Ana Lopez", "Hola")
    expect(phone_of(page, "Ana Lopez")).to_contain_text("We will call you.")


def test_a_wrong_number_is_explained(page):
    page.get_by_text("Add a person").click()
    page.get_by_label("Name").fill("Ana Lopez")
    page.get_by_label("Phone number").fill("12")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Write a phone number")).to_be_visible()


def test_an_opt_out_is_shown_and_what_comes_after_it_never_arrives(page):
    write(page, "Dana Whitfield", "STOP")
    section = phone_of(page, "Dana Whitfield")
    expect(section).to_contain_text("Opted out")
    expect(section).to_contain_text("from the carrier")
    expect(section).to_contain_text("Never arrived: opted out (21610)")


def test_a_landline_is_switched_on_the_phone_itself(page, phone):
    with page.expect_response("**/line/people/*"):
        phone_of(page, "Sam Ortiz").get_by_label("Landline").check()
    phone.client().messages.create(to=SAM, from_=CLINIC, body="Overdue")
    expect(phone_of(page, "Sam Ortiz")).to_contain_text("Never arrived: landline (30006)")


def test_a_photo_is_sent_with_the_next_text(page):
    section = phone_of(page, "Dana Whitfield")
    section.get_by_role("button", name="Attach the sample photo").click()
    section.get_by_role("button", name="Send").click()
    picture = section.get_by_role("img", name="Sample photo")
    expect(picture).to_be_visible()
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") == 640


def test_a_fault_is_switched_on_and_its_trouble_listed(page, phone):
    page.get_by_text("Make trouble").click()
    with page.expect_response("**/line/faults"):
        page.get_by_label("Post every text and turn twice").check()
    phone.client().incoming_phone_numbers.list()[0].update(sms_url="http://127.0.0.1:9/nobody#rc=0")
    write(page, "Dana Whitfield", "Anybody?")
    expect(page.get_by_role("listitem").filter(has_text="/nobody: no connection, attempt 1")).to_have_count(2)


def test_words_in_a_text_stay_words(page, phone):
    body = "<img src=x onerror=alert(1)> see http://127.0.0.1:8000/staff/41."
    phone.client().messages.create(to=DANA, from_=CLINIC, body=body)
    section = phone_of(page, "Dana Whitfield")
    expect(section).to_contain_text(body)
    expect(section.get_by_role("link")).to_have_attribute("href", "http://127.0.0.1:8000/staff/41")
    assert section.get_by_role("img").count() == 0


@pytest.mark.parametrize("width", JUDGED)
def test_the_page_is_accessible_and_never_wider_than_its_window(browser, phone, width):
    phone.text("STOP")
    phone.text("Hello", SAM, photos=1)
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(phone.url)
    expect(phone_of(page, "Dana Whitfield")).to_contain_text("Opted out")
    assert faults_of(page, "phones", [width]) == []
    page.close()
