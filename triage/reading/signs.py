"""What people say of how they are, who they are and how they can be reached, as signs that decide the answer."""

import re
from enum import StrEnum

from triage.reading.yes_no import Reply
from triage.understanding.fold import fold
from triage.understanding.reading import Understanding
from triage.words.plain_letters import LONGEST
from triage.words.word_lists import listed, word_file


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
    TAKES_BACK = "takes_back"
    DENIES = "denies"


_SAYS = {key: re.compile(says) for key, says in word_file("signs").patterns().items()}

_NOT_NAMED = re.compile(
    r"\b(?:(?:i am|this is|its|it is|im|my name is) not (?:\w+ )?|there is no |no (?:soy|me llamo) |"
    r"no hay (?:ningun[ao]? )?)(?P<name>[a-z]+)\b"
)


# The chances from which on the heads' word is taken: LOW is the lowest that but one of a thousand strangers' texts
# reaches, DENIES the lowest that no words of danger reach. A no beside a hedge must be the surer, and
# beside words that take it back ("no, I already did") there is none.
LOW, DENIES, DENIES_HEDGED = 0.2, 0.5, 0.95

_LEADING_NO = re.compile(r"^(?:\W*(?:(?:no|nope|nah)\s+)*(?:no|nope|nah)\s*[,.!;:…-]++)+", re.IGNORECASE)

# What weakens a no to a check-in, or takes it back, stands behind that no: "no, I am fine" has nothing of "not fine".
_BEHIND_NO = (Sign.UNCLEAR, Sign.TAKES_BACK)


def read_signs(text: str, understood: Understanding, reply: Reply | None = None) -> frozenset[Sign]:
    """Return all signs in a text, by its words, or by its meaning where words alone do not tell.

    reply: what it says as a short reply. Of one that agrees ("me parece perfecto") a mood is not guessed.
    """
    said = fold(text[:LONGEST])[:LONGEST]
    found = {sign for sign in Sign if sign in _SAYS and _SAYS[sign].search(said)}
    if understood.low_mood >= LOW and reply not in (Reply.YES, Reply.GLAD):
        found.add(Sign.LOW)
    behind_no = fold(_LEADING_NO.sub("", text[:LONGEST]))
    found -= {sign for sign in _BEHIND_NO if not _SAYS[sign].search(behind_no)}
    hedged = Sign.UNCLEAR in found
    if hedged or Sign.TAKES_BACK in found:
        found.discard(Sign.DENIES)
    if Sign.TAKES_BACK not in found and understood.denies >= (DENIES_HEDGED if hedged else DENIES):
        found.add(Sign.DENIES)
    return frozenset(found)


def is_not(name: str | None, text: str) -> bool:
    """Tell whether somebody says that they are not the person of this name: "I am not Gia", "there is no Gia here".

    name: the one that we know them by; where we know none, any first name is meant.
    """
    known = set(fold(name).split()) if name else listed("first_names")
    return any(found["name"] in known for found in _NOT_NAMED.finditer(fold(text[:LONGEST])))
