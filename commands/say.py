"""`flask say`: a conversation in the terminal, through the real engine, in a database that is thrown away."""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from triage.intake.inbound_texts import Intake
from triage.model.message import Channel, Inbound
from triage.runtime import Runtime
from triage.store import messages, people
from triage.store.engine import Database
from triage.store.tables import metadata

SENDER = "+16025550123"
APART = timedelta(seconds=20)


@click.command("say", help="Talk with the line as a patient would; an empty line or Ctrl-D ends it.")
@click.argument("texts", nargs=-1)
@click.option("--now", "start", metavar="2026-11-23T09:30", help="The clinic's local time at the first message.")
@click.option("--from", "sender", default=SENDER, show_default=True, help="The phone to write from.")
@click.option("--why", is_flag=True, help="Show why each answer was given.")
@with_appcontext
def command(texts: tuple[str, ...], start: str | None, sender: str, why: bool) -> None:
    """Say TEXTS one after the other; without them, lines are read from standard input."""
    runtime: Runtime = current_app.extensions["runtime"]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/say.db")
        with database.write() as db:
            metadata.create_all(db)
        intake = Intake(database, runtime.clinic, runtime.words, runtime.intake.expired)
        began = datetime.now(UTC)
        now = _local(start, runtime) if start else began
        for number, text in enumerate(texts or iter(_typed, "")):
            at = now + (number * APART if start or texts else datetime.now(UTC) - began)
            if texts:
                click.echo(f"> {text}")
            answer = intake.take(Inbound(f"say:{number}", Channel.SMS, sender, runtime.clinic.numbers[0], text, at))
            click.echo("\n".join(answer.texts) or "(no answer)")
            if why:
                click.echo(_why(database, sender))
        database.close()


def _typed() -> str:
    if sys.stdin.isatty():
        click.echo("> ", nl=False)
    return sys.stdin.readline().strip()


def _local(written: str, runtime: Runtime) -> datetime:
    try:
        return datetime.fromisoformat(written).replace(tzinfo=runtime.clinic.zone).astimezone(UTC)
    except ValueError:
        raise click.BadParameter("write the time as 2026-11-23T09:30") from None


def _why(database: Database, sender: str) -> str:
    with database.read() as db:
        person = people.by_phone(db, sender)
        thread = messages.thread(db, person.id) if person else []
    heard = next((message for message in reversed(thread) if message.direction == "in"), None)
    return f"  [{heard.label}] {json.dumps(heard.heard, ensure_ascii=False)}" if heard else ""
