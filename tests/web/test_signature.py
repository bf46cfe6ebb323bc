"""What Twilio signed is let in, with the old token too while it is being changed; everything else is turned away."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from tests.builders import an_environment
from webhooks.signature import is_signed

DATA = Path(__file__).parents[1] / "data"
VECTORS = [json.loads(line) for line in (DATA / "twilio_signature_vectors.jsonl").read_text().splitlines()]
FORM = MultiDict([("From", "+16025550132"), ("Body", "What is TMS?"), ("MessageSid", "SM" + "1" * 32)])
PATH = "/webhooks/sms"


def environment_at(base, token="a token only for tests", previous=""):
    # The vectors' tokens are shorter than a setting may be.
    return an_environment().model_copy(
        update={"public_base_url": base, "twilio_auth_token": token, "twilio_auth_token_previous": previous}
    )


def signed_with(token, form=FORM, base="https://line.example.org", path=PATH):
    return RequestValidator(token).compute_signature(base + path, form)


def test_all_37_vectors_are_here():
    assert len(VECTORS) == 37
    assert {vector["valid"] for vector in VECTORS} == {True, False}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_is_judged_as_twilio_judges_it(vector):
    url = urlsplit(vector["url"])
    environment = environment_at(f"{url.scheme}://{url.netloc}", vector["token"])
    sent = vector.get("body") or MultiDict(vector["params"])
    assert is_signed(environment, url.path, url.query, sent, vector["signature"]) is vector["valid"]


def test_while_the_token_is_changed_both_are_good():
    environment = environment_at("https://line.example.org", "the new token", "the old token")
    for token, good in (("the new token", True), ("the old token", True), ("another token", False)):
        assert is_signed(environment, PATH, "", FORM, signed_with(token)) is good


def test_without_a_previous_token_an_empty_one_signs_nothing():
    environment = environment_at("https://line.example.org", "the new token")
    assert not is_signed(environment, PATH, "", FORM, signed_with(""))


@pytest.mark.parametrize("base", ["https://line.example.org:99999", "https://line.example.org:abc", "https://[::1"])
def test_an_address_that_cannot_be_read_is_no_reason_to_fail(base):
    assert not is_signed(environment_at(base), PATH, "", FORM, "x" * 28)


@pytest.mark.parametrize("signature", ["", "=", "é" * 28, "\x00", "a" * 100_000, "\ud800"])
def test_a_hostile_signature_is_only_wrong(signature):
    assert not is_signed(environment_at("https://line.example.org"), PATH, "", FORM, signature)


def test_a_form_with_a_lone_surrogate_is_only_wrong():
    form = MultiDict([("Body", "\ud800")])
    assert not is_signed(environment_at("https://line.example.org"), PATH, "", form, "x" * 28)


@pytest.mark.parametrize("body", ["", "{}", '{"From": "+16025550132"}'])
def test_a_body_that_is_no_form_counts_only_with_its_hash(body):
    """A signature over the bare address would otherwise let any body in."""
    environment = environment_at("https://line.example.org")
    token = environment.twilio_auth_token
    bare = RequestValidator(token).compute_signature("https://line.example.org" + PATH, {})
    assert is_signed(environment, PATH, "", body, bare) is (body == "")
    query = f"bodySHA256={RequestValidator(token).compute_hash(body)}"
    hashed = RequestValidator(token).compute_signature(f"https://line.example.org{PATH}?{query}", {})
    assert is_signed(environment, PATH, query, body, hashed)
    assert not is_signed(environment, PATH, query, body + " ", hashed)
