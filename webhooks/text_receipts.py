"""Delivery receipts of our texts, as Twilio posts them."""

from flask import Blueprint, Response, request

from triage.notices import delivery
from triage.store.keys import storable
from webhooks.signature import signed_by_twilio
from webhooks.twilio_posts import answer_report, field, runtime, whole_number
from webhooks.twilio_words import refusal_of

bp = Blueprint("receipts", __name__, url_prefix="/webhooks")

LONGEST_REF = 120
LONGEST_STATUS = 40


@bp.post("/messages/status")
@signed_by_twilio
def reported() -> Response:
    """Take one receipt. 204 also for texts and statuses that we do not know; 503 if it was not kept."""
    sid, status = field("MessageSid"), field("MessageStatus", LONGEST_STATUS)
    ref = storable(request.args.get("ref", ""))[:LONGEST_REF] or None
    error_code = whole_number("ErrorCode")
    if not sid or not status:
        return Response(status=204)

    def keep() -> None:
        parts = runtime()
        with parts.db.write() as db:
            delivery.report(db, parts.clinic, sid, status, ref, refusal_of(error_code), error_code, parts.now())

    return answer_report(keep, "report_not_kept")
