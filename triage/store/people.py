"""Persons, each known by one phone, and what is remembered of the talk with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from triage.model.person import Person, Remembered
from triage.store.column_types import Erased
from triage.store.keys import Keys
from triage.store.prepared import Prepared, dialect_insert
from triage.store.tables import callback_requests, conversations, people

_PERSON = (
    people.c.id,
    people.c.phone,
    people.c.lang,
    people.c.name,
    people.c.zone,
    people.c.textable,
    people.c.untextable_why,
    people.c.opted_out_at,
    people.c.no_calls_at,
    people.c.blocked_at,
    people.c.slow_calls,
    people.c.staff_wrote_at,
    exists().where(callback_requests.c.person_id == people.c.id).label("had_request"),
    people.c.consent,
)

_TALK = (
    conversations.c.step,
    conversations.c.misses,
    conversations.c.draft,
    conversations.c.expires_at,
    conversations.c.updated_at,
)


def _person(row: Any) -> Person:
    return _of_values(row[i] for i in range(len(_PERSON)))


def _of_values(values: Iterable[Any]) -> Person:
    known = Person(*values)
    return known if known.name is None else replace(known, name=known.name or None)  # "": it cannot be read


def id_unopened(db: Connection, phone: str, lang: str, now: datetime) -> int:
    """Return the id of the person of an E.164 phone, made if new; nothing that is kept of them is read."""
    known = people.c.phone_hash.in_(Keys.phone_hashes(phone))
    found: int | None = db.scalar(select(people.c.id).where(known))
    if found is not None:
        return found
    values = {"phone": phone, "phone_hash": Keys.phone_hash(phone), "lang": lang, "created_at": now}
    db.execute(dialect_insert(db.dialect)(people).values(values).on_conflict_do_nothing(index_elements=["phone_hash"]))
    return int(db.execute(select(people.c.id).where(known)).scalar_one())


def meet(db: Connection, phone: str, lang: str, now: datetime) -> tuple[Person, Remembered | None]:
    """Return the person of an E.164 phone, made if new, and what is remembered of the talk with them.

    Of who has opted out and not been heard of for years only the hash is here: their phone is written down again.

    On PostgreSQL the row stays locked until the transaction ends, so two messages of one person are taken one after
    the other; on SQLite there is one writer anyway.
    """
    found = _find(db, phone)
    if found is None:
        _MAKE.run(db, phone=phone, phone_hash=Keys.phone_hash(phone), lang=lang, created_at=now)
        found = _find(db, phone)
        assert found is not None
    if isinstance(found[0].phone, Erased):
        change(db, found[0].id, {"phone": phone})
        found = replace(found[0], phone=phone), found[1]
    return found


_FIND = select(*_PERSON, *_TALK).select_from(people.outerjoin(conversations, conversations.c.person_id == people.c.id))

_BY_HASH = people.c.phone_hash.in_((bindparam("hash"), bindparam("other")))

_FIND_BY_HASH = Prepared(lambda _: _FIND.where(_BY_HASH))

_LOCK_BY_HASH = Prepared(lambda _: select(people.c.id).where(_BY_HASH).with_for_update())

_MAKE = Prepared(
    lambda insert: insert(people).on_conflict_do_nothing(index_elements=["phone_hash"]),
    "phone", "phone_hash", "lang", "created_at",
)  # fmt: skip


def _find(db: Connection, phone: str) -> tuple[Person, Remembered | None] | None:
    known = Keys.either_hash(phone)
    # Locked in a statement of its own: one that waits for a lock sees the joined tables as they were before the wait.
    if db.dialect.name == "postgresql" and _LOCK_BY_HASH.first(db, **known) is None:
        return None
    row = _FIND_BY_HASH.first(db, **known)
    return None if row is None else _person_and_talk(row)


def _person_and_talk(row: Sequence[Any]) -> tuple[Person, Remembered | None]:
    talk = row[len(_PERSON) :]
    return _of_values(row[: len(_PERSON)]), Remembered(*talk) if talk[0] is not None else None


def get(db: Connection, person_id: int) -> Person | None:
    row = db.execute(select(*_PERSON).where(people.c.id == person_id)).first()
    return _person(row) if row else None


def by_phone(db: Connection, phone: str) -> Person | None:
    row = db.execute(select(*_PERSON).where(people.c.phone_hash.in_(Keys.phone_hashes(phone)))).first()
    return _person(row) if row else None


def change(db: Connection, person_id: int, values: Mapping[str, Any]) -> None:
    """Change what is known of a person: name, lang, textable, opted_out_at and the like."""
    _update_of(tuple(values)).run(db, of=person_id, **values)


@cache
def _update_of(written: tuple[str, ...]) -> Prepared:
    return Prepared(lambda _: update(people).where(people.c.id == bindparam("of")), *written)


_TALK_COLUMNS = ("step", "misses", "draft", "expires_at", "updated_at")

_REMEMBER_NEW = Prepared(lambda insert: insert(conversations), "person_id", *_TALK_COLUMNS)

_REMEMBER = Prepared(
    lambda _: update(conversations).where(conversations.c.person_id == bindparam("person")), *_TALK_COLUMNS
)


def remember(db: Connection, person_id: int, new: Remembered, known: bool) -> None:
    """Insert or update what is remembered of the talk with a person.

    known: whether there is a row already; whoever calls this has read that under the person's lock.
    """
    values = {
        "step": new.step,
        "misses": new.misses,
        "draft": dict(new.draft),
        "expires_at": new.expires_at,
        "updated_at": new.updated_at,
    }
    if known:
        _REMEMBER.run(db, person=person_id, **values)
    else:
        _REMEMBER_NEW.run(db, person_id=person_id, **values)


def lock_talk(db: Connection, person_id: int) -> tuple[Person, Remembered | None] | None:
    """Return what `meet` returns for a person known by id, their row locked too; None if there is no such person."""
    which = people.c.id == person_id
    if (
        db.dialect.name == "postgresql"
        and db.execute(select(people.c.id).where(which).with_for_update()).first() is None
    ):
        return None
    row = db.execute(_FIND.where(which)).first()
    return None if row is None else _person_and_talk(tuple(row))


def put_off(db: Connection, person_id: int, until: datetime) -> None:
    """Let a talk that could not be settled expire later."""
    db.execute(update(conversations).where(conversations.c.person_id == person_id).values(expires_at=until))


def expired(db: Connection, now: datetime, limit: int = 50) -> list[int]:
    """Return the ids of persons whose open question or draft has run out."""
    rows = db.scalars(
        select(conversations.c.person_id)
        .where(conversations.c.expires_at <= now)
        .order_by(conversations.c.expires_at)
        .limit(limit)
    )
    return list(rows)
