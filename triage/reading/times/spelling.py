"""Words of time, English and Spanish, turned into the small vocabulary that the grammar reads.

"Wendsday @ half past two p.m." becomes ["wd2", "at", "2:30", "pm"]; words that mean nothing here stay as they are.
Numbers that are no time (telephones, prices, doses, addresses) become "x".
"""

import re
from difflib import get_close_matches
from functools import lru_cache

from triage.reading.times.rewording import reworded
from triage.reading.times.vocabulary import (
    BESIDE_A_DAY_OF_THE_MONTH,
    NOT_MISSPELT,
    OFTEN_MISSPELT,
    ONE_IS_A_THING_AFTER,
    PHRASES,
    SAID_OF_A_TIME,
    SPELLED,
    WORDS,
)
from triage.words.number_words import ENGLISH, ORDINALS
from triage.words.plain_letters import DOUBLE_QUOTES, LONGEST, fold

# Marks that say nothing about a time, and long dashes.
_STROKES = str.maketrans(dict.fromkeys(DOUBLE_QUOTES + '"*_¿¡', " ") | dict.fromkeys("‐‑‒–—―", "-"))


# "Llamé" tells of a call that was, "llame" asks for one: the accent goes with the other accents.
_I_CALLED = re.compile(r"\b(?:llam|marqu|habl|intent|trat)[ée]\u0301?(?<!e)(?!\w)", re.IGNORECASE)


# "*11": what was written before is put right.
_AMENDS = re.compile(r"(?<!\S)\*(?=\w)(?![^*]*\*)")


# "Mejor de 2 a 4" is from two to four, and not instead of it; "meant 3" is an hour.
_BETTER_FROM = re.compile(r"\bmejor\s{1,3}(?=de\s{1,3}(?:las?\s{1,3})?\d)", re.IGNORECASE)
_MEANT = re.compile(
    r"^\W{0,3}(?:(?:i|no|sorry|oops|yes)\W{1,3}){0,3}meant\s{1,3}(?=\d{1,2}(?::\d\d)?\W*$)", re.IGNORECASE
)


def even_spaces(text: str) -> str:
    """Return the folded text with single spaces and short dashes, and without marks that say nothing."""
    text = _MEANT.sub("at ", _BETTER_FROM.sub("mejor, ", text[:LONGEST]))
    text = _AMENDS.sub("oops ", _I_CALLED.sub(r"yo \g<0>", text))
    plain = fold(text.translate(_STROKES))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines())


# A name of one or more words and what it is: "12 Oak Street".
_STREET = "street|st|ave|avenue|road|rd|lane|ln|blvd|boulevard|drive|court|circle"

# "25 mg", "300 dollars"
_MEASURE = r"%|dollars?|bucks|usd|dolares|pesos|percent|por\ ciento|mg|mcg|ml|kg|lbs?"

# "room 12", "phq 9"
_NUMBERED = (
    "suite|ste|apt|room|rm|unit|ext|extension|option|press|number|step|building|edificio|apartamento|gate|floor|piso"
    "|version|v|chapter|box|zip|route|hwy|highway|stage|level|phase|type|grade|scale|page|covid|phq|gad|numero|opcion"
)

_NO_TIME = re.compile(
    rf"""(?<!\S)[^\s@]+@\S[^\s.]*\.\S+ | https?://\S+ | %[0-9a-f]{{2}}\S*
    | (?<![\d-])(?:\+?1[\s.-]*)?\(?\d{{3}}\)?[\s.-]*\d{{3}}[\s.-]*\d{{2}}\s?\d{{2}}(?![\d])        # telephones
    | (?<!\d)\d{{3}}[-.\s]\d{{4}}(?![\d]) | \+\d[\d\s-]{{6,}} | (?<!\d)\d{{3}}\s\d\d\s\d\d(?!\d)
    | (?<!\d)\(?\d{{3}}\)?[-.\s]\d{{3}}[-.\s]\d{{1,6}}(?!\d) | (?<![\d-])(?:1-)?\d{{3}}-[a-z]{{7}}\b   # tries at one
    | (?<![\d-])(?:1-)?\(?\d{{3}}\)?[.-](?=[a-z0-9]{{0,2}}[a-z])[a-z0-9]{{3}}[.\s-]\d{{4}}(?!\d)
    | (?<!at\ )(?<!around\ )\b\d+\ (?:\w+\ ){{1,3}}(?:{_STREET})\b
    | (?<!\d)\d+\ (?:(?:n|s|e|w|north|south|east|west)\ )?\w+\ (?:street|avenue|road|lane|blvd|boulevard|drive|court)\b
    | \bcalle\ \d+
    | area\ code\ \d+ | \d{{3}}-\d{{2}}-\d{{4}}
    | [$€£#]\s?\d[\d.,]* | (?<![\d:.])\d[\d.,]{{0,15}}\s?(?:{_MEASURE})(?![a-z])
    | \b(?:{_NUMBERED})\s?\#?\s?\d[\d.-]*
    | (?<![\d.-])\d+(?:\.\d+){{2,}} | (?<!\d)\d{{1,2}}-\d{{1,2}}-\d{{1,2}}(?!\d) | (?<![\d/-])\d{{5,}}(?!\d)
    | (?<![\d.:])\d+\.\d(?![\d]) | (?<!\d)\d*\.\d{{3,}} | (?<!\d)\d+(?:-\d+){{3,}}
    | \b(?!b4\b)[a-z]{{1,2}}-?\d+[a-z0-9-]*
    """,
    re.X,
)

# "The 2nd one": what is chosen, and no day of the month.
_OF_SEVERAL = re.compile(
    r"\b(?:the |el |la )?(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|last|1er|2do|3er|[1-9](?:ra|da|a|era))"
    r" (?:one|1|option|choice|number|answer|opcion|numero|respuesta|time|visit|session|appointment|call|opinion"
    r"|question|infusion|treatment|try|attempt|dose|round|intento|dosis|vez|cita|sesion|pregunta|llamada)\b"
    r"(?! (?:oclock|o'clock|[ap]\.?m|thirty|fifteen|forty))"
    r"|\b(?:la |the )?(?:primera|segunda|tercera)(?: opcion)?$"
    r"|^(?:the |el |la )?(?:first|second|third|primero|segundo|tercero|[1-3](?:ra|da|do|ro))[.! ]*$"
)

# "Los dos", "the two of us": so many people or things, and no hour; "i sat", "we wed" are no days.
_NUMBER_OF_THEM = re.compile(
    r"\b(?:los|ambos|nosotros|somos|both|these|those) (?:dos|tres|cuatro|two|three|four|[2-4])\b"
)
_SAT_DOWN = re.compile(r"\b(?:i|we|he|she|they|you|just) (?:sat|wed|fri|sun)\b(?! (?:at|@|\d|a las)|[^\w\s]|$)")

# "12-3 at 2pm", "12.3 at 2": a date beside an hour of its own, not the hours from 12 to 3.
_DASHED_DATE = re.compile(
    r"(?<![\d/.:$-])(0?[1-9]|1[0-2])[-.](0?[1-9]|[12]\d|3[01])(?![\d/.:-])(?=,? ?(?:"
    r"(?:(?:at|@|a las?|around|about|by|after|before|despues de las?|antes de las?) )?\d{1,2}(?::\d\d)? ?[ap]\.? ?m\b"
    r"|(?:at|@|a las?) \d{1,2}(?::\d\d)?(?![\d:.-])(?! ?\(?\d{3})))"
)

_ISO = re.compile(r"(?<![\d-])(20\d\d)-(\d{1,2})-(\d{1,2})(?![\d-])")

_FULL_DATE = re.compile(
    r"(?<![\d/.-])(?:(\d{1,2})([/-])(\d{1,2})\2((?:20)?\d\d)|(\d{1,2})\.(\d{1,2})\.(20\d\d))(?![\d/-])"
)

_TOKEN = re.compile(
    r"\d{1,2}th\b|\d+/\d+(?:/\d+)?|\d{1,2}:\s?\d\d(?::\d\d)?|\d{1,2}\.\d\d(?!\d)"
    r"|24/7|2(?:day|moz|moro|morow|morrow|mro|mrw|maro|nite|night)\b|b4\b"
    r"|\d+|[a-z]+(?:'[a-z]+)*|[.,;!?()\n~@&+]|-|[^\s\w]"
)


@lru_cache(maxsize=16)  # the readers of one message each ask for it
def canonical(text: str) -> str:
    """Return the words of a text in the vocabulary of time; punctuation stays as words of its own."""
    folded = even_spaces(text)
    if _FIGURE.search(folded):
        folded = _dates(folded)
        spellings = _SPELLINGS
    else:
        spellings = _SPELLINGS_OF_WORDS
    for no_time in (_OF_SEVERAL, _NUMBER_OF_THEM, _SAT_DOWN):
        folded = no_time.sub(" x ", folded)
    for pattern, spelling in spellings:
        folded = pattern.sub(spelling, folded)
    found = [word for word in _TOKEN.findall(folded) if word != "'"]
    words = _phrases(_words_of(_mask_spoken_digits(found)))
    return " ".join(reworded(_clocks(_days(" ".join(words)))).split())


def _words_of(tokens: list[str]) -> list[str]:
    return [word for word in map(_word, _join_numbers(_predicates_apart(tokens))) if word != "noise"]


def _predicates_apart(tokens: list[str]) -> list[str]:
    """Part a day from its verb: "Monday's good", "mornin'll do", but not "Monday's session"."""
    apart: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=False):
        stem, verb = token.split("'", 1) if "'" in token else (token, "")
        says = verb and re.fullmatch(_DAY_OR_PART, WORDS.get(stem, "")) and following in SAID_OF_A_TIME
        apart += [stem, "is"] if says else [token]
    return apart


def _phrases(words: list[str]) -> list[str]:
    """Replace the longest phrase that starts at each word."""
    replaced: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE.get(words[at], 0), len(words) - at), 0, -1):
            meaning = _MEANING.get(tuple(words[at : at + length]))
            if meaning is not None:
                replaced += meaning.split()
                at += length
                break
        else:
            replaced.append(words[at])
            at += 1
    return replaced


def _days(words: str) -> str:
    """Name days that are named by what they are not: "not this friday but next", "tomorrow no, pasado si"; and the
    days of "tues/thurs".
    """
    words = _EITHER_DAY.sub(r"\1 or", words)
    words = _THE_OTHER.sub(r"next \1", words)
    return _PASADO.sub(r"\1 dayafter", words)


def _clocks(words: str) -> str:
    """Put clock times in words as figures: "quarter to 4" is "3:45", "las 3 y media" is "at 3:30"."""
    words = _OR_BEYOND.sub(lambda found: "or before " if found[1] else "or after ", words)
    words = _MINUTES_TO.sub(_minutes_to, words)
    words = _HALF_PAST_NOON.sub(r"12:\1 pm", words)
    words = _HEARD_FOR.sub(lambda found: found[1] + {"for": "4", "to": "2", "too": "2"}[found[2]], words)
    words = _HUNDRED_HOURS.sub(r"\1:00", words)
    words = _FOUR_FIGURES.sub(r"\1:\2", words)
    words = _NOT_THE_OTHER_SIDE.sub(r"\1", words)
    words = _HOURS_OF_THE_DAY.sub(r"\1 oclock", words)
    words = _HALF.sub(lambda found: f"{found[1]}:30", words)
    return _AND_MINUTES.sub(_and_minutes, words)


def _minutes_to(found: re.Match[str]) -> str:
    if found["for_minutes"]:
        count, back, hour = found["for_minutes"], True, found["for_hour"]
    else:
        count, back, hour = found["count"], found["side"] in ("to", "of", "until", "before"), found["hour"]
    minutes = _COUNT.get(count) or int(count.rstrip("w"))
    whole = 12 if hour == "noon" else int(hour.rstrip("w"))
    return _clock(whole * 60 + (-minutes if back else minutes))


def _and_minutes(found: re.Match[str]) -> str:
    # "las 2 y 10" is 2:10, "10 y 12" are two hours.
    spelled = found["hour"].endswith("w") and found["count"].endswith("w")
    led = found.string[: found.start()].endswith(("at ", "the ", "las "))
    if found["count"] not in _COUNT and not spelled and not led:
        return found[0]
    minutes = _COUNT.get(found["count"]) or int(found["count"].rstrip("w"))
    return _clock(int(found["hour"].rstrip("w")) * 60 + (minutes if found["sign"] == "and" else -minutes))


def _with_a_colon(found: re.Match[str]) -> str:
    return f"{found[1] or found[3]}:{found[2] or found[4]}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"12:{minutes % 60:02}"


def _dates(folded: str) -> str:
    """Put dates in full as "month/day/year", before their figures are taken for anything else."""

    def in_order(found: re.Match[str]) -> str:
        if found[5]:  # with dots the day comes first
            return f"{found[6]}/{found[5]}/{found[7]}"
        return f"{found[1]}/{found[3]}/20{found[4][-2:]}"

    folded = _ISO.sub(lambda found: f"{found[2]}/{found[3]}/{found[1]}", folded)
    return _DASHED_DATE.sub(r"\1/\2", _FULL_DATE.sub(in_order, folded))


_TOMORROW = re.compile(r"[t2]o?m+(?:o?r+(?:o+w?|r?w)?|ar+ow)e?")  # "tomrw", "tommrow", but no "tomar"


@lru_cache(maxsize=4096)
def _word(word: str) -> str:
    if word in WORDS:
        return WORDS[word]
    if _TOMORROW.fullmatch(word):
        return "tomorrow"
    if len(word) >= 6 and word.isalpha() and word not in NOT_MISSPELT:
        close = get_close_matches(word, OFTEN_MISSPELT, n=1, cutoff=0.86)
        if close:
            return WORDS[close[0]]
    return word


def _mask_spoken_digits(words: list[str]) -> list[str]:
    """Mask five digits and more, said one by one: they are a telephone number."""
    masked: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if (word.isdigit() and len(word) == 1) or (SPELLED.get(word, 99) < 10) or word in ("double", "triple", "o"):
            run.append(word)
            continue
        masked += ["x"] if len(run) >= 5 else run
        masked.append(word)
        run = []
    return masked[:-1]


def _join_numbers(words: list[str]) -> list[str]:
    """Put spelled numbers as figures with a mark: "two thirty" is "2:30", "twenty five" is "25w"."""
    joined: list[str] = []
    at = 0
    while at < len(words):
        number, used = _spelled(words, at)
        if number is None or (words[at] == "one" and _is_no_number(words, at)):
            joined.append(words[at])
            at += 1
            continue
        at += used
        minutes, used = _minutes(words, at) if isinstance(number, int) and 1 <= number <= 12 else (None, 0)
        if minutes is not None:
            joined.append(f"{number}:{minutes:02}")
            at += used
        else:
            joined.append(f"{number}w" if isinstance(number, int) else number)
    return joined


def _is_no_number(words: list[str], at: int) -> bool:
    """Tell whether this "one" is a thing: "this one", "the first one"; "the third one pm" is an hour."""
    before, after = words[max(at - 1, 0)], words[at + 1 : at + 2]
    if before in ORDINALS or re.fullmatch(r"\d+th", before):
        return not after or not (after[0] in ("am", "pm", "oclock", "o") or after[0] in SPELLED)
    return at > 0 and before in ONE_IS_A_THING_AFTER


def _spelled(words: list[str], at: int) -> tuple[int | str | None, int]:
    """Return a spelled number or ordinal at this word, and how many words it takes."""
    word = words[at]
    if word in ORDINALS and words[at + 1 : at + 2] == ["one"] and _is_no_number(words, at + 1):
        return None, 0
    if word in ORDINALS and BESIDE_A_DAY_OF_THE_MONTH & {*words[max(at - 1, 0) : at], *words[at + 1 : at + 3]}:
        return f"{ORDINALS[word]}th", 1
    number = SPELLED.get(word)
    if number is None or word in ("oh", "una"):
        # "una" is the article nearly always; as an hour it is known by "la" before it, or by the hour that a stretch
        # begins with: "de once a una".
        begun = words[max(at - 3, 0) : at] if words[at + 1 : at + 2] in ([], *([stop] for stop in ".,;!?")) else []
        ends = (
            len(begun) == 3 and begun[0] in ("de", "from", "entre", "between") and begun[2] in ("a", "y", "to", "and")
        )
        named = "la" in words[max(at - 1, 0) : at] or words[at + 1 : at + 2] in (["y"], ["a"])
        is_hour = word == "una" and (named or (ends and (begun[1] in SPELLED or begun[1].isdigit())))
        return (1, 1) if is_hour else (None, 0)
    if number in (20, 30, 40, 50):
        for gap in (1, 2):
            if at + gap < len(words) and (gap == 1 or words[at + 1] in ("-", "y")):
                unit = words[at + gap]
                if SPELLED.get(unit, 0) in range(1, 10):
                    # "twenty a" is no number, nor is "veinte uno".
                    return number + SPELLED[unit], gap + 1
                if ORDINALS.get(unit, 0) in range(1, 10):
                    return f"{number + ORDINALS[unit]}th", gap + 1
    return number, 1


def _minutes(words: list[str], at: int) -> tuple[int | None, int]:
    """Return the minutes right after a spelled hour: "thirty", "forty five", "oh five"; nothing else."""
    at += (hyphen := at < len(words) and words[at] == "-")
    if at + 1 < len(words) and words[at] in ("oh", "o", "zero", "cero", "ou"):
        at += (second := at + 2 < len(words) and words[at + 1] == "-")
        unit = SPELLED.get(words[at + 1], 99)
        return (unit, 2 + hyphen + second) if unit < 10 else (None, 0)
    if at < len(words):
        number, used = _spelled(words, at)
        if isinstance(number, int) and 10 <= number <= 59:
            return number, used + hyphen
    return None, 0


_DAY_OR_PART = r"wd\d|now|today|tomorrow|tonight|morning|afternoon|evening|noon|lunch"

_THE_OTHER = re.compile(r"(?<!\S)not (?:this |on )*(wd\d)(?: ,)?(?: but)?(?: the)? next(?: one| 1w)?(?! \w)")

_PASADO = re.compile(r"(?<!\S)(tomorrow(?: no| not)?(?: ,)?(?: or)?) last(?! (?:wd|week|month|\w*day))")

_COUNT = {"quarter": 15, "half": 30}

_MINUTES_TO = re.compile(
    r"""(?<!\S)(?:a\ )?(?:
        (?P<count>quarter|half|(?<!from\ )(?<!between\ )(?<!of\ )(?:5|10|20|25)w|\d{1,2}w?(?=\ (?:minutes|past))
          |(?:\d{1,2}w|5|20|25)(?=\ to\ noon))(?:\ minutes)?\ (?P<side>to|of|until|before|past|after)
        \ (?P<hour>noon|\d{1,2}w?)
      | (?P<for_minutes>quarter|(?:5|10|20|25)w?)\ for\ (?:at|the|las)\ (?P<for_hour>\d{1,2}w?))(?![\w:.])""",
    re.X,
)

# "tomorrow at for" and "to p m" are how a speech recogniser spells hours.
_HEARD_FOR = re.compile(
    r"(?<!\S)(at |)(for|too|to)(?!\S)(?= (?:am|pm)\b|(?<=at for)(?! \S*\d)|(?<=at to)(?! \S*\d)|(?<=at too))"
)

_HOURS_OF_THE_DAY = re.compile(r"(?<!\S)((?:at|las|la) \d{1,2}(?:w|:\d\d)?) hours(?!\S)")

_OR_BEYOND = re.compile(r"(?<!\S)(?:onward|or(before)) (?:of )?(?=(?:the |las |at |~ )*\d)")  # "before 10 or after 4"

# "1500 hours", "oh nine hundred", "fifteen hundred hours"
_FOUR_FIGURES = re.compile(r"(?<!\S)([01]\d|2[0-3])([0-5]\d) hours(?!\S| of)")

_HUNDRED_HOURS = re.compile(
    r"(?<!\S)(?:(?:oh|o|0w|cero) (?=\dw hundred)|(?<=at )(?=\d{1,2}w hundred(?: hours|$| [.,!?]| tomorrow| today| on))"
    r"|(?=\d{1,2}w hundred hours(?! of)))([1-9]|1\d|2[0-3])w hundred(?: hours)?(?!\S)"
)

# "no, AFTER 2, not before": both halves say the same.
_NOT_THE_OTHER_SIDE = re.compile(
    r"(?<!\S)(?:no (?:, )?)?((?:after|noearlier|before) (?:las |at )?\d[\d:w]*(?: [ap]m)?)(?: ,)?(?: and)?"
    r" (?:not )?(?:noearlier|before|after)(?= [.,;!?]|$)"
)

_HALF_PAST_NOON = re.compile(r"(?<!\S)noon (?:and )?(15|30|45)w?(?!\S)")

_EITHER_DAY = re.compile(r"(?<!\S)((?:wd\d|today|tomorrow)) /(?= (?:wd\d|today|tomorrow))")

_HALF = re.compile(r"(?<!\S)half (\d{1,2})w?(?![\w:.]| hours?| minutes)")

_AND_MINUTES = re.compile(
    r"""(?<!\S)(?<!between\ )(?<!of\ )(?:
        (?P<hour>\d{1,2}w?)\ (?P<sign>and|except)\ (?:a\ )?(?P<count>half|quarter|(?:5|[1-5]0|[1-5]5)w?))
        (?!\ (?:hours?|minutes)|[\w:.])""",
    re.X,
)

_FIGURE = re.compile(r"\d")

_AT_ONCE = r"\bat\ once\b|(?<!\bde\ )\bonce\ (?=(?:a|per|every)\b)"

_NUMBER_ISH = rf"\b({'|'.join(word for word, hour in ENGLISH.items() if 1 <= hour <= 12)})ish\b"

_ONCE = r"\bonce\ (?=(?:i|im|i'm|you|we|my|the|he|she|they|everyone|everybody)\b)"

_SHORT_DAY = (
    r"\b(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|dic|ene|abr"
    r"|mon|tues?|wed|thu|thurs?|fri|sat|sun|mie|jue|vie|sab)\.(?=\s)"
)

_HALF_OF_DAY = r"\b([ap])\s?\.?\s?m\b(?:\s?\.(?=\s?\S|$))?"

_SPELLINGS = [
    (re.compile(pattern, re.X), words)
    for pattern, words in (
        (r"(\d)\.5(?=\s?(?:hours?|hrs?|horas?|h)\b)", r"\1 and half"),
        (r"(\d)\s?:\s?(\d\d)\b|(?<![\d:;])(\d\d?);(\d\d)\b", _with_a_colon),
        (r"(\d):\s?(?=[ap]\.?\s?m\b)", r"\1 "),
        (r"(?<=\d:)([0-5])o\b", r"\g<1>0"),
        (_AT_ONCE, " x "),
        (_ONCE, "when "),
        (r"\baft(?=\s\d)", "after"),
        (_SHORT_DAY, r"\1"),
        (_NO_TIME.pattern, " x "),
        (_NUMBER_ISH, r"\1 ish"),
        (r"(\d:\d\d)\s?h(?:rs|oras)?\b", r"\1"),
        (_HALF_OF_DAY, r"\1m"),
        (r"(?<![\d:])(\d{1,2})\s?h\s?(\d\d)(?!\d)", r"\1:\2"),
        (r"(?<!in\ )(?<!en\ )(?<![\d:])([89]|1\d|2[0-3])\s?h\b", r"\1:00"),
        (r"(?<![\d.:])(\d{1,2})(?:st|nd|rd|th|ro|er|o)\b", r"\1th"),
        (r"(?<=\d)p\b|(?<=[5-9])a\b|(?<=1[0-2])a\b|(?<=\d[0-5]\d)a\b|(?<=:[0-5]\d)a\b", r" \g<0>m"),
        (r"(\d)(am|pm|ish|h|hr|hrs|min|mins|m)\b", r"\1 \2"),
        (r"\b(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|at)(\d{1,2})\b", r"\1 \2"),
        (r"\b(?!b4\b)[a-z]+\d\b", " x "),
        (r"\b\d+[a-z]\b", " x "),
    )
]

# Those that can apply where no figure stands, as in most texts.
_SPELLINGS_OF_WORDS = [
    (pattern, words)
    for pattern, words in _SPELLINGS
    if pattern.pattern in (_AT_ONCE, _ONCE, _NUMBER_ISH, _SHORT_DAY, _HALF_OF_DAY, _NO_TIME.pattern)
]

_MEANING = {tuple(_words_of(_TOKEN.findall(words))): meaning for words, meaning in PHRASES.items()}

_LONGEST_PHRASE: dict[str, int] = {}  # by the word that it begins with

for _phrase in _MEANING:
    _LONGEST_PHRASE[_phrase[0]] = max(len(_phrase), _LONGEST_PHRASE.get(_phrase[0], 0))
