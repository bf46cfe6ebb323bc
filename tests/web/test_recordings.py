"""What callers leave, on the page of their request."""

import pytest
from sqlalchemy import select

from tests.console_desk import MORNING
from triage.model.call import Fetch
from triage.model.member import Role
from triage.model.message import Arrival, Channel
from triage.model.request import Disposition, Priority, RequestValues
from triage.store import messages, people, recordings, requests
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


# --- who may listen


@pytest.mark.parametrize(
    ("role", "label", "state", "listens"),
    [
        # Without a transcript nobody knows what is said: whoever works on the open request listens, to call back.
        (Role.FRONT_DESK, None, {}, True),
        (Role.FRONT_DESK, "voicemail", {}, True),
        (Role.FRONT_DESK, "adverse", {}, False),
        (Role.FRONT_DESK, "voicemail,handover.medical", {}, False),
        (Role.FRONT_DESK, "adverse", {"priority": Priority.URGENT}, True),
        (Role.CLINICIAN, "adverse", {}, True),
        (Role.ADMIN, None, {}, True),
        # The number is said in it.
        (Role.AUDITOR, "voicemail", {}, False),
        (Role.AUDITOR, None, {}, False),
    ],
)
def test_a_voicemail_is_heard_by_the_roles_that_may_read_its_words(desk, role, label, state, listens):
    """ASVS 8.2.3."""
    request_id = desk.has_request(**state)
    recording_id = has_voicemail(desk, request_id)
    if label is not None:
        with desk.db.write() as db:
            person_id = desk.request(request_id).person_id
            key = f"transcript:RE{request_id}voicemail"
            messages.keep(db, Arrival(key, person_id, Channel.VOICE, "my heart races", MORNING, "nanp", label))
    desk.has_staff("who", role)
    who = desk.signed_in("who")
    page = who.get(f"/staff/requests/{request_id}").text
    assert (f'src="/staff/recordings/{recording_id}"' in page) is listens
    assert ("May be medical: a clinician listens." in page) is not listens
    answer = who.get(f"/staff/recordings/{recording_id}")
    assert (answer.status_code, answer.data == SOUND) == ((200, True) if listens else (403, False))


def test_after_its_request_is_closed_only_clinicians_hear_what_nobody_has_read(desk, front):
    request_id = desk.has_request()
    recording_id = has_voicemail(desk, request_id)
    assert front.get(f"/staff/recordings/{recording_id}").status_code == 200
    with desk.db.write() as db:
        requests.close(db, request_id, 1, Disposition.REACHED, MORNING)
    assert front.get(f"/staff/recordings/{recording_id}").status_code == 403


def test_a_spoken_name_is_heard_by_whoever_calls_back(desk, front):
    recording_id = has_voicemail(desk, desk.has_request(), of="name")
    assert front.get(f"/staff/recordings/{recording_id}").status_code == 200
