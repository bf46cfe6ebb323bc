"""What a text costs: its encoding and the number of parts that the carriers make of it."""

import unicodedata
from collections.abc import Iterator
from enum import StrEnum


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# 3GPP TS 23.038, 6.2.1: the default alphabet, and the characters that an escape puts behind two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_WHOLE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_PART = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}  # the rest of each part tells which part it is
_JOINER = "\u200d"
_PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "´": "'", "`": "'", "ʼ": "'",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": "-",
        "…": "...", "¼": "1/4", "½": "1/2", "¾": "3/4", "÷": "/", "×": "x",
        "\t": " ", "\xa0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ",
        "\u200b": "", "\u2060": "", "\ufeff": "", "\xad": "",
    }
)  # fmt: skip


def count_segments(text: str) -> tuple[Encoding, int]:
    """Count the parts a text is sent in, and the encoding it needs; what is seen as one character is not cut in two."""
    gsm = all(c in _BASIC or c in _ESCAPED for c in text)
    encoding = Encoding.GSM_7 if gsm else Encoding.UCS_2
    sizes = [2 if c in _ESCAPED else 1 for c in text] if gsm else [_units(shown) for shown in _graphemes(text)]
    if sum(sizes) <= _WHOLE[encoding]:
        return encoding, 1
    return encoding, _parts(sizes, _PART[encoding])


def plain_quotes(text: str) -> str:
    """Put our own words into GSM-7 where only typography kept them out of it: quotes, dashes, dots, odd spaces."""
    return text.translate(_PLAIN)


def _parts(sizes: list[int], room: int) -> int:
    parts, left = 1, room
    for size in sizes:
        # What is longer than a whole part is cut all the same, wherever the part ends.
        for piece in [1] * size if size > room else [size]:
            if piece > left:
                parts, left = parts + 1, room
            left -= piece
    return parts


def _units(shown: str) -> int:
    return sum(2 if ord(c) > 0xFFFF else 1 for c in shown)


def _graphemes(text: str) -> Iterator[str]:
    """Split into what a reader sees as one character: a letter with its accents, an emoji with its joiners, a flag."""
    shown = ""
    for c in text:
        if shown and not _continues(shown, c):
            yield shown
            shown = ""
        shown += c
    if shown:
        yield shown


def _continues(shown: str, c: str) -> bool:
    if c == _JOINER or unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me", "Mc"):
        return True
    if shown[-1] == _JOINER or "\U0001f3fb" <= c <= "\U0001f3ff":
        return True
    return len(shown) == 1 and _is_flag_letter(shown) and _is_flag_letter(c)


def _is_flag_letter(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"
