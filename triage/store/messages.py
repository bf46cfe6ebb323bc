"""Messages of both directions; the unique key decides which delivery of a message counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal_column, or_, select, update

from triage.model.message import Arrival, Before, Channel, Message
from triage.store.column_types import Unreadable, UtcDateTime
from triage.store.keys import Keys
from triage.store.prepared import Prepared
from triage.store.tables import messages, people, staff

_stored_reply = select(messages.c.reply).where(messages.c.dedupe_key == bindparam("key")).scalar_subquery()

_HASHES: tuple[ColumnElement[str], ...] = (bindparam("hash"), bindparam("other"))

_staff_id = select(staff.c.id).where(staff.c.phone_hash.in_(_HASHES), staff.c.disabled_at.is_(None)).scalar_subquery()

_KEYS = select(messages.c.dedupe_key)

IN_ONE_QUERY = 500

# The status of a text that went out with the answer to a webhook, until a report tells more.
ANSWERED = "answered"

columns = messages.c

# Of a message that has had its time only the key stays: its words are no bytes at all. Written out and not bound, or no
# database sees that it is the condition of an index.
HAS_WORDS = func.length(messages.c.body) > literal_column("0")

_ALARMS = ("crisis", "emergency", "adverse")


def has_label(label: str) -> ColumnElement[bool]:
    """Match messages that were understood as this, among whatever else: labels stand with commas between."""
    return ("," + func.coalesce(messages.c.label, "") + ",").like(f"%,{label},%")


_has_alarmed = or_(*(has_label(label) for label in _ALARMS))

# So many of the newest messages of a person are looked at: somebody may have sent ten thousand.
NEWEST = 50

_person_id = select(people.c.id).where(people.c.phone_hash.in_(_HASHES)).limit(1).scalar_subquery()

_newest = (
    select(messages.c.id, messages.c.created_at, case((_has_alarmed, None), else_=messages.c.body).label("body"))
    .where(messages.c.person_id == _person_id, messages.c.direction == "in")
    .order_by(messages.c.id.desc())
    .limit(NEWEST)
    .subquery()
)

# The newest message of the same person; none if it raised an alarm, or joined to the next one it would raise it again.
_just_before = (
    select(_newest.c.body)
    .where(_newest.c.created_at > bindparam("since", type_=UtcDateTime))
    .where(_newest.c.created_at <= bindparam("until", type_=UtcDateTime))
    .order_by(_newest.c.id.desc())
    .limit(1)
    .scalar_subquery()
)

_BEFORE = Prepared(
    lambda _: select(_stored_reply.label("reply"), _staff_id.label("staff_id"), _just_before.label("just_before"))
)


def before(db: Connection, key: str, sender: str, since: datetime, until: datetime) -> Before:
    """Look up in one query what must be known before a message is understood; no transaction is needed.

    key: the dedupe key, by which a stored reply is found. sender: E.164; staff are found by it. since, until: aware;
    only a message between them counts as just before: of one that was found late, newer ones may be here.
    """
    row = _BEFORE.first(db, key=key, **Keys.either_hash(sender), since=since, until=until)
    assert row is not None
    reply, staff_id, just_before = row
    return Before(_reply_of(reply), staff_id, just_before, is_lost=isinstance(reply, Unreadable))


def _reply_of(stored: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if stored is None else tuple(stored)


def stored_reply(db: Connection, key: str) -> tuple[str, ...] | None:
    """Return the texts a message was answered with; None if it has not been seen."""
    row = db.execute(select(messages.c.reply).where(messages.c.dedupe_key == key)).first()
    return tuple(row.reply or ()) if row else None


_KEEP = Prepared(
    lambda insert: insert(messages)
    .on_conflict_do_nothing(index_elements=["dedupe_key"])
    .returning(messages.c.id),
    "person_id", "request_id", "direction", "channel", "dedupe_key", "body", "media", "sender", "label", "heard",
    "reply", "created_at",
)  # fmt: skip

_SAY = Prepared(
    lambda insert: insert(messages),
    "person_id", "request_id", "direction", "channel", "dedupe_key", "body", "template", "status", "created_at",
)  # fmt: skip


def keep(db: Connection, arrival: Arrival) -> int | None:
    """Insert an inbound message under its dedupe key and return its id; None if that key is there already."""
    row = _KEEP.first(
        db,
        person_id=arrival.person_id,
        request_id=arrival.request_id,
        direction="in",
        channel=arrival.channel,
        dedupe_key=arrival.key,
        body=arrival.body,
        media=list(arrival.media) or None,
        sender=arrival.sender,
        label=arrival.label,
        heard=arrival.heard,
        reply=list(arrival.reply),
        created_at=arrival.at,
    )
    return row[0] if row else None


def say(
    db: Connection,
    refs: Sequence[str],
    texts: Sequence[str],
    person_id: int,
    channel: Channel,
    at: datetime,
    template: str,
    request_id: int | None,
) -> None:
    """Insert the texts of a reply as outbound messages, each under its `ref`, which comes back in its receipts.

    template: the keys of the reply's texts; kept with the first of them.
    """
    for number, (ref, text) in enumerate(zip(refs, texts, strict=True)):
        _SAY.run(
            db,
            person_id=person_id,
            request_id=request_id,
            direction="out",
            channel=channel,
            dedupe_key=ref,
            body=text,
            template=template[:200] if number == 0 else None,
            status=ANSWERED,
            created_at=at,
        )


def known(db: Connection, keys: Sequence[str]) -> set[str]:
    """Return which of these dedupe keys are here."""
    some = [keys[start : start + IN_ONE_QUERY] for start in range(0, len(keys), IN_ONE_QUERY)]
    return {key for part in some for key in db.scalars(_KEYS.where(messages.c.dedupe_key.in_(part)))}


@dataclass(frozen=True)
class Arrived:
    """When an inbound message was sent, and whether no other of the same person has been taken since."""

    at: datetime
    is_newest: bool


def arrived(db: Connection, key: str) -> Arrived | None:
    """Look up an inbound message by its dedupe key."""
    row = db.execute(
        select(messages.c.id, messages.c.person_id, messages.c.created_at).where(messages.c.dedupe_key == key)
    ).first()
    if row is None:
        return None
    newest = select(func.max(messages.c.id)).where(messages.c.person_id == row.person_id, messages.c.direction == "in")
    return Arrived(row.created_at, db.scalar(newest) == row.id)


def stopped_since(db: Connection, person_id: int, at: datetime) -> bool:
    """Tell whether a person has written after this time that texts shall stop."""
    newer = (messages.c.person_id == person_id) & (messages.c.created_at > at) & has_label("opt_out")
    return db.scalar(select(messages.c.id).where(newer).limit(1)) is not None


@dataclass(frozen=True)
class Unreported:
    """A text that a webhook was answered with, and of which no delivery report has come.

    key: of the text that it answers. request_id: the request that was open or made then.
    """

    ref: str
    key: str
    person_id: int
    request_id: int | None
    phone: str
    body: str
    at: datetime


def unreported(db: Connection, since: datetime, until: datetime) -> list[Unreported]:
    """Return the answers of this time of which nothing was heard since, oldest first."""
    shown = (
        columns.dedupe_key, columns.person_id, columns.request_id, people.c.phone, columns.body, columns.created_at,
    )  # fmt: skip
    of_webhooks = (columns.direction == "out") & (columns.channel == Channel.SMS) & (columns.status == ANSWERED)
    rows = db.execute(
        select(*shown)
        .join(people, people.c.id == columns.person_id)
        .where(of_webhooks, columns.sid.is_(None), columns.created_at >= since, columns.created_at <= until)
        .order_by(columns.id)
    )
    return [Unreported(ref, ref.rpartition(".")[0], *rest) for ref, *rest in rows]


def take_back(db: Connection, answer: Unreported) -> bool:
    """Record that an answer never went out; False if a report was quicker.

    Should its text be delivered again after all, it is answered no more.
    """
    still = (columns.dedupe_key == answer.ref) & (columns.status == ANSWERED) & columns.sid.is_(None)
    taken = db.execute(update(messages).where(still).values(status="failed"))
    if taken.rowcount:
        db.execute(update(messages).where(columns.dedupe_key == answer.key).values(reply=[]))
    return bool(taken.rowcount)


def label_of(db: Connection, key: str) -> str | None:
    """Return as what an inbound message was understood: labels with commas between."""
    return db.scalar(select(columns.label).where(columns.dedupe_key == key))


def status_of(db: Connection, ref: str) -> str | None:
    """Return the status of an outbound message by its `ref`; None if there is none."""
    status: str | None = db.scalar(select(messages.c.status).where(messages.c.dedupe_key == ref))
    return status


def last_said(db: Connection, person_id: int) -> str | None:
    """Return our newest text to a person; None if there is none."""
    newest = select(messages.c.body).where(messages.c.person_id == person_id, messages.c.direction == "out")
    return db.scalar(newest.where(messages.c.channel == Channel.SMS).order_by(messages.c.id.desc()).limit(1))


def _message(r: Any) -> Message:
    return Message(
        id=r.id,
        direction=r.direction,
        channel=Channel(r.channel),
        body=r.body,
        at=r.created_at,
        label=r.label,
        heard=r.heard or None,
        status=r.status,
        error_code=r.error_code,
        media=r.media or (),
        template=r.template,
        request_id=r.request_id,
        person_id=r.person_id,
    )


def thread(db: Connection, *person_ids: int, limit: int = 500) -> list[Message]:
    """Return the newest messages of a person, oldest first: one that was found late stands where it was written.

    Several ids are those of one person under several phones. Those that have had their time are left out.
    """
    rows = db.execute(
        select(messages)
        .where(messages.c.person_id.in_(person_ids), HAS_WORDS)
        .order_by(messages.c.id.desc())
        .limit(limit)
    ).all()
    return [_message(r) for r in sorted(rows, key=lambda row: (row.created_at, row.id))]


def with_ids(db: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """Return these messages by their ids."""
    return {row.id: _message(row) for row in db.execute(select(messages).where(messages.c.id.in_(ids)))}


def heard_of(
    db: Connection, person_ids: Sequence[int], since: datetime
) -> dict[int, list[tuple[int, str | None, datetime]]]:
    """Return what came in from each of these people since then, oldest first: id, labels, time.

    Nothing is decrypted.
    """
    rows = db.execute(
        select(columns.person_id, columns.id, columns.label, columns.created_at)
        .where(columns.person_id.in_(person_ids), columns.direction == "in", columns.created_at >= since)
        .order_by(columns.created_at, columns.id)
    )
    found: dict[int, list[tuple[int, str | None, datetime]]] = {}
    for person_id, key, label, at in rows:
        found.setdefault(person_id, []).append((key, label, at))
    return found
