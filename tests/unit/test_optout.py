import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.reading.opt_out import Keyword, Scope, asks_to_start, asks_to_stop, read_keyword

DATA = Path(__file__).parents[1] / "data" / "optout.jsonl"
LINES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
WANTED = [line for line in LINES if line["scope"]]
HARMLESS = [line for line in LINES if not line["scope"]]


@pytest.mark.parametrize(
    ("words", "keyword"),
    [
        ("STOP", Keyword.STOP),
        ("stop ", Keyword.STOP),
        ("STOP.", Keyword.STOP),
        ("“STOP”", Keyword.STOP),
        ("S T O P", Keyword.STOP),
        ("StopAll", Keyword.STOP),
        ("unsubscribe", Keyword.STOP),
        ("CANCEL", Keyword.STOP),
        ("End!", Keyword.STOP),
        ("quit", Keyword.STOP),
        ("revoke", Keyword.STOP),
        ("opt-out", Keyword.STOP),
        ("start", Keyword.START),
        ("UNSTOP", Keyword.START),
        ("Help?", Keyword.HELP),
        ("INFO", Keyword.HELP),
        ("yes", None),
        ("YES", None),
        ("stop please", None),
        ("cancel my 3pm", None),
        ("help me", None),
        ("", None),
    ],
)
def test_a_keyword_is_the_whole_message_in_any_dress(words: str, keyword: Keyword | None) -> None:
    assert read_keyword(words) is keyword


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("cancel", Scope.ALL),
        ("pls stop txting me", Scope.TEXTS),
        ("no mas", Scope.ALL),
        ("leave me alone", Scope.ALL),
        ("dejen de escribirme", Scope.TEXTS),
        ("no me llamen", Scope.CALLS),
        ("do not contact me again", Scope.ALL),
        ("never mind, don't call me", Scope.CALLS),
        ("don't text, call me instead", Scope.TEXTS),
        ("Please take me off your text list.", Scope.TEXTS),
        ("remove me from your texting list", Scope.TEXTS),
        ("take me off your list", Scope.ALL),
        ("unsubscribe me from all text messages", Scope.TEXTS),
        ("I don't want to be on your text list anymore", Scope.TEXTS),
        ("quítenme de su lista de mensajes", Scope.TEXTS),
        ("take my number off your call list", Scope.CALLS),
        ("ya no me hablen por teléfono", Scope.CALLS),
        ("no me hablen", Scope.CALLS),
        ("no me hablen de precios", None),
        ("no hablo inglés", None),
        ("don't text me and don't call me", Scope.ALL),
        ("stop texting me. I can't stop crying", Scope.TEXTS),
        ("i don't want to receive your texts", Scope.TEXTS),
        ("“stop texting me”", Scope.TEXTS),
    ],
)
def test_an_opt_out_in_any_words_has_its_scope(words: str, scope: Scope) -> None:
    assert asks_to_stop(words) is scope


@pytest.mark.parametrize(
    "words",
    [
        "I can't stop crying",
        "cancel my 3pm",
        "can I stop by",
        "does tms stop working",
        "cancel the call",
        "don't call me before 10",
        "no me llamen antes de las 10",
        "no point. no reason. no more. im ready",
        "why did you stop texting me",
        "I am not receiving your texts",
        "why am i not getting your texts",
        "no me llegan sus mensajes",
        "got this from my pharmacy: Your refill is ready. Reply C to confirm, STOP to opt out. is that from you?",
        "my ex said “stop texting me” and it hurt",
    ],
)
def test_stop_and_no_in_another_sense_are_no_opt_out(words: str) -> None:
    assert asks_to_stop(words) is None


def test_98_of_100_opt_outs_are_found_with_their_scope() -> None:
    missed = [line["text"] for line in WANTED if asks_to_stop(line["text"]) != line["scope"]]
    assert len(WANTED) >= 150
    assert len(missed) <= 0.02 * len(WANTED), missed


def test_at_most_1_of_100_other_messages_is_taken_for_an_opt_out() -> None:
    taken = [line["text"] for line in HARMLESS if asks_to_stop(line["text"])]
    assert len(HARMLESS) >= 150
    assert len(taken) <= 0.01 * len(HARMLESS), taken


@given(st.sampled_from(LINES), st.sampled_from(["{}.", " {} ", "“{}”", "{}\n"]), st.booleans())
def test_case_quotes_spaces_and_a_full_stop_change_nothing(line: dict[str, str], dress: str, shouted: bool) -> None:
    words = line["text"].upper() if shouted else line["text"].replace("'", "’")
    assert asks_to_stop(dress.format(words)) == asks_to_stop(line["text"])


@given(st.text())
@example("stop " * 1000)
@example("no me " * 1000)
@example("\ud800stop\x00")
def test_any_text_gives_a_scope_or_none(text: str) -> None:
    assert asks_to_stop(text) in (None, *Scope)
    assert read_keyword(text) in (None, *Keyword)


@pytest.mark.parametrize(
    "text",
    [
        "u never called", "u guys never called me", "never called me", "y'all never called me back",
        "you people never call back", "no llamaron", "jamás me llamaron", "quedaron de llamarme y no llamaron",
        "no llamaron ni escribieron", "you all never texted me", "nunca llamaron ni mandaron mensaje",
        "your office did not ring me as agreed. i am disappointed", "they did not even call me",
    ],
)  # fmt: skip
def test_the_complaint_that_nobody_called_opts_nobody_out(text):
    assert asks_to_stop(text) is None


@pytest.mark.parametrize("text", ["never call me again", "I never want to be called again", "no me llamen nunca más"])
def test_an_order_is_none_for_being_near_a_complaint(text):
    assert asks_to_stop(text) is not None


@pytest.mark.parametrize(
    "words",
    [
        "I do not wish to be contacted anymore",
        "i no longer want to be contacted",
        "i'd rather you didnt contact me",
        "i no longer wish to hear from you",
        "please dont reach out anymore",
        "ya no deseo ser contactado",
        "no autorizo que me contacten",
        "revoco mi consentimiento",
        "elimine mis datos",
    ],
)
def test_who_does_not_wish_to_be_contacted_is_left_alone(words):
    assert asks_to_stop(words) is Scope.ALL


@pytest.mark.parametrize(
    "words",
    [
        "no i want the call",
        "dont contact my insurance",
        "i havent been contacted yet",
        "i wish to be contacted by phone",
    ],
)
def test_contact_that_is_wanted_or_of_others_is_no_opt_out(words):
    assert asks_to_stop(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "START!",
        "you can text me again",
        "ok text me again",
        "please start sending the messages again",
        "i want the texts back on",
        "resubscribe me please",
        "opt me back in",
        "its ok to text me now",
        "stop was a mistake",
        "i didnt mean to stop the texts",
        "ya me pueden escribir otra vez",
        "quiero volver a recibir mensajes",
        "vuelvan a escribirme",
        "escríbanme de nuevo",
        "el stop fue un error",
        "denme de alta",
    ],
)
def test_the_way_back_is_found_in_any_words(words):
    assert asks_to_start(words)


@pytest.mark.parametrize(
    "words",
    [
        "do not text me again",
        "never text me again",
        "why did you text me again",
        "when do i start treatment",
        "my depression started again",
        "no vuelvan a mandarme mensajes",
        "no quiero volver a recibir mensajes",
        "call me",
        "yes",
    ],
)
def test_texts_are_not_welcome_again_for_words_that_are_near_it(words):
    assert not asks_to_start(words)


@pytest.mark.parametrize("what", ["kids", "mom", "son", "grandkids", "daughter", "dog", "husband"])
@pytest.mark.parametrize(
    "said",
    [
        "I get my {} from school so tomorrow after 3:30",
        "i have to drop my {} off at 8, so after 9",
        "can't before noon, I take my {} out of daycare then",
    ],
)
def test_who_is_fetched_or_dropped_off_is_taken_off_no_list(said, what):
    assert asks_to_stop(said.format(what)) is None


def test_neither_calls_nor_texts_is_everything():
    assert asks_to_stop("ni me llamen ni me escriban nunca mas") is Scope.ALL
