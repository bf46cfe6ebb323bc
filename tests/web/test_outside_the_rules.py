"""Input from outside that the rules do not foresee is answered, never by an assertion: posts about a leg that make no
sense for its purpose, and times at the ends of the calendar. ASVS 16.5.1.
"""

import io
import runpy
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidChunkSize

import triage
from tests.console_desk import send
from tests.web.texting import texting
from triage.model.call import LegState, Purpose, Wanted
from triage.model.member import Role
from triage.store import legs, members, people


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("step", ["answered", "key", "connect", "voicemail", "dialled"])
def test_any_post_about_any_leg_is_answered(clinic, caplog, purpose, step):
    with clinic.database.write() as db:
        person, _ = people.meet(db, "+16025550132", "en", clinic.clock())
        member = members.add(db, "mia", "Mia Lindqvist", Role.FRONT_DESK, "no hash", "+16025550177", clinic.clock())
        staff_id = None if purpose is Purpose.CRISIS_LINE else member
        wanted = Wanted(purpose, "a_leg", clinic.clock(), None, person.id, staff_id, state=LegState.PLACED)
        leg = legs.plan(db, wanted, clinic.clock())
    form = [("CallSid", "CA" + "1" * 32), ("Digits", "1"), ("DialCallStatus", "completed")]
    answer = clinic.post(form, f"/webhooks/calls/{leg.id}/{step}")
    assert answer.status_code == 200
    assert "went wrong" not in answer.text


def test_no_header_tells_gunicorn_where_the_program_is_mounted():
    settings = runpy.run_path(str(Path(triage.__file__).parents[1] / "gunicorn.conf.py"))
    config = Config()
    config.set("forwarder_headers", settings["forwarder_headers"])
    assert config.forwarder_headers == []


class CutShort(io.BytesIO):
    """A body of which the server says, while it is read, that its chunks are no chunks."""

    def read(self, _size=-1):
        raise InvalidChunkSize("zz")

    readline = readinto = read


@pytest.mark.parametrize("path", ["/webhooks/sms", "/webhooks/voice", "/webhooks/calls/1/key", "/staff/sign-in"])
def test_a_body_in_bad_chunks_is_refused(clinic, path):
    headers = {"X-Twilio-Signature": "x", "Transfer-Encoding": "chunked"}
    environ = {"wsgi.input_terminated": True, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    answer = clinic.client.post(path, input_stream=CutShort(), headers=headers, environ_overrides=environ)
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "0001-01-01", "9998-06-01"])
def test_the_ends_of_the_calendar_are_refused_with_words(desk, front, day):
    request_id = desk.has_request()
    for path, form in (
        ("snooze", {"until": f"{day}T10:00"}),
        ("promise", {"day": day, "from": "10:00", "to": "23:59"}),
    ):
        answer = send(front, f"/staff/requests/{request_id}/{path}", **form)
        assert answer.status_code == 422, (path, answer.status_code)
