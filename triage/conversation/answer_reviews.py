"""The register of scripted answers: who reviewed each, when, and until when it may be given."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path

from triage.errors import WrongSetting
from triage.understanding.labels import SCRIPTED


def read_register(path: Path) -> Mapping[str, datetime]:
    """Read from the register when the answer of each label expires: aware UTC, the start of that day. Raises
    WrongSetting.

    An answer without an entry would be a text that nobody has reviewed, so every label must have one.
    """
    table = tomllib.loads(path.read_text("utf-8"))
    missing = sorted(SCRIPTED - table.keys())
    if missing:
        raise WrongSetting(f"{path.name}: {missing[0]} is missing: add who reviewed it, when, and until when it holds.")
    return {label: datetime.combine(table[label]["expires_on"], time(), UTC) for label in sorted(SCRIPTED)}
