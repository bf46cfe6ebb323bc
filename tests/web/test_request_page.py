"""The page of one request: the words first, what is put right, handed on, refused, and what comes next."""

import re
from datetime import timedelta

import pytest

from tests.console_desk import MORNING, Desk, audited, rows_of, send
from triage.model.member import Role
from triage.model.notice import Kind
from triage.model.request import Disposition, Flag, Priority
from triage.store import members, notices, people, promise_ledger, recordings, requests
from triage.store.tables import audit_events
from triage.team import request_acts
from triage.wording import Wording


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.app.extensions["runtime"].words = Wording()
    desk.has_staff("front", Role.ADMIN)
    return desk


@pytest.fixture
def front(desk):
    return desk.signed_in("front")


def page_of(client, reference, said=""):
    return client.get(f"/staff/requests/{reference}?said={said}").text


def move(client, reference, act, **fields):
    return send(client, f"/staff/requests/{reference}/{act}", **fields)


def correct(client, reference, **fields):
    return move(client, reference, "correct", **({"name": "Dana Whitlock", "priority": "routine"} | fields))


def test_a_crisis_shows_the_words_of_danger_first_and_one_button_to_call(desk, front):
    reference = desk.has_request(Priority.CRISIS)
    with desk.db.write() as db:
        members.set_phone(db, 1, "+16025550177")
        members.confirm_phone(db, 1, desk.at)
    desk.has_texts(
        reference, ("hi there", "greeting"), "Hello.", ("i dont want to be here", "crisis"), "988", ("ok", None)
    )
    page = page_of(front, reference)
    words, button, facts = (
        page.index(one) for one in ("i dont want to be here", 'id="call-now"', '<dl class="facts">')
    )
    assert words < button < facts
    assert page.count(">Call now<") == 1
    assert "Call now" not in page_of(front, desk.has_request())


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (
            (("hi", "greeting"), "Hello.", ("does it hurt? call me", "callback.request"), "Sure.", ("1", "confirmed")),
            "does it hurt",
        ),
        ((("Dana", "filled"),), "Dana"),
        ((("3", "menu"), "After the tone", ("ring me about my knee", "voicemail")), "ring me about my knee"),
    ],
)
def test_what_a_person_said_first_stands_over_the_facts(desk, front, texts, first):
    reference = desk.has_request()
    desk.has_texts(reference, *texts)
    assert f'dir="auto">{first}' in page_of(front, reference).partition("<figcaption")[0]


def test_what_was_taken_down_wrongly_is_put_right_and_the_trail_tells_which_fields(desk, front):
    reference = desk.has_request(flags={Flag.ASK_NUMBER})
    answer = correct(front, reference, name="Dana Whitlok", number="602-555-0134 ext 14", topic="tms")
    assert "said=corrected" in answer.headers["Location"]
    one = desk.request(reference)
    assert (one.name, one.number, one.topic, one.flags) == ("Dana Whitlok", "+16025550134;ext=14", "tms", frozenset())
    [event] = [row for row in rows_of(desk, audit_events) if row.action == "correct"]
    assert event.detail == {"by": "console", "fields": "name phone topic"}


def test_a_request_that_is_made_a_crisis_alerts_and_is_due_at_once(desk, front):
    reference = desk.has_request()
    with desk.db.write() as db:
        requests.acknowledge(db, reference, 1, desk.at)
    correct(front, reference, priority="crisis")
    one = desk.request(reference)
    assert (one.priority, one.due_at, one.next_alert_at, one.acknowledged_at) == (
        Priority.CRISIS,
        desk.at,
        desk.at,
        None,
    )


def test_a_crisis_waits_since_it_became_one(desk, front):
    reference = desk.has_request()
    desk.at += timedelta(minutes=12)
    correct(front, reference, priority="crisis")
    desk.at += timedelta(minutes=1)
    for page in (page_of(front, reference), front.get("/staff/").text):
        assert "waiting 1 min" in page
        assert "waiting 13 min" not in page


def test_who_has_no_confirmed_phone_is_shown_the_number_in_place_of_a_button_that_rings_nobody(desk, front):
    """A phone that is there and not confirmed is told of with its code; who has none is told where one is set up."""
    grave, other = desk.has_request(Priority.CRISIS), desk.has_request()
    for reference in (grave, other):
        page = page_of(front, reference)
        assert f'action="/staff/requests/{reference}/call"' not in page
        assert "You have no phone here" in page
        assert "An admin sets one up under Staff" in page
        assert "code that was texted" not in page
    assert re.search(r'<a class="button primary tel" id="call-now" href="tel:\+1602555', page_of(front, grave))
    refused = send(front, f"/staff/requests/{grave}/call")
    assert refused.status_code == 409
    assert 'role="alert" id="refused"><b>You have no phone here, so it cannot be rung.</b>' in refused.text
    with desk.db.write() as db:
        members.set_phone(db, 1, "+16025550177")
    page = page_of(front, grave)
    assert "code that was texted" in page
    assert f'action="/staff/requests/{grave}/call"' not in page
    with desk.db.write() as db:
        members.confirm_phone(db, 1, desk.at)
    page = page_of(front, grave)
    assert "Call now</button>" in page
    assert "You have no phone here" not in page


def test_a_crisis_is_made_none_only_with_a_reason_and_has_its_promise_back(desk, front):
    window = {"promised_start": MORNING + timedelta(hours=2), "promised_end": MORNING + timedelta(hours=4)}
    reference = desk.has_request(Priority.CRISIS, next_alert_at=desk.at, **window)
    refused = correct(front, reference, priority="routine")
    assert refused.status_code == 422
    assert re.search(r'<textarea id="why"[^>]*aria-describedby="refused"', refused.text)
    assert desk.request(reference).priority is Priority.CRISIS
    correct(front, reference, priority="routine", why="Quoted a song, laughed about it")
    one = desk.request(reference)
    assert (one.priority, one.next_alert_at, one.due_at) == (Priority.ROUTINE, None, window["promised_end"])
    assert "Quoted a song" in page_of(front, reference)


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"number": "12"}, "no number that we can call", "correct-number"),
        ({"name": "x" * 200}, "name is too long", "correct-name"),
        ({"priority": "DROP"}, "Choose the topic", "correct-priority"),
    ],
)
def test_a_correction_that_cannot_be_says_so_beside_its_field_and_keeps_the_rest(desk, front, fields, words, field):
    reference = desk.has_request()
    before = desk.request(reference)
    answer = correct(front, reference, **{"name": "Dana Lee", **fields})
    assert answer.status_code == 422
    form = answer.text.partition('id="correct"')[2]
    assert form.index(words) < form.index(f'id="{field}"')
    assert "name" in fields or 'value="Dana Lee"' in form
    assert desk.request(reference) == before


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("note", {"body": " "}, "body"),
        ("attempt", {"disposition": "busy", "note": "x" * 5000}, "note"),
        ("close", {"outcome": "x"}, "outcome"),
        ("hand", {"to": "x", "note": "kept"}, "colleague"),
        ("snooze", {"until": "2026-11-23T09:00"}, "until"),
        ("promise", {"day": "2026-11-26", "from": "10:00", "to": "11:00"}, "day"),
        ("text", {"text": "About your Ketamine"}, "text"),
    ],
)
def test_a_refusal_stands_beside_the_field_that_it_is_about(desk, front, name, fields, field):
    desk.has_staff("mia")
    reference = desk.has_request()
    answer = move(front, reference, name, **fields)
    assert answer.status_code == 422
    assert answer.text.count('id="refused"') == 1
    control = re.search(rf'<(?:input|select|textarea) id="{field}"[^>]*>', answer.text)
    assert 'aria-invalid="true"' in control[0]
    assert "refused" in re.search(r'aria-describedby="([^"]*)"', control[0])[1]
    assert answer.text.index('id="refused"') < control.start()


def test_a_colleague_gets_the_request_with_a_note_and_is_told_by_text_without_a_word_of_it(desk, front):
    mia = desk.has_staff("mia", phone="+16025550171")
    reference = desk.has_request()
    move(front, reference, "hand", to=str(mia), note="Prefers Spanish, ask for the sister")
    page = page_of(front, reference, "handed")
    assert "Prefers Spanish" in page
    with desk.db.read() as db:
        [told] = [one for one in notices.of_request(db, reference) if one.kind is Kind.HANDED]
        assert (told.staff_id, told.state, notices.body_of(db, told.id)) == (mia, "pending", None)
    move(front, reference, "hand", to="1")
    with desk.db.write() as db:
        request_acts.hand_over(db, desk.clinic, reference, mia, 1, "", desk.at + timedelta(minutes=1))
        states = {one.staff_id: one.state for one in notices.of_request(db, reference) if one.kind is Kind.HANDED}
    assert states == {mia: "dropped", 1: "pending"}


def test_after_closing_the_next_of_the_queue_is_one_click_away(desk, front):
    mia = desk.has_staff("mia")
    late, first, taken = (
        desk.has_request(due_in=timedelta(hours=9)),
        desk.has_request(),
        desk.has_request(Priority.URGENT),
    )
    with desk.db.write() as db:
        requests.claim(db, taken, mia, desk.at)
    answer = move(front, first, "close", outcome="booked")
    page = front.get(answer.headers["Location"]).text
    assert f'id="next-one" href="/staff/requests/{late}"' in page
    assert "next-one" not in page_of(front, first)


def test_notices_that_say_the_same_are_folded_and_tries_are_counted_of_how_many(desk, front):
    reference = desk.has_request()
    with desk.db.write() as db:
        for minutes in range(3):
            at = desk.at + timedelta(minutes=minutes)
            request_acts.log_attempt(db, desk.clinic, Wording(), reference, 1, Disposition.NO_ANSWER, None, at)
    page = page_of(front, reference)
    assert "try 3 of 3 was made" in page
    assert page.count("“We tried to reach you”, to the patient") == 1
    assert "2 before it" in page


def test_a_promise_for_a_far_month_is_asked_about_once_more(desk, front):
    reference = desk.has_request()
    far = {"day": "2027-11-23", "from": "10:00", "to": "12:00"}
    asked = move(front, reference, "promise", **far)
    assert (asked.status_code, "more than two months away" in asked.text) == (422, True)
    with desk.db.read() as db:
        assert promise_ledger.open_of(db, reference) is None
    assert "said=promised" in move(front, reference, "promise", **far, sure="2027-11-23").headers["Location"]


def test_a_message_that_was_heard_asks_no_more_to_be_listened_to(desk, front):
    reference = desk.has_request(flags={Flag.VOICEMAIL, Flag.HUNG_UP})
    with desk.db.write() as db:
        values = {"person_id": desk.request(reference).person_id, "request_id": reference, "of": "voicemail"}
        for sid in ("RE1", "RE2"):
            kept = recordings.keep(db, sid, values, desk.at)
            recordings.change(db, kept.id, audio=b"RIFF", content_type="audio/wav")
    front.get("/staff/recordings/1")
    assert Flag.VOICEMAIL in desk.request(reference).flags
    front.get("/staff/recordings/2")
    assert desk.request(reference).flags == {Flag.HUNG_UP}


def test_the_telephone_link_says_whose_phone_dials_and_a_withheld_number_is_called_so(desk, front):
    assert "dials from this phone" in page_of(front, desk.has_request())
    reference = desk.has_request(name=None)
    with desk.db.write() as db:
        people.change(db, desk.request(reference).person_id, {"phone": "withheld:CA0123"})
    page = page_of(front, reference)
    assert "Number withheld" in page
    assert "CA0123" not in page + front.get("/staff/").text


def test_a_fault_of_ours_has_a_page_of_ours_and_so_has_every_address(desk, front, monkeypatch):
    def broken(*_args):
        raise ZeroDivisionError

    desk.app.testing = False
    monkeypatch.setattr("staff.queue.queue_page._shown", broken)
    answer = front.get("/staff/")
    assert (answer.status_code, "The fault is ours" in answer.text) == (500, True)
    for method, path, code in (("GET", "/nothing", 404), ("GET", "/staff/nothing", 404), ("POST", "/staff/", 405)):
        answer = front.open(path, method=method, data={})
        assert answer.status_code == code, path
        assert "no such page" in answer.text
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert "correct" not in audited(desk)


def test_two_requests_of_one_person_become_one_and_can_be_taken_apart_for_a_day(desk, front):
    kept, other = desk.has_request(name="Ana Ruiz"), desk.has_request(promised="today at noon", flags={Flag.HUNG_UP})
    desk.has_texts(kept, "from my own phone")
    desk.has_texts(other, "from my husbands phone")
    assert "said=merged" in move(front, kept, "merge", other=f"#{other}").headers["Location"]
    page = page_of(front, kept)
    assert "from my own phone" in page
    assert "from my husbands phone" in page
    assert "602-555-0101, 10 am" in page
    assert not desk.request(other).is_open
    assert Flag.HUNG_UP in desk.request(kept).flags
    assert {"merge", "merged_into"} <= set(audited(desk))
    desk.at += timedelta(minutes=3)
    move(front, kept, "unmerge", merge="1")
    assert desk.request(other).is_open
    with desk.db.read() as db:
        assert promise_ledger.open_of(db, other).words == "today at noon"
    assert "from my husbands phone" not in page_of(front, kept)
    assert move(front, kept, "unmerge", merge="1").status_code == 409


def test_a_merge_is_no_longer_taken_back_after_a_day(desk, front):
    kept, other = desk.has_request(), desk.has_request()
    move(front, kept, "merge", other=str(other))
    desk.at += timedelta(hours=25)
    late = desk.signed_in("front")
    assert "Take it back" not in page_of(late, kept)
    assert "more than a day ago" in move(late, kept, "unmerge", merge="1").text
    assert not desk.request(other).is_open


@pytest.mark.parametrize("state", ["itself", "unknown", "graver", "taken", "merged", "words"])
def test_what_cannot_be_merged_says_why_and_stays(desk, front, state):
    mia = desk.has_staff("mia")
    kept, other = desk.has_request(), desk.has_request(Priority.CRISIS if state == "graver" else Priority.ROUTINE)
    with desk.db.write() as db:
        if state == "taken":
            requests.claim(db, other, mia, desk.at)
    if state == "merged":
        move(front, kept, "merge", other=str(other))
    typed = {"itself": str(kept), "unknown": "99", "words": "Ana"}.get(state, str(other))
    words = {
        "itself": "of one person already", "merged": "of one person already", "graver": "other one is graver",
        "taken": "has the other one",
    }.get(state, "no other request")  # fmt: skip
    answer = move(front, kept, "merge", other=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert desk.request(other).is_open == (state != "merged")


def test_a_talk_that_was_logged_and_kept_open_is_no_second_call_when_it_is_closed(desk, front):
    reference = desk.has_request()
    move(front, reference, "attempt", disposition="reached", note="Asks her sister", then="keep")
    assert "Close without another call" in page_of(front, reference)
    desk.at += timedelta(minutes=5)
    move(front, reference, "attempt", disposition="reached", note="All is said", then="close")
    one = desk.request(reference)
    assert (one.attempts, one.is_open, one.outcome) == (1, False, Disposition.REACHED)
    assert "All is said" in page_of(front, reference)


@pytest.mark.parametrize(("first", "minutes"), [("reached", 40), ("booked", 5), ("no_answer", 5)])
def test_another_call_is_counted_when_it_is_closed(desk, front, first, minutes):
    reference = desk.has_request()
    move(front, reference, "attempt", disposition=first, note="", then="keep")
    desk.at += timedelta(minutes=minutes)
    move(desk.signed_in("front"), reference, "attempt", disposition="reached", note="", then="close")
    assert desk.request(reference).attempts == 2


def test_what_is_put_back_says_until_when(desk, front):
    reference = desk.has_request()
    answer = move(front, reference, "snooze", wait="30")
    said = front.get(answer.headers["Location"]).text.partition('data-said="snoozed"')[2]
    assert re.match(r"><p>Put back until <time [^>]*>10:30 am</time>\. It returns", said)


@pytest.mark.parametrize(("phone", "told"), [("+16025550178", "They are told by text."), (None, "tell them yourself")])
def test_who_hands_it_on_is_told_whether_the_colleague_hears_of_it(desk, front, phone, told):
    colleague = desk.has_staff("nina", Role.CLINICIAN, phone=phone)
    reference = desk.has_request()
    choice = "Nina (nina), clinician" if phone else "Nina (nina), clinician: gets no texts"
    assert f">{choice}</option>" in page_of(front, reference)
    answer = move(front, reference, "hand", to=str(colleague), note="")
    assert told in front.get(answer.headers["Location"]).text
