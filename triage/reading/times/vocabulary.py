"""The words of time, English and Spanish, and the lists of words around them, from words/times.toml."""

import re

from triage.words.number_words import IN_A_TIME, NUMBERS
from triage.words.word_lists import word_file

_TIMES = word_file("times")

_LISTS = {name: frozenset(words) for name, words in _TIMES.words("lists").items()}

WORDS = _TIMES.meanings("one_word")

PHRASES = _TIMES.phrase_meanings("phrases") | _TIMES.phrase_meanings("holidays")

ZONES = _TIMES.phrase_meanings("zones")

SPELLED = {word: number for word, number in NUMBERS.items() if number < 60} | IN_A_TIME

COUNTED_THINGS = _LISTS["things"]

LITTLE_WORDS = _LISTS["little_words"]

AROUND_A_TIME_ALONE = _LISTS["around_a_time_alone"]

MAY_LEAD_AN_HOUR = _LISTS["may_lead_an_hour"]

MAY_JOIN_TWO_MARKS = _LISTS["may_join_two_marks"]

SAID_OF_A_TIME = _LISTS["said_of_a_time"]

ONE_IS_A_THING_AFTER = _LISTS["one_is_a_thing_after"]

BESIDE_A_DAY_OF_THE_MONTH = _LISTS["beside_a_day_of_the_month"] | {
    word for word, meaning in WORDS.items() if re.fullmatch(r"(?:mon|wd)\d+", meaning)
}

OFTEN_MISSPELT = sorted(_LISTS["often_misspelt"])

NOT_MISSPELT = _LISTS["not_misspelt"]
