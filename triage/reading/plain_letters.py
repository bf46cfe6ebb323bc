"""Letters as every reader of a message sees them, whatever keyboard wrote them."""

import unicodedata


def plain_letters(text: str) -> str:
    """Lower case, without accents and full-width or other compatible forms; it may come out longer."""
    if text.isascii():
        return text.lower()  # nearly every text; taking each letter apart costs more than reading it
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()
