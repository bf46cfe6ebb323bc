"""After a restore: what waited to be sent when the backup was taken is held, compared with the provider, released.

What waits is marked row by row, so that no clock has to ask: it sends what is pending, and this is not. What is planned
afterwards is pending as ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from triage.model.call import LegState
from triage.model.notice import Kind, NoticeState
from triage.model.request import Priority
from triage.store import audit
from triage.store.notices import with_bundle
from triage.store.tables import callback_requests, clocks, legs, notices, outbox_holds, people, staff

columns = notices.c
_hold = outbox_holds.c

_WAITS = (NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN)

# Why a call has ended that was planned or rung when the backup was taken.
RESTORED = "restored"


@dataclass(frozen=True)
class Hold:
    """Times are aware UTC. taken_at: of the backup; what went out later is not in it.

    listed_at: when what is held was last compared with the provider's list, None if never. marked: notices that turned
    out to have been sent.
    """

    id: int
    taken_at: datetime
    held_at: datetime
    listed_at: datetime | None
    marked: int


@dataclass(frozen=True)
class Held:
    """A notice that is held. `phone`: of its person or member of staff, None while it is open to whom it goes.

    `body`: where it was written when it was planned, or first tried.
    """

    id: int
    kind: Kind
    request_id: int | None
    person_id: int | None
    attempt: int
    body: str | None
    phone: str | None

    @property
    def ref(self) -> str:
        """Return the name of its last attempt at the provider, as `Notice.ref` does."""
        return f"n{self.id}.{self.attempt}"


def current(db: Connection) -> Hold | None:
    """Return the hold that nobody has released yet; None if the outbox is free."""
    row = db.execute(
        select(_hold.id, _hold.taken_at, _hold.held_at, _hold.listed_at, _hold.marked)
        .where(_hold.released_at.is_(None))
        .order_by(_hold.id)
        .limit(1)
    ).first()
    return Hold(*row) if row else None


def hold(db: Connection, taken_at: datetime, now: datetime) -> int:
    """Hold what waits to be sent, end calls that wait or ring, and stop rounds of alerts; returns how many notices.

    An open crisis is alerted again when its person writes or calls, and when the outbox is released.
    """
    held = db.execute(
        update(notices)
        .where(columns.state.in_(_WAITS))
        .values(state=NoticeState.HELD, claim_token=None, lease_until=None, look_at=None, why=None, updated_at=now)
    ).rowcount
    db.execute(
        update(legs)
        .where(legs.c.ended_at.is_(None))
        .values(state=LegState.ENDED, ended_at=now, why=RESTORED, updated_at=now)
    )
    db.execute(
        update(callback_requests).where(callback_requests.c.next_alert_at.is_not(None)).values(next_alert_at=None)
    )
    if current(db) is None:
        db.execute(insert(outbox_holds).values(taken_at=taken_at, held_at=now))
    audit.record(db, "outbox_hold", now, detail={"notices": held})
    return held


def last_written(db: Connection) -> datetime | None:
    """Return the newest time that clocks and notices tell: no later than a backup was taken. None if all is empty."""
    times = [db.scalar(select(func.max(column))) for column in (clocks.c.seen_at, columns.updated_at)]
    return max((at for at in times if at), default=None)


def held(db: Connection, due_before: datetime) -> list[Held]:
    """Return what is held and was due by then, longest due first; what is bundled in another text is left out."""
    rows = db.execute(
        select(
            columns.id, columns.kind, columns.request_id, columns.person_id, columns.attempt, columns.body,
            people.c.phone.label("person_phone"), staff.c.phone.label("staff_phone"),
        )
        .outerjoin(people, people.c.id == columns.person_id)
        .outerjoin(staff, staff.c.id == columns.staff_id)
        .where(columns.state == NoticeState.HELD, columns.due_at <= due_before, columns.bundled_in.is_(None))
        .order_by(columns.due_at, columns.id)
    )  # fmt: skip
    return [
        Held(
            row.id, Kind(row.kind), row.request_id, row.person_id, row.attempt, row.body,
            row.person_phone or row.staff_phone,
        )
        for row in rows
    ]  # fmt: skip


def went_out(db: Connection, notice: Held, sid: str | None, attempt: int, body: str, now: datetime) -> bool:
    """Record that the provider has the text of this attempt; False if a receipt was quicker.

    sid: None for a notice that travelled in the text of another.
    """
    ended = db.execute(
        update(notices)
        .where(with_bundle(notice.id), columns.state == NoticeState.HELD)
        .values(state=NoticeState.SENT, why=None, attempt=attempt, body=body, updated_at=now)
    )
    if ended.rowcount and sid:
        db.execute(update(notices).where(columns.id == notice.id).values(sid=sid))
    return bool(ended.rowcount)


def compared(db: Connection, hold_id: int, marked: int, now: datetime) -> None:
    """Record that the provider gave its list, and how many notices were on it."""
    db.execute(update(outbox_holds).where(_hold.id == hold_id).values(listed_at=now, marked=_hold.marked + marked))


def release(db: Connection, now: datetime) -> Mapping[str, int]:
    """Let go what is held: what has expired is dropped, the rest is pending again, open crises are alerted anew.

    Returns how many notices are "expired" and "released".
    """
    is_held = columns.state == NoticeState.HELD
    expired = db.execute(
        update(notices)
        .where(is_held, columns.expires_at <= now)
        .values(state=NoticeState.DROPPED, why="expired", updated_at=now)
    ).rowcount
    released = db.execute(
        update(notices).where(is_held).values(state=NoticeState.PENDING, bundled_in=None, updated_at=now)
    ).rowcount
    request = callback_requests.c
    unseen = request.closed_at.is_(None) & request.acknowledged_at.is_(None) & request.next_alert_at.is_(None)
    db.execute(
        update(callback_requests)
        .where(unseen, request.priority.in_([priority for priority in Priority if priority.pages]))
        .values(alert_round=0, next_alert_at=now, updated_at=now)
    )
    db.execute(update(outbox_holds).where(_hold.released_at.is_(None)).values(released_at=now))
    return {"expired": expired, "released": released}
