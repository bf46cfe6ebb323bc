"""What people say of how they are, who they are and how they can be reached, as signs that decide the answer."""

import re
from enum import StrEnum

from triage.understanding.fold import fold
from triage.words.plain_letters import LONGEST
from triage.words.word_lists import word_file


class Sign(StrEnum):
    """One thing that a text shows; each is a row of words/signs.toml, which says what it is."""

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
    DENIES = "denies"


_SAYS = {key: re.compile(says) for key, says in word_file("signs").patterns().items()}

_NOT_NAMED = re.compile(
    r"\b(?:i am|this is|its|it is|im|my name is) not (?:\w+ )?(?P<en>[a-z]+)\b|\bno (?:soy|me llamo) (?P<es>[a-z]+)\b"
)


def read_signs(text: str) -> frozenset[Sign]:
    """Return all signs in a text. A no beside words that take it back is none."""
    said = fold(text[:LONGEST])
    found = {sign for sign in Sign if _SAYS[sign].search(said)}
    if _SAYS["unclear"].search(said):
        found.discard(Sign.DENIES)
    return frozenset(found)


def is_not(name: str, text: str) -> bool:
    """Tell whether somebody says that they are not the person of this name: "I am not Gia"."""
    known = set(fold(name).split())
    return any((found["en"] or found["es"]) in known for found in _NOT_NAMED.finditer(fold(text[:LONGEST])))
