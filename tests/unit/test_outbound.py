"""The messenger over Twilio's real client, against a provider on this machine that answers as it is told."""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from tests.builders import a_clinic, an_environment
from tests.phone_line import ACCOUNT, TOKEN, running_phone, scripted_clinic
from triage.errors import DeliveryFailed, DeliveryUnknown
from webhooks import rest_client
from webhooks.rest_client import TwilioMessenger, TwilioPhoneRinger

CREATED = (201, {"sid": "SM" + "1" * 32, "status": "queued"})
DANA = "+16025550101"


class Provider(HTTPServer):
    """Answers every request alike and remembers what was asked. No answer: the line is cut after the request."""

    def __init__(self, answer: tuple[int, object] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        user = base64.b64decode(self.headers["Authorization"].split()[1]).decode()
        self.server.asked.append((self.path, user, {name: values[0] for name, values in parse_qs(body).items()}))
        self._answer()

    def _answer(self) -> None:
        if self.server.answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, content = self.server.answer
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def provider(answer: tuple[int, object] | None) -> Iterator[Provider]:
    server = Provider(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


def sends(url: str, validity_s: int = 600, timeout_s: float = 5, **settings: str) -> str:
    messenger = TwilioMessenger(an_environment(twilio_api_base_url=url, **settings), a_clinic())
    return messenger.send(DANA, "words", "n7.2", validity_s, timeout_s)


def test_a_text_goes_out_with_sender_validity_and_the_address_for_its_reports():
    with provider(CREATED) as twilio:
        assert sends(twilio.url) == "SM" + "1" * 32
    ((path, user, form),) = twilio.asked
    assert path == "/2010-04-01/Accounts/AC" + "0" * 32 + "/Messages.json"
    assert user == "AC" + "0" * 32 + ":a token only for tests"
    assert form == {
        "To": DANA,
        "From": "+16025550100",
        "Body": "words",
        "ValidityPeriod": "600",
        "StatusCallback": "https://line.example.org/webhooks/messages/status?ref=n7.2"
        "#rc=3&rp=all&ct=2000&rt=7000&tt=15000",
    }


def test_an_api_key_signs_in_where_there_is_one():
    with provider(CREATED) as twilio:
        sends(twilio.url, twilio_api_key="SK" + "2" * 32, twilio_api_secret="key secret")
    ((path, user, _),) = twilio.asked
    assert "/Accounts/AC" in path
    assert user == "SK" + "2" * 32 + ":key secret"


@pytest.mark.parametrize(("asked", "given"), [(0, "1"), (-5, "1"), (99_999, "36000")])
def test_the_validity_stays_within_what_twilio_takes(asked, given):
    with provider(CREATED) as twilio:
        sends(twilio.url, validity_s=asked)
    assert twilio.asked[0][2]["ValidityPeriod"] == given


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (400, 21211, True),
        (400, 21610, True),
        (400, 21614, True),
        (400, 99999, True),
        (429, 20429, False),
        (400, 21611, False),
        (401, 20003, False),
        (403, 21408, False),
    ],
)
def test_a_refusal_carries_its_code_and_whether_trying_again_can_help(status, code, permanent):
    answer = (status, {"code": code, "message": "refused", "status": status})
    with provider(answer) as twilio, pytest.raises(DeliveryFailed) as refused:
        sends(twilio.url)
    assert (refused.value.code, refused.value.refusal.is_permanent) == (code, permanent)
    assert len(twilio.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (500, {"code": 20500, "message": "fault", "status": 500}),
        (503, "<html>unavailable</html>"),
        (200, "not JSON"),
        (201, {"status": "queued"}),
        (302, "moved"),
    ],
)
def test_any_other_end_is_unknown_and_not_tried_again_here(answer):
    with provider(answer) as twilio, pytest.raises(DeliveryUnknown):
        sends(twilio.url)
    assert len(twilio.asked) == 1


def test_a_provider_that_does_not_answer_in_time_leaves_an_unknown():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(DeliveryUnknown):
        sends(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2)


def test_a_connection_that_nobody_takes_has_certainly_sent_nothing():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: refused
        with pytest.raises(DeliveryFailed) as refused:
            sends(f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert (refused.value.code, refused.value.refusal.is_permanent) == (None, False)


def test_what_went_wrong_is_told_without_the_number_or_the_words():
    answer = (400, {"code": 21211, "message": f"{DANA} is not valid: words", "status": 400})
    with provider(answer) as twilio, pytest.raises(DeliveryFailed) as refused:
        sends(twilio.url)
    assert DANA not in str(refused.value)
    assert "words" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_over_the_local_phone_a_text_arrives_and_its_reports_name_the_attempt():
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        settings = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "public_base_url": clinic.url}
        sid = sends(phone.url, **settings)
        phone.settle()
        assert phone.received(DANA) == ["words"]
        reports = clinic.at("/webhooks/messages/status?ref=n7.2")
    assert {report["MessageSid"] for report in reports} == {sid}
    assert "delivered" in [report["MessageStatus"] for report in reports]


def test_over_the_local_phone_a_text_is_found_again_by_its_phone_and_its_words():
    since = datetime.now(UTC) - timedelta(days=2)
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        settings = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "public_base_url": clinic.url}
        messenger = TwilioMessenger(an_environment(twilio_api_base_url=phone.url, **settings), a_clinic())
        sids = [messenger.send(DANA, "words", f"n7.{attempt}", 600, 5) for attempt in (1, 2)]
        messenger.send(DANA, "other words", "n8.1", 600, 5)
        assert messenger.listed_to(DANA, since, 5).sids_of("words") == sids, "oldest first"
        assert messenger.listed_to("+16025550199", since, 5).sids_of("words") == []


def test_a_list_too_long_to_be_read_whole_does_not_say_that_a_text_never_arrived(monkeypatch):
    monkeypatch.setattr(rest_client, "TEXTS_A_PAGE", 3)
    since = datetime.now(UTC) - timedelta(days=2)
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        settings = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "public_base_url": clinic.url}
        messenger = TwilioMessenger(an_environment(twilio_api_base_url=phone.url, **settings), a_clinic())
        messenger.send(DANA, "words", "n7.1", 600, 5)
        later = [messenger.send(DANA, f"words {number}", f"n{number}.1", 600, 5) for number in range(3)]
        assert messenger.listed_to(DANA, since, 5).sids_of("words") is None
        assert messenger.listed_to(DANA, since, 5).sids_of("words 0") == later[:1]


@pytest.mark.parametrize("answer", [(500, "down"), (200, "no JSON")])
def test_a_list_that_the_provider_does_not_give_says_nothing(answer):
    with provider(answer) as server:
        messenger = TwilioMessenger(an_environment(twilio_api_base_url=server.url), a_clinic())
        with pytest.raises(DeliveryUnknown):
            messenger.listed_to(DANA, datetime.now(UTC), 5)


def caller_at(url: str, **settings: str) -> TwilioPhoneRinger:
    return TwilioPhoneRinger(an_environment(twilio_api_base_url=url, **settings), a_clinic())


def rings(url: str, timeout_s: float = 5) -> str:
    return caller_at(url).call(DANA, "l7", "/webhooks/calls/7/answered", 20, timeout_s)


def test_a_call_goes_out_from_the_clinics_number_with_its_words_and_reports():
    with provider((201, {"sid": "CA" + "1" * 32, "status": "queued"})) as twilio:
        assert rings(twilio.url) == "CA" + "1" * 32
    ((path, _, form),) = twilio.asked
    again = "#rc=3&rp=all&ct=2000&rt=7000&tt=15000"
    assert path.endswith("/Calls.json")
    assert (form["To"], form["From"], form["Timeout"]) == (DANA, "+16025550100", "20")
    assert form["Url"] == f"https://line.example.org/webhooks/calls/7/answered{again}"
    assert form["StatusCallback"] == f"https://line.example.org/webhooks/calls/status?ref=l7{again}"


@pytest.mark.parametrize(("answer", "permanent"), [((400, 21211), True), ((429, 20429), False)])
def test_a_call_that_is_refused_was_certainly_not_made(answer, permanent):
    status, code = answer
    with provider((status, {"code": code, "status": status})) as twilio, pytest.raises(DeliveryFailed) as refused:
        rings(twilio.url)
    assert (refused.value.code, refused.value.refusal.is_permanent) == (code, permanent)


@pytest.mark.parametrize("answer", [None, (500, {"code": 20500, "status": 500}), (201, {"status": "queued"})])
def test_of_a_call_with_any_other_end_nobody_can_say_whether_it_was_made(answer):
    with provider(answer) as twilio, pytest.raises(DeliveryUnknown):
        rings(twilio.url)
    assert len(twilio.asked) == 1


def test_over_the_local_phone_a_call_is_found_again_by_its_id_and_by_its_phone():
    before = datetime.now(UTC) - timedelta(minutes=1)
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        settings = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "public_base_url": clinic.url}
        caller = caller_at(phone.url, **settings)
        sid = caller.call(DANA, "l7", "/webhooks/calls/7/answered", 20, 5)
        phone.settle()
        assert caller.look_up("CA" + "9" * 32) is None
        found = caller.look_up(sid)
        assert found is not None
        assert (found.sid, found.status) == (sid, "ringing")
        assert [one.sid for one in caller.calls_to(DANA, before)] == [sid]
        assert caller.calls_to(DANA, datetime.now(UTC) + timedelta(minutes=1)) == []
        assert caller.calls_to("+16025550199", before) == []


def test_a_look_up_without_an_answer_is_no_news():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        caller = caller_at(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(DeliveryUnknown):
            caller.look_up("CA" + "1" * 32)
        with pytest.raises(DeliveryUnknown):
            caller.calls_to(DANA, datetime.now(UTC))
