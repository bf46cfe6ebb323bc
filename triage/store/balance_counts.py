"""Counts for the nightly balance: what came in beside what is open, closed and cancelled. Each "off" must be 0."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, or_, select

from triage.model.notice import NoticeState
from triage.model.request import ALARMS, Flag, Status
from triage.store.conditional import insert_once
from triage.store.messages import has_label
from triage.store.tables import balances, callback_requests, calls, messages, notices, recordings

_request = callback_requests.c
_message = messages.c

# Words after which there must be a request. In a call several labels may stand together, with commas between.
ASKING = (*ALARMS, "confirmed", "incomplete", Flag.TROUBLE, Flag.PLEASE_READ)

# A caller may still be on the line, a transcript or a clock on its way.
SETTLED_AFTER = timedelta(minutes=30)

STUCK_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Balance:
    """Counts: of requests ever, of messages and recordings of some time.

    off_status: requests that are neither open, closed nor cancelled, or without who and when. off_asked: messages and
    voicemails that ask for a call without a request. off_origin: requests of people who never sent or said anything.
    off_answer: inbound messages without a stored reply. off_notices: texts that we start, in no final state for a day.
    """

    requests: int
    open: int
    closed: int
    cancelled: int
    messages: int
    asked: int
    off_status: int
    off_asked: int
    off_origin: int
    off_answer: int
    off_notices: int

    @property
    def off(self) -> int:
        """Return how many rows do not balance."""
        return sum(count for name, count in asdict(self).items() if name.startswith("off_"))


_open = and_(
    _request.closed_at.is_(None),
    or_(_request.status == Status.QUEUED, and_(_request.status == Status.CLAIMED, _request.claimed_by.is_not(None))),
)
_closed = and_(
    _request.status == Status.DONE,
    _request.closed_at.is_not(None),
    _request.closed_by.is_not(None),
    _request.outcome.is_not(None),
)
# Without a member of staff it was the patient.
_cancelled = and_(_request.status == Status.CANCELLED, _request.closed_at.is_not(None))


def count(db: Connection, since: datetime, until: datetime) -> Balance:
    """Count everything as it stands at `until`; messages and recordings from `since` until shortly before (aware)."""
    settled = until - SETTLED_AFTER
    arrived = and_(_message.direction == "in", _message.created_at >= since, _message.created_at < settled)
    asks = and_(arrived, or_(*(has_label(label) for label in ASKING)))
    left = and_(
        recordings.c.of == "voicemail", recordings.c.created_at >= since, recordings.c.created_at < settled,
        recordings.c.person_id.is_not(None),
    )  # fmt: skip
    standing = db.execute(
        select(
            func.count(),
            func.count().filter(_open),
            func.count().filter(_closed),
            func.count().filter(_cancelled),
            func.count().filter(not_(or_(_open, _closed, _cancelled))),
        ).select_from(callback_requests)
    ).one()
    off_asked = _number(db, _message.id, asks, _message.request_id.is_(None)) + _number(
        db, recordings.c.id, left, recordings.c.request_id.is_(None)
    )
    return Balance(
        requests=standing[0],
        open=standing[1],
        closed=standing[2],
        cancelled=standing[3],
        messages=_number(db, _message.id, arrived),
        asked=_number(db, _message.id, asks) + _number(db, recordings.c.id, left),
        off_status=standing[4],
        off_asked=off_asked,
        off_origin=_number(db, _request.id, _request.created_at >= since, _request.created_at < settled, _came_alone),
        # A reply may be empty, to who is blocked or has opted out; where there is none the turn was never decided.
        off_answer=_number(db, _message.id, arrived, _message.reply.is_(None)),
        off_notices=_stuck(db, until - STUCK_AFTER),
    )


def _number(db: Connection, column: ColumnElement[int], *conditions: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count(column)).where(*conditions)) or 0


_said = messages.alias("said")
_came_alone = ~(
    exists().where(_said.c.person_id == _request.person_id, _said.c.direction == "in")
    | exists().where(recordings.c.person_id == _request.person_id)
    | exists().where(calls.c.person_id == _request.person_id)
)


def _stuck(db: Connection, before: datetime) -> int:
    columns = notices.c
    waits = columns.state.in_((NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN, NoticeState.HELD))
    return _number(db, columns.id, waits, columns.due_at < before, columns.updated_at < before)


def is_counted(db: Connection, day: date) -> bool:
    return db.scalar(select(balances.c.day).where(balances.c.day == day.isoformat())) is not None


def keep(db: Connection, day: date, found: Balance, now: datetime) -> bool:
    """Insert the count of a day of the clinic's zone; False if another clock has done so."""
    counts: Mapping[str, int] = asdict(found)
    return insert_once(db, balances, ("day",), {"day": day.isoformat(), "at": now, "counts": dict(counts)})


def newest(db: Connection) -> Balance | None:
    """Return the newest count; None if there is none yet."""
    counts = db.scalar(select(balances.c.counts).order_by(balances.c.day.desc()).limit(1))
    return Balance(**counts) if counts else None
