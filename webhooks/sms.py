"""Inbound texts: read the form, ask triage, render."""

import structlog
from flask import Blueprint, Response, request

from triage.model.message import Channel, Inbound
from triage.store.engine import NOT_KEPT
from triage.store.keys import Keys
from webhooks import last_words, twiml
from webhooks.signature import signed_by_twilio
from webhooks.twilio_posts import field, phone_field, runtime

log = structlog.get_logger()

bp = Blueprint("sms", __name__, url_prefix="/webhooks")

MOST_MEDIA = 10
LONGEST_KEY = 80


@bp.post("/sms")
@signed_by_twilio
def received() -> Response:
    """Take one text. 503 when nothing could be kept: then it comes again, or the fallback is asked."""
    return _answer_text() or Response(status=503)


@bp.post("/sms/fallback")
@signed_by_twilio
def fallback() -> Response:
    """Try once more to keep the text after `received` failed, and answer with words that carry 988 whatever happens."""
    return _answer_text() or _unreached()


def _unreached() -> Response:
    return _texts((runtime().words.say("unreached", "en"),), ("fallback",))


last_words.answer_faults(bp, _unreached, last_words.TEXT)


def _answer_text() -> Response | None:
    """Take the text that was posted and render its answer; None if the database did not keep it."""
    try:
        answer = runtime().intake.take(_inbound())
    except NOT_KEPT as fault:
        log.error("text_not_kept", fault=type(fault).__name__)
        return None
    return _texts(answer.texts, answer.refs)


def _texts(texts: tuple[str, ...], refs: tuple[str, ...]) -> Response:
    status_url = f"{runtime().environment.public_base_url}/webhooks/messages/status"
    return Response(twiml.texts(texts, refs, status_url), content_type=twiml.CONTENT_TYPE)


def _inbound() -> Inbound:
    return Inbound(
        key=_key(),
        channel=Channel.SMS,
        sender=phone_field("From"),
        to=phone_field("To"),
        body=request.form.get("Body", ""),
        at=runtime().now(),
        media=_media(),
    )


def _key() -> str:
    """Return the dedupe key of a text: its MessageSid; without one, a keyed hash of its sender and words, which stays
    when they are gone.
    """
    if sid := field("MessageSid", LONGEST_KEY):
        return f"in:{sid}"
    words = f"{request.form.get('From', '')} {request.form.get('Body', '')}"
    return f"in:{Keys.seal(words)}"


def _media() -> tuple[str, ...]:
    """Return the content types of the media of a text. Their URLs are not kept: whoever has one can read it."""
    count = request.form.get("NumMedia", "0")
    most = min(int(count), MOST_MEDIA) if count.isdecimal() and len(count) < 5 else 0
    kinds = (request.form.get(f"MediaContentType{number}", "") for number in range(most))
    return tuple(kind[:60] for kind in kinds if kind)
