"""Words that callers say for a key, and words that only ask us to be quiet."""

import re
from enum import StrEnum

from triage.understanding.fold import fold
from triage.words.plain_letters import LONGEST
from triage.words.word_lists import word_file


class SpokenKey(StrEnum):
    """The keys that work everywhere and can be said; 5 leaves a message where a message can be left."""

    REPEAT = "*"
    PERSON = "0"
    SLOW = "8"
    LANGUAGE = "9"
    MENU = "#"
    MESSAGE = "5"


_SAYS = word_file("spoken_keys").patterns()

_AROUND = rf"(?:{_SAYS['around']})"


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_AROUND} ){{0,6}}(?:{_SAYS[name]})(?: {_AROUND}){{0,6}}")


_KEYS = {key: _whole(key.name.lower()) for key in SpokenKey}

_QUIET, _LINE, _SPEAKING = _whole("quiet"), _whole("line"), _whole("speaking")


def spoken_key(text: str) -> SpokenKey | None:
    """Return the key that the whole of a text names; None where it says something else, or more."""
    words = _words(text)
    return next((key for key, says in _KEYS.items() if says.fullmatch(words)), None) if words else None


def asks_for_quiet(text: str) -> bool:
    """Tell whether a caller only wants us to be quiet: "stop", "enough", "hold on"; "cancel" means something."""
    return bool(_QUIET.fullmatch(_words(text)))


def wants_line(text: str) -> bool:
    """Tell whether somebody takes the crisis line that is offered, in other words than yes: "connect me", "988"."""
    return bool(_LINE.fullmatch(_words(text)))


def is_speaking(text: str) -> bool:
    """Tell whether who picks up says that it is them, or that they asked for the call: "speaking", "this is she"."""
    return bool(_SPEAKING.fullmatch(_words(text)))


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s'*#]", " ", fold(text[:LONGEST])).split())
