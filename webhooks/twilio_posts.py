"""What the routes share: the parts of this process, fields of Twilio's form, and the answer to a report."""

from collections.abc import Callable

import structlog
from flask import Response, current_app, request

from triage.runtime import Runtime
from triage.store.engine import NOT_KEPT
from triage.store.keys import storable

log = structlog.get_logger()

LONGEST_SID = 40
LONGEST_PHONE = 80
MOST_DIGITS = 6


def runtime() -> Runtime:
    found: Runtime = current_app.extensions["runtime"]
    return found


def field(name: str, longest: int = LONGEST_SID) -> str:
    """Return a field of the form as the database can store it, cut to `longest` characters; "" if it is missing."""
    return storable(request.form.get(name, ""))[:longest]


def phone_field(name: str) -> str:
    """Return whom a field of the form names: an E.164 phone, a short code, or what stands for a withheld number."""
    return request.form.get(name, "").strip()[:LONGEST_PHONE]


def whole_number(name: str) -> int | None:
    """Return a field of the form as a number; None if it is missing or not 1 to 6 ASCII digits."""
    written = request.form.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS else None


def answer_report(keep: Callable[[], None], event: str) -> Response:
    """Keep a report and answer 204; 503, by which Twilio sends it again, if the database did not keep it.

    event: what is then logged. A report of something unknown, or one on which a rule fails, is answered 204 as well:
    503 would have it sent for ever.
    """
    try:
        keep()
    except Exception as fault:
        if isinstance(fault, NOT_KEPT):
            log.error(event, fault=type(fault).__name__)
            return Response(status=503)
        log.exception("report_failed", fault=type(fault).__name__)
    return Response(status=204)
