"""What is deleted by its age, and what stays: everything of an open request, and the hash of an opt-out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.console_desk import MORNING, Desk
from triage.jobs import upkeep
from triage.model.request import CrisisEnd, Disposition, RequestValues
from triage.settings import Retention
from triage.store import audit, audit_chain, crisis_ends, people, recordings, requests, retention
from triage.store.tables import attempts, audit_events, callback_requests, messages, notes, search_words
from triage.store.tables import crisis_ends as crisis_end_table
from triage.store.tables import recordings as recording_table

KEEP = Retention(messages_days=1000, recordings_days=100, receipts_days=30, audit_days=2000)
WORDS_GONE = MORNING + timedelta(days=1001)


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.has_staff("front")
    return desk


def has_a_past(desk, closed):
    """A request with texts, a note, a try and a recording."""
    reference = desk.has_request(name="Ivy Chen", wish="tomorrow after 3")
    desk.has_texts(reference, "I feel low", "We will call.")
    with desk.db.write() as db:
        requests.add_note(db, reference, 1, "Sounded tired", desk.at)
        requests.add_attempt(db, reference, 1, Disposition.NO_ANSWER, "rang long", desk.at)
        crisis_ends.add(db, reference, 1, CrisisEnd.FALSE_ALARM, "A line of a song", desk.at)
        person_id = requests.get(db, reference).person_id
        people.change(db, person_id, {"name": "Ivy Chen"})
        recordings.keep(db, f"RE{reference}", {"person_id": person_id, "request_id": reference}, desk.at)
        if closed:
            requests.close(db, reference, 1, Disposition.BOOKED, desk.at)
    return reference


def rows(desk, table):
    with desk.db.read() as db:
        return db.execute(select(table)).all()


def test_a_closed_request_loses_its_words_and_names_after_its_time_and_stays_as_a_number(desk):
    reference = has_a_past(desk, closed=True)
    gone = upkeep.purge_expired(desk.db, KEEP, WORDS_GONE)
    kept = ("messages", "notes", "attempts", "crisis_ends", "requests", "people", "recordings")
    assert [gone[kind] for kind in kept] == [2, 1, 1, 1, 1, 1, 1]
    assert [end.why for end in rows(desk, crisis_end_table)] == [None]
    assert rows(desk, notes) == []
    assert [(row.body, row.label, bool(row.dedupe_key)) for row in rows(desk, messages)] == [("", None, True)] * 2
    assert [(row.state, row.transcript, bool(row.sid)) for row in rows(desk, recording_table)] == [("gone", None, True)]
    request = desk.request(reference)
    assert (request.name, request.phone, request.wish, request.outcome) == (None, None, None, Disposition.BOOKED)
    [attempt] = rows(desk, attempts)
    assert (attempt.note, attempt.disposition) == (None, Disposition.NO_ANSWER)


def test_a_request_without_its_person_still_has_a_page_and_a_row(desk):
    reference = has_a_past(desk, closed=True)
    upkeep.purge_expired(desk.db, KEEP, WORDS_GONE)
    desk.at = WORDS_GONE
    front = desk.signed_in("front")
    page = front.get(f"/staff/requests/{reference}")
    assert page.status_code == 200
    assert "Number deleted" in page.text
    assert 'href="tel:"' not in page.text
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    found = front.post("/staff/search", data={"csrf": csrf, "q": str(reference)}, follow_redirects=True)
    assert "Number deleted" in found.text


def test_nothing_of_an_open_request_goes_however_old_it_is(desk):
    has_a_past(desk, closed=False)
    before = [rows(desk, table) for table in (messages, notes, attempts, callback_requests, recording_table)]
    assert sum(upkeep.purge_expired(desk.db, KEEP, MORNING + timedelta(days=5000)).values()) == 0
    assert [rows(desk, table) for table in (messages, notes, attempts, callback_requests, recording_table)] == before


def test_the_past_of_who_has_a_new_open_request_stays_readable(desk):
    reference = has_a_past(desk, closed=True)
    desk.at = WORDS_GONE
    with desk.db.write() as db:
        person_id = requests.get(db, reference).person_id
        new = RequestValues(person_id, desk.request(reference).priority, "sms", "en", desk.at)
        requests.create(db, new, desk.at)
    gone = upkeep.purge_expired(desk.db, KEEP, WORDS_GONE)
    assert (gone["messages"], gone["recordings"], gone["people"]) == (0, 0, 0)


def test_each_kind_has_its_own_time(desk):
    has_a_past(desk, closed=True)
    gone = {kind for kind, count in upkeep.purge_expired(desk.db, KEEP, MORNING + timedelta(days=101)).items() if count}
    assert gone == {"recordings"}


def test_of_who_opted_out_only_the_hash_stays_and_they_are_known_again_when_they_write(desk):
    reference = has_a_past(desk, closed=True)
    with desk.db.write() as db:
        person_id = requests.get(db, reference).person_id
        people.change(db, person_id, {"opted_out_at": desk.at})
    upkeep.purge_expired(desk.db, KEEP, MORNING + timedelta(days=5000))
    with desk.db.read() as db:
        person = people.get(db, person_id)
    assert (person.name, person.phone, person.opted_out_at) == (None, "", MORNING)
    with desk.db.write() as db:
        met, _ = people.meet(db, "+16025550100", "en", desk.at)
        assert (met.id, met.phone, met.opted_out_at) == (person_id, "+16025550100", MORNING)
        assert people.get(db, person_id).phone == "+16025550100"


def test_a_purge_goes_in_pieces_and_says_in_the_trail_what_it_took(desk, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(3):
        has_a_past(desk, closed=True)
    assert upkeep.purge_expired(desk.db, KEEP, WORDS_GONE)["messages"] == 6
    purges = [row.detail for row in rows(desk, audit_events) if row.action == "purge"]
    assert [detail.get("messages", 0) for detail in purges] == [2, 2, 2]
    assert sum(upkeep.purge_expired(desk.db, KEEP, WORDS_GONE).values()) == 0


def test_the_trail_itself_is_cut_after_its_time_and_still_verified(desk):
    with desk.db.write() as db:
        audit.record(db, "claim", MORNING, 1)
    later = MORNING + timedelta(days=2001)
    assert upkeep.purge_expired(desk.db, KEEP, later)["audit"] == 1
    with desk.db.read() as db:
        assert db.scalar(select(func.count()).where(audit_events.c.action == "claim")) == 0
        assert audit_chain.verify(db).broken is None


def test_by_what_a_name_is_found_goes_with_the_name(desk):
    has_a_past(desk, closed=True)
    still_open = has_a_past(desk, closed=False)
    assert upkeep.index_names(desk.db) == 2
    gone = upkeep.purge_expired(desk.db, KEEP, WORDS_GONE)
    assert gone["search_words"]
    assert {row.request_id for row in rows(desk, search_words)} == {still_open}
