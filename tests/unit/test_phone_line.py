"""The line: what a person's text does, by a real phone and a clinic with a script."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Response
from twilio.request_validator import RequestValidator

from tests.phone_line import CLINIC, DANA, TOKEN, in_turn, messages, running_phone, scripted_clinic

SAMPLES = Path(__file__).parent.parent / "data" / "twilio_webhook_samples.jsonl"
MARCO = "+16025550147"
SMS = "/webhooks/sms"


@pytest.fixture(scope="module")
def clinic():
    with scripted_clinic() as clinic:
        yield clinic


@pytest.fixture
def phone(clinic):
    clinic.heard.clear()
    clinic.script = lambda heard: "<Response/>"
    with running_phone(clinic.url) as phone:
        yield phone


def set_number(phone, **settings):
    phone.client().incoming_phone_numbers.list()[0].update(**settings)


def sample(name):
    lines = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    return next(line["fields"] for line in lines if line["name"] == name)


def test_a_text_is_posted_as_twilio_posts_it(phone, clinic):
    phone.text("can someone call me tomorrow after 3")
    heard = clinic.heard[0]
    assert (heard.path, heard.method) == (SMS, "POST")
    assert [name for name, _ in heard.form] == [name for name, _ in sample("sms-inbound")]
    assert (heard["From"], heard["To"], heard["Body"]) == (DANA, CLINIC, "can someone call me tomorrow after 3")
    assert heard["MessageSid"] == heard["SmsSid"] == heard["SmsMessageSid"]


def test_a_picture_alone_has_no_body_field(phone, clinic):
    phone.text("", photos=2)
    form = dict(clinic.heard[0].form)
    assert "Body" not in form
    assert (form["NumMedia"], form["MessageSid"][:2]) == ("2", "MM")
    assert form["MediaUrl1"].startswith("http://")
    assert form["MediaContentType0"] == "image/jpeg"


@pytest.mark.parametrize("body", ["hello", "ñandú 😀 ’quoted’", "a=b&c=d", "line\nbreak", "  spaces  ", "half \ud83d"])
def test_the_signature_is_right_for_the_address_without_its_fragment(phone, clinic, body):
    phone.text(body)
    heard = clinic.heard[0]
    url, signature = clinic.url + heard.path, heard.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(url, dict(heard.form), signature)
    assert not RequestValidator("another").validate(url, dict(heard.form), signature)


def test_a_number_set_to_get_signs_the_query(phone, clinic):
    set_number(phone, sms_url=f"{clinic.url}/hook?a=1", sms_method="GET")
    phone.text("hello there")
    heard = clinic.heard[0]
    assert heard.method == "GET"
    assert heard.form == []
    assert "Body=hello+there" in heard.path
    assert RequestValidator(TOKEN).validate(clinic.url + heard.path, {}, heard.headers["X-Twilio-Signature"])


def test_the_texts_of_the_answer_arrive(phone, clinic):
    clinic.script = in_turn([messages("One", "Two")])
    sent = phone.text("Hi")
    assert sent["state"] == "taken"
    assert sorted(phone.received()) == ["One", "Two"]


def test_an_answer_can_be_for_somebody_else(phone, clinic):
    clinic.script = in_turn([f'<Response><Message to="{MARCO}">Psst</Message></Response>'])
    phone.text("Hi")
    assert (phone.received(), phone.received(MARCO)) == ([], ["Psst"])


def test_a_redirect_is_followed_with_the_same_form(phone, clinic):
    clinic.script = in_turn(
        ["<Response><Redirect>/next?step=2</Redirect><Message>no</Message></Response>", messages("Done")]
    )
    phone.text("Hi")
    assert [heard.path for heard in clinic.heard] == [SMS, "/next?step=2"]
    assert clinic.heard[0].form == clinic.heard[1].form
    assert phone.received() == ["Done"]


def test_redirects_in_a_circle_end_in_the_fallback(phone, clinic):
    clinic.script = in_turn(["<Response><Redirect>/round</Redirect></Response>"])
    assert phone.text("Hi")["state"] == "fallback"
    assert len(clinic.heard) == 10


def test_a_moved_address_is_asked_by_get_and_loses_the_form(phone, clinic):
    clinic.script = in_turn([Response(status=302, headers={"Location": "/moved"}), messages("Here")])
    phone.text("Hi")
    assert [(heard.method, heard.path) for heard in clinic.heard] == [("POST", SMS), ("GET", "/moved")]
    assert clinic.heard[1].form == []


# Retries and fallback


def test_a_refused_text_is_tried_again_as_often_as_the_fragment_says(phone, clinic):
    clinic.script = in_turn([("", 503), ("", 503), messages("At last")])
    assert phone.text("Hi")["state"] == "taken"
    assert len({heard["MessageSid"] for heard in clinic.heard}) == 1
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in clinic.heard}) == 1
    assert [post["attempt"] for post in phone.get("/line/posts")] == [1, 2, 3]
    assert phone.received() == ["At last"]


def test_two_texts_carry_two_idempotency_tokens(phone, clinic):
    phone.text("One")
    phone.text("Two")
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in clinic.heard}) == 2


def test_without_a_fragment_an_error_is_not_tried_again(phone, clinic):
    set_number(phone, sms_url=f"{clinic.url}/hook")
    clinic.script = in_turn([("", 503)])
    assert phone.text("Hi")["state"] == "fallback"
    assert len(clinic.heard) == 1


def test_after_all_retries_the_fallback_address_is_asked_with_the_reason(phone, clinic):
    set_number(phone, sms_fallback_url=f"{clinic.url}/fallback")
    clinic.script = lambda heard: messages("Call 988") if heard.path == "/fallback" else ("", 500)
    assert phone.text("Hi")["state"] == "fallback"
    assert len(clinic.at(SMS)) == 4
    asked = clinic.at("/fallback")[0]
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == ("11200", f"{clinic.url}{SMS}")
    assert asked["MessageSid"] == clinic.heard[0]["MessageSid"]
    assert phone.received() == ["Call 988"]


def test_without_a_fallback_address_the_built_in_text_carries_988(phone, clinic):
    set_number(phone, sms_url="http://127.0.0.1:9/nobody#rc=1")
    assert phone.text("Hi")["state"] == "fallback"
    assert "988" in phone.received()[0]
    assert [post["outcome"] for post in phone.get("/line/posts")] == ["ct", "ct"]


def test_a_text_that_even_the_fallback_refuses_is_shown_as_lost(phone, clinic):
    set_number(phone, sms_fallback_url=f"{clinic.url}/fallback")
    clinic.script = in_turn([("", 500)])
    assert phone.text("Hi")["state"] == "lost"


def test_an_answer_that_is_no_twiml_ends_in_the_fallback_with_its_code(phone, clinic):
    set_number(phone, sms_fallback_url=f"{clinic.url}/fallback")
    clinic.script = lambda heard: "<Response/>" if heard.path == "/fallback" else "\n<Response/"
    phone.text("Hi")
    assert clinic.at("/fallback")[0]["ErrorCode"] == "12100"


# The carrier's filter


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "StopAll", "UNSUBSCRIBE", "cancel", "END", "QUIT", "REVOKE", "optout"]
)
def test_an_opt_out_word_alone_is_answered_by_the_carrier_and_still_posted(phone, clinic, word):
    phone.text(word)
    assert clinic.heard[0]["Body"] == word
    assert phone.received() == [
        "You have successfully been unsubscribed. You will not receive any more messages from this number. "
        "Reply START to resubscribe."
    ]


@pytest.mark.parametrize("body", ["stop please", "STOP.", "please cancel", "no mas", "Stop it"])
def test_an_opt_out_in_other_words_passes_the_carrier(phone, clinic, body):
    clinic.script = in_turn([messages("Understood")])
    phone.text(body)
    assert phone.received() == ["Understood"]


def test_the_clinics_reply_to_a_stop_never_arrives_and_its_receipt_says_21610(phone, clinic):
    reply = '<Response><Message statusCallback="/receipts">Bye</Message></Response>'
    clinic.script = lambda heard: reply if heard.path == SMS else ("", 204)
    phone.text("STOP")
    receipt = clinic.at("/receipts")[0]
    assert (receipt["MessageStatus"], receipt["ErrorCode"], receipt["To"]) == ("failed", "21610", DANA)
    assert "Bye" not in phone.received()


def test_a_second_stop_is_not_answered_again(phone):
    phone.text("STOP")
    phone.text("STOP")
    assert len(phone.received()) == 1


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
def test_an_opt_in_word_opens_the_line_again(phone, clinic, word):
    clinic.script = in_turn([messages("Hello again")])
    phone.text("STOP")
    phone.text(word)
    assert "re-subscribed" in phone.received()[1]
    assert phone.received()[-1] == "Hello again"


def test_yes_from_somebody_who_never_opted_out_is_left_to_the_clinic(phone):
    phone.text("YES")
    assert phone.received() == []


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_gets_the_carriers_stock_reply(phone, clinic, word):
    phone.text(word)
    assert phone.received() == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]
    assert clinic.heard[0]["Body"] == word


def test_an_opt_out_is_one_persons_own(phone, clinic):
    clinic.script = in_turn([messages("Hi")])
    phone.text("STOP")
    phone.text("Hello", MARCO)
    assert phone.received(MARCO) == ["Hi"]


# Landlines and faults


def test_a_landline_gets_no_texts(phone, clinic):
    reply = '<Response><Message statusCallback="/receipts">Hi</Message></Response>'
    clinic.script = lambda heard: reply if heard.path == SMS else ("", 204)
    phone.post(f"/line/people/{DANA}", {"landline": True})
    phone.text("Hello")
    receipts = [(heard["MessageStatus"], dict(heard.form).get("ErrorCode")) for heard in clinic.at("/receipts")]
    assert receipts == [("sent", None), ("undelivered", "30006")]
    assert phone.received() == []


def test_under_the_fault_a_text_is_posted_twice_and_answered_once(phone, clinic):
    clinic.script = in_turn([messages("Hi")])
    phone.post("/line/faults", {"duplicate_webhooks": 1})
    phone.text("Hello")
    assert len(clinic.heard) == 2
    assert clinic.heard[0].form == clinic.heard[1].form
    assert phone.received() == ["Hi"]
    phone.text("Again")
    assert len(clinic.heard) == 3


def test_dropped_receipts_do_not_come_though_the_text_does(phone, clinic):
    reply = '<Response><Message statusCallback="/receipts">Hi</Message></Response>'
    clinic.script = lambda heard: reply if heard.path == SMS else ("", 204)
    phone.post("/line/faults", {"drop_receipts": True})
    phone.text("Hello")
    assert clinic.at("/receipts") == []
    assert phone.received() == ["Hi"]
    phone.post("/line/faults", {"drop_receipts": False})
    phone.text("Hello")
    assert len(clinic.at("/receipts")) == 2


def test_a_receipt_that_is_refused_is_retried_by_its_own_fragment(phone, clinic):
    reply = '<Response><Message statusCallback="/receipts#rc=2&amp;rp=5xx">Hi</Message></Response>'
    clinic.script = lambda heard: reply if heard.path == SMS else ("", 503)
    phone.text("Hello")
    assert [heard["MessageStatus"] for heard in clinic.at("/receipts")] == ["sent"] * 3 + ["delivered"] * 3


# The page's own JSON


def test_odd_senders_can_be_tried(phone, clinic):
    for sender in ("anonymous", "", "12345", "whatsapp:+16025550132"):
        phone.text("Hello", sender)
    assert [heard["From"] for heard in clinic.heard] == ["anonymous", "", "12345", "whatsapp:+16025550132"]


def test_whoever_is_texted_gets_a_phone(phone):
    phone.client().messages.create(to="+16025550188", from_=CLINIC, body="Hello")
    phone.settle()
    assert phone.received("+16025550188") == ["Hello"]


def test_the_state_is_silent_until_something_changes(phone):
    state = phone.get("/line/state")
    unchanged = f"/line/state?after={state['version']}"
    assert phone.get(unchanged) is None
    phone.text("Hello")
    assert phone.get(unchanged)["version"] != state["version"]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/line/texts", {"from": DANA, "body": ""}),
        ("/line/texts", {"from": DANA, "body": "Hi", "to": MARCO}),
        ("/line/texts", {"from": DANA, "body": "Hi", "photos": 11}),
        ("/line/texts", []),
        ("/line/people", {"name": "Ana", "phone": "12"}),
        ("/line/people", {"name": " ", "phone": "602-555-0150"}),
        ("/line/people", {"name": "Clinic", "phone": CLINIC}),
        ("/line/people/+16025559999", {"landline": True}),
        (f"/line/people/{DANA}", {"landline": "yes"}),
        ("/line/faults", {"earthquake": True}),
        ("/line/faults", {"fail_rest": -2}),
        ("/line/faults", {"fail_rest": -0.5}),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(phone, path, given):
    with pytest.raises(urllib.error.HTTPError) as refused:
        phone.post(path, given)
    assert refused.value.code == 400
    assert json.load(refused.value)["error"]


def test_a_form_from_another_site_is_not_taken(phone, clinic):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{phone.url}/line/texts", b"from=x&body=y")
    assert refused.value.code == 415
    assert clinic.heard == []


def test_somebody_new_can_be_added(phone):
    phone.post("/line/people", {"name": "Ana Lopez", "phone": "(602) 555-0150"})
    people = {person["phone"]: person["name"] for person in phone.get("/line/state")["people"]}
    assert people["+16025550150"] == "Ana Lopez"


def test_settled_is_said_once_every_receipt_is_out(phone, clinic):
    reply = '<Response><Message statusCallback="/receipts">Hi</Message></Response>'
    clinic.script = lambda heard: reply if heard.path == SMS else ("", 204)
    phone.post("/line/texts", {"from": DANA, "body": "Hello"})
    assert phone.get("/line/settled") == {"settled": True}
    assert len(clinic.at("/receipts")) == 2
