"""The console over HTTP: what it shows, who wins, what is kept, and what is written down about it."""

import re
import threading
from datetime import timedelta

import pytest

from tests.console_desk import MORNING, audited, csrf_in, rows_of, send
from triage.model.request import Disposition, Flag, Priority, Status
from triage.store import members, people, requests
from triage.store.tables import attempts, audit_events


def section_of(page, reference):
    """The part of the queue in which a request stands."""
    parts = re.split(r'<section class="part (\w+)"', page.text)[1:]
    return [name for name, body in zip(parts[::2], parts[1::2], strict=True) if f'id="open-{reference}"' in body]


def test_requests_stand_in_the_part_of_the_queue_that_their_promise_asks_for(desk, front):
    ahead = {"promised_start": MORNING + timedelta(hours=1), "promised_end": MORNING + timedelta(hours=3)}
    later = desk.has_request(due_in=timedelta(hours=3), **ahead)
    asap = desk.has_request(due_in=timedelta(hours=3))
    window = {"promised_start": MORNING - timedelta(minutes=5), "promised_end": MORNING + timedelta(hours=2)}
    begun = desk.has_request(due_in=timedelta(hours=2), **window)
    late = desk.has_request(due_in=-timedelta(minutes=18), **window)
    read = desk.has_request(flags={Flag.PLEASE_READ})
    crisis = desk.has_request(Priority.CRISIS)
    page = front.get("/staff/")
    parts = {reference: section_of(page, reference) for reference in (crisis, read, late, begun, later, asap)}
    assert parts == {crisis: ["now"], read: ["now"], late: ["due"], begun: ["due"], later: ["later"], asap: ["now"]}
    assert "18 min late" in page.text
    assert page.text.index(f'id="open-{crisis}"') < page.text.index(f'id="open-{read}"')


def test_what_a_patient_cancelled_is_shown_for_a_day(desk, front):
    reference = desk.has_request()
    with desk.db.write() as db:
        requests.cancel(db, reference, desk.at)
    page = front.get("/staff/")
    assert section_of(page, reference) == ["closed"]
    assert "cancelled by the patient" in page.text
    desk.at += timedelta(hours=25)
    with desk.db.write() as db:
        members.touch(db, front.get_cookie("session").value, desk.at)
    assert section_of(desk.signed_in("front").get("/staff/"), reference) == []


def test_a_row_without_a_name_shows_the_number(desk, front):
    desk.has_request(name=None)
    assert "602-555-0100" in front.get("/staff/").text


def test_rows_are_sent_again_only_when_something_changed(desk, front, mia):
    reference = desk.has_request()
    tag = front.get("/staff/rows").headers["ETag"]
    assert tag.strip('"') in front.get("/staff/rows").text
    assert front.get("/staff/rows", headers={"If-None-Match": tag}).status_code == 304
    looks = audited(desk).count("view_queue")
    desk.at += timedelta(seconds=3)
    assert front.get("/staff/rows", headers={"If-None-Match": tag}).status_code == 304
    assert audited(desk).count("view_queue") == looks
    desk.at -= timedelta(seconds=9)  # the colleague's machine is behind
    send(mia, f"/staff/requests/{reference}/claim")
    desk.at += timedelta(seconds=9)
    fresh = front.get("/staff/rows", headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert "mia has it" in fresh.text


def test_the_page_of_a_request_is_sent_again_only_when_something_changed(desk, front, mia):
    reference = desk.has_request()
    tag = front.get(f"/staff/requests/{reference}/live").headers["ETag"]
    assert front.get(f"/staff/requests/{reference}/live", headers={"If-None-Match": tag}).status_code == 304
    send(mia, f"/staff/requests/{reference}/note", body="Calls back at noon")
    fresh = front.get(f"/staff/requests/{reference}/live", headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert "Calls back at noon" in fresh.text


def test_a_request_shows_the_thread_of_both_sides_with_what_was_heard(desk, front):
    reference = desk.has_request()
    desk.has_texts(reference, ("did tms fail me", "ketamine.tms_failed"), "Not necessarily.", "ok")
    page = front.get(f"/staff/requests/{reference}").text
    assert page.index("did tms fail me") < page.index("Not necessarily.") < page.index(">ok<")
    assert "TMS did not work" in page
    assert "sent at once" in page


def test_an_undelivered_text_says_why_and_what_to_do(desk, front):
    reference = desk.has_request()
    desk.has_texts(reference, "hi", "hello")
    with desk.db.write() as db:
        db.exec_driver_sql("UPDATE messages SET status = 'undelivered', error_code = 30006 WHERE direction = 'out'")
    page = front.get(f"/staff/requests/{reference}").text
    assert "could not be delivered: a landline or out of reach: call instead" in page


def test_a_claim_and_its_audit_event_come_together(desk, front):
    reference = desk.has_request()
    answer = send(front, f"/staff/requests/{reference}/claim")
    assert answer.headers["Location"] == f"/staff/requests/{reference}?said=claimed"
    assert desk.request(reference).status is Status.CLAIMED
    assert audited(desk)[-1] == "claim"
    assert "It is yours now" in front.get(answer.headers["Location"]).text


def test_of_two_who_claim_at_once_one_wins_and_the_other_sees_who(desk, front, mia):
    reference = desk.has_request()
    url = f"/staff/requests/{reference}/claim"
    tokens = [(client, csrf_in(client.get("/staff/"))) for client in (front, mia)]
    together, answers = threading.Barrier(2), []

    def press(client, token):
        together.wait()
        answers.append(client.post(url, data={"csrf": token}))

    pressing = [threading.Thread(target=press, args=pair) for pair in tokens]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    [lost] = [answer for answer in answers if answer.status_code == 409]
    owner = {1: "front", 2: "mia"}[desk.request(reference).claimed_by]
    assert f"{owner} has this one." in lost.text
    assert audited(desk).count("claim") == 1


def test_whoever_logs_a_call_on_a_request_closed_meanwhile_keeps_their_words(desk, front, mia):
    reference = desk.has_request()
    send(mia, f"/staff/requests/{reference}/close", outcome="booked")
    typed = "Spoke for ten minutes <b>& more</b>"
    answer = send(front, f"/staff/requests/{reference}/attempt", disposition="reached", note=typed)
    assert answer.status_code == 409
    assert "It was closed meanwhile." in answer.text
    assert "Spoke for ten minutes &lt;b&gt;&amp; more&lt;/b&gt;</textarea>" in answer.text
    assert 'value="reached" checked' in answer.text
    assert rows_of(desk, attempts) == []


def test_a_try_without_contact_goes_back_into_the_queue(desk, front):
    reference = desk.has_request()
    send(front, f"/staff/requests/{reference}/claim")
    send(front, f"/staff/requests/{reference}/attempt", disposition="no_answer", note="Rang long", then="keep")
    request = desk.request(reference)
    assert (request.status, request.attempts) == (Status.QUEUED, 1)
    page = front.get(f"/staff/requests/{reference}").text
    assert "No answer" in page
    assert "Rang long" in page
    assert "next try in" in page


def test_a_call_can_be_logged_and_closed_with_one_click(desk, front):
    reference = desk.has_request()
    send(front, f"/staff/requests/{reference}/attempt", disposition="booked", note="", then="close")
    request = desk.request(reference)
    assert (request.status, request.outcome, request.attempts) == (Status.DONE, Disposition.BOOKED, 1)
    assert section_of(front.get("/staff/"), reference) == ["closed"]


def test_the_other_moves_do_what_they_say(desk, front):
    reference = desk.has_request(Priority.CRISIS)
    url = f"/staff/requests/{reference}"
    send(front, f"{url}/acknowledge")
    assert desk.request(reference).acknowledged_at == desk.at
    send(front, f"{url}/claim")
    send(front, f"{url}/release")
    assert desk.request(reference).status is Status.QUEUED
    send(front, f"{url}/cancel")
    assert desk.request(reference).status is Status.CANCELLED
    send(front, f"{url}/reopen")
    assert desk.request(reference).status is Status.QUEUED
    assert {"acknowledge", "claim", "release", "cancel", "reopen"} <= set(audited(desk))


@pytest.mark.parametrize(
    ("move", "fields", "words"),
    [
        ("attempt", {"note": "kept words"}, "Choose how the call ended"),
        ("attempt", {"note": "kept words", "disposition": "DROP TABLE"}, "Choose how the call ended"),
        ("attempt", {"note": "kept words" * 500, "disposition": "busy"}, "The note is too long"),
        ("close", {"outcome": "nonsense"}, "Choose an outcome"),
        ("note", {"body": "  \n "}, "The note is empty"),
        ("note", {"body": "kept words" * 500}, "The note is too long"),
    ],
)
def test_an_unfinished_form_comes_back_with_what_is_missing(desk, front, move, fields, words):
    reference = desk.has_request()
    answer = send(front, f"/staff/requests/{reference}/{move}", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert ("kept words" in answer.text) == any("kept" in value for value in fields.values())
    assert desk.request(reference).is_open


def test_a_form_of_ten_megabytes_is_refused_with_a_page(desk, front):
    reference = desk.has_request()
    answer = send(front, f"/staff/requests/{reference}/note", body="x" * 10_000_000)
    assert answer.status_code == 413
    assert "too long" in answer.text


@pytest.mark.parametrize("path", ["/staff/requests/999", "/staff/requests/999/live", "/staff/x/y"])
def test_an_unknown_request_is_a_plain_page(front, path):
    answer = front.get(path)
    assert answer.status_code == 404
    assert "no such page or request" in answer.text


def test_an_unknown_request_cannot_be_moved(front):
    for move in ("claim", "release", "acknowledge", "cancel", "reopen"):
        assert send(front, f"/staff/requests/999/{move}").status_code == 404
    assert send(front, "/staff/requests/999/note", body="x").status_code == 404


def test_a_number_too_long_for_a_reference_is_not_found(front):
    assert front.get("/staff/requests/99999999999999999999").status_code == 404
    assert send(front, "/staff/requests/99999999999999999999/claim").status_code == 404


def test_each_look_at_a_patient_is_written_down(desk, front):
    reference = desk.has_request()
    front.get("/staff/")
    front.get(f"/staff/requests/{reference}")
    seen = [row for row in rows_of(desk, audit_events) if row.action == "view_request"]
    assert [(row.staff_id, row.request_id, row.person_id) for row in seen] == [(1, reference, 1)]
    assert audited(desk) == ["sign_in", "view_queue", "view_request"]


def test_who_wants_no_calls_is_marked_as_such(desk, front):
    reference = desk.has_request()
    with desk.db.write() as db:
        people.change(db, desk.request(reference).person_id, {"no_calls_at": desk.at, "opted_out_at": desk.at})
    page = front.get(f"/staff/requests/{reference}").text
    assert "Does not want to be called." in page
    assert "call only: takes no texts" in page


def test_what_was_heard_is_said_in_words_and_never_as_a_code(desk, front):
    reference = desk.has_request()
    theirs = ("Dana", "filled"), ("how does it work? call me", "tms.how,callback.request"), ("3", "menu_tms")
    desk.has_texts(reference, theirs[0], "Our answer", theirs[1], "Our answer", theirs[2])
    page = front.get(f"/staff/requests/{reference}").text
    assert "heard as: an answer to our question" in page
    assert "heard as: how TMS works, wants a call" in page
    assert "menu_tms" not in page
