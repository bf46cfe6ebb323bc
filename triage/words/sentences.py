"""The sentences of a text."""

import re

_STOPS = re.compile(r"[.;!?\n]+(?:\s+|$)")


def sentences(text: str) -> list[str]:
    """Return what stands between stops and new lines, without them; the stop in "2.30" ends nothing."""
    return [one.strip() for one in _STOPS.split(text)]
