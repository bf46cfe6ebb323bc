"""The reviewed phrases, read from the files under phrases/."""

import json
from dataclasses import dataclass
from pathlib import Path

from triage.understanding.fold import as_read

FOLDER = Path(__file__).parent / "phrases"
TOPICS, DANGERS, ANSWERS = "questions*.jsonl", "safety*.jsonl", "check_in*.jsonl"


@dataclass(frozen=True)
class Phrase:
    """One labelled message; `file` is the name of its file without the ending."""

    text: str
    label: str
    channel: str
    lang: str
    file: str
    folded: str


def read_phrases(pattern: str, folder: Path = FOLDER) -> list[Phrase]:
    """Return every phrase of the files that match, such as TOPICS; the first of two that fold alike is kept."""
    phrases: dict[str, Phrase] = {}
    for file in sorted(folder.glob(pattern)):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            phrase = Phrase(row["text"], row["label"], row["channel"], row["lang"], file.stem, as_read(row["text"]))
            phrases.setdefault(phrase.folded, phrase)
    return list(phrases.values())
