"""Simulated patients talk to the real engine: `python -m bench.patients --phrasebook FILE... --count N --seed S`.

Prints how many reached their goal, which rules were broken, and the shortest failing conversation of each kind as a
line for `--replay`. The same seed gives the same conversations. Ends with 1 if a rule was broken.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bench.patients.goals import draw_goal, draw_temper
from bench.patients.moves import script_of
from bench.patients.patient import Patient
from bench.patients.phrasebook import Phrasebook, read
from bench.patients.play import Played, play, play_again, remembering, shortened
from bench.patients.rules import ALERTED
from bench.understanding import measured_runtime
from commands.stage import ZONE, House, opened
from triage.segments import count_segments

# The phrasebooks word their windows for this Monday at ten.
BEGINS = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
IN_MEMORY = Path("/dev/shm")
LANGS = ("en", "es")


@contextmanager
def stage() -> Iterator[House]:
    """Open a stage in a folder that is thrown away, on which equal texts are understood once."""
    memory = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, remembering():
        house = opened(f"sqlite:///{folder}/patients.db", measured_runtime())
        yield house
        house.runtime.db.close()


def simulate(house: House, book: Phrasebook, count: int, seed: int, first: int = 0) -> Iterator[Played]:
    """Play `count` conversations; each has random numbers of its own, by seed and number."""
    langs = tuple(lang for lang in LANGS if book.has("wish", lang))
    for number in range(first, first + count):
        rng = random.Random(f"{seed}/{number}")
        goal = draw_goal(rng, langs)
        patient = Patient(goal, draw_temper(rng), book, rng, BEGINS.date())
        yield play(house, BEGINS, goal, patient.next)


def figures(played: Sequence[Played]) -> dict[str, Any]:
    """Count over all conversations: the goals that were met, the rules that were broken, the acts."""
    failed = [one for one in played if one.broken]
    kinds = [{broken.kind for _, broken in one.broken} for one in failed]
    rules = [{broken.rule for _, broken in one.broken} for one in failed]
    missed = [{what.split()[0] for what in one.missed} for one in played]
    acts: Counter[str] = sum((one.acts for one in played), Counter())
    return {
        "conversations": len(played),
        "goal_met": round(sum(not one.missed for one in played) / max(len(played), 1), 4),
        "break_a_rule": len(failed),
        "segments_a_text": {lang: _segments(played, lang) for lang in LANGS},
        "harmless_alarmed": _harmless_alarmed(played),
        "by_rule": dict(sorted(Counter(rule for some in rules for rule in some).items())),
        "by_kind": dict(Counter(kind for some in kinds for kind in some).most_common()),
        "not_met": dict(Counter(what for some in missed for what in some).most_common()),
        "acts": dict(acts.most_common()),
    }


def _segments(played: Sequence[Played], lang: str) -> float:
    """Return the mean of SMS segments over all texts of ours to patients of this language."""
    counts = [
        count_segments(body)[1]
        for one in played
        if one.script.goal.lang == lang
        for bodies in one.replies
        for body in bodies
    ]
    return round(sum(counts) / max(len(counts), 1), 3)


def _harmless_alarmed(played: Sequence[Played]) -> float:
    """Return the share of conversations without words of danger in which people were alerted."""
    harmless = [one for one in played if not {"danger", "danger_yes"} & one.acts.keys()]
    alarmed = [one for one in harmless if any(broken.what == ALERTED for _, broken in one.broken)]
    return round(len(alarmed) / max(len(harmless), 1), 4)


def shortest(house: House, played: Sequence[Played]) -> dict[str, Played]:
    """Return the shortest failing conversation of each kind, cut down to what is needed to fail."""
    best: dict[str, tuple[int, Played]] = {}
    for one in played:
        for index, broken in one.broken:
            if broken.kind not in best or index < best[broken.kind][0]:
                best[broken.kind] = (index, one)
    return {kind: shortened(house, one, kind) for kind, (_, one) in sorted(best.items())}


def main() -> int:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asked = argparse.ArgumentParser(prog="python -m bench.patients", description=__doc__)
    asked.add_argument("--phrasebook", nargs="+", type=Path, default=[])
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="one JSON object on standard output")
    asked.add_argument("--replay", metavar="LINE", help="play a line again, and show it turn by turn")
    given = asked.parse_args()
    with stage() as house:
        if given.replay:
            return _show(play_again(house, script_of(given.replay)))
        if not given.phrasebook:
            asked.error("--phrasebook is needed, or --replay")
        played = list(simulate(house, read(given.phrasebook), given.count, given.seed))
        report = figures(played)
        failing = shortest(house, played)
    if given.json:
        print(json.dumps(report | {"shortest": {kind: one.script.line() for kind, one in failing.items()}}))
    else:
        _print(report, failing)
    return 1 if report["break_a_rule"] else 0


def _print(report: dict[str, Any], failing: dict[str, Played]) -> None:
    for name, value in report.items():
        if not isinstance(value, dict):
            print(f"{name:16} {value}")
            continue
        print(name)
        for one, count in value.items():
            print(f"  {count:6}  {one}")
    for kind, one in failing.items():
        print(f"\n{kind}\n{one.script.line()}")


def _show(played: Played) -> int:
    for index, (move, replies) in enumerate(zip(played.script.moves, played.replies, strict=True)):
        acts = ", ".join(move.acts)
        print(f"{move.who} after {move.wait_min:g} min ({acts}): {move.text}")
        print("".join(f"    > {body}\n" for body in replies), end="")
        _print_broken(played, index)
    _print_broken(played, len(played.script.moves))
    if played.missed:
        print(f"goal not met: {', '.join(played.missed)}")
    return 1 if played.broken else 0


def _print_broken(played: Played, index: int) -> None:
    for at, broken in played.broken:
        if at == index:
            print(f"    ! rule {broken.kind}: {broken.detail}")


if __name__ == "__main__":
    sys.exit(main())
