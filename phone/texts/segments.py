"""How many parts a text is billed as: GSM-7 where every character allows it, else UCS-2."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")


def segments(text: str) -> int:
    """Count the parts of one text as it travels; an empty text (a picture alone) is one part."""
    if set(text) <= _GSM | _GSM_ESCAPED:
        return _parts([2 if char in _GSM_ESCAPED else 1 for char in text], whole=160, part=153)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], whole=70, part=67)


def _parts(widths: list[int], whole: int, part: int) -> int:
    """Count parts of so many units; a character of two units is never cut, so a part may end one unit early."""
    if sum(widths) <= whole:
        return 1
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts
