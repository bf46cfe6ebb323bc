"""Checks Twilio's signature: a post that Twilio did not sign is answered 403."""

from collections.abc import Callable
from functools import cache, wraps
from hmac import compare_digest
from typing import ParamSpec, TypeVar

import structlog
from flask import abort, current_app, request
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from triage.environment import Environment

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

# Fields that may be posted once only. The signed string has no delimiters and drops equal doubles, so with one of them
# repeated the form could say something else than what was signed.
IDENTITY = ("MessageSid", "CallSid", "From", "To", "Body", "MessageStatus", "AccountSid")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_signed(environment: Environment, path: str, query: str, sent: MultiDict[str, str] | str, signature: str) -> bool:
    """Tell whether Twilio signed this request with one of our auth tokens. `sent`: the form, or any other body as text.

    The URL is our public base, the path and the raw query: never the request's own host, which anybody can set. The
    validator throws on hostile input; that counts as not signed.
    """
    url = environment.public_base_url + path + (f"?{query}" if query else "")
    tokens = filter(None, (environment.twilio_auth_token, environment.twilio_auth_token_previous))
    try:
        return any(_signs(_validator(token), url, sent, signature) for token in tokens)
    except (TypeError, ValueError, AttributeError):
        return False


@cache
def _validator(token: str) -> RequestValidator:
    return RequestValidator(token)


def _signs(validator: RequestValidator, url: str, sent: MultiDict[str, str] | str, signature: str) -> bool:
    # Nearly always the URL as it stands was signed; the validator, slower, also tries it with and without its port.
    if not isinstance(sent, str) and compare_digest(validator.compute_signature(url, sent), signature):
        return True
    return bool(validator.validate(url, sent, signature))


def signed_by_twilio(view: Callable[P, R]) -> Callable[P, R]:
    """Let only Twilio post to a route; anything else is answered 403."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _request_is_signed():
            log.warning("unsigned_webhook", path=request.path)
            abort(403)
        return view(*args, **kwargs)

    return checked


def _request_is_signed() -> bool:
    environment: Environment = current_app.extensions["runtime"].environment
    signatures = request.headers.getlist("X-Twilio-Signature")
    if len(signatures) != 1:
        return False
    try:
        # An empty form would let any other body through, so that is checked as it came.
        sent = request.form if request.mimetype in FORMS else request.get_data().decode("utf-8", "replace")
    except (HTTPException, OSError):
        return False  # too large, or cut short: what was not read cannot be checked
    if any(len(request.form.getlist(name)) > 1 for name in IDENTITY):
        return False
    query = request.query_string.decode("latin-1")
    return is_signed(environment, request.path, query, sent, signatures[0])
