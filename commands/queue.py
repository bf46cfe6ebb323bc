"""`flask queue`: the open requests in the order in which they are to be called."""

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext

from commands.database import acting, ready_runtime
from triage.hours.promises import reason
from triage.model.request import Queued
from triage.runtime import Runtime
from triage.store import audit, requests


@click.command("queue", help="Show the open requests, first to be called first.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list on standard output.")
@with_appcontext
def command(as_json: bool) -> None:
    runtime = ready_runtime()
    with runtime.db.read() as db:
        rows = [as_row(queued, runtime) for queued in requests.queue(db)]
    with runtime.db.write() as db:
        audit.record(db, "print_queue", runtime.now(), acting(db), detail=audit.shown(row["reference"] for row in rows))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        known = [str(row[key] or "-") for key in ("reference", "priority", "name", "phone", "topic", "promised")]
        click.echo(f"{'  '.join(known)}  ({row['reason']}, {row['claimed_by'] or 'nobody has it'})")
    if not rows:
        click.echo("The queue is empty.")


def as_row(queued: Queued, runtime: Runtime) -> dict[str, Any]:
    """Return one request as plain data; times are the clinic's local ones, without a zone."""
    request = queued.request

    def local(at: datetime | None) -> str | None:
        return at.astimezone(runtime.clinic.zone).strftime("%Y-%m-%dT%H:%M") if at else None

    return {
        "reference": request.id,
        "status": request.status.value,
        "priority": request.priority.value,
        "name": request.name,
        "phone": request.phone,
        "topic": request.topic,
        "window_start": local(request.window_start),
        "window_end": local(request.window_end),
        "due_at": local(request.due_at),
        "promised": request.promised,
        "created_at": local(request.created_at),
        "claimed_by": queued.owner,
        "attempts": request.attempts,
        "reason": reason(request.priority, request.due_at, request.attempts, request.flags, runtime.now()),
    }
