"""What only looks like a time: "2 kids", a greeting, "day 11" of something."""

import re
from datetime import date

from triage.reading.times.clauses import Clause
from triage.reading.times.holidays import HOLIDAYS
from triage.reading.times.marks import Mark, MarkKind, Sense, Time, Wish
from triage.reading.times.rewording import MOVED_THING, MOVES
from triage.reading.times.vocabulary import COUNTED_THINGS, LITTLE_WORDS, MAY_JOIN_TWO_MARKS, MAY_LEAD_AN_HOUR

LONGEST_LEAD = 160  # characters: nothing that is looked for before a mark is longer


def is_plausible(words: str, mark: Mark, marks: list[Mark], clause: Clause, today: date) -> bool:
    """Tell whether this is a time at all. A bare number needs company ("2 kids" is none), "now" a wish."""
    if mark.kind in (MarkKind.TIME, MarkKind.VAGUE) and _is_a_number(words, mark):
        return False
    if mark.kind in (MarkKind.OPEN, MarkKind.EARLIEST):
        return _open_is_plausible(words, mark, marks, clause)
    if mark.kind is MarkKind.PART:
        return _part_is_plausible(words, mark, marks, clause)
    if mark.kind is MarkKind.DAY:
        return _day_is_plausible(words, mark, marks, clause, today)
    if mark.kind is MarkKind.AFTER_THAT:
        return mark.wish is Wish.ASKED or _unknown(words, clause, marks) <= 1
    return mark.time is None or _time_is_plausible(words, mark.time, mark, marks, clause)


def _following(words: str, mark: Mark) -> list[str]:
    """Return at most two words that follow the mark."""
    return words[mark.end :].split(maxsplit=3)[:2]


def _open_is_plausible(words: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    """Let "now" count only where little else is said: it is in every second sentence."""
    said = words[mark.start : mark.end]
    most = 2 if mark.wish is Wish.ASKED else 0
    if said in ("asap", "earliest") or " " in said:
        most += 3
    return _unknown(words, clause, marks) <= most


def _day_is_plausible(words: str, mark: Mark, marks: list[Mark], clause: Clause, today: date) -> bool:
    said = words[mark.start : mark.end]
    if re.fullmatch(r"(?:on )?\d{1,2}/\d{1,2}", said):
        # A date that there is not ("2/30 at 2") takes its hour with it.
        timed = any(_adjacent(words, mark, other) for other in marks if other.kind in (MarkKind.TIME, MarkKind.PART))
        return timed or (mark.day is not None and (said.startswith("on ") or _has_company(words, mark, marks)))
    if re.fullmatch(r"(?:(?:the|on|of|days) )*\d{1,2}(?:th|w)?", said):
        return _day_of_month_is_plausible(words, said, mark, marks, clause)
    gone = mark.day is not None and mark.day < today
    if gone and mark.wish is not Wish.ASKED and _unknown(words, clause, marks):
        return False  # told, not wished: "since the infusion yesterday"
    if _is_a_name(words, mark, marks, clause) or _is_only_told(words, mark, marks, clause):
        return False
    return not _preceded_by(words, mark, r"(?:soy|llamo|llama|named|name is|nombre es)(?: on)?")


def _is_a_name(words: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    """Tell whether a weekday is the first of somebody's names: "it's Wednesday Adams", "Domingo Reyes please"."""
    if not re.fullmatch(r"(?:on )?wd\d", words[mark.start : mark.end]):
        return False
    beside = [other for other in marks if other.clause == mark.clause and other is not mark]
    following = words[mark.end : clause.end].split(maxsplit=1)[:1]
    spoken_of = any(find.start() == mark.end + 1 for find in clause.found)
    if not following or not following[0].isalpha() or following[0] in ("x", *LITTLE_WORDS) or spoken_of:
        return False
    asks = mark.wish is Wish.ASKED and re.search(r"(?:^| )(?:call|ring|phone|try) ", words[clause.start : mark.start])
    timed = any(other.kind in _OF_THE_DAY for other in beside)
    return any(other.kind is MarkKind.DAY for other in beside) or not (asks or timed)


def _is_only_told(words: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    """Tell whether a day stands in talk of something else: "so tired today", "a turkey for Thanksgiving".

    Nearly all such talk is of today or of a holiday; other days beside few words are mostly an answer ("friday bro").
    """
    if mark.wish is not Wish.PLAIN or any(other.kind is MarkKind.OPEN for other in marks):
        return False
    today_or_holiday = _OFTEN_TOLD.search(words[mark.start : mark.end]) is not None
    of_the_day = [other for other in marks if other.kind in _OF_THE_DAY]
    if not today_or_holiday:
        return not of_the_day and _unknown(words, clause, marks) > 1
    of_the_day = [other for other in of_the_day if other.clause == mark.clause]
    if any(other.kind is MarkKind.TIME or not _adjacent(words, mark, other) for other in of_the_day):
        return False
    return _unknown(words, clause, marks) > len(of_the_day[:1])


_OF_THE_DAY = (MarkKind.TIME, MarkKind.PART)

_OFTEN_TOLD = re.compile(rf"today|{'|'.join(HOLIDAYS)}")


def _day_of_month_is_plausible(words: str, said: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    if " days " in f" {said}" and _preceded_by(words, mark, r"(?:im|i'm|am|was|is|its|it's)"):
        return False  # "I'm on day 3"
    if re.fullmatch(r"\d{1,2}th", said) and _unknown(words, clause, marks):
        return False  # "do I need pills 1st"
    following = _following(words, mark)
    return not following or following[0] in LITTLE_WORDS or _begins_a_mark(mark.end + 1, marks)


def _is_a_number(words: str, mark: Mark) -> bool:
    """Tell whether it is a number of something ("3 kids", "one of the doctors", "I'm 17") and no hour."""
    if re.search(r"\b[ap]m\b|oclock|:\d\d", words[mark.start : mark.end]):
        return False
    if _counts_things(_following(words, mark)) or _SOME_OF.match(words, mark.end):
        return True
    is_bare = re.fullmatch(r"\d{1,2}w?", words[mark.start : mark.end]) is not None
    return is_bare and _preceded_by(words, mark, _AGED)


_SOME_OF = re.compile(
    r" of(?! (?:the |this |las )*"
    r"(?:\d|days?|wd\d|today|tomorrow|dayafter|mon\d|month|morning|afternoon|evening|next|coming))"
)

_AGED = r"(?:im|i'm|i am|he's|hes|she's|shes|tengo|tiene|turns?|turning|turned|cumplo|cumple|aged?|edad)"


def _counts_things(following: list[str]) -> bool:
    """Tell whether the number counts something and is no hour: "3 kids", "2 more weeks", "10 - x"."""
    if len(following) == 2 and following[0] in ("next", "last", "more", "-", ":", "/"):
        return following[1] in COUNTED_THINGS or following[1] == "x" or following[0] in ":/"
    if len(following) == 2 and following[0] == "a" and following[1] in COUNTED_THINGS:
        return True  # "15 an hour"
    return bool(following) and following[0] in COUNTED_THINGS


_AT_WORK = r"(?:im|i'm|am|i|he|she|we|is|he's|she's) (?:on|works?|working|do|does)(?: on)?"
_OF_WORK = re.compile(
    r" (?:shifts?|duty|owl|nurse|job|work(?! (?:best|better|fine|well|great|good|for)\b)|worker|class|classes|school"
    r"|crew|stand|sweats|terrors)\b"
)


def _part_is_plausible(words: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    said = words[mark.start : mark.end]
    if (
        mark.start == 0
        and re.match(r" [,!.]", words[mark.end :])
        and len(marks) > 1
        and said in ("morning", "afternoon", "evening")
    ):
        return False  # a greeting
    if _OF_WORK.match(words, mark.end) or _preceded_by(words, mark, _AT_WORK):
        return False  # "I'm a nurse, night duty", "I'm on nights so I sleep till 1"
    beside = any(other.kind in (MarkKind.DAY, MarkKind.TIME) and _adjacent(words, mark, other) for other in marks)
    if said in ("early", "late", "am", "pm", "eve"):
        return (
            any(
                other.kind is MarkKind.DAY and _adjacent(words, mark, other)
                for other in marks
                if not _is_only_told(words, other, marks, clause)
            )
            and not mark.negative
        )
    return beside or mark.wish is Wish.ASKED or _unknown(words, clause, marks) <= 1


def _time_is_plausible(words: str, time: Time, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    said = words[mark.start : mark.end]
    if re.search(r"\b20[0-4]\d\b", said) or _preceded_by(words, mark, r"-|/|:|x -|my|his|her"):
        return False
    if _preceded_by(words, mark, "days") and not any(other.end == mark.start - 1 for other in marks):
        return False  # "day 11" of something
    if re.search(r"\b[ap]m\b|oclock|noon|:\d\d", said) or time.zone:
        return True
    if time.sense is Sense.RANGE:
        if " and " in said and not said.startswith("between"):
            return False
        opened = said.startswith(("between", "from", "of", "at ", "a at ", "las ", "a las "))
        return opened or _has_company(words, mark, marks) or _answers_alone(words, mark, marks, clause)
    if time.sense in (Sense.AFTER, Sense.BEFORE):
        return not re.fullmatch(r"from \d+w?", said) or _has_company(words, mark, marks) or _ends(words, mark)
    return (
        said.startswith(("at ", "a at ", "a las ", "a la ", "~ las "))
        or " at " in said
        or _has_company(words, mark, marks)
    )


def _answers_alone(words: str, mark: Mark, marks: list[Mark], clause: Clause) -> bool:
    """Tell whether a range is all that its clause says, in a text that counts nothing: "this number. 12 to 2"."""
    counts = any(word in COUNTED_THINGS or word.startswith(("many", "cuant")) for word in words.split())
    return not counts and not _unknown(words, clause, marks) and _plausible_alone(words[mark.start : mark.end])


def replaces(words: str, mark: Mark, standing: list[Mark], clause: Clause) -> bool:
    """Tell whether a bare hour stands for another: "push that to 11" after a correction, the 4 of "not 3, 4"."""
    said = words[mark.start : mark.end]
    before = [other for other in standing if other.kind in (MarkKind.TIME, MarkKind.DAY)]
    if (
        mark.time is None
        or mark.time.sense is not Sense.AT
        or mark.time.clock.hour > 12
        or not before
        or not _ends(words, mark)
    ):
        return False
    if not _plausible_alone(said) or _is_a_number(words, mark):
        return False
    unknown = _unknown(words, clause, [*standing, mark])
    if mark.segment > before[-1].segment:
        return unknown <= 1
    led = words[max(clause.start, before[-1].end) : mark.start].split()
    if mark.clause == before[-1].clause:  # "3 doesn't work, can you do 4"
        return before[-1].negative and all(word in LITTLE_WORDS or word == "bad" for word in led)
    return mark.clause - before[-1].clause <= 3 and not unknown and all(word in MAY_LEAD_AN_HOUR for word in led)


def _has_company(words: str, mark: Mark, marks: list[Mark]) -> bool:
    """Tell whether a day or a correction is right beside the number, or nothing unknown is in the whole text."""
    for other in marks:
        # "3 nights" is a number of nights; "the evening at 7" and "8 tomorrow" are hours.
        counted = (
            other.kind is MarkKind.PART and other.start == mark.end + 1 and " " not in words[mark.start : mark.end]
        )
        # "After lunch, like 2": a bound in words tells of the day as its parts do.
        in_words = other.kind is MarkKind.TIME and not re.search(r"\d", words[other.start : other.end])
        of_the_day = in_words or other.kind in (MarkKind.DAY, MarkKind.PART)
        if of_the_day and _adjacent(words, mark, other) and not counted:
            return True
    if re.match(
        r"(?: ~)? (?:works|is (?:good|fine|best|great|ok|perfect)|would (?:be|work)|please|is better)\b",
        words[mark.end :],
    ):
        return True
    if _is_refused_alone(words, mark) or _is_moved_to(words, mark):
        return True
    if mark.segment and _preceded_by(words, mark, r"fix(?: ,)?"):
        return True
    if _preceded_by(words, mark, r"(?:call|ring|phone)(?: me)?|so|say") and _ends(words, mark):
        return _plausible_alone(words[mark.start : mark.end])
    if "~" in words[mark.start : mark.end].split() and _ends(words, mark):
        return True
    return not _unknown(words, Clause(0, len(words), 0, ()), marks) and _plausible_alone(words[mark.start : mark.end])


def _is_refused_alone(words: str, mark: Mark) -> bool:
    """Tell whether nothing but an hour is refused: "3 doesn't work"."""
    return (
        re.search(r"(?:^|[.,;!?] )$", words[: mark.start]) is not None
        and re.match(r" (?:bad|not|no)(?: anymore)?(?: (?:[.,;!?]|but|and|can|could)|$)", words[mark.end :]) is not None
    )


def _is_moved_to(words: str, mark: Mark) -> bool:
    """Tell whether it is the hour of "bump it to 2"."""
    said = words[mark.start : mark.end]
    moved = said.startswith(("to ", "a ", "for ")) and _preceded_by(
        words, mark, rf"{MOVES}\w*(?: {MOVED_THING}){{0,4}}"
    )
    return moved and _ends(words, mark) and _plausible_alone(said)


def _plausible_alone(said: str) -> bool:
    """Tell whether a bare figure can be a time: "930" can, "480" more likely begins a telephone number."""
    digits = re.search(r"\d{3,}", said)
    return digits is None or digits[0][-2:] in ("00", "15", "30", "45")


def _ends(words: str, mark: Mark) -> bool:
    """Tell whether nothing unknown follows the mark before the next stop."""
    rest = words[mark.end :].split()
    return not rest or rest[0] in LITTLE_WORDS or rest[0] in ".,;!?()"


def _preceded_by(words: str, mark: Mark, pattern: str) -> bool:
    lead = re.compile(rf"(?:^| )(?:{pattern}) ?$")
    return lead.search(words, max(0, mark.start - LONGEST_LEAD), mark.start) is not None


def _begins_a_mark(at: int, marks: list[Mark]) -> bool:
    return any(other.start == at for other in marks)


def _adjacent(words: str, one: Mark, other: Mark) -> bool:
    first, second = sorted((one, other), key=lambda mark: mark.start)
    return first is not second and all(word in MAY_JOIN_TWO_MARKS for word in words[first.end : second.start].split())


def _unknown(words: str, clause: Clause, marks: list[Mark]) -> int:
    """Count the words of the clause that are neither about time nor little words around it."""
    inside = [mark for mark in marks if clause.start <= mark.start < clause.end]
    return sum(word not in LITTLE_WORDS for word in unmarked_words(inside, words, clause.start, clause.end))


def unmarked_words(marks: list[Mark], words: str, start: int, end: int) -> list[str]:
    """Return the words between two places that belong to none of these marks."""
    starts = [start, *(mark.end for mark in marks)]
    ends = [*(mark.start for mark in marks), end]
    return [word for begin, stop in zip(starts, ends, strict=True) for word in words[begin:stop].split()]
