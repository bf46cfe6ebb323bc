"""Turns away what Twilio did not sign."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from flask import abort, current_app, request
from twilio.request_validator import RequestValidator

from triage.settings import Environment

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

# Fields that say who wrote what. The signed string has no delimiters and drops equal doubles, so a repeated one could
# say something else than what was signed.
IDENTITY = ("MessageSid", "CallSid", "From", "To", "Body", "MessageStatus", "AccountSid")


def is_signed(environment: Environment, path: str, query: str, form: dict[str, list[str]], signature: str) -> bool:
    """Whether Twilio signed this request with one of our tokens.

    The address is our public base, the path and the raw query: never the request's own host, which anybody can set. The
    validator throws on hostile input; to us that is a forgery like any other.
    """
    url = environment.public_base_url + path + (f"?{query}" if query else "")
    params = {name: values if len(values) > 1 else values[0] for name, values in form.items()}
    for token in filter(None, (environment.twilio_auth_token, environment.twilio_auth_token_previous)):
        try:
            if RequestValidator(token).validate(url, params, signature):
                return True
        except (TypeError, ValueError, AttributeError):
            return False
    return False


def signed_by_twilio(view: Callable[P, R]) -> Callable[P, R]:
    """A route that only Twilio may post to; anything else is answered 403."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        environment: Environment = current_app.extensions["clinic_line"].environment
        signatures = request.headers.getlist("X-Twilio-Signature")
        form = request.form.to_dict(flat=False)
        query = request.query_string.decode("latin-1")
        doubled = any(len(form.get(name, ())) > 1 for name in IDENTITY)
        if len(signatures) != 1 or doubled or not is_signed(environment, request.path, query, form, signatures[0]):
            log.warning("unsigned_webhook", path=request.path)
            abort(403)
        return view(*args, **kwargs)

    return checked
