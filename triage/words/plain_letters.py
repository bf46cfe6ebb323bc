"""The one plain form of letters and quotes in which the readers look for their words.

What a reader adds to it stands beside the reader: the time reader also evens out dashes and spaces, the name reader
keeps capitals and the place of every letter. `understanding.fold` goes further (chat spelling, look-alike letters of
other alphabets, coded words) and reads on its own.
"""

import unicodedata

LONGEST = 2000  # characters; nobody gives a time, a name or a number further into a text, and the work stays bounded

SINGLE_QUOTES = "‘’‛ʼ`´"
DOUBLE_QUOTES = "“”„«»"

_STRAIGHT = str.maketrans(SINGLE_QUOTES + DOUBLE_QUOTES, "'" * len(SINGLE_QUOTES) + '"' * len(DOUBLE_QUOTES))


def fold(text: str) -> str:
    """Return at most LONGEST characters in lower case, without accents and full-width forms, with straight quotes."""
    return plain_letters(straight_quotes(text[:LONGEST]))[:LONGEST]


def straight_quotes(text: str) -> str:
    """Replace each curly quote, accent mark used as an apostrophe and angle quote; the length stays."""
    return text.translate(_STRAIGHT)


def plain_letters(text: str) -> str:
    """Return lower case without accents and full-width or other compatible forms; it may come out longer."""
    if text.isascii():
        return text.lower()  # nearly every text; taking each letter apart costs more than reading it
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()
