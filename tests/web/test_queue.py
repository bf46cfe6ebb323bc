"""The queue over HTTP: parts, filters, search, the file, and that it stays quick when it is long."""

import csv
import io
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.queue.queue_page import AT_FIRST
from staff.sheets import FORMULA, harmless
from tests.console_desk import MORNING, Desk, csrf_in, send
from triage.jobs import upkeep
from triage.model.member import Role
from triage.model.message import Arrival, Channel
from triage.model.request import Disposition, Flag, Priority, RequestValues
from triage.store import members, messages, people, requests
from triage.store.tables import audit_events
from triage.team import request_acts
from triage.wording import Wording


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.app.extensions["runtime"].words = Wording()
    return desk


@pytest.fixture
def front(desk):
    desk.has_staff("front", Role.ADMIN)
    return desk.signed_in("front")


def shown(page):
    """References on a page, in order."""
    return [int(found) for found in re.findall(r'id="open-(\d+)"', page.text)]


def part_of(page, reference):
    parts = re.split(r'<section class="part (\w+)"', page.text)[1:]
    return [name for name, body in zip(parts[::2], parts[1::2], strict=True) if f'id="open-{reference}"' in body]


def changed(desk, reference, **values):
    with desk.db.write() as db:
        requests.change(db, reference, values, desk.at)


def searched(client, **asked):
    """The page that a search leads to."""
    answer = send(client, "/staff/search", **asked)
    assert answer.status_code == 303
    return client.get(answer.headers["Location"])


def found(client, asked, **narrowed):
    return shown(searched(client, q=asked, **narrowed))


def further(client, page):
    """The page behind "search further back", or None."""
    link = re.search(r'id="further-back" href="([^"]+)"', page.text)
    return client.get(link[1]) if link else None


@pytest.fixture(params=["indexed", "not yet"])
def index(request, desk):
    """Lets the clock make what is found by, or not."""
    return lambda: upkeep.index_names(desk.db) if request.param == "indexed" else None


def test_mine_and_put_back_have_parts_of_their_own_and_a_crisis_stays_on_top(desk, front):
    mine, put_back, crisis = desk.has_request(), desk.has_request(), desk.has_request(Priority.CRISIS)
    with desk.db.write() as db:
        for reference in (mine, crisis):
            requests.claim(db, reference, 1, desk.at)
    changed(desk, put_back, snoozed_until=desk.at + timedelta(hours=1))
    page = front.get("/staff/")
    assert {part_of(page, one)[0] for one in (mine,)} == {"mine"}
    assert part_of(page, put_back) == ["snoozed"]
    assert part_of(page, crisis) == ["now"]


def test_what_is_due_stands_first_whoever_has_it_and_what_is_mine_and_not_due_after_it(desk, front):
    later, soon, urgent = (
        desk.has_request(),
        desk.has_request(due_in=timedelta(minutes=5)),
        desk.has_request(Priority.URGENT),
    )
    with desk.db.write() as db:
        for reference in (later, soon):
            requests.claim(db, reference, 1, desk.at)
    page = front.get("/staff/")
    assert shown(page) == [urgent, soon, later]
    assert [part_of(page, one) for one in (urgent, soon, later)] == [["due"], ["due"], ["mine"]]
    assert "2 due, 0 later, 2 with you" in page.text


def test_a_crisis_that_nobody_has_seen_stands_first_then_who_was_not_called_and_last_who_was_spoken_to(desk, front):
    spoken, seen, unseen = (desk.has_request(Priority.CRISIS) for _ in range(3))
    emergency = desk.has_request(Priority.EMERGENCY)
    changed(desk, spoken, spoken_at=desk.at, acknowledged_at=desk.at)
    changed(desk, seen, acknowledged_at=desk.at)
    assert shown(front.get("/staff/")) == [unseen, emergency, seen, spoken]
    with desk.db.read() as db:
        assert [row.request.id for row in requests.queue(db)] == [unseen, emergency, seen, spoken]


def test_what_was_put_back_returns_by_itself(desk, front):
    window = {"promised_start": MORNING + timedelta(hours=4), "promised_end": MORNING + timedelta(hours=5)}
    reference = desk.has_request(due_in=timedelta(hours=5), **window)
    changed(desk, reference, snoozed_until=desk.at + timedelta(minutes=5))
    tag = front.get("/staff/rows").headers["ETag"]
    desk.at += timedelta(minutes=6)
    fresh = front.get("/staff/rows", headers={"If-None-Match": tag})
    assert part_of(fresh, reference) == ["later"]


def fingerprint(desk):
    with desk.db.read() as db:
        return requests.fingerprint(db)


@pytest.mark.parametrize(
    "change",
    [
        lambda db, one, at: requests.change(db, one, {"name": "Ivy Chen"}, at),
        lambda db, one, at: requests.change(db, one, {"priority": Priority.CRISIS}, at),
        lambda db, one, at: requests.change(db, one, {"flags": {Flag.INCOMPLETE}}, at - timedelta(hours=1)),
        lambda db, one, at: requests.claim(db, one, 1, at),
        lambda db, one, at: requests.acknowledge(db, one, 1, at),
        lambda db, one, at: requests.add_attempt(db, one, 1, Disposition.BUSY, None, at),
        lambda db, one, at: requests.close(db, one, 1, Disposition.BOOKED, at),
        lambda db, one, at: requests.hand_over(db, one, 1, 1, at),
    ],
)
def test_whatever_changes_in_the_queue_is_told_also_when_its_time_is_no_later(desk, front, change):
    """Clocks of several machines differ, and a transaction that began early may end late."""
    reference, _other = desk.has_request(), desk.has_request()
    before = fingerprint(desk)
    with desk.db.write() as db:
        change(db, reference, desk.at)
    assert fingerprint(desk) != before
    assert fingerprint(desk) == fingerprint(desk)


def test_a_request_that_comes_in_the_place_of_another_is_told(desk, front):
    closed, reference = desk.has_request(), desk.has_request()
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, closed, 1, Disposition.BOOKED, desk.at)
    before = fingerprint(desk)
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, reference, 1, Disposition.BOOKED, desk.at)
        request_acts.reopen(db, desk.clinic, closed, 1, desk.at)
    assert fingerprint(desk) != before


def test_a_row_tells_of_the_patients_clock_a_landline_and_other_requests(desk, front):
    reference = desk.has_request(promised_start=MORNING + timedelta(hours=4), promised_end=MORNING + timedelta(hours=6))
    person_id = desk.request(reference).person_id
    with desk.db.write() as db:
        people.change(db, person_id, {"zone": "America/New_York", "textable": False})
        request_acts.close(db, desk.clinic, reference, 1, Disposition.REACHED, desk.at)
        values = {"promised_start": MORNING + timedelta(hours=4), "promised_end": MORNING + timedelta(hours=6)}
        new = RequestValues(person_id, Priority.ROUTINE, "sms", "en", MORNING + timedelta(hours=6), values)
        requests.create(db, new, desk.at)
    page = front.get("/staff/").text
    assert "2 pm to 4 pm" in page
    assert "4 pm to 6 pm for the patient (New York)" in page
    assert "landline or no texts" in page
    assert "1 other request<" in page


def test_filters_leave_what_was_asked_for_and_the_rows_keep_to_them(desk, front):
    by_phone, by_text = desk.has_request(channel="voice"), desk.has_request(topic="tms")
    assert shown(front.get("/staff/?channel=voice")) == [by_phone]
    assert shown(front.get("/staff/?topic=tms&who=nobody")) == [by_text]
    assert shown(front.get("/staff/?who=mine")) == []
    page = front.get("/staff/?channel=voice").text
    rows = re.search(r'hx-get="(/staff/rows[^"]*)"', page)[1].replace("&amp;", "&")
    assert shown(front.get(rows)) == [by_phone]


@pytest.mark.parametrize("args", ["who=%00", "topic=' OR 1=1", "show=-1", "show=9999999999", "show=x", "lang=<script>"])
def test_a_filter_that_is_none_shows_everything(desk, front, args):
    reference = desk.has_request()
    page = front.get(f"/staff/?{args}")
    assert shown(page) == [reference]
    assert "<script>" not in page.text.replace("<script src=", "")


def test_a_long_queue_shows_its_first_rows_with_true_counts(desk, front):
    with desk.db.write() as db:
        for number in range(AT_FIRST + 30):
            person, _ = people.meet(db, f"+1602555{number:04d}", "en", desk.at)
            new = RequestValues(person.id, Priority.ROUTINE, "sms", "en", desk.at + timedelta(hours=3))
            requests.create(db, new, desk.at)
    page = front.get("/staff/")
    assert len(shown(page)) == AT_FIRST
    assert f'<span class="count">{AT_FIRST + 30}</span>' in page.text
    assert "30 more are not on the screen" in page.text
    more = re.search(r'id="show-more" href="([^"]+)"', page.text)[1]
    assert len(shown(front.get(more))) == AT_FIRST + 30


@pytest.mark.parametrize(
    "asked", ["tomas", "Rivera", "TOMÁS riv", "riv tom", "602-555-0101", "(602) 555 0101", "0101", "#2", "2"]
)
def test_a_request_is_found_by_parts_of_its_name_by_its_phone_its_last_digits_and_its_reference(
    desk, front, index, asked
):
    desk.has_request()
    wanted = desk.has_request(name="Tomás Rivera")
    index()
    assert found(front, asked) == [wanted]


def test_a_closed_request_is_found_too_and_by_the_number_and_name_that_it_has_now(desk, front, index):
    wanted = desk.has_request(name="Leo Grant")
    index()
    with desk.db.write() as db:
        requests.change(db, wanted, {"name": "Leo Grand", "phone": "+16025550177"}, desk.at)
    index()
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, wanted, 1, Disposition.BOOKED, desk.at - timedelta(days=40))
    assert found(front, "grand") == found(front, "0177") == found(front, "0100") == [wanted]
    assert found(front, "grant") == []


def test_a_search_is_narrowed_by_when_how_grave_outcome_owner_language_and_whether_it_is_open(desk, front):
    urgent = desk.has_request(Priority.URGENT, name="Ivy Chen", lang="es")
    desk.at += timedelta(minutes=1)
    booked = desk.has_request(name="Ivy Park")
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, booked, 1, Disposition.BOOKED, desk.at)
    assert found(front, "ivy") == [booked, urgent]
    for narrowed, wanted in (
        ({"priority": "urgent"}, [urgent]), ({"outcome": "booked"}, [booked]), ({"lang": "es"}, [urgent]),
        ({"state": "open"}, [urgent]), ({"state": "closed", "owner": "1"}, [booked]), ({"state": "cancelled"}, []),
        ({"since": "2026-11-23", "until": "2026-11-23"}, [booked, urgent]), ({"until": "2026-11-22"}, []),
        ({"since": "0001-01-01", "until": "9999-12-31", "owner": "x"}, [booked, urgent]),
    ):  # fmt: skip
        assert found(front, "ivy", **narrowed) == wanted, narrowed
        assert found(front, "", **narrowed) == wanted, narrowed


def test_a_name_is_found_however_long_ago_it_was(desk, front, index, monkeypatch):
    monkeypatch.setattr("staff.queue.search_page.NAMES_AT_ONCE", 2)
    monkeypatch.setattr("staff.queue.search_page.NAMES_READ", 6)
    oldest = desk.has_request(name="Ivy Chen")
    for _ in range(10):
        desk.has_request()
    second = desk.has_request(name="Ivy Park")
    index()
    page, shown_so_far = searched(front, q="ivy"), []
    while page is not None:
        shown_so_far += shown(page)
        page = further(front, page)
    assert shown_so_far == [second, oldest]


def test_more_of_one_name_than_are_shown_at_once_are_all_found(desk, front, index, monkeypatch):
    monkeypatch.setattr("staff.queue.search_page.MOST_FOUND", 2)
    wanted = [desk.has_request(name="Ivy Chen") for _ in range(5)]
    index()
    first = searched(front, q="chen")
    assert shown(first) == wanted[:2:-1]
    second = further(front, first)
    assert shown(second) == wanted[2:0:-1]
    last = further(front, second)
    assert shown(last) == wanted[:1]
    assert further(front, last) is None
    of = re.search(r'name="search" value="(\d+)"', last.text)[1]
    sheet = send(front, "/staff/queue.csv", search=of, below=wanted[1]).data.decode("utf-8-sig")
    assert [row["Reference"] for row in csv.DictReader(io.StringIO(sheet))] == [str(wanted[0])]


@pytest.mark.parametrize("below", ["-1", "0", "x", "99999999999999999999", "\x00"])
def test_a_place_to_go_on_that_is_none_starts_anew(desk, front, below):
    wanted = desk.has_request(name="Ivy Chen")
    address = send(front, "/staff/search", q="ivy").headers["Location"]
    assert shown(front.get(address, query_string={"below": below})) == [wanted]


@pytest.mark.parametrize("asked", ["", " ", "nobody", "%", "' OR 1=1 --", "\x00", "9" * 50, "602-555-0199", "💥" * 200])
def test_what_is_not_there_is_not_found(desk, front, asked):
    desk.has_request()
    assert found(front, asked) == []


def test_a_search_has_an_address_without_private_words_for_who_made_it_alone(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    address = send(front, "/staff/search", q="Ivy Chen").headers["Location"]
    assert address == "/staff/found/1"
    assert shown(front.get(address)) == shown(front.get(address)) == [reference]
    desk.has_staff("mia")
    assert desk.signed_in("mia").get(address).status_code == 404
    with desk.db.write() as db:
        assert b"Ivy" not in db.exec_driver_sql("SELECT asked FROM searches").scalar()
    assert upkeep.purge_expired(desk.db, desk.clinic.retention, desk.at + timedelta(days=2))["searches"] == 1


def test_whose_phone_is_searched_is_found_without_a_request_too(desk, front):
    with desk.db.write() as db:
        person, _ = people.meet(db, "+16025550142", "en", desk.at)
    assert f"/staff/people/{person.id}" in searched(front, q="602-555-0142").text


def wrote_lately(desk, phone, name=None, body="is parking free"):
    """Somebody who wrote and has no request."""
    with desk.db.write() as db:
        person, _ = people.meet(db, phone, "es", desk.at)
        people.change(db, person.id, {"name": name})
        messages.keep(db, Arrival(f"SM{phone}", person.id, Channel.SMS, body, desk.at, "+16025550100"))
    return person.id


def of_people(page):
    return [int(found) for found in re.findall(r'id="person-(\d+)"', page.text)]


@pytest.mark.parametrize("asked", ["tomas", "TOMÁS riv", "0142"])
def test_who_wrote_lately_without_a_request_is_found_by_name_and_last_digits(desk, front, asked):
    wanted = wrote_lately(desk, "+16025550142", "Tomás Rivera")
    wrote_lately(desk, "+16025550143", "Ivy Chen")
    page = searched(front, q=asked)
    assert (shown(page), of_people(page)) == ([], [wanted])
    of = re.search(r'name="search" value="(\d+)"', page.text)[1]
    sheet = send(front, "/staff/queue.csv", search=of).data.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(sheet))
    assert (row["Part"], row["Name"], row["Phone"]) == ("No request", "Tomás Rivera", "602-555-0142")
    with desk.db.read() as db:
        details = [event.detail for event in db.execute(audit_events.select()) if event.action != "search"]
    assert [one.get("people") for one in details if one and one.get("rows")] == [str(wanted)] * 2
    assert of_people(searched(front, q=asked, lang="es")) == []


def test_who_has_a_request_is_found_by_that_alone(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    desk.has_texts(reference, "is parking free")
    with desk.db.write() as db:
        people.change(db, desk.request(reference).person_id, {"name": "Ivy Chen"})
        request_acts.close(db, desk.clinic, reference, 1, Disposition.OTHER, desk.at)
    page = searched(front, q="ivy")
    assert (shown(page), of_people(page)) == ([reference], [])


def test_people_without_a_request_are_a_file_too_and_its_taking_is_written_down(desk, front):
    wanted = wrote_lately(desk, "+16025550142", body="=1+1")
    with desk.db.write() as db:
        people.change(db, wanted, {"opted_out_at": desk.at, "textable": False})
    answer = send(front, "/staff/people.csv")
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert row == {
        "Name": "", "Phone": "602-555-0142", "Wrote": "2026-11-23 10:00", "Came": "by text", "Their words": "'=1+1",
        "Language": "Spanish", "Marks": "has stopped texts; landline or no texts: call",
    }  # fmt: skip
    with desk.db.read() as db:
        [event] = [event for event in db.execute(audit_events.select()) if event.action == "export_people"]
    assert event.detail == {"rows": 1, "people": str(wanted)}
    desk.has_staff("mia")
    assert "As a file" not in desk.signed_in("mia").get("/staff/people").text


def test_what_is_searched_for_only_is_said_in_words_over_what_was_found(desk, front):
    wanted = desk.has_request(name="Ivy Chen", lang="es")
    page = searched(front, q="ivy", lang="es", owner="1", since="2026-11-01")
    assert shown(page) == []
    assert "Only: in Spanish · with Front · from 2026-11-01" in page.text
    assert shown(searched(front, q="ivy", lang="es")) == [wanted]
    assert "Only:" not in searched(front, q="ivy").text


def test_who_wrote_to_us_and_what_is_to_be_read_stand_among_the_marks_of_the_file(desk, front):
    desk.has_request(wrote_at=MORNING, flags={Flag.PLEASE_READ, Flag.TEXT_ONLY})
    [row] = csv.DictReader(io.StringIO(send(front, "/staff/queue.csv").data.decode("utf-8-sig")))
    assert row["Marks"] == "wrote to us; please read; text only: write to them"


def test_who_is_wanted_at_once_stands_under_now_for_that_reason(desk, front):
    [row] = (desk.has_request(), csv.DictReader(io.StringIO(send(front, "/staff/queue.csv").data.decode("utf-8-sig"))))[
        1:
    ]
    assert [one["Why there"] for one in row] == ["wants a call as soon as possible, and the clinic is open"]


def test_no_name_and_no_phone_that_is_searched_stands_in_an_address(desk, front):
    desk.has_request(name="Ivy Chen")
    page = searched(front, q="Ivy Chen")
    addresses = re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page.text)
    assert addresses
    assert not [one for one in addresses if "ivy" in one.lower()]
    assert front.get("/staff/search?q=Ivy").status_code == 404


def test_the_file_holds_what_is_on_the_screen_and_its_taking_is_written_down(desk, front):
    kept, _left_out = desk.has_request(name="Ana, “quoted”\nsecond line", channel="voice"), desk.has_request()
    answer = send(front, "/staff/queue.csv", channel="voice")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert (row["Reference"], row["Name"]) == (str(kept), "Ana, “quoted”\nsecond line")
    assert row["Due"] == "2026-11-23 13:00"
    with desk.db.read() as db:
        assert "export_queue" in [event.action for event in db.execute(audit_events.select())]


def test_what_was_found_can_be_taken_as_a_file(desk, front):
    desk.has_request()
    desk.has_request(name="Ivy Chen")
    of = send(front, "/staff/search", q="ivy").headers["Location"].rpartition("/")[2]
    answer = send(front, "/staff/queue.csv", search=of)
    assert [row["Name"] for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))] == ["Ivy Chen"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1+1"])
def test_no_cell_of_the_file_is_a_formula(desk, front, name):
    desk.has_request(name=name)
    answer = send(front, "/staff/queue.csv")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert row["Name"].startswith("'")


@given(st.text(max_size=40))
def test_whatever_a_cell_holds_it_begins_no_formula(text):
    assert not FORMULA.match(harmless(text))
    assert harmless(text).endswith(text)


def test_only_who_may_take_the_file_gets_it(desk):
    desk.has_staff("mia")
    client = desk.signed_in("mia")
    assert "As a file" not in client.get("/staff/").text
    assert send(client, "/staff/queue.csv").status_code == 403


def test_the_alarm_counts_what_nobody_has_acknowledged_and_names_nobody(desk, front):
    quiet = front.get("/staff/alarm")
    assert 'data-unseen="0"' in quiet.text
    reference = desk.has_request(Priority.CRISIS, name="Ivy Chen", next_alert_at=MORNING)
    loud = front.get("/staff/alarm", headers={"If-None-Match": quiet.headers["ETag"]})
    assert 'data-unseen="1"' in loud.text
    assert "Ivy" not in loud.text
    assert front.get("/staff/alarm", headers={"If-None-Match": loud.headers["ETag"]}).status_code == 304
    send(front, f"/staff/requests/{reference}/acknowledge")
    assert 'data-unseen="0"' in front.get("/staff/alarm").text


def test_every_page_comes_with_the_alarm_on_it_for_who_has_no_script(desk, front):
    reference = desk.has_request(Priority.CRISIS, name="Ivy Chen", next_alert_at=MORNING)
    for path in ("/staff/", "/staff/people", "/staff/account", "/staff/trail"):
        page = front.get(path).text
        assert 'data-unseen="1"' in page, path
        assert f'href="/staff/requests/{reference}">#{reference}</a>' in page, path
        assert "Reminders are not going out" in page, path


def test_a_long_queue_stays_quick_on_a_phone_because_a_row_has_few_elements(desk, front):
    desk.has_texts(desk.has_request(promised_start=MORNING, promised_end=MORNING), "call me at nine")
    page = front.get("/staff/").text
    row = page[page.index('<li class="row') : page.index("</li>", page.index('<li class="row'))]
    assert len(re.findall("<[a-z]", row)) <= 17
    assert "<form" not in row
    assert len(row) < 1000


def move(client, reference, name, **fields):
    return send(client, f"/staff/requests/{reference}/{name}", **fields)


def test_the_moves_on_a_request_do_what_they_say(desk, front):
    mia = desk.has_staff("mia")
    reference = desk.has_request()
    move(front, reference, "hand", to=str(mia))
    assert desk.request(reference).claimed_by == mia
    move(front, reference, "snooze", wait="30")
    assert desk.request(reference).snoozed_until == desk.at + timedelta(minutes=30)
    move(front, reference, "wake")
    assert desk.request(reference).snoozed_until is None
    move(front, reference, "snooze", until="2026-11-23T15:30")
    assert desk.request(reference).snoozed_until == desk.at + timedelta(hours=5, minutes=30)
    answer = move(front, reference, "promise", day="2026-11-24", **{"from": "10:00", "to": "12:00"})
    assert "said=promised" in answer.headers["Location"]
    assert desk.request(reference).due_at == desk.at + timedelta(days=1, hours=2)
    assert "Stands" in front.get(f"/staff/requests/{reference}").text
    move(front, reference, "text", text="We are running late", once="a")
    move(front, reference, "text", text="We are running late", once="a")
    assert "A colleague" in front.get(f"/staff/requests/{reference}").text
    move(front, reference, "block", blocked="1")
    assert "blocked: gets no answers" in front.get(f"/staff/requests/{reference}").text


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("hand", {"to": "x"}, "Choose a colleague"),
        ("hand", {"to": "999"}, "Choose a colleague"),
        ("snooze", {}, "Choose until when"),
        ("snooze", {"until": "2026-02-30T10:00"}, "Choose until when"),
        ("snooze", {"until": "2026-11-23T09:00"}, "That time is over"),
        ("promise", {"day": "2026-11-24", "from": "x", "to": "y"}, "Choose a day and both hours"),
        ("promise", {"day": "2026-11-26", "from": "10:00", "to": "11:00"}, "The clinic is closed then"),
        ("text", {"text": "About your Ketamine"}, "gives the treatment away:</b> Ketamine"),
        ("text", {"text": ""}, "The text is empty"),
    ],
)
def test_a_move_that_cannot_be_made_says_why_and_keeps_what_was_typed(desk, front, name, fields, words):
    reference = desk.has_request()
    before = desk.request(reference)
    answer = move(front, reference, name, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert desk.request(reference) == before
    if "Ketamine" in fields.get("text", ""):
        assert "About your Ketamine</textarea>" in answer.text


def test_a_crisis_offers_neither_to_wait_nor_to_promise(desk, front):
    reference = desk.has_request(Priority.CRISIS)
    page = front.get(f"/staff/requests/{reference}").text
    assert "Put back until" not in page
    answer = move(front, reference, "snooze", wait="30")
    assert "A crisis is called now." in answer.text


def test_the_parts_of_a_text_are_counted_as_it_will_be_sent(desk, front):
    reference = desk.has_request()
    counted = move(front, reference, "text/parts", text="x" * 200).text
    assert "200 characters, sent in 2 parts" in counted
    assert "ketamine" in move(front, reference, "text/parts", text="ketamine").text


def test_who_has_opted_out_gets_no_form_to_be_texted_with(desk, front):
    reference = desk.has_request()
    with desk.db.write() as db:
        people.change(db, desk.request(reference).person_id, {"opted_out_at": desk.at})
    assert "Only a call reaches them." in front.get(f"/staff/requests/{reference}").text
    assert "has opted out of texts" in move(front, reference, "text", text="Hello", once="a").text


def test_why_the_program_answered_so_is_behind_a_fold(desk, front):
    reference = desk.has_request()
    heard = {
        "exact": None, "danger": {"label": "", "tier": "none", "score": 0.01, "rule": ""}, "vetoes": [],
        "scores": [["tms.what", 0.93]], "nearest": "what is tms",
    }  # fmt: skip
    with desk.db.write() as db:
        person_id = requests.get(db, reference).person_id
        messages.keep(db, Arrival("SM1", person_id, Channel.SMS, "tms?", desk.at, "phone", "tms.what", heard=heard))
    page = front.get(f"/staff/requests/{reference}").text
    assert re.search(r"<details class=\"why\"[^>]*>.*?what TMS is.*?93 %.*?what is tms.*?</details>", page, re.DOTALL)


def test_flags_and_names_of_colleagues_are_offered_without_those_who_left(desk, front):
    gone = desk.has_staff("gone", name="Gone Away")
    desk.has_staff("vera", Role.AUDITOR, name="Vera Audit")
    desk.has_staff("mia", name="Mia Okafor")
    with desk.db.write() as db:
        members.disable(db, gone, desk.at)
    reference = desk.has_request(flags={Flag.HUNG_UP})
    page = front.get(f"/staff/requests/{reference}").text
    assert "Mia Okafor" in page
    assert "Gone Away" not in page
    assert "Vera Audit" not in page


def test_a_search_needs_its_token(desk, front):
    assert csrf_in(front.get("/staff/"))
    assert front.post("/staff/search", data={"q": "a"}).status_code == 400


def test_as_soon_as_possible_stands_under_now_while_the_clinic_is_open_and_under_later_at_night(desk, front):
    reference = desk.has_request(due_in=timedelta(hours=30))
    assert part_of(front.get("/staff/"), reference) == ["now"]
    desk.at += timedelta(hours=13)
    assert part_of(desk.signed_in("front").get("/staff/"), reference) == ["later"]


def test_what_is_promised_for_later_stands_under_its_day_in_the_order_that_its_rows_show(desk, front):
    def window(start, end):
        at = {"promised_start": MORNING + timedelta(hours=start), "promised_end": MORNING + timedelta(hours=end)}
        return desk.has_request(due_in=timedelta(hours=end), **at)

    third, second, first = window(24, 25), window(2, 7), window(1, 8)
    page = front.get("/staff/").text
    places = [
        page.index(one)
        for one in ("Today</h3>", f'"open-{first}"', f'"open-{second}"', "Tomorrow</h3>", f'"open-{third}"')
    ]
    assert places == sorted(places)


def test_a_pressed_key_is_not_shown_as_somebodys_words(desk, front):
    reference = desk.has_request(channel="voice")
    with desk.db.write() as db:
        person_id = requests.get(db, reference).person_id
        said = Arrival("CA1.1", person_id, Channel.VOICE, "1", desk.at, "+16025550100", "callback.request")
        messages.keep(db, said)
    page = front.get("/staff/").text
    assert "Pressed 1" in page
    assert 'dir="auto">1<' not in page


def test_a_row_has_the_first_words_the_name_and_the_phone(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    desk.has_texts(
        reference, ("hello", "greeting"), "Hello.", ("can ketamine help with my back pain", None), "Sure.", ("1", None)
    )
    page = front.get("/staff/").text
    row = page[page.index(f'id="open-{reference}"') :]
    for words in ("Ivy Chen", "602-555-0100", "can ketamine help with my back pain"):
        assert words in row
    desk.has_staff("mia")
    desk.has_texts(desk.has_request(), ("my heart races since the infusion", "adverse"))
    assert "heart races" not in desk.signed_in("mia").get("/staff/").text


def test_no_filter_hides_who_is_in_danger(desk, front):
    crisis, read, _other = (
        desk.has_request(Priority.CRISIS),
        desk.has_request(flags={Flag.PLEASE_READ}),
        desk.has_request(),
    )
    assert shown(front.get("/staff/?who=mine&topic=tms&channel=voice")) == [crisis, read]


@pytest.mark.parametrize("priority", [Priority.ROUTINE, Priority.URGENT])
def test_what_is_to_be_read_stands_on_top_until_somebody_says_that_they_have_read_it(desk, front, priority):
    window = {"promised_start": MORNING + timedelta(hours=4), "promised_end": MORNING + timedelta(hours=5)}
    reference = desk.has_request(priority, flags={Flag.PLEASE_READ, Flag.ASK_TIME}, due_in=timedelta(hours=5), **window)
    assert part_of(front.get("/staff/"), reference) == ["now"]
    assert "I have read it" in front.get(f"/staff/requests/{reference}").text
    assert move(front, reference, "read").headers["Location"].endswith("said=read")
    one = desk.request(reference)
    assert (one.flags, one.acknowledged_by, one.is_open) == ({Flag.ASK_TIME}, 1, True)
    assert part_of(front.get("/staff/"), reference) == ["due" if priority is Priority.URGENT else "later"]
    assert "I have read it" not in front.get(f"/staff/requests/{reference}").text
    assert move(front, reference, "read").status_code == 409


def test_who_has_spoken_with_them_need_not_read_it_any_more(desk, front):
    reference = desk.has_request(flags={Flag.PLEASE_READ})
    move(front, reference, "attempt", disposition="no_answer")
    assert Flag.PLEASE_READ in desk.request(reference).flags
    move(front, reference, "attempt", disposition="reached")
    assert desk.request(reference).flags == frozenset()


def test_who_wrote_without_a_request_is_found_read_blocked_and_put_in_the_queue(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    desk.has_texts(reference, "is parking free")
    person_id = desk.request(reference).person_id
    assert "is parking free" not in front.get("/staff/people").text
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, reference, 1, Disposition.OTHER, desk.at)
        people.change(db, person_id, {"opted_out_at": desk.at})
    assert "is parking free" in front.get("/staff/people").text
    url = f"/staff/people/{person_id}"
    assert "is parking free" in front.get(url).text
    send(front, f"{url}/block", blocked="1")
    send(front, f"{url}/opt-in")
    with desk.db.read() as db:
        person = people.get(db, person_id)
    assert (person.blocked_at, person.opted_out_at) == (desk.at, None)
    made = send(front, f"{url}/request").headers["Location"]
    assert send(front, f"{url}/request").headers["Location"] == made
    assert desk.request(int(re.search(r"/(\d+)\?said=queued", made)[1])).is_open
    assert "is parking free" not in front.get("/staff/people").text
    assert front.get("/staff/people/99").status_code == 404


def test_the_file_is_in_words_and_of_a_period_holds_all_that_came_in(desk, front):
    old = desk.has_request(topic="both", lang="es", channel="voice", flags={Flag.VOICEMAIL}, name="Ana Ruiz")
    desk.has_texts(old, "please call me about my knee")
    with desk.db.write() as db:
        request_acts.close(db, desk.clinic, old, 1, Disposition.NO_ANSWER, desk.at)
    desk.at += timedelta(minutes=2)
    new = desk.has_request()
    answer = send(front, "/staff/queue.csv", since="2026-11-23", until="2026-11-23")
    assert 'filename="queue-from-2026-11-23-to-2026-11-23.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Reference"] for row in rows] == [str(new), str(old)]
    said = {
        "Name": "Ana Ruiz", "Phone": "602-555-0100", "Topic": "TMS and ketamine",
        "Their words": "please call me about my knee",
        "Marks": "left a message: listen to it", "Came": "by phone", "Language": "Spanish", "Status": "Closed",
        "Outcome": "No answer", "Closed": "2026-11-23 10:00", "Came in": "2026-11-23 10:00",
    }  # fmt: skip
    assert {name: rows[1][name] for name in said} == said
    assert send(front, "/staff/queue.csv", since="2026-11-24", until="2026-11-30").text.count("\n") == 1
