"""`flask rekey`: all that is stored, written anew under the newest keys while the program runs."""

import click
from flask.cli import with_appcontext

from commands.database import acting, ready_runtime
from triage.jobs import rekeying

DAMAGED = "{} values are opened by no key and stayed as they are; `flask doctor` tells of damage."
DOUBLED = "{} persons have a phone that is another's already: both stay, and the older hash with PHONE_HASH_KEY_OTHER."
ALONE = "{} persons who opted out are known by a hash alone: if PHONE_HASH_KEY was changed, keep PHONE_HASH_KEY_OTHER."


@click.command("rekey", help="Write all that is stored anew under the newest keys, while the program runs.")
@click.option("--rows", type=click.IntRange(1, 5000), default=rekeying.ROWS_AT_ONCE, show_default=True, help="At once.")
@with_appcontext
def command(rows: int) -> None:
    runtime = ready_runtime()
    with runtime.db.read() as db:
        by = acting(db)
    done = rekeying.run(runtime, by, rows, lambda table, count: click.echo(f"{count:8}  {table}"))
    click.echo(f"{done.rows} rows were written anew.")
    for sentence, count in ((DAMAGED, done.damaged), (DOUBLED, done.doubled), (ALONE, done.hash_alone)):
        if count:
            click.echo(sentence.format(count))
