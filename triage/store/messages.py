"""Messages of both directions; the unique key decides which delivery of a message counts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, or_, select

from triage.model.message import Arrival, Before, Channel, Message
from triage.store.column_types import UtcDateTime
from triage.store.keys import Keys
from triage.store.prepared import Prepared
from triage.store.tables import messages, people, staff

_stored_reply = select(messages.c.reply).where(messages.c.dedupe_key == bindparam("key")).scalar_subquery()

_staff_id = (
    select(staff.c.id).where(staff.c.phone_hash == bindparam("phone"), staff.c.disabled_at.is_(None)).scalar_subquery()
)

_ALARMS = ("crisis", "emergency", "adverse")

_has_alarmed = or_(*(messages.c.label == label for label in _ALARMS))

# The newest message of the same person; none if it raised an alarm, or joined to the next one it would raise it again.
_just_before = (
    select(case((_has_alarmed, None), else_=messages.c.body))
    .join(people, people.c.id == messages.c.person_id)
    .where(people.c.phone_hash == bindparam("phone"), messages.c.direction == "in")
    .where(messages.c.created_at > bindparam("since", type_=UtcDateTime))
    .order_by(messages.c.id.desc())
    .limit(1)
    .scalar_subquery()
)

_BEFORE = Prepared(
    lambda _: select(_stored_reply.label("reply"), _staff_id.label("staff_id"), _just_before.label("just_before"))
)


def before(db: Connection, key: str, sender: str, since: datetime) -> Before:
    """Look up in one query what must be known before a message is understood; no transaction is needed.

    key: the dedupe key, by which a stored reply is found. sender: E.164; staff are found by it. since: aware UTC; only
    a message after it counts as just before.
    """
    row = _BEFORE.first(db, key=key, phone=Keys.phone_hash(sender), since=since)
    assert row is not None
    reply, staff_id, just_before = row
    return Before(tuple(reply) if reply is not None else None, staff_id, just_before)


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
            status="answered",
            created_at=at,
        )


def last_said(db: Connection, person_id: int) -> str | None:
    """Return our newest text to a person; None if there is none."""
    newest = select(messages.c.body).where(messages.c.person_id == person_id, messages.c.direction == "out")
    return db.scalar(newest.where(messages.c.channel == Channel.SMS).order_by(messages.c.id.desc()).limit(1))


def thread(db: Connection, person_id: int, limit: int = 500) -> list[Message]:
    """Return the newest messages of a person, oldest first."""
    rows = db.execute(
        select(messages).where(messages.c.person_id == person_id).order_by(messages.c.id.desc()).limit(limit)
    ).all()
    return [
        Message(
            id=r.id,
            direction=r.direction,
            channel=Channel(r.channel),
            body=r.body,
            at=r.created_at,
            label=r.label,
            heard=r.heard,
            status=r.status,
            error_code=r.error_code,
            media=r.media or (),
            template=r.template,
            request_id=r.request_id,
        )
        for r in reversed(rows)
    ]
