"""Lets schemathesis past the door: its webhooks are signed, its console requests are those of somebody signed in."""

import os
from typing import Any
from urllib.parse import urlencode

import schemathesis
from twilio.request_validator import RequestValidator


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Sign a webhook, or add the session and its token."""
    base, token = os.environ["PUBLIC_BASE_URL"], os.environ["TWILIO_AUTH_TOKEN"]
    headers = dict(case.headers or {})
    if case.path.startswith("/webhooks"):
        form = case.body if isinstance(case.body, dict) else {}
        query = f"?{urlencode(case.query, doseq=True)}" if case.query else ""
        sent = {name: "" if value is None else value for name, value in form.items()}
        headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(
            base + case.formatted_path + query, sent
        )
    else:
        headers["Cookie"] = f"session={os.environ['STAFF_SESSION']}"
        if isinstance(case.body, dict):
            case.body = case.body | {"csrf": os.environ["STAFF_CSRF"]}
    case.headers = headers
