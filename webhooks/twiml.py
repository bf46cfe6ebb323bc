"""Reply -> TwiML; the only module that knows the verbs."""

from collections.abc import Sequence
from urllib.parse import quote

from twilio.twiml.messaging_response import MessagingResponse

CONTENT_TYPE = "text/xml; charset=utf-8"


def texts(bodies: Sequence[str], refs: Sequence[str], status_url: str) -> str:
    """One <Message> a text; each carries its own `ref`, which comes back in its delivery receipts."""
    document = MessagingResponse()
    for body, ref in zip(bodies, refs, strict=True):
        document.message(body, action=f"{status_url}?ref={quote(ref)}", method="POST")
    return str(document)
