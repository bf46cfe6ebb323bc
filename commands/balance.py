"""`flask balance`: whether what came in is open, closed or cancelled, as a table."""

from dataclasses import asdict
from datetime import datetime

import click
from flask.cli import with_appcontext

from commands.database import ready_runtime
from triage.jobs import nightly_balance

WORDS = {
    "requests": "call-back requests ever",
    "open": "  open",
    "closed": "  closed",
    "cancelled": "  cancelled",
    "messages": "messages of that day, by text and in calls",
    "asked": "  of them and of voicemails: asking for a call, or in danger",
    "off_status": "requests that are none of the three, or without who and when",
    "off_asked": "asked for a call, and there is no request",
    "off_origin": "requests of people who never wrote or called",
    "off_answer": "messages whose answer was never decided",
    "off_notices": "texts that we start in no final state after a day",
}


@click.command("balance", help="Count what came in and what became of it; ends with 1 if anything is off.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="A day of the clinic; today if it is not given.")
@with_appcontext
def command(day: datetime | None) -> None:
    runtime = ready_runtime()
    counted = day.date() if day else runtime.now().astimezone(runtime.clinic.zone).date()
    found = nightly_balance.count_day(runtime, counted)
    for name, count in asdict(found).items():
        mark = "OFF" if name.startswith("off_") and count else "   "
        click.echo(f"{mark} {count:8}  {WORDS[name]}")
    click.echo(f"{found.off} off." if found.off else "It balances.")
    if found.off:
        raise SystemExit(1)
