"""A colleague has texted a person: what they write reaches staff, and the line stands back."""

from datetime import timedelta

import pytest

from tests.builders import WORDS, Line, local
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition, Flag, Priority
from triage.store import members, messages, people
from triage.team import patient_texts, request_acts

DANA = "+16025550101"
QUESTION = "Would Thursday suit you better?"
QUESTIONS_OF_THEIR_OWN = (
    "what is tms?",
    "please cancel my call",
    "how much is it",
    "call me tomorrow at 3",
    "my number is 602-555-0190",
)


@pytest.fixture
def clinic(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(DANA, due="2026-11-24 16:00")
    return clinic


def texts(clinic, body="", media=()):
    """A text or a picture of Dana's, taken as the webhook does; returns the replies."""
    clinic.clock.move(seconds=20)
    key = f"SM{clinic.now.timestamp():.0f}"
    inbound = Inbound(key, Channel.SMS, DANA, "+16025550100", body, clinic.now, media)
    return clinic.line.intake.take(inbound).texts


def staff_write(clinic, words=QUESTION, login="front", ref=1):
    with clinic.database.write() as db:
        once = f"{clinic.now.timestamp():.0f}"
        assert patient_texts.text_patient(db, clinic.clinic, WORDS, ref, clinic.staff[login], words, once, clinic.now)
    clinic.runs_jobs()


def told(clinic, at):
    """Which of staff are told by `at` that somebody wrote."""
    clinic.messenger.take()
    clinic.runs_jobs(at)
    numbers = {member.phone: login for login, member in staff(clinic).items()}
    return sorted(numbers[text.to] for text in clinic.messenger.sent if "written to us" in text.body)


def staff(clinic):
    with clinic.database.read() as db:
        return {member.login: member for member in members.all_staff(db)}


@pytest.mark.parametrize("body", QUESTIONS_OF_THEIR_OWN)
def test_whatever_answers_staff_is_theirs_and_changes_nothing_else(clinic, body):
    staff_write(clinic)
    before = clinic.request(1)
    assert texts(clinic, body) == (WORDS.say("for_staff", "en"),)
    assert texts(clinic, body) == (), "what follows is their talk alone"
    after = clinic.request(1)
    assert (after.status, after.due_at, after.phone, after.topic) == (
        before.status, before.due_at, before.phone, before.topic,
    )  # fmt: skip
    assert after.wrote_at == clinic.now
    with clinic.database.read() as db:
        assert [text.body for text in messages.thread(db, after.person_id)].count(body) == 2


def test_a_picture_for_staff_is_theirs_too(clinic):
    staff_write(clinic)
    assert texts(clinic, media=("image/jpeg",)) == (WORDS.say("for_staff", "en"),)
    assert texts(clinic, "this is the card", media=("image/jpeg",)) == ()
    assert clinic.request(1).wrote_at == clinic.now
    assert Flag.NEEDS_PERSON not in clinic.request(1).flags


def test_words_of_danger_are_answered_at_once_and_alarm(clinic):
    staff_write(clinic)
    assert "988" in " ".join(texts(clinic, "I want to kill myself"))
    assert clinic.request(1).priority is Priority.CRISIS


@pytest.mark.parametrize("body", ["nobody would even notice", "i cant do this anymore", "everything is gray"])
def test_words_that_may_be_danger_and_low_mood_hear_988_and_reach_staff(clinic, body):
    staff_write(clinic)
    assert "988" in " ".join(texts(clinic, body))
    assert clinic.request(1).wrote_at == clinic.now


def test_the_door_and_the_wrong_person_keep_their_marks(clinic):
    staff_write(clinic)
    assert texts(clinic, "I'm here, at the front door") == (WORDS.say("for_staff", "en"),)
    assert texts(clinic, "wrong number")
    assert {Flag.ARRIVED, Flag.WRONG_NUMBER} <= clinic.request(1).flags


@pytest.mark.parametrize("body", ["STOP", "please stop texting me"])
def test_an_opt_out_is_obeyed(clinic, body):
    staff_write(clinic)
    texts(clinic, body)
    with clinic.database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at


def test_the_carriers_words_are_the_carriers(clinic):
    staff_write(clinic)
    assert texts(clinic, "HELP") == ()
    assert "988" in " ".join(texts(clinic, "info!"))
    assert clinic.request(1).wrote_at is None


def test_thanks_are_kept_and_call_nobody(clinic):
    staff_write(clinic)
    texts(clinic, "thank you so much!")
    assert clinic.request(1).wrote_at is None


def answers_again(clinic):
    return "magnet" in " ".join(texts(clinic, "how does tms work?")).lower()


def test_the_line_answers_again_when_the_request_is_closed(clinic):
    staff_write(clinic)
    assert not answers_again(clinic)
    clinic.does(request_acts.close, 1, clinic.staff["front"], Disposition.REACHED)
    assert clinic.request(1).wrote_at is None
    texts(clinic, "ok")
    assert answers_again(clinic)


def test_the_line_answers_again_when_the_time_of_staff_is_over(clinic):
    staff_write(clinic)
    clinic.clock.at = local("2026-11-25 09:59")
    assert not answers_again(clinic)
    clinic.clock.move(minutes=1)
    assert answers_again(clinic)


def test_the_line_answers_again_when_staff_hand_the_thread_back(clinic):
    staff_write(clinic)
    assert not answers_again(clinic)
    assert clinic.does(request_acts.hand_back, 1, clinic.staff["front"])
    assert clinic.request(1).wrote_at is None
    assert answers_again(clinic)
    assert not clinic.does(request_acts.hand_back, 1, clinic.staff["front"])


def test_what_answers_a_text_about_a_closed_request_is_a_new_one_for_staff(clinic):
    clinic.does(request_acts.close, 1, clinic.staff["front"], Disposition.REACHED)
    clinic.clock.move(minutes=5)
    staff_write(clinic)
    texts(clinic, "yes")
    assert clinic.request(2).wrote_at == clinic.now
    assert not answers_again(clinic)


def test_the_owner_is_told_once_for_all_that_is_written_in_a_while(clinic):
    clinic.does(request_acts.claim, 1, clinic.staff["night"])
    staff_write(clinic, login="night")
    texts(clinic, "yes, at 4")
    texts(clinic, "or at 5")
    assert told(clinic, "2026-11-24 10:05") == ["night"]
    texts(clinic, "any news?")
    assert told(clinic, "2026-11-24 10:09") == []
    clinic.clock.at = local("2026-11-24 10:20")
    texts(clinic, "hello?")
    assert told(clinic, "2026-11-24 10:25") == ["night"]


@pytest.mark.parametrize("owner", [None, "gone"])
def test_without_an_owner_who_can_be_told_those_on_duty_are(clinic, owner):
    if owner:
        clinic.does(request_acts.claim, 1, clinic.staff["night"])
        with clinic.database.write() as db:
            members.unconfirm_phone(db, clinic.staff["night"])
    staff_write(clinic)
    texts(clinic, "yes, at 4")
    assert told(clinic, "2026-11-24 10:05") == ["front"]


@pytest.mark.parametrize("act", ["text", "read", "attempt"])
def test_who_answers_or_reads_it_takes_the_mark_away_and_nobody_is_told(clinic, act):
    staff_write(clinic)
    texts(clinic, "yes, at 4")
    front = clinic.staff["front"]
    if act == "text":
        staff_write(clinic, "We will call at four.")
    elif act == "read":
        assert clinic.does(request_acts.read, 1, front)
        assert not clinic.does(request_acts.read, 1, front)
    else:
        with clinic.database.write() as db:
            request_acts.log_attempt(db, clinic.clinic, WORDS, 1, front, Disposition.REACHED, None, clinic.now)
    assert clinic.request(1).wrote_at is None
    assert told(clinic, "2026-11-24 10:05") == []


def test_nothing_is_theirs_before_the_text_of_staff_has_gone_out(clinic):
    clinic.clock.at = local("2026-11-24 21:00")
    staff_write(clinic)
    assert answers_again(clinic)
    clinic.runs_jobs("2026-11-25 09:00")
    assert not answers_again(clinic)
    assert clinic.now - clinic.request(1).wrote_at < timedelta(minutes=1)


def test_after_words_of_danger_the_line_answers_until_staff_write_again(clinic):
    staff_write(clinic)
    assert texts(clinic, "i have the pills in my hand and i am going to take them all")
    assert texts(clinic, "what is tms?")
    staff_write(clinic, "I am calling you now, please pick up.")
    texts(clinic, "ok")
    assert texts(clinic, "what is tms?") == ()


def test_who_asks_staff_to_write_and_not_to_call_is_noted(clinic):
    staff_write(clinic)
    texts(clinic, "thanks")
    texts(clinic, "no me llamen por favor mejor escríbanme")
    assert Flag.TEXT_ONLY in clinic.request(1).flags
