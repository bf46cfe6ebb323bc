"""Writes what is stored anew under the newest keys, some rows of a table at a time, while the program runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Row, Table, func, select, tuple_, type_coerce, update

from triage.errors import Unopened
from triage.model.phone import parted
from triage.store.keys import Keys
from triage.store.tables import metadata, people
from triage.store.unreadable import encrypted_columns

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Batch:
    """What became of some rows. last: the key of the last of them, None where the table is through.

    damaged: values that no key opens. doubled: persons whose phone is another's already. hashed: phones.
    """

    last: Key | None
    written: int = 0
    damaged: int = 0
    doubled: int = 0
    hashed: int = 0


def tables() -> Iterator[Table]:
    """Yield the tables that hold something encrypted."""
    return (table for table in metadata.sorted_tables if encrypted_columns(table))


def some(db: Connection, table: Table, after: Key | None, limit: int) -> Batch:
    """Write the rows of a table after this key anew, the first `limit` of them; on PostgreSQL they are locked."""
    key = list(table.primary_key.columns)
    raw = [type_coerce(column, LargeBinary).label(column.name) for column in encrypted_columns(table)]
    hashes = [table.c.phone_hash] if "phone_hash" in table.c else []
    rows = select(*(column.label(f"key_{column.name}") for column in key), *raw, *hashes).order_by(*key).limit(limit)
    if after is not None:
        rows = rows.where(tuple_(*key) > tuple_(*after))
    found = db.execute(rows.with_for_update()).all()
    written = damaged = doubled = hashed = 0
    for row in found:
        values, lost = _anew(table, row)
        damaged += lost
        if hashes and (new := _new_hash(table, row)) is not None:
            if _is_taken(db, table, new):
                doubled += 1
            else:
                values[table.c.phone_hash] = new
                hashed += 1
        if values:
            is_this = [column == one for column, one in zip(key, _key_of(row, key), strict=True)]
            db.execute(update(table).where(*is_this).values(values))
            written += 1
    return Batch(_key_of(found[-1], key) if len(found) == limit else None, written, damaged, doubled, hashed)


def _key_of(row: Row[Any], key: Sequence[Column[Any]]) -> Key:
    return tuple(row._mapping[f"key_{column.name}"] for column in key)


def _anew(table: Table, row: Row[Any]) -> tuple[dict[Any, Any], int]:
    """Return the values of a row that are not written as they would be now, and how many of them no key opens."""
    values: dict[Any, Any] = {}
    lost = 0
    for column in encrypted_columns(table):
        sealed, place = row._mapping[column.name], str(column)
        if not sealed or Keys.is_newest(bytes(sealed), place):
            continue
        try:
            values[column] = type_coerce(Keys.encrypt(Keys.decrypt(bytes(sealed), place), place), LargeBinary)
        except Unopened:
            lost += 1
    return values, lost


def _new_hash(table: Table, row: Row[Any]) -> str | None:
    """Return the hash that the row's phone has by the newest key; None where it has that, or no phone that opens."""
    sealed = row._mapping["phone"]
    if not sealed:
        return None
    try:
        phone = Keys.decrypt(bytes(sealed), f"{table.name}.phone").decode()
    except Unopened:
        return None
    new = Keys.phone_hash(parted(phone)[0])
    return None if new == row._mapping["phone_hash"] else new


def _is_taken(db: Connection, table: Table, phone_hash: str) -> bool:
    is_unique = table.c.phone_hash.unique
    return bool(is_unique) and db.scalar(select(func.count()).where(table.c.phone_hash == phone_hash)) != 0


def known_by_hash_alone(db: Connection) -> int:
    """Count the persons of whom only the hash is here: no new one can be made of it."""
    alone = (func.length(people.c.phone) == 0) & people.c.phone_hash.not_like("gone:%")
    return db.scalar(select(func.count()).select_from(people).where(alone)) or 0
