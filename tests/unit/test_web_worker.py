"""The loop that reads requests: who sends one bit by bit is let go, and a crowd of them pushes nobody else out."""

import socket
from types import SimpleNamespace

import pytest
from flask import url_for
from waitress import wasyncore
from waitress.adjustments import Adjustments

import web_worker
from tests.console_desk import Desk


class NoPool:
    """Answers nothing: only what is read counts here."""

    def __init__(self):
        self.given = []

    def add_task(self, channel):
        self.given.append(channel)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(web_worker, "MOST_CONNECTIONS", 4)
    listener = socket.create_server(("127.0.0.1", 0))
    about = (listener.family, listener.type, listener.proto, listener.getsockname())
    server = web_worker._Server(
        None, {}, True, listener,
        dispatcher=NoPool(), adj=Adjustments(channel_timeout=30), bind_socket=False, sockinfo=about,
    )  # fmt: skip
    yield server
    wasyncore.close_all(server._map)


def turn(server, times=3):
    for _ in range(times):
        wasyncore.loop(timeout=0.05, use_poll=True, map=server._map, count=1)


def connected(server, said=b""):
    one = socket.create_connection(("127.0.0.1", server.effective_port), timeout=5)
    one.sendall(said)
    turn(server)
    return one


def is_closed(one):
    one.settimeout(0.2)
    try:
        return one.recv(1) == b""
    except TimeoutError:
        return False


def test_a_request_that_comes_bit_by_bit_is_let_go_when_its_time_is_over(server):
    slow, prompt = connected(server, b"GET / HTTP/1.1\r\nAcc"), connected(server)
    (begun,) = [channel for channel in server.active_channels.values() if channel.request]
    begun.request.begun_at -= web_worker.SLOWEST_S + 1
    slow.sendall(b"ept: ")
    turn(server)
    server.maintenance(begun.last_activity)
    turn(server)
    assert (is_closed(slow), is_closed(prompt)) == (True, False)


def test_of_too_many_connections_the_one_that_has_kept_us_waiting_longest_goes(server):
    crowd = [connected(server, b"GET / HTTP/1.1\r\nAcc") for _ in range(4)]
    whole = connected(server, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(server.task_dispatcher.given) == 1
    assert [is_closed(one) for one in (*crowd, whole)] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: odd\r\n\r\n", 501),
    ],
)
def test_what_the_server_itself_refuses_is_guarded_like_every_answer(server, monkeypatch, said, status):
    monkeypatch.setattr(server.adj, "max_request_body_size", web_worker.MOST_BYTES)
    monkeypatch.setattr(server.adj, "max_request_header_size", web_worker.MOST_HEADER_BYTES)
    server.on_every_answer = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    one = connected(server, said)
    turn(server)
    server.task_dispatcher.given[0].service()
    turn(server)
    answer = one.recv(4096).decode()
    assert answer.startswith((f"HTTP/1.1 {status} ", f"HTTP/1.0 {status} "))
    assert "X-Content-Type-Options: nosniff" in answer
    assert "Content-Security-Policy: default-src 'none'" in answer


@pytest.mark.parametrize(
    ("command", "path", "pool"),
    [
        ("POST", "/webhooks/sms", "_line"), ("GET", "/health/live", "_line"), ("GET", "/staff/sign-in", "_staff"),
        ("GET", "//staff/", "_staff"), ("GET", "/", "_staff"), ("POST", "//staff/sign-in", "_door"),
    ],
)  # fmt: skip
def test_staff_patients_and_passwords_have_threads_of_their_own(monkeypatch, command, path, pool):
    pools = web_worker._Pools(1)
    given = []
    monkeypatch.setattr(getattr(pools, pool), "add_task", given.append)
    channel = SimpleNamespace(requests=[SimpleNamespace(path=path, command=command)])
    pools.add_task(channel)
    assert given == [channel]
    pools.shutdown()


def test_passwords_are_posted_where_the_one_thread_takes_them(sqlite_database):
    with Desk(sqlite_database).app.test_request_context():
        assert url_for("staff.take_sign_in").strip("/") == web_worker.PASSWORDS
