"""The phone's pure parts: signatures, segments, the retry plan, TwiML, settings."""

import json
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phone.config import PhoneConfig, WrongSetting, from_environment
from phone.rest.fields import (
    CALL_CREATE,
    CALL_LIST,
    CALL_UPDATE,
    MESSAGE_CREATE,
    MESSAGE_LIST,
    MESSAGE_UPDATE,
    NUMBER_LIST,
    NUMBER_UPDATE,
    RECORDING_LIST,
)
from phone.signature import sign
from phone.texts.segments import segments
from phone.texts.twiml import BadTwiml, Redirect, Text, read_messaging
from phone.webhook import ALL_FAILURES, Answer, Plan, read_plan

DATA = Path(__file__).parent.parent / "data"
VECTORS = [json.loads(line) for line in (DATA / "twilio_signature_vectors.jsonl").read_text().splitlines()]
SEGMENTS = [json.loads(line) for line in (DATA / "sms_segments_reference.jsonl").read_text().splitlines()]
OPENAPI = json.loads((DATA / "twilio_api_v2010_subset.openapi.json").read_text())
ACCOUNT = "AC00000000000000000000000000000001"


def spellings(url: str) -> list[str]:
    """Twilio signs a URL with or without its port, so both count as right."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    hosts = [parts.netloc, str(parts.hostname), f"{parts.hostname}:{port}"]
    return [urlunsplit(parts._replace(netloc=host)) for host in hosts]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_signature_is_right_exactly_where_twilio_says_so(vector):
    form = [(name, value) for name, value in vector["params"] or []]
    signatures = [sign(vector["token"], url, form) for url in spellings(vector["url"])]
    assert (vector["signature"] in signatures) == vector["valid"]


def test_all_37_vectors_are_there():
    assert len(VECTORS) == 37


def test_every_reference_text_has_the_segments_that_twilio_counts():
    wrong = [case["text"] for case in SEGMENTS if segments(case["text"]) != case["segments"]]
    assert wrong == []
    assert len(SEGMENTS) == 462


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("/2010-04-01/Accounts/{AccountSid}/Messages.json", MESSAGE_CREATE),
        ("/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json", MESSAGE_UPDATE),
        ("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", NUMBER_UPDATE),
        ("/2010-04-01/Accounts/{AccountSid}/Calls.json", CALL_CREATE),
        ("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", CALL_UPDATE),
    ],
)
def test_a_form_takes_the_fields_that_twilio_describes(path, table):
    content = OPENAPI["paths"][path]["post"]["requestBody"]["content"]
    assert set(table) == set(content["application/x-www-form-urlencoded"]["schema"]["properties"])


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("/2010-04-01/Accounts/{AccountSid}/Messages.json", MESSAGE_LIST),
        ("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", NUMBER_LIST),
        ("/2010-04-01/Accounts/{AccountSid}/Calls.json", CALL_LIST),
        ("/2010-04-01/Accounts/{AccountSid}/Recordings.json", RECORDING_LIST),
    ],
)
def test_a_list_takes_the_filters_that_twilio_describes(path, table):
    parameters = OPENAPI["paths"][path]["get"]["parameters"]
    assert set(table) == {each["name"] for each in parameters if each["in"] == "query"}


def test_a_fragment_sets_retries_and_times():
    plan = read_plan("rc=3&rp=all&ct=2000&rt=7000&tt=15000")
    assert plan == Plan(retries=3, retried=ALL_FAILURES, connect_s=2, read_s=7, total_s=15)


def test_without_a_fragment_only_a_failed_connection_is_tried_once_more():
    assert read_plan("") == Plan(1, frozenset({"ct"}), 5, 15, 15)


def test_a_fragment_out_of_range_changes_nothing():
    assert read_plan("rc=6&ct=1&rt=99999&tt=x&rp=never") == Plan()


def test_single_failures_can_be_named():
    assert read_plan("rp=5xx,ct").retried == {"5xx", "ct"}


@given(st.text())
def test_any_fragment_gives_a_plan_within_twilios_bounds(fragment):
    plan = read_plan(fragment)
    assert 0 <= plan.retries <= 5
    assert plan.retried <= ALL_FAILURES
    assert max(plan.connect_s, plan.read_s, plan.total_s) <= 15


def answer(body: str, content_type: str = "text/xml; charset=utf-8") -> Answer:
    return Answer("2xx", 200, content_type, body.encode())


def test_the_texts_of_an_answer_are_read_in_order():
    twiml = """<?xml version="1.0" encoding="UTF-8"?><Response>
        <Message>One &amp; two</Message>
        <Message statusCallback="/receipts?n=1"><Body>Three</Body><Media>https://clinic.example/a.png</Media></Message>
        <Message to="+16025550161" action="/old">Four</Message>
        <Redirect method="GET">/next</Redirect></Response>"""
    assert read_messaging(answer(twiml)) == [
        Text("One & two"),
        Text("Three", ("https://clinic.example/a.png",), receipts_to="/receipts?n=1"),
        Text("Four", to="+16025550161", receipts_to="/old"),
        Redirect("/next", "GET"),
    ]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (answer("<Response/>", "text/html"), 12300),
        (answer("<Response/>", ""), 12300),
        (answer("\n<?xml version='1.0'?><Response/>"), 12100),
        (answer("<Response>"), 12100),
        (answer(""), 12100),
        (answer("<html/>"), 12100),
        (answer("<Response><Shout>Hi</Shout></Response>"), 12200),
    ],
)
def test_an_answer_that_cannot_be_played_has_twilios_code(bad, code):
    with pytest.raises(BadTwiml) as wrong:
        read_messaging(bad)
    assert wrong.value.code == code


def test_no_content_is_an_answer_without_texts():
    assert read_messaging(Answer("2xx", 204)) == []


def test_the_environment_sets_the_phone_up():
    config = from_environment(
        {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "token",
            "PHONE_PORT": "9001",
            "PUBLIC_BASE_URL": "http://127.0.0.1:9000/",
            "PHONE_CLINIC_NUMBER": "602-555-0199",
            "PHONE_PEOPLE": '[{"name": "Dana", "phone": "602 555 0132"}]',
        }
    )
    assert config.clinic_number == "+16025550199"
    assert config.own_url == "http://127.0.0.1:9001"
    assert config.number_settings["SmsUrl"].startswith("http://127.0.0.1:9000/webhooks/sms#rc=3&rp=all")
    assert [(person.name, person.phone) for person in config.people] == [("Dana", "+16025550132")]


def test_people_and_port_have_defaults():
    config = from_environment({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token"})
    assert config == PhoneConfig(ACCOUNT, "token")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", ""),
        ("PHONE_PORT", "eighty"),
        ("PHONE_PORT", "70000"),
        ("PHONE_CLINIC_NUMBER", "clinic"),
        ("PHONE_PEOPLE", "Dana"),
        ("PHONE_PEOPLE", "{}x"),
        ("PHONE_PEOPLE", '[{"name": "Dana"}]'),
        ("PHONE_PEOPLE", '[{"name": "Dana", "phone": "12"}]'),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(WrongSetting, match=name):
        from_environment({"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token", name: value})
