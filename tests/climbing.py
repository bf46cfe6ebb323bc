"""Texts that lead a pattern up where it is costly: a repeat of its own goes on and on, and then nothing fits."""

import random
import re
from collections.abc import Iterator
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LETTERS = {
    code.CATEGORY_DIGIT: "12", code.CATEGORY_SPACE: " ", code.CATEGORY_WORD: "ao3", code.CATEGORY_NOT_DIGIT: " a",
    code.CATEGORY_NOT_SPACE: "a1", code.CATEGORY_NOT_WORD: " .",
}  # fmt: skip
ENDS = ("\x00", "!", "zz", " ")


def climbs(pattern: re.Pattern[str], length: int, dice: random.Random) -> Iterator[str]:
    """Yield two texts for each repeat of more than one letter that has no end."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    for repeat in _endless(tree):
        for kinds in (1, 3):
            yield _written(tree, dice, repeat, kinds, length)[: length - 2] + dice.choice(ENDS)


def _inside(op: Any, arg: Any) -> list[Any]:
    """Return the sequences inside one node; what is only looked at, ahead or behind, is left out."""
    if op is code.BRANCH:
        return list(arg[1])
    if op is code.SUBPATTERN:
        return [arg[3]]
    if op is code.ATOMIC_GROUP:
        return [arg]
    return [arg[2]] if op in REPEATS else []


def _endless(items: Any) -> Iterator[Any]:
    for op, arg in items:
        if op in REPEATS and arg[1] is code.MAXREPEAT and any(_inside(*one) for one in arg[2]):
            yield arg
        for inner in _inside(op, arg):
            yield from _endless(inner)


def _holds(items: Any, wanted: Any) -> bool:
    return any(arg is wanted or any(_holds(inner, wanted) for inner in _inside(op, arg)) for op, arg in items)


def _written(items: Any, dice: random.Random, wanted: Any = None, kinds: int = 1, length: int = 0) -> str:
    """Return a text that fits, in which the repeat that is wanted goes on for `length` characters."""
    return "".join(_node(op, arg, dice, wanted, kinds, length) for op, arg in items)


def _node(op: Any, arg: Any, dice: random.Random, wanted: Any, kinds: int, length: int) -> str:
    if op is code.LITERAL:
        return chr(arg)
    if op in (code.NOT_LITERAL, code.ANY):
        return "a" if arg != ord("a") else "b"
    if op is code.IN:
        return _one_of(arg, dice)
    if op in REPEATS:
        return _repeated(arg, dice, wanted, kinds, length)
    inner = _inside(op, arg)
    leading = [one for one in inner if wanted is not None and _holds(one, wanted)]
    return _written(dice.choice(leading or inner), dice, wanted, kinds, length) if inner else ""


def _repeated(arg: Any, dice: random.Random, wanted: Any, kinds: int, length: int) -> str:
    least, _, body = arg
    if arg is wanted:
        units = [one for one in (_written(body, dice) for _ in range(kinds)) if one] or [" "]
        return "".join(dice.choice(units) for _ in range(length // min(map(len, units))))
    if wanted is not None and _holds(body, wanted):
        return _written(body, dice, wanted, kinds, length)
    return "".join(_written(body, dice) for _ in range(least + dice.randrange(2) if least < 9 else least))


def _one_of(members: Any, dice: random.Random) -> str:
    if members[0][0] is code.NEGATE:
        return next((one for one in "a .1-b" if not any(_is(one, *member) for member in members[1:])), "z")
    op, arg = dice.choice(members)
    if op is code.LITERAL:
        return chr(arg)
    return chr(dice.randint(*arg)) if op is code.RANGE else dice.choice(LETTERS[arg])


def _is(letter: str, op: Any, arg: Any) -> bool:
    if op is code.LITERAL:
        return ord(letter) == arg
    return arg[0] <= ord(letter) <= arg[1] if op is code.RANGE else letter in LETTERS[arg]
