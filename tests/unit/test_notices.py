"""What a request needs told, to whom and when; and the hours in which a patient may be texted."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PHONES, WORDS, Line, a_clinic, local
from triage.errors import DeliveryFailed, Refusal
from triage.intake.inbound_calls import CallIntake, CallTurn, Happened
from triage.model.request import Flag, Priority
from triage.notices.plan import follow
from triage.notices.quiet_hours import next_text_hour, text_hours_end
from triage.notices.recipients import round_addressees
from triage.notices.to_patients import plan_tried_to_reach
from triage.policy import Alerts, PatientTexts
from triage.store import requests
from triage.team import request_acts

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu")


def test_a_new_request_is_told_to_those_on_duty_within_two_minutes(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    assert clinic.runs_jobs("2026-11-24 10:00") == []
    assert clinic.runs_jobs("2026-11-24 10:01") == ["front"]
    assert f"request {ref}" in clinic.messenger.sent[0].body
    assert f"https://line.example.org/staff/requests/{ref}" in clinic.messenger.sent[0].body
    assert clinic.runs_jobs("2026-11-24 10:02") == []


@pytest.mark.parametrize(("at", "told"), [("10:00", "front"), ("22:00", "night")], ids=["open hours", "at night"])
def test_a_message_that_no_machine_has_read_is_told_at_once_and_stands_first(database, at, told):
    clinic = Line(database, f"2026-11-24 {at}")
    clinic.has_request("+16025550199", due=f"2026-11-24 {at}")
    edge, caller = CallIntake(clinic.line.intake), "+16025550188"
    for number, key in enumerate(("", "9", "3")):
        edge.take(CallTurn("CA1", number, caller, "+16025550100", clinic.now, key))
    left = {"happened": Happened.RECORDED, "recording": "RE1", "duration_s": 9}
    edge.take(CallTurn("CA1", 3, caller, "+16025550100", clinic.now, **left))
    with database.read() as db:
        first = requests.queue(db)[0]
    assert first.person_phone == caller
    assert first.request.due_at == clinic.now + timedelta(minutes=15)
    assert told in clinic.runs_jobs()
    assert any("listen" in text.body for text in clinic.messenger.sent if text.to == PHONES[told])


def test_requests_that_come_close_together_share_one_text(database):
    clinic = Line(database, "2026-11-24 10:00")
    refs = []
    for number in range(3):
        refs.append(clinic.has_request(f"+1602555012{number}", due="2026-11-24 14:00"))
        clinic.clock.move(seconds=15)
    assert clinic.runs_jobs("2026-11-24 10:01") == ["front"]
    (text,) = clinic.messenger.take()
    assert ", ".join(map(str, refs)) in text.body
    assert [clinic.states(ref, "new_request") for ref in refs] == [["sent"]] * 3
    assert clinic.runs_jobs("2026-11-24 10:03") == []


def test_a_new_request_does_not_wait_for_a_text_that_was_put_off(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request("+16025550121", due="2026-11-24 14:00")
    clinic.messenger.answers = [DeliveryFailed(Refusal.LATER, 20429) for _ in range(6)]
    for minute in range(1, 10):
        clinic.runs_jobs(f"2026-11-24 10:0{minute}")
    clinic.messenger.take()
    clinic.clock.at = local("2026-11-24 10:10")
    clinic.has_request("+16025550122", due="2026-11-24 14:00")
    assert clinic.runs_jobs("2026-11-24 10:11") == ["front"]


def test_a_caller_who_withheld_the_number_is_sent_no_text(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request("anonymous", due="2026-11-24 14:00")
    with database.write() as db:
        plan_tried_to_reach(db, clinic.clinic, clinic.request(ref), "words", clinic.now)
    assert clinic.notices(ref, "tried_to_reach") == []


def test_a_request_of_the_night_is_told_at_the_next_opening(database):
    clinic = Line(database, "2026-11-24 22:00")
    clinic.has_request(due="2026-11-25 13:00")
    assert clinic.runs_jobs("2026-11-24 22:05") == []
    assert clinic.runs_jobs("2026-11-25 08:59") == []
    assert clinic.runs_jobs("2026-11-25 09:00") == ["front"]


def test_a_request_that_somebody_has_taken_is_not_announced(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    assert clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert clinic.runs_jobs("2026-11-24 10:05") == []
    assert clinic.states(ref, "new_request") == ["dropped"]


def test_a_request_that_is_given_back_unannounced_is_announced_after_all(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.does(request_acts.claim, ref, clinic.staff["lead"])
    clinic.does(request_acts.release, ref, clinic.staff["lead"])
    assert clinic.runs_jobs("2026-11-24 10:01") == ["front"]


def test_what_is_due_soon_reminds_those_on_duty_and_then_its_owner(database):
    clinic = Line(database, "2026-11-24 10:00")
    taken = clinic.has_request("+16025550101", due="2026-11-24 14:00")
    clinic.has_request("+16025550102", due="2026-11-24 15:00")
    clinic.runs_jobs("2026-11-24 10:01")
    clinic.does(request_acts.claim, taken, clinic.staff["night"])
    assert clinic.runs_jobs("2026-11-24 13:44") == []
    assert clinic.runs_jobs("2026-11-24 13:45") == ["night"]
    assert clinic.runs_jobs("2026-11-24 14:45") == ["lead", "front"]  # the first is overdue by now


def test_what_is_overdue_is_told_to_the_lead_once(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(due="2026-11-24 17:00")
    clinic.runs_jobs("2026-11-24 10:01")
    clinic.runs_jobs("2026-11-24 16:45")
    assert clinic.runs_jobs("2026-11-24 17:00") == ["lead"]
    assert "overdue" in clinic.messenger.sent[-1].body
    assert clinic.runs_jobs("2026-11-24 17:01") == []


def test_a_promise_that_moves_takes_its_reminders_along(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.runs_jobs("2026-11-24 10:01")
    clinic.changes(ref, due_at=local("2026-11-25 11:00"))
    assert clinic.runs_jobs("2026-11-24 15:00") == []
    assert clinic.runs_jobs("2026-11-25 10:45") == ["front"]
    assert clinic.runs_jobs("2026-11-25 11:00") == ["lead"]


def test_planning_again_changes_nothing(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    before = clinic.notices(ref)
    clinic.clock.move(seconds=30)
    with database.write() as db:
        follow(db, clinic.clinic, ref, clinic.now)
    assert clinic.notices(ref) == before


def test_a_closed_request_needs_nothing_more(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.does(request_acts.cancel, ref, clinic.staff["front"])
    assert {str(notice.state) for notice in clinic.notices(ref)} == {"dropped"}
    assert clinic.runs_jobs("2026-11-24 14:00") == []


@pytest.mark.parametrize(("at", "told"), [("2026-11-24 10:00", "front"), ("2026-11-24 23:00", "night")])
def test_an_urgent_request_is_told_at_once_at_any_hour(database, at, told):
    clinic = Line(database, at)
    clinic.has_request(priority=Priority.URGENT, due=at)
    assert told in clinic.runs_jobs()
    assert any("URGENT" in body for body in clinic.messenger.to("+16025550111") + clinic.messenger.to("+16025550112"))


def test_an_urgent_request_that_nobody_takes_goes_to_the_lead_after_a_quarter_of_an_hour(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(priority=Priority.URGENT, due="2026-11-24 10:30")
    assert clinic.runs_jobs("2026-11-24 10:00") == ["front"]
    assert clinic.runs_jobs("2026-11-24 10:14") == []
    assert clinic.runs_jobs("2026-11-24 10:15") == ["lead", "front"]  # the lead; and that it is due soon


@pytest.mark.parametrize("act", [request_acts.claim, request_acts.acknowledge])
def test_an_urgent_request_that_somebody_has_seen_does_not_go_to_the_lead(database, act):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(priority=Priority.URGENT, due="2026-11-24 10:40")
    clinic.runs_jobs()
    clinic.does(act, ref, clinic.staff["front"])
    assert clinic.runs_jobs("2026-11-24 10:15") == []


def test_a_check_in_without_a_reply_is_to_be_read_and_pages_nobody(database):
    clinic = Line(database, "2026-11-24 22:00")
    clinic.has_request(priority=Priority.URGENT, flags={Flag.PLEASE_READ}, due="2026-11-24 22:00")
    assert clinic.runs_jobs("2026-11-24 22:30") == []
    assert sorted(clinic.runs_jobs("2026-11-25 09:00")) == ["front", "lead"]


def test_who_reads_a_check_in_at_night_pages_nobody_else(database):
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=Priority.URGENT, flags={Flag.PLEASE_READ}, due="2026-11-24 22:00")
    assert clinic.runs_jobs("2026-11-24 22:10") == []
    clinic.does(request_acts.read, ref, clinic.staff["front"])
    assert clinic.runs_jobs("2026-11-24 22:30") == []


def test_a_request_that_turns_into_a_crisis_alerts_although_it_is_taken(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    clinic.changes(ref, priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["front"]
    assert "CRISIS" in clinic.messenger.sent[-1].body


def test_when_nobody_on_duty_can_be_texted_the_lead_is(database):
    clinic = Line(database, "2026-11-24 10:00", unconfirmed=("front",))
    clinic.has_request(due="2026-11-24 14:00")
    assert clinic.runs_jobs("2026-11-24 10:01") == ["lead"]


def test_a_notice_that_nobody_can_be_told_is_dropped_and_says_so(database):
    clinic = Line(database, "2026-11-24 10:00", unconfirmed=("front", "night", "lead", "boss"))
    ref = clinic.has_request(due="2026-11-24 14:00")
    assert clinic.runs_jobs("2026-11-24 10:01") == []
    assert [notice.why for notice in clinic.notices(ref, "new_request")] == ["nobody_to_tell"]


def test_the_rounds_of_a_crisis_widen_and_never_end():
    clinic = a_clinic()
    at = local("2026-11-24 10:00")
    assert [round_addressees(number, clinic, at) for number in (1, 2, 3, 9)] == [
        ("front",),
        ("front", "lead"),
        ("front", "lead", "boss"),
        ("front", "lead", "boss"),
    ]
    assert [Alerts().pause_after_round(number).total_seconds() / 60 for number in range(1, 8)] == [
        3,
        3,
        3,
        3,
        10,
        10,
        10,
    ]


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    at=st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),
)
def test_whatever_the_time_a_text_that_we_start_goes_out_between_nine_and_eight(zone, at):
    goes = next_text_hour(PatientTexts(), zone, at)
    assert at <= goes <= at + timedelta(hours=14)
    assert time(9) <= goes.astimezone(zone).time() < time(20)
    end = text_hours_end(PatientTexts(), zone, goes).astimezone(zone)
    assert (end.time(), end.date()) == (time(20), goes.astimezone(zone).date())


@pytest.mark.parametrize("day", ["2027-03-14", "2027-11-07"])
def test_on_the_days_when_clocks_change_the_morning_is_nine_by_the_wall(day):
    zone = ZoneInfo("America/New_York")
    eve = datetime.fromisoformat(f"{day} 23:30").replace(tzinfo=zone) - timedelta(days=1)
    assert (
        next_text_hour(PatientTexts(), zone, eve.astimezone(UTC))
        .astimezone(zone)
        .isoformat(" ")
        .startswith(f"{day} 09:00:00")
    )


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_text_after_a_try_is_one_part_long_and_names_no_treatment(lang):
    body = WORDS.say("tried_to_reach", lang, {"sender": "Example Care"})
    assert body.isascii()
    assert len(body) <= 160
    assert not [word for word in ("ketamin", "tms", "clinic", "medic") if word in body.lower()]


def test_a_clinic_that_wants_to_be_told_at_night_is_told_at_night(database):
    line = Line(database, "2026-11-23 22:00", a_clinic(new_requests_at_night=True))
    line.has_request()
    assert line.runs_jobs("2026-11-23 22:02") != []
