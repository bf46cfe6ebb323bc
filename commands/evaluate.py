"""`flask eval`: how well messages, dangers, times and whole conversations of a labelled file are read."""

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from triage.hours.opening import OpeningHours
from triage.hours.window import Window
from triage.intake.expiry import expire
from triage.intake.inbound_texts import Intake
from triage.model.message import Channel, Inbound
from triage.model.request import Request
from triage.reading.times.read_window import read_window
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import messages, people, requests
from triage.store.engine import Database
from triage.store.tables import metadata
from triage.understanding.evaluate import evaluate_questions, evaluate_safety

ZONE = ZoneInfo("America/Phoenix")
WEEKDAYS = range(5)
APART = timedelta(seconds=20)
OWN_NUMBER = "+16025550000"  # outside the numbers from which people write in these files: our own is not answered

Row = dict[str, Any]
group = click.Group("eval", help="Measure the reading of a labelled file.")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def local(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if moment else None


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


def calendar(clinic: Clinic) -> Clinic:
    """Return the evaluation's own calendar and number, whatever `clinic.toml` says: Monday to Friday 9 to 5 in
    Phoenix.
    """
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hours = dict.fromkeys(days, ((time(9), time(17)),))
    return clinic.model_copy(update={"zone": ZONE, "hours": hours, "closed": {}, "numbers": (OWN_NUMBER,)})


def evaluate_dialogues(rows: list[Row], runtime: Runtime) -> Row:
    """Play whole conversations through the real engine and store, in a database of their own."""
    clinic = calendar(runtime.clinic)
    assert clinic.opening == OpeningHours(ZONE, dict.fromkeys(WEEKDAYS, ((time(9), time(17)),)), {})
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/dialogues.db")
        with database.write() as db:
            metadata.create_all(db)
        intake = Intake(database, clinic, runtime.words, {})
        for number, row in enumerate(rows):
            got = _converse(row, number, intake)
            expected = row["expect"]
            differs = next((key for key in expected if not _same(key, expected[key], got.get(key))), None)
            if differs:
                failures.append([row["id"], f"{differs}: {got.get(differs)!r} instead of {expected[differs]!r}"])
        database.close()
    return {"n": len(rows), "right": len(rows) - len(failures), "failures": failures}


def _same(key: str, expected: Any, got: Any) -> bool:
    if key == "name":
        return bool(str(expected).casefold() == str(got).casefold())
    return bool(expected == got)


def _converse(row: Row, number: int, intake: Intake) -> Row:
    now = at(row["now"]).astimezone(UTC)
    # One sender may stand in several conversations of a file; each begins as a stranger.
    sender = row["from"]
    database = intake.database
    with database.write() as db:
        for table in reversed(metadata.sorted_tables):
            db.execute(table.delete())
    for turn, text in enumerate(row["turns"]):
        expire(database, intake.clinic, intake.words, now)
        key = f"{number}.{turn}"
        intake.take(Inbound(key, Channel(row["channel"]), sender, intake.clinic.numbers[0], text, now))
        now += APART
    with database.read() as db:
        person = people.by_phone(db, sender)
        assert person is not None
        thread = messages.thread(db, person.id)
        request = requests.newest_of(db, person.id)
    said = [key for message in thread if message.direction == "out" for key in (message.template or "").split()]
    answered = [key.removeprefix("answers/") for key in said if key.startswith("answers/")]
    return {**_outcome(request), "answered": answered}


def _outcome(request: Request | None) -> Row:
    if request is None:
        return {"status": "none"}
    return {
        "name": request.name,
        "phone": request.phone,
        "topic": request.topic,
        "start": local(request.window_start),
        "end": local(request.window_end),
        "priority": request.priority.value,
        "status": {"claimed": "queued", "done": "none"}.get(request.status, request.status.value),
    }


def _command(kind: str, measure: Callable[[list[Row]], Row]) -> None:
    @group.command(kind, help=f"Measure {kind} of FILE (JSON lines).")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
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
    from flask import current_app

    return evaluate_dialogues(rows, current_app.extensions["runtime"])


_command("questions", evaluate_questions)
_command("safety", evaluate_safety)
_command("times", evaluate_times)
_command("dialogues", _of_this_line)
