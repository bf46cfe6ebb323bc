"""Notices whose send had no clear end: when the provider is asked next, and what its answer changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from triage.model.notice import Kind, NoticeState
from triage.store.notices import with_bundle
from triage.store.tables import messages, notices, people, staff

columns = notices.c


@dataclass(frozen=True)
class Unsettled:
    """A notice that may or may not have gone out. `to`: the phone it went to; `looks`: look-ups, with this one."""

    id: int
    kind: Kind
    request_id: int | None
    attempt: int
    to: str
    body: str
    attempted_at: datetime
    looks: int
    expires_at: datetime | None

    @property
    def ref(self) -> str:
        """Return the name of this attempt at the provider, as `Notice.ref` does."""
        return f"n{self.id}.{self.attempt}"


def due(db: Connection, kinds: Collection[Kind], now: datetime, limit: int) -> list[int]:
    """Return the ids of notices that the provider is to be asked about now, longest due first."""
    rows = db.execute(
        select(columns.id)
        .where(columns.look_at <= now, columns.kind.in_(list(kinds)), columns.bundled_in.is_(None))
        .order_by(columns.look_at)
        .limit(limit)
    )
    return [row.id for row in rows]


def begin_look(db: Connection, notice_id: int, now: datetime, again_at: datetime) -> Unsettled | None:
    """Take the look-up that is due, so that no other clock process makes it too.

    again_at: when it is due again should this process die. Returns None if another clock process was first, or a
    receipt has settled the notice meanwhile.
    """
    won = db.execute(
        update(notices)
        .where(columns.id == notice_id, columns.state == NoticeState.UNKNOWN, columns.look_at <= now)
        .values(look_at=again_at, looks=columns.looks + 1)
    )
    if not won.rowcount:
        return None
    row = db.execute(
        select(
            columns.id, columns.kind, columns.request_id, columns.attempt, columns.body, columns.attempted_at,
            columns.looks, columns.expires_at, people.c.phone.label("person_phone"), staff.c.phone.label("staff_phone"),
        )
        .outerjoin(people, people.c.id == columns.person_id)
        .outerjoin(staff, staff.c.id == columns.staff_id)
        .where(columns.id == notice_id)
    ).one()  # fmt: skip
    to = row.person_phone or row.staff_phone or ""
    return Unsettled(
        row.id, Kind(row.kind), row.request_id, row.attempt, to, row.body or "", row.attempted_at, row.looks,
        row.expires_at,
    )  # fmt: skip


def known_sids(db: Connection, sids: Sequence[str]) -> set[str]:
    """Return which of these SIDs belong to another text of ours."""
    if not sids:
        return set()
    taken = (
        select(columns.sid).where(columns.sid.in_(sids)).union(select(messages.c.sid).where(messages.c.sid.in_(sids)))
    )
    return set(db.scalars(taken))


def _still_unsettled(notice: Unsettled) -> tuple[ColumnElement[bool], ...]:
    """Match a notice with its bundle while this attempt of it is still unknown."""
    return with_bundle(notice.id), columns.state == NoticeState.UNKNOWN, columns.attempt == notice.attempt


def went_out(db: Connection, notice: Unsettled, sid: str, now: datetime) -> bool:
    """Record that the provider has the text; False if a receipt was quicker."""
    ended = db.execute(
        update(notices)
        .where(*_still_unsettled(notice))
        .values(state=NoticeState.SENT, why=None, look_at=None, updated_at=now)
    )
    if ended.rowcount:
        db.execute(update(notices).where(columns.id == notice.id).values(sid=sid))
    return bool(ended.rowcount)


def send_again(db: Connection, notice: Unsettled, now: datetime) -> bool:
    """Set a notice to pending and due, each of its bundle by itself; False if a receipt was quicker."""
    again = db.execute(
        update(notices)
        .where(*_still_unsettled(notice))
        .values(state=NoticeState.PENDING, due_at=now, why="sent_again", look_at=None, bundled_in=None, updated_at=now)
    )
    return bool(again.rowcount)


def look_later(db: Connection, notice: Unsettled, at: datetime) -> None:
    """Ask the provider again at this time."""
    db.execute(update(notices).where(*_still_unsettled(notice)).values(look_at=at))


def give_up(db: Connection, notice: Unsettled, now: datetime) -> bool:
    """Set a notice to failed, for staff to see: nobody can tell if it went out. False if a receipt was quicker."""
    ended = db.execute(
        update(notices)
        .where(*_still_unsettled(notice))
        .values(state=NoticeState.FINAL_FAIL, why="unsettled", look_at=None, updated_at=now)
    )
    return bool(ended.rowcount)
