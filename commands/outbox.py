"""`flask outbox`: what waits to be sent is held after a restore, compared with Twilio's list, and released."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from commands.database import ready_runtime
from triage.errors import DeliveryUnknown, Refused
from triage.jobs import reconcile_outbox
from triage.jobs.compose_texts import Outbox
from triage.store import outbox_hold
from webhooks.rest_client import TwilioMessenger

group = click.Group("outbox", help="Hold what waits to be sent after a restore, compare and release it.")

WHY_NOT = {
    "not_held": "Nothing is held: the outbox is free.",
    "not_compared": "Twilio has not given its list yet: run `flask outbox reconcile`, or release with --anyway.",
}


@group.command("hold", help="Hold what waits; only needed after a restore that the program cannot see by itself.")
@click.option("--taken-at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="When the copy was made, clinic time.")
@with_appcontext
def hold(taken_at: datetime | None) -> None:
    runtime = ready_runtime()
    now = runtime.now()
    with runtime.db.write() as db:
        known = outbox_hold.last_written(db) or now
        since = taken_at.replace(tzinfo=runtime.clinic.zone) if taken_at else known
        count = outbox_hold.hold(db, since, now)
    click.echo(f"Held: {count} notices wait until `flask outbox release`; what comes in new is sent as ever.")


@group.command("reconcile", help="Mark as sent what Twilio has taken since the backup.")
@with_appcontext
def reconcile() -> None:
    runtime = ready_runtime()
    try:
        compared = reconcile_outbox.reconcile(Outbox(runtime, TwilioMessenger(runtime.environment, runtime.clinic)))
    except Refused as refused:
        raise click.ClickException(WHY_NOT[refused.why]) from None
    except DeliveryUnknown as fault:
        raise click.ClickException(f"Twilio gave no list ({fault}): nothing was changed, try again.") from None
    click.echo(
        f"Twilio lists {compared.listed} texts that the backup does not know; of {compared.due} notices held and due "
        f"{compared.marked} had been sent and are marked so. Next: `flask outbox release`."
    )


@group.command("release", help="Send what is still wanted of what is held.")
@click.option("--anyway", is_flag=True, help="Release although Twilio gave no list: some may be sent a second time.")
@with_appcontext
def release(anyway: bool) -> None:
    runtime = ready_runtime()
    try:
        done = reconcile_outbox.release(runtime, anyway)
    except Refused as refused:
        raise click.ClickException(WHY_NOT[refused.why]) from None
    click.echo(
        f"Released: {done.released} notices go out as far as they are still wanted; {done.expired} had expired and are "
        f"dropped, {done.marked} had been sent before."
    )
