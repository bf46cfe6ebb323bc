"""Ringing what is due: what was certainly not rung is rung again, what nobody can say is looked up."""

import pytest
from sqlalchemy.exc import IntegrityError

from tests.builders import PHONES, Line
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.jobs import ring_phones
from triage.model.call import LegState, Purpose, Wanted
from triage.model.request import Disposition, Priority
from triage.ports import CallReport
from triage.ringing import call_back, leg_turns, outgoing_leg, transfer
from triage.ringing.call_back import CannotCall
from triage.store import legs, members, requests
from triage.team import request_acts

DANA = "+16025550132"


@pytest.fixture
def clinic(database):
    return Line(database, "2026-11-24 10:00")


@pytest.fixture
def ref(clinic):
    return clinic.has_request(DANA)


def begin(clinic, ref, login="front"):
    with clinic.database.write() as db:
        member = members.by_login(db, login)
        assert member is not None
        return call_back.begin(db, ref, member, clinic.now)


def leg_of(clinic, leg):
    with clinic.database.read() as db:
        found = legs.get(db, leg.id)
    assert found is not None
    return found


def rings(clinic, **later):
    clinic.clock.move(**later)
    return ring_phones.place_due(clinic.dialler)


def test_a_leg_is_rung_once_with_its_own_reference(clinic, ref):
    leg = begin(clinic, ref)
    assert (rings(clinic), rings(clinic)) == (1, 0)
    call = clinic.caller.rung[0]
    assert (call.to, call.ref, call.path) == (PHONES["front"], f"l{leg.id}", f"/webhooks/calls/{leg.id}/answered")
    assert leg_of(clinic, leg).sid == clinic.caller.sid(leg.ref)


def test_two_clocks_ring_a_leg_once(clinic, ref):
    begin(clinic, ref)
    clinic.caller.answers.append(None)
    second = ring_phones.Dialler(clinic.line, clinic.caller)
    with clinic.database.read() as db:
        due = legs.due(db, ring_phones.OURS, clinic.now)
    assert [ring_phones._place(one, due[0]) for one in (clinic.dialler, second)] == [True, False]
    assert len(clinic.caller.rung) == 1


def test_what_was_certainly_not_rung_is_rung_again_while_it_is_wanted(clinic, ref):
    leg = begin(clinic, ref)
    clinic.caller.answers += [DeliveryFailed(Refusal.LATER, 20429)] * 20
    rung = [rings(clinic, seconds=2) for _ in range(20)]
    assert 2 <= sum(rung) < 5
    assert leg_of(clinic, leg).status == "failed"
    assert not isinstance(begin(clinic, ref), CannotCall), "the person is free again"


def test_a_phone_that_cannot_be_called_frees_the_person_and_says_why(clinic, ref):
    leg = begin(clinic, ref)
    clinic.caller.answers.append(DeliveryFailed(Refusal.BAD_NUMBER, 21211))
    assert rings(clinic) == 1
    ended = leg_of(clinic, leg)
    assert (ended.state, ended.status, ended.error_code, ended.why) == (LegState.ENDED, "failed", 21211, "bad_number")
    assert not isinstance(begin(clinic, ref), CannotCall)


@pytest.mark.parametrize("fault", [DeliveryUnknown("cut"), RuntimeError("anything")])
def test_a_call_of_which_nobody_can_say_whether_it_was_made_is_not_made_again(clinic, ref, fault):
    leg = begin(clinic, ref)
    clinic.caller.answers.append(fault)
    assert (rings(clinic), rings(clinic, seconds=2)) == (1, 0)
    assert leg_of(clinic, leg).state is LegState.PLACED
    assert begin(clinic, ref, "night") is CannotCall.CALLING


@pytest.mark.parametrize(
    ("trace", "status"), [(CallReport("CA9", "completed", None, 12), "completed"), (None, "failed")]
)
def test_it_is_looked_up_by_the_phone_that_was_rung(clinic, ref, trace, status):
    leg = begin(clinic, ref)
    clinic.caller.answers.append(DeliveryUnknown("cut"))
    clinic.caller.traces += [trace] if trace else []
    rings(clinic)
    clinic.clock.move(minutes=3)
    assert ring_phones.settle(clinic.dialler) == 1
    settled = leg_of(clinic, leg)
    assert (settled.state, settled.status, settled.sid) == (LegState.ENDED, status, trace.sid if trace else None)
    assert ring_phones.settle(clinic.dialler) == 0


def test_a_call_that_belongs_to_another_leg_is_not_taken_for_this_one(clinic, ref):
    other = clinic.has_request("+16025550133")
    known = begin(clinic, other)
    rings(clinic)
    leg = begin(clinic, ref)
    clinic.caller.answers.append(DeliveryUnknown("cut"))
    clinic.caller.traces.append(CallReport(clinic.caller.sid(known.ref), "in-progress"))
    clinic.caller.standing[clinic.caller.sid(known.ref)] = CallReport(clinic.caller.sid(known.ref), "in-progress")
    rings(clinic)
    clinic.clock.move(minutes=3)
    ring_phones.settle(clinic.dialler)
    assert leg_of(clinic, leg).status == "failed"
    assert leg_of(clinic, known).status == "in-progress"


def test_a_leg_that_is_heard_of_is_left_alone_and_a_long_talk_stays_open(clinic, ref):
    leg = begin(clinic, ref)
    rings(clinic)
    assert ring_phones.settle(clinic.dialler) == 0
    clinic.clock.move(minutes=3)
    clinic.caller.standing[clinic.caller.sid(leg.ref)] = CallReport(clinic.caller.sid(leg.ref), "in-progress")
    assert (ring_phones.settle(clinic.dialler), ring_phones.settle(clinic.dialler)) == (1, 0)
    assert leg_of(clinic, leg).ended_at is None


def test_while_the_provider_does_not_answer_nothing_is_decided(clinic, ref):
    leg = begin(clinic, ref)
    rings(clinic)
    clinic.clock.move(minutes=3)
    clinic.caller.standing[clinic.caller.sid(leg.ref)] = DeliveryUnknown("answered 500")
    ring_phones.settle(clinic.dialler)
    assert leg_of(clinic, leg).ended_at is None


def test_a_crisis_contact_whose_phone_cannot_be_called_brings_the_next_round_forward(clinic):
    ref = clinic.has_request(DANA, Priority.CRISIS)
    clinic.runs_jobs()
    clinic.caller.answers.append(DeliveryFailed(Refusal.BAD_NUMBER, 21211))
    assert rings(clinic, seconds=61) == 1
    request = clinic.request(ref)
    assert (request.alert_round, request.next_alert_at) == (1, clinic.now)
    assert clinic.runs_jobs() == ["front", "lead"]


def test_each_round_rings_everybody_it_texts_and_a_late_call_is_not_made(clinic):
    clinic.has_request(DANA, Priority.CRISIS)
    clinic.runs_jobs()
    assert rings(clinic, minutes=4) == 0, "its round is over"
    clinic.runs_jobs()
    assert rings(clinic, seconds=61) == 2
    assert {call.to for call in clinic.caller.rung} == {PHONES["front"], PHONES["lead"]}


def test_a_leg_that_throws_does_not_stop_the_others(clinic, ref, monkeypatch):
    other = clinic.has_request("+16025550133")
    bad, good = begin(clinic, ref), begin(clinic, other, "night")
    why_not = outgoing_leg.why_not

    def fails_for_one(db, of, leg, now):
        if leg.id == bad.id:
            raise RuntimeError
        return why_not(db, of, leg, now)

    monkeypatch.setattr(outgoing_leg, "why_not", fails_for_one)
    assert rings(clinic) == 1
    assert leg_of(clinic, bad).why == "fault"
    assert leg_of(clinic, good).sid


def test_the_person_we_try_to_reach_is_known_by_the_try(clinic, ref):
    with clinic.database.write() as db:
        request = requests.get(db, ref)
        assert request is not None
        assert transfer.returning(db, request.person_id) is None
        member = clinic.staff["front"]
        request_acts.log_attempt(
            db, clinic.clinic, clinic.line.words, ref, member, Disposition.NO_ANSWER, None, clinic.now
        )
        assert transfer.returning(db, request.person_id) == ref
        request_acts.close(db, clinic.clinic, ref, member, Disposition.OTHER, clinic.now)
        assert transfer.returning(db, request.person_id) is None


def test_a_report_of_another_call_or_of_no_leg_changes_nothing(clinic, ref):
    leg = begin(clinic, ref)
    rings(clinic)
    for leg_id, sid in ((leg.id, "CAother"), (leg.id + 99, "CA1")):
        with clinic.database.write() as db:
            leg_turns.report(db, clinic.clinic, clinic.line.words, leg_id, CallReport(sid, "completed"), clinic.now)
    assert leg_of(clinic, leg).ended_at is None


def test_one_lock_a_person_is_the_databases_own(clinic, ref):
    begin(clinic, ref)
    person_id = clinic.request(ref).person_id
    again = Wanted(Purpose.CALL_BACK, "another", clinic.now, ref, person_id, clinic.staff["night"])
    with pytest.raises(IntegrityError), clinic.database.write() as db:
        legs.plan(db, again, clinic.now)


def told(clinic):
    clinic.runs_jobs()
    return [text.to for text in clinic.messenger.sent if "could not be rung" in text.body]


@pytest.mark.parametrize(
    "fault", [DeliveryUnknown("answered 500"), DeliveryFailed(Refusal.LATER, 20429), RuntimeError()]
)
@pytest.mark.parametrize("provider", ["knows of no call", "gives no answer"])
def test_staff_hear_within_15_s_that_their_phone_was_not_rung_and_nobody_stays_locked(clinic, ref, fault, provider):
    clinic.runs_jobs()
    begin(clinic, ref)
    clinic.caller.answers += [fault] * 20
    if provider == "gives no answer":
        clinic.caller.lists_fail = True
    for _ in range(15):
        rings(clinic, seconds=1)
        ring_phones.settle(clinic.dialler)
    assert told(clinic) == [PHONES["front"]]
    assert not isinstance(begin(clinic, ref, "night"), CannotCall)
    assert clinic.request(ref).claimed_by is None


def test_a_phone_that_cannot_be_rung_at_all_is_told_at_once(clinic, ref):
    begin(clinic, ref)
    clinic.caller.answers.append(DeliveryFailed(Refusal.BAD_NUMBER, 21211))
    rings(clinic)
    assert told(clinic) == [PHONES["front"]]


def test_a_ring_that_failed_frees_the_person_within_5_s(clinic, ref):
    begin(clinic, ref)
    clinic.caller.answers.append(DeliveryUnknown("answered 500"))
    for _ in range(5):
        rings(clinic, seconds=1)
        ring_phones.settle(clinic.dialler)
    assert not isinstance(begin(clinic, ref, "night"), CannotCall)


def test_a_phone_that_rings_after_it_was_given_up_says_so(clinic, ref):
    leg = begin(clinic, ref)
    clinic.caller.answers.append(DeliveryUnknown("cut"))
    rings(clinic)
    clinic.clock.move(seconds=4)
    ring_phones.settle(clinic.dialler)
    with clinic.database.write() as db:
        spoken = leg_turns.answered(db, clinic.clinic, leg_of(clinic, leg), clinic.now)
    assert [say.key for say in spoken.says] == ["staff_call/too_late"]
