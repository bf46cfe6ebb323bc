"""Names that are spelled: "S as in Sam, M, I, T, H", "B. O. B.", "Dana Smyth, that's S M I T H"."""

import re
from difflib import SequenceMatcher

from triage.words.plain_letters import LONGEST, plain_letters
from triage.words.word_lists import word_file

FEWEST_LETTERS = 3  # "J R" are initials, and "y a" are words

ALIKE = 0.5  # of a word that was heard to the letters that follow it: they are the same name

MOST_WORDS_SPELLED = 3

_SAYS = word_file("name_phrases").patterns()

# One letter, perhaps with a word that begins with it.
_LETTER = rf"(?:(?:{_SAYS['double']})\s+)?[^\W\d_](?![\w'])\.?(?:,?\s+(?:{_SAYS['as_in']})\s+[^\W\d_]+)?"

_SPELLED = re.compile(rf"(?<![\w'.]){_LETTER}(?:(?:\s*[,.-]\s*|\s+){_LETTER}){{{FEWEST_LETTERS - 1},}}", re.IGNORECASE)

_ONE = re.compile(
    rf"((?:{_SAYS['double']})\s+)?([^\W\d_])(?![\w'])(?:\.?,?\s+(?:{_SAYS['as_in']})\s+[^\W\d_]+)?", re.IGNORECASE
)

MOST_BEFORE_SPELLING = 80  # characters of "that is spelled", and of the stops around it

_BEFORE_SPELLING = re.compile(rf"[\s,;:.-]*(?:\b(?:{_SAYS['spelled']})\b[\s,;:.-]*){{0,9}}$", re.IGNORECASE)


def with_spelling(text: str) -> str:
    """Return the text with each spelled name as a word, in place of the word before it that sounds like it."""
    text = text[:LONGEST]
    done, at = "", 0
    for run in _SPELLED.finditer(text):
        done = _and_word(done + text[at : run.start()], _word(run.group()))
        at = run.end()
    return done + text[at:]


def _word(run: str) -> str:
    return "".join(letter * (2 if double else 1) for double, letter in _ONE.findall(run)).lower()


def _and_word(before: str, letters: str) -> str:
    """Return what was said before with the spelled word behind it, or in place of the words that it spells."""
    told = before[:-MOST_BEFORE_SPELLING] + _BEFORE_SPELLING.sub("", before[-MOST_BEFORE_SPELLING:])
    words = told.split(" ")
    for count in range(1, min(MOST_WORDS_SPELLED, len(words)) + 1):
        if plain_letters("".join(words[-count:])).strip(".,") == plain_letters(letters):
            return told
    if _likeness(words[-1], letters) >= ALIKE:
        return " ".join([*words[:-1], _cased(letters, words[-1])])
    if told == before.rstrip(" ,;:.-"):
        return f"{told} {_cased(letters, told)}".lstrip()
    return f"{told} my name is {letters}".lstrip()


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, plain_letters(one).strip(".,"), plain_letters(other)).ratio()


def _cased(letters: str, like: str) -> str:
    return letters if like and like == like.lower() else letters.capitalize()
