"""Number words, English and Spanish: the one table, from which each reader takes those that it understands."""

from triage.words.word_lists import word_file


def _values(table: str) -> dict[str, int]:
    return {word: int(value) for word, value in word_file("numbers").meanings(table).items()}


ENGLISH = _values("english")

NUMBERS = ENGLISH | _values("spanish")  # by the word: {"seven": 7, "siete": 7, ...}

DIGIT_BY_DIGIT = _values("digit_by_digit")

REPEATS = _values("repeats")

SOUNDS_LIKE = _values("sounds_like")

IN_A_TIME = _values("in_a_time")

ORDINALS = _values("ordinals")

CHOSEN = _values("chosen")
