"""A form that is sent several times is taken once, and a call that has ended opens its own wrap-up."""

import re
import threading
from datetime import timedelta

import pytest

from tests.console_desk import MORNING, audited, console_routes, csrf_in, rows_of, send
from triage.model.call import LegState, Purpose, Wanted
from triage.model.member import Role
from triage.model.request import Disposition, Priority
from triage.policy import Retention
from triage.ringing import talks
from triage.store import legs, members, once_marks, requests, retention
from triage.store.tables import attempts, notes
from triage.store.tables import legs as legs_table
from triage.wording import Wording

# What changes nothing of a patient or of the staff, or ends as it was though it is done twice.
NEED_NO_MARK = {
    "sign-in", "sign-in/code", "sign-out", "lock", "unlock", "second-step", "search", "password", "account/password",
}  # fmt: skip


def clicks(client, url, count=3, **fields):
    """Send one and the same form several times, as somebody does on a slow line."""
    form = {"csrf": csrf_in(client.get("/staff/")), "once": "the mark of one form", **fields}
    return [client.post(url, data=form) for _ in range(count)]


def outcomes(answers):
    return {(answer.status_code, answer.location) for answer in answers}


def test_every_form_that_changes_something_carries_a_mark_of_its_own(desk):
    desk.has_staff("boss", Role.ADMIN)
    desk.has_staff("gone")
    with desk.db.write() as db:
        members.disable(db, 2, desk.at)
    desk.has_request(Priority.CRISIS)
    client, marks = desk.signed_in("boss"), []
    paths = {path for method, endpoint, path in console_routes(desk) if method == "GET" and "static" not in path}
    for path in sorted(paths):
        page = client.get(path)
        if not page.content_type.startswith("text/html"):
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.DOTALL):
            action = re.search(r'action="/staff/([^"]*)"', form)
            if action and action[1] in NEED_NO_MARK:
                continue
            marks += re.findall(r'name="once" value="([\w-]{16})"', form) or [f"none: {form[:120]}"]
    assert not [mark for mark in marks if mark.startswith("none")]
    assert len(marks) == len(set(marks)) > 15


def test_three_clicks_log_one_try_and_keep_one_note(desk, front):
    reference = desk.has_request()
    url = f"/staff/requests/{reference}"
    tried = clicks(front, f"{url}/attempt", disposition="no_answer", note="rang long")
    assert outcomes(tried) == {(303, f"{url}?said=logged")}
    assert outcomes(clicks(front, f"{url}/note", body="Likes mornings")) == {(303, f"{url}?said=noted")}
    assert (len(rows_of(desk, attempts)), len(rows_of(desk, notes)), desk.request(reference).attempts) == (1, 1, 1)
    assert audited(desk).count("attempt") == 1


@pytest.mark.parametrize(
    ("move", "fields"),
    [("claim", {}), ("snooze", {"wait": "30"}), ("attempt", {"disposition": "booked", "then": "close"}),
     ("close", {"outcome": "other"}), ("cancel", {})],
)  # fmt: skip
def test_whoever_clicks_three_times_is_told_that_it_is_done_and_meets_no_refusal(desk, front, move, fields):
    answers = clicks(front, f"/staff/requests/{desk.has_request()}/{move}", **fields)
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len(outcomes(answers)) == 1


def test_at_the_same_moment_too(desk, front):
    reference = desk.has_request()
    form = {"csrf": csrf_in(front.get("/staff/")), "once": "one form", "disposition": "no_answer"}
    cookie, answers = front.get_cookie("session").value, []

    def click():
        client = desk.app.test_client()
        client.set_cookie("session", cookie)
        answers.append(client.post(f"/staff/requests/{reference}/attempt", data=form))

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len(rows_of(desk, attempts)) == 1


def test_other_words_under_the_same_mark_are_another_form(desk, front, mia):
    url = f"/staff/requests/{desk.has_request()}/note"
    for client, body in ((front, "one"), (front, "two"), (mia, "two")):
        clicks(client, url, body=body)
    assert len(rows_of(desk, notes)) == 3


def test_one_page_claims_each_of_its_rows_though_they_share_one_form(desk, front):
    references = [desk.has_request(), desk.has_request()]
    page = front.get("/staff/").text
    fields = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', re.search(r'id="claiming".*?</form>', page)[0]))
    addresses = re.findall(r'form="claiming" formaction="([^"]*)"', page)
    assert addresses == [f"/staff/requests/{one}/claim" for one in references]
    for address in addresses:
        assert front.post(address, data=fields).status_code == 303
    assert all(desk.request(one).claimed_by for one in references)


def test_a_form_that_was_refused_may_be_sent_again(desk, front, mia):
    reference = desk.has_request()
    send(mia, f"/staff/requests/{reference}/claim")
    refused = clicks(front, f"/staff/requests/{reference}/claim")
    assert [answer.status_code for answer in refused] == [409] * 3
    send(mia, f"/staff/requests/{reference}/release")
    assert clicks(front, f"/staff/requests/{reference}/claim", count=1)[0].status_code == 303
    assert desk.request(reference).claimed_by


def test_somebody_is_added_once_and_whoever_missed_the_password_is_told(desk):
    desk.app.extensions["runtime"].words = Wording()
    desk.has_staff("boss", Role.ADMIN)
    boss = desk.signed_in("boss")
    first, *again = clicks(boss, "/staff/members", login="mia", name="Mia Okafor", role="clinician")
    assert "Password" in first.text
    assert outcomes(again) == {(303, "/staff/members?said=password_given")}
    assert "is given a new one" in boss.get("/staff/members?said=password_given").text
    assert audited(desk).count("staff_added") == 1


def test_the_phone_is_rung_once(desk):
    desk.has_staff("boss", Role.ADMIN, phone="+16025550161")
    answers = clicks(desk.signed_in("boss"), f"/staff/requests/{desk.has_request()}/call")
    assert {answer.status_code for answer in answers} == {303}
    assert len(rows_of(desk, legs_table)) == 1


def test_the_page_is_not_sent_again_for_new_marks_alone(desk, front):
    url = f"/staff/requests/{desk.has_request()}/live"
    tag = front.get(url).headers["ETag"]
    assert front.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_marks_are_forgotten_after_a_while(database):
    with database.write() as db:
        assert once_marks.take(db, "m", MORNING)
        assert not once_marks.take(db, "m", MORNING)
        assert retention.purge(db, Retention(), MORNING + timedelta(days=6))["once_marks"] == 0
        assert retention.purge(db, Retention(), MORNING + timedelta(days=8))["once_marks"] == 1


def has_talked(desk, reference, login="front", seconds=250, ended=True):
    with desk.db.write() as db:
        person, member = requests.get(db, reference).person_id, members.by_login(db, login).id
        leg = legs.plan(
            db, Wanted(Purpose.PATIENT, "p:1", desk.at, reference, person, member, state=LegState.PLACED), desk.at
        )
        legs.accept(db, leg.id, desk.at)
        talks.began(db, desk.clinic, leg, desk.at, desk.at)
        over = {"status": "completed", "state": LegState.ENDED, "ended_at": desk.at, "duration_s": seconds}
        legs.change(db, leg.id, over if ended else {}, desk.at)


def wrapped_up(page):
    return re.search(r'value="reached" checked', page.text) is not None


def test_a_call_that_has_ended_opens_its_own_wrap_up_for_who_called(desk, front, mia):
    reference = desk.has_request()
    url = f"/staff/requests/{reference}"
    assert "Your call has ended" not in front.get(f"{url}/live").text
    has_talked(desk, reference)
    assert "You talked for 4 min." in front.get(f"{url}/live").text
    page = front.get(url)
    assert wrapped_up(page)
    assert 'id="wrap-up" aria-labelledby="wrap-up-title" data-leg="1"' in page.text
    assert not wrapped_up(mia.get(url)), "it was not her call"
    send(front, f"{url}/attempt", disposition="booked")
    assert "Your call has ended" not in front.get(f"{url}/live").text
    assert not wrapped_up(front.get(url))


def test_a_call_that_goes_on_or_was_never_connected_opens_nothing(desk, front):
    reference = desk.has_request()
    has_talked(desk, reference, ended=False)
    assert not wrapped_up(front.get(f"/staff/requests/{reference}"))
    with desk.db.write() as db:
        requests.close(db, reference, 1, Disposition.OTHER, desk.at)
    assert "Your call has ended" not in front.get(f"/staff/requests/{reference}").text
