"""The marks of a text: what it says about time, and what takes that back.

A mark says what the words mean, not yet when that is.
"""

import re
from dataclasses import replace
from datetime import date

from triage.policy import USUAL_PARTS, PartsOfDay
from triage.reading.times.clauses import Clause, clauses_of, says_only_no, wish_of
from triage.reading.times.marks import Mark, MarkKind, Part, Sense, Side, Time, Wish
from triage.reading.times.plausible import is_plausible, replaces, unmarked_words
from triage.reading.times.spelling import canonical
from triage.reading.times.values import mark_of
from triage.reading.times.vocabulary import AROUND_A_TIME_ALONE, LITTLE_WORDS

# Each is held against all others. A wish, with all that is told beside it, names a handful of times.
MOST_MARKS = 24


def marks_in(text: str, today: date, usual: PartsOfDay = USUAL_PARTS) -> list[Mark]:
    """Return what a text says about time, in its order; nothing that is only told ("my phone died yesterday")."""
    words = canonical(text)
    clauses = clauses_of(words)
    if not any(clause.found for clause in clauses):
        return []
    marks: list[Mark] = []
    for number, clause in enumerate(clauses):
        if says_only_no(words, clause):
            marks = [replace(mark, negative=True) for mark in marks]
        marks += _read_clause(words, clause, number, today, usual)
    marks = marks[:MOST_MARKS]
    standing: list[Mark] = []
    for mark in marks:
        clause = clauses[mark.clause]
        if is_plausible(words, mark, marks, clause, today) or replaces(words, mark, standing, clause):
            standing.append(mark)
    told = _referring(standing, words, clauses)
    return [_joined(words, mark, told[:number]) for number, mark in enumerate(told)]


def says_only_when(text: str, today: date, usual: PartsOfDay = USUAL_PARTS) -> bool:
    """Tell whether a text is nothing but a time that is wished: "tonight", "mañana hasta la una"; not "not tonight"."""
    marks, words = sorted(marks_in(text, today, usual), key=lambda mark: mark.start), canonical(text)
    if not marks or any(mark.negative for mark in marks):
        return False
    return all(word in AROUND_A_TIME_ALONE for word in unmarked_words(marks, words, 0, len(words)))


def _referring(standing: list[Mark], words: str, clauses: list[Clause]) -> list[Mark]:
    """Return what is wished, with the times that only point to another one put in full."""
    resolved: list[Mark] = []
    for mark in standing:
        said = next((other for other in reversed(resolved) if other.kind in (MarkKind.TIME, MarkKind.PART)), None)
        if mark.kind is MarkKind.EARLIEST:
            resolved.append(_as_early_as_can_be(mark, standing))
        elif isinstance(mark.value, Side):
            if said is not None and said.time:
                resolved = _bounded_by(said, said.time, mark.value.sense, resolved)
        elif mark.kind is not MarkKind.SAME_TIME:
            resolved.append(mark)
        elif said is not None:
            resolved.append(replace(mark, kind=said.kind, value=said.value))
        elif any(other.kind is MarkKind.DAY for other in standing):  # else it is "at the same time as TMS"
            resolved.append(replace(mark, kind=MarkKind.VAGUE_TIME, value=None))
    wished = [mark for mark in resolved if mark.wish > 0]
    if any(mark.kind is MarkKind.DAY for mark in wished):
        return wished
    days = [mark for mark in resolved if mark.kind is MarkKind.DAY and _same_day(mark, resolved, words, clauses)]
    return sorted([*wished, *(replace(day, wish=Wish.PLAIN) for day in days[-1:])], key=lambda mark: mark.start)


def _as_early_as_can_be(mark: Mark, standing: list[Mark]) -> Mark:
    """Read "as early as possible" as the first hour of the day that is named; without one as "as soon as you can"."""
    if any(other.kind is MarkKind.DAY and not other.negative for other in standing):
        return replace(mark, kind=MarkKind.PART, value=Part("firstthing"))
    return replace(mark, kind=MarkKind.OPEN)


def _same_day(day: Mark, marks: list[Mark], words: str, clauses: list[Clause]) -> bool:
    """Tell whether the hour after a told day is of that day: "I have class at 10 tomorrow, so how about 2"."""
    told = clauses[day.clause]
    return (
        any(mark.time and mark.clause == day.clause for mark in marks)
        and any(mark.time and day.clause < mark.clause <= day.clause + 2 and mark.wish > 0 for mark in marks)
        and not _GONE.search(words[told.start : told.end])
    )


_SLEEPS = re.compile(r" ?(?:i|im|i'm) noearlier ")

_GONE = re.compile(
    r"(?<!\S)(?:was|were|had|did|took|told|said|last|\w{2,}ed|since|fue|tuve|\w{2,}(?:aron|ieron))(?!\S)"
)


def _bounded_by(said: Mark, time: Time, side: Sense, marks: list[Mark]) -> list[Mark]:
    """Make what was told of the bound of the wish: "my shift ends at 3:30 tomorrow, call after"."""
    clock = time.end if time.end and side is Sense.AFTER else time.clock
    bound = replace(said, value=replace(time, sense=side, clock=clock, end=None))
    return [
        replace(bound if mark is said else mark, wish=max(mark.wish, Wish.PLAIN), negative=False)
        if mark.clause == said.clause
        else mark
        for mark in marks
    ]


def _joined(words: str, mark: Mark, before: list[Mark]) -> Mark:
    joint = _joint(words, mark, before)
    return replace(mark, joined=joint) if joint else mark


def _joint(words: str, mark: Mark, before: list[Mark]) -> str:
    """Return what joins a mark to the one of its kind before it: "or", "and", ",", else nothing."""
    last = max((other.end for other in before if other.kind == mark.kind), default=None)
    if last is None:
        return ""
    if re.search(r"wd\d $", words[: last + 1]) and re.match(r"wd\d", words[last + 1 :]) and last + 1 == mark.start:
        return ","  # "tues thurs or fri"
    found = unmarked_words([other for other in before if other.start >= last], words, last, mark.start)
    if not all(word in LITTLE_WORDS for word in found):
        return ""
    return next((joint for joint in ("or", "and", ",") if joint in found), "")


def _read_clause(words: str, clause: Clause, number: int, today: date, usual: PartsOfDay) -> list[Mark]:
    """Return the marks of one clause, with who says them and what "not" does to them."""
    said = words[clause.start : clause.end]
    for match in clause.found:
        if match.lastgroup == "after_work":  # no word on the speaker's own day
            said = said.replace(match[0], "-")
    clocks = [find for find in clause.found if find.lastgroup in ("clock", "range", "relation")] or clause.found
    wish = wish_of(said, words[clause.start : clocks[-1].start()] if clocks else "")
    if wish is Wish.PLAIN and clause.concludes:
        # "she gets here at 2, so 2:15"; "I'm on nights, so I sleep till 1"
        wish = Wish.OWN_DAY if _SLEEPS.match(words, clause.start) else Wish.ASKED
    found = [mark_of(match, today, usual, number, clause.segment, wish) for match in clause.found]
    marks = [mark for mark in found if mark is not None]
    for match in clause.found:
        if match.lastgroup in ("against", "bad", "no"):
            marks = _taken_back(match, marks)
    if wish is Wish.OWN_DAY:
        marks = _free_afterwards(marks)
    context = [MarkKind.TIME] if clause.is_aside else []
    if clause.if_else:
        context = [MarkKind.TIME, MarkKind.DAY]
    return [replace(mark, wish=min(mark.wish, Wish.OWN_DAY)) if mark.kind in context else mark for mark in marks]


def _taken_back(match: re.Match[str], marks: list[Mark]) -> list[Mark]:
    """Mark as negative what "not", "except" or "doesn't work" speaks of."""
    spoken_of = _spoken_of(match, marks)
    concerned = set(map(id, spoken_of))  # of fifty marks each may be taken back by fifty words
    if any(_flips(mark) for mark in spoken_of):
        # "Not tomorrow before 10" leaves tomorrow, from 10 on.
        return [_flipped(mark) if id(mark) in concerned else mark for mark in marks]
    return [replace(mark, negative=True) if id(mark) in concerned and not mark.negative else mark for mark in marks]


def _spoken_of(match: re.Match[str], marks: list[Mark]) -> list[Mark]:
    """Return the marks that a "not", "doesn't work" or "no" speaks of."""
    before = [mark for mark in marks if mark.end <= match.start()]
    after = [mark for mark in marks if mark.start >= match.end()]
    if match.lastgroup == "against":
        return _refused(match, before, after)
    if match.lastgroup == "bad":
        return before or after
    return before or [mark for mark in after[:1] if mark.start <= match.end() + 1]


def _refused(match: re.Match[str], before: list[Mark], after: list[Mark]) -> list[Mark]:
    """Return what "not" or "except" refuses: what follows, up to a new wish; else what stands before it."""
    if not after:
        is_of_something_else = bool(before) and _OF_SOMETHING_ELSE.search(match.string, before[-1].end)
        return [] if is_of_something_else or match[0] == "except" else before
    if _replaced(after, match.string):
        return after[:1]
    if len(after) > 1 and after[0].kind is MarkKind.PART and after[1].kind is MarkKind.DAY:
        return after[:1]  # "not the morning tomorrow", but neither of "not tomorrow morning"
    restart = _RESTART.match(match.string, match.end())
    return [mark for mark in after if restart is None or mark.start < restart.end()]


def _replaced(after: list[Mark], words: str) -> bool:
    """Tell whether the second of two stands for the first: "not today tomorrow at 4", "not at 3 at 4"."""
    if len(after) < 2:
        return False
    first, second = after[0], after[1]
    between = words[first.end : second.start].strip()
    if first.kind is not second.kind or between not in ("", "on"):
        return False
    if first.kind is MarkKind.TIME:
        return words[second.start : second.end].startswith(("at ", "a las ")) and bool(
            first.time and second.time and first.time.sense is second.time.sense is Sense.AT
        )
    named_anew = between == "on" or words.startswith("on ", second.start)
    return first.kind is MarkKind.DAY and (named_anew or words[first.start : first.end] in ("today", "tomorrow"))


# "My wife is not doing well", "please don't text": no word on the time before it.
_OF_SOMETHING_ELSE = re.compile(
    r" (?:(?:my|his|her|our) \w+|he|she|they)(?: is| are)? not(?!\S)"
    r"| not (?:text|txt|leave|worry|tell|forget|mention|email|hang|hesitate|ask|say|let|use|put)(?!\S)"
)

# "I can't talk now, try me after five": what is refused ends where something is asked for.
_RESTART = re.compile(
    r"(?: \S+){1,40}? (?:try|call|ring|phone|text|llamen|llamenme|llameme|marquenme|can|could"
    r"|move|change|switch|push|make|cambi\w+|muev\w+|pas[ae]\w+)(?!\S)"
)


def _flips(mark: Mark) -> bool:
    return mark.time is not None and mark.time.sense in _OTHER_SIDE


def _flipped(mark: Mark) -> Mark:
    time = mark.time
    if time is None or time.sense not in _OTHER_SIDE:
        return mark
    return replace(mark, value=replace(time, sense=_OTHER_SIDE[time.sense]))


_OTHER_SIDE = {Sense.AFTER: Sense.BEFORE, Sense.BEFORE: Sense.AFTER}


def _free_afterwards(marks: list[Mark]) -> list[Mark]:
    """Read "I work until 3", "I get off at 4" as free after that. Of any other hours of work nothing follows."""
    times = [mark.time for mark in marks if mark.time]
    if any(mark.kind in (MarkKind.OFFSET, MarkKind.WITHIN) for mark in marks):
        return marks  # "I get off in 20 minutes"
    if not times or times[0].sense not in (Sense.AT, Sense.BEFORE):
        return [replace(mark, negative=True) for mark in marks]
    return [replace(mark, value=replace(mark.time, sense=Sense.AFTER)) if mark.time else mark for mark in marks]
