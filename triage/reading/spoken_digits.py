"""Digits as they are said: "six oh two", "triple five", "four eighty", "quinientos cincuenta y cinco"."""

import re
from typing import NamedTuple

from triage.words.number_words import DIGIT_BY_DIGIT, NUMBERS, REPEATS, SOUNDS_LIKE

_DIGITS = {word: value for word, value in NUMBERS.items() if value < 10} | DIGIT_BY_DIGIT

_TENS = {word: value for word, value in NUMBERS.items() if 20 <= value < 100 and value % 10 == 0}  # "y" may follow

_OTHERS_BELOW_HUNDRED = {word: value for word, value in NUMBERS.items() if 10 <= value < 100 and word not in _TENS}

_HUNDREDS = {word: value for word, value in NUMBERS.items() if value >= 100}

_SAID = {*_DIGITS, *NUMBERS, *REPEATS}

_TOKEN = re.compile(r"[0-9]+|[a-z]+|\S")


class Token(NamedTuple):
    text: str
    start: int
    end: int


def tokens_of(folded: str) -> list[Token]:
    return [Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(folded)]


def any_digits(tokens: list[Token]) -> bool:
    """Tell whether any digit is written or said; in most texts none is."""
    return any(token.text.isdecimal() or token.text in _SAID for token in tokens)


def readings(tokens: list[Token], at: int) -> list[tuple[str, int]]:
    """Return every way to hear digits at this token, likeliest first: the digits, and where to go on.

    "eighty five" is 85, or 80 and then 5: only the whole number tells which was meant.
    """
    word = _text(tokens, at)
    if word.isdecimal():
        return [(word, at + 1)]
    if word in REPEATS:
        repeated = _text(tokens, at + 1)
        digit = repeated if len(repeated) == 1 and repeated.isdecimal() else str(_DIGITS.get(repeated, ""))
        return [(digit * REPEATS[word], at + 2)] if digit else []
    if word in _DIGITS:
        plain = [(str(_DIGITS[word]), at + 1)]
        if not _DIGITS[word] or _text(tokens, at + 1) != "hundred":
            return plain
        hundreds = [(str(100 * _DIGITS[word] + rest), after) for rest, after in _below_hundred(tokens, at + 2)]
        return [*hundreds, (f"{_DIGITS[word]}00", at + 2), *plain]
    if word in SOUNDS_LIKE and _is_digit(_text(tokens, at - 1)) and _is_digit(_text(tokens, at + 1)):
        return [(str(SOUNDS_LIKE[word]), at + 1)]
    if word in _HUNDREDS:
        rest = [(str(_HUNDREDS[word] + value), after) for value, after in _below_hundred(tokens, at + 1)]
        return [*rest, (str(_HUNDREDS[word]), at + 1)]
    return [(str(value), after) for value, after in _below_hundred(tokens, at) if value > 9]


def written_out(folded: str) -> str:
    """Return the words with every digit in figures: "oh one four seven, not" is "0147 , not"."""
    tokens = tokens_of(folded)
    words: list[str] = []
    at, after_digits = 0, False
    while at < len(tokens):
        heard = readings(tokens, at)
        said, after = heard[0] if heard else (tokens[at].text, at + 1)
        if heard and after_digits:
            words[-1] += said
        else:
            words.append(said)
        at, after_digits = after, bool(heard)
    return " ".join(words)


def _below_hundred(tokens: list[Token], at: int) -> list[tuple[int, int]]:
    word = _text(tokens, at)
    if word in _OTHERS_BELOW_HUNDRED:
        return [(_OTHERS_BELOW_HUNDRED[word], at + 1)]
    if word in _TENS:
        one = at + 2 if _text(tokens, at + 1) in ("y", "-") else at + 1
        unit = _DIGITS.get(_text(tokens, one), 0)
        return ([(_TENS[word] + unit, one + 1)] if unit else []) + [(_TENS[word], at + 1)]
    return [(_DIGITS[word], at + 1)] if _DIGITS.get(word) else []


def _text(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _is_digit(word: str) -> bool:
    return word.isdecimal() or word in _DIGITS or word in _OTHERS_BELOW_HUNDRED or word in _TENS or word in REPEATS
