"""What supervisors, load balancers and monitoring ask: is it alive, is it ready, and counts for Prometheus."""

import hmac
import json
from datetime import timedelta
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from triage.jobs import health
from triage.jobs.health import Health
from triage.store import queue_counts
from webhooks.twilio_posts import runtime

bp = Blueprint("probes", __name__)


@bp.get("/health/live")
def live() -> Response:
    """Answer that this process takes requests, whatever stands behind it."""
    return Response("alive", content_type="text/plain")


@bp.get("/health/ready")
def ready() -> Response:
    """Answer 200 where texts are taken and reminders go out, else 503; the body tells why, in counts and codes only."""
    found = health.look(runtime())
    return Response(json.dumps(_told(found)), 200 if found.is_ready else 503, content_type="application/json")


def _told(found: Health) -> dict[str, object]:
    now = runtime().now()
    return {
        "ready": found.is_ready,
        "problems": found.problems,
        "warnings": found.warnings,
        "oldest_due_s": found.oldest_due_s,
        "refused_codes": found.refused_codes,
        "clocks": [
            {"seen_s": int((now - clock.seen_at).total_seconds()), "away_s": clock.away_s} for clock in found.clocks
        ],
    }


@bp.get("/metrics")
def metrics() -> Response:
    """Give counts and times for Prometheus, to this machine or to who has the token; no names, numbers or words."""
    if not _may_read_metrics():
        abort(404)
    registry = CollectorRegistry()
    found = health.look(runtime())
    _gauge(registry, "ready", "1 where texts are taken and reminders go out", found.is_ready)
    _gauge(registry, "clocks", "Clock processes that are alive", len(found.clocks))
    _gauge(registry, "oldest_due_seconds", "By how much the oldest unsent notice is late", found.oldest_due_s)
    try:
        with runtime().db.read() as db:
            standing = queue_counts.now(db, runtime().now(), runtime().clinic.console.due_within)
            by_state = queue_counts.notices_by_state(db, runtime().now() - timedelta(days=1))
    except (SQLAlchemyError, OSError):
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    _gauge(registry, "requests_open", "Open call-back requests", standing.waiting)
    _gauge(registry, "requests_grave", "Open crises and emergencies", standing.grave)
    _gauge(registry, "requests_unseen", "Open crises and emergencies that nobody has acknowledged", standing.unseen)
    _gauge(registry, "requests_due", "Open requests that are due or overdue", standing.due)
    states = Gauge("clinic_line_notices", "Notices of the last day by state", ["state"], registry=registry)
    for state, count in by_state.items():
        states.labels(state).set(count)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _gauge(registry: CollectorRegistry, name: str, about: str, value: float) -> None:
    Gauge(f"clinic_line_{name}", about, registry=registry).set(value)


def _may_read_metrics() -> bool:
    token = runtime().environment.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine would make everybody look local, so what it has passed on does not count as such.
    is_passed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not is_passed_on and bool(request.remote_addr) and ip_address(str(request.remote_addr)).is_loopback
