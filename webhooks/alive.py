"""Tells a watcher outside that reminders go out, so that it raises an alarm when it is told no more."""

import requests
import structlog

from triage.jobs import health
from triage.runtime import Runtime

log = structlog.get_logger()

TIMEOUT_S = 10


def tell(runtime: Runtime) -> None:
    """Ask the address of the setting ALIVE_URL; only while all is well: a program that does nothing counts as dead."""
    url = runtime.environment.alive_url
    if not url:
        return
    found = health.look(runtime)
    if not found.is_ready:
        log.error("not_ready", problems=found.problems)
        return
    try:
        requests.get(url, timeout=TIMEOUT_S).raise_for_status()
    except requests.RequestException as fault:
        log.warning("alive_url_not_reached", fault=type(fault).__name__)
