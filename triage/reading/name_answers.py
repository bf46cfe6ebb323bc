"""The answer to "what name should we ask for?": a name, and whatever stands around it."""

import re

from triage.reading.name_words import (
    BEFELL,
    DAYS,
    LISTS,
    Token,
    Words,
    clauses,
    could_be_a_name,
    is_capital,
    is_day_or_month_with_surname,
    is_first_name,
    is_no_name,
    is_title,
    is_word_name_in_full,
    run_from,
    word_names,
)
from triage.words.word_lists import listed, word_file

MOST_BETWEEN_TWO = 6  # words between a name and the same name in full

_FILE = word_file("name_phrases")

_SAYS = _FILE.patterns()

_WORDS = _FILE.words("words")

_TAIL, _FILLER = re.compile("|".join(_WORDS["tail"])), re.compile("|".join((*_WORDS["filler"], *_WORDS["tail"])))

_COURTESY = re.compile(rf"(?:(?:{_SAYS['courtesy']}) )*")

_FRAME = re.compile(rf"(?:{_SAYS['frame']}) ")

# "Qué dosis de ketamina dan", without its mark.
_ASKS = re.compile(
    r"\W*(?:que|cuanto|cuanta|cuantos|cuantas|como|cual|donde|cuando|what|how|when|where|why|does|is|are) "
)

_BEHIND = re.compile(rf" (?:{_SAYS['behind']})$")


def whole_answer(words: Words) -> list[Token] | None:
    """Return the answer to "what is your name": words that nothing speaks against.

    Beside a question of their own ("oh, mine? Gus Palmer") only what is surely a name.
    """
    asks_back = "?" in words.plain
    if turned := _surname_first(words):
        return turned
    if len(words.tokens) == 2 and _is_day_as_surname(*words.tokens):
        return words.tokens
    for clause, is_framed in map(unframed, clauses(words, after_question=asks_back)):
        if len(clause) == 1 and len(words.tokens) <= 2 and _is_initial(clause[0]):
            return clause
        if not clause or not any(len(token.plain.strip(".")) > 1 for token in clause):
            continue
        if len(clause) == 2 and is_day_or_month_with_surname(*clause):
            return clause
        clause = _without_lead(words, clause)
        run = run_from(words, words.tokens.index(clause[0]))[: len(clause)]
        whole = len(run) >= len(clause)
        capitals = words.cased and len(run) > 1 and all(token.text[0].isupper() for token in run)
        sure = bool(run) and whole and (is_first_name(run[0]) or capitals or is_word_name_in_full(run))
        if (asks_back or is_framed) and not sure:
            return None  # "for my anxiety", "under pressure"
        if not capitals and _tells_how_they_are(clause):
            return None
        if len(run) > 1 and len({token.plain for token in run}) == 1:
            return None  # "poop poop poop"
        if couple := _couple(words, clause, run):
            return couple
        if run and ((whole and could_be_a_name(run[0])) or is_first_name(run[0]) or capitals):
            return _in_full(words, _before_the_verb(words, run))
        if not whole:
            return None  # a sentence about something else; what follows is no name either
    return None


def _surname_first(words: Words) -> list[Token] | None:
    """Return the name of a text that is a surname, a comma and a first name, as lists have it: "Price, DeShawn"."""
    last, comma, first = words.tokens if len(words.tokens) == 3 else (None, None, None)
    if last is None or first is None or comma is None or comma.text != "," or not (last.is_word and first.is_word):
        return None
    could_be_last = not is_no_name(last) or (is_capital(words, last) and last.plain in listed("surnames"))
    if is_first_name(last) or _FILLER.fullmatch(last.plain) or not could_be_last:
        return None
    return [first, last] if is_first_name(first) else None


def name_within(words: Words) -> list[Token] | None:
    """Return the one name in an answer that says more: "the name you want on the file is Gia", "ahí póngale Gia, así
    como suena". Only what begins with a first name that is no other word; none where somebody asks, or names two.
    """
    if "?" in words.plain or _ASKS.match(words.plain):
        return None
    found: list[list[Token]] = []
    at = 0
    while at < len(words.tokens):
        token, before = words.tokens[at], words.tokens[at - 1] if at else None
        begins = is_first_name(token) or _is_name_in_full_from(words, at)
        run = run_from(words, at) if token.is_word and begins else []
        if run and not (before is not None and before.plain in LISTS["not_theirs"]):
            found.append(_before_the_verb(words, run))
        at += max(len(run), 1)
    names = {" ".join(token.plain for token in run) for run in found}
    return found[0] if len(names) == 1 else None


def _before_the_verb(words: Words, run: list[Token]) -> list[Token]:
    """Return the name without the words that go on with the sentence: "ana handles it" is Ana."""
    following = next(iter(words.tokens[words.tokens.index(run[-1]) + 1 :]), None)
    if following is None or not following.is_word:
        return run
    if following.plain in ("a", "para", "por", "soy", "mucho"):
        return run  # "maria lopez a sus órdenes", "siobhan o'neil por favor", "gia dunn soy yo"
    if following.plain in LISTS["as_it_is"] or _TAIL.fullmatch(following.plain):
        return run
    sure = [at for at, token in enumerate(run) if is_first_name(token) or is_capital(words, token)]
    return run[: sure[-1] + 1] if sure else run


def _is_name_in_full_from(words: Words, at: int) -> bool:
    """Tell whether "Wednesday Adams" or "Will Dunn" stands here, with its capitals, or "domingo reyes" without."""
    two = words.tokens[at : at + 2]
    if len(two) < 2 or not two[0].is_word or not two[1].is_word:
        return False
    capitals = is_capital(words, two[0]) and is_capital(words, two[1])
    a_surname = two[1].plain in listed("surnames") and two[0].plain in DAYS
    return (capitals and is_word_name_in_full(two)) or a_surname or (capitals and is_day_or_month_with_surname(*two))


def _without_lead(words: Words, clause: list[Token]) -> list[Token]:
    """Return the clause without a little unknown word in lower case before a first name: "dis Tom Baker"."""
    if len(clause) < 2 or not is_first_name(clause[1]) or clause[0].text[0].isupper():
        return clause
    known = is_no_name(clause[0]) or is_first_name(clause[0]) or is_title(clause[0]) or clause[0].plain in word_names()
    before_capital = words.cased and clause[1].text[0].isupper()
    return clause if known or not (before_capital or len(clause[0].text) <= 3) else clause[1:]


def _in_full(words: Words, run: list[Token]) -> list[Token]:
    """Return the name as it is said in full behind it, if it is: "Sal. Sal DiNapoli", "jamal btw jamal wright"."""
    after = words.tokens.index(run[-1]) + 1
    longer = run_from(words, after + 1) if after < len(words.tokens) and not words.tokens[after].is_word else []
    if len(longer) > len(run) and run[0].plain in [token.plain for token in longer]:
        return longer
    for at in range(after, min(after + MOST_BETWEEN_TWO, len(words.tokens))):
        again = run_from(words, at) if words.tokens[at].plain == run[0].plain else []
        if len(again) > len(run):
            return again
    return run


def _couple(words: Words, clause: list[Token], run: list[Token]) -> list[Token] | None:
    """Return the clause if it is two names and nothing else: "Walt and Irene Dobbs"."""
    rest = clause[len(run) :]
    if not (run and len(rest) > 1 and rest[0].plain in ("and", "or", "y", "o", "e") and is_first_name(run[0])):
        return None
    other = run_from(words, words.tokens.index(rest[1]))
    return clause if len(other) == len(rest) - 1 and is_first_name(other[0]) else None


def _tells_how_they_are(clause: list[Token]) -> bool:
    """Tell whether these words say how somebody is, or what befell them: "muerto de cansancio", "hurt"."""
    first, *others = clause
    of_something = bool(others) and others[0].plain == "de" and not is_first_name(first) and not is_title(first)
    return first.plain in BEFELL or (of_something and first.plain not in word_names() and len(clause) == 3)


def _is_day_as_surname(first: Token, second: Token) -> bool:
    """Tell whether it is "Mark Friday", with its capitals."""
    in_capitals = first.text.istitle() and second.text.istitle()
    return in_capitals and second.plain in DAYS and (is_first_name(first) or first.plain in word_names())


def _is_initial(token: Token) -> bool:
    """Tell whether a letter alone is a name, "J": not one that people send for yes, no, okay or a word."""
    letter = token.text.strip(".")
    return len(letter) == 1 and letter.isalpha() and token.plain.strip(".") not in "aeiouykrnsxcqt"


def unframed(clause: list[Token]) -> tuple[list[Token], bool]:
    """Return a clause without what stands around a name in it, and whether a frame stood before it: "put down",
    "póngale", "it's for". A courtesy alone leaves nothing.
    """
    for _ in range(2):  # "claro que sí", though "claro" alone is filler
        if before := _COURTESY.match(_joined(clause)):
            clause = clause[len(before.group().split()) :]
        clause = without_filler(clause)
    after = after_frame(clause)
    framed, clause = after != clause, after
    if behind := _BEHIND.search(_joined(clause).rstrip()):
        clause = clause[: len(clause) - len(behind.group().split())]
    return without_filler(clause), framed


def after_frame(clause: list[Token]) -> list[Token]:
    """Return what follows a frame, nothing where it is all there is ("full name"); the clause where none begins it, or
    where the frame may be a name itself: "mark".
    """
    framed = _FRAME.match(_joined(clause))
    after = clause[len(framed.group().split()) :] if framed else clause
    return after if after or not any(token.plain in word_names() for token in clause) else clause


def without_filler(clause: list[Token]) -> list[Token]:
    while clause and _FILLER.fullmatch(clause[0].plain):
        clause = clause[1:]
    while clause and _FILLER.fullmatch(clause[-1].plain):
        clause = clause[:-1]
    return clause


def _joined(clause: list[Token]) -> str:
    return " ".join(token.plain for token in clause) + " "
