"""Legs: the phones that we ring, each a row with its purpose, what was reported of it and whether a key was pressed.

Lock order: the person, then the leg, then the request.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from triage.model.call import Leg, LegState, Purpose, Wanted
from triage.store.conditional import insert_once, update_if
from triage.store.tables import attempts, legs, staff

columns = legs.c


_LEG = tuple(columns[f.name] for f in fields(Leg) if f.name != "login")


def _leg(row: Any) -> Leg:
    values = dict(row._mapping)
    return Leg(**values | {"purpose": Purpose(values["purpose"]), "state": LegState(values["state"])})


def plan(db: Connection, wanted: Wanted, now: datetime) -> Leg:
    """Return the leg of this key, made if it is new.

    Raises IntegrityError if another leg is calling the same person back.
    """
    values = {
        "purpose": wanted.purpose, "dedupe_key": wanted.key, "request_id": wanted.request_id,
        "person_id": wanted.person_id, "staff_id": wanted.staff_id, "dialled_by": wanted.dialled_by,
        "state": wanted.state, "due_at": wanted.due_at, "expires_at": wanted.expires_at,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
    insert_once(db, legs, ("dedupe_key",), values)
    return _leg(db.execute(select(*_LEG).where(columns.dedupe_key == wanted.key)).one())


def get(db: Connection, leg_id: int) -> Leg | None:
    row = db.execute(select(*_LEG).where(columns.id == leg_id)).first()
    return _leg(row) if row else None


def lock(db: Connection, leg_id: int) -> Leg | None:
    """Return one leg, held for this transaction."""
    row = db.execute(select(*_LEG).where(columns.id == leg_id).with_for_update()).first()
    return _leg(row) if row else None


def awaiting_wrap_up(db: Connection, request_id: int, staff_id: int) -> Leg | None:
    """Return the newest talk of a member of staff about a request that is over, and of which they have yet to tell how
    it ended.
    """
    row = db.execute(
        select(*_LEG)
        .join(attempts, attempts.c.leg_id == columns.id)
        .where(attempts.c.request_id == request_id, attempts.c.staff_id == staff_id)
        .where(attempts.c.awaits_outcome, columns.ended_at.is_not(None))
        .order_by(columns.id.desc())
        .limit(1)
    ).first()
    return _leg(row) if row else None


def of_dial(db: Connection, dialled_by: str) -> list[Leg]:
    """Return the legs that one leg or one caller's turn rings, in their order, held for this transaction."""
    rows = db.execute(select(*_LEG).where(columns.dialled_by == dialled_by).order_by(columns.id).with_for_update())
    return [_leg(row) for row in rows]


def of_request(db: Connection, request_id: int) -> list[Leg]:
    """Return every leg of a request that was rung, newest first, with the login of whose phone it is."""
    not_rung = columns.status == "failed"
    rows = db.execute(
        select(*_LEG, staff.c.login)
        .outerjoin(staff, staff.c.id == columns.staff_id)
        .where(columns.request_id == request_id, or_(columns.sid.is_not(None), columns.ended_at.is_(None), not_rung))
        .order_by(columns.id.desc())
        .limit(50)
    )
    return [_leg(row) for row in rows]


def open_of_person(db: Connection, person_id: int) -> list[Leg]:
    """Return the legs of a person that have not ended: planned, ringing or in a call."""
    rows = db.execute(select(*_LEG).where(columns.person_id == person_id, columns.ended_at.is_(None)))
    return [_leg(row) for row in rows]


def end_of_call(db: Connection, call_sid: str, now: datetime) -> list[Leg]:
    """End what still rings for a caller's call, which is over, and return its legs: no more may be heard of them."""
    of_call = columns.dialled_by.startswith(f"{call_sid}:", autoescape=True)
    _end(db, of_call, now)
    return [_leg(row) for row in db.execute(select(*_LEG).where(of_call))]


def end_of_dial(db: Connection, dialled_by: str, now: datetime) -> None:
    """End what one turn of a caller has rung: its Dial is over, whatever each phone has reported."""
    _end(db, columns.dialled_by == dialled_by, now)


def _end(db: Connection, which: ColumnElement[bool], now: datetime) -> None:
    picked_up = columns.status == "in-progress"
    ended = {"state": LegState.ENDED, "ended_at": now, "updated_at": now}
    is_open = which & columns.ended_at.is_(None)
    db.execute(update(legs).where(is_open, picked_up).values(status="completed", **ended))
    db.execute(update(legs).where(is_open).values(status="canceled", **ended))


def due(db: Connection, purposes: tuple[Purpose, ...], now: datetime, limit: int = 20) -> list[int]:
    """Return the ids of planned legs that are due, longest due first."""
    return list(
        db.scalars(
            select(columns.id)
            .where(columns.state == LegState.PLANNED, columns.due_at <= now, columns.purpose.in_(purposes))
            .order_by(columns.due_at, columns.id)
            .limit(limit)
        )
    )


def silent(db: Connection, since: datetime, awaited: Purpose, in_doubt_since: datetime, limit: int = 20) -> list[Leg]:
    """Return placed legs of which nothing has been heard since then, the longest silent first.

    Of the purpose that somebody waits for, also those that nobody can say were rung, from `in_doubt_since` on.
    """
    in_doubt = columns.sid.is_(None) & (columns.purpose == awaited) & (columns.updated_at < in_doubt_since)
    rows = db.execute(
        select(*_LEG)
        .where(columns.state == LegState.PLACED, or_(columns.updated_at < since, in_doubt))
        .order_by(columns.updated_at)
        .limit(limit)
    )
    return [_leg(row) for row in rows]


def known_sids(db: Connection, sids: list[str]) -> set[str]:
    """Return which of these SIDs belong to a leg."""
    return set(db.scalars(select(columns.sid).where(columns.sid.in_(sids))))


def move(db: Connection, leg_id: int, from_state: LegState, values: Mapping[str, Any], now: datetime) -> bool:
    """Change a leg that is still in that state; False if it has gone on."""
    return update_if(db, legs, leg_id, columns.state == from_state, {**values, "updated_at": now})


def change(db: Connection, leg_id: int, values: Mapping[str, Any], now: datetime) -> None:
    db.execute(update(legs).where(columns.id == leg_id).values(**values, updated_at=now))


def bind(db: Connection, leg: Leg, sid: str, now: datetime) -> bool:
    """Store the CallSid of a leg; False if it has another one, or another leg has this one."""
    if leg.sid == sid:
        return True
    if leg.sid is not None or known_sids(db, [sid]):
        return False
    change(db, leg.id, {"sid": sid}, now)
    return True


def accept(db: Connection, leg_id: int, now: datetime) -> None:
    """Record that a key was pressed, or somebody was joined; the first time counts."""
    db.execute(update(legs).where(columns.id == leg_id, columns.accepted_at.is_(None)).values(accepted_at=now))


def mark_logged(db: Connection, leg_id: int, now: datetime) -> bool:
    """Claim the logging of the attempt that this leg was: True for the first who asks, False ever after."""
    return update_if(db, legs, leg_id, columns.logged_at.is_(None), {"logged_at": now})
