"""Moods, wrong persons, people who take no calls, people at the door: whole turns through the engine."""

import pytest

from tests.builders import WORDS, Line
from triage.model.message import Channel, Inbound
from triage.model.notice import Kind
from triage.model.request import Disposition
from triage.store import messages, people, requests
from triage.team import request_acts

SENDER = "+15205550101"


def texts(line, *bodies, media=(), sender=SENDER):
    """Send texts a minute apart; returns the words of the last answer."""
    said = ()
    for number, body in enumerate(bodies):
        key = f"{sender}.{line.now:%H%M%S}.{number}"
        intake = line.line.intake
        said = intake.take(Inbound(key, Channel.SMS, sender, "+16025550100", body, line.now, media)).texts
        line.clock.move(minutes=1)
    return " ".join(said)


def of_sender(line):
    with line.database.read() as db:
        person = people.by_phone(db, SENDER)
        return person, requests.open_of(db, person.id), messages.thread(db, person.id)


@pytest.mark.parametrize(
    "body",
    [
        "I'm not okay", "cannot do this anymore", "I just feel so alone tonight", "is anyone there",
        "can someone please talk to me", "ya no puedo mas", "I'm so depressed I can't get out of bed",
        "me siento muy sola", "i feel hopeless", "rough night", "need someone to talk to",
    ],
)  # fmt: skip
def test_low_mood_at_night_is_heard_with_988_and_meets_no_menu(sqlite_database, body):
    said = texts(Line(sqlite_database, "2026-11-24 02:10"), body).casefold()
    assert "988" in said
    assert not [word for word in ("tms", "open monday", "automated") if word in said]


PLEAS = (
    "is anyone there? its 2am", "hi, is anyone there", "hello is somebody there, it's 3 in the morning",
    "anybody home?",
    "hey is somebody on this line", "is a human there", "please someone answer me", "hello?? please somebody",
    "is there anyone i can talk to", "can i talk to somebody right now", "hola hay alguien ahi", "¿hay alguien?",
    "¿hay alguien? son las 2 de la mañana", "puedo hablar con alguien ahora", "alguien que me conteste por favor",
)  # fmt: skip


@pytest.mark.parametrize("body", PLEAS)
def test_who_calls_out_at_night_is_heard_with_988_and_when_people_are_back(sqlite_database, body):
    said = texts(Line(sqlite_database, "2026-11-24 02:10"), body).casefold()
    assert "i hear you" in said or "le escucho" in said, said
    assert "988" in said
    assert "24 november" in said or "24 de noviembre" in said
    assert "for a call" in said or "what name" in said or "llamamos" in said
    assert not [word for word in ("tms", "open monday", "automated", "so hard", "stop ends") if word in said]


@pytest.mark.parametrize("body", PLEAS)
def test_who_calls_out_by_day_hears_that_people_are_here_and_would_call(sqlite_database, body):
    said = texts(Line(sqlite_database, "2026-11-23 10:00"), body).casefold()
    assert "call you" in said or "for a call" in said or "llamamos" in said
    assert not [word for word in ("tms", "so hard", "pesado", "back monday", "stop ends") if word in said], said


def test_who_calls_out_again_hears_other_words_and_a_person_reads_it(sqlite_database):
    line = Line(sqlite_database, "2026-11-24 02:10")
    first, second = texts(line, "is anyone there"), texts(line, "anyone???")
    third = texts(line, "hello is anybody there")
    assert len({first, second, third}) == 3
    assert "988" in second
    assert "please_read" in of_sender(line)[1].flags


def test_who_calls_out_while_a_call_is_arranged_is_heard_and_asked_on(sqlite_database):
    line = Line(sqlite_database, "2026-11-24 02:10")
    said = texts(line, "i would like a call", "hello, are you there?")
    assert "988" in said
    assert "name to ask for" in said


def test_the_second_time_low_mood_has_other_words_and_a_person_reads_it(sqlite_database):
    line = Line(sqlite_database, "2026-11-24 02:10")
    first = texts(line, "I'm not okay")
    second = texts(line, "i feel so alone")
    assert first != second
    assert "please_read" in of_sender(line)[1].flags


def test_anger_gets_regret_and_a_person(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    assert "sorry" in texts(line, "you people are crooks, give me my money back")
    assert "needs_person" in of_sender(line)[1].flags


@pytest.mark.parametrize(
    "body", ["who is this?", "wrong number", "I am not Gia", "there is no Gia here", "who dis", "im not that person"]
)
def test_who_is_somebody_else_gets_neutral_words_and_no_more_texts(sqlite_database, body):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "call me tomorrow at 11, Gia Moreau, about tms", "1")
    said = texts(line, body).casefold()
    assert "example care" in said
    assert not [word for word in ("tms", "ketamine", "example clinic") if word in said]
    assert "wrong_number" in of_sender(line)[1].flags
    assert "tms" not in texts(line, "what?").casefold()
    # Staff try to call: nothing is texted while nobody has looked.
    line.does(request_acts.log_attempt, WORDS, of_sender(line)[1].id, line.staff["front"], Disposition.NO_ANSWER, None)
    assert SENDER not in line.runs_jobs("2026-11-23 12:00")


def test_who_takes_no_calls_is_written_to_and_never_promised_a_call(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    for body in ("I am Deaf and can't take voice calls.", "ketamine. can someone text me?", "when will I hear"):
        assert "call you" not in texts(line, body)
    _, request, _ = of_sender(line)
    assert "text_only" in request.flags
    assert request.topic == "ketamine"


def test_who_is_at_the_door_is_told_to_those_on_duty_at_once(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "im in the parking lot")
    _, request, _ = of_sender(line)
    assert "arrived" in request.flags
    assert "front" in line.runs_jobs("2026-11-23 10:00")
    assert line.states(request.id, Kind.ARRIVED)[-1] == "sent"


def test_what_comes_beside_words_is_thanked_for_and_looked_at(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    said = texts(line, "my referral", media=("image/jpeg", "application/pdf"))
    assert "did not get" not in said
    assert "needs_person" in of_sender(line)[1].flags


@pytest.mark.parametrize("body", ["cancel my call please", "cancelen mi llamada", "nvm i dont need the call anymore"])
def test_a_picture_beside_a_cancellation_makes_no_second_request(sqlite_database, body):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "call me tomorrow at 10 at 602-555-0148, Gia Moreau, about tms", "1")
    said = texts(line, body, media=("image/jpeg",))
    assert "thank you" in said.casefold() or "gracias" in said.casefold()
    (request,) = requests_of(line, SENDER)
    assert not request.is_open
    assert "needs_person" in request.flags
    back = texts(line, "2", media=("image/jpeg",))
    assert "call you" in back or "llamamos" in back
    assert of_sender(line)[1].phone == "+16025550148"


@pytest.mark.parametrize(
    "body",
    ["make it friday at 2", "1", "my name is Dana Hall", "what is tms", "text only please", "cancel", "cancel my call",
     "call me at 602-555-0148 instead", "STOP", "thanks", "do not call me"],
)  # fmt: skip
def test_words_beside_a_picture_mean_what_they_mean_alone(sqlite_database, body):
    line, come_to = Line(sqlite_database, "2026-11-23 10:00"), []
    for sender, media in (("+15205550131", ()), ("+15205550132", ("image/jpeg",))):
        texts(line, "call me tomorrow at 10, Gia Moreau, about tms", "1", sender=sender)
        texts(line, body, media=media, sender=sender)
        of = requests_of(line, sender)
        come_to.append([(r.status, r.name, r.phone == sender, r.topic, r.window_start, r.promised) for r in of])
    assert come_to[0] == come_to[1]


def requests_of(line, sender):
    with line.database.read() as db:
        numbers = [one.id for one in requests.earlier_of(db, people.by_phone(db, sender).id, before=0)]
        return [requests.get(db, number) for number in numbers]


def test_do_not_call_me_is_stored_confirmed_and_taken_back_by_a_new_wish(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    assert "we will not call you" in texts(line, "do not ever call me again")
    assert of_sender(line)[0].no_calls_at is not None
    assert "call you again" in texts(line, "I changed my mind, please call me tomorrow at 10, Ben Ash, tms")
    assert of_sender(line)[0].no_calls_at is None


@pytest.mark.parametrize(("body", "silent"), [("STOP", True), ("stop ", True), ("STOP!!!", False), ("“Stop.”", False)])
def test_we_are_silent_only_where_the_carrier_answers(sqlite_database, body, silent):
    line = Line(sqlite_database, "2026-11-23 10:00")
    assert (texts(line, body) == "") is silent
    assert of_sender(line)[0].opted_out_at is not None


@pytest.mark.parametrize("body", ["HELP!!!", "Help.", "“HELP”", "help?"])
def test_help_in_any_dress_that_the_carrier_leaves_to_us_is_answered_with_988(sqlite_database, body):
    assert "988" in texts(Line(sqlite_database, "2026-11-23 10:00"), body)


def test_a_text_that_we_start_to_somebody_in_danger_carries_988(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "I want to end my life")
    _, request, _ = of_sender(line)
    line.does(request_acts.log_attempt, WORDS, request.id, line.staff["front"], Disposition.NO_ANSWER, None)
    line.runs_jobs("2026-11-23 10:05")
    (sent,) = [text.body for text in line.messenger.sent if text.to == SENDER]
    assert "988" in sent


@pytest.mark.parametrize("answer", ["omg no", "nah just venting", "no lol i mean furniture", "what? no", "2", "no"])
def test_a_no_in_any_dress_pages_nobody_and_is_read(sqlite_database, answer):
    line = Line(sqlite_database, "2026-11-23 10:00")
    assert "Reply 1" in texts(line, "how do i reach 988")
    assert "988" in texts(line, answer)
    _, request, _ = of_sender(line)
    assert (request.priority, "please_read" in request.flags) == ("routine", True)


def test_an_answer_to_something_else_is_asked_about_once_more_and_then_pages(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    said = texts(line, "how do i reach 988", "my name is Dana Hall")
    assert "Reply 1" in said
    assert of_sender(line)[1].priority == "routine"
    texts(line, "602-555-0177")
    assert of_sender(line)[1].priority == "crisis"


@pytest.mark.parametrize("question", ["how much is it", "can i take lithium with ketamine", "do you do telehealth"])
def test_no_hand_over_has_the_same_words_twice(sqlite_database, question):
    line = Line(sqlite_database, "2026-11-23 10:00")
    said = [texts(line, question) for _ in range(3)]
    assert len(set(said)) == 3
    assert "needs_person" in of_sender(line)[1].flags


def test_a_picture_beside_another_number_does_not_replace_it(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "can somebody call me, at 602-555-0148, tomorrow at 10", media=("image/jpeg",))
    assert of_sender(line)[1].phone == "+16025550148"


@pytest.mark.parametrize("text", ["it's Edith Coffin", "Mi nombre completo es Edith Coffin"])
def test_a_name_in_a_sentence_alarms_nobody_and_is_taken_whole(sqlite_database, text):
    line = Line(sqlite_database, "2026-11-23 10:00")
    texts(line, "can somebody call me tomorrow at 10")
    texts(line, text)
    request = of_sender(line)[1]
    assert (request.name, request.priority) == ("Edith Coffin", "routine")
