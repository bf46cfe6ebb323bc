"""The provider's lists over Twilio's real client: what the local phone could not bring to a site that was down."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import PHONES, Line, a_clinic, an_environment
from tests.calls import phones_of
from tests.phone_line import ACCOUNT, CLINIC, DANA, TOKEN, running_phone, scripted_clinic
from triage.errors import DeliveryUnknown
from triage.jobs.catch_up import Receiver, take_missing
from triage.model.message import Channel, Inbound
from triage.model.request import Flag, Priority
from triage.runtime import utc_now
from triage.store import people, recordings, requests
from triage.store.tables import callback_requests, messages
from webhooks import rest_inbox, twiml
from webhooks.rest_inbox import TwilioInbox

NOBODY = "http://127.0.0.1:9"
LEE, SAM = "+16025550147", "+16025550148"
CRISIS = "i am going to kill myself tonight"
WISH = "Please call me tomorrow at 3 pm, my name is Dana Zimt"


@pytest.fixture
def phone():
    """A phone whose clinic does not answer."""
    with running_phone(NOBODY) as phone:
        yield phone


@pytest.fixture
def inbox(phone):
    return inbox_at(phone.url)


def inbox_at(url):
    environment = an_environment(twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, twilio_api_base_url=url)
    return TwilioInbox(environment, a_clinic(numbers=[CLINIC]))


def an_hour():
    now = utc_now()
    return now - timedelta(hours=1), now + timedelta(seconds=1)


def test_texts_that_no_webhook_brought_are_listed_oldest_first_and_nothing_else(phone, inbox):
    phone.text("first")
    phone.text("", photos=2)
    phone.client().messages.create(to=DANA, from_=CLINIC, body="from us")
    phone.settle()
    listed = inbox.texts(*an_hour())
    assert [(text.sender, text.to, text.body, text.media) for text in listed] == [
        (DANA, CLINIC, "first", 0),
        (DANA, CLINIC, "", 2),
    ]
    assert all(text.at.tzinfo for text in listed)


def test_a_list_of_many_pages_is_whole(phone, inbox, monkeypatch):
    monkeypatch.setattr(rest_inbox, "ON_A_PAGE", 3)
    for number in range(10):
        phone.text(f"text {number}")
    assert [text.body for text in inbox.texts(*an_hour())] == [f"text {number}" for number in range(10)]


def test_what_is_outside_the_time_is_not_listed(phone, inbox):
    phone.text("now")
    now = utc_now()
    assert inbox.texts(now - timedelta(days=3), now - timedelta(minutes=1)) == []
    assert inbox.texts(now + timedelta(minutes=1), now + timedelta(minutes=2)) == []


def test_the_answer_of_the_fallback_is_listed_as_a_reply(phone, inbox):
    phone.text("hello")
    (reply,) = inbox.replies(*an_hour())
    assert (reply.sender, reply.to) == (CLINIC, DANA)
    assert "988" in reply.body


def test_calls_and_what_was_left_at_their_end_are_listed(phone, inbox):
    phones_of(phone).calls(DANA).records("please call me", seconds=9)
    going_on = phones_of(phone).calls(LEE)
    over, running = inbox.calls(*an_hour())
    assert (over.sender, over.ended_at is not None) == (DANA, True)
    assert (running.sid, running.ended_at) == (going_on.sid, None)
    (left,) = inbox.recordings(*an_hour())
    assert (left.call_sid, left.duration_s) == (over.sid, 9)


@pytest.mark.parametrize("fault", ["fail_rest", "throttle_rest"])
@pytest.mark.parametrize("ask", ["texts", "replies", "calls", "recordings"])
def test_a_provider_that_gives_no_list_is_said_to_give_none(phone, inbox, ask, fault):
    phones_of(phone).set_faults(**{fault: True})
    with pytest.raises(DeliveryUnknown):
        getattr(inbox, ask)(*an_hour())


def test_a_list_of_which_a_page_is_missing_is_none(phone, inbox, monkeypatch):
    monkeypatch.setattr(rest_inbox, "ON_A_PAGE", 2)
    for number in range(5):
        phone.text(f"text {number}")
    read = rest_inbox._within

    def fails_after_one_page(entries, *more):
        for count, entry in enumerate(read(entries, *more)):
            if count == 1:
                phones_of(phone).set_faults(fail_rest=True)
            yield entry

    monkeypatch.setattr(rest_inbox, "_within", fails_after_one_page)
    with pytest.raises(DeliveryUnknown):
        inbox.texts(*an_hour())


def test_what_waited_at_the_phone_is_taken_once_answered_and_alerted(database, phone, inbox):
    line = Line(database, "2026-11-24 10:00", a_clinic(numbers=[CLINIC]))
    phone.text(CRISIS, sender=LEE)
    phone.text(WISH)
    phones_of(phone).calls(SAM).records("please call me", seconds=9)
    # A minute later, so that none of them is still on its way.
    line.clock.at = utc_now() + timedelta(minutes=1)
    receiver = Receiver(line.line, inbox)
    assert take_missing(receiver) == 4
    assert take_missing(receiver) == 0
    line.runs_jobs()
    by_phone = Counter(text.to for text in line.messenger.sent)
    assert by_phone[LEE] == 1
    assert by_phone[PHONES["front"]] + by_phone[PHONES["night"]] >= 1
    with database.read() as db:
        found = {who: requests.newest_of(db, people.by_phone(db, who).id) for who in (DANA, LEE, SAM)}
        assert db.scalar(select(func.count()).select_from(callback_requests)) == 3
        assert db.scalar(select(func.count()).select_from(messages).where(messages.c.direction == "in")) == 2
        assert len(recordings.of_person(db, found[SAM].person_id)) == 1
    assert found[LEE].priority is Priority.CRISIS
    assert found[DANA].name == "Dana Zimt"
    assert found[SAM].flags == {Flag.MISSED, Flag.VOICEMAIL}


@pytest.mark.parametrize("arrives", [True, False])
def test_an_answer_is_sent_after_all_only_where_the_phone_never_got_it(sqlite_database, arrives):
    line = Line(sqlite_database, "2026-11-24 10:00", a_clinic(numbers=[CLINIC]))

    def take(heard):
        """Commit, and then answer, or die before the answer is on the line. Reports of delivery come to nothing."""
        if "SmsStatus" not in dict(heard.form) or heard["SmsStatus"] != "received":
            return "<Response/>"
        inbound = Inbound(
            f"in:{heard['MessageSid']}", Channel.SMS, heard["From"], heard["To"], heard["Body"], utc_now()
        )
        answer = line.line.intake.take(inbound)
        return twiml.texts(answer.texts, answer.refs, "http://127.0.0.1:9/status") if arrives else ("", 500)

    with scripted_clinic() as site, running_phone(site.url) as phone:
        site.script = take
        phone.text(WISH)
        line.clock.at = utc_now() + timedelta(minutes=1)
        assert take_missing(Receiver(line.line, inbox_at(phone.url))) == (0 if arrives else 1)
    line.runs_jobs()
    assert len(line.messenger.to(DANA)) == (0 if arrives else 1)
