"""Call-back requests: the queue, and changes of status as conditional updates that decide a race."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, exists, func, insert, literal, or_, select, update

from triage.model.call import Purpose
from triage.model.phone import parted
from triage.model.request import (
    WITHOUT_CONTACT,
    Attempt,
    Disposition,
    Flag,
    Note,
    Priority,
    Queued,
    Request,
    RequestValues,
    Status,
)  # fmt: skip
from triage.store.conditional import update_if
from triage.store.keys import Keys
from triage.store.prepared import Prepared
from triage.store.tables import attempts, callback_requests, legs, notes, people, staff

# Legs in which staff are on the phone with the person, or about to be.
_TALKS = (Purpose.PATIENT, Purpose.VOICEMAIL, Purpose.CALLER)

columns = callback_requests.c

# The extension is kept with the phone, in one column.
_COLUMNS = tuple(f.name for f in fields(Request) if f.name != "extension")

_SELECTED = tuple(columns[name] for name in _COLUMNS)

_ENCRYPTED = ("name", "phone", "wish")

_PLAIN = tuple(name for name in _COLUMNS if name not in _ENCRYPTED)


def _request(row: Sequence[Any], names: tuple[str, ...] = _COLUMNS) -> Request:
    """Build a Request from a row that begins with the columns `names`; without a column, the field's default."""
    values = dict(zip(names, row, strict=False))
    values["status"] = Status(values["status"])
    values["flags"] = frozenset(Flag(flag) for flag in values["flags"])
    values["outcome"] = Disposition(values["outcome"]) if values["outcome"] else None
    values |= {name: values.get(name) or None for name in _ENCRYPTED}  # "": it cannot be read
    if values["phone"]:
        values["phone"], values["extension"] = parted(values["phone"])
    return Request(**values)


def create(db: Connection, new: RequestValues, now: datetime) -> int:
    """Insert a queued request and return its id. Raises IntegrityError if the person already has an open one."""
    values = {"flags": [], "alarmed_at": now if new.priority.pages else None} | _bound(new.values)
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
    row = _insert_of(tuple(values)).first(db, **values)
    assert row is not None
    return int(row[0])


@cache
def _insert_of(written: tuple[str, ...]) -> Prepared:
    return Prepared(lambda insert: insert(callback_requests).returning(columns.id), *written)


def change(db: Connection, request_id: int, values: dict[str, Any], now: datetime) -> None:
    """Change what is known of a request, whatever its status."""
    bound = _bound(values) | {"updated_at": now}
    _update_of(tuple(bound)).run(db, of=request_id, **bound)


@cache
def _update_of(written: tuple[str, ...]) -> Prepared:
    return Prepared(lambda _: update(callback_requests).where(columns.id == bindparam("of")), *written)


def raise_unopened(db: Connection, person_id: int, priority: Priority, channel: str, lang: str, now: datetime) -> int:
    """Make a request that somebody reads, or add to the open one, alerts with it where the priority has them.

    Nothing is read of the open one but its flags; where those cannot be read, they begin anew.
    """
    is_open = (columns.person_id == person_id) & columns.closed_at.is_(None)
    request_id = db.scalar(select(columns.id).where(is_open).with_for_update())
    alerts: dict[str, Any] = {}
    if priority.pages:
        alerts = {
            "acknowledged_by": None, "acknowledged_at": None, "alert_round": 0, "next_alert_at": now,
            "uncalled_at": None, "spoken_at": None, "alarmed_at": now,
        }  # fmt: skip
    added = {Flag.TROUBLE, Flag.NEEDS_PERSON}
    if request_id is None:
        made = create(db, RequestValues(person_id, priority, channel, lang, now, {"flags": added}), now)
        db.execute(update(callback_requests).where(columns.id == made).values(**alerts, updated_at=now))
        return made
    try:
        known = set(db.scalar(select(columns.flags).where(columns.id == request_id)) or ())
    except (ValueError, TypeError):
        known = set()
    values = {"flags": sorted(known | added), "updated_at": now, **alerts}
    raised = case((columns.priority > priority, literal(priority, columns.priority.type)), else_=columns.priority)
    db.execute(update(callback_requests).where(columns.id == request_id).values(priority=raised, **values))
    return int(request_id)


def change_open(db: Connection, request_id: int, values: dict[str, Any], now: datetime) -> bool:
    """Change what is known of a request only while it is open; False if somebody closed it meanwhile."""
    return _change_if(db, request_id, columns.closed_at.is_(None), values, now)


def add_flag(db: Connection, request_id: int, flag: Flag, now: datetime) -> None:
    """Add a flag to an open request, its row locked: others that are added at the same time stay."""
    is_open = (columns.id == request_id) & columns.closed_at.is_(None)
    row = db.execute(select(columns.flags).where(is_open).with_for_update()).first()
    if row is not None and flag not in row.flags:
        change(db, request_id, {"flags": {*row.flags, flag}}, now)


def drop_flag(db: Connection, request_id: int, flag: Flag, now: datetime) -> bool:
    """Take a flag from an open request, its row locked; False where it is not there."""
    is_open = (columns.id == request_id) & columns.closed_at.is_(None)
    row = db.execute(select(columns.flags).where(is_open).with_for_update()).first()
    if row is None or flag not in row.flags:
        return False
    change(db, request_id, {"flags": set(row.flags) - {flag}}, now)
    return True


def _bound(values: dict[str, Any]) -> dict[str, Any]:
    """Convert values to what the columns take: flags as a sorted list, a phone together with its hash.

    Another name or phone is found by other words from now on.
    """
    bound = dict(values)
    if "flags" in bound:
        bound["flags"] = sorted(bound["flags"])
    if "phone" in bound or "name" in bound:
        bound["to_index"] = True
    if "phone" in bound:
        bound["phone_hash"] = Keys.phone_hash(parted(bound["phone"])[0]) if bound["phone"] else None
    return bound


def _change_if(db: Connection, request_id: int, condition: Any, values: dict[str, Any], now: datetime) -> bool:
    return update_if(db, callback_requests, request_id, condition, {**_bound(values), "updated_at": now})


def claim(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Take a queued request for one member of staff; False if somebody else was first."""
    values = {"status": Status.CLAIMED, "claimed_by": staff_id, "claimed_at": now}
    return _change_if(db, request_id, columns.status == Status.QUEUED, values, now)


def release(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Give a claimed request back; False if this member of staff does not have it."""
    mine = (columns.status == Status.CLAIMED) & (columns.claimed_by == staff_id)
    return _change_if(db, request_id, mine, {"status": Status.QUEUED, "claimed_by": None, "claimed_at": None}, now)


def acknowledge(db: Connection, request_id: int, staff_id: int, now: datetime) -> bool:
    """Record that somebody has seen it, which ends its alerts; False if somebody else was first or it is closed."""
    unseen = columns.acknowledged_at.is_(None) & columns.closed_at.is_(None)
    values = {"acknowledged_by": staff_id, "acknowledged_at": now, "next_alert_at": None, "uncalled_at": None}
    return _change_if(db, request_id, unseen, values, now)


def close(db: Connection, request_id: int, staff_id: int, outcome: Disposition, now: datetime) -> bool:
    """End an open request with an outcome; False if it was closed already."""
    values = {
        "status": Status.DONE,
        "closed_at": now,
        "closed_by": staff_id,
        "outcome": outcome,
        "next_alert_at": None,
        "wrote_at": None,
    }
    return _change_if(db, request_id, columns.closed_at.is_(None), values, now)


def cancel(db: Connection, request_id: int, now: datetime, staff_id: int | None = None) -> bool:
    """Cancel an open request: the patient did (no `staff_id`), or staff for them. False if it was closed already."""
    values = {
        "status": Status.CANCELLED, "closed_at": now, "closed_by": staff_id, "next_alert_at": None, "wrote_at": None,
    }  # fmt: skip
    return _change_if(db, request_id, columns.closed_at.is_(None), values, now)


def reopen(db: Connection, request_id: int, now: datetime) -> bool:
    """Put a closed request back into the queue, unclaimed; False if it is open."""
    values = {
        "status": Status.QUEUED,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
        "claimed_by": None,
        "claimed_at": None,
        "spoken_at": None,
    }
    return _change_if(db, request_id, columns.closed_at.is_not(None), values, now)


def hand_over(db: Connection, request_id: int, staff_id: int, to: int, now: datetime) -> bool:
    """Give an open request to a colleague; False if somebody else has it, or it is closed."""
    free = columns.closed_at.is_(None) & (columns.claimed_by.is_(None) | (columns.claimed_by == staff_id))
    return _change_if(db, request_id, free, {"status": Status.CLAIMED, "claimed_by": to, "claimed_at": now}, now)


def add_attempt(
    db: Connection,
    request_id: int,
    staff_id: int,
    disposition: Disposition,
    note: str | None,
    now: datetime,
    talked_on: int | None = None,
) -> int:
    """Log one try to call and count it; returns how many there are now.

    talked_on: the leg of a talk that the line saw; how it ended is told later.
    """
    db.execute(
        insert(attempts).values(
            request_id=request_id, staff_id=staff_id, at=now, disposition=disposition, note=note or None,
            leg_id=talked_on, awaits_outcome=talked_on is not None,
        )
    )  # fmt: skip
    count = db.scalar(
        update(callback_requests)
        .where(columns.id == request_id)
        .values(attempts=columns.attempts + 1, updated_at=now)
        .returning(columns.attempts)
    )
    return int(count or 0)


def tries_since(db: Connection, request_id: int, since: datetime | None) -> int:
    """Return how often it was tried to call since then, or at all."""
    tried = (attempts.c.request_id == request_id) & (attempts.c.at >= since if since else True)
    return db.scalar(select(func.count()).where(tried)) or 0


def tell_outcome(db: Connection, request_id: int, staff_id: int, disposition: Disposition, note: str | None) -> bool:
    """Complete the talk that the line logged for a member of staff with how it ended.

    False if none awaits that, or if somebody has tried to call since.
    """
    awaiting = awaiting_outcome(db, request_id, staff_id)
    if awaiting is None:
        return False
    values = {"disposition": disposition, "awaits_outcome": False, "note": note or None}
    db.execute(update(attempts).where(attempts.c.id == awaiting.id).values(**values))
    return True


def awaiting_outcome(db: Connection, request_id: int, staff_id: int) -> Attempt | None:
    """Return the last try for a request if it is a talk of this member of staff whose outcome they have yet to tell."""
    of_request = attempts.c.request_id == request_id
    row = db.execute(_ATTEMPTS.where(of_request).order_by(attempts.c.id.desc()).limit(1)).first()
    return _attempt(row) if row and row.awaits_outcome and row.staff_id == staff_id else None


def settle_outcomes(db: Connection, request_id: int) -> None:
    """Await the outcome of no talk about this request any more: it is closed."""
    of_request = attempts.c.request_id == request_id
    db.execute(update(attempts).where(of_request, attempts.c.awaits_outcome).values(awaits_outcome=False))


def add_note(db: Connection, request_id: int, staff_id: int, body: str, now: datetime) -> None:
    db.execute(insert(notes).values(request_id=request_id, staff_id=staff_id, at=now, body=body))
    db.execute(update(callback_requests).where(columns.id == request_id).values(updated_at=now))


_GET = Prepared(lambda _: select(*_SELECTED).where(columns.id == bindparam("of")))

_OF_PERSON = columns.person_id == bindparam("of")

_OPEN_OF = Prepared(lambda _: select(*_SELECTED).where(_OF_PERSON, columns.closed_at.is_(None)))

_NEWEST_OF = Prepared(
    lambda _: select(*_SELECTED).where(_OF_PERSON).order_by(columns.closed_at.is_not(None), columns.id.desc()).limit(1)
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


def earlier_of(db: Connection, *person_ids: int, before: int) -> list[Request]:
    """Return earlier requests of the same person, who may have several phones, newest first, at most 50."""
    rows = db.execute(
        select(*_SELECTED)
        .where(columns.person_id.in_(person_ids), columns.id != before)
        .order_by(columns.id.desc())
        .limit(50)
    )
    return [_request(row) for row in rows]


_owner = staff.alias("owner")

_seen_by = staff.alias("seen_by")


_same_person = callback_requests.alias("same_person")

# Counted no further than this: whoever has a long past must not make each page slower.
MOST_OTHERS = 10

_other_requests = (
    select(func.count() - 1)
    .select_from(
        select(_same_person.c.id)
        .where(_same_person.c.person_id == columns.person_id)
        .limit(MOST_OTHERS + 1)
        .correlate(callback_requests)
        .subquery()
    )
    .correlate(callback_requests)
    .scalar_subquery()
)


def _select_queued() -> Select[Any]:
    joined = (
        callback_requests.join(people, people.c.id == columns.person_id)
        .outerjoin(_owner, _owner.c.id == columns.claimed_by)
        .outerjoin(_seen_by, _seen_by.c.id == columns.acknowledged_by)
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
        _other_requests.label("others"),
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
    """Return open requests in the order in which they are to be called: priority, then due time, then age; of crises
    first those that nobody has seen, then those that nobody has spoken to.
    """
    rows = db.execute(
        _select_queued()
        .where(columns.closed_at.is_(None))
        .order_by(columns.priority, columns.due_at, columns.created_at)
        .limit(limit)
    )
    return sorted((_queued(row) for row in rows), key=lambda one: one.request.calls_first)


def in_hands_of(db: Connection, staff_id: int) -> list[Request]:
    """Return the open requests that somebody has taken, or a crisis that they have acknowledged."""
    grave = columns.priority.in_([priority for priority in Priority if priority.pages])
    has_it = (columns.claimed_by == staff_id) | (grave & (columns.acknowledged_by == staff_id))
    rows = db.execute(select(*_SELECTED).where(columns.closed_at.is_(None), has_it).order_by(columns.id))
    return [_request(row) for row in rows]


def outlines(db: Connection, limit: int = 1000) -> list[Request]:
    """Return open requests in the order of the queue, without encrypted columns: name, phone and wish are None."""
    rows = db.execute(
        select(*(columns[name] for name in _PLAIN))
        .where(columns.closed_at.is_(None))
        .order_by(columns.priority, columns.due_at, columns.created_at)
        .limit(limit)
    )
    return sorted((_request(row, _PLAIN) for row in rows), key=lambda one: one.calls_first)


def count_open(db: Connection) -> int:
    return db.scalar(select(func.count()).where(columns.closed_at.is_(None))) or 0


def unseen_alarms(db: Connection) -> list[int]:
    """Return the ids of requests whose alerts go on: nobody has acknowledged them."""
    return list(db.scalars(select(columns.id).where(columns.next_alert_at.is_not(None)).order_by(columns.id)))


def with_ids(db: Connection, ids: Sequence[int]) -> list[Queued]:
    """Return these requests in this order; an id that does not exist is left out."""
    found = {row.id: _queued(row) for row in db.execute(_select_queued().where(columns.id.in_(ids)))}
    return [found[wanted] for wanted in ids if wanted in found]


def one(db: Connection, request_id: int) -> Queued | None:
    row = db.execute(_select_queued().where(columns.id == request_id)).first()
    return _queued(row) if row else None


def closed_since(db: Connection, since: datetime, limit: int = 200) -> list[Request]:
    """Return requests closed or cancelled since then, newest first, without encrypted columns like `outlines`."""
    rows = db.execute(
        select(*(columns[name] for name in _PLAIN))
        .where(columns.closed_at >= since)
        .order_by(columns.closed_at.desc())
        .limit(limit)
    )
    return [_request(row, _PLAIN) for row in rows]


def attempts_of(db: Connection, request_id: int) -> list[Attempt]:
    rows = db.execute(_ATTEMPTS.where(attempts.c.request_id == request_id).order_by(attempts.c.id))
    return [_attempt(row) for row in rows]


_ATTEMPTS = (
    select(attempts, staff.c.login, legs.c.duration_s)
    .join(staff, staff.c.id == attempts.c.staff_id)
    .outerjoin(legs, legs.c.id == attempts.c.leg_id)
)


def _attempt(row: Any) -> Attempt:
    return Attempt(
        row.id, row.request_id, row.login, row.at, Disposition(row.disposition), row.note or None, row.duration_s,
        row.awaits_outcome,
    )  # fmt: skip


def notes_of(db: Connection, request_id: int) -> list[Note]:
    rows = db.execute(
        select(notes, staff.c.login)
        .join(staff, staff.c.id == notes.c.staff_id)
        .where(notes.c.request_id == request_id)
        .order_by(notes.c.id)
    )
    return [Note(r.id, r.request_id, r.login, r.at, r.body) for r in rows]


def to_alert(db: Connection, now: datetime, longest_pause: timedelta, limit: int = 50) -> list[tuple[int, int]]:
    """Return the ids of requests whose next round of alerts is due, each with the number of rounds so far.

    longest_pause: between two rounds. A round planned farther ahead is from before the wall clock was set back, so it
    is due as well; the first round is due at once.

    No encrypted column is read: one row that no key opens must not keep the others from being alerted.
    """
    rows = db.execute(
        select(columns.id, columns.alert_round)
        .where(columns.next_alert_at.is_not(None))
        .where(or_(columns.alert_round == 0, columns.next_alert_at <= now, columns.next_alert_at > now + longest_pause))
        .order_by(columns.next_alert_at)
        .limit(limit)
    )
    return [(row.id, row.alert_round) for row in rows]


def uncalled(db: Connection, now: datetime, wait: timedelta, limit: int = 50) -> list[int]:
    """Return the ids of crises and emergencies that were acknowledged more than `wait` ago and that nobody has called.

    After a try without contact the wait begins when the next one is due. Whoever is being called, or was connected, is
    called; so is who was spoken to. A time later than a new one could be is from before the wall clock was set back.
    """
    is_next_try = (columns.attempts > 0) & (columns.due_at > columns.acknowledged_at)
    since = case((is_next_try, columns.due_at), else_=columns.acknowledged_at)
    tried = attempts.c.request_id == columns.id
    was_called = or_(
        exists().where(tried, attempts.c.at >= since),
        exists().where(tried, attempts.c.at >= columns.acknowledged_at, attempts.c.disposition.not_in(WITHOUT_CONTACT)),
        exists().where(legs.c.request_id == columns.id, legs.c.purpose == Purpose.PATIENT, legs.c.created_at >= since),
        exists().where(legs.c.request_id == columns.id, legs.c.purpose.in_(_TALKS), legs.c.ended_at.is_(None)),
        exists().where(
            legs.c.request_id == columns.id,
            legs.c.purpose == Purpose.CALLER,
            legs.c.accepted_at >= columns.acknowledged_at,
        ),
    )
    is_over = or_(since < now - wait, columns.acknowledged_at > now + wait)
    grave = columns.priority.in_([priority for priority in Priority if priority.pages])
    rows = db.scalars(
        select(columns.id)
        .where(columns.closed_at.is_(None), grave, columns.next_alert_at.is_(None), is_over, ~was_called)
        .order_by(columns.id)
        .limit(limit)
    )
    return list(rows)


def alert_anew(db: Connection, request_id: int, after_round: int, now: datetime) -> int | None:
    """Begin the alerts of an acknowledged request anew, in nobody's hands; returns who had acknowledged it.

    None, and nothing is changed, if somebody has acted on it meanwhile.
    """
    row = db.execute(
        select(columns.acknowledged_by)
        .where(columns.id == request_id, columns.closed_at.is_(None), columns.acknowledged_at.is_not(None))
        .with_for_update()
    ).first()
    if row is None:
        return None
    values = {
        "status": Status.QUEUED, "claimed_by": None, "claimed_at": None, "acknowledged_by": None,
        "acknowledged_at": None, "alert_round": after_round, "next_alert_at": now, "uncalled_at": now,
    }  # fmt: skip
    change(db, request_id, values, now)
    return int(row.acknowledged_by)


def begin_round(db: Connection, request_id: int, after_round: int, next_alert_at: datetime | None) -> bool:
    """Count a round of alerts as begun and set when the next is due; False if another clock process did."""
    still_due = (columns.alert_round == after_round) & columns.next_alert_at.is_not(None)
    values = {"alert_round": after_round + 1, "next_alert_at": next_alert_at}
    return update_if(db, callback_requests, request_id, still_due, values)


def fingerprint(db: Connection) -> str:
    """Return a string that changes whenever an open request is changed, made or closed: for a cheap "nothing new".

    Read from the partial index of open requests alone. Not from `updated_at`: a transaction that commits late may bring
    an earlier time.
    """
    counted = select(func.count(), func.sum(columns.id), func.sum(columns.changes))
    return "|".join(map(str, db.execute(counted.where(columns.closed_at.is_(None))).one()))
