"""The reviewed words: what a malformed file is answered with, and what all of them hold."""

import re
from pathlib import Path

import pytest

from triage.understanding.exact import digit_in
from triage.understanding.fold import as_read
from triage.words import word_lists
from triage.words.number_words import NUMBERS
from triage.words.plain_letters import DOUBLE_QUOTES, SINGLE_QUOTES, fold
from triage.words.word_lists import MalformedWords, word_file

FILES = sorted(path.stem for path in word_lists.HERE.glob("*.toml"))


def written(folder: Path, text: str) -> word_lists.WordFile:
    (folder / "some.toml").write_text(text, encoding="utf-8")
    return word_file("some", folder)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_words_can_be_read(name):
    file = word_file(name)
    assert file.tables
    for pattern in file.patterns().values() if "says" in file.tables else ():
        re.compile(pattern)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[one", "some.toml: "),
        ("a = 'b'", "some.toml: a stands outside any table"),
        ("[one]\na = 3", r"some.toml: \[one\] a should be words"),
        ("[one]\na = ' '", r"some.toml: \[one\] a should be words"),
    ],
)
def test_a_malformed_file_names_itself_and_the_place(tmp_path, text, says):
    with pytest.raises(MalformedWords, match=says):
        written(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[one]\na = 'b'", r"some.toml: there is no table \[says\]"),
        ("[says]\na = '{kin}'", r"some.toml: \[says\] a names \{kin\}, which \[words\] does not list"),
        ("[says]\na = '(b'", r"some.toml: \[says\] a is no regular expression"),
    ],
)
def test_a_phrase_that_cannot_be_looked_for_is_named(tmp_path, text, says):
    with pytest.raises(MalformedWords, match=says):
        written(tmp_path, text).patterns()


def test_a_phrase_may_name_a_list_and_a_space_stands_for_the_gap(tmp_path):
    file = written(tmp_path, "[words]\nkin = 'mother son'\n[says]\na = '''\nmy {kin}\nhim\n'''")
    assert file.patterns(gap=r"\s+") == {"a": r"my\s+(?:mother|son)|him"}


def test_of_a_word_that_is_listed_twice_the_last_meaning_holds(tmp_path):
    file = written(tmp_path, "[one_word]\na = 'x y'\nb = 'y'\n[phrases]\nc = 'one two | three\tfour'")
    assert file.meanings("one_word") == {"x": "a", "y": "b"}
    assert file.phrase_meanings("phrases") == {"one two": "c", "three four": "c"}


@pytest.mark.parametrize("word", [word for word, number in NUMBERS.items() if number < 10])
def test_the_understanding_knows_the_same_digits_as_the_readers(word):
    assert as_read(" ".join([word] * 7)) == "number"
    assert digit_in(word) == NUMBERS[word]


@pytest.mark.parametrize("quote", SINGLE_QUOTES)
def test_every_single_quote_is_an_apostrophe(quote):
    assert fold(f"Don{quote}t") == "don't"


@pytest.mark.parametrize("quote", DOUBLE_QUOTES)
def test_every_double_quote_is_straight(quote):
    assert fold(f"{quote}Sí{quote}") == '"si"'
