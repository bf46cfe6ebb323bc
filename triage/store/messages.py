"""Messages of both directions; the unique key decides which delivery of a message counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from triage.messages import Channel
from triage.store.tables import messages, receipts


@dataclass(frozen=True)
class Message:
    """One line of a thread. `reply` of an inbound one holds the texts it was answered with."""

    id: int
    direction: str
    channel: Channel
    body: str
    at: datetime
    label: str | None
    heard: Mapping[str, Any] | None
    status: str | None
    error_code: int | None
    media: Sequence[str]
    template: str | None
    request_id: int | None


@dataclass(frozen=True)
class Arrival:
    """What is kept of an inbound message."""

    key: str
    person_id: int | None
    channel: Channel
    body: str
    at: datetime
    sender: str
    label: str | None = None
    heard: Mapping[str, Any] | None = None
    reply: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    request_id: int | None = None


def stored_reply(db: Connection, key: str) -> tuple[str, ...] | None:
    """The texts a message was answered with; None if it has not been seen."""
    row = db.execute(select(messages.c.reply).where(messages.c.dedupe_key == key)).first()
    return tuple(row.reply or ()) if row else None


def keep(db: Connection, arrival: Arrival) -> int | None:
    """Insert an inbound message under its key; None if it is there already."""
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    return db.scalar(
        make(messages)
        .values(
            person_id=arrival.person_id,
            request_id=arrival.request_id,
            direction="in",
            channel=arrival.channel,
            dedupe_key=arrival.key,
            sid=arrival.key,
            body=arrival.body,
            media=list(arrival.media) or None,
            sender=arrival.sender,
            label=arrival.label,
            heard=arrival.heard,
            reply=list(arrival.reply),
            created_at=arrival.at,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(messages.c.id)
    )


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
    """Keep the texts of a reply; each `ref` comes back in its delivery receipt."""
    if not texts:
        return
    db.execute(
        insert(messages),
        [
            {
                "person_id": person_id,
                "request_id": request_id,
                "direction": "out",
                "channel": channel,
                "dedupe_key": ref,
                "body": text,
                "template": template[:80],
                "status": "answered",
                "created_at": at,
            }
            for ref, text in zip(refs, texts, strict=True)
        ],
    )


def thread(db: Connection, person_id: int, limit: int = 500) -> list[Message]:
    """The newest messages of a person, oldest first."""
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


def latest_inbound(db: Connection, person_id: int) -> Message | None:
    """The person's last message before this one; for reading two halves together."""
    row = db.execute(
        select(messages.c.id, messages.c.body, messages.c.created_at, messages.c.label)
        .where(messages.c.person_id == person_id, messages.c.direction == "in")
        .order_by(messages.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Message(row.id, "in", Channel.SMS, row.body, row.created_at, row.label, None, None, None, (), None, None)
