"""The gunicorn worker that serves the web process: requests are buffered, so that slow connections hold no thread.

gunicorn listens, forks after the models are loaded, looks after its workers and drains them; inside a worker waitress
reads each request in one loop, whole, before a thread has anything to do with it, and writes the answer the same way.
"""

import logging
import os
import resource
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

# A request has this long to arrive, and an idle connection to say something: Twilio itself waits for 15 s.
SLOWEST_S = 30
# Of each worker; where more come, the one that has kept us waiting longest goes.
MOST_CONNECTIONS = 1000
# Above what the application takes, so that it is the one that answers what is too long.
MOST_BYTES = 128 * 1024
MOST_HEADER_BYTES = 32 * 1024
# A request that is on its way when the process is asked to end is still taken.
LINGER_S = 1.0
PASSWORDS = "staff/sign-in"  # the path to which they are posted
LOOK_S = 1.0


class _Request(HTTPRequestParser):  # type: ignore[misc]
    def __init__(self, settings: Adjustments) -> None:
        super().__init__(settings)
        self.begun_at = time.time()


class _Refusal(ErrorTask):  # type: ignore[misc]
    """Answers what is no request, or too long for one, with the same headers as the application's own answers."""

    def execute(self) -> None:
        self.response_headers.extend(self.channel.server.on_every_answer.items())
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Request
    error_task_class = _Refusal

    @property
    def is_idle(self) -> bool:
        """Tell whether no thread works on it and nothing is left to be sent."""
        return not self.requests and not self.total_outbufs_len

    @property
    def silent_since(self) -> float:
        """Return since when nothing whole has come, by the wall clock, as waitress counts."""
        request = self.request
        return float(request.begun_at if request is not None else self.last_activity)


class _Server(TcpWSGIServer):  # type: ignore[misc]
    channel_class = _Channel
    on_every_answer: Mapping[str, str] = {}

    def maintenance(self, now: float) -> None:
        """Close what has been idle, or has sent one request bit by bit, for too long."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if not channel.requests and channel.silent_since < now - SLOWEST_S:
                channel.will_close = True

    def handle_accept(self) -> None:
        """Take a connection, and let go of the one that has kept us waiting longest where there are too many."""
        if len(self.active_channels) >= MOST_CONNECTIONS:
            waiting = [one for one in self.active_channels.values() if one.is_idle and not one.will_close]
            if waiting:
                min(waiting, key=lambda channel: channel.silent_since).will_close = True
        super().handle_accept()


class _Pools:
    """Threads for what patients wait for, others for staff and everybody else, and one for passwords, which strangers
    may try as fast as they can: none starves another.
    """

    def __init__(self, threads: int) -> None:
        self._line, self._staff, self._door = (ThreadedTaskDispatcher() for _ in range(3))
        self._line.set_thread_count(threads)
        self._staff.set_thread_count(max(1, threads // 2))
        self._door.set_thread_count(1)

    def add_task(self, channel: _Channel) -> None:
        self._for(channel.requests[0]).add_task(channel)

    def _for(self, request: _Request) -> ThreadedTaskDispatcher:
        path = getattr(request, "path", "").strip("/")  # there is none where the request makes no sense
        if path == PASSWORDS and request.command == "POST":
            return self._door
        return self._staff if path == "" or path.startswith("staff") else self._line

    def shutdown(self) -> None:
        for pool in (self._line, self._staff, self._door):
            pool.shutdown(timeout=LINGER_S)


class BufferingWorker(Worker):  # type: ignore[misc]
    """Serves with waitress on the sockets that gunicorn has opened."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connections: dict[int, Any] = {}
        self._servers: list[_Server] = []

    def run(self) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits for a thread
        _let_files_be_open(2 * MOST_CONNECTIONS)
        pools = _Pools(self.cfg.threads)
        self._servers = [self._serve(listener.sock, pools) for listener in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._drain()
        pools.shutdown()

    def _serve(self, listener: Any, pools: _Pools) -> _Server:
        settings = Adjustments(
            channel_timeout=SLOWEST_S,
            cleanup_interval=LOOK_S,
            connection_limit=2 * MOST_CONNECTIONS,
            max_request_body_size=MOST_BYTES,
            max_request_header_size=MOST_HEADER_BYTES,
            clear_untrusted_proxy_headers=False,  # nothing believes them, and the probes look whether there are any
            ident=None,
        )
        about = (listener.family, listener.type, listener.proto, listener.getsockname())
        server = _Server(
            self.wsgi, self._connections, True, listener,
            dispatcher=pools, adj=settings, bind_socket=False, sockinfo=about,
        )  # fmt: skip
        server.on_every_answer = self.wsgi.extensions["on_every_answer"]
        return server

    def _turn(self) -> None:
        """Read, write and hand over whatever is ready, once; at most LOOK_S without anything."""
        self.notify()
        wasyncore.loop(timeout=LOOK_S, use_poll=True, map=self._connections, count=1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end: wake the loop, so that it sees it."""
        super().handle_exit(sig, frame)
        for server in self._servers:
            server.pull_trigger()

    def _drain(self) -> None:
        """Let nobody in any more, and answer whoever is in."""
        for server in self._servers:
            wasyncore.dispatcher.close(server)  # its own `close` would take the way back from the threads with it
        began = time.monotonic()
        while time.monotonic() - began < self.cfg.graceful_timeout and self._is_wanted(time.monotonic() - began):
            self._turn()

    def _is_wanted(self, since_s: float) -> bool:
        channels = [channel for server in self._servers for channel in server.active_channels.values()]
        return any(not channel.is_idle for channel in channels) or (bool(channels) and since_s < LINGER_S)


def _let_files_be_open(many: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = many if hard == resource.RLIM_INFINITY else min(many, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
