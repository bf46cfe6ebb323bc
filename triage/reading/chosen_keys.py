"""A key or a choice with more around it: "ugh 1. Theo Ansbach", "the 2nd one is better"."""

import re

from triage.words.number_words import CHOSEN, ORDINALS
from triage.words.plain_letters import LONGEST, plain_letters

CHOICES = {word: number for word, number in ORDINALS.items() if number <= 4} | {
    word: number for word, number in CHOSEN.items() if word not in ("oh", "una")
}

# "The 2nd one is better": a choice in words around its ordinal; one alone is told by `exact.digit_in`.
_CHOICE = re.compile(
    rf"(?:(?:the|el|la)\s+)?(?:([1-9])(?:st|nd|rd|th|ro|do|er|ra|da)|({'|'.join(CHOICES)}))"
    r"(?:\s+(?:one|option|choice|number|opcion|numero))(?:\s+(?:is|es|would be|works|looks))?"
    r"(?:\s+(?:fine|good|better|best|great|right|ok|okay|works|mejor|bien|please|thanks|thank you|por favor|gracias))*"
)

# "Fine, 1", "ugh 1. Theo Ansbach", "1, today before 3": a key that was offered, with more around it. What follows the
# digit must not make an hour, a span or a count of it.
_KEY = re.compile(
    r"\W*(?:(?:o?k|okay|fine|sure|ye[sp]|yeah|all ?right|well|jeez|geez|gee?sh|ugh|eh|meh|h+m+|oh|wow|sigh|god|gosh"
    r"|then|so|please|pls|whatever|bueno|pues|s[ií]|ay|ya|este|vale|dale|va|est[aá] bien)\b\W*)*"
    r"1(?=\s*(?:$|[.!;,\n…](?!\d)|\s(?:but|please|pls|thanks|pero|por favor|gracias)\b))\W*",
    re.IGNORECASE,
)
_OR_ANOTHER = re.compile(r"(?:or|o|to|and|y|a)\s+\d", re.IGNORECASE)


def choice_in(text: str) -> int | None:
    """Return which of several things somebody chooses: 2 of "the 2nd one is better"; None if nothing is chosen so."""
    said = _CHOICE.fullmatch(" ".join(plain_letters(text[:LONGEST]).strip(" .!?,\n").split()))
    return (int(said[1]) if said[1] else CHOICES[said[2]]) if said else None


def after_key(text: str) -> str | None:
    """Return what stands behind the key 1 that begins a text; None where no key does."""
    key = _KEY.match(text)
    rest = text[key.end() :] if key else ""
    return None if key is None or _OR_ANOTHER.match(rest) else rest
