"""The hash chain over the audit trail: an event is sealed and linked in the transaction that writes it, and cut away
where its time is over.

A seal is keyed, so whoever can write to the database alone cannot make one: an event without a link is forged. What a
chain cannot show by itself is that its newest end is gone. For that its head is kept elsewhere (each is logged, and the
clock notes it where AUDIT_HEAD says) and given to `verify`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, text

from triage.store.conditional import insert_once
from triage.store.keys import Keys
from triage.store.tables import audit_cuts, audit_events, audit_links

AT_ONCE = 1000

# On PostgreSQL one transaction at a time adds to the chain; any number that no other lock of ours has.
LOCK = 7_205_759_403

# Where a connection keeps the ids of the events of its transaction.
_NEW = "audit_events_to_link"

events, links, cuts = audit_events.c, audit_links.c, audit_cuts.c


@dataclass(frozen=True)
class Head:
    """An end of the chain: how many links there have been, and the seal of the newest."""

    position: int
    seal: str

    def __str__(self) -> str:
        return f"{self.position}:{self.seal}"

    @classmethod
    def read(cls, written: str) -> "Head":
        """Read a head as it is written. Raises ValueError for anything else."""
        position, colon, seal = written.strip().partition(":")
        if not colon or not position.isdecimal() or len(position) > 18:
            raise ValueError("write a head as it was printed, such as 1204:9f2c...")
        return cls(int(position), seal)


BEGINNING = Head(0, "")


@dataclass(frozen=True)
class Verdict:
    """`broken` is None or what is wrong at `at`: cut, gap, missing, changed or head at a link, forged at an event."""

    head: Head
    linked: int
    broken: str | None = None
    at: int | None = None


def holds(db: Connection, known: Head) -> bool:
    """Tell whether the chain still has this head, as far as it reaches back."""
    newest, (first, _) = head(db), _beginning(db)
    if known.position <= first.position:
        return not _is_other(first, known)
    if known.position > newest.position:
        return False
    return db.scalar(select(links.seal).where(links.position == known.position)) == known.seal


def head(db: Connection) -> Head:
    """Return the newest link of the chain, or the cut after which nothing has been linked yet."""
    newest = db.execute(select(links.position, links.seal).order_by(links.position.desc()).limit(1)).first()
    newest = newest or db.execute(select(cuts.position, cuts.seal).order_by(cuts.position.desc()).limit(1)).first()
    return Head(newest.position, newest.seal) if newest else BEGINNING


# --- adding to it


def to_be_linked(db: Connection, event_id: int) -> None:
    """Have an event linked at the end of its transaction."""
    db.info.setdefault(_NEW, []).append(event_id)


def forget_new(db: Connection) -> None:
    """Forget the events of a transaction that is over, however it ended."""
    db.info.pop(_NEW, None)


def link_new(db: Connection) -> Head | None:
    """Link the events of this transaction and return the head after them; None where it has none.

    It is the last that a transaction does: on PostgreSQL the chain is locked until the commit, and whoever holds that
    lock waits for no other.
    """
    new = db.info.get(_NEW)
    if not new:
        return None
    _hold(db)
    return _link(db, db.execute(select(audit_events).where(events.id.in_(new)).order_by(events.id)).all())


def adopt(db: Connection) -> list[int]:
    """Link the events that stand in no link, and return their ids. Only a person can say that they are not forged: a
    program from before events were linked at once may have written them during an update.
    """
    _hold(db)
    rows = db.execute(_unlinked(audit_events).limit(AT_ONCE)).all()
    _link(db, rows)
    return [row.id for row in rows]


def _hold(db: Connection) -> None:
    if db.dialect.name == "postgresql":
        db.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


def _link(db: Connection, rows: Any) -> Head:
    after = head(db)
    for row in rows:
        link = Head(after.position + 1, _seal(after, row))
        # While an update goes on, the clock of an older program, which knows no lock, may take the place first.
        while not insert_once(db, audit_links, ("position",), _values(link, row)):
            after = head(db)
            link = Head(after.position + 1, _seal(after, row))
        after = link
    return after


def _values(link: Head, row: Row[Any]) -> dict[str, Any]:
    return {"position": link.position, "event_id": row.id, "seal": link.seal}


def _unlinked(*columns: Any) -> Any:
    return select(*columns).where(~exists().where(links.event_id == events.id)).order_by(events.id)


def _seal(before: Head, row: Row[Any]) -> str:
    return Keys.seal(_sealed_words(before, row))


def _sealed_words(before: Head, row: Row[Any]) -> str:
    at = row.at.astimezone(UTC).isoformat()
    said = [row.id, at, row.staff_id, row.action, row.request_id, row.person_id, row.detail]
    return json.dumps(["link", before.position + 1, before.seal, *said], sort_keys=True)


# --- looking whether it is whole


def verify(db: Connection, known: Head | None = None) -> Verdict:
    """Go through the whole chain, in pieces. `known` is a head that was noted earlier: the chain must still hold it.

    db: a snapshot, or what is purged meanwhile looks like a gap.
    """
    at, broken = _beginning(db)
    first = at
    while broken is None:
        rows = db.execute(_after(at.position)).all()
        if not rows:
            break
        for row in rows:
            broken = _what_is_wrong(at, row)
            if broken:
                return Verdict(at, at.position - first.position, broken, row.position)
            at = Head(row.position, row.link_seal)
            if known and known.position == at.position and known.seal != at.seal:
                return Verdict(at, at.position - first.position, "head", at.position)
    linked = at.position - first.position
    if broken is None and known and (known.position > at.position or _is_other(first, known)):
        broken = "head"
    if broken is not None:
        return Verdict(at, linked, broken, at.position)
    forged = db.scalar(_unlinked(events.id).limit(1))
    return Verdict(at, linked, None if forged is None else "forged", forged)


def _is_other(one: Head, known: Head) -> bool:
    return one.position == known.position and one.seal != known.seal


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
    return None if Keys.is_seal(row.link_seal, _sealed_words(before, row)) else "changed"


def _beginning(db: Connection) -> tuple[Head, str | None]:
    row = db.execute(select(audit_cuts).order_by(cuts.position.desc()).limit(1)).first()
    if row is None:
        return BEGINNING, None
    begins = Head(row.position, row.seal)
    return begins, None if Keys.is_seal(row.proof, _proven_words(begins, row.at)) else "cut"


def _proven_words(at: Head, when: datetime) -> str:
    return json.dumps(["cut", at.position, at.seal, when.astimezone(UTC).isoformat()])


# --- what has had its time


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
    proof = Keys.seal(_proven_words(last, now))
    db.execute(insert(audit_cuts).values(position=last.position, at=now, seal=last.seal, proof=proof))
    db.execute(delete(audit_events).where(events.id.in_([row.event_id for row in over])))
    db.execute(delete(audit_links).where(links.position <= last.position))
    db.execute(delete(audit_cuts).where(cuts.position < last.position))
    return len(over)
