"""`flask audit`: whether the record of who did what is whole."""

import click
from flask.cli import with_appcontext

from commands.database import ready_runtime
from triage.store import audit_chain
from triage.store.audit_chain import Head, Verdict

group = click.Group("audit", help="Check the audit trail.")

WRONG = {
    "cut": "the mark of what was purged is not this program's",
    "gap": "links are missing before it",
    "missing": "its event has been deleted",
    "changed": "its event has been changed, or the seal has",
    "unlinked": "events after it have waited for more than an hour; is the clock running?",
    "head": "the chain does not hold the head that you gave",
}


class HeadType(click.ParamType[Head]):
    name = "POSITION:SEAL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        if isinstance(value, Head):
            return value
        position, _, seal = str(value).partition(":")
        if not position.isdigit() or not seal:
            self.fail("write it as it was printed, such as 1204:9f2c...", param, ctx)
        return Head(int(position), seal)


@group.command("verify", help="Go through the whole chain; ends with 1 if it is broken.")
@click.option("--head", type=HeadType(), help="A head noted earlier: shows whether the newest end was cut off since.")
@with_appcontext
def verify(head: Head | None) -> None:
    runtime = ready_runtime()
    with runtime.db.read() as db:
        verdict = audit_chain.verify(db, runtime.now(), head)
    click.echo(_sentence(verdict))
    if verdict.broken:
        raise SystemExit(1)
    click.echo(f"Head {verdict.head.position}:{verdict.head.seal}")


def _sentence(verdict: Verdict) -> str:
    if verdict.broken:
        return f"Broken at link {verdict.at}: {WRONG[verdict.broken]}."
    waiting = f"; {verdict.waiting} wait to be linked" if verdict.waiting else ""
    return f"Whole: {verdict.linked} events linked{waiting}."
