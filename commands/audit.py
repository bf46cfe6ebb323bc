"""`flask audit`: whether the record of who did what is whole."""

import click
from flask.cli import with_appcontext

from commands.database import acting, ready_runtime
from triage.errors import HeadNotRead
from triage.runtime import Runtime
from triage.store import audit, audit_chain
from triage.store.audit_chain import Head, Verdict
from webhooks import audit_head

group = click.Group("audit", help="Check the audit trail.")

WRONG = {
    "cut": "the mark of what was purged is not this program's",
    "gap": "links are missing before it",
    "missing": "its event has been deleted",
    "changed": "its event has been changed, or the seal has",
    "head": "the trail does not hold the head that was noted",
}
FORGED = (
    "Event {} is in no link: it was written past this program. After an update look at it in the console, and take it "
    "with `flask audit adopt`."
)


class HeadType(click.ParamType[Head]):
    name = "POSITION:SEAL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        if isinstance(value, Head):
            return value
        try:
            return Head.read(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


@group.command("verify", help="Go through the whole chain; ends with 1 if it is broken.")
@click.option("--head", type=HeadType(), help="A head noted earlier; without it the one at AUDIT_HEAD is compared.")
@with_appcontext
def verify(head: Head | None) -> None:
    runtime = ready_runtime()
    try:
        verdict = verdict_of(runtime, head)
    except HeadNotRead as fault:
        raise click.ClickException(f"AUDIT_HEAD: {fault}.") from None
    click.echo(sentence(verdict))
    if verdict.broken:
        raise SystemExit(1)
    click.echo(f"Head {verdict.head}")


@group.command("adopt", help="Take events that are in no link into the chain: those of an older program in an update.")
@with_appcontext
def adopt() -> None:
    runtime = ready_runtime()
    with runtime.db.write() as db:
        taken = audit_chain.adopt(db)
        if taken:
            audit.record(db, "events_adopted", runtime.now(), acting(db), detail={"events": audit.listed(taken)})
    click.echo(f"{len(taken)} events were taken into the chain.")


def verdict_of(runtime: Runtime, head: Head | None = None) -> Verdict:
    """Verify the whole chain against a head, or else against the one that is kept elsewhere. Raises HeadNotRead."""
    place = runtime.environment.audit_head
    known = head or (audit_head.kept(place) if place else None)
    with runtime.db.snapshot() as db:
        return audit_chain.verify(db, known)


def sentence(verdict: Verdict) -> str:
    """Say what was found."""
    if verdict.broken == "forged":
        return FORGED.format(verdict.at)
    if verdict.broken:
        return f"Broken at link {verdict.at}: {WRONG[verdict.broken]}."
    return f"Whole: {verdict.linked} events linked."
