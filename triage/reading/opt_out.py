"""STOP, START and HELP, and every other way of saying "leave me alone", in English and Spanish."""

import re
from enum import StrEnum
from functools import lru_cache

from triage.words.plain_letters import LONGEST, fold
from triage.words.word_lists import word_file


class Keyword(StrEnum):
    """A whole message that the carriers act on, so that we must as well."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class Scope(StrEnum):
    """What a person wants no more of."""

    TEXTS = "texts"
    CALLS = "calls"
    ALL = "all"


_FILE = word_file("opt_out")

_KEYWORDS = {word: Keyword(keyword) for word, keyword in _FILE.meanings("keywords").items()}

_CODES = {"no": "N", "text": "T", "call": "C", "bother": "B", "joint": "+", "dropped": ""}

_LETTER = [(_CODES[row], re.compile("|".join(words))) for row, words in _FILE.words("letters").items()]

_SAYS = _FILE.patterns()

_LEAVE_ME = re.compile(_SAYS["leave_me"])

_STOP_ALONE, _ENOUGH_ALONE = (
    re.compile(f"(?:(?:{_SAYS['softeners']}) )*(?:{_SAYS[stop]})(?: (?:{_SAYS['softeners']}))*")
    for stop in ("stop_alone", "enough_alone")
)

_ONLY_PARTLY, _FOR_GOOD, _ABOUT_THE_TEXTS, _ABOUT_THE_CALL, _ABOUT_A_VISIT = (
    re.compile(rf"\b(?:{_SAYS[says]})\b")
    for says in ("only_partly", "for_good", "about_the_texts", "about_the_call", "about_a_visit")
)

_NO_OPT_OUT = [
    re.compile(_SAYS[says]) for says in ("complaint", "not_arriving", "one_call_missing", "dont_stop", "not_needed")
]

_NAMED_ALOUD = re.compile(rf"\b(?:{_SAYS['named_aloud']})\b")

_NO_MORE_OF_IT, _NO_MORE_OF_THE_PHONE = (re.compile(_SAYS[says]) for says in ("no_more_of_it", "no_more_of_the_phone"))

_WELCOME, _UNWELCOME, _STOP_WAS_NONE = (
    re.compile(rf"(?:^|\b)(?:{_SAYS[says]})(?:\b|$)") for says in ("welcome", "unwelcome", "stop_was_none")
)

_FOOTER = re.compile(_SAYS["footer"])

# "STOP 41", "STOP STOP STOP", "stop!!! asshole": nothing behind it that could mean another thing.
_STOP_WITH_A_TAIL = re.compile(rf"\W*(?:sto+p+|stopall|unsubscribe)\b(?:[\W_]+(?:{_SAYS['tail']}))+[\W_]*")

# What somebody else said, or their text: not the sender's own words.
_QUOTED = re.compile(r"[\"“”«»][^\"“”«»\n]{1,600}[\"“”«»]|(?<!\w)'[^'\n]{1,600}'(?!\w)")

_SHOUTED_STOP = re.compile(r"\W*STOP\b(?!\s+(?:me|him|her|them|it|this|that)\b)(?=.*[a-z])", re.DOTALL)


def read_keyword(text: str) -> Keyword | None:
    """Return the carriers' word that is the whole message, whatever its case, quotes, spacing or punctuation."""
    return _KEYWORDS.get(re.sub(r"[\W_]", "", fold(text))) if len(text) <= 40 else None


def is_carriers_word(text: str) -> bool:
    """Tell whether the carrier itself answers: the trimmed text, in any case, is exactly one of its words.

    It takes "STOP" and leaves "STOP!!!", "Stop." and quoted words to us. A bare YES opts in there.
    """
    return text.strip().lower() in _KEYWORDS


def opens_with_stop(text: str) -> bool:
    """Tell whether STOP in capitals is the first word, with more behind it; not "STOP me"."""
    return bool(_SHOUTED_STOP.match(text[:LONGEST]))


def asks_to_stop(text: str) -> Scope | None:
    """Return what the person wants no more of, in any words; None if nothing, or only for a while or at a time.

    "Don't call me" is CALLS: it takes back a call-back as well. "Don't text, call me instead" is TEXTS: a wish for
    another channel, whose call-back stays.
    """
    if read_keyword(text) is Keyword.STOP:
        return Scope.ALL
    text = _own_words(text)
    if _STOP_WITH_A_TAIL.fullmatch(fold(text)):
        return Scope.ALL
    clauses = _clauses(text)
    if _ENOUGH_ALONE.fullmatch(" ".join(clauses)):
        return Scope.ALL
    scopes = {scope for clause in clauses if (scope := _of_clause(clause)) is not None}
    if Scope.ALL in scopes or scopes == {Scope.TEXTS, Scope.CALLS}:
        return Scope.ALL
    return next(iter(scopes), None)


def asks_to_start(text: str) -> bool:
    """Tell whether texts are welcome again, in any words: of somebody who has opted out it is the way back."""
    if read_keyword(text) is Keyword.START:
        return True
    clauses = _clauses(_own_words(text))
    if any(_STOP_WAS_NONE.search(clause) for clause in clauses):
        return True
    if any(_UNWELCOME.search(clause) for clause in clauses):
        return False
    return any(_WELCOME.search(clause) for clause in clauses)


def asks_to_stop_aloud(text: str) -> Scope | None:
    """Return what a caller wants no more of, where their words name texts or calls; else None: on a call "stop" and
    "enough" mean "be quiet", and "cancel" is about one call.
    """
    return asks_to_stop(text) if _NAMED_ALOUD.search(fold(text[:LONGEST])) else None


def _own_words(text: str) -> str:
    """Return the text without quotations and without the footers of other senders ("reply STOP to opt out")."""
    own = _QUOTED.sub(" ", text[:LONGEST])
    if not re.search(r"\w", own):
        own = text
    return _FOOTER.sub(" ", fold(own))


def _of_clause(clause: str) -> Scope | None:
    if _STOP_ALONE.fullmatch(clause):
        return Scope.ALL
    if any(other.search(clause) for other in _NO_OPT_OUT):
        return None
    if _LEAVE_ME.search(clause):
        return None if _ABOUT_A_VISIT.search(clause) else _what_is_named(clause)
    if _ONLY_PARTLY.search(clause) and not _FOR_GOOD.search(clause):
        return None
    letters = _letters(clause)
    if re.search(r"N+B(?!C)|N+T\+N*C|N+C\+N*T", letters):
        return Scope.ALL
    if re.search(r"N+T", letters) or _NO_MORE_OF_IT.search(clause):
        return Scope.TEXTS
    return Scope.CALLS if re.search(r"N+B?C", letters) or _NO_MORE_OF_THE_PHONE.search(clause) else None


def _what_is_named(clause: str) -> Scope:
    """Return what "take me off ..." is about: "your text list" leaves the calls as they are."""
    texts, calls = _ABOUT_THE_TEXTS.search(clause), _ABOUT_THE_CALL.search(clause)
    if texts and not calls:
        return Scope.TEXTS
    return Scope.CALLS if calls and not texts else Scope.ALL


def _letters(clause: str) -> str:
    # "Ni me llamen ni me escriban": the first of the two is the no of both.
    return "".join(map(_letter, re.sub(r"^ni\b(?=.*\bni\b)", "no", clause.replace("do not", "don't")).split()))


@lru_cache(maxsize=4096)
def _letter(word: str) -> str:
    return next((letter for letter, words in _LETTER if words.fullmatch(word)), ".")


def _clauses(text: str) -> list[str]:
    clauses = re.split(
        r"[.,;:!?\n]+|\s-+\s|\b(?:but|pero|instead|mejor)\b|\band (?=(?:just|only|please)\b)"
        r"|(?<=\bno) (?=i (?:do |still |really |just )*(?:want|need|would)\b)",
        fold(text),
    )
    return [clean for clause in clauses if (clean := " ".join(re.sub(r"[^\w\s'&-]", " ", clause).split()))]
