"""Short replies to what we said, in whatever dress: "yesss", "looks right", "órale", "nop", "not right", "ok ty"."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

from triage.understanding.fold import fold
from triage.words.word_lists import word_file


class Reply(StrEnum):
    """What a text says that is nothing but a short reply. WRONG: something in what we said is; GLAD: no answer."""

    YES = "yes"
    NO = "no"
    WRONG = "wrong"
    GLAD = "glad"


LONGEST_REPLY = 120  # characters

# From this length on a word is known though a letter of it is wrong; the likeness is that of `difflib`.
MISSPELT_LETTERS, MISSPELT_ALIKE = 6, 0.85

_FILE = word_file("yes_no")

_KINDS = _FILE.phrase_meanings("phrases")

_SOUNDS = {word: re.compile(sound) for word, sound in _FILE.texts("sounds").items()}

_WORDS = frozenset(word for phrase in _KINDS for word in phrase.split())

_LONG_WORDS = sorted(word for word in _WORDS if len(word) >= MISSPELT_LETTERS)

_LONGEST = max(len(phrase.split()) for phrase in _KINDS)


# "Is that right", without a question mark.
_ASKS = re.compile(r"(?:is|are|does|do|will|was) (?:it|that|this|these|those|they|you|we|i|all|everything|the)\b")


def read_reply(text: str) -> Reply | None:
    """Return what a short reply says; None if there is anything else in it, or if it asks."""
    if len(text) > LONGEST_REPLY or "?" in text:
        return None
    spoken = text.lower()
    for word, sound in _SOUNDS.items():
        spoken = sound.sub(f" {word} ", spoken)  # folding takes "uh huh" for a filler
    said = fold(spoken)
    if _ASKS.match(said):
        return None
    words = said.split()
    kinds = _kinds_of([_as_listed(word) for word in words])
    return _meaning(kinds) if kinds else None


def _meaning(kinds: list[str]) -> Reply | None:
    """Return what these kinds of phrases say together.

    "No, that is right" and "no thanks, all good" find no fault, though they are no plain yes; "no good" is none.
    """
    said = [kind for kind in kinds if kind != "around"]
    if "wrong" in said or ("not" in said and said[-1] in ("not", "yes")):
        return Reply.WRONG
    if "no" in said and "yes" in said:
        parted = kinds[0] == "no" and kinds[1] in ("around", "glad") and kinds.count("no") == 1
        return Reply.GLAD if parted else None
    if "not" in said:
        return None
    return next((reply for reply in (Reply.NO, Reply.YES, Reply.GLAD) if reply in said), None)


def _kinds_of(words: list[str]) -> list[str] | None:
    """Return the kinds of the phrases of which the words are made, the longest ones first; None if they are not."""
    kinds, at = list[str](), 0
    while at < len(words):
        phrase = next((one for one in _phrases_from(words, at) if one in _KINDS), None)
        if phrase is None:
            return None
        kinds.append(_KINDS[phrase])
        at += len(phrase.split())
    return kinds


def _phrases_from(words: list[str], at: int) -> Iterator[str]:
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        yield " ".join(words[at : at + length])


@lru_cache(maxsize=4096)
def _as_listed(word: str) -> str:
    """Return the listed word that this one is, with stretched letters or a slip in it; else the word itself."""
    if word in _WORDS:
        return word
    for shorter in (re.sub(r"(.)\1{2,}", r"\1\1", word), re.sub(r"(.)\1+", r"\1", word)):
        if shorter in _WORDS:
            return shorter
    if len(word) < MISSPELT_LETTERS - 1:
        return word
    return next(iter(get_close_matches(word, _LONG_WORDS, 1, MISSPELT_ALIKE)), word)
