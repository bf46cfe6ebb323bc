"""Everything that a call can say exists in both languages and is made for the ear."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.builders import WORDS
from triage.conversation.call_menus import CALL_STEPS
from triage.hours.window import Window
from triage.model.message import Channel, Phone, Say
from triage.settings import ROOT

PHOENIX = ZoneInfo("America/Phoenix")
# Texts that are sent, never spoken.
WRITTEN = {
    "picture", "over_limit", "tried_to_reach", "call_confirmed", "you_called", "missed_call", "new_promise",
    "from_team", "for_staff", "nothing_open", "anger", "arrived", "arrived_closed", "foreign", "in_crisis",
    "opted_in", "are_you_there", "are_you_there_again", "are_you_there_open",
    "text_only", "text_only_noted", "wrong_person", "wrong_person_noted",
    "did_you_mean_again", "which_time_again", "offer_nearest_again", "number_unclear_again",
    "ask_number_withheld_again",
    "check_in/adverse_again", "check_in/crisis_again", "check_in/emergency_again",
}  # fmt: skip
WRITTEN_FAMILIES = ("staff/", "canned/", "staff_call/", "held/")
VERBS = ("Reply", "reply 1", "Send", "Responda", "Envíe", "envíe")


def keys(lang):
    return WORDS.keys(lang, Channel.VOICE)


def words(path):
    return path.read_text("utf-8").strip()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_can_be_written_to_a_person_can_be_spoken(lang):
    written = {key for key in WORDS.keys(lang) if not key.startswith(WRITTEN_FAMILIES)} - WRITTEN
    assert written - keys(lang) == set()


def test_both_languages_speak_of_the_same_things():
    assert keys("en") == keys("es")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_step_of_a_call_has_its_question(lang):
    elsewhere = {"at_rest", "offer_call", "check_in", "undo_cancel", "undo_move", "another_time", "asked_by_staff"}
    assert CALL_STEPS.keys() - elsewhere <= keys(lang)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_nobody_is_told_to_reply_or_to_read_and_988_is_said_digit_by_digit(lang):
    for path in (ROOT / "templates" / "voice" / lang).rglob("*.txt"):
        spoken = words(path)
        assert not re.search(r"\b(988|911|TMS|FDA)\b", spoken), path
        assert not any(verb in spoken for verb in VERBS), path
        assert len(spoken) < 1000, path


@pytest.mark.parametrize("lang", ["en", "es"])
def test_988_is_said_before_the_tone(lang):
    assert WORDS.say("voicemail", lang, channel=Channel.VOICE).index("9 8 8") < 80


@pytest.mark.parametrize(
    ("start", "end", "english", "spanish"),
    [
        ("15:00", "17:00", "between 3 and 5 in the afternoon", "entre las 3 y las 5 de la tarde"),
        ("09:00", "12:00", "between 9 in the morning and noon", "entre las 9 de la mañana y el mediodía"),
        ("11:00", "13:00", "between 11 in the morning and 1 in the afternoon", "entre las 11 de la mañana y la 1 "
         "de la tarde"),
        ("17:00", "20:00", "between 5 in the afternoon and 8 in the evening", "entre las 5 de la tarde y las 8 "
         "de la noche"),
    ],
)  # fmt: skip
def test_times_are_said_in_words(start, end, english, spanish):
    day = "2026-11-24T{}"
    window = Window(*(datetime.fromisoformat(day.format(at)).replace(tzinfo=PHOENIX) for at in (start, end)))
    say = ("when/between", {"window": window}, Channel.VOICE)
    assert WORDS.say(say[0], "en", *say[1:]) == f"on Tuesday the 24th of November, {english}"
    assert WORDS.say(say[0], "es", *say[1:]) == f"el martes 24 de noviembre, {spanish}"


@pytest.mark.parametrize(
    ("day", "spoken"), [(1, "the 1st of"), (2, "the 2nd of"), (13, "the 13th of"), (23, "the 23rd of")]
)
def test_days_are_counted_as_they_are_spoken(day, spoken):
    at = datetime(2026, 12, day, 10, tzinfo=PHOENIX)
    assert spoken in WORDS.say("when/from", "en", {"at": at}, Channel.VOICE)


def test_a_phone_is_read_digit_by_digit_and_slowly_after_a_no():
    told = [
        WORDS.say("number_back", "en", {"number": Phone("+16025550134", slowly)}, Channel.VOICE)
        for slowly in (False, True)
    ]
    assert "6 0 2, 5 5 5, 0 1 3 4." in told[0]
    assert "6, 0, 2; 5, 5, 5; 0, 1, 3, 4." in told[1]


def test_the_same_words_are_written_where_they_are_read():
    assert WORDS.say("ask_number", "en", {"number": Phone("+16025550134")}).startswith(
        "Shall we call you at 602-555-0134?"
    )
    nested = WORDS.say(
        "did_you_mean", "en", {"first": Say("choice/tms.what"), "second": Say("choice/tms.how")}, Channel.VOICE
    )
    assert "what T M S is" in nested
