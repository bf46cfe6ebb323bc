"""Notices: the texts that we start ourselves, each a row with a due time, a unique key, a lease and a fencing token.

Lock order everywhere: the person, then the request, then the notice.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from triage.model.notice import Due, Kind, Notice, NoticeState, Planned
from triage.store.prepared import Prepared
from triage.store.tables import notices, people, staff

columns = notices.c


# How far the wall clocks of two processes may be apart although nobody has set one of them.
CLOCKS_DIFFER = timedelta(seconds=2)

_NOTICE = tuple(
    columns[name]
    for name in (
        "id",
        "kind",
        "dedupe_key",
        "request_id",
        "person_id",
        "staff_id",
        "state",
        "due_at",
        "expires_at",
        "attempt",
        "why",
        "error_code",
    )
)


def _notice(row: Sequence[Any]) -> Notice:
    """Build a Notice from a row of the `_NOTICE` columns; a column after them is the login of its member of staff."""
    values = dict(zip((*(column.name for column in _NOTICE), "to_staff"), row, strict=False))
    values["kind"], values["state"] = Kind(values["kind"]), NoticeState(values["state"])
    return Notice(**values)


_CHANGING = ("state", "staff_id", "due_at", "expires_at", "body", "updated_at")


def _planned(insert: Callable[..., Any]) -> Any:
    new = insert(notices)
    changing = {name: new.excluded[name] for name in _CHANGING} | {"why": None, "bundled_in": None}
    return new.on_conflict_do_update(
        index_elements=["dedupe_key"], set_=changing, where=columns.state == NoticeState.DROPPED
    )


_PLAN = Prepared(_planned, "kind", "dedupe_key", "request_id", "person_id", "created_at", *_CHANGING)

_OPEN_BATCH = Prepared(
    lambda _: (
        select(columns.due_at)
        .where(
            columns.kind == bindparam("of"), columns.state == NoticeState.PENDING, columns.due_at >= bindparam("since")
        )
        .order_by(columns.due_at)
        .limit(1)
    )
)

_WAITING_OF = Prepared(
    lambda _: select(*_NOTICE).where(columns.request_id == bindparam("of"), columns.state == NoticeState.PENDING)
)


def plan(db: Connection, new: Planned, now: datetime) -> None:
    """Upsert a notice by its dedupe key: one that was dropped unsent is pending again, any other stays as it is."""
    _PLAN.run(
        db,
        kind=new.kind,
        dedupe_key=new.need if new.copy_for is None else f"{new.need}>{new.copy_for}",
        request_id=new.request_id,
        person_id=new.person_id,
        created_at=now,
        state=NoticeState.PENDING,
        staff_id=new.staff_id,
        due_at=new.due_at,
        expires_at=new.expires_at,
        body=new.body,
        updated_at=now,
    )


def open_batch(db: Connection, kind: Kind, now: datetime) -> datetime | None:
    """Return when the next batch of this kind goes out; None if none is being collected."""
    row = _OPEN_BATCH.first(db, of=kind, since=now)
    return row[0] if row else None


def waiting_of(db: Connection, request_id: int) -> list[Notice]:
    """Return the pending notices of a request."""
    return [_notice(row) for row in _WAITING_OF.all(db, of=request_id)]


def of_request(db: Connection, request_id: int) -> list[Notice]:
    """Return every notice of a request, in the order in which they are due."""
    rows = db.execute(
        select(*_NOTICE, staff.c.login)
        .outerjoin(staff, staff.c.id == columns.staff_id)
        .where(columns.request_id == request_id)
        .order_by(columns.due_at, columns.id)
    )
    return [_notice(row) for row in rows]


def _is_due(now: datetime) -> ColumnElement[bool]:
    # An alert whose row was written later than now is from before the wall clock was set back: it is sent at once.
    written_later = (columns.kind == Kind.ALERT) & (columns.updated_at > now + CLOCKS_DIFFER)
    return or_(columns.due_at <= now, written_later)


def due(db: Connection, kinds: Collection[Kind], now: datetime, limit: int) -> list[Due]:
    """Return pending notices whose time has come, longest due first."""
    rows = db.execute(
        select(columns.id, columns.person_id, columns.staff_id)
        .where(columns.state == NoticeState.PENDING, _is_due(now), columns.kind.in_(list(kinds)))
        .order_by(columns.due_at, columns.id)
        .limit(limit)
    )
    return [Due(row.id, row.person_id, row.staff_id) for row in rows]


def get(db: Connection, notice_id: int) -> Notice | None:
    row = db.execute(select(*_NOTICE).where(columns.id == notice_id)).first()
    return _notice(row) if row else None


def in_text(db: Connection, notice_id: int) -> list[Notice]:
    """Return a notice with those that are bundled in its text."""
    return [_notice(row) for row in db.execute(select(*_NOTICE).where(with_bundle(notice_id)).order_by(columns.id))]


def refused_codes(db: Connection, reasons: Collection[str]) -> list[int]:
    """Return the provider's codes for which texts wait that were refused for one of these reasons."""
    waits = (columns.state == NoticeState.PENDING) & columns.why.in_(list(reasons))
    return sorted(code for code in db.scalars(select(columns.error_code).where(waits).distinct()) if code)


def oldest_due(db: Connection, now: datetime) -> datetime | None:
    """Return since when the oldest unsent notice is due; None if none is due."""
    waiting = columns.state.in_((NoticeState.PENDING, NoticeState.CLAIMED))
    oldest: datetime | None = db.scalar(select(func.min(columns.due_at)).where(waiting, columns.due_at <= now))
    return oldest


def lock_due(db: Connection, notice_id: int, now: datetime) -> Notice | None:
    """Lock one due notice for this transaction; None if another clock process has it or had it."""
    row = db.execute(
        select(*_NOTICE)
        .where(columns.id == notice_id, columns.state == NoticeState.PENDING, _is_due(now))
        .with_for_update(skip_locked=True)
    ).first()
    return _notice(row) if row else None


def lock_bundle(db: Connection, kind: Kind, staff_id: int, now: datetime, limit: int) -> list[Notice]:
    """Lock all due notices of a kind to one member of staff for this transaction."""
    rows = db.execute(
        select(*_NOTICE)
        .where(
            columns.kind == kind,
            columns.staff_id == staff_id,
            columns.state == NoticeState.PENDING,
            columns.due_at <= now,
        )
        .order_by(columns.request_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_notice(row) for row in rows]


def body_of(db: Connection, notice_id: int) -> str | None:
    """Return the text of a notice, where it was written when the notice was planned."""
    return db.scalar(select(columns.body).where(columns.id == notice_id))


def with_bundle(notice_id: int) -> ColumnElement[bool]:
    """Match a notice and those that are bundled in its text."""
    return or_(columns.id == notice_id, columns.bundled_in == notice_id)


def address(db: Connection, notice_id: int, staff_id: int, now: datetime) -> None:
    db.execute(update(notices).where(columns.id == notice_id).values(staff_id=staff_id, updated_at=now))


def claim(
    db: Connection, notice: Notice, with_it: Iterable[int], body: str, token: str, lease_until: datetime, now: datetime
) -> Notice:
    """Claim a notice that this transaction has locked, bundle `with_it` in its text, and return it as it is then.

    token: the fencing token by which `finish` and `try_again` know this claim. lease_until: from then on the claim
    counts as lost.
    """
    db.execute(
        update(notices).where(columns.id.in_(list(with_it)), columns.id != notice.id).values(bundled_in=notice.id)
    )
    db.execute(
        update(notices)
        .where(with_bundle(notice.id))
        .values(
            state=NoticeState.CLAIMED, claim_token=token, lease_until=lease_until, attempt=columns.attempt + 1,
            attempted_at=now, body=body, why=None, updated_at=now,
        )
    )  # fmt: skip
    return _notice(db.execute(select(*_NOTICE).where(columns.id == notice.id)).one())


def _is_claimed_with(token: str) -> ColumnElement[bool]:
    return (columns.claim_token == token) & (columns.state == NoticeState.CLAIMED)


def finish(
    db: Connection, notice_id: int, token: str, state: NoticeState, now: datetime, sid: str | None = None,
    why: str | None = None, error_code: int | None = None, look_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Record how a send ended; False if the lease was lost meanwhile, then nothing is changed.

    look_at: when to ask the provider, where the end is unknown.
    """
    ended = db.execute(
        update(notices)
        .where(with_bundle(notice_id), _is_claimed_with(token))
        .values(
            state=state, why=why, error_code=error_code, claim_token=None, lease_until=None, look_at=look_at, looks=0,
            updated_at=now,
        )
    )  # fmt: skip
    if ended.rowcount and sid:
        db.execute(update(notices).where(columns.id == notice_id).values(sid=sid))
    return bool(ended.rowcount)


class Hold(StrEnum):
    """What has become of a claim right before its send."""

    GOOD = "good"
    LATE = "late"  # its lease is over, or another clock has taken it up
    STOPPED = "stopped"  # its person has opted out meanwhile


def hold_of(db: Connection, notice_id: int, token: str, now: datetime) -> Hold:
    """Tell how the claim with this token stands now."""
    row = db.execute(
        select(columns.kind, columns.lease_until, people.c.opted_out_at)
        .outerjoin(people, people.c.id == columns.person_id)
        .where(columns.id == notice_id, _is_claimed_with(token))
    ).first()
    if row is None or row.lease_until <= now:
        return Hold.LATE
    return Hold.STOPPED if row.opted_out_at and row.kind != Kind.LATE_ALARM else Hold.GOOD


def try_again(
    db: Connection, notice_id: int, token: str, due_at: datetime, error_code: int | None, now: datetime,
    why: str | None = None, expires_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Make a notice pending again that was certainly not sent; those of a bundle go on one by one.

    expires_at: where the time until which it is useful moves with it.
    """
    is_held = with_bundle(notice_id) & _is_claimed_with(token)
    return _plan_again(db, is_held, due_at, expires_at, why, error_code, now)


def send_again(
    db: Connection, notice: Notice, due_at: datetime, expires_at: datetime | None, why: str, error_code: int | None,
    now: datetime,
) -> bool:  # fmt: skip
    """Do the same with a notice that was taken and then came back undelivered."""
    is_same_try = with_bundle(notice.id) & (columns.attempt == notice.attempt) & (columns.state == notice.state)
    return _plan_again(db, is_same_try, due_at, expires_at, why, error_code, now)


def _plan_again(
    db: Connection, which: ColumnElement[bool], due_at: datetime, expires_at: datetime | None, why: str | None,
    error_code: int | None, now: datetime,
) -> bool:  # fmt: skip
    expiry = {"expires_at": expires_at} if expires_at else {}
    again = db.execute(
        update(notices)
        .where(which)
        .values(
            state=NoticeState.PENDING, due_at=due_at, error_code=error_code, why=why, claim_token=None,
            lease_until=None, look_at=None, bundled_in=None, updated_at=now, **expiry,
        )
    )  # fmt: skip
    return bool(again.rowcount)


def postpone(
    db: Connection, notice_id: int, due_at: datetime, why: str, now: datetime, expires_at: datetime | None = None
) -> None:
    """Put off a pending notice; `expires_at` where that moves with it."""
    expiry = {"expires_at": expires_at} if expires_at else {}
    db.execute(
        update(notices)
        .where(columns.id == notice_id, columns.state == NoticeState.PENDING)
        .values(due_at=due_at, why=why, updated_at=now, **expiry)
    )


def drop(db: Connection, notice_id: int, why: str, now: datetime) -> None:
    """Drop a pending notice that is no longer needed, or may not go at all."""
    db.execute(
        update(notices)
        .where(columns.id == notice_id, columns.state == NoticeState.PENDING)
        .values(state=NoticeState.DROPPED, why=why, updated_at=now)
    )


def _lease_is_lost(kinds: Collection[Kind], now: datetime, lease: timedelta) -> tuple[ColumnElement[bool], ...]:
    # A lease that ends later than a new one would is from before the wall clock was set back.
    over = or_(columns.lease_until < now, columns.lease_until > now + lease)
    return columns.state == NoticeState.CLAIMED, columns.kind.in_(list(kinds)), over


def lose_leases(db: Connection, kinds: Collection[Kind], lease: timedelta, looks: int, now: datetime) -> list[Notice]:
    """Set claims whose lease ran out to UNKNOWN and return them: never to PENDING, for they may have been sent.

    looks: the number of look-ups at the provider that count as made, since a lost lease has waited long enough.
    """
    lost = db.execute(
        update(notices)
        .where(*_lease_is_lost(kinds, now, lease))
        .values(
            state=NoticeState.UNKNOWN, why="lease_lost", claim_token=None, lease_until=None, look_at=now, looks=looks,
            updated_at=now,
        )
        .returning(*_NOTICE)
    )  # fmt: skip
    return [_notice(row) for row in lost]


def any_lease_lost(db: Connection, kinds: Collection[Kind], lease: timedelta, now: datetime) -> bool:
    """Tell whether `lose_leases` would find a claim; only reads."""
    return db.scalar(select(columns.id).where(*_lease_is_lost(kinds, now, lease)).limit(1)) is not None
