"""Tells a watcher outside that reminders go out, so that it raises an alarm when it is told no more."""

import requests
import structlog

from triage.jobs import health
from triage.jobs.health import Concern
from triage.runtime import Runtime

log = structlog.get_logger()

TIMEOUT_S = 10


def tell(runtime: Runtime) -> None:
    """Log what is not well, and ask the address of the setting ALIVE_URL; only while reminders go out."""
    found = health.look(runtime)
    if not found.is_ready or found.warnings:
        log.warning("not_well", problems=found.problems, warnings=found.warnings)
    url = runtime.environment.alive_url
    if not url or not found.is_ready or Concern.OUTBOX_HELD in found.warnings:
        return
    try:
        requests.get(url, timeout=TIMEOUT_S).raise_for_status()
    except requests.RequestException as fault:
        log.warning("alive_url_not_reached", fault=type(fault).__name__)
