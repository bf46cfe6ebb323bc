"""Folding, the exact table and what the words name: no model is needed for any of it."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.understanding.exact import digit_in, exact_in, yes_or_no
from triage.understanding.fold import as_read, fold, other_readings
from triage.understanding.topics import language_of, subject_of, vetoes_in

DATA = Path(__file__).parents[1] / "data"
WORDS = st.sampled_from("what is tms does ketamine help me i don't want to live one yes no gracias sí llámenme".split())
SAYINGS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def rows(name):
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@given(text=st.text(max_size=400))
def test_any_text_folds_to_words_with_single_spaces(text):
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(isinstance(reading, str) for reading in other_readings(text))
    language_of(text, folded), subject_of(folded), vetoes_in(folded), exact_in(folded), yes_or_no(text, folded)


@given(text=SAYINGS)
def test_case_quotes_spaces_and_a_full_stop_do_not_change_what_is_folded(text):
    said = fold(text)
    assert fold(text.upper()) == fold(text.replace("'", "’")) == fold(f"  {text.replace(' ', '   ')} . ") == said


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("um t m s", "tms"),
        ("the magnet thing", "tms"),
        ("qué es la te eme ese", "que es la tms"),
        ("Estimulación magnética transcraneal", "tms"),
        ("brain zapping", "tms"),
        ("K infusion", "ketamine infusion"),
        ("spravato", "ketamine"),
        ("does ket a mean hurt", "does ketamine hurt"),
        ("kms", "kill myself"),
        ("it's 5 kms away", "it is 5 kms away"),
        ("sewerslide", "suicide"),
        ("hes not brething", "he is not breathing"),
        ("siezure!! pls", "seizure please"),
        ("the cooking and the beating drums", "the cooking and the beating drums"),
        ("💊💊 tonight", "pills pills tonight"),
        ("sue a side", "suicide"),
        ("unalive", "kill"),
        ("w\u200bh\u200bat", "what"),
        ("１", "1"),
    ],
)
def test_chat_speech_and_coded_words_become_plain(text, folded):
    assert fold(text) == folded


def test_a_body_that_hides_words_is_read_in_both_forms():
    hidden = base64.b64encode(b"I want to kill myself").decode()
    assert "i want to kill myself" in other_readings(hidden)
    assert "i want to die" in other_readings("i want to d1e")
    assert other_readings("see you at 3pm, wow!") == ()


@pytest.mark.parametrize(
    "text", ["2", "two", "dos", "#2", "2.", "option 2", "Opción 2", "two please", "the second one", "2️⃣"]
)
def test_a_digit_is_read_however_it_is_written(text):
    assert digit_in(fold(text)) == 2
    assert exact_in(fold(text)) == "digit"


@pytest.mark.parametrize("text", ["12", "2 pm", "call me at 2", "two of us", "", "too"])
def test_what_is_more_than_a_digit_is_none(text):
    assert digit_in(fold(text)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes please have someone call", True),
        ("yeah that's right", True),
        ("sí, llámenme", True),
        ("si por favor", True),
        ("ok", True),
        ("no thanks", False),
        ("No, that is wrong", False),
        ("nope", False),
        ("no one called me", None),
        ("si tengo depresión puedo hacer tms", None),
        ("no me funcionó la tms", None),
        ("what is tms", None),
    ],
)
def test_yes_and_no_are_heard_at_the_start_and_as_a_whole(text, said):
    assert yes_or_no(text, fold(text)) is said


@pytest.mark.parametrize(
    "row", rows("yesno_recognizers_en") + rows("yesno_recognizers_es"), ids=lambda row: row["text"]
)
def test_yes_and_no_of_the_public_suite_are_read_as_they_say(row):
    assert yes_or_no(row["text"], fold(row["text"])) is row["results"][0]["value"]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Hi!", "greeting"),
        ("Buenos días", "greeting"),
        ("👋", "greeting"),
        ("Thanks so much", "thanks"),
        ("🙏🙏", "thanks"),
        ("HELP", "help"),
        ("menu", "menu"),
        ("agent", "person"),
        ("yes", "yes"),
        ("No.", "no"),
        ("", "empty"),
        ("hi what is tms", None),
        ("help me i want to die", None),
        ("yes i want a call", None),
    ],
)
def test_the_exact_table_takes_whole_messages_only(text, row):
    assert exact_in(fold(text)) == row


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("does the helmet hurt", "tms"),
        ("the magnet thing", "tms"),
        ("spravato", "ketamine"),
        ("my infusion", "ketamine"),
        ("tms or ketamine", "both"),
        ("why both", "both"),
        ("my bill, nothing to do with treatments", "other"),
        ("not the ketamine one, is TMS safe?", "tms"),
        ("tomorrow at 3", None),
        ("las dos", "both"),
        ("información de los dos", "both"),
        ("pasado mañana después de las 2", None),
        ("entre las dos y las cuatro", None),
    ],
)
def test_the_treatment_is_the_one_that_the_words_name(text, subject):
    assert subject_of(fold(text)) == subject


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("call 480 555 0185 at 3", "call number at 3"),
        ("four eight zero five five five oh one eight five", "number"),
        ("cinco dos cero cinco cinco cinco cero uno uno cuatro", "number"),
        ("i took 10 pills", "i took 10 pills"),
        ("one two three", "one two three"),
    ],
)
def test_the_models_read_no_phone_numbers(text, read):
    assert as_read(text) == read


@pytest.mark.parametrize(
    ("text", "veto"),
    [
        ("I take lithium, can I do ketamine", "drug"),
        ("ketamine with my zoloft", "antidepressant"),
        ("how many mg", "dose"),
        ("im pregnant", "pregnancy"),
        ("I have a pacemaker", "implant"),
        ("i have bipolar", "diagnosis"),
        ("my son is 15", "child"),
        ("how much is it", "price"),
        ("tengo marcapasos", "implant"),
        ("estoy embarazada", "pregnancy"),
    ],
)
def test_each_veto_fires_on_its_matter(text, veto):
    assert veto in vetoes_in(fold(text))


@pytest.mark.parametrize(
    "text", ["is tms safe", "can tms cause a headache", "I already did TMS", "does it treat OCD", "¿Duele?"]
)
def test_no_veto_fires_on_a_plain_question(text):
    assert vetoes_in(fold(text)) == ()


@pytest.mark.parametrize(
    ("text", "lang"),
    [("what is tms", "en"), ("¿qué es?", "es"), ("hola", "es"), ("ok", None), ("3", None), ("Dana", None)],
)
def test_the_language_is_told_only_when_the_words_tell_it(text, lang):
    assert language_of(text, fold(text)) == lang
