"""Slow connections: whether somebody who opens many and says little keeps everybody else from being answered."""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import requests

# As many as stop a server that gives each connection a thread, unless it has more of them than anybody runs.
MANY = 100
AT_ONCE = 20
PATIENCE_S = 5.0
# By then a server without a buffer has given its threads to them.
SETTLED_S = 1.0


def trouble_of(base_url: str) -> str:
    """Ask whether the site is alive while half a request stands on each of many connections.

    Returns what is wrong: empty where nothing is.
    """
    if not _answers(base_url):
        return "it does not answer"
    with ExitStack() as opened, ThreadPoolExecutor(AT_ONCE) as pool:
        for connection in pool.map(lambda _: _half_a_request(base_url), range(MANY)):
            if connection is not None:
                opened.enter_context(connection)
        time.sleep(SETTLED_S)
        return "" if _answers(base_url) else f"{MANY} slow connections keep it from answering"


def _answers(base_url: str) -> bool:
    try:
        return requests.get(f"{base_url}/health/live", timeout=PATIENCE_S).status_code == 200
    except requests.RequestException:
        return False


def _half_a_request(base_url: str) -> socket.socket | None:
    """Open a connection and begin a request on it; None where it was not let in."""
    parts = urlsplit(base_url)
    is_https = parts.scheme == "https"
    with suppress(OSError):
        connection = socket.create_connection(
            (str(parts.hostname), parts.port or (443 if is_https else 80)), timeout=PATIENCE_S
        )
        if is_https:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)
        connection.sendall(f"POST /webhooks/sms HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: ".encode())
        return connection
    return None
