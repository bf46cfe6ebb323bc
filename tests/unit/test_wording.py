"""Every text that the conversation can say exists in both languages, is strict about its values and fits its parts."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from triage.conversation.steps import STEPS
from triage.errors import WordsMissing
from triage.hours.window import Window
from triage.model.message import Channel, Reply, Say
from triage.segments import Encoding, count_segments
from triage.settings import ROOT
from triage.understanding.labels import SCRIPTED
from triage.wording import Wording

WORDS = Wording()
PHOENIX = ZoneInfo("America/Phoenix")
MOST = {"en": 2, "es": 3}

# The longest of each that people really have: a full name, a day and month of many letters, another zone.
DAY = datetime(2026, 9, 23, 10, 30, tzinfo=PHOENIX)
WINDOW = Window(DAY, DAY.replace(hour=12, minute=45))
WHEN = Say("when/in_zone", {"when": Say("when/between", {"window": WINDOW}), "zone": PHOENIX})
VALUES = {
    "clinic": "Reset Restore MD",
    "sender": "Reset Restore",
    "name": "Guadalupe Hernandez",
    "number": "602-555-0123",
    "first": "602-555-0123",
    "second": "602-555-0199",
    "topic": Say("topic/both"),
    "when": WHEN,
    "at": DAY,
    "window": WINDOW,
    "zone": PHOENIX,
    "hours": "We are open Monday to Friday, 9 am to 5 pm.",
    "words": "We are open Monday to Friday, 9 am to 5 pm.",
}
# Said inside other texts, or by the staff half, which has tests of its own.
PARTS = ("when/", "choice/", "topic/", "number_unknown", "staff/")


def whole(lang):
    return sorted(key for key in WORDS.keys(lang) if not key.startswith(PARTS))


def test_both_languages_say_the_same_things():
    assert WORDS.keys("en") == WORDS.keys("es")


def test_every_step_that_asks_has_its_question():
    asked = {key for key, step in STEPS.items() if step.form} - {"change"}
    assert asked <= WORDS.keys("en")


def test_every_label_has_its_answer_and_its_short_name():
    for label in SCRIPTED:
        assert {f"answers/{label}", f"choice/{label}"} <= WORDS.keys("en")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_leaves_somebody_without_help_names_988(lang):
    for key in (
        "not_understood", "out_of_scope", "needs_person", "no_call", "will_be_read", "handover/person", "low_mood",
        "low_mood_again", "are_you_there", "are_you_there_again", "are_you_there_open", "opted_out", "opted_in",
    ):  # fmt: skip
        assert "988" in (ROOT / "templates" / "sms" / lang / f"{key}.txt").read_text("utf-8"), key


def test_no_text_lies_unused():
    code = "\n".join(
        path.read_text("utf-8") for folder in ("triage", "webhooks", "staff") for path in (ROOT / folder).rglob("*.py")
    )
    families = set(re.findall(r'f"([a-z_]+)[/{]', code)) | {"handover", "answers"}

    def used(key):
        name = key.split("/")[0]
        asked_again = key.endswith("_again") and f'"{key.removesuffix("_again")}"' in code  # see other_words.py
        return f'"{key}"' in code or name in families or asked_again

    assert [key for key in sorted(WORDS.keys("en")) if not used(key)] == []


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_text_fits_its_parts(lang):
    """English in GSM-7 and at most two parts, Spanish at most three."""
    for key in whole(lang):
        words = WORDS.say(key, lang, VALUES | ({"ref": 41, "code": "123456"}))
        encoding, segments = count_segments(words)
        assert segments <= MOST[lang], (key, segments, words)
        if lang == "en":
            assert encoding is Encoding.GSM_7, key


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_words_for_a_crisis_are_plain_letters_and_one_part(lang):
    assert count_segments(WORDS.say("alarm/crisis", lang)) == (Encoding.GSM_7, 1)
    for key in ("alarm/crisis", "alarm/crisis_no_contact"):
        encoding, segments = count_segments(WORDS.say(key, lang, VALUES | {"when": Say("when/from", {"at": DAY})}))
        assert segments <= 2
        if key == "alarm/crisis":
            assert encoding is Encoding.GSM_7


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_may_follow_words_of_danger_names_988_and_911(lang):
    for key in ("alarm/crisis", "alarm/crisis_no_contact", "alarm/emergency", "after_alarm", "trouble", "unreached"):
        words = WORDS.say(key, lang, VALUES)
        assert "988" in words
        assert "911" in words


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_prompt_asks_for_a_word_that_carriers_take(lang):
    taken = r"\b(CANCEL|END|QUIT|HELP|INFO|YES|UNSUBSCRIBE|STOPALL|REVOKE|OPTOUT|UNSTOP)\b"
    for key in whole(lang):
        words = WORDS.say(key, lang, VALUES | {"ref": 41, "code": "123456"})
        assert not re.search(taken, words), key
        assert not re.search(
            r"(?i)(reply|send|text|responda|envíe|escriba) (stop|yes|help|cancel|end|quit|info)\b", words
        )


def test_a_missing_value_or_text_is_an_error_and_never_a_gap():
    with pytest.raises(WordsMissing):
        WORDS.say("read_back", "en", {"name": "Dana"})
    with pytest.raises(WordsMissing):
        WORDS.say("no_such_text", "en")


@pytest.mark.parametrize(
    ("start", "end", "english", "spanish"),
    [
        ("15:00", "17:00", "between 3 and 5 pm", "entre las 3 y las 5 p. m."),
        ("11:00", "13:00", "between 11 am and 1 pm", "entre las 11 a. m. y la 1 p. m."),
        ("09:00", "12:00", "between 9 am and noon", "entre las 9 a. m. y las 12 p. m."),
        ("12:00", "13:30", "between noon and 1:30 pm", "entre las 12 p. m. y la 1:30 p. m."),
    ],
)
def test_a_promise_is_said_in_words(start, end, english, spanish):
    day = "2026-11-24T{}"
    window = Window(*(datetime.fromisoformat(day.format(at)).replace(tzinfo=PHOENIX) for at in (start, end)))
    assert WORDS.say("when/between", "en", {"window": window}) == f"Tuesday 24 November, {english}"
    assert WORDS.say("when/between", "es", {"window": window}) == f"el martes 24 de noviembre, {spanish}"


def test_what_belongs_together_is_one_text_and_what_stands_apart_its_own():
    reply = Reply((Say("thanks"), Say("way_on"), Say("check_in/crisis", apart=True)))
    texts = WORDS.texts(reply, "en", Channel.SMS)
    assert len(texts) == 2
    assert texts[0].startswith("You are welcome")
    assert "988" in texts[1]


def test_what_would_need_too_many_parts_is_said_in_two_texts():
    says = (Say("answers/tms.safety"), Say("answers/tms.effectiveness"), Say("way_on"))
    texts = WORDS.texts(Reply(says), "en", Channel.SMS)
    assert len(texts) == 2
    assert all(count_segments(text)[1] <= 2 for text in texts)


def test_what_a_person_typed_is_never_a_template():
    words = WORDS.say("confirmed", "en", {"name": "{clinic} %s {0}"})
    assert "{clinic} %s {0}" in words
