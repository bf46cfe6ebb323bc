"""Inbound texts: read the form, ask triage, render."""

import hashlib

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import DatabaseBusy
from triage.model.message import Channel, Inbound
from triage.runtime import Runtime
from triage.store.keys import storable
from webhooks import twiml
from webhooks.signature import signed_by_twilio

log = structlog.get_logger()

bp = Blueprint("sms", __name__, url_prefix="/webhooks")

MOST_MEDIA = 10


def runtime() -> Runtime:
    found: Runtime = current_app.extensions["runtime"]
    return found


@bp.post("/sms")
@signed_by_twilio
def received() -> Response:
    """Take one text. 503 when nothing could be kept: then it comes again, or the fallback is asked."""
    return _taken() or Response(status=503)


@bp.post("/sms/fallback")
@signed_by_twilio
def fallback() -> Response:
    """Try once more to keep the text after `received` failed, and answer with words that carry 988 whatever happens."""
    return _taken() or _texts((runtime().words.say("unreached", "en"),), ("fallback",))


def _taken() -> Response | None:
    try:
        answer = runtime().intake.take(_inbound())
    except (DatabaseBusy, SQLAlchemyError, OSError) as fault:
        log.error("text_not_kept", fault=type(fault).__name__)
        return None
    return _texts(answer.texts, answer.refs)


def _texts(texts: tuple[str, ...], refs: tuple[str, ...]) -> Response:
    status_url = f"{runtime().environment.public_base_url}/webhooks/messages/status"
    return Response(twiml.texts(texts, refs, status_url), content_type=twiml.CONTENT_TYPE)


def _inbound() -> Inbound:
    form = request.form
    return Inbound(
        key=_key(),
        channel=Channel.SMS,
        sender=form.get("From", "").strip()[:80],
        to=form.get("To", "").strip()[:80],
        body=form.get("Body", ""),
        at=runtime().now(),
        media=_media(),
    )


def _key() -> str:
    """Return the text's SID. Without one the same words of the same sender count as the same text."""
    form = request.form
    if sid := storable(form.get("MessageSid", "")):
        return f"in:{sid[:80]}"
    words = f"{form.get('From', '')} {form.get('Body', '')}".encode("utf-8", "replace")
    return f"in:{hashlib.sha256(words).hexdigest()}"


def _media() -> tuple[str, ...]:
    """Return the kinds of the media that came along. Addresses are not kept: they are anybody's to write, and
    public to read.
    """
    count = request.form.get("NumMedia", "0")
    most = min(int(count), MOST_MEDIA) if count.isdecimal() and len(count) < 5 else 0
    kinds = (request.form.get(f"MediaContentType{number}", "") for number in range(most))
    return tuple(kind[:60] for kind in kinds if kind)
