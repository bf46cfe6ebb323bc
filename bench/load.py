"""A load generator: a few keep-alive connections, each sending its share one request after the other."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection

from bench.traffic import PATH, Post


@dataclass
class Sample:
    """What some requests took: CPU of the worker, wall time, and each one's latency, all in seconds."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(
            self.cpu_s + other.cpu_s,
            self.wall_s + other.wall_s,
            self.latencies + other.latencies,
            self.refused + other.refused,
        )


def send(port: int, shares: Sequence[Sequence[Post]]) -> Sample:
    """Send every share over a connection of its own, all at once; `cpu_s` is left to the caller."""
    results = [Sample() for _ in shares]
    senders = [
        threading.Thread(target=_send_share, args=(port, share, result))
        for share, result in zip(shares, results, strict=True)
    ]
    began = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    total = sum(results, Sample())
    total.wall_s = time.perf_counter() - began
    return total


def _send_share(port: int, share: Sequence[Post], result: Sample) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for post in share:
        began = time.perf_counter()
        connection.request("POST", PATH, post.body, post.headers)
        answer = connection.getresponse()
        answer.read()
        result.latencies.append(time.perf_counter() - began)
        result.refused += answer.status != 200
    connection.close()
