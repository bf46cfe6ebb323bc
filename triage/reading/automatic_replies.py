"""Automatic replies: what a phone or a mailbox answers for its owner, who has not read what we wrote."""

import re

from triage.words.plain_letters import fold
from triage.words.word_lists import word_file

LONGEST_REPLY = 600  # characters; nothing that a phone sends by itself is longer

_SAYS = word_file("automatic_replies").patterns()

_OPENING, _NOTE, _SENTENCE = (re.compile(_SAYS[says]) for says in ("opening", "note", "sentence"))

# Alone they answer us as a person would: "sorry".
_NO_REPLY = re.compile(r"sorry|apologies|hi|hey|hello|lo siento|perdon|disculp[ae]|hola")

_STOPS = re.compile(r"[.,;:!?()\[\]\n-]+(?:\s|$)|\s[-–—]\s|(?<=[a-z]) (?=i'll |i will |te llam|le llam)")


def is_automatic(text: str) -> bool:
    """Tell whether a phone wrote this by itself: driving, busy, out of office; nothing of a person's own beside it."""
    if len(text) > LONGEST_REPLY:
        return False
    plain = " ".join(fold(text).split(" "))
    if _OPENING.match(plain.strip()):
        return True
    said = [" ".join(clause.strip(" '\"()[]*<>-–—").split()) for clause in _STOPS.split(plain)]
    said = [clause for clause in said if clause]
    if any(_NOTE.fullmatch(clause) for clause in said):
        return True
    if not any(not _NO_REPLY.fullmatch(clause) for clause in said):
        return False
    return all(_SENTENCE.fullmatch(clause) for clause in said)
