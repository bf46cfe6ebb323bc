"""The console in a real browser: two at work side by side, the keys, the alarm, every move by keyboard alone."""

import io
import re
import wave

import pytest
from playwright.sync_api import expect

from tests.browser.console import REFRESHED_MS, row
from tests.console_desk import MORNING, Desk
from triage.model.call import Fetch, LegState, Purpose, Wanted
from triage.model.member import Role
from triage.model.request import Flag, Priority, Status
from triage.ringing import talks
from triage.store import legs, recordings, requests
from triage.wording import Wording

pytestmark = pytest.mark.browser

REQUESTS = 8
AGAIN_MS = 4000


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.app.extensions["runtime"].words = Wording()
    desk.has_staff("rosa", Role.ADMIN)
    desk.has_staff("mia")
    return desk


def test_two_staff_work_the_same_requests_and_none_is_taken_twice(desk, window):
    # Neither page hears by itself what the other has taken: what is proven is that a claim is exclusive all the same.
    desk.app.config["ASK_AGAIN_MS"] = 10 * REFRESHED_MS
    references = [desk.has_request(name=f"Patient {number}") for number in range(REQUESTS)]
    pages = [window("rosa"), window("mia")]
    for place in range(0, REQUESTS, 2):
        # Both press Claim on the first of the two; whoever is second then takes the other.
        contested, other = references[place], references[place + 1]
        buttons = [row(page, contested).get_by_role("button", name="Claim") for page in pages]
        for button in buttons:
            expect(button).to_be_visible(timeout=REFRESHED_MS)
        first, second = (pages, buttons) if place % 4 else (pages[::-1], buttons[::-1])
        second[0].click()
        second[1].click()
        expect(first[0].get_by_text("It is yours now.")).to_be_visible()
        expect(first[1].get_by_role("alert").get_by_text("has this one.")).to_be_visible()
        first[1].goto("/staff/")
        row(first[1], other).get_by_role("button", name="Claim").click()
        expect(first[1].get_by_text("It is yours now.")).to_be_visible()
        for page in pages:
            page.get_by_label("Reached, spoke with them").check()
            page.get_by_role("button", name="Log and close").click()
            expect(page.get_by_text("Closed. It stays")).to_be_visible()
            page.goto("/staff/")
    done = [desk.request(reference) for reference in references]
    assert {one.status for one in done} == {Status.DONE}
    assert [one.attempts for one in done] == [1] * REQUESTS
    assert {one.closed_by for one in done} == {1, 2}


def test_each_change_reaches_the_other_window_without_reload(desk, window):
    reference = desk.has_request()
    rosa, mia = window("rosa"), window("mia")
    rosa.goto(f"/staff/requests/{reference}")
    rosa.get_by_role("button", name="Claim", exact=True).click()
    expect(row(mia, reference)).to_contain_text("rosa has it", timeout=REFRESHED_MS)
    rosa.get_by_role("button", name="Give back").click()
    expect(row(mia, reference).get_by_role("button", name="Claim")).to_be_visible(timeout=REFRESHED_MS)
    rosa.locator("#snooze summary").click()
    rosa.get_by_role("button", name="2 hours").click()
    expect(mia.locator(".part.snoozed")).to_contain_text("Dana Whitlock", timeout=REFRESHED_MS)


def test_a_crisis_stands_in_the_title_and_on_every_page_until_it_is_acknowledged(desk, window):
    quiet = desk.has_request()
    rosa, mia = window("rosa"), window("mia")
    mia.goto(f"/staff/requests/{quiet}")
    crisis = desk.has_request(Priority.CRISIS, next_alert_at=MORNING)
    for page in (rosa, mia):
        expect(page.get_by_role("alert").get_by_text("seen by nobody")).to_be_visible(timeout=REFRESHED_MS)
        expect(page).to_have_title(re.compile(r"^\(!1\) "), timeout=REFRESHED_MS)
    rosa.goto(f"/staff/requests/{crisis}")
    rosa.get_by_role("button", name="Acknowledge, stop the alerts").click()
    expect(mia).not_to_have_title(re.compile(r"^\(!"), timeout=REFRESHED_MS)


def test_an_alarm_sounds_again_and_again_once_sound_was_allowed(desk, window):
    rosa = window("rosa")
    rosa.clock.install()
    rosa.reload()
    rosa.evaluate(
        "() => { let tones = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start ="
        " function (...at) { document.body.dataset.tones = ++tones; return start.apply(this, at); }; }"
    )
    rosa.get_by_role("button", name="Sound off").click()
    expect(rosa.get_by_role("button", name="Sound on")).to_have_attribute("aria-pressed", "true")
    expect(rosa.locator("body")).to_have_attribute("data-tones", "3")
    desk.has_request(Priority.CRISIS, next_alert_at=MORNING)
    expect(rosa.get_by_role("alert").get_by_text("seen by nobody")).to_be_visible(timeout=REFRESHED_MS)
    for at_least in ("[6-9]|[1-9][0-9]+", "9|[1-9][0-9]+"):
        rosa.clock.fast_forward(AGAIN_MS)
        expect(rosa.locator("body")).to_have_attribute("data-tones", re.compile(f"^({at_least})$"))


def test_keys_lead_through_the_queue(desk, window):
    first, second = desk.has_request(name="Ana Ruiz"), desk.has_request(name="Ben Cole")
    rosa = window("rosa")
    rosa.keyboard.press("j")
    expect(rosa.locator(f"#open-{first}")).to_be_focused()
    rosa.keyboard.press("j")
    rosa.keyboard.press("j")
    expect(rosa.locator(f"#open-{second}")).to_be_focused()
    rosa.keyboard.press("k")
    rosa.keyboard.press("d")
    expect(rosa.get_by_label("Reached, spoke with them")).to_be_focused()
    rosa.keyboard.press("/")
    expect(rosa.get_by_role("searchbox")).to_be_focused()
    rosa.keyboard.type("j")
    expect(rosa.get_by_role("searchbox")).to_have_value("j")
    rosa.goto("/staff/")
    rosa.keyboard.press("j")
    rosa.keyboard.press("c")
    expect(rosa.get_by_text("It is yours now.")).to_be_visible()
    assert desk.request(first).claimed_by == 1


def test_keys_can_be_switched_off(desk, window):
    reference = desk.has_request()
    rosa = window("rosa")
    rosa.keyboard.press("?")
    rosa.get_by_label("Use these keys in this browser").uncheck()
    rosa.get_by_role("button", name="Close").click()
    rosa.keyboard.press("j")
    expect(rosa.locator(f"#open-{reference}")).not_to_be_focused()


def press(page, name):
    """Walk to a control with Tab alone and press Enter on it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")
        if here.strip().startswith(name):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} was not reached with Tab")


def reach(page, field):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == field:
            return
    raise AssertionError(f"{field} was not reached with Tab")


def test_every_move_can_be_made_by_keyboard_alone(desk, window):
    reference = desk.has_request()
    rosa = window("rosa")
    rosa.goto(f"/staff/requests/{reference}")

    def said(words):
        expect(rosa.get_by_text(words)).to_be_visible()

    press(rosa, "Claim")
    said("It is yours now.")
    press(rosa, "Give back")
    said("It is back in the queue")
    press(rosa, "Put back until")
    press(rosa, "30 minutes")
    said("returns to the queue by itself")
    press(rosa, "Back now")
    said("among the others again")
    press(rosa, "Text the patient")
    reach(rosa, "text")
    rosa.keyboard.type("We are running late")
    press(rosa, "Send the text")
    said("The text is on its way")
    press(rosa, "Promise another time")
    reach(rosa, "day")
    rosa.keyboard.type("11242026")
    reach(rosa, "from")
    rosa.keyboard.type("1000AM")
    reach(rosa, "to")
    rosa.keyboard.type("1130AM")
    press(rosa, "Promise it")
    said("Promised. The patient is told")
    press(rosa, "Hand to a colleague")
    reach(rosa, "to")
    rosa.keyboard.type("Mia")
    press(rosa, "Hand it over")
    said("It is with your colleague now.")
    reach(rosa, "disposition")
    rosa.keyboard.press("Space")
    press(rosa, "Log and close")
    said("Closed. It stays")
    press(rosa, "Reopen")
    said("It is open again")
    with desk.db.read() as db:
        assert requests.get(db, reference).attempts == 1


def test_what_nurses_admins_and_auditors_do_needs_no_more_than_the_keyboard(desk, window):
    crisis, other = desk.has_request(Priority.CRISIS), desk.has_request(name="Ivy Chen")
    wrote = desk.has_request(name="Leo Grant")
    desk.has_texts(wrote, "is parking free?")
    with desk.db.write() as db:
        requests.cancel(db, wrote, desk.at)
    rosa = window("rosa")

    def said(words):
        expect(rosa.get_by_text(words)).to_be_visible(timeout=REFRESHED_MS)

    def goes(link, heading):
        press(rosa, link)
        expect(rosa.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=REFRESHED_MS)

    def types(field, words):
        reach(rosa, field)
        rosa.keyboard.press("ControlOrMeta+a")
        rosa.keyboard.type(words)

    rosa.goto(f"/staff/requests/{crisis}")
    press(rosa, "A false alarm")
    types("why", "A line of a song")
    press(rosa, "It was a false alarm")
    said("The crisis has ended")
    press(rosa, "Correct it")
    types("name", "Dana Whitlok")
    press(rosa, "Correct it")
    said("It is put right.")
    press(rosa, "The same person as")
    types("other", f"#{other}")
    press(rosa, "Merge them")
    said("They are one now.")
    press(rosa, "Take it back")
    said("They are two again.")
    goes("People", "People")
    press(rosa, "Only some")
    types("q", "Ivy")
    press(rosa, "Search")
    expect(rosa.locator(f"#open-{other}")).to_be_visible()
    goes("People", "People")
    goes("602-555-0102", "602-555-0102")
    press(rosa, "Block it")
    said("Blocked. Texts of this phone")
    press(rosa, "Put in the queue")
    said("It is in the queue now.")
    goes("Staff", "Staff")
    types("name", "Ana Lopez")
    types("login", "ana")
    press(rosa, "Add them")
    said("It is shown this once.")
    goes("Trail", "Who did what")
    types("request", str(crisis))
    press(rosa, "Show")
    said(f"With request #{crisis}")
    goes("Queue", "Call-backs")
    press(rosa, "Filter")
    reach(rosa, "who")
    rosa.keyboard.type("Nobody")
    press(rosa, "Filter")
    expect(rosa.locator("#summary")).to_contain_text("(filtered)")


def test_who_listens_to_a_message_hears_it_to_its_end(desk, window):
    reference = desk.has_request(flags={Flag.VOICEMAIL})
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes([128]) * 8000 * 3)
    with desk.db.write() as db:
        values = {"person_id": requests.get(db, reference).person_id, "request_id": reference, "of": "voicemail"}
        kept = recordings.keep(db, "RE1", values, desk.at)
        recordings.change(db, kept.id, audio=sound.getvalue(), content_type="audio/wav", state=Fetch.KEPT)
    page = window("rosa", f"/staff/requests/{reference}")
    page.evaluate(
        "() => { const player = document.querySelector('audio');"
        " player.addEventListener('ended', () => { document.body.dataset.heard = 'to its end'; }); player.play(); }"
    )
    expect(page.locator("body")).to_have_attribute("data-heard", "to its end", timeout=REFRESHED_MS)
    expect(page.get_by_text("heard by rosa")).to_be_visible(timeout=REFRESHED_MS)


def test_a_call_that_ends_opens_its_wrap_up_and_touches_nothing_typed(desk, window):
    reference = desk.has_request()
    page = window("rosa", f"/staff/requests/{reference}")
    page.get_by_label("Note, for colleagues only").fill("Prefers mornings")
    page.locator("h1").click()
    with desk.db.write() as db:
        person = requests.get(db, reference).person_id
        talk = Wanted(Purpose.PATIENT, "patient:1", desk.at, reference, person, 1, state=LegState.PLACED)
        leg = legs.plan(db, talk, desk.at)
        legs.accept(db, leg.id, desk.at)
        talks.began(db, desk.clinic, leg, desk.at, desk.at)
        over = {"status": "completed", "state": LegState.ENDED, "ended_at": desk.at, "duration_s": 250}
        legs.change(db, leg.id, over, desk.at)
    expect(page.locator("#talked")).to_have_text("You talked for 4 min.", timeout=REFRESHED_MS)
    expect(page.get_by_label("Reached, spoke with them")).to_be_checked()
    expect(page.get_by_label("Note, for colleagues only")).to_have_value("Prefers mornings")
    page.get_by_label("Booked").check()
    desk.has_texts(reference, "See you then")
    expect(page.get_by_role("paragraph").filter(has_text="See you then")).to_be_visible(timeout=REFRESHED_MS)
    expect(page.get_by_label("Booked")).to_be_checked()
    page.get_by_role("button", name="Log, keep it open").click()
    expect(page.get_by_text("The call is logged.")).to_be_visible()
    expect(page.locator("#ended-call")).to_have_count(0)
