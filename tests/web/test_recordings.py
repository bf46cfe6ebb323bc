"""What callers leave, on the page of their request."""

import pytest
from sqlalchemy import select

from tests.console_desk import MORNING
from triage.model.call import Fetch
from triage.model.request import Priority, RequestValues
from triage.store import people, recordings, requests
from triage.store.tables import audit_events

SOUND = bytes(range(256)) * 40


def has_voicemail(desk, request_id, state=Fetch.ALONE, of="voicemail"):
    with desk.db.write() as db:
        person_id = desk.request(request_id).person_id
        values = {"person_id": person_id, "request_id": request_id, "of": of, "duration_s": 21, "call_sid": "CA1"}
        known = recordings.keep(db, f"RE{request_id}{of}", values, MORNING)
        recordings.change(db, known.id, audio=SOUND, content_type="audio/mpeg", state=state)
    return known.id


def test_a_voicemail_is_played_through_us_and_who_listened_is_noted(desk, front):
    request_id = desk.has_request()
    recording_id = has_voicemail(desk, request_id)
    page = front.get(f"/staff/requests/{request_id}")
    assert f'src="/staff/recordings/{recording_id}"' in page.text
    assert "not heard yet" in page.text
    answer = front.get(f"/staff/recordings/{recording_id}")
    assert (answer.data, answer.content_type) == (SOUND, "audio/mpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "heard by front" in front.get(f"/staff/requests/{request_id}").text
    with desk.db.read() as db:
        assert "listen" in set(db.scalars(select(audit_events.c.action)))


@pytest.mark.parametrize("part", ["bytes=100-199", "bytes=0-", "bytes=-1", "bytes=1-", "bytes=9-3", "nonsense"])
def test_every_part_that_is_asked_for_is_written_down(desk, front, part):
    request_id = desk.has_request()
    recording_id = has_voicemail(desk, request_id)
    answer = front.get(f"/staff/recordings/{recording_id}", headers={"Range": part})
    assert answer.status_code in (200, 206, 416)
    if part == "bytes=100-199":
        assert (answer.status_code, answer.data) == (206, SOUND[100:200])
    with desk.db.read() as db:
        events = select(audit_events.c.request_id, audit_events.c.detail).where(audit_events.c.action == "listen")
        assert list(db.execute(events)) == [(request_id, {"recording": recording_id})]


def test_nobody_listens_without_signing_in(desk, front):
    recording_id = has_voicemail(desk, desk.has_request())
    stranger = desk.app.test_client()
    assert stranger.get(f"/staff/recordings/{recording_id}").status_code != 200
    assert front.get("/staff/recordings/99").status_code == 404


def test_a_sound_that_is_on_its_way_or_lost_is_said_to_be(desk, front):
    request_id = desk.has_request()
    has_voicemail(desk, request_id, Fetch.WAITING)
    has_voicemail(desk, request_id, Fetch.LOST, of="name")
    page = front.get(f"/staff/requests/{request_id}").text
    assert "on its way" in page
    assert "could not be fetched" in page


def test_a_withheld_caller_without_a_number_has_a_page(desk, front):
    with desk.db.write() as db:
        person, _ = people.meet(db, "withheld:CA0123456789", "en", MORNING)
        new = RequestValues(person.id, Priority.ROUTINE, "voice", "en", MORNING)
        request_id = requests.create(db, new, MORNING)
    assert "withheld" in front.get(f"/staff/requests/{request_id}").text
    assert front.get("/staff/").status_code == 200
