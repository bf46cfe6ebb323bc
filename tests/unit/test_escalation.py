"""Escalation until a human acts: a crisis that nobody has called, what stays overdue, alerts that share a text."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.builders import PHONES, Line, a_clinic, local
from tests.unit.test_jobs import minutes
from triage.errors import DeliveryFailed, Refusal
from triage.model.call import LegState, Purpose, Wanted
from triage.model.request import Disposition, Priority, Status
from triage.store import legs
from triage.team import request_acts
from triage.team.alert_codes import without_codes

MORNING = "2026-11-24 10:00"


def logs(clinic: Line, ref: int, outcome: Disposition, login: str = "front") -> None:
    clinic.does(request_acts.log_attempt, clinic.clinic, clinic.line.words, ref, clinic.staff[login], outcome, "")


def seen_crisis(database, act=request_acts.acknowledge) -> tuple[Line, int]:
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    assert clinic.does(act, ref, clinic.staff["night"])
    clinic.messenger.take()
    return clinic, ref


@pytest.mark.parametrize("act", [request_acts.acknowledge, request_acts.claim])
def test_a_crisis_that_was_seen_and_that_nobody_calls_alerts_anew_with_the_lead_and_says_why(database, act):
    clinic, ref = seen_crisis(database, act)
    assert minutes(clinic, 14) == [(11, ["night", "lead"]), (14, ["night", "lead", "boss"])]
    (first, *_) = clinic.messenger.sent
    assert "acknowledged, but nobody has called" in first.body
    assert f"CRISIS {ref}" in first.body
    assert clinic.request(ref).status is Status.QUEUED, "anybody may take it now"


def test_who_acknowledges_it_again_has_as_long_again_and_then_it_begins_once_more(database):
    clinic, ref = seen_crisis(database)
    assert minutes(clinic, 11) == [(11, ["night", "lead"])]
    assert clinic.does(request_acts.acknowledge, ref, clinic.staff["lead"])
    assert minutes(clinic, 11) == [(11, ["night", "lead"])]
    assert clinic.does(request_acts.claim, ref, clinic.staff["lead"])
    logs(clinic, ref, Disposition.REACHED, "lead")
    clinic.does(request_acts.close, ref, clinic.staff["lead"], Disposition.REACHED)
    assert minutes(clinic, 60) == []


@pytest.mark.parametrize("outcome", [Disposition.REACHED, Disposition.BOOKED, Disposition.WRONG_NUMBER])
def test_a_call_that_is_logged_keeps_the_rounds_from_beginning_anew(database, outcome):
    clinic, ref = seen_crisis(database)
    clinic.clock.move(minutes=9)
    logs(clinic, ref, outcome, "night")
    assert all("nobody has called" not in text.body for _ in minutes(clinic, 60) for text in clinic.messenger.sent)


def test_after_a_try_without_an_answer_the_next_one_is_waited_for(database):
    clinic, ref = seen_crisis(database)
    logs(clinic, ref, Disposition.NO_ANSWER, "night")
    told = minutes(clinic, 26)
    assert told == [(15, ["lead"]), (26, ["night", "lead"])]


def test_whoever_is_being_called_right_now_is_called(database):
    clinic, ref = seen_crisis(database)
    with database.write() as db:
        person = clinic.request(ref).person_id
        talk = Wanted(
            Purpose.PATIENT, "patient:1", clinic.now, ref, person, clinic.staff["night"], state=LegState.PLACED
        )
        legs.plan(db, talk, clinic.now)
    assert minutes(clinic, 14) == []


def test_an_owner_who_texts_t_again_is_obeyed_after_the_rounds_began_anew(database):
    clinic, ref = seen_crisis(database, request_acts.claim)
    minutes(clinic, 11)
    assert clinic.does(request_acts.claim, ref, clinic.staff["night"])
    assert minutes(clinic, 9) == []


def test_what_stays_overdue_goes_to_the_lead_and_then_to_the_fallback_contact_too_in_open_hours_only(database):
    clinic = Line(database, MORNING)
    clinic.has_request(due="2026-11-24 13:00")
    told = {}
    for quarter in range(4 * 24 * 2):
        clinic.clock.at = local(MORNING) + timedelta(minutes=15 * quarter)
        if texted := [login for login in clinic.runs_jobs() if login in ("lead", "boss")]:
            told[clinic.now.astimezone(clinic.clinic.zone).strftime("%d %H:%M")] = texted
    both = ["lead", "boss"]
    assert told == {
        "24 13:00": ["lead"],
        "24 15:00": both,
        "25 09:00": both,
        "25 11:00": both,
        "25 13:00": both,
        "25 15:00": both,
        "26 09:00": both,
    }


def test_who_acts_on_what_is_overdue_has_as_long_again(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(due="2026-11-24 11:00")
    clinic.runs_jobs("2026-11-24 11:00")
    clinic.clock.at = local("2026-11-24 12:30")
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert clinic.runs_jobs("2026-11-24 13:00") == []
    assert clinic.runs_jobs("2026-11-24 14:30") == ["lead", "boss"]
    logs(clinic, ref, Disposition.REACHED)
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.REACHED)
    assert clinic.runs_jobs("2026-11-24 16:30") == []


def test_an_urgent_request_that_stays_overdue_climbs_at_night_too(database):
    clinic = Line(database, "2026-11-24 22:00")
    clinic.has_request(priority=Priority.URGENT, due="2026-11-24 22:30")
    told = minutes(clinic, 95)
    assert [one for one in told if one[0] >= 30] == [(30, ["lead"]), (60, ["lead", "boss"]), (90, ["lead", "boss"])]


@pytest.mark.parametrize("priority", [Priority.URGENT, Priority.CRISIS, Priority.EMERGENCY])
def test_several_alerts_at_once_to_one_member_of_staff_share_a_text(database, priority):
    clinic = Line(database, MORNING)
    refs = [
        clinic.has_request(f"+1602555012{number}", priority=priority, due="2026-11-24 12:00") for number in range(3)
    ]
    assert clinic.runs_jobs() == ["front"]
    (text,) = clinic.messenger.sent
    assert ", ".join(map(str, refs)) in without_codes(text.body)
    kind = "urgent" if priority is Priority.URGENT else "alert"
    assert [clinic.states(ref, kind) for ref in refs] == [["sent"]] * 3


def test_several_overdue_ones_share_a_text_and_a_crisis_none_with_an_emergency(database):
    clinic = Line(database, MORNING)
    for number in range(3):
        clinic.has_request(f"+1602555012{number}", due="2026-11-24 11:00")
    clinic.runs_jobs("2026-11-24 10:01")
    clinic.runs_jobs("2026-11-24 10:45")
    assert clinic.runs_jobs("2026-11-24 11:00") == ["lead"]
    clinic.has_request("+16025550131", priority=Priority.CRISIS)
    clinic.has_request("+16025550132", priority=Priority.EMERGENCY)
    assert clinic.runs_jobs() == ["front", "front"]


def test_no_more_requests_share_a_text_than_the_clinic_wants(database):
    clinic = Line(database, MORNING, a_clinic(alerts={"most_in_one_text": 1}))
    for number in range(3):
        clinic.has_request(f"+1602555012{number}", priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["front"] * 3


def test_a_shared_alert_that_is_refused_brings_the_next_round_of_each_forward(database):
    clinic = Line(database, MORNING)
    refs = [clinic.has_request(f"+1602555012{number}", priority=Priority.CRISIS) for number in range(3)]
    clinic.messenger.answers = [DeliveryFailed(Refusal.LANDLINE, 30006)]
    clinic.runs_jobs()
    assert clinic.runs_jobs() == ["front", "lead"]
    (text,) = clinic.messenger.to(PHONES["lead"])
    assert ", ".join(map(str, refs)) in without_codes(text)


def crowd(database, count: int, priority: Priority) -> Line:
    own = {"segments_per_second": 1}, {"most_in_one_text": 1}
    clinic = Line(database, MORNING, a_clinic(sending=own[0], alerts=own[1]))
    for number in range(count):
        clinic.has_request(f"+160255501{number:02}", priority=priority, due="2026-11-24 16:00")
    return clinic


def test_a_crowd_of_texts_goes_out_as_fast_as_the_number_may_send_and_none_is_lost(database):
    clinic = crowd(database, 60, Priority.URGENT)
    sent = []
    for _ in range(16):
        clinic.runs_jobs()
        sent.append(len(clinic.messenger.sent))
        clinic.clock.move(seconds=5)
    assert sent[0] <= 32
    assert all(later - before <= 6 for before, later in pairwise(sent))
    assert sent[-1] == 60


def test_crisis_alerts_are_not_held_by_a_crowd_of_other_texts(database):
    clinic = crowd(database, 40, Priority.URGENT)
    clinic.runs_jobs()
    clinic.messenger.take()
    clinic.has_request("+16025550199", priority=Priority.CRISIS)
    assert "front" in clinic.runs_jobs()
    assert "CRISIS" in clinic.messenger.sent[0].body


def test_a_wall_clock_that_is_set_back_holds_no_text_for_so_long(database):
    clinic = crowd(database, 40, Priority.URGENT)
    clinic.runs_jobs()
    clinic.messenger.take()
    clinic.has_request("+16025550198", priority=Priority.URGENT, due="2026-11-24 16:00")
    clinic.clock.at = local("2026-11-24 09:00")
    clinic.has_request("+16025550199", priority=Priority.URGENT, due="2026-11-24 16:00")
    assert clinic.runs_jobs() == ["front"]
