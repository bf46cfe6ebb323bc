"""A Messaging Service as sender: which number it picks, what it takes back, and how our texts are found again."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.builders import Line, a_clinic, an_environment
from tests.phone_line import ACCOUNT, CLINIC, DANA, TOKEN, messages, running_phone, scripted_clinic
from tests.unit.test_settling import MORNING, run_for, tried_to_reach
from triage.errors import DeliveryFailed, Refusal
from triage.model.notice import Kind
from triage.notices import delivery
from webhooks.rest_client import TwilioMessenger
from webhooks.twilio_words import refusal_of

SERVICE = "MG" + "a" * 32
SECOND = "+16025550199"


@pytest.fixture
def clinic():
    with scripted_clinic() as clinic:
        yield clinic


@pytest.fixture
def phone(clinic):
    with running_phone(clinic.url, more_numbers=(SECOND,), service_sid=SERVICE) as phone:
        yield phone


@pytest.fixture
def client(phone):
    client = phone.client()
    client.messaging.base_url = phone.url
    return client


def messenger(phone, **settings):
    given = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_messaging_service_sid": SERVICE}
    environment = an_environment(twilio_api_base_url=phone.url, **given | settings)
    return TwilioMessenger(environment, a_clinic(numbers=[CLINIC, SECOND]))


def send(phone, **settings):
    return messenger(phone, **settings).send(DANA, "Hello.", "n7.1", 600, 5)


def send_by_hand(client, service=SERVICE):
    return client.messages.create(to=DANA, messaging_service_sid=service, body="Hi")


def test_our_texts_go_out_by_the_service_which_has_picked_no_number_when_it_takes_them(phone, client):
    created = send_by_hand(client)
    assert (created.status, created.from_) == ("accepted", None)
    sid = send(phone)
    phone.settle()
    text = client.messages(sid).fetch()
    assert (text.status, text.from_, text.messaging_service_sid) == ("delivered", CLINIC, SERVICE)


def test_a_service_answers_from_the_number_that_a_person_wrote_to(phone, client):
    phone.text("Hi", to=SECOND)
    sid = send(phone)
    phone.settle()
    assert client.messages(sid).fetch().from_ == SECOND
    client.messaging.v1.services(SERVICE).update(sticky_sender=False)
    sid = send(phone)
    phone.settle()
    assert client.messages(sid).fetch().from_ == CLINIC


def test_a_text_is_found_again_whichever_number_it_went_out_from(phone, client, clinic):
    before = datetime.now(UTC) - timedelta(minutes=1)
    clinic.script = lambda heard: messages("Hello.")
    phone.text("Hi", to=SECOND)
    sid = send(phone)
    phone.settle()
    other = client.messages.create(to=DANA, from_=CLINIC, body="Hello.").sid
    phone.settle()
    assert messenger(phone).listed_to(DANA, before, 5).sids_of("Hello.") == [sid, other]
    assert messenger(phone, twilio_messaging_service_sid="").listed_to(DANA, before, 5).sids_of("Hello.") == [
        sid,
        other,
    ]
    assert messenger(phone).listed_to(DANA, before, 5).sids_of("Others.") == []


def test_an_opt_out_holds_for_every_number_of_the_service_and_for_no_other(phone, client):
    phone.text("STOP", to=SECOND)
    with pytest.raises(DeliveryFailed) as refused:
        send(phone)
    assert refused.value.refusal is Refusal.OPTED_OUT
    resource = client.messaging.v1.services(SERVICE)
    (first,) = [one for one in resource.phone_numbers.list() if one.phone_number == CLINIC]
    resource.phone_numbers(first.sid).delete()
    assert client.messages.create(to=DANA, from_=CLINIC, body="Hi").sid


def test_a_service_that_is_not_there_or_empty_refuses(phone, client):
    with pytest.raises(TwilioRestException) as refused:
        send_by_hand(client, "MG" + "b" * 32)
    assert refused.value.code == 21701
    resource = client.messaging.v1.services(SERVICE)
    numbers = resource.phone_numbers.list()
    for one in numbers:
        resource.phone_numbers(one.sid).delete()
    with pytest.raises(TwilioRestException) as refused:
        send_by_hand(client)
    assert refused.value.code == 21704
    assert resource.phone_numbers.create(phone_number_sid=numbers[0].sid).phone_number == numbers[0].phone_number
    assert send_by_hand(client).sid


def test_inbound_texts_go_to_the_number_unless_the_service_keeps_them(phone, client, clinic):
    phone.text("Hi", to=SECOND)
    (heard,) = clinic.heard
    assert (heard.path, heard["To"], heard["MessagingServiceSid"]) == ("/webhooks/sms", SECOND, SERVICE)
    resource = client.messaging.v1.services(SERVICE)
    resource.update(use_inbound_webhook_on_number=False)
    assert phone.text("Hi")["state"] == "lost"
    resource.update(inbound_request_url=f"{clinic.url}/elsewhere")
    phone.text("Hi")
    assert [heard.path for heard in clinic.heard] == ["/webhooks/sms", "/elsewhere"]


def test_a_full_queue_is_refused_by_a_number_at_once_and_by_a_service_later(phone, client):
    phone.post("/line/faults", {"full_queue": 2})
    with pytest.raises(DeliveryFailed) as refused:
        send(phone, twilio_messaging_service_sid="")
    assert (refused.value.refusal, refused.value.code) == (Refusal.LATER, 21611)
    sid = send(phone)
    phone.settle()
    text = client.messages(sid).fetch()
    assert (text.status, text.error_code, refusal_of(text.error_code)) == ("failed", 30001, Refusal.LATER)


def crowded(clinic, sent):
    clinic.does(delivery.report, clinic.messenger.sid(sent.ref), "failed", sent.ref, Refusal.LATER, 30001)


def test_a_text_that_a_full_queue_gave_back_is_sent_again_once_for_each_attempt(database):
    """Before, it ended as failed: a number refuses such a text at once, which was tried again; a service later."""
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.runs_jobs()
    (sent,) = clinic.messenger.sent
    crowded(clinic, sent)
    crowded(clinic, sent)
    assert clinic.states(ref, Kind.TRIED_TO_REACH) == ["pending"]
    run_for(clinic, 90, step=10)
    assert [text.body for text in clinic.messenger.sent] == [sent.body] * 2
    crowded(clinic, sent)
    assert clinic.states(ref, Kind.TRIED_TO_REACH) == ["sent"], "a late report of the first attempt changes nothing"
