"""What a post of Twilio is answered with when everything else has failed: never a 500, always 988 / 911."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from triage.settings import ROOT
from webhooks import twiml

log = structlog.get_logger()


def _hosted(kind: str) -> str:
    return (ROOT / "templates" / "hosted" / f"{kind}.xml").read_text("utf-8")


# Read at the start: these need neither settings nor words nor the database. Twilio's own copies say the same.
TEXT, VOICE = _hosted("text"), _hosted("voice")


def answer_faults(bp: Blueprint, words: Callable[[], Response], plain: str) -> None:
    """Answer every fault of these routes with `words`, or with the document `plain` where even that fails.

    What a route refuses on purpose (403, 400, 413) stays as it is.
    """

    def answer(fault: Exception) -> AnyResponse | HTTPException:
        if isinstance(fault, HTTPException):
            return fault
        log.exception("webhook_failed", routes=bp.name, fault=type(fault).__name__)
        try:
            return words()
        except Exception as again:
            log.exception("words_failed", routes=bp.name, fault=type(again).__name__)
            return Response(plain, content_type=twiml.CONTENT_TYPE)

    bp.register_error_handler(Exception, answer)
