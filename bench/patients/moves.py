"""One thing that happens in a conversation, and the line by which a whole conversation is played again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bench.patients.goals import Goal


@dataclass(frozen=True)
class Move:
    """What a patient writes, what staff do, or time that passes (`acts` is empty then).

    text: words, with {quote} for our last text; of staff: their act. says: what the words mean, all acts together.
    wait_min: minutes that pass before it.
    """

    who: str
    acts: tuple[str, ...] = ()
    text: str = ""
    says: Mapping[str, Any] = field(default_factory=dict)
    wait_min: float = 2
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """A conversation as it was played: everything by which it can be played again."""

    begins: datetime
    goal: Goal
    moves: Sequence[Move]

    def line(self) -> str:
        moves = [{name: value for name, value in asdict(move).items() if value} for move in self.moves]
        whole = {"begins": self.begins.isoformat(), "goal": self.goal.plain(), "moves": moves}
        return json.dumps(whole, ensure_ascii=False)


def script_of(line: str, begins: datetime | None = None) -> Script:
    """Read a line back. begins: another beginning, aware, in the zone of the stage."""
    row = json.loads(line)
    goal = Goal(**{**row["goal"], "agenda": tuple(row["goal"]["agenda"])})
    moves = [
        Move(**{"wait_min": 0, **move, "acts": tuple(move.get("acts", ())), "media": tuple(move.get("media", ()))})
        for move in row["moves"]
    ]
    return Script(begins or datetime.fromisoformat(row["begins"]), goal, moves)
