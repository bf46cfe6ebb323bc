"""The words of a name: how a text is cut into them, which of them may stand in a name, and how a name is written."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from triage.reading.times.vocabulary import LITTLE_WORDS, WORDS
from triage.words.plain_letters import LONGEST, straight_quotes
from triage.words.word_lists import listed, word_file

LONGEST_NAME = 60

MOST_WORDS = 5

_WORD = r"[^\W\d_]+(?:['-][^\W\d_]+)*"

_TOKEN = re.compile(
    rf"\d\w*|(?:[^\W\d_]\.){{2,}}|\b(?i:dr|mrs?|ms|sra?|srta|st|jr|sgt|capt|lt|rev|prof)\.(?=\s)|\b[^\W\d_]\.(?=\s+[^\W\d_])|{_WORD}|\S"
)

LISTS = {name: frozenset(words) for name, words in word_file("name_phrases").words("words").items()}

_TITLES = LISTS["title"]

PARTICLES = LISTS["particle"]

MONTHS = LISTS["month"]

DAYS = LISTS["day"]

BEFELL = LISTS["befell"]

_NEVER_SURNAMES = LISTS["never_surname"]

_TAILS = LISTS["tail"]

_NO_WORD_OF_A_NAME = re.compile(
    r"'(?:s|d|m|t|re|ve|ll|all)$|(.)\1\1|\wen(?:me|nos|l[aeo]s?)$"
)  # "dad's", "heyyy", "marquenme"

_OF_A_DATE = re.compile(r"\W*(?:the )?\d")

# "First name Al, last name Green", as forms have it, or the other way round.
_LAST_NAME = r"(?:(?:my |mi )?(?:last name|surname|family name|apellido)(?:'s| is| es| ?:)?)"

_IN_TWO = (
    (
        re.compile(
            rf"\b{_LAST_NAME} ([^\W\d_]+)(?:,| and| y)+ (?:my |mi )?(?:first name|nombre)(?:'s| is| es)? ([^\W\d_]+)",
            re.I,
        ),
        r"first name \2 \1",
    ),
    (re.compile(rf"(first name(?:'s| is)? [^\W\d_]+),?(?: and)? {_LAST_NAME} ", re.IGNORECASE), r"\1 "),
)

_THEN_LAST = re.compile(rf"\b([^\W\d_]{{1,60}}),?(?: and| y)? {_LAST_NAME} (?=[^\W\d_])", re.IGNORECASE)

_NAME_LAST = re.compile(r"'s (?=(?:the|my) name\b)", re.IGNORECASE)


class Token(NamedTuple):
    text: str
    plain: str  # lower case without accents
    start: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


class Words(NamedTuple):
    """A message cut into words; `cased` when capitals tell anything."""

    tokens: list[Token]
    plain: str
    cased: bool


def run_from(words: Words, first: int) -> list[Token]:
    """Return the words of a name from here on: up to a function word, a verb, a stop, or lower case after a capital."""
    run: list[Token] = []
    for at in range(first, min(first + MOST_WORDS, len(words.tokens))):
        if not _goes_on_with(words, run, at):
            break
        run.append(words.tokens[at])
    _drop_the_overhang(words, run)
    return run if any(not is_title(token) for token in run) else []


def _goes_on_with(words: Words, run: list[Token], at: int) -> bool:
    """Tell whether the token at this place is the next word of the name: a title, a particle, or a name itself."""
    token = words.tokens[at]
    if not token.is_word:
        return False
    following = words.tokens[at + 1] if at + 1 < len(words.tokens) else None
    a_name_may_follow = following is not None and following.is_word and not is_no_name(following)
    if is_title(token) and not run and a_name_may_follow:
        return True
    names = [word for word in run if not is_title(word)]
    is_particle = bool(names) and token.plain.rstrip(".") in PARTICLES
    if is_particle and (a_name_may_follow or (following is not None and following.plain in PARTICLES)):
        return True
    return _may_stand(words, token, names, following)


def _drop_the_overhang(words: Words, run: list[Token]) -> None:
    """Drop from the end what is no name there: a particle, the month of a date, what makes it too long."""
    while run and run[-1].plain in PARTICLES and run[-1].text.islower():
        run.pop()
    if run and run[-1].plain in MONTHS and _OF_A_DATE.match(words.plain, run[-1].start + len(run[-1].text)):
        run.pop()
    while run and run[-1].start + len(run[-1].text) - run[0].start > LONGEST_NAME:
        run.pop()


def _may_stand(words: Words, token: Token, names: list[Token], following: Token | None) -> bool:
    """Tell whether a word can be the next of a name that has these words already."""
    capital = token.text[0].isupper() and words.cased
    if not names:
        return not is_no_name(token) or (capital and _is_day_as_name(token, following))
    goes_on = following is not None and following.is_word
    if words.cased and names[0].text[0].isupper() and not capital and (goes_on or names[-1] is not names[0]):
        return False  # "Dana smith" may be careless; "Dana Price yo", "Dana needs it" are no longer the name
    if token.plain in _NEVER_SURNAMES | _TAILS and not capital:
        return False
    if len(token.plain) == 2 and not capital and token.plain not in LISTS["two_letters"] | PARTICLES:
        return False  # "luis po", "dana rn"
    if len(token.text) == 1 and not capital and following is not None and following.is_word:
        return False  # a letter of a name being spelled
    return not is_no_name(token) or token.plain in listed("surnames")


def _is_day_as_name(token: Token, following: Token | None) -> bool:
    """Tell whether a day is a first name here: of "Wednesday Adams", not of "Wednesday Dana" or "Wednesday Please"."""
    if token.plain not in DAYS or following is None or not following.is_word:
        return False
    surname = following.text[0].isupper() and not is_no_name(following)
    return surname and not is_first_name(following) and following.plain not in word_names()


@lru_cache(maxsize=4)  # every text is read twice, once as if a name had been asked for
def words_of(text: str) -> Words:
    whole = unicodedata.normalize("NFC", straight_quotes(text[:LONGEST]))
    whole = re.sub(r"\s+", " ", re.sub(r"\s*\n\s*", " ; ", whole.strip()))  # a new line ends a name as a stop does
    whole = re.sub(r"\b(?:u+h+|u+m+|er|uhm|hmm+)\b,? ?", "", whole, flags=re.IGNORECASE)
    whole = _NAME_LAST.sub(" is ", whole)
    for in_two, joined in _IN_TWO:
        whole = in_two.sub(joined, whole)
    whole = _THEN_LAST.sub(lambda said: f"{said[1]} " if _opens_a_name(said[1]) else said[0], whole)
    plain = whole.lower() if whole.isascii() else "".join(_plain(c) for c in whole)
    tokens = [
        Token(found.group(), plain[found.start() : found.end()], found.start()) for found in _TOKEN.finditer(whole)
    ]
    return Words(tokens, plain, cased=any(c.islower() for c in whole) and any(c.isupper() for c in whole))


def _opens_a_name(word: str) -> bool:
    return is_first_name(Token(word, "".join(map(_plain, word)), 0))


def _plain(c: str) -> str:
    """Return one plain character for one, so that places in the plain text are places in the text."""
    base = unicodedata.normalize("NFD", c)[0].lower()
    return base if len(base) == 1 else c


def clauses(words: Words, after_question: bool = False) -> Iterator[list[Token]]:
    """Yield the runs of words between stops; `after_question`: only those behind the last question mark."""
    clause: list[Token] = []
    first = words.plain.rfind("?") if after_question else -1
    for token in words.tokens:
        if token.start < first:
            continue
        if token.is_word:
            clause.append(token)
        elif clause:
            yield clause
            clause = []
    if clause:
        yield clause


def is_title(token: Token) -> bool:
    return token.plain.rstrip(".") in _TITLES


def is_no_name(token: Token) -> bool:
    if _NO_WORD_OF_A_NAME.search(token.plain):
        return True
    return token.plain.rstrip(".") in listed("not_names") and token.plain not in word_names()


def is_first_name(token: Token) -> bool:
    """Tell whether this is a first name and nothing else: "dana", "anne-marie", not "will"."""
    first = re.split(r"['-]", token.plain)[0] if "-" in token.plain else token.plain
    return first in listed("first_names") and first not in listed("not_names") and first not in word_names()


def tells_what_befell(token: Token) -> bool:
    """Tell whether a word behind a first name says what somebody did or suffered: "mike overdosed"."""
    return token.plain in BEFELL or token.plain.endswith(("ed", "ing"))


def could_be_a_name(token: Token) -> bool:
    """Tell whether an unknown word can be a name: neither "cutting" nor "gm" can."""
    known = is_first_name(token) or token.plain in word_names() or is_title(token) or "." in token.plain
    known = known or not token.plain.isascii() or (len(token.text) == 2 and token.text.isupper())
    return known or (not token.plain.endswith("ing") and re.search("[aeiouy]", token.plain) is not None)


def present(run: list[Token]) -> str:
    if len(run) > 2 and run[0].plain == run[1].plain:  # "Lyle, Lyle Fenwick", as it is said
        run = run[1:]
    name = " ".join(token.text for token in run)[:LONGEST_NAME]
    if not (name.islower() or name.isupper()) or (len(name) == 2 and name.isupper()):  # "JD"
        return name
    return " ".join(_proper(word, inside=0 < i < len(run) - 1) for i, word in enumerate(name.lower().split(" ")))


def _proper(word: str, inside: bool) -> str:
    if inside and (word in PARTICLES or word in ("and", "or", "o", "e")):
        return word
    parts = (part[:1].upper() + part[1:] for part in re.split(r"(?<=['.-])", word))
    return re.sub(r"^Mc([a-z])", lambda found: "Mc" + found.group(1).upper(), "".join(parts))


def word_names() -> frozenset[str]:
    return listed("word_names")


def is_capital(words: Words, word: Token) -> bool:
    """Tell whether a capital says something: not in a text of one case, nor of a shouted word."""
    shouted = len(word.text) > 2 and word.text.isupper()
    return words.cased and word.text[0].isupper() and not shouted


def is_day_or_month_with_surname(first: Token, second: Token) -> bool:
    """Tell whether two words that are the whole answer are a name like "wednesday adams" or "april may"."""
    if first.plain in MONTHS and second.plain in word_names():
        return True
    in_capitals = first.text.istitle() and second.text.istitle()  # "Tuesday Hollis"
    known = is_no_name(second) or second.plain in WORDS or second.plain in LITTLE_WORDS
    known = known or (is_first_name(second) and not in_capitals)
    return first.plain in DAYS and not known and could_be_a_name(second) and not second.plain.endswith("ly")


def is_word_name_in_full(run: list[Token]) -> bool:
    return len(run) > 1 and run[0].plain in word_names() and not is_no_name(run[1])
