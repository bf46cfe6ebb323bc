"""What people say of how they are, who they are and how they can be reached, as signs that decide the answer."""

import re
from enum import StrEnum

from triage.understanding.fold import fold
from triage.understanding.reading import Understanding
from triage.words.plain_letters import LONGEST
from triage.words.word_lists import word_file


class Sign(StrEnum):
    """One thing that a text shows; each but the last is a row of words/signs.toml, which says what it is.

    DENIES: a clear no to a check-in, in any dress.
    """

    LOW = "low"
    ANGER = "anger"
    WRONG_PERSON = "wrong_person"
    WHO = "who"
    TEXT_ONLY = "text_only"
    CALL_AFTER_ALL = "call_after_all"
    ARRIVED = "arrived"
    PERSON = "person"
    HELP_COMES = "help_comes"
    BETTER = "better"
    NO_ANSWER = "no_answer"
    UNCLEAR = "unclear"
    DENIES = "denies"


_SAYS = {key: re.compile(says) for key, says in word_file("signs").patterns().items()}

_NOT_NAMED = re.compile(
    r"\b(?:i am|this is|its|it is|im|my name is) not (?:\w+ )?(?P<en>[a-z]+)\b|\bno (?:soy|me llamo) (?P<es>[a-z]+)\b"
)


# The chances from which on the heads' word is taken: LOW is the lowest that but one of a thousand strangers' texts
# reaches, DENIES the lowest that no words of danger reach. A no beside words that take it back must be the surer.
LOW, DENIES, DENIES_HEDGED = 0.2, 0.5, 0.95

_LEADING_NO = re.compile(r"^(?:\W*(?:no|nope|nah)\s*[,.!;:…-]+)+", re.IGNORECASE)


def read_signs(text: str, understood: Understanding) -> frozenset[Sign]:
    """Return all signs in a text, by its words, or by its meaning where words alone do not tell."""
    said = fold(text[:LONGEST])
    found = {sign for sign in Sign if sign in _SAYS and _SAYS[sign].search(said)}
    if understood.low_mood >= LOW:
        found.add(Sign.LOW)
    # "No, I am fine" has nothing of "not fine".
    if not _SAYS[Sign.UNCLEAR].search(fold(_LEADING_NO.sub("", text[:LONGEST]))):
        found.discard(Sign.UNCLEAR)
    if understood.denies >= (DENIES_HEDGED if Sign.UNCLEAR in found else DENIES):
        found.add(Sign.DENIES)
    return frozenset(found)


def is_not(name: str, text: str) -> bool:
    """Tell whether somebody says that they are not the person of this name: "I am not Gia"."""
    known = set(fold(name).split())
    return any((found["en"] or found["es"]) in known for found in _NOT_NAMED.finditer(fold(text[:LONGEST])))
