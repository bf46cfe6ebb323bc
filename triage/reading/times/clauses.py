"""The clauses of a text, and whether each asks for the call or tells of something else.

It reads the words that `spelling.canonical` gives.
"""

import re
from dataclasses import dataclass
from itertools import islice

from triage.reading.times.grammar import SCAN
from triage.reading.times.marks import Wish
from triage.words.word_lists import word_file

# Every find is held against the others, so their number bounds the work; nobody's wish has more.
MOST_FINDS = 100


@dataclass(frozen=True)
class Clause:
    start: int
    end: int
    segment: int
    found: tuple[re.Match[str], ...]
    concludes: bool = False  # opened by "so", where no purpose follows
    is_aside: bool = False  # "while she's not busy", "before my shift at 9"
    if_else: bool = False  # "if she's busy, then Monday at 2", to the end of its sentence


def clauses_of(words: str) -> list[Clause]:
    """Cut at punctuation, "but", "so", "and I", and at corrections, which open a new segment.

    Once a time is named, cut also at what only goes with it: "if she's not busy", "because I work at 2".
    """
    clauses: list[Clause] = []
    found: list[re.Match[str]] = []
    start = segment = 0
    concludes = is_aside = if_else = False
    for match in islice(SCAN.finditer(words), MOST_FINDS):
        corrects = match.lastgroup == "fix" or (match.lastgroup == "no" and _corrects(words, match, clauses, found))
        if corrects or match.lastgroup == "stop":
            # "Tomorrow works" says what it says with its verb, "tomorrow but" does not.
            end = match.end() if match[0] == "works" else match.start()
            clauses.append(Clause(start, end, segment, tuple(found), concludes, is_aside, if_else))
            start, found, segment = match.end(), [], segment + corrects
            # Where no time stands before it, it says how much: "so tired today".
            reasoned = any(clause.found for clause in clauses)
            if_else = if_else and not corrects and match[0] in (",", "but", "say")
            concludes, is_aside = match[0] == "so" and reasoned and not _PURPOSE.match(words, start), False
        elif match.lastgroup == "aside":
            otherwise = _IF.match(words, match.start()) is not None
            spoken = [find for clause in clauses for find in clause.found] if otherwise else []
            if match[0] == "because" or any(find.lastgroup not in _NO_TIMES for find in [*spoken, *found]):
                clauses.append(Clause(start, match.start(), segment, tuple(found), concludes, is_aside, if_else))
                start, found, concludes, is_aside = match.start(), [], False, True
                if_else = otherwise
        else:
            found.append(match)
    clauses.append(Clause(start, len(words), segment, tuple(found), concludes, is_aside, if_else))
    return clauses


_IF = re.compile(r"(?:if|si) (?![.,;!?])")

_PURPOSE = re.compile(r" (?:that|(?:i|we|he|she|they|you|my \w+) (?:can|could|will|won't|not|have|get|do)(?!\S))")


def says_only_no(words: str, clause: Clause) -> bool:
    """Tell whether the clause is nothing but a no: the second of "maybe tomorrow, maybe never"."""
    return [find.lastgroup for find in clause.found] == ["against"] and re.fullmatch(
        r"(?:(?:or|and|well|maybe|not|[.,;!?]) ?)+", words[clause.start : clause.end].strip()
    ) is not None


_NO_TIMES = ("against", "bad", "no", "none", "vague", "open")


def _corrects(words: str, no: re.Match[str], clauses: list[Clause], found: list[re.Match[str]]) -> bool:
    """Tell whether "no" takes back what was said before: "at 3, no, at 4", not "mondays no"."""
    if words[: no.start()].endswith(("and ", "and i ", "if ")):
        return False
    ends_its_clause = re.match(r" ?(?:[.,;!?]|but|$)", words[no.end() :]) is not None
    return bool(clauses and any(clause.found for clause in clauses) and not found) or bool(
        found and not ends_its_clause
    )


def wish_of(said: str, before_last: str) -> Wish:
    """Tell how plainly a clause asks for the call.

    before_last: what stands before the last clock time in it, or else before the last thing found.
    """
    if _SAYS["call_that_was"].search(said) or _OF_OTHERS.search(before_last):
        return Wish.NONE
    if _SAYS["wish"].search(said):
        return Wish.ASKED
    if _SAYS["own_day"].search(said):
        return Wish.OWN_DAY
    told = _SAYS["told"].search(said) or _SAYS["daily"].search(before_last) or _ASKED.match(said)
    return Wish.NONE if told else Wish.PLAIN


_SAYS = {
    name: re.compile(rf"(?<!\S)(?:{pattern})(?!\S)") for name, pattern in word_file("time_clauses").patterns().items()
}

_OF_OTHERS = re.compile(rf"{_SAYS['of_others'].pattern} ?$")

_ASKED = re.compile(r" ?(?:and |so |but )?(?:are|is) (?:the(?! \d)|your|my|they|these|those)(?!\S)")
