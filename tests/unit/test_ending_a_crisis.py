"""A crisis ends without being closed, is red only while nobody has talked, and begins again with new words."""

import pytest

from tests.builders import WORDS, Line, local
from triage.errors import Refused
from triage.hours.window import Window
from triage.model.message import Channel, Inbound
from triage.model.request import CrisisEnd, Disposition, Priority
from triage.store import crisis_ends, promise_ledger, requests
from triage.team import corrections, ending_a_crisis, patient_texts, request_acts

DANA = "+16025550101"
IN_CRISIS = "I want to kill myself tonight"


@pytest.fixture
def clinic(database):
    """A crisis at night, acknowledged by who is alerted then."""
    clinic = Line(database, "2026-11-24 22:00")
    says(clinic, IN_CRISIS)
    clinic.runs_jobs()
    clinic.does(request_acts.acknowledge, 1, clinic.staff["night"])
    return clinic


def says(clinic, body):
    clinic.clock.move(seconds=20)
    key = f"SM{clinic.now.timestamp():.0f}"
    return clinic.line.intake.take(Inbound(key, Channel.SMS, DANA, "+16025550100", body, clinic.now)).texts


def logs(clinic, outcome, login="night"):
    clinic.does(request_acts.log_attempt, clinic.clinic, WORDS, 1, clinic.staff[login], outcome, None)


def spoken_to(clinic, again, why="Sister stays with her"):
    again_at = local(again)
    with clinic.database.write() as db:
        return ending_a_crisis.spoken_to(
            db, clinic.clinic, WORDS, 1, clinic.staff["night"], again_at, why, clinic.now
        )  # fmt: skip


def lowers(clinic, how=CrisisEnd.FALSE_ALARM, to=Priority.ROUTINE, why="A line of a song"):
    with clinic.database.write() as db:
        return ending_a_crisis.lower(db, clinic.clinic, 1, clinic.staff["night"], how, to, why, clinic.now)


def ends(clinic):
    with clinic.database.read() as db:
        return [(end.how, end.by, end.why) for end in crisis_ends.of_request(db, 1)]


def ledger(clinic):
    with clinic.database.read() as db:
        return [one.standing(clinic.now) for one in promise_ledger.of_request(db, 1)]


def attempts(clinic):
    with clinic.database.read() as db:
        return [attempt.disposition for attempt in requests.attempts_of(db, 1)]


def test_who_was_spoken_to_is_urgent_until_the_time_at_which_they_are_called_again(clinic):
    assert spoken_to(clinic, "2026-11-25 02:00")
    request = clinic.request(1)
    assert (request.is_open, request.priority, request.due_at) == (True, Priority.URGENT, local("2026-11-25 02:00"))
    assert "2 am" in request.promised
    assert attempts(clinic) == [Disposition.REACHED]
    assert ends(clinic) == [("spoken_to", "night", "Sister stays with her")]
    assert ledger(clinic) == ["kept", "open"]
    assert clinic.runs_jobs("2026-11-25 01:30") == []
    clinic.runs_jobs("2026-11-25 01:46")
    assert "lead" in clinic.runs_jobs("2026-11-25 02:01"), "by night too"


def test_a_talk_that_is_logged_already_is_not_logged_twice(clinic):
    logs(clinic, Disposition.REACHED)
    assert spoken_to(clinic, "2026-11-25 02:00")
    assert attempts(clinic) == [Disposition.REACHED]


@pytest.mark.parametrize(("again", "why"), [("2026-11-24 21:00", "time_past"), ("2027-06-01 09:00", "too_far")])
def test_the_next_call_is_ahead_and_not_for_months(clinic, again, why):
    with pytest.raises(Refused) as refused:
        spoken_to(clinic, again)
    assert refused.value.why == why
    assert clinic.request(1).priority is Priority.CRISIS


def test_a_false_alarm_says_who_and_why_and_alerts_nobody_any_more(clinic):
    assert lowers(clinic)
    request = clinic.request(1)
    assert (request.is_open, request.priority) == (True, Priority.ROUTINE)
    assert request.due_at > clinic.now
    assert ends(clinic) == [("false_alarm", "night", "A line of a song")]
    assert clinic.runs_jobs("2026-11-24 23:30") == []
    assert not lowers(clinic), "it is no crisis any more"


def test_what_ended_nobody_had_seen_is_seen_with_it(database):
    clinic = Line(database, "2026-11-24 22:00")
    says(clinic, IN_CRISIS)
    clinic.runs_jobs()
    assert lowers(clinic, CrisisEnd.LOWERED, Priority.URGENT, "Asks for a refill")
    assert clinic.request(1).acknowledged_by == clinic.staff["night"]
    assert clinic.request(1).due_at == clinic.now + clinic.clinic.targets.urgent
    assert clinic.runs_jobs("2026-11-24 22:10") == []


@pytest.mark.parametrize(("to", "why", "refusal"), [("routine", " ", "no_why"), ("crisis", "No", "not_lower")])
def test_nothing_is_lowered_without_a_why_or_to_a_crisis(clinic, to, why, refusal):
    with pytest.raises(Refused) as refused:
        lowers(clinic, CrisisEnd.LOWERED, Priority(to), why)
    assert refused.value.why == refusal


@pytest.mark.parametrize("end", [spoken_to, lowers])
def test_new_words_of_danger_alarm_again(clinic, end):
    assert end(clinic, "2026-11-25 02:00") if end is spoken_to else end(clinic)
    says(clinic, IN_CRISIS)
    request = clinic.request(1)
    assert (request.priority, request.spoken_at, request.acknowledged_at) == (Priority.CRISIS, None, None)
    assert clinic.runs_jobs() == ["night"]


def test_the_window_that_was_wished_for_counts_again(database):
    clinic = Line(database, "2026-11-24 10:00")
    says(clinic, "It's Dana Whitlock, please call me tomorrow between 2 and 3 pm about ketamine")
    says(clinic, "1")
    says(clinic, "I want to kill myself")
    assert clinic.request(1).promised_start is None
    assert lowers(clinic)
    request = clinic.request(1)
    assert (request.promised_start, request.due_at) == (local("2026-11-25 14:00"), local("2026-11-25 15:00"))


def test_a_crisis_waits_since_its_words_of_danger_and_new_ones_count_only_after_a_talk(database):
    clinic = Line(database, "2026-11-24 10:00")
    says(clinic, "please call me about ketamine")
    clinic.clock.move(minutes=8)
    says(clinic, IN_CRISIS)
    began = clinic.now
    clinic.clock.move(minutes=8)
    says(clinic, IN_CRISIS)
    assert clinic.request(1).alarmed_at == began
    logs(clinic, Disposition.REACHED)
    says(clinic, IN_CRISIS)
    assert clinic.request(1).alarmed_at == clinic.now


def test_who_is_in_crisis_from_the_first_words_waits_since_then(clinic):
    request = clinic.request(1)
    assert request.alarmed_at == request.created_at


@pytest.fixture
def promised(database):
    """A colleague has promised tomorrow at ten, late in the evening, and written so; then words of danger come."""
    clinic = Line(database, "2026-11-24 20:00")
    ref = clinic.has_request(DANA)
    clinic.clock.at = local("2026-11-24 21:30")
    tomorrow = Window(local("2026-11-25 10:00"), local("2026-11-25 11:00"))
    with clinic.database.write() as db:
        patient_texts.promise_window(db, clinic.clinic, WORDS, ref, clinic.staff["front"], tomorrow, clinic.now)
    says(clinic, IN_CRISIS)
    clinic.does(request_acts.acknowledge, 1, clinic.staff["night"])
    return clinic


def corrects(clinic, to=Priority.ROUTINE):
    with clinic.database.write() as db:
        given = corrections.Corrected("", None, None, to, "A line of a song")
        return corrections.correct(db, clinic.clinic, 1, clinic.staff["night"], given, clinic.now)


def texts_of_morning(clinic):
    clinic.runs_jobs("2026-11-25 09:01")
    return [text for text in clinic.messenger.to(DANA) if "between 10 and 11" in text]


@pytest.mark.parametrize("end", [lowers, corrects])
@pytest.mark.parametrize("alarms", [1, 2])
def test_what_a_colleague_had_promised_counts_again_after_a_false_alarm_and_its_text_goes(promised, end, alarms):
    for _ in range(1, alarms):
        logs(promised, Disposition.REACHED)
        says(promised, IN_CRISIS)
    assert end(promised)
    request = promised.request(1)
    with promised.database.read() as db:
        counts = promise_ledger.open_of(db, 1)
    assert (request.promised_end, request.due_at) == (local("2026-11-25 11:00"), local("2026-11-25 11:00"))
    assert (counts.due_at, counts.words, counts.by) == (request.due_at, request.promised, "front")
    assert len(texts_of_morning(promised)) == 1


@pytest.mark.parametrize("to", [Priority.URGENT, None])
def test_the_text_about_a_promise_that_a_crisis_has_ended_does_not_go(promised, to):
    if to:
        lowers(promised, CrisisEnd.LOWERED, to)
    else:
        spoken_to(promised, "2026-11-25 12:00")
    with promised.database.read() as db:
        assert promise_ledger.open_of(db, 1).due_at == promised.request(1).due_at
    assert texts_of_morning(promised) == []


def test_while_the_crisis_is_open_the_text_about_the_promise_waits(promised):
    assert texts_of_morning(promised) == []
    assert lowers(promised)
    promised.runs_jobs("2026-11-25 09:10")
    assert len(texts_of_morning(promised)) == 1


@pytest.mark.parametrize(
    ("outcome", "spoken"),
    [(Disposition.REACHED, True), (Disposition.BOOKED, True), (Disposition.NO_ANSWER, False),
     (Disposition.WRONG_NUMBER, False), (Disposition.LEFT_VOICEMAIL, False)],
)  # fmt: skip
def test_only_a_talk_ends_that_nobody_has_talked(clinic, outcome, spoken):
    logs(clinic, outcome)
    assert (clinic.request(1).spoken_at == clinic.now) is spoken


def test_a_crisis_that_is_called_in_its_minutes_keeps_its_promise_and_a_later_one_breaks_it(clinic):
    assert ledger(clinic) == ["open"]
    clinic.clock.at = local("2026-11-24 22:09")
    logs(clinic, Disposition.NO_ANSWER)
    assert ledger(clinic) == ["kept"]


def test_a_crisis_that_is_called_after_its_minutes_breaks_its_promise(clinic):
    clinic.clock.at = local("2026-11-24 22:11")
    logs(clinic, Disposition.REACHED)
    assert ledger(clinic) == ["broken"]
