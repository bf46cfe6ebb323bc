"""Texts as they come from a thumb or from speech: what the tuned branch hears of a phrase from epoch to epoch."""

import random

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FILLERS = "like so you know well okay este pues o sea".split()
AS_IT_IS = 0.35  # of the texts
LEFT_OUT, MISTYPED, FILLED_IN = 0.05, 0.09, 0.105  # chances of a word, each with those before it
LEAST_WORDS, LEAST_LETTERS = 5, 4  # of a text to leave a word out of, of a word to mistype


def disturbed(text: str, draw: random.Random) -> str:
    """Return a text with some words mistyped, left out or filled in, or as it is."""
    words = text.split()
    if draw.random() < AS_IT_IS:
        return text
    said = []
    for word in words:
        chance = draw.random()
        if len(words) >= LEAST_WORDS and chance < LEFT_OUT:
            continue
        if MISTYPED <= chance < FILLED_IN:
            said.append(draw.choice(FILLERS))
        said.append(mistyped(word, draw) if chance < MISTYPED else word)
    return " ".join(said) or text


def mistyped(word: str, draw: random.Random) -> str:
    """Return a word with one of its inner letters left out, swapped, doubled or wrong; a short one as it is."""
    if len(word) < LEAST_LETTERS:
        return word
    at = draw.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return draw.choice(
        [
            before + after,
            before + after[:1] + letter + after[1:],
            before + letter + letter + after,
            before + draw.choice(LETTERS) + after,
        ]
    )
