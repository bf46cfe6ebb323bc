"""The name of the person to ask for, as people write or say it, in English and Spanish."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from triage.reading.name_answers import after_frame, name_within, unframed, whole_answer, without_filler
from triage.reading.name_words import (
    DAYS,
    LONGEST_NAME,
    MONTHS,
    PARTICLES,
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
    present,
    run_from,
    tells_what_befell,
    word_names,
    words_of,
)
from triage.words.plain_letters import LONGEST
from triage.words.word_lists import listed, word_file

ALIKE = 0.6  # of one letter for another: "Norah" is "Nora" put right, "Marcus" is not

_FILE = word_file("name_phrases")

_WORDS = {name: "|".join(words) for name, words in _FILE.words("words").items()}

_SAYS = _FILE.patterns()

_OPENING = re.compile(_WORDS["opening"])

_MINE, _SAYS_WHO, _THEIRS = re.compile(_SAYS["mine"]), re.compile(_SAYS["says_who"]), re.compile(_SAYS["theirs"])

# These stand behind the name: "Eunice Halvorsen is the name", "dana speaking".
_AFTER_NAME = re.compile(
    r"(?<=\w)(?: is (?:the|my) (?:last |sur|first )?name\b"
    r"| is what (?:i go|people call me|they call me)\b(?: by\b)?| es mi nombre\b"
    r"| (?:here|speaking|calling|texting|writing|aqui)(?!['\w]))"
)

_THEY_ARE = re.compile(r"\b(?:she|he)(?:'s| is)\s+")

_RELATIVE = re.compile(rf"\b(?:my|mi) (?:{_WORDS['relative']}),? ")

_FOR_THEM, _CALL_THEM = re.compile(_SAYS["for_them"]), re.compile(_SAYS["call_them"])

_SURNAME = re.compile(r"\b(?:last name|surname|family name|apellido)\b")

_ASK_FOR = re.compile(r"\bask for\b|\bpregunt\w+ por\b")

_CALL_WHOM = re.compile(r"\b(?:call|reach|llam\w+ a)\s+")

_CALL_ME = re.compile(r"\b(?:call|ring|phone|telephone) me\b|\b(?:ll?am|marqu|habl)en?me\b")

_WISH, _CORRECTION = (re.compile(rf"\b(?:{_SAYS[says]})\b") for says in ("wish", "correction"))

_OF_SOMEBODY_ELSE = re.compile(rf"\b(?:{_SAYS['of_somebody_else']})(?:'s)? $")


def read_name(text: str, asked: bool = False) -> str | None:
    """Return the name of the person to ask for, None if none is given.

    asked: the name was just asked for, so a bare answer counts. A name given in one case only is put into proper case,
    any other is kept as written. At most LONGEST_NAME characters.
    """
    words = words_of(text)
    to_call = [run for run in _named(words, _CALL_WHOM, sure=True) if is_first_name(run[0])]
    theirs = [*_named(words, _THEIRS, sure=True), *_relatives(words), *to_call, *_named(words, _THEY_ARE, sure=False)]
    if theirs and (
        _ASK_FOR.search(words.plain) or (_FOR_THEM.search(words.plain) and not _CALL_ME.search(words.plain))
    ):
        return present(theirs[0])
    if mine := _own(words, asked):
        return present(mine)
    if asked and theirs and not to_call and (answer := whole_answer(words)):
        return present(answer)  # "Dana. My son's name is Tim"
    if to_call or (theirs and _THEIRS.search(words.plain) and not _CALL_ME.search(words.plain)):
        return present(theirs[0])
    found = (
        _set_off(words) or _behind_greeting(words) or ((whole_answer(words) or name_within(words)) if asked else None)
    )
    found = found or (None if theirs else _amid_a_wish(words) or _signed(words))
    return present(found) if found else None


def names_another(text: str) -> bool:
    """Tell whether the name in a text is that of somebody who is spoken of: "his name is Will", unless he is called."""
    words = words_of(text)
    if _ASK_FOR.search(words.plain) or _CALL_THEM.search(words.plain) or _own(words, asked=False):
        return False
    return any(True for _ in _named(words, _THEIRS, sure=True)) or any(True for _ in _relatives(words))


def is_wholly_a_name(text: str, name: str | None) -> bool:
    """Tell whether a text is this name and nothing else but filler: "ok, Domingo Reyes", not "Derek, tomorrow"."""
    if name is None:
        return False
    said = [token.plain for clause in clauses(words_of(text)) for token in unframed(clause)[0]]
    return bool(said) and sorted(said) == sorted(token.plain for token in words_of(name).tokens if token.is_word)


def is_full_name(text: str) -> bool:
    """Tell whether a text is surely a first name and surnames with capitals: "Edith Coffin", not "Mike shot"."""
    words = words_of(text)
    names = [token for token in words.tokens if token.is_word]
    capitals = words.cased and all(token.text[0].isupper() and not token.text.isupper() for token in names)
    verb = any(token.plain.endswith(("ed", "ing")) for token in names[1:])
    is_alone = len(names) == len(words.tokens) and len(names) in (2, 3)
    in_words = is_alone and is_word_name_in_full(names)  # "Hope Graves"
    known = in_words or (is_alone and is_first_name(names[0]) and not any(map(is_no_name, names)))
    return known and capitals and not verb


def begins_with_first_name(name: str) -> bool:
    """Tell whether the first word of a name is a known first name, though it may be a word as well: "Dale"."""
    first = words_of(name).tokens[0]
    return is_first_name(first) or first.plain in word_names()


def is_name_of_nobody_hurt(name: str) -> bool:
    """Tell whether a name is a first name with surnames: "edith coffin", not "mike shot"."""
    parts = [token for token in words_of(name).tokens if token.is_word and not is_title(token)]
    in_capitals = bool(parts) and parts[0].plain in word_names() and all(part.text.istitle() for part in parts)
    begins = bool(parts) and (is_first_name(parts[0]) or in_capitals)  # "Hope Graves"
    return begins and not any(map(tells_what_befell, parts[1:]))


def read_lone_name(text: str) -> str | None:
    """Return a name that is the whole message though nobody has just asked for one: only what is surely one."""
    words = words_of(text)
    said = [without_filler(clause) for clause in clauses(words)]
    said = [clause for clause in said if clause]
    if len(said) != 1 or "?" in words.plain:
        return None
    run = run_from(words, words.tokens.index(said[0][0]))
    first = next((token for token in run if not is_title(token)), None)
    if first is None or len(run) != len(said[0]):
        return None
    known = is_first_name(first) or is_title(run[0]) or (first.plain in word_names() and len(run) > 1)
    return present(run) if known else None


def amended(before: str | None, name: str, text: str) -> str:
    """Return the whole name after `text` gave `name`: one part that is put right, or comes after, keeps the rest."""
    parts, said = (before or "").split(), name.split()
    if len(said) == 2 and len(parts) > 1 and said[0].casefold() == parts[-1].casefold():
        return " ".join([*parts, said[1]])  # "es Montaño Ruelas, los dos apellidos"
    if len(said) != 1 or not parts:
        return name
    if _SURNAME.search(words_of(text).plain):
        return f"{parts[0]} {name}"
    likest = max(range(len(parts)), key=lambda at: _likeness(parts[at], name))
    if len(parts) == 1 or _likeness(parts[likest], name) < ALIKE:
        return name
    return " ".join([*parts[:likest], name, *parts[likest + 1 :]])


# "Soy la esposa, Rigo está dormido, dice que gracias": somebody is spoken of, and nobody renamed.
_SPOKEN_OF = re.compile(
    r"\b[^\W\d_]+,? (?:est[aá]|anda|no est[aá]|is|isn'?t|was|says?|dice|said|can'?t|no puede|won'?t|will|asked)\b",
    re.IGNORECASE,
)


def respells(name: str, before: str | None, text: str) -> bool:
    """Tell whether `name`, given in `text`, is the one before in another spelling: "its Cathy with a C"."""
    if _SPOKEN_OF.search(text):
        return False
    parts, known = (set(one.casefold().split()) for one in (amended(before, name, text), before or ""))
    return len(parts) > 1 and bool(parts & known) and parts != known


_OTHER_PART = re.compile(
    r"\b(?P<right>[^\W\d_]+),? (?:not|no) (?P<wrong>[^\W\d_]+)\b"
    r"|\b(?P<wrong_before>[^\W\d_]+) no, (?:es |sino |mejor |pong\w+ |use\w* |put |its |it's )+"
    r"(?P<right_behind>[^\W\d_]+)\b"
    r"|\b(?:not|no(?: es)?) (?P<wrong_first>[^\W\d_]+),? (?:but |it's |its |it is |es |sino )?"
    r"(?P<right_last>[^\W\d_]+)\b",
    re.IGNORECASE,
)


def put_right_name(before: str, text: str) -> str | None:
    """Return the name with the part that is put right: "Brandt, not Strand"; None where none of its parts is."""
    parts = before.split()
    for said in _OTHER_PART.finditer(text[:LONGEST]):
        wrong = said["wrong"] or said["wrong_first"] or said["wrong_before"]
        right = said["right"] or said["right_last"] or said["right_behind"]
        at = next((at for at, part in enumerate(parts) if part.casefold() == wrong.casefold()), None)
        if at is not None and right.casefold() != wrong.casefold():
            return " ".join([*parts[:at], right[0].upper() + right[1:], *parts[at + 1 :]])
    return None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def speaks_of_name(text: str) -> bool:
    """Tell whether the words are about a name: "my name is", "it's spelled", not only "this is"."""
    return _MINE.search(words_of(text).plain) is not None


def _own(words: Words, asked: bool) -> list[Token] | None:
    """Return the name that the person states as their own; after a correction the last one."""
    stated = [
        *_named(words, _MINE, sure=True),
        *_named(words, _SAYS_WHO, sure=False, asked=asked),
        *_before_the_cue(words),
    ]
    stated.sort(key=lambda run: run[0].start)
    if not stated:
        return None
    first, last = stated[0], stated[-1]
    if len(first) == len(last) == 1 and first is not last and _SURNAME.search(words.plain[: last[0].start]):
        return [*first, *last]  # "Christian is my first name, last name Love"
    between = words.plain[stated[0][0].start : stated[-1][0].start]
    return stated[-1] if _CORRECTION.search(between) else stated[0]


_DENIED = re.compile(r"\b(?:no|not|isn't|aint) $")  # "no soy Gia"


def _named(words: Words, cue: re.Pattern[str], sure: bool, asked: bool = False) -> Iterator[list[Token]]:
    """Yield the names that follow a cue. `sure` cues speak of a name; "I'm ..." mostly goes on otherwise."""
    for said in cue.finditer(words.plain):
        first = next((i for i, token in enumerate(words.tokens) if token.start == said.end()), None)
        before = words.plain[max(said.start() - LONGEST_NAME, 0) : said.start()]
        if first is None or (cue is _MINE and _OF_SOMEBODY_ELSE.search(before)) or _DENIED.search(before):
            continue
        run = run_from(words, first) or (_day_name_from(words, first) if sure or asked else [])
        if not run and _SURNAME.search(said.group()) and is_capital(words, words.tokens[first]):
            run = [words.tokens[first]]  # "last name Love"
        if run and (sure or _is_surely_a_name(words, run, first, said.group(), asked)):
            yield run


def _day_name_from(words: Words, first: int) -> list[Token]:
    """Return a name like "wednesday adams" in lower case, which elsewhere would be a day."""
    two = words.tokens[first : first + 2]
    is_name = len(two) == 2 and all(token.is_word for token in two) and is_day_or_month_with_surname(*two)
    return two if is_name else []


def _is_surely_a_name(words: Words, run: list[Token], first: int, cue: str, asked: bool) -> bool:
    """Tell whether the words after "I'm" or "this is" are a name, which begins at the token `first`."""
    word = next((token for token in run if not is_title(token)), run[0])
    if is_title(run[0]) or is_first_name(word) or (asked and word.plain in DAYS and len(run) > 1):
        return True
    after = first + len(run)
    ends = after >= len(words.tokens) or not words.tokens[after].is_word
    if word.plain in word_names():
        following = None if ends else words.tokens[after].plain
        return _is_word_name(word, len(run) > 1, following, is_capital(words, word), cue, asked)
    if is_capital(words, word) and cue.split()[0] != "call":
        return True
    before = [token.plain for token in words.tokens[: first - len(cue.split())] if token.is_word]
    opens = all(_OPENING.fullmatch(word) for word in before)
    return asked and ends and opens and could_be_a_name(word)


def _is_word_name(word: Token, is_full: bool, following: str | None, capital: bool, cue: str, asked: bool) -> bool:
    """Tell whether "Will", "Hope" or "May" is a name here. following: the next word, None where the clause ends."""
    ends = following is None
    if cue.split()[0] in ("it's", "its", "it", "that's", "es", "call"):
        return (capital and is_full) or ((asked or capital) and ends and word.plain not in MONTHS)
    return capital or ends or is_full or following in ("calling", "and", "i", "i'd", "y", "my")


def _relatives(words: Words) -> Iterator[list[Token]]:
    """Yield the names of "my mom Jane", "mi esposa Lucía": only a first name that is no other word."""
    for run in _named(words, _RELATIVE, sure=True):
        first = next((token for token in run if not is_title(token)), run[0])
        if is_first_name(first) or (words.cased and run[0].text[0].isupper()):
            yield run


def _before_the_cue(words: Words) -> Iterator[list[Token]]:
    """Yield the names of "Desmond Clarke here", "dana speaking", "Eunice Halvorsen is the name"."""
    for cue in _AFTER_NAME.finditer(words.plain):
        end = next((i for i, token in enumerate(words.tokens) if token.start >= cue.start()), len(words.tokens))
        first = end
        while first and end - first < 3 and words.tokens[first - 1].is_word:
            word = words.tokens[first - 1]
            if is_no_name(word) and not (first == end and word.plain in listed("surnames")):
                break
            first -= 1
        if end - first == 1 and first and is_day_or_month_with_surname(*words.tokens[first - 1 : end]):
            first -= 1  # "wednesday adams here"
        run = words.tokens[first:end]
        before = words.tokens[first - 1] if first else None
        opens = before is None or not before.is_word or _OPENING.fullmatch(before.plain) is not None
        if run and opens and _is_name_before(words, run, cue.group()):
            yield run


def _is_name_before(words: Words, run: list[Token], cue: str) -> bool:
    capitals = words.cased and all(word.text[0].isupper() for word in run)
    word_name = len(run) > 1 and run[0].plain in word_names() and not is_no_name(run[1])
    word_name = word_name or (len(run) == 2 and is_day_or_month_with_surname(*run))
    return is_first_name(run[0]) or word_name or (capitals and (len(run) > 1 or "here" in cue or "name" in cue))


# "Hi Dana, please call me", "Kelly from your office said so"
_ADDRESSED = re.compile(r"\b(?:hi|hello|hey|dear|thanks|thank you|hola|gracias|estimad[oa]|oye|dra?\.?|doctora?) $")
_OF_A_THIRD = re.compile(r",? (?:from|at|in|who|that|said|says|told|called|wrote|texted|gave|dijo|dice|me dijo|que)\b")

# "Call me thurs 9am Rhonda Sparks tms" is short; in a longer text a name may be anybody's.
MOST_AROUND_A_NAME = 12


def _amid_a_wish(words: Words) -> list[Token] | None:
    """Return the name that stands without stops in a short wish for a call."""
    is_short = sum(token.is_word for token in words.tokens) <= MOST_AROUND_A_NAME
    found = name_within(words) if is_short and _WISH.search(words.plain) else None
    if found is None:
        return None
    before, behind = words.plain[: found[0].start], words.plain[found[-1].start + len(found[-1].plain) :]
    return None if _ADDRESSED.search(before) or _OF_A_THIRD.match(behind) else found


def _signed(words: Words) -> list[Token] | None:
    """Return the name in full with which a text ends, as a letter does: "... abuot tms. Jorge Pina"."""
    last = next(iter([*clauses(words)][-1:]), [])
    is_all = not last or len(last) == len([token for token in words.tokens if token.is_word])
    run = [] if is_all else run_from(words, words.tokens.index(last[0]))
    capitals = words.cased and all(token.text[0].isupper() or token.plain in PARTICLES for token in run)
    return run if len(run) > 1 and len(run) == len(last) and capitals and is_first_name(run[0]) else None


def _holds_a_number(words: Words) -> bool:
    """Tell whether there are digits enough for a number of telephones."""
    return sum(c.isdecimal() for c in words.plain) >= 7


_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hola|buenas|good (?:morning|afternoon|evening)|buen[oa]s? (?:dias?|tardes|noches)),? )+"
)


def _behind_greeting(words: Words) -> list[Token] | None:
    """Return the full name that a text with a number opens with: "hola Dámaso Urrutia, 305 ...". Who is greeted by
    theirs gives us no number with it.
    """
    greeting = _GREETING.match(words.plain)
    if greeting is None or not _holds_a_number(words):
        return None
    first = next((at for at, token in enumerate(words.tokens) if token.start >= greeting.end()), None)
    run = run_from(words, first) if first is not None else []
    capitals = words.cased and all(token.text[0].isupper() for token in run)
    return run if len(run) > 1 and capitals and not is_title(run[0]) else None


def _set_off(words: Words) -> list[Token] | None:
    """Return a name that stands between stops or commas, in a message that wants a call or gives a number."""
    if not _WISH.search(words.plain) and not _holds_a_number(words):
        return None
    single = None
    for index, whole in enumerate(clauses(words)):
        clause = after_frame(whole)
        if not clause:
            continue
        run = run_from(words, words.tokens.index(clause[0]))
        if len(run) != len(clause) or all(is_title(token) for token in run):
            continue
        capitals = words.cased and all(token.text[0].isupper() or token.plain in PARTICLES for token in run)
        if len(run) > 1 and (capitals or is_first_name(run[0])):
            return run
        if capitals and (is_first_name(run[0]) or (index and run[0].plain in word_names() - MONTHS)):
            single = single or run
    return single
