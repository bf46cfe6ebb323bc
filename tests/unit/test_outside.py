"""The channel outside the provider of texts: when staff are told there, what, how often, and what its failure does."""

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.builders import PHONES, Line, an_environment, local
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.jobs import tell_outside
from triage.model.request import Priority
from triage.team import request_acts
from webhooks.apprise_channel import AppriseChannel

MORNING = "2026-11-24 10:00"
DOWN = DeliveryFailed(Refusal.LATER)


def run_down(clinic: Line, minutes: float, answer: Exception | None = DOWN) -> list[float]:
    """Let the clock run while the provider takes nothing; the minutes in which staff were told outside."""
    start, told = clinic.now, []
    for second in range(0, int(minutes * 60) + 1, 15):
        clinic.clock.at = start + timedelta(seconds=second)
        clinic.messenger.answers = [answer] * 50 if answer else []
        clinic.runs_jobs()
        told += [second / 60] * tell_outside.tell(clinic.line, clinic.outside)
    return told


@pytest.mark.parametrize("answer", [DOWN, DeliveryUnknown("time-out"), DeliveryFailed(Refusal.SETUP, 20003)])
@pytest.mark.parametrize("priority", [Priority.CRISIS, Priority.EMERGENCY, Priority.URGENT])
def test_when_the_provider_takes_nothing_for_two_minutes_staff_are_told_outside(sqlite_database, priority, answer):
    clinic = Line(sqlite_database, MORNING)
    clinic.messenger.listing = DeliveryUnknown("down")
    ref = clinic.has_request(priority=priority, due="2026-11-24 12:00", topic="ketamine")
    assert [at for at in run_down(clinic, 2.5, answer) if at > 1] == [2.0]
    title, body = next(told for told in clinic.outside.told if "waiting" in told[0])
    assert f"request {ref} {priority.upper()}" in body
    assert "https://line.example.org/staff/" in body
    assert not [word for word in ("Dana", "Zimt", "5550", "ketamine") if word in title + body]


def test_it_is_told_again_each_round_until_the_texts_go_again(database):
    clinic = Line(database, MORNING)
    clinic.has_request(priority=Priority.CRISIS)
    assert run_down(clinic, 9) == [2.0, 5.0, 8.0]
    assert run_down(clinic, 20, answer=None) == []


def test_several_that_wait_are_told_together_the_gravest_first(database):
    clinic = Line(database, MORNING)
    urgent = clinic.has_request("+16025550131", priority=Priority.URGENT, due="2026-11-24 12:00")
    crisis = clinic.has_request("+16025550132", priority=Priority.CRISIS)
    run_down(clinic, 2.5)
    ((title, body),) = clinic.outside.told
    assert title == "Example Care: 2 waiting for a call, and texts do not go out"
    assert body.index(f"request {crisis} CRISIS") < body.index(f"request {urgent} URGENT")


def test_what_was_taken_or_acknowledged_is_not_told(database):
    clinic = Line(database, MORNING)
    clinic.has_request("+16025550131", priority=Priority.CRISIS)
    clinic.runs_jobs()
    assert run_down(clinic, 2.5) == []
    assert run_down(clinic, 3) == [2.5], "two minutes after the second round"
    clinic.does(request_acts.acknowledge, 1, clinic.staff["front"])
    clinic.outside.told.clear()
    assert run_down(clinic, 9) == []


def test_an_alert_for_which_there_is_nobody_is_told(database):
    clinic = Line(database, MORNING, unconfirmed=tuple(PHONES))
    clinic.has_request(priority=Priority.CRISIS)
    assert run_down(clinic, 2.5) == [2.0]


def test_of_two_clocks_one_tells(database):
    clinic = Line(database, MORNING, unconfirmed=tuple(PHONES))
    clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    clinic.clock.move(minutes=2)
    assert [tell_outside.tell(clinic.line, clinic.outside) for _ in range(2)] == [1, 0]


def test_a_message_that_nobody_took_is_tried_again_soon(database):
    clinic = Line(database, MORNING)
    clinic.has_request(priority=Priority.CRISIS)
    clinic.outside.works = False
    run_down(clinic, 3.2)
    assert len(clinic.outside.told) == 3


def test_what_the_account_is_refused_for_is_told_once_an_hour_with_its_code(database):
    clinic = Line(database, MORNING)
    clinic.has_request(due="2026-11-24 16:30")
    run_down(clinic, 90, DeliveryFailed(Refusal.SETUP, 30034))
    assert [title for title, _ in clinic.outside.told] == [
        "Example Care: texts are refused by the provider, code 30034"
    ] * 2


def test_a_wall_clock_that_is_set_back_does_not_silence_it(database):
    clinic = Line(database, MORNING, unconfirmed=tuple(PHONES))
    clinic.has_request(priority=Priority.CRISIS)
    assert run_down(clinic, 2.5) == [2.0]
    clinic.clock.at = local("2026-11-23 10:00")
    clinic.runs_jobs()
    assert run_down(clinic, 6) != []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Tests are quiet."""


@pytest.fixture
def hook():
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.got, server.status = [], 200
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def test_a_webhook_gets_title_and_words(hook):
    url = f"json://user:secret@127.0.0.1:{hook.server_port}/alerts"
    channel = AppriseChannel(an_environment(alert_urls=f" {url} ,"))
    assert channel.is_set_up
    assert channel.tell("a title", "some words")
    assert [(got["title"], got["message"]) for got in hook.got] == [("a title", "some words")]


def test_one_address_that_fails_keeps_no_other_from_it_and_no_secret_is_shown(hook, caplog, capfd):
    hook.status = 500
    bad = f"json://user:secret@127.0.0.1:{hook.server_port}/alerts"
    channel = AppriseChannel(an_environment(alert_urls=f"nonsense-secret,{bad},json://user:secret@127.0.0.1:1/x"))
    assert channel.tell_each("a title", "some words") == {1: False, 2: False, 3: False}
    assert not channel.tell("a title", "some words")
    assert "secret" not in caplog.text + "".join(capfd.readouterr())


def test_without_addresses_nothing_is_told(sqlite_database):
    clinic = Line(sqlite_database, MORNING, unconfirmed=tuple(PHONES))
    clinic.outside.is_set_up = False
    clinic.has_request(priority=Priority.CRISIS)
    assert run_down(clinic, 3) == []
    assert not AppriseChannel(an_environment()).is_set_up
