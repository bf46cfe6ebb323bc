"""The ledger of promises, and what staff may put back, promise, text, hand on and block."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import WORDS, Line, local
from triage.errors import Refused
from triage.hours.window import Window
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition, Priority
from triage.notices.neutral_words import telling_words
from triage.segments import count_segments
from triage.store import members, messages, people, promise_ledger
from triage.team import patient_texts, request_acts
from triage.team.patient_texts import CANNED, as_sent

DANA = "+16025550101"


@pytest.fixture
def clinic(database):
    return Line(database, "2026-11-24 10:00")


def texts(clinic, body, phone=DANA):
    """A patient's text, taken as the webhook does; returns the replies."""
    clinic.clock.move(seconds=20)
    key = f"SM{clinic.now.timestamp():.0f}"
    inbound = Inbound(key, Channel.SMS, phone, "+16025550100", body, clinic.now)
    return clinic.line.intake.take(inbound).texts


def promise(clinic, ref, start, end, login="front"):
    window = Window(local(start), local(end))
    with clinic.database.write() as db:
        return patient_texts.promise_window(db, clinic.clinic, WORDS, ref, clinic.staff[login], window, clinic.now)


def write(clinic, ref, words, once="a"):
    with clinic.database.write() as db:
        return patient_texts.text_patient(db, clinic.clinic, WORDS, ref, clinic.staff["front"], words, once, clinic.now)


def ledger(clinic, ref):
    with clinic.database.read() as db:
        return promise_ledger.of_request(db, ref)


def standings(clinic, ref):
    return [one.standing(clinic.now) for one in ledger(clinic, ref)]


def attempt(clinic, ref, disposition=Disposition.NO_ANSWER):
    with clinic.database.write() as db:
        request_acts.log_attempt(db, clinic.clinic, WORDS, ref, clinic.staff["front"], disposition, None, clinic.now)


def refused(clinic, act, *args):
    with pytest.raises(Refused) as refusal:
        act(clinic, *args)
    return refusal.value.why


def snooze(clinic, ref, until):
    return clinic.does(request_acts.snooze, ref, clinic.staff["front"], local(until))


def test_what_a_patient_is_promised_by_text_stands_in_the_ledger_word_for_word(clinic):
    texts(clinic, "It's Dana Whitlock, please call me tomorrow between 2 and 3 pm about ketamine")
    (one,) = ledger(clinic, 1)
    assert (one.window_start, one.due_at) == (local("2026-11-25 14:00"), local("2026-11-25 15:00"))
    assert one.words == clinic.request(1).promised
    assert one.by is None
    texts(clinic, "1")
    texts(clinic, "can you make it Wednesday at 10 instead")
    assert standings(clinic, 1) == ["replaced", "open"]


def test_a_call_in_time_keeps_a_promise_and_a_late_one_breaks_it(clinic):
    early, late = clinic.has_request(DANA), clinic.has_request("+16025550102")
    for ref in (early, late):
        promise(clinic, ref, "2026-11-24 11:00", "2026-11-24 12:00")
    clinic.clock.at = local("2026-11-24 11:30")
    attempt(clinic, early)
    assert standings(clinic, early) == ["kept"]
    clinic.clock.at = local("2026-11-24 12:01")
    assert standings(clinic, late) == ["late"]
    attempt(clinic, late)
    assert standings(clinic, late) == ["broken"]
    assert ledger(clinic, late)[0].broken_at == local("2026-11-24 12:00")


@pytest.mark.parametrize(("closed_at", "standing"), [("2026-11-24 11:30", "replaced"), ("2026-11-24 12:30", "broken")])
def test_closing_without_a_call_breaks_only_a_promise_that_had_run_out(clinic, closed_at, standing):
    ref = clinic.has_request(DANA)
    promise(clinic, ref, "2026-11-24 11:00", "2026-11-24 12:00")
    clinic.clock.at = local(closed_at)
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.OTHER)
    assert standings(clinic, ref) == [standing]


def test_another_window_moves_the_call_and_the_patient_is_told_without_a_word_of_the_treatment(clinic):
    ref = clinic.has_request(DANA, topic="ketamine", promised="today")
    assert promise(clinic, ref, "2026-11-25 14:00", "2026-11-25 16:00")
    request = clinic.request(ref)
    assert (request.promised_start, request.due_at) == (local("2026-11-25 14:00"), local("2026-11-25 16:00"))
    assert ledger(clinic, ref)[0].by == "front"
    clinic.runs_jobs()
    (body,) = clinic.messenger.to(DANA)
    assert request.promised in body
    assert telling_words(body) == ()


def test_only_the_last_of_two_new_windows_is_told(clinic):
    clinic.clock.at = local("2026-11-24 21:00")
    ref = clinic.has_request(DANA)
    promise(clinic, ref, "2026-11-25 10:00", "2026-11-25 11:00")
    promise(clinic, ref, "2026-11-25 14:00", "2026-11-25 15:00")
    clinic.runs_jobs("2026-11-25 09:00")
    (body,) = clinic.messenger.to(DANA)
    assert "between 2 and 3" in body


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("2026-11-24 08:00", "2026-11-24 09:30", "time_past"),
        ("2026-11-25 16:00", "2026-11-25 14:00", "ends_before_it_starts"),
        ("2026-11-28 10:00", "2026-11-28 12:00", "closed_then"),
        ("2026-11-25 18:00", "2026-11-25 19:00", "closed_then"),
    ],
)
def test_no_window_is_promised_that_is_gone_or_closed(clinic, start, end, why):
    ref = clinic.has_request(DANA)
    assert refused(clinic, promise, ref, start, end) == why
    assert ledger(clinic, ref) == []


def test_a_crisis_can_be_neither_put_back_nor_promised_for_later(clinic):
    ref = clinic.has_request(DANA, Priority.CRISIS)
    assert refused(clinic, snooze, ref, "2026-11-24 15:00") == "crisis_waits_for_nobody"
    assert refused(clinic, promise, ref, "2026-11-25 14:00", "2026-11-25 16:00") == "crisis_waits_for_nobody"


def test_what_was_promised_is_not_put_back_beyond_its_promise(clinic):
    ref = clinic.has_request(DANA)
    promise(clinic, ref, "2026-11-24 14:00", "2026-11-24 16:00")
    assert refused(clinic, snooze, ref, "2026-11-24 16:30") == "promised_before"
    assert snooze(clinic, ref, "2026-11-24 13:00")
    assert clinic.request(ref).due_at == local("2026-11-24 16:00")


def test_what_was_promised_to_nobody_is_due_when_it_comes_back(clinic):
    ref = clinic.has_request(DANA)
    assert snooze(clinic, ref, "2026-11-25 09:00")
    request = clinic.request(ref)
    assert (request.snoozed_until, request.due_at) == (local("2026-11-25 09:00"), local("2026-11-25 09:00"))
    assert clinic.does(request_acts.wake, ref, clinic.staff["front"])
    assert clinic.request(ref).snoozed_until is None


@pytest.mark.parametrize(("until", "why"), [("2026-11-24 09:59", "time_past"), ("2027-02-01 09:00", "too_far")])
def test_a_request_is_put_back_to_a_time_ahead_and_not_for_months(clinic, until, why):
    assert refused(clinic, snooze, clinic.has_request(DANA), until) == why


def test_a_new_wish_of_the_patient_wakes_what_was_put_back_and_an_ok_does_not(clinic):
    texts(clinic, "It's Dana Whitlock, please call me tomorrow between 2 and 3 pm about ketamine")
    texts(clinic, "1")
    snooze(clinic, 1, "2026-11-25 12:00")
    texts(clinic, "ok")
    assert clinic.request(1).snoozed_until
    texts(clinic, "can you make it Wednesday at 10 instead")
    assert clinic.request(1).snoozed_until is None


def test_a_request_is_handed_to_a_colleague_but_not_out_of_a_third_hand(clinic):
    ref = clinic.has_request(DANA)
    front, night, lead = (clinic.staff[login] for login in ("front", "night", "lead"))
    assert clinic.does(request_acts.hand_over, ref, front, night, "")
    assert clinic.request(ref).claimed_by == night
    assert not clinic.does(request_acts.hand_over, ref, front, lead, "")
    assert clinic.does(request_acts.hand_over, ref, night, front, "")


def test_nothing_is_handed_to_who_cannot_work_on_it(clinic):
    ref = clinic.has_request(DANA)
    with clinic.database.write() as db:
        members.disable(db, clinic.staff["night"], clinic.now)
    for to in (clinic.staff["night"], 999):
        with pytest.raises(Refused):
            clinic.does(request_acts.hand_over, ref, clinic.staff["front"], to, "")
    assert clinic.request(ref).claimed_by is None


def test_a_text_of_staff_goes_out_once_however_often_its_form_is_sent(clinic):
    ref = clinic.has_request(DANA)
    assert write(clinic, ref, "We are running late", once="one form")
    assert write(clinic, ref, "We are running late", once="one form")
    clinic.runs_jobs()
    assert clinic.messenger.to(DANA) == ["Example Care: We are running late"]
    assert clinic.states(ref, "staff_text") == ["sent"]


def test_a_text_of_staff_goes_out_though_the_request_is_closed_meanwhile(clinic):
    ref = clinic.has_request(DANA)
    write(clinic, ref, "Thank you")
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.REACHED)
    clinic.runs_jobs()
    assert len(clinic.messenger.to(DANA)) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"opted_out_at": local("2026-11-01 10:00")}, "opted_out"), ({"textable": False}, "takes_no_texts")],
)
def test_no_text_is_written_to_who_takes_none(clinic, changes, why):
    ref = clinic.has_request(DANA)
    with clinic.database.write() as db:
        people.change(db, clinic.request(ref).person_id, changes)
    assert refused(clinic, write, ref, "Hello") == why


@pytest.mark.parametrize(
    ("written", "why"),
    [("", "empty_text"), ("  ", "empty_text"), ("x" * 451, "long_text"), ("About your Ketamine visit", "not_neutral")],
)
def test_a_text_that_says_nothing_too_much_or_too_long_is_refused(clinic, written, why):
    assert refused(clinic, write, clinic.has_request(DANA), written) == why


@pytest.mark.parametrize(
    "said",
    ["ketamine", "KETAMINA", "Kétamine", "Spravato", "TMS", "rTMS", "your infusion", "depresión", "anti-depressants",
     "psiquiatra", "magnetic  stimulation", "https://example.org/x"],
)  # fmt: skip
def test_words_that_give_the_treatment_away_are_found_however_they_are_written(said):
    assert telling_words(f"Hello, about {said}.")


@given(st.text(max_size=200))
def test_any_text_is_read_for_telling_words_and_what_is_found_stands_in_it(text):
    assert all(word in text for word in telling_words(text))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", CANNED)
def test_canned_texts_are_neutral_and_short(clinic, lang, name):
    body = as_sent(clinic.clinic, WORDS, lang, WORDS.say(f"canned/{name}", lang))
    assert telling_words(body) == ()
    assert count_segments(body)[1] <= 2


def test_a_blocked_phone_is_kept_and_screened_but_not_answered(clinic):
    ref = clinic.has_request(DANA)
    clinic.does(request_acts.block, ref, clinic.staff["front"], True)
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.OTHER)
    assert texts(clinic, "call me now you idiots") == ()
    assert not clinic.request(ref).is_open
    with clinic.database.read() as db:
        assert [text.body for text in messages.thread(db, 1)] == ["call me now you idiots"]
    clinic.does(request_acts.block, ref, clinic.staff["front"], False)
    assert texts(clinic, "hello")


def test_words_of_crisis_from_a_blocked_phone_alarm_and_are_answered(clinic):
    ref = clinic.has_request(DANA)
    clinic.does(request_acts.block, ref, clinic.staff["front"], True)
    assert "988" in texts(clinic, "i am going to kill myself tonight")[0]
    assert clinic.request(ref).priority is Priority.CRISIS
    assert clinic.runs_jobs()


def test_stop_from_a_blocked_phone_counts(clinic):
    ref = clinic.has_request(DANA)
    clinic.does(request_acts.block, ref, clinic.staff["front"], True)
    texts(clinic, "STOP")
    with clinic.database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at
