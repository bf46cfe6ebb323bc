"""A stranger who opens connections and says little, or nothing, or nonsense, keeps nobody from being answered.

`facts/bad-inputs.md` ALL.transfer. Everything here has a bounded time.
"""

import signal
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from commands import slow_connections
from tests.processes.running import Posted, running

pytestmark = pytest.mark.processes

HEAD = "POST /webhooks/sms HTTP/1.1\r\nHost: 127.0.0.1\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
BEGINNINGS = {
    "headers": f"{HEAD}Accept: ",
    "body": f"{HEAD}{FORM}Content-Length: 1000\r\n\r\nBody=",
    "silent": "",
}
EACH = 100
CRISIS = "i want to kill myself tonight"


@pytest.fixture
def here(sqlite_database, tmp_path):
    with running(sqlite_database, tmp_path) as here:
        yield here


@contextmanager
def slow_ones(port):
    """Hold EACH connections of every sort; those that speak send a letter a second."""
    over, speaking = threading.Event(), []

    def drip():
        while not over.wait(1):
            for connection in speaking:
                with suppress(OSError):
                    connection.send(b"a")

    with ExitStack() as opened:
        for sort, beginning in BEGINNINGS.items():
            for _ in range(EACH):
                connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                connection.sendall(beginning.encode())
                if sort != "silent":
                    speaking.append(connection)
        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield
        finally:
            over.set()
            dripping.join()


def seconds(act):
    began = time.monotonic()
    answer = act()
    return answer, time.monotonic() - began


def status_of(port, request):
    """Send bytes as they are, and return the status of the answer; 0 where there was none."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        line = connection.makefile("rb").readline().split()
    return int(line[1]) if line else 0


def test_slow_connections_of_every_sort_keep_nobody_waiting_nor_hold_up_the_end(here):
    web = here.start_web()
    texts = [Posted(f"SM{number:032x}", f"+1480555010{number}", CRISIS) for number in range(4)]
    here.post(texts.pop())
    assert slow_connections.trouble_of(here.environment["PUBLIC_BASE_URL"]) == ""
    refused = {"bad chunks": 400, "too long": 413, "no length": 400, "long header": 431, "mounted": 200}
    assert what_is_refused(here.port) == refused
    assert "Traceback" not in here.said()
    with slow_ones(here.port):
        time.sleep(1.5)
        for text in texts:
            (status, _), took_s = seconds(lambda: here._ask("GET", "/health/live"))
            assert (status, took_s < 1.0) == (200, True), took_s
            (status, words), took_s = seconds(lambda text=text: here.post(text))
            assert (status, took_s < 2.0) == (200, True), took_s
            assert b"988" in words
        web.send_signal(signal.SIGTERM)
        assert web.wait(10) == 0


def what_is_refused(port):
    """Send what is no proper request: bad chunks, too much of anything, a header that says where we are mounted."""
    head = (HEAD + FORM).encode()
    mounted = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nSCRIPT_NAME: /elsewhere\r\nScript-Name: /there\r\n\r\n"
    sent = {
        "bad chunks": head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nBody\r\n0\r\n\r\n",
        "too long": head + b"Content-Length: 10000000\r\n\r\n",
        "no length": head + b"Content-Length: many\r\n\r\n",
        "long header": head + b"Accept: " + b"a" * 40000 + b"\r\n\r\n",
        "mounted": mounted,
    }
    return {what: status_of(port, request) for what, request in sent.items()}


def test_the_doctor_finds_a_server_that_gives_each_connection_a_thread(here, monkeypatch):
    monkeypatch.setattr(slow_connections, "PATIENCE_S", 2.0)
    base_url = here.environment["PUBLIC_BASE_URL"]
    assert slow_connections.trouble_of(base_url) == "it does not answer"
    here.start_web("--worker-class", "gthread", "--workers", "1")
    assert slow_connections.trouble_of(base_url) == "100 slow connections keep it from answering"
