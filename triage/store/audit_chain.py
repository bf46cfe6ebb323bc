"""The hash chain over the audit trail: linked in batches, verified link by link, cut where its time is over.

A seal is keyed, so whoever can write to the database alone cannot make one. What a chain cannot show by itself is that
its newest end is gone; for that its head is kept elsewhere (the clock logs it) and given to `verify`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select

from triage.store.keys import Keys
from triage.store.tables import audit_cuts, audit_events, audit_links

AT_ONCE = 1000

# Transactions end in another order than they took their ids. None of them lasts as long as this many events.
LATE = 10_000

LINKED_WITHIN = timedelta(hours=1)

events, links, cuts = audit_events.c, audit_links.c, audit_cuts.c


@dataclass(frozen=True)
class Head:
    """An end of the chain: how many links there have been, and the seal of the newest."""

    position: int
    seal: str


BEGINNING = Head(0, "")


@dataclass(frozen=True)
class Verdict:
    """`broken` is None or what is wrong at `at`: cut, gap, missing, changed, unlinked or head."""

    head: Head
    linked: int
    waiting: int
    broken: str | None = None
    at: int | None = None


def head(db: Connection) -> Head:
    """Return the newest link of the chain, or the cut after which nothing has been linked yet."""
    newest = db.execute(select(links.position, links.seal).order_by(links.position.desc()).limit(1)).first()
    newest = newest or db.execute(select(cuts.position, cuts.seal).order_by(cuts.position.desc()).limit(1)).first()
    return Head(newest.position, newest.seal) if newest else BEGINNING


def link(db: Connection, limit: int = AT_ONCE) -> int:
    """Link events that are not linked yet; returns how many. IntegrityError if another clock linked meanwhile."""
    after, rows = head(db), db.execute(_unlinked(db).limit(limit)).all()
    new = []
    for row in rows:
        after = Head(after.position + 1, _seal(after, row))
        new.append({"position": after.position, "event_id": row.id, "seal": after.seal})
    if new:
        db.execute(insert(audit_links), new)
    return len(new)


def _unlinked(db: Connection) -> Any:
    newest = db.scalar(select(func.max(links.event_id))) or 0
    linked = exists().where(links.event_id == events.id)
    return select(audit_events).where(events.id > newest - LATE, ~linked).order_by(events.id)


def _seal(before: Head, row: Row[Any]) -> str:
    at = row.at.astimezone(UTC).isoformat()
    said = [row.id, at, row.staff_id, row.action, row.request_id, row.person_id, row.detail]
    return Keys.seal(json.dumps(["link", before.position + 1, before.seal, *said], sort_keys=True))


def verify(db: Connection, now: datetime, known: Head | None = None) -> Verdict:
    """Go through the whole chain, in pieces. `known` is a head that was noted earlier: the chain must still hold it."""
    at, broken = _beginning(db)
    first = at
    while broken is None:
        rows = db.execute(_after(at.position)).all()
        if not rows:
            break
        for row in rows:
            broken = _what_is_wrong(at, row)
            if broken:
                return Verdict(at, at.position - first.position, 0, broken, row.position)
            at = Head(row.position, row.link_seal)
            if known and known.position == at.position and known.seal != at.seal:
                return Verdict(at, at.position - first.position, 0, "head", at.position)
    if broken is None and known and known.position > at.position:
        broken = "head"
    unlinked = _unlinked(db).subquery()
    waiting, oldest = db.execute(select(func.count(), func.min(unlinked.c.at))).one()
    if broken is None and oldest is not None and now - oldest > LINKED_WITHIN:
        broken = "unlinked"
    return Verdict(at, at.position - first.position, waiting, broken, at.position if broken else None)


def _after(position: int) -> Any:
    return (
        select(links.position, links.seal.label("link_seal"), links.event_id, audit_events)
        .select_from(audit_links.outerjoin(audit_events, events.id == links.event_id))
        .where(links.position > position)
        .order_by(links.position)
        .limit(AT_ONCE)
    )


def _what_is_wrong(before: Head, row: Row[Any]) -> str | None:
    if row.position != before.position + 1:
        return "gap"
    if row.id is None:
        return "missing"
    return None if row.link_seal == _seal(before, row) else "changed"


def _beginning(db: Connection) -> tuple[Head, str | None]:
    row = db.execute(select(audit_cuts).order_by(cuts.position.desc()).limit(1)).first()
    if row is None:
        return BEGINNING, None
    begins = Head(row.position, row.seal)
    return begins, None if row.proof == _proof(begins, row.at) else "cut"


def _proof(at: Head, when: datetime) -> str:
    return Keys.seal(json.dumps(["cut", at.position, at.seal, when.astimezone(UTC).isoformat()]))


def cut(db: Connection, before: datetime, now: datetime, limit: int = AT_ONCE) -> int:
    """Delete the oldest events, as far as all are from before that time; returns how many.

    Only linked ones go. The seal of the last of them stays, with a proof that it was this program that cut there.
    """
    oldest = db.execute(
        select(links.position, links.seal, links.event_id, events.at)
        .select_from(audit_links.outerjoin(audit_events, events.id == links.event_id))
        .order_by(links.position)
        .limit(limit)
    ).all()
    over: list[Any] = []
    for row in oldest:
        if row.at is None or row.at >= before:
            break
        over.append(row)
    if not over:
        return 0
    last = Head(over[-1].position, over[-1].seal)
    db.execute(insert(audit_cuts).values(position=last.position, at=now, seal=last.seal, proof=_proof(last, now)))
    db.execute(delete(audit_events).where(events.id.in_([row.event_id for row in over])))
    db.execute(delete(audit_links).where(links.position <= last.position))
    db.execute(delete(audit_cuts).where(cuts.position < last.position))
    return len(over)
