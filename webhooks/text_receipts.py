"""Delivery reports of our texts."""

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import DatabaseBusy
from triage.notices import delivery
from triage.runtime import Runtime
from triage.store.keys import storable
from webhooks.signature import signed_by_twilio
from webhooks.twilio_words import refusal_of

log = structlog.get_logger()

bp = Blueprint("receipts", __name__, url_prefix="/webhooks")

LONGEST_REF = 120

LONGEST_SID = 40

LONGEST_STATUS = 40


@bp.post("/messages/status")
@signed_by_twilio
def reported() -> Response:
    """Take one report. 204 also for texts and words that we do not know, or it would be sent for ever; 503 if not
    kept.
    """
    sid = storable(request.form.get("MessageSid", ""))[:LONGEST_SID]
    status = storable(request.form.get("MessageStatus", ""))[:LONGEST_STATUS]
    ref = storable(request.args.get("ref", ""))[:LONGEST_REF] or None
    code = request.form.get("ErrorCode", "")
    error_code = int(code) if code.isdecimal() and code.isascii() and len(code) <= 6 else None
    if not sid or not status:
        return Response(status=204)
    runtime: Runtime = current_app.extensions["runtime"]
    try:
        with runtime.db.write() as db:
            delivery.report(db, runtime.clinic, sid, status, ref, refusal_of(error_code), error_code, runtime.now())
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("report_not_kept", fault=type(fault).__name__)
        return Response(status=503)
    return Response(status=204)
