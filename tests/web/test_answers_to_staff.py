"""What a person writes to staff, on the queue and on the page of their request."""

import re
from datetime import timedelta

from tests.console_desk import audited, send
from tests.web.test_console import section_of
from triage.store import people, requests


def changed(desk, reference, staff_wrote_at=None, wrote_at=None):
    with desk.db.write() as db:
        people.change(db, desk.request(reference).person_id, {"staff_wrote_at": staff_wrote_at})
        requests.change(db, reference, {"wrote_at": wrote_at}, desk.at)


def test_who_answered_staff_stands_on_top_and_the_row_says_when_until_it_is_read(desk, front):
    reference = desk.has_request(due_in=timedelta(hours=5), promised_start=desk.at + timedelta(hours=4))
    assert section_of(front.get("/staff/"), reference) == ["later"]
    changed(desk, reference, wrote_at=desk.at - timedelta(minutes=2))
    page = front.get("/staff/")
    assert section_of(page, reference) == ["now"]
    assert "wrote to us 2 min ago" in page.text
    assert "I have read it" in front.get(f"/staff/requests/{reference}").text
    assert send(front, f"/staff/requests/{reference}/read").status_code == 303
    assert section_of(front.get("/staff/"), reference) == ["later"]
    again = send(front, f"/staff/requests/{reference}/read")
    assert (again.status_code, audited(desk).count("read")) == (409, 1)
    assert "read already" in again.text


def test_the_page_says_that_the_line_stands_back_and_hands_the_thread_back(desk, front):
    reference = desk.has_request()
    changed(desk, reference, staff_wrote_at=desk.at)
    page = front.get(f"/staff/requests/{reference}").text
    assert re.search(r"the line does not answer them until <time [^>]*>Tue 24 Nov, 10 am<", page)
    assert send(front, f"/staff/requests/{reference}/hand-back").status_code == 303
    page = front.get(f"/staff/requests/{reference}").text
    assert "does not answer them" not in page
    assert "Let the line answer again" not in page
    again = send(front, f"/staff/requests/{reference}/hand-back")
    assert (again.status_code, audited(desk).count("hand_back")) == (409, 1)
    assert "answers this person already" in again.text
