"""A short form of `make check-security`: hostile posts in the process itself, on both databases (ASVS 2.2, 16.5.3)."""

import hashlib
import io
import socket
from urllib.parse import urlsplit

import pytest
import structlog
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app import create_app
from tests.builders import a_clinic, an_environment, local
from tests.fakes import SetClock
from tests.security.flood import faults_told
from tests.security.hostile import FORGED, Post, forged, malformed
from triage import logs
from triage.store.tables import callback_requests, calls, messages, recordings

BASE = "https://line.example.org"
KEPT = (messages, calls, recordings, callback_requests)


@pytest.fixture
def app(database):
    environment = an_environment(database_url=database.url.render_as_string(hide_password=False))
    return create_app(environment, a_clinic(), SetClock(local("2026-11-23 10:00")))


def answer(app, post: Post) -> int:
    """The status of the answer; the server itself refuses what no header may hold."""
    headers = {name: value for name, value in post.headers.items() if name != "Content-Type"}
    kind = post.headers["Content-Type"] or None
    client = app.test_client()
    return client.open(
        post.path, base_url=BASE, method=post.method, data=post.body, content_type=kind, headers=headers
    ).status_code


def rows(database):
    with database.read() as db:
        return [db.scalar(select(func.count()).select_from(table)) for table in KEPT]


def test_no_malformed_post_is_answered_with_a_fault(app, monkeypatch):
    monkeypatch.setenv("TRIAGE_ENCODER", "ngrams")
    token = app.extensions["runtime"].environment.twilio_auth_token
    with structlog.testing.capture_logs() as logged:
        found = [answer(app, post) for post in malformed(250, 1, BASE, token)]
    assert [status for status in found if status >= 500] == []
    assert [one for one in logged if one["log_level"] == "error"] == [], "nor with the words that are said after one"
    assert sum(status < 300 for status in found) > 100, "signed ones reach the program"


def test_a_fault_that_was_answered_kindly_is_told_from_the_log():
    said = io.StringIO()
    log = structlog.wrap_logger(structlog.WriteLogger(said), processors=logs.PROCESSORS)
    log.warning("unsigned_webhook", path="/webhooks/sms")
    log.error("text_not_kept", fault="DatabaseBusy")
    said.write("Listening at: http://127.0.0.1:8000\n{half an obj\n")
    assert faults_told(said.getvalue()) == {}
    for _ in range(2):
        try:
            raise AssertionError
        except AssertionError as fault:
            log.exception("webhook_failed", routes="calls", fault=type(fault).__name__)
    said.write("ERROR app: Exception on /staff/ [GET]\n")
    place = "test_a_fault_that_was_answered_kindly_is_told_from_the_log"
    (ours, many), flasks = faults_told(said.getvalue()).items()
    assert ours.startswith("webhook_failed, AssertionError at ")
    assert (ours.endswith(place), many) == (True, 2)
    assert flasks == ("ERROR app: Exception on /staff/ [GET]", 1)


def test_no_forged_post_is_taken(app, database):
    token = app.extensions["runtime"].environment.twilio_auth_token
    assert urlsplit(BASE).scheme == "https"
    assert {answer(app, post) for post in forged(150, 2, BASE, token)} == {403}
    assert rows(database) == [0, 0, 0, 0]
    with database.read() as db:
        assert FORGED not in db.scalars(select(messages.c.body)).all()


@pytest.mark.parametrize("path", ["/webhooks/sms", "/webhooks/voice/fallback", "/webhooks/calls/1/waits"])
def test_what_is_too_large_to_be_read_counts_as_not_signed(app, path):
    """ASVS 16.5.3: what cannot be checked is refused, also where the route itself would not look at it."""
    headers = {"X-Twilio-Signature": "A" * 28}
    answer = app.test_client().post(path, base_url=BASE, data={"Body": "x" * 70_000}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "field"),
    [("/webhooks/sms", "MediaUrl0"), ("/webhooks/voice", "From"), ("/webhooks/voice/recordings", "RecordingUrl")],
)
def test_no_address_that_comes_in_is_ever_asked(app, path, field):
    """ASVS 13.2.4: a picture or a recording is never fetched from where a post says that it is."""
    with socket.create_server(("127.0.0.1", 0)) as inner:
        inner.settimeout(0.3)
        form = {
            "MessageSid": "SM" + "1" * 32, "CallSid": "CA" + "1" * 32, "From": "+16025550132", "To": "+16025550100",
            "Body": "look", "NumMedia": "1", "MediaContentType0": "image/png", "RecordingSid": "RE" + "1" * 32,
            "RecordingStatus": "completed", "RecordingDuration": "5", "CallStatus": "ringing",
            field: f"http://127.0.0.1:{inner.getsockname()[1]}/latest/meta-data",
        }  # fmt: skip
        token = app.extensions["runtime"].environment.twilio_auth_token
        headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(f"{BASE}{path}", form)}
        assert app.test_client().post(path, base_url=BASE, data=form, headers=headers).status_code < 300
        with pytest.raises(TimeoutError):
            inner.accept()


def test_the_key_of_a_text_without_an_id_does_not_tell_its_words(app, database):
    """The key outlives the words, and who has it could try out what was written."""
    form = {"From": "+16025550132", "To": "+16025550100", "Body": "what is tms?", "NumMedia": "0"}
    token = app.extensions["runtime"].environment.twilio_auth_token
    signature = RequestValidator(token).compute_signature(f"{BASE}/webhooks/sms", form)
    for _ in range(2):
        headers = {"X-Twilio-Signature": signature}
        assert app.test_client().post("/webhooks/sms", base_url=BASE, data=form, headers=headers).status_code == 200
    with database.read() as db:
        (key,) = db.scalars(select(messages.c.dedupe_key).where(messages.c.direction == "in")).all()
    assert hashlib.sha256(b"+16025550132 what is tms?").hexdigest() not in key
