"""Who sees and may do what. Every route is listed here with what it needs; a new one fails until it is."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from staff.access import Gate, need_of
from tests.console_desk import PASSWORD, Desk, console_routes, csrf_in, send
from triage.model.call import Fetch
from triage.model.member import MATRIX, May, Role
from triage.model.message import Arrival, Channel
from triage.model.request import Disposition, Flag, Priority
from triage.store import members, merges, messages, people, recordings, requests, searches
from triage.store.tables import audit_events

NEEDS = {
    "staff.static": Gate.NOBODY,
    "staff.sign_in": Gate.NOBODY,
    "staff.take_sign_in": Gate.NOBODY,
    "staff.sign_out": Gate.ANY_SESSION,
    "staff.code": Gate.HALF_WAY,
    "staff.take_code": Gate.HALF_WAY,
    "staff.enrol": Gate.HALF_WAY,
    "staff.qr_code": Gate.HALF_WAY,
    "staff.take_enrolment": Gate.HALF_WAY,
    "staff.alarm": Gate.EVEN_LOCKED,
    "staff.counts": Gate.EVEN_LOCKED,
    "staff.unlock": Gate.EVEN_LOCKED,
    "staff.choose_password": Gate.HALF_WAY,
    "staff.take_password": Gate.HALF_WAY,
    "staff.lock": Gate.SIGNED_IN,
    "staff.active": Gate.SIGNED_IN,
    "staff.watch": Gate.SIGNED_IN,
    "staff.account": Gate.SIGNED_IN,
    "staff.change_password": Gate.SIGNED_IN,
    "staff.make_codes": Gate.SIGNED_IN,
    "staff.end_others": Gate.SIGNED_IN,
    "staff.end_one": Gate.SIGNED_IN,
    "staff.no_such_page": Gate.SIGNED_IN,
    "staff.queue": May.VIEW,
    "staff.rows": May.VIEW,
    "staff.search": May.VIEW,
    "staff.found": May.VIEW,
    "staff.people_list": May.VIEW,
    "staff.person": May.VIEW,
    "staff.one": May.VIEW,
    "staff.live": May.VIEW,
    "staff.recording": May.VIEW,
    "staff.export": May.EXPORT,
    "staff.export_people": May.EXPORT,
    "staff.export_trail": May.EXPORT,
    "staff.trail": May.TRAIL,
    "staff.block": May.BLOCK,
    "staff.block_person": May.BLOCK,
}
NEEDS |= dict.fromkeys(
    [
        *("staff.claim", "staff.release", "staff.acknowledge", "staff.cancel", "staff.reopen", "staff.note"),
        *("staff.attempt", "staff.close", "staff.hand", "staff.snooze", "staff.wake", "staff.promise"),
        *("staff.text", "staff.parts", "staff.call", "staff.read", "staff.hand_back", "staff.end_crisis"),
        *("staff.correct", "staff.merge", "staff.unmerge"),
        *("staff.opt_in", "staff.ask_for_them"),
    ],
    May.WORK,
)
NEEDS |= dict.fromkeys(
    [
        *("staff.staff_list", "staff.add_member", "staff.change_role", "staff.change_phone", "staff.give_password"),
        *("staff.forget_second_step", "staff.disable_member", "staff.enable_member", "staff.show_again"),
    ],
    May.STAFF,
)
FORMS = {
    "staff.add_member": {"login": "mia", "name": "Mia Okafor", "role": "clinician"},
    "staff.attempt": {"disposition": "booked"},
    "staff.block": {"blocked": "1"},
    "staff.block_person": {"blocked": "1"},
    "staff.change_phone": {"phone": "602-555-0198"},
    "staff.change_role": {"role": "clinician"},
    "staff.close": {"outcome": "booked"},
    "staff.end_crisis": {"how": "false_alarm", "why": "A line of a song"},
    "staff.correct": {"name": "Dana Whitlok", "priority": "routine"},
    "staff.hand": {"to": "2"},
    "staff.merge": {"other": "2"},
    "staff.unmerge": {"merge": "1"},
    "staff.note": {"body": "Likes mornings"},
    "staff.promise": {"day": "2026-11-24", "from": "10:00", "to": "12:00"},
    "staff.search": {"q": "Dana"},
    "staff.snooze": {"wait": "30"},
    "staff.text": {"text": "We will call you soon.", "once": "1"},
}
ADMIN = list(Role).index(Role.ADMIN) + 1
# Who calls somebody back is rung first.
PHONES = dict.fromkeys(Role) | {Role.ADMIN: "+16025550199"}


@pytest.fixture
def desk(database):
    desk = Desk(database)
    for role in Role:
        desk.has_staff(role.value, role, phone=PHONES[role])
    return desk


def test_who_takes_lists_away_may_also_read_what_is_in_them():
    assert all({May.VIEW, May.TRAIL, May.NUMBERS} <= MATRIX[role] for role in Role if May.EXPORT in MATRIX[role])


def events(desk):
    with desk.db.read() as db:
        return db.scalar(select(func.count()).select_from(audit_events)) or 0


# Refused in a rehearsal, where nobody has a second step; what it does has tests of its own.
ASKS_FOR_A_CODE = {"staff.show_again"}


def prepare(desk, endpoint):
    """A request 1 in the state that this route works on."""
    reference, admin = desk.has_request(), ADMIN
    with desk.db.write() as db:
        person_id = requests.get(db, reference).person_id
        recording = recordings.keep(db, "RE1", {"person_id": person_id, "request_id": reference}, desk.at)
        recordings.change(db, recording.id, audio=b"RIFF", content_type="audio/wav", state=Fetch.KEPT)
        if endpoint == "staff.enable_member":
            members.disable(db, 1, desk.at)
        searches.keep(db, admin, {"q": "Dana"}, desk.at)
        if endpoint == "staff.opt_in":
            people.change(db, person_id, {"opted_out_at": desk.at})
        if endpoint == "staff.ask_for_them":
            requests.close(db, reference, admin, Disposition.BOOKED, desk.at)
        if endpoint == "staff.release":
            requests.claim(db, reference, admin, desk.at)
        if endpoint == "staff.reopen":
            requests.close(db, reference, admin, Disposition.BOOKED, desk.at)
        if endpoint == "staff.end_crisis":
            requests.change(db, reference, {"priority": Priority.CRISIS}, desk.at)
        if endpoint == "staff.read":
            requests.change(db, reference, {"wrote_at": desk.at}, desk.at)
        if endpoint == "staff.hand_back":
            people.change(db, person_id, {"staff_wrote_at": desk.at})
        if endpoint in ("staff.merge", "staff.unmerge"):
            another = requests.get(db, desk.has_request_in(db))
            if endpoint == "staff.unmerge":
                merges.make(db, (reference, person_id), (another.id, another.person_id), False, admin, desk.at)
        if endpoint == "staff.wake":
            requests.change(db, reference, {"snoozed_until": desk.at + timedelta(hours=1)}, desk.at)


def test_every_route_is_listed_with_what_it_needs(desk):
    with desk.app.app_context():
        assert {endpoint: need_of(endpoint) for _method, endpoint, _path in console_routes(desk)} == NEEDS


def test_a_route_that_names_nothing_is_not_served(desk):
    desk.app.view_functions["staff.queue"] = lambda: "names"
    client = desk.signed_in("admin")
    assert client.get("/staff/").status_code == 500


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_through_where_the_matrix_says_and_nowhere_else(desk, role):
    desk.has_request()
    client = desk.signed_in(role.value)
    token = csrf_in(client.get("/staff/"))
    for method, endpoint, path in console_routes(desk):
        what = NEEDS[endpoint]
        if isinstance(what, May):
            answer = client.open(path, method=method, data={"csrf": token} if method == "POST" else None)
            assert (answer.status_code == 403) == (what not in MATRIX[role]), (role, path)


# Counts what is being typed: see the next test.
SHOWS_NO_PATIENT = {"staff.parts"}
ACCOUNTABLE = sorted(endpoint for endpoint, what in NEEDS.items() if isinstance(what, May))


@pytest.mark.parametrize("endpoint", [one for one in ACCOUNTABLE if one not in SHOWS_NO_PATIENT | ASKS_FOR_A_CODE])
def test_what_shows_or_changes_a_patient_or_the_staff_is_in_the_audit_trail(desk, endpoint):
    prepare(desk, endpoint)
    client = desk.signed_in("admin")
    token = csrf_in(client.get("/staff/account"))
    [(method, path)] = [(method, path) for method, name, path in console_routes(desk) if name == endpoint]
    before = events(desk)
    form = {"csrf": token, **FORMS.get(endpoint, {})}
    answer = client.open(path, method=method, data=form if method == "POST" else None)
    assert answer.status_code in (200, 303), answer.text
    assert events(desk) > before
    with desk.db.read() as db:
        newest = db.execute(select(audit_events).order_by(audit_events.c.id.desc())).first()
    assert (newest.staff_id, newest.at) == (ADMIN, desk.at), "who, and when"


def newest_event(desk, action):
    with desk.db.read() as db:
        found = select(audit_events.c.detail, audit_events.c.request_id, audit_events.c.person_id)
        return db.execute(found.where(audit_events.c.action == action).order_by(audit_events.c.id.desc())).first()


def test_a_list_a_search_and_a_file_note_which_requests_and_people_they_showed(desk):
    """ASVS 16.2.1: who has seen whose data can be told of each person."""
    for name in ("Dana Whitlock", "Ivy Chen", "Dana Quill"):
        desk.has_request(name=name)
    with desk.db.write() as db:
        person, _ = people.meet(db, "+16025550177", "en", desk.at)
        people.change(db, person.id, {"name": "Dana Grant"})
        messages.keep(db, Arrival("in:1", person.id, Channel.SMS, "is parking free?", desk.at, "nanp"))
    of_nobody = str(person.id)
    admin = desk.signed_in("admin")
    admin.get("/staff/")
    assert newest_event(desk, "view_queue").detail == {"rows": 3, "requests": "1-3"}
    admin.get("/staff/rows")
    assert newest_event(desk, "view_queue").detail == {"rows": 3, "requests": "1-3"}
    search = send(admin, "/staff/search", q="dana").location
    admin.get(search)
    seen = newest_event(desk, "view_found").detail
    assert (seen["requests"], seen["people"], search.endswith(f"/{seen['search']}")) == ("1, 3", of_nobody, True)
    admin.get("/staff/people")
    assert newest_event(desk, "view_people").detail == {"rows": 1, "people": of_nobody}
    send(admin, "/staff/people.csv")
    assert newest_event(desk, "export_people").detail == {"rows": 1, "people": of_nobody}
    send(admin, "/staff/queue.csv", search=search.rpartition("/")[2])
    assert newest_event(desk, "export_queue").detail["requests"] == "1, 3"
    admin.get(f"/staff/people/{of_nobody}")
    assert newest_event(desk, "view_person").person_id == int(of_nobody)
    admin.get("/staff/requests/2")
    assert newest_event(desk, "view_request").request_id == 2
    admin.get("/staff/trail?request=3")
    assert newest_event(desk, "view_trail").request_id == 3


def test_counting_the_parts_of_a_text_shows_nothing_of_whom_it_is_for(desk):
    reference = desk.has_request(name="Ivy Chen")
    desk.has_texts(reference, "Is parking free?")
    client = desk.signed_in("admin")
    before = desk.request(reference)
    known, unknown = (send(client, f"/staff/requests/{one}/text/parts", text="Hello") for one in (reference, 999))
    assert known.status_code == 200
    assert known.text == unknown.text
    assert desk.request(reference) == before


def test_refusals_are_in_the_audit_trail(desk):
    desk.has_request()
    before = events(desk)
    assert send(desk.signed_in("auditor"), "/staff/requests/1/claim").status_code == 403
    with desk.db.read() as db:
        assert db.scalar(select(audit_events.c.detail).where(audit_events.c.action == "not_allowed")) == {
            "needs": "work"
        }
    assert events(desk) > before


def test_the_auditor_reads_but_sees_no_number_and_no_button(desk):
    reference = desk.has_request(name=None)
    page = desk.signed_in("auditor").get(f"/staff/requests/{reference}")
    assert "•••-•••-••00" in page.text
    assert not re.search(r"602-?555-?0100|\+1602", page.text)
    assert "Claim" not in page.text
    assert "602-555-0100" in desk.signed_in("front_desk").get(f"/staff/requests/{reference}").text


def test_the_auditor_sees_no_number_in_what_people_wrote_and_said_either(desk):
    """ASVS 8.2.3: the last two digits tell two people apart, and no more."""
    reference = desk.has_request(
        name="Dana Whitlock", phone="+16025550144", wish="after 3, on (602) 555-0123", promised="call 602.555.0123 at 3"
    )
    desk.has_texts(reference, "my number is 602 555 0123 or +1-602-555-0177", "We will call you at 602-555-0123.")
    with desk.db.write() as db:
        requests.add_note(db, reference, 1, "mother: 6025550155", desk.at)
    seen = {role: desk.signed_in(role).get(f"/staff/requests/{reference}").text for role in ("auditor", "front_desk")}
    for number in ("0123", "0177", "0155", "0144"):
        assert number not in seen["auditor"]
        assert number in seen["front_desk"]
    assert "•••-•••-••23" in seen["auditor"]
    assert "after 3, on" in seen["auditor"]


def test_the_auditor_sees_no_number_in_the_words_of_a_list_or_of_a_person_either(desk):
    reference = desk.has_request(name="Dana Whitlock")
    closed = desk.has_request(name="Ivy Chen")
    for one in (reference, closed):
        desk.has_texts(one, "call me at 602-555-0123", "We will call you at 602-555-0123.")
    with desk.db.write() as db:
        requests.close(db, closed, 1, Disposition.BOOKED, desk.at)
    pages = ["/staff/", "/staff/people", f"/staff/people/{desk.request(closed).person_id}"]
    auditor, front = desk.signed_in("auditor"), desk.signed_in("front_desk")
    for path in [*pages, send(auditor, "/staff/search", q="dana").location]:
        page = auditor.get(path).text
        assert "call me at •••-•••-••23" in page, path
        assert "0123" not in page, path
    for path in pages:
        assert "call me at 602-555-0123" in front.get(path).text, path


@pytest.mark.parametrize("label", ["adverse", "handover.medical", "callback.request,handover.medical"])
def test_one_medical_label_of_several_is_enough(desk, label):
    reference = desk.has_request()
    desk.has_texts(reference, ("call me, my heart races", label))
    assert "my heart races" not in desk.signed_in("front_desk").get(f"/staff/requests/{reference}").text
    assert "my heart races" in desk.signed_in("clinician").get(f"/staff/requests/{reference}").text


@pytest.mark.parametrize(
    ("role", "state", "reads"),
    [
        ("front_desk", {}, False),
        ("auditor", {}, False),
        ("clinician", {}, True),
        ("admin", {}, True),
        ("front_desk", {"flags": {Flag.PLEASE_READ}}, True),
        ("front_desk", {"priority": Priority.URGENT}, True),
        ("auditor", {"priority": Priority.URGENT}, False),
    ],
)
def test_medical_words_are_read_by_clinicians_and_in_an_alarm_by_whoever_works_on_it(desk, role, state, reads):
    reference = desk.has_request(**state)
    desk.has_texts(
        reference, ("my heart races since the infusion", "adverse"), "We will call.", ("Is parking free?", None)
    )
    page = desk.signed_in(role).get(f"/staff/requests/{reference}").text
    assert ("my heart races" in page) is reads
    assert "Is parking free?" in page


def test_the_trail_shows_who_did_what_by_request_and_in_pages(desk):
    reference = desk.has_request(name="Ivy Chen")
    send(desk.signed_in("front_desk"), f"/staff/requests/{reference}/claim")
    auditor = desk.signed_in("auditor")
    page = auditor.get(f"/staff/trail?request={reference}").text
    assert re.search(r"<td>front_desk</td>\s*<td>claim</td>", page)
    assert "sign in" not in page
    assert "Ivy" not in page
    assert "sign in" in auditor.get("/staff/trail").text
    assert "Nothing yet." in auditor.get("/staff/trail?before=1").text
    assert "claim" in auditor.get("/staff/trail?before=-4&request=' OR 1=1").text
    assert auditor.get("/staff/trail?request=77").status_code == 404


def test_the_trail_of_a_request_is_one_click_from_its_page_and_found_by_its_number(desk):
    reference = desk.has_request()
    send(desk.signed_in("front_desk"), f"/staff/requests/{reference}/claim")
    auditor = desk.signed_in("auditor")
    link = re.search(r'id="to-trail" href="([^"]+)"', auditor.get(f"/staff/requests/{reference}").text)
    assert "<td>claim</td>" in auditor.get(link[1]).text
    assert "<td>claim</td>" in auditor.get("/staff/trail", query_string={"request": f"# {reference}"}).text
    assert "to-trail" not in desk.signed_in("front_desk").get(f"/staff/requests/{reference}").text


def test_earlier_is_offered_only_where_there_is_more(desk, monkeypatch):
    auditor = desk.signed_in("auditor")
    assert ">Earlier<" not in auditor.get("/staff/trail").text
    monkeypatch.setattr("triage.store.audit.A_PAGE", 2)
    monkeypatch.setattr("triage.store.audit.newest.__defaults__", (None, 2))
    assert ">Earlier<" in auditor.get("/staff/trail").text


def test_the_trail_is_a_file_too_of_one_request_or_all_and_its_taking_stands_in_it(desk):
    reference = desk.has_request(name="Ivy Chen")
    admin = desk.signed_in("admin")
    send(admin, f"/staff/requests/{reference}/claim")
    everything, of_one = (
        list(csv.DictReader(io.StringIO(send(admin, "/staff/trail.csv", **of).data.decode("utf-8-sig"))))
        for of in ({}, {"request": str(reference)})
    )
    assert [row["What"] for row in of_one][:2] == ["export trail", "claim"]
    assert {row["Request"] for row in of_one} == {str(reference)}
    assert {"sign in", "claim", "export trail"} <= {row["What"] for row in everything}
    assert (of_one[1]["Who"], of_one[1]["When"], of_one[1]["Detail"]) == ("admin", "2026-11-23 10:00", "by console")
    assert send(admin, "/staff/trail.csv", request="77").status_code == 404
    assert "As a file" not in desk.signed_in("auditor").get("/staff/trail").text


def test_the_password_of_one_role_opens_no_other(desk):
    client = desk.app.test_client()
    client.post("/staff/sign-in", data=desk.sign_in_form(client, "front_desk", PASSWORD))
    assert client.get("/staff/trail").status_code == 403
