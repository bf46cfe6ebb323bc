"""Call-back requests: the queue, and changes of status as conditional updates that decide a race."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, or_, select, update

from triage.model.request import Attempt, Disposition, Flag, Note, Queued, Request, RequestValues, Status
from triage.store.column_types import EncryptedText
from triage.store.keys import Keys
from triage.store.prepared import Prepared
from triage.store.tables import attempts, callback_requests, notes, people, staff

requests = callback_requests.c


_COLUMNS = tuple(f.name for f in fields(Request))

_SELECTED = tuple(requests[name] for name in _COLUMNS)

_ENCRYPTED = ("name", "phone", "wish")

_PLAIN = tuple(name for name in _COLUMNS if name not in _ENCRYPTED)


def _request(row: Sequence[Any], names: tuple[str, ...] = _COLUMNS) -> Request:
    """Build a Request from a row; its first columns are the selected ones, in their order."""
    values = dict(zip(names, row, strict=False))
    values["status"] = Status(values["status"])
    values["flags"] = frozenset(Flag(flag) for flag in values["flags"])
    values["outcome"] = Disposition(values["outcome"]) if values["outcome"] else None
    return Request(**values)


def create(db: Connection, new: RequestValues, now: datetime) -> int:
    """Insert a queued request. IntegrityError if the person already has an open one."""
    values = {"flags": []} | _bound(new.values)
    values |= {
        "person_id": new.person_id,
        "status": Status.QUEUED,
        "priority": new.priority,
        "channel": new.channel,
        "lang": new.lang,
        "due_at": new.due_at,
        "created_at": now,
        "updated_at": now,
    }
    row = _creating(tuple(values)).first(db, **values)
    assert row is not None
    return int(row[0])


@cache
def _creating(columns: tuple[str, ...]) -> Prepared:
    return Prepared(lambda insert: insert(callback_requests).returning(requests.id), *columns)


def change(db: Connection, request_id: int, values: dict[str, Any], now: datetime) -> None:
    """Change what is known of a request, whatever its status."""
    bound = _bound(values) | {"updated_at": now}
    _changing(tuple(bound)).run(db, of=request_id, **bound)


@cache
def _changing(columns: tuple[str, ...]) -> Prepared:
    return Prepared(lambda _: update(callback_requests).where(requests.id == bindparam("of")), *columns)


def change_open(db: Connection, request_id: int, values: dict[str, Any], now: datetime) -> bool:
    """Change what is known of a request only while it is open; False if somebody closed it meanwhile."""
    return _won(db, request_id, requests.closed_at.is_(None), values, now)


def _bound(values: dict[str, Any]) -> dict[str, Any]:
    bound = dict(values)
    if "flags" in bound:
        bound["flags"] = sorted(bound["flags"])
    if "phone" in bound:
        bound["phone_hash"] = Keys.phone_hash(bound["phone"]) if bound["phone"] else None
    return bound


def _won(db: Connection, request_id: int, condition: Any, values: dict[str, Any], now: datetime) -> bool:
    won = db.scalar(
        update(callback_requests)
        .where(requests.id == request_id, condition)
        .values(**_bound(values), updated_at=now)
        .returning(requests.id)
    )
    return won is not None


def claim(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Take a queued request for one member of staff; False if somebody else was first."""
    values = {"status": Status.CLAIMED, "claimed_by": staff_id, "claimed_at": now}
    return _won(db, request_id, requests.status == Status.QUEUED, values, now)


def release(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Give a claimed request back; False if this member of staff does not have it."""
    mine = (requests.status == Status.CLAIMED) & (requests.claimed_by == staff_id)
    return _won(db, request_id, mine, {"status": Status.QUEUED, "claimed_by": None, "claimed_at": None}, now)


def acknowledge(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Record that somebody has seen it, which ends its alerts; False if somebody else was first or it is closed."""
    unseen = requests.acknowledged_at.is_(None) & requests.closed_at.is_(None)
    values = {"acknowledged_by": staff_id, "acknowledged_at": now, "next_alert_at": None}
    return _won(db, request_id, unseen, values, now)


def close(db: Connection, request_id: int, staff_id: int, outcome: Disposition, now: datetime) -> bool:
    """End an open request with an outcome; False if it was closed already."""
    values = {
        "status": Status.DONE,
        "closed_at": now,
        "closed_by": staff_id,
        "outcome": outcome,
        "next_alert_at": None,
    }
    return _won(db, request_id, requests.closed_at.is_(None), values, now)


def cancel(db: Connection, request_id: int, now: datetime, staff_id: int | None = None) -> bool:
    """Cancel it for the patient: they did it themselves (no `staff_id`), or staff for them."""
    values = {"status": Status.CANCELLED, "closed_at": now, "closed_by": staff_id, "next_alert_at": None}
    return _won(db, request_id, requests.closed_at.is_(None), values, now)


def reopen(db: Connection, request_id: int, now: datetime) -> bool:
    """Put it back into the queue, with nobody's name on it."""
    values = {
        "status": Status.QUEUED,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
        "claimed_by": None,
        "claimed_at": None,
    }
    return _won(db, request_id, requests.closed_at.is_not(None), values, now)


def hand_over(db: Connection, request_id: int, staff_id: int, to: int, now: datetime) -> bool:
    """Give an open request to a colleague; False if somebody else has it."""
    free = requests.closed_at.is_(None) & (requests.claimed_by.is_(None) | (requests.claimed_by == staff_id))
    return _won(db, request_id, free, {"status": Status.CLAIMED, "claimed_by": to, "claimed_at": now}, now)


def add_attempt(
    db: Connection, request_id: int, staff_id: int, disposition: Disposition, note: str | None, now: datetime
) -> int:
    """Log one try to call and count it; returns how many there are now."""
    db.execute(
        insert(attempts).values(
            request_id=request_id, staff_id=staff_id, at=now, disposition=disposition, note=note or None
        )
    )
    count = db.scalar(
        update(callback_requests)
        .where(requests.id == request_id)
        .values(attempts=requests.attempts + 1, updated_at=now)
        .returning(requests.attempts)
    )
    return int(count or 0)


def add_note(db: Connection, request_id: int, staff_id: int, body: str, now: datetime) -> None:
    db.execute(insert(notes).values(request_id=request_id, staff_id=staff_id, at=now, body=body))
    db.execute(update(callback_requests).where(requests.id == request_id).values(updated_at=now))


_GET = Prepared(lambda _: select(*_SELECTED).where(requests.id == bindparam("of")))

_OF_PERSON = requests.person_id == bindparam("of")

_OPEN_OF = Prepared(lambda _: select(*_SELECTED).where(_OF_PERSON, requests.closed_at.is_(None)))

_NEWEST_OF = Prepared(
    lambda _: (
        select(*_SELECTED).where(_OF_PERSON).order_by(requests.closed_at.is_not(None), requests.id.desc()).limit(1)
    )
)


def get(db: Connection, request_id: int) -> Request | None:
    row = _GET.first(db, of=request_id)
    return _request(row) if row else None


def open_of(db: Connection, person_id: int) -> Request | None:
    row = _OPEN_OF.first(db, of=person_id)
    return _request(row) if row else None


def newest_of(db: Connection, person_id: int) -> Request | None:
    """Return the person's open request, else their newest; None if they never had one."""
    row = _NEWEST_OF.first(db, of=person_id)
    return _request(row) if row else None


def earlier_of(db: Connection, person_id: int, before: int) -> list[Request]:
    """Return earlier requests of the same person, newest first, at most 50."""
    rows = db.execute(
        select(*_SELECTED)
        .where(requests.person_id == person_id, requests.id != before)
        .order_by(requests.id.desc())
        .limit(50)
    )
    return [_request(row) for row in rows]


_owner = staff.alias("owner")

_seen_by = staff.alias("seen_by")


_same_person = callback_requests.alias("same_person")

_others = (
    select(func.count() - 1)
    .where(_same_person.c.person_id == requests.person_id)
    .correlate(callback_requests)
    .scalar_subquery()
)


def _rows() -> Select[Any]:
    joined = (
        callback_requests.join(people, people.c.id == requests.person_id)
        .outerjoin(_owner, _owner.c.id == requests.claimed_by)
        .outerjoin(_seen_by, _seen_by.c.id == requests.acknowledged_by)
    )
    return select(
        *_SELECTED,
        _owner.c.login.label("owner"),
        _seen_by.c.login.label("seen_by"),
        people.c.phone.label("person_phone"),
        people.c.opted_out_at.label("opted_out_at"),
        people.c.textable,
        people.c.blocked_at,
        people.c.zone,
        _others.label("others"),
    ).select_from(joined)


def _queued(row: Row[Any]) -> Queued:
    return Queued(
        _request(row),
        owner=row.owner,
        acknowledged=row.seen_by,
        person_phone=row.person_phone,
        opted_out=row.opted_out_at is not None,
        textable=row.textable,
        blocked=row.blocked_at is not None,
        zone=row.zone,
        others=row.others,
    )


def queue(db: Connection, limit: int = 1000) -> list[Queued]:
    """Open requests in the order in which they are to be called: priority, then the promise, then age."""
    rows = db.execute(
        _rows()
        .where(requests.closed_at.is_(None))
        .order_by(requests.priority, requests.due_at, requests.created_at)
        .limit(limit)
    )
    return [_queued(row) for row in rows]


def outlines(db: Connection, limit: int = 1000) -> list[Request]:
    """Return requests in brief: without what is encrypted, so name, phone and wish are None."""
    rows = db.execute(
        select(*(requests[name] for name in _PLAIN))
        .where(requests.closed_at.is_(None))
        .order_by(requests.priority, requests.due_at, requests.created_at)
        .limit(limit)
    )
    return [_request(row, _PLAIN) for row in rows]


def count_open(db: Connection) -> int:
    return db.scalar(select(func.count()).where(requests.closed_at.is_(None))) or 0


def unseen_alarms(db: Connection) -> list[int]:
    """Return the references of requests whose alerts go on: nobody has acknowledged them."""
    return list(db.scalars(select(requests.id).where(requests.next_alert_at.is_not(None)).order_by(requests.id)))


def with_ids(db: Connection, ids: Sequence[int]) -> list[Queued]:
    """Return these requests in this order; a reference that does not exist is left out."""
    found = {row.id: _queued(row) for row in db.execute(_rows().where(requests.id.in_(ids)))}
    return [found[wanted] for wanted in ids if wanted in found]


def of_phone(db: Connection, phone: str, limit: int) -> list[int]:
    """Return references, newest first, of whoever wrote or called from this E.164 phone, or is to be called there."""
    known = Keys.phone_hash(phone)
    whose = select(people.c.id).where(people.c.phone_hash == known)
    return list(
        db.scalars(
            select(requests.id)
            .where((requests.phone_hash == known) | requests.person_id.in_(whose))
            .order_by(requests.id.desc())
            .limit(limit)
        )
    )


def names(db: Connection, below: int, limit: int) -> list[tuple[int, str | None]]:
    """Return references under `below` with their names, newest first."""
    rows = db.execute(
        select(requests.id, func.coalesce(requests.name, people.c.name, type_=EncryptedText).label("name"))
        .join(people, people.c.id == requests.person_id)
        .where(requests.id < below)
        .order_by(requests.id.desc())
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def one(db: Connection, request_id: int) -> Queued | None:
    row = db.execute(_rows().where(requests.id == request_id)).first()
    return _queued(row) if row else None


def closed_since(db: Connection, since: datetime, limit: int = 200) -> list[Request]:
    """Return requests closed or cancelled since then, newest first, in brief like `outlines`."""
    rows = db.execute(
        select(*(requests[name] for name in _PLAIN))
        .where(requests.closed_at >= since)
        .order_by(requests.closed_at.desc())
        .limit(limit)
    )
    return [_request(row, _PLAIN) for row in rows]


def attempts_of(db: Connection, request_id: int) -> list[Attempt]:
    rows = db.execute(
        select(attempts, staff.c.login)
        .join(staff, staff.c.id == attempts.c.staff_id)
        .where(attempts.c.request_id == request_id)
        .order_by(attempts.c.id)
    )
    return [Attempt(r.id, r.request_id, r.login, r.at, Disposition(r.disposition), r.note) for r in rows]


def notes_of(db: Connection, request_id: int) -> list[Note]:
    rows = db.execute(
        select(notes, staff.c.login)
        .join(staff, staff.c.id == notes.c.staff_id)
        .where(notes.c.request_id == request_id)
        .order_by(notes.c.id)
    )
    return [Note(r.id, r.request_id, r.login, r.at, r.body) for r in rows]


def to_alert(db: Connection, now: datetime, longest_pause: timedelta, limit: int = 50) -> list[tuple[int, int]]:
    """Open requests whose next round of alerts is due, nobody having acknowledged them; with the rounds so far.

    longest_pause: between two rounds. A round that is farther off was planned before the wall clock was set back; the
    first round never waits.

    Nothing encrypted is read: one row that cannot be read must not keep the others from being alerted.
    """
    rows = db.execute(
        select(requests.id, requests.alert_round)
        .where(requests.next_alert_at.is_not(None))
        .where(
            or_(requests.alert_round == 0, requests.next_alert_at <= now, requests.next_alert_at > now + longest_pause)
        )
        .order_by(requests.next_alert_at)
        .limit(limit)
    )
    return [(row.id, row.alert_round) for row in rows]


def begin_round(db: Connection, request_id: int, after_round: int, next_alert_at: datetime | None) -> bool:
    """Step to the next round of alerts; False if another clock did."""
    won = db.scalar(
        update(callback_requests)
        .where(requests.id == request_id, requests.alert_round == after_round, requests.next_alert_at.is_not(None))
        .values(alert_round=after_round + 1, next_alert_at=next_alert_at)
        .returning(requests.id)
    )
    return won is not None


def fingerprint(db: Connection) -> str:
    """Return a word that changes whenever an open request does, comes or goes: for a cheap "nothing new".

    Read from an index of the open ones alone. Not from times: a transaction that ends late may bring an earlier one.
    """
    counted = select(func.count(), func.sum(requests.id), func.sum(requests.changes))
    return "|".join(map(str, db.execute(counted.where(requests.closed_at.is_(None))).one()))
