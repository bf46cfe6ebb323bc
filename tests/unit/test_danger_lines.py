"""Danger, low mood and what only sounds like them, in single texts, and the answers to a check-in and an alarm."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import WORDS, a_clinic, local
from triage.conversation.draft import Draft
from triage.conversation.respond import respond
from triage.conversation.state import AT_REST, Put, Situation, Talk, Turn
from triage.conversation.steps import HEARD_ONCE, denies
from triage.model.message import Channel
from triage.model.person import Person
from triage.model.request import Priority, Request, Status
from triage.reading.read_message import hear
from triage.understanding.reading import screen
from triage.understanding.safety import GRAVITY, Tier

CLINIC = a_clinic()
NOW = local("2026-11-24 11:10").astimezone(CLINIC.zone)
PHONE = "+15205550101"
DATA = Path(__file__).parents[1] / "data" / "danger_lines.jsonl"
LINES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
ALERTED = Request(
    1, 1, Status.QUEUED, Priority.CRISIS, "sms", "en", NOW, NOW, NOW, phone=PHONE, name="Dana Hall",
    window_start=NOW + timedelta(hours=1), window_end=NOW + timedelta(hours=2), promised="as soon as possible",
)  # fmt: skip


def answered(text: str, after: str | None = None, talk: Talk | None = None, lang: str = "en") -> Turn:
    at_check_in = Talk(lang=lang, step="check_in", choices=("crisis",))
    talk = talk or (at_check_in if after == "check_in" else Talk(lang=lang))
    request = ALERTED if after == "alarm" else None
    situation = Situation(CLINIC, Channel.SMS, NOW, Person(1, PHONE, lang), talk, request, PHONE, known=True)
    return respond(hear(text, NOW, Channel.SMS), situation)


def outcome(row: Mapping[str, Any]) -> str:
    turn = answered(row["text"], row.get("after"), lang=row["lang"])
    keys = [say.key for say in turn.says]
    if row.get("after") == "alarm":
        return "calm" if any(key.endswith(("/better", "/help_comes")) for key in keys) else "other"
    if any(isinstance(effect, Put) and effect.priority is not Priority.ROUTINE for effect in turn.effects):
        return "alarm"
    if turn.question and turn.question.key.startswith("check_in/"):
        return "check_in"
    if "check_in/closed" in keys:
        return "closed"
    return "low" if any(key.startswith("low_mood") for key in keys) else "none"


ALLOWED = {
    "alarm": {"alarm"},
    "seen": {"alarm", "check_in"},
    "low": {"low"},
    "none": {"none", "low"},
    "closed": {"closed"},
    "not_closed": {"alarm", "check_in", "none", "low"},
    "calm": {"calm"},
}


# What was reached on the lines that nobody looked at, less two of each kind: words differ from day to day.
@pytest.mark.parametrize(
    ("expect", "least"),
    [("alarm", 22), ("seen", 73), ("low", 25), ("none", 64), ("closed", 38), ("not_closed", 23), ("calm", 5)],
)
def test_lines_kept_apart_come_out_as_a_careful_person_would_have_it(expect, least):
    rows = [row for row in LINES if row["half"] == "held" and row["expect"] == expect]
    right = [row for row in rows if outcome(row) in ALLOWED[expect]]
    assert len(right) >= least, f"{len(right)} of {len(rows)}"


@pytest.mark.parametrize(
    "text",
    ["Edith Coffin please", "sí, soy Edith Coffin", "claro, Edith Coffin", "sure, Edith Coffin", "This is Amy Killian"],
)
@pytest.mark.parametrize("step", [AT_REST, "ask_name"])
def test_a_surname_alone_is_no_danger(step, text):
    assert not answered(text, talk=Talk(step=step)).effects


def test_words_of_danger_beside_a_name_are_heard():
    turn = answered("my name is Edith Coffin and I want to be in a coffin", talk=Talk(step="ask_name"))
    assert turn.labels == ("crisis",)


@pytest.mark.parametrize(
    "text",
    [
        "no, pero lo he pensado", "no por ahora", "no i already took them", "not me, my son", "no not thinking, doing",
        "no, I already did", "no i'm not ok", "no. i'm not safe", "no im doing it", "no, i took them all",
        "no puedo más", "no, ya lo hice", "no, ya me las tomé", "no, no estoy bien", "no, lo estoy haciendo",
    ],
)  # fmt: skip
def test_a_no_that_is_not_clear_never_closes_a_check_in(text):
    assert "check_in/closed" not in [say.key for say in answered(text, "check_in").says]


@pytest.mark.parametrize(
    "text",
    [
        "Oh heavens no, dear.",
        "no quiero morirme, era broma",
        "no voy a hacerme daño",
        "patient is safe, no thoughts of self harm",
        "no",
    ],
)
def test_a_clear_no_closes_a_check_in_pages_nobody_and_leaves_988(text):
    turn = answered(text, "check_in")
    assert "988" in " ".join(WORDS.texts(turn.reply, "en", Channel.SMS))
    assert all(isinstance(one, Put) and one.priority is Priority.ROUTINE for one in turn.effects)


@pytest.mark.parametrize("text", ["no, estoy a salvo", "no pienso en suicidarme", "not suicidal, just need info"])
def test_a_clear_no_where_nobody_has_asked_pages_nobody(text):
    assert all(one.priority is Priority.ROUTINE for one in answered(text).effects if isinstance(one, Put))


@pytest.mark.parametrize("text", ["no quiero vivir", "no puedo más, me quiero morir", "no, ya me tomé las pastillas"])
def test_a_no_that_denies_nothing_is_an_alarm_as_first_words(text):
    assert answered(text).labels in (("crisis",), ("emergency",))


def test_a_low_mood_beside_a_whole_request_loses_nothing_of_it():
    turn = answered("I am so depressed, please call me. Dana Hall, 602 555 0134, tomorrow at 3 about tms")
    assert turn.says[0].key == "low_mood"
    draft = turn.talk.draft
    put = next((one for one in turn.effects if isinstance(one, Put)), None)
    assert {"Dana Hall", "+16025550134"} <= {draft.name, draft.phone, put and put.name, put and put.phone}


def test_life_insurance_is_no_life_that_is_taken():
    assert "crisis" not in answered("can i take my own life insurance into account").labels


@pytest.mark.parametrize("text", ["done. no point. tell my sister sorry", "díganle a mi mamá que la quiero"])
def test_last_words_for_somebody_are_an_alarm(text):
    assert answered(text).labels == ("crisis",)


def test_a_no_before_a_name_and_a_time_closes_the_check_in_and_is_taken_down():
    turn = answered("no. I am Dana Hall, please call me tomorrow at 3", "check_in")
    assert "check_in/closed" in [say.key for say in turn.says]
    assert "check_in/closed" not in [say.key for say in answered("no. tomorrow at 3", "check_in").says]


@pytest.mark.parametrize(
    "text", ["pt reports low mood x 3 months, tearful", "La paciente refiere ánimo bajo", "todo lo veo gris"]
)
def test_a_low_mood_is_heard_whoever_tells_of_it(text):
    assert answered(text).says[0].key == "low_mood"


TIMES = (
    "tonight", "esta noche", "hoy", "the sooner the better", "mañana en la mañana", "mañana hasta la una",
    "mañana desde las 12 hasta las 2", "hoy no, mañana después de las 2",
    "me salió algo, el miércoles en la mañana mejor", "change it to tonight",
)  # fmt: skip


@pytest.mark.parametrize("text", TIMES)
@pytest.mark.parametrize("step", [AT_REST, "ask_window", "read_back"])
def test_a_time_for_the_call_raises_no_alarm_and_asks_of_no_danger(text, step):
    turn = answered(text, talk=Talk(step=step, draft=Draft(wish=True, name="Dana Hall", phone=PHONE)))
    assert not any(isinstance(effect, Put) and effect.priority is not Priority.ROUTINE for effect in turn.effects)
    assert turn.talk.step != "check_in"


@pytest.mark.parametrize("text", ["tonight", "esta noche"])
def test_a_time_in_answer_to_a_check_in_closes_nothing(text):
    turn = answered(text, after="check_in")
    is_alarm = any(isinstance(effect, Put) and effect.priority is Priority.CRISIS for effect in turn.effects)
    assert is_alarm or turn.talk.step == "check_in"


@pytest.mark.parametrize("text", ["this ends tonight", "i wont be here tomorrow"])
def test_danger_that_names_a_time_stays_danger(text):
    assert hear(text, NOW, Channel.SMS).danger.tier is not Tier.NONE


def test_danger_that_a_time_completes_is_heard():
    assert hear("tonight", NOW, Channel.SMS, just_before="i will do it").danger.tier is Tier.ALARM


AFTER_LOW_MOOD = Talk(step="offer_call", choices=(HEARD_ONCE,))


@pytest.mark.parametrize("text", ["no im not going to hurt myself", "nah im ok", "no pienso hacerme nada"])
def test_a_clear_no_to_the_number_beside_a_low_mood_pages_nobody(text):
    turn = answered(text, talk=AFTER_LOW_MOOD)
    assert not any(isinstance(effect, Put) and effect.priority is Priority.CRISIS for effect in turn.effects)


@pytest.mark.parametrize(
    "text", ["i want to end it", "no i took the whole bottle", "no im fine just took all my pills"]
)
def test_danger_after_a_low_mood_is_an_alarm(text):
    turn = answered(text, talk=AFTER_LOW_MOOD)
    assert any(isinstance(effect, Put) and effect.priority.pages for effect in turn.effects)


def test_a_no_after_a_low_mood_beside_what_was_done_is_asked_about():
    assert answered("no, i already took the pills", talk=AFTER_LOW_MOOD).talk.step == "check_in"


def test_what_is_left_without_numbers_and_names_is_no_worse_than_the_whole():
    """Without its numbers "el mío es y el de mi esposo" sounds like nothing that anybody says."""
    said = "Le doy dos números: el mío es 602-555-0147 y el de mi esposo 480-555-0176. Luis para servirle. hoy a las 4"
    whole = screen(said)
    assert GRAVITY[hear(said, NOW, Channel.SMS).danger.tier] <= GRAVITY[whole.tier]


@pytest.mark.parametrize(
    "text",
    [
        "not at all, im safe and my sister is here with me",
        "no no, ando cansado nada mas, cero ganas de hacerme daño, estoy a salvo",
    ],
)
def test_a_no_with_its_reasons_closes_a_check_in(text):
    heard = hear(text, NOW, Channel.SMS)
    assert heard.danger.tier is not Tier.ALARM
    assert denies(heard)


def test_words_that_only_together_sound_like_danger_are_none_beside_a_name_and_a_time():
    said = "tomorrow by 10. I'm Edith Coffin. its either 602 555 0145 or (480) 555-0174 i never know which one is on"
    assert screen(said).tier is not Tier.NONE
    assert hear(said, NOW, Channel.SMS).danger.tier is Tier.NONE


@pytest.mark.parametrize(
    "text",
    [
        "I'm Luis. i have the pills in my hand. call me today 602-555-0141",
        "my name is Edith Coffin. tomorrow at 10. i want to die",
    ],
)
def test_an_alarm_beside_a_name_and_a_time_stays_one(text):
    assert hear(text, NOW, Channel.SMS).danger.tier is Tier.ALARM
