"""Whom to ask for: a name as people write or say it, in English and Spanish."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

LONGEST_TEXT = 2000  # characters that are looked at
LONGEST_NAME = 60
MOST_WORDS = 5

_WORD = r"[^\W\d_]+(?:['-][^\W\d_]+)*"
_TOKEN = re.compile(
    rf"\d\w*|(?:[^\W\d_]\.){{2,}}|\b(?i:dr|mrs?|ms|sra?|srta|st|jr)\.(?=\s)|\b[^\W\d_]\.(?=\s+[^\W\d_])|{_WORD}|\S"
)
_QUOTES = {ord(quote): "'" for quote in "‘’ʼ`´"}
_TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "sr",
        "sra",
        "srta",
        "don",
        "dona",
        "senor",
        "senora",
        "doctor",
        "doctora",
        "prof",
    ]
)
_PARTICLES = frozenset(
    ["de", "del", "la", "las", "los", "van", "von", "der", "den", "da", "dos", "di", "bin", "al", "el", "y", "st", "le"]
)
_MONTHS = frozenset(["april", "may", "june", "august", "abril", "mayo", "julio", "domingo"])
_NEVER_SURNAMES = frozenset(["will", "may", "hope", "my", "an", "vi", "al", "june", "april", "august"])
_OPENING = re.compile(r"hi|hello|hey|yes|yeah|yep|ok|okay|sure|um|uh|oh|well|sorry|thanks|hola|si|no|it's|its|this|is")
_FILLER = re.compile(
    r"hi|hello|hey|yes|yeah|yep|ok|okay|sure|so|um|uh|er|hmm|oh|well|sorry|thanks|please|just|and|it|the|name|"
    r"hola|si|claro|bueno|pues|gracias|porfavor|perdon|y|con"
)
_MINE = re.compile(
    r"\b(?:my|the|full|first|mi|patient'?s?) (?:full |first |last )?(?:name|nombre)(?:'s| is|s| es)?[\s:=,-]+(?=\w)|"
    r"\b(?:name|nombre)(?:'s| is|s is| es| ?[:=-])\s*|\bnames\s+|\b(?:i'm|im|i am) called\s+|"
    r"\bfirst name(?:'s| is)?\s+|\bspel(?:led|t)(?: as)?\s+|\bunder the name (?:of )?|"
    r"\bme llamo\s+|\ba nombre de\s+|\b(?:le )?habla con\s+"
)
_RELATIVES = (
    r"wife|husband|mom|mum|mother|dad|father|son|daughter|sister|brother|partner|friend|boyfriend|girlfriend|grandma|"
    r"grandpa|aunt|uncle|cousin|fiancee?|spouse|esposa|esposo|mama|papa|madre|padre|hija|hijo|hermana|hermano|amiga|amigo|marido|"
    r"novia|novio|abuela|abuelo|suegra"
)
# "First name Al, last name Green", as forms have it.
_IN_TWO = re.compile(r"(first name(?:'s| is)? [^\W\d_]+),?(?: and)?(?: my)? last name(?:'s| is)? ", re.IGNORECASE)
_SAYS_WHO = re.compile(
    rf"\bthis is\s+|\b(?:i'm|im|i am)\s+(?:(?:her|his|their) (?:{_RELATIVES}),? )?|\bspeaking to\s+|"
    r"\b(?:it's|its|it is|that's)\s+(?:me,? )?|\bcall me\s+|"
    r"\bsoy\s+(?:el |la )?|\b(?:le |les )?habla\s+(?:el |la )?|\bes\s+"
)
_THEIRS = re.compile(
    r"\b(?:her|his|their|(?:wife|husband|mom|mother|dad|father|son|daughter|sister|brother|partner|friend|boyfriend|"
    r"girlfriend|grandma|grandpa|aunt|uncle|cousin|fiancee?)'?s) (?:full |first )?name(?:'s| is|s)\s+|"
    r"\bask for\s+|\bpregunt\w+ por\s+|\bse llama\s+|\bsu nombre es\s+|\b(?:she|he)(?:'s| is) (?:called|named)\s+"
)
_RELATIVE = re.compile(rf"\b(?:my|mi) (?:{_RELATIVES}),? ")
_FOR_THEM = re.compile(
    rf"\b(?:call|ring|phone|reach|contact|talk to|speak (?:to|with)) (?:her|him|them|(?:my|mi) (?:{_RELATIVES}))\b|"
    rf"\b(?:for|behalf of|para) (?:my|mi|her|him) ?(?:{_RELATIVES})?|"
    rf"\b(?:her|his|su) (?:number|phone|cell|numero|telefono)\b|"
    rf"\b(?:llam|marqu)\w* a (?:mi|el|ella)\b|\bllamarl[ao]\b|\bll?amenl[ao]\b|"
    rf"\b(?:{_RELATIVES}) (?:wants|would like|quiere|necesita|needs)\b"
)
_ASK_FOR = re.compile(r"\bask for\b|\bpregunt\w+ por\b")
_CALL_WHOM = re.compile(r"\b(?:call|reach|llam\w+ a)\s+")
_CALL_ME = re.compile(r"\b(?:call|ring|phone) me\b|\bll?amen?me\b")
_WISH = re.compile(r"\b(?:call\w*|ring|phone|reach|ll?am\w+|marqu\w+|contact\w*|comuni\w+|name|nombre)\b")
_CORRECTION = re.compile(
    r"\b(?:sorry|actually|i mean|i meant|oops|correction|autocorrect|typo|perdon|digo|correccion|not|no)\b"
)
_OF_SOMEBODY_ELSE = re.compile(
    r"\b(?:doctor|dr|therapist|provider|psychiatrist|nurse|clinic|drug|med|medication|insurance|company|pharmacy|"
    r"street|dog|cat|brand|user|plan|place|her|his|their|last|your|su|aseguranza)(?:'s)? $"
)
_NO_WORD_OF_A_NAME = re.compile(r"'(?:s|d|m|t|re|ve|ll|all)$|(.)\1\1")  # "dad's", "heyyy"
_OF_A_DATE = re.compile(r"\W*(?:the )?\d")


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


def read_name(text: str, asked: bool = False) -> str | None:
    """The name of the person to ask for, None if none is given.

    asked: the name was just asked for, so a bare answer counts. Given in one case only it is put into
    proper case, else kept as written. At most LONGEST_NAME characters.
    """
    words = _words(text)
    to_call = [run for run in _named(words, _CALL_WHOM, sure=True) if _is_first_name(run[0])]
    theirs = [*_named(words, _THEIRS, sure=True), *_relatives(words), *to_call]
    if theirs and (
        _ASK_FOR.search(words.plain) or (_FOR_THEM.search(words.plain) and not _CALL_ME.search(words.plain))
    ):
        return _present(theirs[0])
    if mine := _own(words, asked):
        return _present(mine)
    if to_call or (theirs and _THEIRS.search(words.plain) and not _CALL_ME.search(words.plain)):
        return _present(theirs[0])
    found = _set_off(words) or (_bare(words) if asked else None)
    return _present(found) if found else None


def speaks_of_name(text: str) -> bool:
    """Whether the words are about a name: "my name is", "it's spelled", not only "this is"."""
    return _MINE.search(_words(text).plain) is not None


def _own(words: Words, asked: bool) -> list[Token] | None:
    """The name that the person states as their own; after a correction the last one."""
    stated = [*_named(words, _MINE, sure=True), *_named(words, _SAYS_WHO, sure=False, asked=asked), *_here(words)]
    stated.sort(key=lambda run: run[0].start)
    if not stated:
        return None
    between = words.plain[stated[0][0].start : stated[-1][0].start]
    return stated[-1] if _CORRECTION.search(between) else stated[0]


def _named(words: Words, cue: re.Pattern[str], sure: bool, asked: bool = False) -> Iterator[list[Token]]:
    """The names that follow a cue. `sure` cues speak of a name; "I'm ..." mostly goes on otherwise."""
    for said in cue.finditer(words.plain):
        first = next((i for i, token in enumerate(words.tokens) if token.start == said.end()), None)
        if first is None or (cue is _MINE and _OF_SOMEBODY_ELSE.search(words.plain[: said.start()])):
            continue
        run = _run(words, first)
        if run and (sure or _is_surely_a_name(words, run, first, said.group(), asked)):
            yield run


def _is_surely_a_name(words: Words, run: list[Token], first: int, cue: str, asked: bool) -> bool:
    after = first + len(run)
    ends = after >= len(words.tokens) or not words.tokens[after].is_word
    word = next((token for token in run if not _is_title(token)), run[0])
    if _is_title(run[0]) or _is_first_name(word):
        return True
    capital = words.cased and word.text[0].isupper() and not (len(word.text) > 2 and word.text.isupper())
    if word.plain in _word_names():
        if cue.split()[0] in ("it's", "its", "it", "that's", "es", "call"):
            return (capital and len(run) > 1) or ((asked or capital) and ends and word.plain not in _MONTHS)
        return capital or ends or len(run) > 1 or words.tokens[after].plain in ("calling", "and", "i", "i'd", "y", "my")
    before = [token.plain for token in words.tokens[: first - len(cue.split())] if token.is_word]
    opens = all(_OPENING.fullmatch(word) for word in before)
    return (capital and cue.split()[0] != "call") or (asked and ends and opens and _could_be_a_name(word))


def _relatives(words: Words) -> Iterator[list[Token]]:
    """ "my mom Jane", "mi esposa Lucía": only a first name that is no other word."""
    for run in _named(words, _RELATIVE, sure=True):
        if _is_first_name(run[0]) or (words.cased and run[0].text[0].isupper()):
            yield run


def _here(words: Words) -> Iterator[list[Token]]:
    """ "Desmond Clarke here", "dana speaking"."""
    for i, token in enumerate(words.tokens):
        if token.plain not in ("here", "speaking", "calling", "texting", "aqui"):
            continue
        first = i
        while first and i - first < 3 and words.tokens[first - 1].is_word:
            word = words.tokens[first - 1]
            if _is_no_name(word) and not (first == i and word.plain in _list("surnames")):
                break
            first -= 1
        run = words.tokens[first:i]
        before = words.tokens[first - 1] if first else None
        opens = before is None or not before.is_word or _OPENING.fullmatch(before.plain) is not None
        capitals = words.cased and all(word.text[0].isupper() for word in run)
        if run and opens and (_is_first_name(run[0]) or (capitals and (len(run) > 1 or token.plain == "here"))):
            yield run


def _set_off(words: Words) -> list[Token] | None:
    """A name between stops or commas, in a message that wants a call or gives a number."""
    if not _WISH.search(words.plain) and sum(c.isdecimal() for c in words.plain) < 7:
        return None
    single = None
    for index, clause in enumerate(_clauses(words)):
        run = _run(words, words.tokens.index(clause[0]))
        if len(run) != len(clause) or all(_is_title(token) for token in run):
            continue
        capitals = words.cased and all(token.text[0].isupper() or token.plain in _PARTICLES for token in run)
        if len(run) > 1 and (capitals or _is_first_name(run[0])):
            return run
        if capitals and (_is_first_name(run[0]) or (index and run[0].plain in _word_names() - _MONTHS)):
            single = single or run
    return single


def _bare(words: Words) -> list[Token] | None:
    """The answer to "what is your name": words that nothing speaks against.

    Beside a question of their own ("oh, mine? Gus Palmer") only what is surely one.
    """
    asks_back = "?" in words.plain
    for clause in _clauses(words, after_question=asks_back):
        while clause and _FILLER.fullmatch(clause[0].plain):
            clause = clause[1:]
        while clause and _FILLER.fullmatch(clause[-1].plain):
            clause = clause[:-1]
        if not clause or not any(len(token.plain.strip(".")) > 1 for token in clause):
            continue
        run = _run(words, words.tokens.index(clause[0]))
        whole = len(run) >= len(clause)
        capitals = words.cased and len(run) > 1 and all(token.text[0].isupper() for token in run)
        if asks_back and not (run and whole and (_is_first_name(run[0]) or capitals)):
            return None
        if run and ((whole and _could_be_a_name(run[0])) or _is_first_name(run[0]) or capitals):
            return run
        if not whole:
            return None  # a sentence about something else; what follows is no name either
    return None


def _run(words: Words, first: int) -> list[Token]:
    """The words of a name from here on: up to a function word, a verb, a stop, or lower case after a capital."""
    run: list[Token] = []
    for i in range(first, min(first + MOST_WORDS, len(words.tokens))):
        token = words.tokens[i]
        following = words.tokens[i + 1] if i + 1 < len(words.tokens) else None
        goes_on = following is not None and following.is_word and not _is_no_name(following)
        names = [word for word in run if not _is_title(word)]
        title = _is_title(token) and not run and goes_on
        particle = bool(names) and token.plain in _PARTICLES
        joins = particle and (goes_on or (following is not None and following.plain in _PARTICLES))
        if not (token.is_word and (title or joins or _may_stand(words, token, names, following))):
            break
        run.append(token)
    while run and run[-1].plain in _PARTICLES and run[-1].text.islower():
        run.pop()
    if run and run[-1].plain in _MONTHS and _OF_A_DATE.match(words.plain, run[-1].start + len(run[-1].text)):
        run.pop()
    while run and run[-1].start + len(run[-1].text) - run[0].start > LONGEST_NAME:
        run.pop()
    return run if any(not _is_title(token) for token in run) else []


def _may_stand(words: Words, token: Token, names: list[Token], following: Token | None) -> bool:
    """Whether a word can be the next of a name that has these words already."""
    capital = token.text[0].isupper() and words.cased
    if not names:
        return not _is_no_name(token)
    if words.cased and names[0].text[0].isupper() and not capital and following is not None and following.is_word:
        return False
    if token.plain in _NEVER_SURNAMES and not capital:
        return False
    if len(token.text) == 1 and not capital and following is not None and following.is_word:
        return False  # a letter of a name being spelled
    return not _is_no_name(token) or token.plain in _list("surnames")


@lru_cache(maxsize=4)  # every text is read twice, once as if a name had been asked for
def _words(text: str) -> Words:
    whole = unicodedata.normalize("NFC", text[:LONGEST_TEXT].translate(_QUOTES))
    whole = re.sub(r"\s+", " ", re.sub(r"\s*\n\s*", " ; ", whole.strip()))  # a new line ends a name as a stop does
    whole = re.sub(r"\b(?:u+h+|u+m+|er|uhm|hmm+)\b,? ?", "", whole, flags=re.IGNORECASE)
    whole = _IN_TWO.sub(r"\1 ", whole)
    plain = whole.lower() if whole.isascii() else "".join(_plain(c) for c in whole)
    tokens = [
        Token(found.group(), plain[found.start() : found.end()], found.start()) for found in _TOKEN.finditer(whole)
    ]
    return Words(tokens, plain, cased=any(c.islower() for c in whole) and any(c.isupper() for c in whole))


def _plain(c: str) -> str:
    """One character for one, so that places in the plain text are places in the text."""
    base = unicodedata.normalize("NFD", c)[0].lower()
    return base if len(base) == 1 else c


def _clauses(words: Words, after_question: bool = False) -> Iterator[list[Token]]:
    """Runs of words between stops; `after_question`: only those behind the last question mark."""
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


def _is_title(token: Token) -> bool:
    return token.plain.rstrip(".") in _TITLES


def _is_no_name(token: Token) -> bool:
    if _NO_WORD_OF_A_NAME.search(token.plain):
        return True
    return token.plain.rstrip(".") in _list("not_names") and token.plain not in _word_names()


def _is_first_name(token: Token) -> bool:
    """A first name and nothing else: "dana", "anne-marie", not "will"."""
    first = re.split(r"['-]", token.plain)[0] if "-" in token.plain else token.plain
    return first in _list("first_names") and first not in _list("not_names") and first not in _word_names()


def _could_be_a_name(token: Token) -> bool:
    """An unknown word, but neither "cutting" nor "gm"."""
    known = _is_first_name(token) or token.plain in _word_names() or _is_title(token) or "." in token.plain
    known = known or not token.plain.isascii() or (len(token.text) == 2 and token.text.isupper())
    return known or (not token.plain.endswith("ing") and re.search("[aeiouy]", token.plain) is not None)


def _present(run: list[Token]) -> str:
    name = " ".join(token.text for token in run)[:LONGEST_NAME]
    if not (name.islower() or name.isupper()) or (len(name) == 2 and name.isupper()):  # "JD"
        return name
    return " ".join(_proper(word, inside=0 < i < len(run) - 1) for i, word in enumerate(name.lower().split(" ")))


def _proper(word: str, inside: bool) -> str:
    if inside and word in _PARTICLES:
        return word
    parts = (part[:1].upper() + part[1:] for part in re.split(r"(?<=['.-])", word))
    return re.sub(r"^Mc([a-z])", lambda found: "Mc" + found.group(1).upper(), "".join(parts))


def _word_names() -> frozenset[str]:
    return _list("word_names")


@cache
def _list(name: str) -> frozenset[str]:
    lines = resources.files("triage").joinpath("words", f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
