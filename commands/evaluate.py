"""`flask eval`: how well messages, dangers, times and whole conversations of a labelled file are read."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from commands.dialogues import Row, at, evaluate_dialogues, local
from triage.hours.window import Window
from triage.reading.times.read_window import read_window
from triage.understanding.evaluate import evaluate_questions, evaluate_safety

group = click.Group("eval", help="Measure the reading of a labelled file.")


def evaluate_times(rows: list[Row]) -> Row:
    """Compare windows as the words mean them, before they are fitted to opening hours."""
    exact, wrong, refused, failures = 0, 0, 0, []
    for row in rows:
        read = read_window(row["text"], at(row["now"]))
        given = [local(read.start), local(read.end)] if isinstance(read, Window) else None
        expected = [row["start"], row["end"]] if row["start"] else None
        if given == expected:
            exact += 1
            continue
        wrong, refused = (wrong, refused + 1) if given is None else (wrong + 1, refused)
        failures.append([row["text"], expected, given])
    return {"n": len(rows), "exact": exact, "wrong": wrong, "refused": refused, "failures": failures}


def _command(kind: str, measure: Callable[[list[Row]], Row]) -> None:
    @group.command(kind, help=f"Measure {kind} of FILE (JSON lines).")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
    @with_appcontext
    def run(file: Path, as_json: bool) -> None:
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        figures = measure(rows)
        if as_json:
            click.echo(json.dumps(figures, ensure_ascii=False))
            return
        for key, value in figures.items():
            shown = value if not isinstance(value, list) else "".join(f"\n  {item}" for item in value)
            click.echo(f"{key}: {shown}")


def _of_this_line(rows: list[Row]) -> Row:
    return evaluate_dialogues(rows, current_app.extensions["runtime"])


_command("questions", evaluate_questions)
_command("safety", evaluate_safety)
_command("times", evaluate_times)
_command("dialogues", _of_this_line)
