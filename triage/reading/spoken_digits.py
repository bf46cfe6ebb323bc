"""Digits as they are said: "six oh two", "triple five", "four eighty", "quinientos cincuenta y cinco"."""

import re
from typing import NamedTuple

from triage.reading.plain_letters import plain_letters

LONGEST = 2000  # characters; nobody gives a number further into a text, and the work stays bounded

_ONES = (
    ("zero", "oh", "o", "cero"),
    ("one", "uno"),
    ("two", "dos"),
    ("three", "tres"),
    ("four", "cuatro"),
    ("five", "cinco"),
    ("six", "seis"),
    ("seven", "siete"),
    ("eight", "ocho"),
    ("nine", "niner", "nueve"),
)

_UNIT = {word: value for value, words in enumerate(_ONES) for word in words}

_ENGLISH_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"

_SPANISH_TEENS = "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve"

_TWENTIES = "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"

_TEEN = {
    **{word: 10 + n for words in (_ENGLISH_TEENS, _SPANISH_TEENS) for n, word in enumerate(words.split())},
    **{word: 21 + n for n, word in enumerate(_TWENTIES.split())},
}

_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"

_SPANISH_TENS = "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"

_TEN = {word: 20 + 10 * n for words in (_ENGLISH_TENS, _SPANISH_TENS) for n, word in enumerate(words.split())}

_SPANISH_HUNDREDS = "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"

_HUNDRED = {"cien": 100, "ciento": 100} | {word: 200 + 100 * n for n, word in enumerate(_SPANISH_HUNDREDS.split())}

_TIMES = {"double": 2, "doble": 2, "triple": 3, "treble": 3}

# What a speech recogniser hears for a digit. Read so only between two digits: they are the commonest of words.
_SOUNDS_LIKE = {"to": "2", "too": "2", "for": "4", "won": "1", "ate": "8"}

_SAID = {*_UNIT, *_TEEN, *_TEN, *_HUNDRED, *_TIMES}

_QUOTES = {ord(quote): "'" for quote in "‘’ʼ`´"} | {ord(quote): '"' for quote in "“”„«»"}

_TOKEN = re.compile(r"[0-9]+|[a-z]+|\S")


class Token(NamedTuple):
    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents, curly quotes or full-width forms; at most LONGEST characters."""
    return plain_letters(text[:LONGEST].translate(_QUOTES))[:LONGEST]


def tokens_of(folded: str) -> list[Token]:
    return [Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(folded)]


def any_digits(tokens: list[Token]) -> bool:
    """Whether any digit is written or said; in most texts none is."""
    return any(token.text.isdecimal() or token.text in _SAID for token in tokens)


def readings(tokens: list[Token], at: int) -> list[tuple[str, int]]:
    """Every way to hear digits at this token, likeliest first: the digits, and where to go on.

    "eighty five" is 85, or 80 and then 5: only the whole number tells which was meant.
    """
    word = _text(tokens, at)
    if word.isdecimal():
        return [(word, at + 1)]
    if word in _TIMES:
        repeated = _text(tokens, at + 1)
        digit = repeated if len(repeated) == 1 and repeated.isdecimal() else str(_UNIT.get(repeated, ""))
        return [(digit * _TIMES[word], at + 2)] if digit else []
    if word in _UNIT:
        plain = [(str(_UNIT[word]), at + 1)]
        if not _UNIT[word] or _text(tokens, at + 1) != "hundred":
            return plain
        hundreds = [(str(100 * _UNIT[word] + rest), after) for rest, after in _below_hundred(tokens, at + 2)]
        return [*hundreds, (f"{_UNIT[word]}00", at + 2), *plain]
    if word in _SOUNDS_LIKE and _is_digit(_text(tokens, at - 1)) and _is_digit(_text(tokens, at + 1)):
        return [(_SOUNDS_LIKE[word], at + 1)]
    if word in _HUNDRED:
        rest = [(str(_HUNDRED[word] + value), after) for value, after in _below_hundred(tokens, at + 1)]
        return [*rest, (str(_HUNDRED[word]), at + 1)]
    return [(str(value), after) for value, after in _below_hundred(tokens, at) if value > 9]


def written_out(folded: str) -> str:
    """The words with every digit in figures: "oh one four seven, not" is "0147 , not"."""
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
    if word in _TEEN:
        return [(_TEEN[word], at + 1)]
    if word in _TEN:
        one = at + 2 if _text(tokens, at + 1) in ("y", "-") else at + 1
        unit = _UNIT.get(_text(tokens, one), 0)
        return ([(_TEN[word] + unit, one + 1)] if unit else []) + [(_TEN[word], at + 1)]
    return [(_UNIT[word], at + 1)] if _UNIT.get(word) else []


def _text(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _is_digit(word: str) -> bool:
    return word.isdecimal() or word in _UNIT or word in _TEEN or word in _TEN or word in _TIMES
