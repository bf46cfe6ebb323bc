"""Delivery reports: in any order, twice, unknown, forged; the state of a text comes out right."""

from itertools import permutations
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from tests.builders import WORDS, Line
from triage.errors import DeliveryUnknown
from triage.model.message import Channel
from triage.model.request import Disposition, Priority
from triage.store import messages, people
from triage.store.tables import receipts as receipt_table
from triage.team import request_acts
from webhooks.text_receipts import bp

DANA = "+16025550101"
SID = "SM" + "a" * 32
PATH = "/webhooks/messages/status"


@pytest.fixture
def clinic(database):
    return Line(database, "2026-11-24 10:00")


def posts(clinic: Line, status: str, ref: str | None = None, sid: str = SID, code: str = "", **changes: str) -> int:
    """Post one report as Twilio does, signed; returns the HTTP status."""
    app = Flask(__name__)
    app.register_blueprint(bp)
    app.extensions["runtime"] = clinic.line
    query = f"?{urlencode({'ref': ref})}" if ref else ""
    form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": "AC" + "0" * 32} | changes
    form |= {"ErrorCode": code} if code else {}
    token = clinic.line.environment.twilio_auth_token
    signature = RequestValidator(token).compute_signature(clinic.line.environment.public_base_url + PATH + query, form)
    return app.test_client().post(PATH + query, data=form, headers={"X-Twilio-Signature": signature}).status_code


def tried_to_reach(clinic: Line, answer: BaseException | None = None) -> tuple[int, str, str]:
    """A text of ours to Dana; returns the request, our reference and the SID that Twilio gave."""
    ref = clinic.has_request(DANA, due="2026-11-24 17:00")
    with clinic.database.write() as db:
        request_acts.log_attempt(
            db, clinic.clinic, WORDS, ref, clinic.staff["front"], Disposition.NO_ANSWER, None, clinic.now
        )
    clinic.messenger.answers = [answer]
    clinic.runs_jobs()
    (text,) = clinic.messenger.sent
    return ref, text.ref, f"SM{text.ref.encode().hex():0>32}"


def a_reply(clinic: Line) -> str:
    """A text that answered one of Dana's; returns our reference."""
    with clinic.database.write() as db:
        person, _ = people.meet(db, DANA, "en", clinic.now)
        messages.say(db, ["in:SM1.0"], ["words"], person.id, Channel.SMS, clinic.now, "greeting", None)
    return "in:SM1.0"


def thread(clinic: Line) -> list[tuple[str | None, int | None]]:
    with clinic.database.read() as db:
        person = people.by_phone(db, DANA)
        assert person is not None
        return [(line.status, line.error_code) for line in messages.thread(db, person.id)]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered", "sent"])))
def test_reports_in_any_order_say_that_it_was_delivered(clinic, order):
    request, ref, sid = tried_to_reach(clinic)
    for status in order:
        assert posts(clinic, status, ref, sid) == 204
    assert clinic.states(request, "tried_to_reach") == ["final_ok"]
    assert thread(clinic) == [("delivered", None)]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "undelivered", "something new"])))
def test_reports_in_any_order_say_that_it_failed(clinic, order):
    request, ref, sid = tried_to_reach(clinic)
    for status in order:
        assert posts(clinic, status, ref, sid, code="30006" if status == "undelivered" else "") == 204
    (notice,) = clinic.notices(request, "tried_to_reach")
    assert (notice.state, notice.error_code) == ("final_fail", 30006)
    assert thread(clinic) == [("undelivered", 30006)]


@pytest.mark.parametrize("order", list(permutations(["sent", "undelivered", "delivered", "read"])))
def test_reports_that_contradict_each_other_end_in_one_state_whatever_their_order(clinic, order):
    request, ref, sid = tried_to_reach(clinic)
    for status in order:
        posts(clinic, status, ref, sid, code="30003" if status == "undelivered" else "")
    assert clinic.states(request, "tried_to_reach") == ["final_ok"]
    assert thread(clinic) == [("read", None)]


@pytest.mark.parametrize(("status", "state"), [("sent", "sent"), ("delivered", "final_ok"), ("failed", "final_fail")])
def test_a_report_settles_what_nobody_knew(clinic, status, state):
    request, ref, _ = tried_to_reach(clinic, DeliveryUnknown("cut line"))
    assert clinic.states(request, "tried_to_reach") == ["unknown"]
    posts(clinic, status, ref)
    assert clinic.states(request, "tried_to_reach") == [state]
    posts(clinic, "delivered", sid=SID)  # from now on it is found by its SID as well
    assert clinic.states(request, "tried_to_reach") == ["final_ok"]


def test_a_report_that_is_quicker_than_the_answer_to_the_sender_stands(clinic):
    ref = clinic.has_request(DANA, due="2026-11-24 17:00")
    with clinic.database.write() as db:
        request_acts.log_attempt(
            db, clinic.clinic, WORDS, ref, clinic.staff["front"], Disposition.NO_ANSWER, None, clinic.now
        )
    clinic.messenger.answers = [lambda: posts(clinic, "delivered", clinic.messenger.sent[-1].ref)]
    clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["final_ok"]
    assert thread(clinic) == [("delivered", None)]


def test_a_report_of_an_earlier_attempt_is_not_about_the_present_one(clinic):
    request, _, _ = tried_to_reach(clinic, DeliveryUnknown("cut line"))
    (notice,) = clinic.notices(request, "tried_to_reach")
    posts(clinic, "failed", f"n{notice.id}.{notice.attempt - 1}")
    assert clinic.states(request, "tried_to_reach") == ["unknown"]


def test_a_report_about_a_bundle_is_about_each_notice_in_it(clinic):
    refs = [clinic.has_request(f"+1602555012{number}", due="2026-11-24 14:00") for number in range(2)]
    clinic.runs_jobs("2026-11-24 10:01")
    posts(clinic, "undelivered", clinic.messenger.sent[0].ref, code="30005")
    # The next contact is to be told of both.
    assert [clinic.states(ref, "new_request") for ref in refs] == [["final_fail", "pending"]] * 2


def test_the_text_of_a_reply_is_found_by_its_reference_and_then_by_its_sid(clinic):
    ref = a_reply(clinic)
    posts(clinic, "sent", ref)
    posts(clinic, "delivered")
    assert thread(clinic) == [("delivered", None)]


@pytest.mark.parametrize(("code", "textable"), [("30006", False), ("30003", True), ("30007", True)])
def test_a_landline_is_remembered_as_one(clinic, code, textable):
    posts(clinic, "undelivered", a_reply(clinic), code=code)
    with clinic.database.read() as db:
        person = people.by_phone(db, DANA)
    assert (person.textable, person.untextable_why) == (textable, None if textable else "landline")


def test_an_opt_out_at_the_carrier_is_remembered(clinic):
    posts(clinic, "failed", a_reply(clinic), code="21610")
    with clinic.database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at == clinic.now


def test_an_alert_reported_as_undelivered_brings_the_next_round_forward_once(clinic):
    clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    (alert,) = clinic.messenger.sent
    for _ in range(3):
        posts(clinic, "undelivered", alert.ref, code="30003")
    assert clinic.runs_jobs() == ["front", "lead"]
    posts(clinic, "undelivered", alert.ref, code="30003")
    assert clinic.runs_jobs() == []


def test_reports_that_we_cannot_place_are_kept_and_answered(clinic):
    assert posts(clinic, "delivered", "n999.1") == 204
    assert posts(clinic, "delivered", "nonsense", sid="SM" + "b" * 32) == 204
    with clinic.database.read() as db:
        assert len(db.execute(select(receipt_table)).all()) == 2


@pytest.mark.parametrize(
    "form",
    [
        {"sid": ""},
        {"status": ""},
        {"sid": "x" * 500, "status": "y" * 500, "ref": "z" * 500},
        {"code": "9" * 40},
        {"code": "²"},
        {"sid": "SM\x00", "status": "sent\x00", "ref": "n1.1\x00"},
        {"ref": "n99999999999999999999.1"},
        {"ref": "n1.99999999999999999999"},
    ],
)
def test_a_malformed_report_is_answered_and_breaks_nothing(clinic, form):
    assert posts(clinic, **({"status": "sent"} | form)) == 204


def test_what_twilio_did_not_sign_is_turned_away(clinic):
    app = Flask(__name__)
    app.register_blueprint(bp)
    app.extensions["runtime"] = clinic.line
    answer = app.test_client().post(PATH, data={"MessageSid": SID, "MessageStatus": "delivered"})
    assert answer.status_code == 403


def test_a_report_that_cannot_be_kept_is_asked_for_again(clinic):
    with clinic.database.write() as db:
        db.exec_driver_sql("ALTER TABLE receipts RENAME TO receipts_away")
    try:
        assert posts(clinic, "delivered") == 503
    finally:
        with clinic.database.write() as db:
            db.exec_driver_sql("ALTER TABLE receipts_away RENAME TO receipts")
