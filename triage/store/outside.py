"""The channel outside the provider of texts: which alerts the provider has not taken, and what was told there when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from triage.model.notice import Kind, NoticeState
from triage.model.request import Priority
from triage.store.prepared import dialect_insert
from triage.store.tables import callback_requests, notices, told_outside

_TAKEN = (NoticeState.SENT, NoticeState.FINAL_OK)

# Dropped for these reasons an alert reached nobody; for any other it was no longer needed.
_REACHED_NOBODY = ("expired", "nobody_to_tell", "phone_unconfirmed")

# What was told so long ago is forgotten.
FORGOTTEN_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Untold:
    """A request whose alerts nobody takes. `alert_round`: rounds so far, 0 for one that is urgent only."""

    request_id: int
    priority: Priority
    alert_round: int


def untold(db: Connection, now: datetime, patience: timedelta, limit: int = 100) -> list[Untold]:
    """Return open requests, gravest first, of whose alerts none was taken for so long, although one was due.

    No encrypted column is read: one row that no key opens must not keep the others from being told.
    """
    request, alert = callback_requests.c, notices.c
    nobody_acts = (request.acknowledged_at.is_(None)) & (request.attempts == 0) & request.claimed_by.is_(None)
    alerting = or_(request.next_alert_at.is_not(None), nobody_acts & (request.priority == Priority.URGENT))
    is_void = (alert.state == NoticeState.DROPPED) & alert.why.not_in(_REACHED_NOBODY)
    other = notices.alias("other").c
    taken = (
        select(func.max(other.created_at))
        .where(other.request_id == request.id, other.kind.in_((Kind.ALERT, Kind.URGENT)), other.state.in_(_TAKEN))
        .correlate(callback_requests)
        .scalar_subquery()
    )
    rows = db.execute(
        select(request.id, request.priority, request.alert_round)
        .join(notices, alert.request_id == request.id)
        .where(
            request.closed_at.is_(None), request.priority <= Priority.URGENT, alerting,
            alert.kind.in_((Kind.ALERT, Kind.URGENT)), alert.state.not_in(_TAKEN), ~is_void,
            alert.created_at <= now - patience,
            or_(taken.is_(None), alert.created_at > taken),
        )
        .group_by(request.id, request.priority, request.alert_round)
        .order_by(request.priority, request.id)
        .limit(limit)
    )  # fmt: skip
    return [Untold(row.id, row.priority, row.alert_round) for row in rows]


def begin_telling(db: Connection, about: str, now: datetime, again_at: datetime) -> bool:
    """Take it on to tell of this; False if it was told a while ago, or another clock process tells it now.

    again_at: when it may be told again. A time farther ahead than that is from before the wall clock was set back.
    """
    db.execute(delete(told_outside).where(told_outside.c.again_at < now - FORGOTTEN_AFTER))
    new = dialect_insert(db.dialect)(told_outside).values(about=about, again_at=again_at)
    if db.scalar(new.on_conflict_do_nothing(index_elements=["about"]).returning(told_outside.c.about)) is not None:
        return True
    is_due = or_(told_outside.c.again_at <= now, told_outside.c.again_at > again_at)
    took = db.execute(update(told_outside).where(told_outside.c.about == about, is_due).values(again_at=again_at))
    return bool(took.rowcount)


def tell_again(db: Connection, about: str, at: datetime) -> None:
    """Let it be told again at this time: it did not go out."""
    db.execute(update(told_outside).where(told_outside.c.about == about).values(again_at=at))
