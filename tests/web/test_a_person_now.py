"""A caller who wants a person is put through to those on duty; nobody's private mailbox gets the call."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.builders import EVERY_DAY, a_clinic
from tests.ringing_house import BOSS, DANA, FRONT, LEAD, NIGHT, House
from triage.intake.inbound_calls import CallIntake
from triage.model.message import ConnectTo
from triage.model.request import Disposition, Priority, Status
from triage.ringing import leg_turns, transfer
from triage.ringing.call_back import CannotCall
from triage.ringing.outgoing_leg import OVER
from triage.store import requests
from triage.team import request_acts

TWO = {"duty": {day: ["front", "night"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}}


@pytest.fixture
def house(database, monkeypatch):
    return House(database, monkeypatch, **TWO)


def open_request(house, phone=DANA):
    with house.line.database.read() as db:
        return next(row.request for row in requests.queue(db) if row.person_phone == phone)


def test_the_first_on_duty_takes_the_caller_with_a_key(house):
    caller = house.phones.calls(DANA).presses("0")
    assert open_request(house).status is Status.QUEUED, "the place in line is taken before a phone rings"
    staff = house.phones.answers(FRONT)
    staff.hears("A caller is waiting")
    assert staff.state["from"] == house.line.clinic.numbers[0]
    staff.presses("1")
    assert staff.waits_for == "connected"
    request = open_request(house)
    assert request.claimed_by == house.line.staff["front"]
    assert house.phones.of(NIGHT) == []
    staff.hangs_up()
    assert caller.ended
    assert house.open_legs() == []


def waited_of_late(house, minutes, people=24):
    """People who asked at ten in the morning of the last days, each tried after another of these minutes."""
    now = house.line.now
    for number in range(people):
        house.line.clock.at = now - timedelta(days=4)
        ref = house.line.has_request(f"+1602555{100 + number:04d}")
        house.line.clock.move(minutes=minutes[number % len(minutes)])
        house.line.does(request_acts.close, ref, house.line.staff["front"], Disposition.REACHED)
        with house.line.database.write() as db:
            requests.add_attempt(db, ref, house.line.staff["front"], Disposition.REACHED, None, house.line.now)
    house.line.clock.at = now


def test_the_place_in_line_and_the_likely_wait_are_told_as_a_range(house):
    waited_of_late(house, (12, 25, 40, 55))
    waiting = house.line.has_request("+16025550177")
    house.line.changes(waiting, due_at=house.line.now)
    caller = house.phones.calls(DANA).presses("0")
    house.phones.declines(FRONT)
    house.phones.declines(NIGHT)
    caller.hears("number 2 in line").hears("after 10 to 40 minutes")


@pytest.mark.parametrize("why", ["too few", "long ago", "a window"])
def test_where_the_wait_cannot_be_known_nothing_is_invented(house, why):
    waited_of_late(house, (12, 25), people=19 if why == "too few" else 24)
    if why == "long ago":
        house.line.clock.move(weeks=4)
    if why == "a window":
        start = house.line.now + timedelta(hours=2)
        ref = house.line.has_request(DANA)
        house.line.changes(ref, promised="then", promised_start=start, promised_end=start + timedelta(hours=1))
    caller = house.phones.calls(DANA).presses("0")
    house.phones.declines(FRONT)
    house.phones.declines(NIGHT)
    caller.hears("nobody could take the call")
    assert "in line" not in caller.heard


@pytest.mark.parametrize("first", ["staff", "caller"])
def test_a_transfer_is_logged_as_a_talk_and_whoever_hangs_up_first_the_outcome_is_asked_for(house, first):
    caller = house.phones.calls(DANA).presses("0")
    staff = house.phones.answers(FRONT).presses("1")
    ref = open_request(house).id
    assert house.outcomes(ref) == ["reached"]
    (staff if first == "staff" else caller).hangs_up()
    attempt = house.attempts(ref)[0]
    assert (attempt.by, attempt.awaits_outcome) == ("front", True)
    assert attempt.talked_s
    house.line.clock.move(seconds=61)
    house.line.runs_jobs()
    asked = [text for text in house.line.messenger.sent if text.to == FRONT and "How did it end" in text.body]
    assert len(asked) == 1


def test_of_an_abandoned_talk_the_report_of_the_callers_end_is_enough(house):
    caller = house.phones.calls(DANA).presses("0")
    house.phones.answers(FRONT).presses("1")
    CallIntake(house.line.line.intake).ended(caller.sid, 9, house.line.now)
    house.line.clock.move(seconds=61)
    house.line.runs_jobs()
    assert any("How did it end" in text.body for text in house.line.messenger.sent)


def test_a_caller_who_waits_hears_a_word_before_the_first_ring_and_at_least_every_20_s(house):
    caller = house.phones.calls(DANA).presses("0")
    caller.hears("ringing our team")
    house.phones.does_not_answer(FRONT)
    caller.hears("still trying")
    house.phones.does_not_answer(NIGHT)
    caller.hears("nobody could take the call")
    assert house.line.clinic.calls.ring_s <= 20
    with pytest.raises(ValidationError):
        a_clinic(calls={"ring_s": 21})


@pytest.mark.parametrize("first", ["declines", "does_not_answer", "answers_by_machine"])
def test_where_the_first_does_not_take_it_the_next_is_rung(house, first):
    house.phones.calls(DANA).presses("0")
    assert house.phones.ringing(NIGHT) == []
    getattr(house.phones, first)(FRONT)
    staff = house.phones.answers(NIGHT).presses("1")
    assert staff.waits_for == "connected"
    assert open_request(house).claimed_by == house.line.staff["night"]


def test_nobody_takes_it_and_the_place_in_line_is_kept(house):
    caller = house.phones.calls(DANA).presses("0")
    house.phones.declines(FRONT)
    caller.hears("still trying")
    house.phones.does_not_answer(NIGHT)
    caller.hears("nobody could take the call").hears("we will call you").hears("press 1").hears("press 2")
    assert open_request(house).status is Status.QUEUED
    assert house.outcomes(open_request(house).id) == [], "the caller was not called"
    assert house.open_legs() == []


def test_a_mailbox_that_answers_has_not_taken_the_caller(house):
    for phone in (FRONT, NIGHT):
        house.phones.set_habit(phone, "machine")
    caller = house.phones.calls(DANA).presses("0")
    caller.hears("nobody could take the call")
    assert open_request(house).claimed_by is None


def test_together_all_phones_ring_and_the_first_key_wins(database, monkeypatch):
    house = House(database, monkeypatch, **TWO, calls={"ring": "together"})
    house.phones.calls(DANA).presses("0")
    assert house.phones.ringing(FRONT)
    night = house.phones.answers(NIGHT)
    night.presses("1")
    assert night.waits_for == "connected"
    assert house.phones.ringing(FRONT) == []
    assert open_request(house).claimed_by == house.line.staff["night"]


def test_after_hours_the_call_is_queued_first_and_the_caller_hears_for_when(database, monkeypatch):
    house = House(database, monkeypatch, at="2026-11-24 21:00", **TWO)
    caller = house.phones.calls(DANA).says("a person please")
    assert open_request(house).status is Status.QUEUED
    caller.hears("9 8 8").hears("we will call you").hears("Wednesday").hears("press 1")
    assert house.legs() == []


def test_with_nobody_who_can_be_rung_the_call_goes_on(database, monkeypatch):
    house = House(database, monkeypatch, duty={"tuesday": ["nobody-of-this-login"]})
    caller = house.phones.calls(DANA).presses("0")
    caller.hears("nobody could take the call")
    assert not caller.ended


def test_a_withheld_caller_is_put_through_like_anybody(house):
    house.phones.calls("anonymous").presses("0")
    assert house.phones.answers(FRONT).presses("1").waits_for == "connected"


def test_who_returns_our_call_gets_who_has_tried_them_first(house):
    ref = house.line.has_request(DANA)
    with house.line.database.write() as db:
        parts, member = house.line.line, house.line.staff["lead"]
        request_acts.log_attempt(
            db, parts.clinic, parts.words, ref, member, Disposition.NO_ANSWER, None, house.line.now
        )
    caller = house.phones.calls(DANA)
    caller.hears("You are returning our call").presses("1")
    staff = house.phones.answers(LEAD)
    staff.presses("1").hears("Dana Zimt")
    assert staff.waits_for == "connected"
    assert house.line.request(ref).claimed_by == house.line.staff["lead"]
    assert house.outcomes(ref) == ["no_answer", "reached"]
    caller.hangs_up()
    assert house.attempts(ref)[1].awaits_outcome
    assert house.attempts(ref)[1].talked_s


def test_who_has_never_been_tried_is_not_told_that_we_called(house):
    house.line.has_request(DANA)
    assert "returning our call" not in house.phones.calls(DANA).heard


def test_nobody_calls_back_a_person_who_is_being_put_through(house):
    ref = house.line.has_request(DANA)
    house.phones.calls(DANA).presses("0")
    assert house.wants_to_call(ref, "lead") == "calling"


def test_a_transfer_that_is_abandoned_frees_the_person_at_once(house):
    ref = house.line.has_request(DANA)
    caller = house.phones.calls(DANA).presses("0")
    assert house.open_legs()
    # The report that the call is over is all that is heard: no receipt of the legs comes.
    CallIntake(house.line.line.intake).ended(caller.sid, 9, house.line.now)
    assert house.open_legs() == []
    assert not isinstance(house.wants_to_call(ref, "lead"), CannotCall)
    with house.line.database.write() as db:
        late = transfer.connect(db, house.line.clinic, ConnectTo.ON_DUTY, caller.sid, 3, house.line.now)
    assert late == OVER


def test_who_gives_up_waiting_stops_the_phones_of_staff_and_no_other_is_rung(house):
    caller = house.phones.calls(DANA).presses("0")
    assert house.phones.ringing(FRONT)
    caller.hangs_up()
    assert house.phones.ringing(FRONT) == []
    assert house.open_legs() == []
    assert open_request(house).status is Status.QUEUED
    assert not isinstance(house.wants_to_call(open_request(house).id, "lead"), CannotCall)


def test_the_end_of_a_ring_that_is_told_after_the_end_of_the_call_rings_nobody(house):
    caller = house.phones.calls(DANA).presses("0")
    leg = house.open_legs()[0]
    CallIntake(house.line.line.intake).ended(caller.sid, 9, house.line.now)
    with house.line.database.write() as db:
        assert leg_turns.after_dial(db, house.line.clinic, leg, house.line.now) == OVER
    assert house.open_legs() == []


def test_a_caller_in_crisis_is_connected_to_the_crisis_line_by_key(house):
    caller = house.phones.calls(DANA).says("I want to kill myself")
    caller.hears("9 8 8").presses("1")
    line = house.phones.answers("988")
    assert line.waits_for == "connected"
    assert line.state["from"] == DANA, "the line can call them back"
    assert open_request(house).priority is Priority.CRISIS
    assert open_request(house).acknowledged_at is None, "the alerts go on"


def test_where_the_crisis_line_does_not_answer_the_call_goes_on(house):
    caller = house.phones.calls(DANA).says("I want to kill myself").presses("1")
    house.phones.does_not_answer("988")
    caller.hears("9 8 8")
    assert not caller.ended


def test_who_is_silent_after_words_of_danger_is_connected_and_not_left_with_a_dead_line(house):
    caller = house.phones.calls(DANA).says("I want to kill myself").stays_silent()
    caller.hears("still here").hears("9 8 8")
    caller.stays_silent()
    line = house.phones.answers("988")
    assert line.waits_for == "connected"
    line.hangs_up()
    caller.hears("back with us").hears("9 8 8")
    assert not caller.ended
    for _ in range(6):
        caller.stays_silent()
        assert not caller.ended
        assert caller.waits_for == "gather"


def test_an_emergency_is_connected_to_911_with_the_callers_number(house):
    caller = house.phones.calls(DANA).says("I cannot breathe and my chest hurts")
    caller.hears("9 1 1").presses("1")
    assert house.phones.answers("911").state["from"] == DANA


def test_a_withheld_caller_in_crisis_is_connected_from_our_number(house):
    house.phones.calls("anonymous").says("I want to kill myself").presses("1")
    assert house.phones.answers("988").state["from"] == house.line.clinic.numbers[0]


@pytest.mark.parametrize("how", ["0", "can i talk to someone"])
def test_at_night_a_caller_in_crisis_reaches_a_crisis_contact(database, monkeypatch, how):
    house = House(database, monkeypatch, at="2026-11-24 23:00", **TWO)
    caller = house.phones.calls(DANA).says("I want to kill myself")
    caller = caller.presses(how) if how == "0" else caller.says(how)
    caller.hears("9 8 8")
    contact = house.phones.answers(NIGHT)
    contact.hears("may be in crisis").presses("1")
    assert contact.waits_for == "connected"
    contact.hangs_up()
    assert not caller.ended, "nobody in danger is left with a dead line"
    caller.hears("9 8 8")


@pytest.mark.parametrize("how", ["0", "can i talk to someone"])
def test_by_day_a_caller_in_crisis_reaches_a_crisis_contact_before_those_on_duty(database, monkeypatch, how):
    every_hour = [{"days": EVERY_DAY, "hours": "00:00-24:00", "staff": ["boss"]}]
    house = House(database, monkeypatch, crisis_contacts=every_hour, **TWO)
    caller = house.phones.calls(DANA).says("I want to kill myself")
    caller = caller.presses(how) if how == "0" else caller.says(how)
    caller.hears("9 8 8")
    assert house.phones.of(FRONT) == []
    contact = house.phones.answers(BOSS)
    contact.hears("may be in crisis").presses("1")
    assert contact.waits_for == "connected"


def test_a_second_call_of_who_is_in_danger_begins_with_988_on_1(house):
    house.phones.calls(DANA).says("I want to kill myself").hangs_up()
    again = house.phones.calls(DANA).hears("9 8 8").hears("press 1")
    again.stays_silent().stays_silent()
    assert house.phones.answers("988").waits_for == "connected"


def test_a_crisis_contact_is_texted_at_once_and_called_after_a_minute(house):
    ref = house.line.has_request(DANA, Priority.CRISIS)
    house.later(seconds=1)
    assert [text.to for text in house.line.messenger.sent] == [FRONT]
    house.later(seconds=58)
    assert house.phones.of(FRONT) == []
    house.later(seconds=2)
    contact = house.phones.answers(FRONT)
    contact.hears("Crisis").hears(f"request {ref}")
    assert "Dana" not in contact.heard
    assert house.line.request(ref).acknowledged_at is None, "only a key counts"
    contact.presses("1").hears("acknowledged")
    assert house.line.request(ref).acknowledged_by == house.line.staff["front"]
    house.later(minutes=4)
    assert len(house.phones.of(FRONT)) == 1


def test_a_mailbox_acknowledges_nothing_and_the_rounds_go_on(house):
    ref = house.line.has_request(DANA, Priority.CRISIS)
    house.phones.set_habit(FRONT, "machine")
    house.later(seconds=1)
    house.later(seconds=61)
    assert house.line.request(ref).acknowledged_at is None
    house.later(minutes=3)
    house.later(minutes=1)
    assert len(house.phones.of(FRONT)) == 2
    assert house.phones.ringing(LEAD), "the lead from the second round"


def test_who_acknowledges_by_text_is_not_called(house):
    ref = house.line.has_request(DANA, Priority.CRISIS)
    house.later(seconds=1)
    house.line.does(request_acts.acknowledge, ref, house.line.staff["front"])
    house.later(seconds=61)
    assert house.phones.of(FRONT) == []
    assert [leg.why for leg in house.legs()] == ["not_needed"]


def test_who_has_acknowledged_can_be_connected_in_the_same_call(house):
    ref = house.line.has_request(DANA, Priority.CRISIS)
    house.later(seconds=1)
    house.later(seconds=61)
    contact = house.phones.answers(FRONT).presses("1")
    contact.presses("1").hears("Dana Zimt")
    dana = house.phones.answers(DANA).presses("1")
    assert dana.waits_for == "connected"
    assert house.line.request(ref).claimed_by == house.line.staff["front"]
    assert house.wants_to_call(ref, "front") == "calling"
    dana.hangs_up()
    assert house.open_legs() == []
