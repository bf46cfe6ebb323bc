"""The REST half of the phone, asked by the real Twilio client and held against Twilio's OpenAPI."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import jsonschema
import pytest
from requests.exceptions import ConnectionError as LineCut
from twilio.base.exceptions import TwilioRestException

from tests.phone_line import ACCOUNT, CLINIC, DANA, TOKEN, in_turn, running_phone, scripted_clinic

OPENAPI = json.loads((Path(__file__).parent.parent / "data" / "twilio_api_v2010_subset.openapi.json").read_text())
API = f"/2010-04-01/Accounts/{ACCOUNT}"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


@pytest.fixture(scope="module")
def clinic():
    with scripted_clinic() as clinic:
        yield clinic


@pytest.fixture
def phone(clinic):
    clinic.heard.clear()
    clinic.script = lambda heard: "<Response/>"
    with running_phone(clinic.url, api_key="SK00000000000000000000000000000001", api_secret="secret") as phone:
        yield phone


@pytest.fixture
def client(phone):
    return phone.client()


def ask(phone, method, path, form=None, user=f"{ACCOUNT}:{TOKEN}"):
    """A raw request; status and JSON."""
    headers = {"Authorization": "Basic " + b64encode(user.encode()).decode()}
    body = urlencode(form).encode() if form is not None else None
    asked = urllib.request.Request(phone.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def as_json_schema(schema):
    """OpenAPI 3.0 says `nullable` where JSON Schema says type null."""
    if isinstance(schema, list):
        return [as_json_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: as_json_schema(value) for key, value in schema.items() if key not in ("nullable", "format")}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def check(document, path, method, status):
    schema = OPENAPI["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    whole = as_json_schema({**schema, "components": OPENAPI["components"]})
    jsonschema.validate(document, whole)


def test_the_real_client_sends_a_text_that_arrives(phone, client):
    sent = client.messages.create(to=DANA, from_=CLINIC, body="Your call is set.", validity_period=3600)
    phone.settle()
    assert (sent.status, sent.direction, sent.num_segments) == ("queued", "outbound-api", "1")
    assert client.messages(sent.sid).fetch().status == "delivered"
    assert phone.received() == ["Your call is set."]


def test_every_answer_has_the_shape_that_twilio_describes(phone):
    status, created = ask(phone, "POST", f"{API}/Messages.json", {"To": DANA, "From": CLINIC, "Body": "Hello"})
    assert status == 201
    check(created, MESSAGES, "post", "201")
    phone.settle()
    sid = phone.text("", photos=2)["sid"]
    for path, described in [
        (f"{API}/Messages.json?PageSize=1", MESSAGES),
        (f"{API}/Messages/{created['sid']}.json", "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"),
        (f"{API}/Messages/{sid}/Media.json", "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json"),
        (f"{API}/IncomingPhoneNumbers.json", "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"),
        (f"{API}.json", "/2010-04-01/Accounts/{Sid}.json"),
    ]:
        status, document = ask(phone, "GET", path)
        assert status == 200, path
        check(document, described, "get", "200")


def test_the_schema_check_sees_a_wrong_answer(phone):
    _, created = ask(phone, "POST", f"{API}/Messages.json", {"To": DANA, "From": CLINIC, "Body": "Hello"})
    for wrong in ({"sid": "SM1"}, {"status": "gone"}, {"num_segments": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check(created | wrong, MESSAGES, "post", "201")


def test_what_the_client_sends_is_what_twilio_describes(phone, client, monkeypatch):
    forms = []
    request = client.http_client.request
    monkeypatch.setattr(
        client.http_client, "request", lambda *given, **more: forms.append(more.get("data")) or request(*given, **more)
    )
    client.messages.create(
        to=DANA, from_=CLINIC, body="Hi", media_url=["https://clinic.example/a.png"], smart_encoded=True,
        status_callback="https://clinic.example/receipts", validity_period=600,
    )  # fmt: skip
    schema = OPENAPI["paths"][MESSAGES]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    form = {name: value for name, value in forms[0].items() if value is not None} | {"SmartEncoded": True}
    jsonschema.validate(form, as_json_schema({**schema, "components": OPENAPI["components"]}))


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": "12", "From": CLINIC, "Body": "Hi"}, 21211),
        ({"To": "not a number", "From": CLINIC, "Body": "Hi"}, 21211),
        ({"To": "12345", "From": CLINIC, "Body": "Hi"}, 21265),
        ({"To": CLINIC, "From": CLINIC, "Body": "Hi"}, 21266),
        ({"From": CLINIC, "Body": "Hi"}, 21604),
        ({"To": DANA, "Body": "Hi"}, 21603),
        ({"To": DANA, "From": "+16025550177", "Body": "Hi"}, 21606),
        ({"To": DANA, "From": CLINIC}, 21602),
        ({"To": DANA, "From": CLINIC, "Body": "x" * 1601}, 21617),
        ({"To": DANA, "From": CLINIC, "Body": "Hi", "StatusCallback": "nowhere"}, 21609),
        ({"To": DANA, "From": CLINIC, "MediaUrl": "picture"}, 21620),
        ({"To": DANA, "From": CLINIC, "Body": "Hi", "ValidityPeriod": "36001"}, 30045),
        ({"To": DANA, "From": CLINIC, "Body": "Hi", "ValidityPeriod": "soon"}, 20001),
        ({"To": DANA, "From": CLINIC, "Body": "Hi", "StatusCallBack": "https://clinic.example"}, 20001),
        ({"To": DANA, "From": CLINIC, "Body": "Hi", "SendAt": "2026-11-24T15:00:00Z"}, 20001),
        ({"To": DANA, "Body": "Hi", "MessagingServiceSid": "MG1"}, 20001),
    ],
)
def test_a_wrong_text_is_refused_with_twilios_code(phone, form, code):
    status, error = ask(phone, "POST", f"{API}/Messages.json", form)
    assert (status, error["code"], error["status"]) == (400, code, 400)
    assert set(error) == {"code", "message", "more_info", "status"}
    assert phone.thread() == []


def test_a_body_of_1600_characters_goes(phone, client):
    assert client.messages.create(to=DANA, from_=CLINIC, body="x" * 1600).num_segments == "11"


@pytest.mark.parametrize("user", [f"{ACCOUNT}:wrong", "nobody:", f"{ACCOUNT}:", ":", "SK00:secret"])
def test_wrong_credentials_are_refused(phone, user):
    status, error = ask(phone, "GET", f"{API}/Messages.json", user=user)
    assert (status, error["code"]) == (401, 20003)


def test_an_api_key_opens_the_account(phone):
    client = phone.client("SK00000000000000000000000000000001", "secret")
    assert client.api.accounts(ACCOUNT).fetch().status == "active"


def test_another_account_and_unknown_resources_are_not_found(phone):
    other = "/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json"
    for path in (other, f"{API}/Messages/SM{'0' * 32}.json", f"{API}/Faxes.json"):
        status, error = ask(phone, "GET", path)
        assert (status, error["code"]) == (404, 20404)


def test_the_list_is_newest_first_and_pages_stay_whole_while_texts_come_in(phone, client):
    sids = [client.messages.create(to=DANA, from_=CLINIC, body=str(n)).sid for n in range(5)]
    pages = client.messages.stream(page_size=2)
    first = next(pages)
    client.messages.create(to=DANA, from_=CLINIC, body="late")
    assert [first.sid, *[message.sid for message in pages]] == sids[::-1]


def test_the_list_is_filtered_by_number_and_day(phone, client):
    sent = client.messages.create(to=DANA, from_=CLINIC, body="to Dana")
    client.messages.create(to="+16025550147", from_=CLINIC, body="to Marco")
    phone.settle()
    asked = sent.date_created

    def bodies(**filters):
        return [message.body for message in client.messages.list(**filters)]

    assert bodies(to=DANA) == ["to Dana"]
    assert bodies(from_=CLINIC, to="+16025550147") == ["to Marco"]
    assert bodies(from_=DANA) == []
    assert len(bodies(date_sent=asked.date())) == 2
    assert bodies(date_sent=date(2020, 1, 1)) == []
    assert len(bodies(date_sent_after=asked)) == 2
    assert bodies(date_sent_after=asked + timedelta(days=2)) == []
    assert len(bodies(date_sent_before=asked + timedelta(days=1))) == 2
    assert bodies(date_sent_before=asked - timedelta(days=1)) == []


def test_a_filter_that_cannot_be_read_is_refused(phone):
    for query in ("DateSent=someday", "PageSize=all", "Sender=me", "PageToken=PA1"):
        status, error = ask(phone, "GET", f"{API}/Messages.json?{query}")
        assert (status, error["code"]) == (400, 20001)


def test_a_persons_text_is_in_the_list_and_the_carriers_own_reply_is_not(phone, client):
    phone.text("STOP")
    listed = client.messages.list()
    assert [(message.body, message.direction, message.status) for message in listed] == [
        ("STOP", "inbound", "received")
    ]
    assert listed[0].date_sent <= datetime.now(UTC)


def test_a_number_is_found_and_its_addresses_are_set(phone, client, clinic):
    number = client.incoming_phone_numbers.list(phone_number=CLINIC)[0]
    assert number.sms_url == f"{clinic.url}/webhooks/sms#rc=3&rp=all&ct=2000&rt=7000&tt=15000"
    number.update(
        sms_url=f"{clinic.url}/hello#rc=0", sms_fallback_url=f"{clinic.url}/fallback", sms_method="POST",
        voice_url=f"{clinic.url}/voice", voice_fallback_url=f"{clinic.url}/voice-fallback",
        status_callback=f"{clinic.url}/calls",
    )  # fmt: skip
    again = client.incoming_phone_numbers(number.sid).fetch()
    assert again.sms_url == f"{clinic.url}/hello#rc=0"
    assert again.voice_fallback_url == f"{clinic.url}/voice-fallback"
    phone.text("Hi")
    assert [heard.path for heard in clinic.heard] == ["/hello"]
    assert client.incoming_phone_numbers.list(phone_number="+16025550177") == []


def test_a_text_can_be_redacted_and_deleted(phone, client):
    sent = client.messages.create(to=DANA, from_=CLINIC, body="private")
    phone.settle()
    assert client.messages(sent.sid).update(body="").body == ""
    assert client.messages(sent.sid).delete()
    assert client.messages.list() == []


def test_media_of_a_text_is_a_picture_that_the_clinic_can_fetch(phone, clinic):
    phone.text("", photos=1)
    path = clinic.heard[0]["MediaUrl0"].removeprefix("http://127.0.0.1:8001")
    with urllib.request.urlopen(phone.url + path) as picture:
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.read(2) == b"\xff\xd8"


def test_after_a_stop_the_number_refuses_further_texts(phone, client):
    phone.text("stop")
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=DANA, from_=CLINIC, body="Hello?")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    phone.text("Start")
    assert client.messages.create(to=DANA, from_=CLINIC, body="Welcome back").sid


def test_the_rest_calls_can_be_made_to_fail_a_number_of_times(phone, client):
    phone.post("/line/faults", {"fail_rest": 2})
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to=DANA, from_=CLINIC, body="Hello")
        assert (refused.value.status, refused.value.code) == (500, 20500)
    client.messages.create(to=DANA, from_=CLINIC, body="Hello")
    phone.settle()
    assert phone.received() == ["Hello"]


def test_a_share_of_the_rest_calls_can_be_made_to_fail(phone, client):
    phone.post("/line/faults", {"fail_rest": 0.5})
    failed = 0
    for _ in range(60):
        try:
            client.messages.create(to=DANA, from_=CLINIC, body="Hello")
        except TwilioRestException:
            failed += 1
    assert 5 < failed < 55
    assert phone.post("/line/faults", {})["fail_rest"] == 0.5


def test_a_rest_call_can_be_left_without_an_answer(clinic):
    with running_phone(clinic.url, hang_s=0.1) as phone:
        phone.post("/line/faults", {"hang_rest": 1})
        with pytest.raises(LineCut):
            phone.client().messages.create(to=DANA, from_=CLINIC, body="Hello")
        assert phone.received() == []


def test_receipts_go_to_the_status_callback_in_order(phone, client, clinic):
    clinic.script = in_turn([("", 204)])
    sent = client.messages.create(to=DANA, from_=CLINIC, body="Hi", status_callback=f"{clinic.url}/receipts?attempt=7")
    phone.settle()
    receipts = clinic.at("/receipts?attempt=7")
    assert [heard["MessageStatus"] for heard in receipts] == ["sent", "delivered"]
    assert {heard["MessageSid"] for heard in receipts} == {sent.sid}
    assert (receipts[0]["To"], receipts[0]["From"]) == (DANA, CLINIC)
