"""Wishes for a call: to be called, at another time, after all or not at all; and refusals to answer.

The topic head is unsure where name, number, time and subject stand in the same message; these words are not.
"""

import re

from triage.words.plain_letters import LONGEST, straight_quotes
from triage.words.sentences import sentences
from triage.words.word_lists import word_file

_FILE = word_file("call_wishes")

_PATTERNS = _FILE.patterns(gap=r"\s+")


def _compiled(before: str, says: str, after: str) -> re.Pattern[str]:
    return re.compile(f"{before}(?:{_PATTERNS[says]}){after}", re.IGNORECASE)


_ASKED = _compiled(r"\b", "asked", "")

_WHETHER = _compiled(r"\b", "whether", "")

_HOW_IT_STANDS = _compiled(r"\b", "how_it_stands", "")

_WHAT_IS_NOTED = _compiled(r"\b", "what_is_noted", "")

_NOT_ASKED = _compiled(r"\b", "not_asked", "")

_ANOTHER_TIME = _compiled(r"\b", "another_time", "")

_TO_A_TIME = _compiled(r"\b", "to_a_time", "")

_KEEP = _compiled(r"\b", "keep", "")

_CANCEL = _compiled(r"\b", "cancel", "")

_CALL_NAMED = _compiled(r"\b", "call_named", r"\b")

_ENDS = _compiled(r"\b", "ends", r"\b")

_NEVER_CAME = _compiled(r"\b", "never_came", "")

_CANCEL_CALL = _compiled("", "cancel_call", "")

_NO_CANCEL = _compiled(r"\b", "no_cancel", "")

_SPARES = _compiled(r"\b", "spares", "")

_DECLINES = _compiled(r"\W*(?:(?:no|nah|sorry|um|uh|i|id|i'd|would|please|prefiero)[\s,]+)*", "declines", r"\W*")

_THAT_NEVER_CAME = re.compile(
    r"\b(?:never|nobody|no\s+one|no1|didn'?t|didnt)\s+(?:ever\s+|even\s+)?(?:called|phoned|rang|call|did)\b"
    r"|\b(?:nunca|nadie|no)\s+me\s+(?:llam|marc|habl)(?:aron|[oó])\b",
    re.IGNORECASE,
)

# "the old TMS place was awful, can someone call me about ketamine": the call is about the last.
_ABOUT = re.compile(
    rf"\b(?:(?:{'|'.join(_FILE.words('words')['call'])})\w*|talk\w*|speak\w*|ll[aá]m\w+|m[aá]rqu\w+|habl\w+)\b"
    r"[^.;?!\n]{0,60}?\b(?:about|regarding|re|concerning|sobre|acerca\s+de|por\s+lo\s+de)\b(?P<matter>[^.;?!\n]+)",
    re.IGNORECASE,
)

_NOT_THAT = re.compile(r"\b(?:instead\s+of|rather\s+than|en\s+(?:vez|lugar)\s+de)\b.*", re.IGNORECASE)


def asks_for_call(text: str) -> bool:
    """Tell whether a call is asked for in plain words; not in a question about one, nor where it is refused.

    Beside "you never called" a call may be asked for in another sentence.
    """
    text = _straight(text)
    if _THAT_NEVER_CAME.search(text):
        text = ". ".join(said for said in sentences(text) if not _THAT_NEVER_CAME.search(said))
    return bool(_ASKED.search(text)) and not _NOT_ASKED.search(text)


def asks_whether_called(text: str) -> bool:
    """Tell whether it is asked if a call comes: "me llaman mañana a las 9?" asks for one where none is planned."""
    text = _straight(text)
    return bool(_WHETHER.search(text)) and not asks_to_cancel(text)


def asks_how_it_stands(text: str) -> bool:
    """Tell whether it is asked how a call stands: "still on for 3?", "what time was my thing again"."""
    return bool(_HOW_IT_STANDS.search(_straight(text)))


def asks_what_is_noted(text: str) -> bool:
    """Tell whether it is asked what we have noted: "did you get the extension too?", "which number do you have"."""
    return bool(_WHAT_IS_NOTED.search(_straight(text)))


def matter_of_call(text: str) -> str | None:
    """Return what a call is asked for about, in the person's words; None where they do not say."""
    said = _ABOUT.search(text[:LONGEST])
    return _NOT_THAT.sub("", said["matter"]) if said else None


_ASKS = re.compile(r"[?¿]|\b(?:how|what|does|is|are|why|which|will|como|cómo|qu[eé] es|duele|sirve)\b", re.IGNORECASE)


def is_only_about(text: str) -> bool:
    """Tell whether a text wishes a call about a matter and asks nothing else of it: "please call me about TMS"."""
    said = _ABOUT.search(text[:LONGEST])
    if said is None or _ASKS.search(text) or re.search(r"\w", text[said.end() :]):
        return False
    return asks_for_call(text)


def asks_to_cancel(text: str) -> bool:
    """Tell whether a call is not wanted, in words that mean nothing else."""
    return bool(_CANCEL.search(_NO_CANCEL.sub(" ", _straight(text))))


def may_cancel(text: str) -> bool:
    """Tell whether a text can be a cancellation at all: "don't sell my number", "the call never came" are none."""
    said = _NO_CANCEL.sub(" ", _straight(text))
    if _CANCEL.search(said) or cancels_the_call(text):
        return True
    return bool(_CALL_NAMED.search(said) and _ENDS.search(said)) and not _NEVER_CAME.search(said)


def cancels_the_call(text: str) -> bool:
    """Tell whether a text begins with a cancellation that names the call: "scratch that call, got cattle to move"."""
    if text.rstrip().endswith("?"):
        return False
    return any(map(_CANCEL_CALL.search, sentences(_straight(text))))


def asks_not_to_cancel(text: str) -> bool:
    """Tell whether a cancellation is not wanted, or was not meant: "don't cancel it", "I did not mean to cancel"."""
    return bool(_SPARES.search(_straight(text)))


def asks_to_move(text: str, names_a_time: bool) -> bool:
    """Tell whether somebody who has a call planned wishes another time. names_a_time: one is read in the text."""
    text = _straight(text)
    return bool(_ANOTHER_TIME.search(text)) or (names_a_time and bool(_TO_A_TIME.search(text)))


def asks_to_keep(text: str) -> bool:
    """Tell whether a cancelled call is wanted after all."""
    return bool(_KEEP.search(_straight(text)))


def declines(text: str) -> bool:
    """Tell whether the text is nothing but a refusal to answer what was asked."""
    return _DECLINES.fullmatch(_straight(text)) is not None


def _straight(text: str) -> str:
    # Accents stay: "hablar con el doctor" asks for a call, "ya no quiero hablar con él" does not.
    return straight_quotes(text[:LONGEST])
