"""Ambiguous sends: settled by the provider's list or a receipt, sent again or not, told to staff; in time."""

from datetime import timedelta

import pytest

from tests.builders import PHONES, Line, local
from triage.errors import DeliveryUnknown, Refusal
from triage.jobs import send_texts, upkeep
from triage.jobs.pace import TO_PATIENTS
from triage.model.request import Disposition, Flag, Priority
from triage.notices import delivery
from triage.policy import Alerts
from triage.team import request_acts

DANA = "+16025550101"
MORNING = "2026-11-24 10:00"


class Killed(BaseException):
    """The process ends here, as by kill -9."""


def tried_to_reach(clinic):
    """A text to a patient that is due now."""
    ref = clinic.has_request(DANA, due="2026-11-24 12:00")
    clinic.does(
        request_acts.log_attempt,
        clinic.clinic,
        clinic.line.words,
        ref,
        clinic.staff["front"],
        Disposition.NO_ANSWER,
        "",
    )
    return ref


def run_for(clinic, seconds, step=1):
    """Let the clock run for a while."""
    for _ in range(0, seconds, step):
        clinic.clock.move(seconds=step)
        clinic.runs_jobs()


def is_taken_but_not_answered(clinic):
    """The provider takes the text, then the line is cut."""

    def act():
        clinic.messenger.taken.add(clinic.messenger.sent[-1].ref)
        raise DeliveryUnknown("cut")

    return act


def test_a_text_that_was_taken_though_the_line_was_cut_is_found_and_not_sent_again(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [is_taken_but_not_answered(clinic)]
    clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["unknown"]
    run_for(clinic, 60)
    assert clinic.states(ref, "tried_to_reach") == ["sent"]
    assert len(clinic.messenger.to(DANA)) == 1


def test_a_text_that_never_arrived_there_is_sent_again_within_a_minute(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    clinic.runs_jobs()
    run_for(clinic, 60)
    assert clinic.states(ref, "tried_to_reach") == ["sent"]
    assert len(clinic.messenger.to(DANA)) == 2


def test_the_same_words_sent_before_are_not_taken_for_this_send(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    clinic.clock.move(seconds=181)
    clinic.messenger.answers = [DeliveryUnknown("time-out"), DeliveryUnknown("time-out")]
    clinic.runs_jobs()
    run_for(clinic, 10)
    assert "unknown" not in clinic.states(ref, "alert")
    assert len(clinic.messenger.to(PHONES["front"])) == 3, "the first round, and the second twice"


def test_a_clock_killed_before_a_crisis_alert_went_out_delays_it_by_the_lease_only(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.messenger.answers = [Killed()]
    with pytest.raises(Killed):
        clinic.runs_jobs()
    clinic.messenger.sent.clear()
    run_for(clinic, 15)
    assert clinic.messenger.to(PHONES["front"]), "no waiting for the next round"
    assert clinic.states(ref, "alert") == ["sent"]


def test_while_the_provider_gives_no_list_staff_are_texted_again_and_patients_are_not(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    clinic.messenger.listing = DeliveryUnknown("down")
    clinic.runs_jobs()
    urgent = clinic.has_request("+16025550102", priority=Priority.URGENT)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    clinic.runs_jobs()
    run_for(clinic, 90)
    assert clinic.states(ref, "tried_to_reach") == ["unknown"]
    assert clinic.states(urgent, "urgent") == ["sent"]
    run_for(clinic, 1900, step=10)
    assert clinic.states(ref, "tried_to_reach") == ["final_fail"]
    assert [notice.why for notice in clinic.notices(ref, "tried_to_reach")] == ["unsettled"]
    assert Flag.NEEDS_PERSON in clinic.request(ref).flags
    assert len(clinic.messenger.to(DANA)) == 1


def test_a_list_that_fails_for_most_of_a_minute_doubles_no_text_to_staff(database):
    clinic = Line(database, MORNING)
    clinic.has_request(DANA, due="2026-11-24 12:00", priority=Priority.URGENT)
    clinic.messenger.answers = [is_taken_but_not_answered(clinic)]
    clinic.messenger.listing = DeliveryUnknown("no list")
    run_for(clinic, 50)
    clinic.messenger.listing = None
    run_for(clinic, 30)
    assert len(clinic.messenger.to(PHONES["front"])) == 1


def test_in_one_round_the_provider_is_asked_once_for_all_texts_to_a_phone(database):
    clinic = Line(database, MORNING)
    clinic.messenger.answers = [is_taken_but_not_answered(clinic) for _ in range(6)]
    for number in range(6):
        clinic.has_request(f"+1602555010{number}", due="2026-11-24 12:00", priority=Priority.URGENT)
        clinic.runs_jobs()
    run_for(clinic, 30)
    assert clinic.messenger.lists_asked < 6
    assert len(clinic.messenger.to(PHONES["front"])) == 6


def test_a_receipt_that_comes_first_settles_it_and_no_look_changes_that(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    clinic.runs_jobs()
    sent = clinic.messenger.sent[-1]
    clinic.does(delivery.report, clinic.messenger.sid(sent.ref), "delivered", sent.ref, Refusal.OTHER, None)
    run_for(clinic, 60)
    assert clinic.states(ref, "tried_to_reach") == ["final_ok"]
    assert len(clinic.messenger.to(DANA)) == 1


def test_of_two_clocks_one_looks(database):
    clinic = Line(database, MORNING)
    tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    clinic.runs_jobs()
    clinic.clock.move(seconds=4)
    assert [upkeep.settle(clinic.outbox, TO_PATIENTS) for _ in range(2)] == [1, 0]


def test_a_stop_that_comes_between_claim_and_send_is_obeyed(database, monkeypatch):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    look = send_texts._may_still_go

    def stopped_meanwhile(outbox, claimed):
        clinic.changes_person(ref, opted_out_at=clinic.now)
        return look(outbox, claimed)

    monkeypatch.setattr(send_texts, "_may_still_go", stopped_meanwhile)
    clinic.runs_jobs()
    assert clinic.messenger.to(DANA) == []
    assert clinic.states(ref, "tried_to_reach") == ["dropped"]


def test_a_clock_that_stood_still_past_its_lease_does_not_send(database, monkeypatch):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    look = send_texts._may_still_go

    def stood_still(outbox, claimed):
        clinic.clock.move(seconds=61)
        return look(outbox, claimed)

    monkeypatch.setattr(send_texts, "_may_still_go", stood_still)
    upkeep.send(clinic.outbox, TO_PATIENTS)
    assert clinic.messenger.to(DANA) == []
    monkeypatch.undo()
    run_for(clinic, 20)
    assert clinic.states(ref, "tried_to_reach") == ["sent"]


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)])
@pytest.mark.parametrize("when", ["before the first round", "between two rounds", "while an alert is claimed"])
def test_a_wall_clock_that_is_set_back_starves_no_crisis_alert(database, back, when):
    clinic = Line(database, MORNING)
    clinic.has_request(priority=Priority.CRISIS)
    if when == "between two rounds":
        clinic.runs_jobs()
    if when == "while an alert is claimed":
        clinic.messenger.answers = [Killed()]
        with pytest.raises(Killed):
            clinic.runs_jobs()
    clinic.messenger.sent.clear()
    clinic.clock.at = local(MORNING) - back
    run_for(clinic, 15)
    if when == "between two rounds" and back < Alerts().longest_pause:
        # No farther off than a late round is anyway: by so much at the most it waits.
        run_for(clinic, 500, step=5)
    assert clinic.messenger.to(PHONES["front"])
