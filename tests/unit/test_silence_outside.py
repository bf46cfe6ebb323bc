"""What the program asks outside and hears nothing from holds it up for a bounded time only: ASVS 16.5.2."""

import socket
import time
from contextlib import suppress
from threading import Event, Thread
from types import SimpleNamespace

import apprise
import pytest

from commands import hosted_answers
from tests.builders import a_clinic, an_environment
from triage.errors import DeliveryUnknown, HeadNotRead
from webhooks import alive, apprise_channel, audit_head, rest_client
from webhooks.apprise_channel import AppriseChannel
from webhooks.rest_client import TwilioMessenger, TwilioPhoneRinger
from webhooks.rest_lines import TwilioLineTypes
from webhooks.rest_recordings import TwilioRecorder

HELD_S, SOON_S = 4.0, 0.2
DANA = "+16025550132"


@pytest.fixture
def silent():
    """The address of somebody who takes a connection and says nothing until the test is over, or HELD_S."""
    over, taken = Event(), []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def take():
            while not over.is_set():
                with suppress(TimeoutError):
                    taken.append((server.accept()[0], time.monotonic()))
                for connection, at in taken:
                    if time.monotonic() - at > HELD_S:
                        connection.close()

        taking = Thread(target=take)
        taking.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        taking.join()
        for connection, _ in taken:
            connection.close()


def twilio(url):
    return an_environment(twilio_api_base_url=url)


def is_alive(url, monkeypatch):
    monkeypatch.setattr(alive, "TIMEOUT_S", SOON_S)
    monkeypatch.setattr(alive.health, "look", lambda _: SimpleNamespace(is_ready=True, warnings=(), problems=()))
    alive.tell(SimpleNamespace(environment=an_environment(alive_url=url)))


def has_a_head(url, monkeypatch):
    monkeypatch.setattr(audit_head, "TIMEOUT_S", SOON_S)
    with pytest.raises(HeadNotRead):
        audit_head.kept(url)


def notes_a_head(url, monkeypatch):
    monkeypatch.setattr(audit_head, "TIMEOUT_S", SOON_S)
    audit_head._write(url, audit_head.BEGINNING)


def alerts(url, monkeypatch):
    assert apprise.Apprise, "loaded before the time is taken"
    monkeypatch.setattr(apprise_channel, "TIMEOUT_S", SOON_S)
    channel = AppriseChannel(an_environment(alert_urls=url.replace("http://", "json://")))
    assert not channel.tell("a title", "some words")


def is_answered(url, monkeypatch):
    monkeypatch.setattr(hosted_answers, "TIMEOUT_S", SOON_S)
    assert hosted_answers.trouble_of("sms", url).startswith("it does not answer")


def unknown(ask):
    def asked(url, _monkeypatch):
        with pytest.raises(DeliveryUnknown):
            ask(twilio(url))

    return asked


WAYS_OUT = {
    "a text": unknown(lambda line: TwilioMessenger(line, a_clinic()).send(DANA, "words", "n1.1", 600, SOON_S)),
    "a call": unknown(lambda line: TwilioPhoneRinger(line, a_clinic()).call(DANA, "l1", "/x", 20, SOON_S)),
    "a recording": unknown(lambda line: TwilioRecorder(line).fetch("RE1", SOON_S)),
    "its deletion": unknown(lambda line: TwilioRecorder(line).forget("RE1", SOON_S)),
    "the kind of a line": unknown(lambda line: TwilioLineTypes(line).line_type(DANA, SOON_S)),
    "the watcher": is_alive,
    "the head of the trail": has_a_head,
    "a new head": notes_a_head,
    "another channel": alerts,
    "a hosted answer": is_answered,
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_whoever_outside_says_nothing_is_waited_for_so_long_only(silent, monkeypatch, way):
    began = time.monotonic()
    WAYS_OUT[way](silent, monkeypatch)
    assert time.monotonic() - began < HELD_S * 0.75


def test_by_itself_the_provider_is_waited_for_ten_seconds():
    """For what sets no time of its own, such as `flask doctor`."""
    assert rest_client.rest_client(an_environment()).http_client.timeout == 10
