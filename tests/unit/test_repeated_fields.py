"""A form with an identity field twice is not taken, signed or not: the signed string drops equal doubles (ASVS 2.2)."""

from types import SimpleNamespace

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from webhooks import signature

BASE, TOKEN = "https://line.example.org", "t" * 32


@pytest.mark.parametrize(("name", "taken"), [(name, False) for name in signature.IDENTITY] + [("MediaUrl", True)])
def test_a_signed_form_with_an_identity_field_twice_is_not_taken(name, taken):
    app = Flask(__name__)
    environment = SimpleNamespace(public_base_url=BASE, twilio_auth_token=TOKEN, twilio_auth_token_previous="")
    app.extensions["runtime"] = SimpleNamespace(environment=environment)
    form = MultiDict([(name, "a"), (name, "a")])
    signed = RequestValidator(TOKEN).compute_signature(f"{BASE}/webhooks/sms", form)
    with app.test_request_context("/webhooks/sms", method="POST", data=form, headers={"X-Twilio-Signature": signed}):
        assert signature._request_is_signed() is taken
