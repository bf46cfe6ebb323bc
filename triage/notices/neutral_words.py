"""Whether a text that we start keeps to itself what the person is treated for: it may lie open on any table.

Source of the rule: no diagnosis, drug, procedure or link in a text that was not asked for.
"""

import re
import unicodedata
from functools import cache

from triage.settings import ROOT

STEMS = ROOT / "triage" / "words" / "not_in_texts.txt"


def telling_words(text: str) -> tuple[str, ...]:
    """Return the words that give something away, each once, as they were written; English and Spanish."""
    folded = "".join(_folded(char) for char in text)
    found = (text[match.start() : match.end()] for match in _stems().finditer(folded))
    return tuple(dict.fromkeys(found))


def _folded(char: str) -> str:
    """Fold one character for one, so that places in the text stay what they are."""
    plain = unicodedata.normalize("NFKD", char)[:1].casefold()
    return plain if len(plain) == 1 else char


@cache
def _stems() -> re.Pattern[str]:
    lines = (line.split("#")[0].strip() for line in STEMS.read_text("utf-8").splitlines())
    stems = "|".join(re.escape(stem).replace(r"\ ", r"[\s-]+") for stem in lines if stem)
    return re.compile(rf"(?<!\w)(?:{stems})\w*", re.IGNORECASE)
