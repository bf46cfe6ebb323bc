"""Writes that a race may lose: a row inserted once by its unique key, a row changed only while a condition holds."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, update

from triage.store.prepared import dialect_insert


def insert_once(db: Connection, table: Table, key: tuple[str, ...], values: Mapping[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, if a row with the same values in the unique `key` columns exists."""
    statement = dialect_insert(db.dialect)(table).values(**values)
    once = statement.on_conflict_do_nothing(index_elements=list(key)).returning(table.c[key[0]])
    # Not by the count of rows: for an INSERT on PostgreSQL that is -1, whether one was made or not.
    return db.execute(once).first() is not None


def update_if(
    db: Connection, table: Table, row_id: int, condition: ColumnElement[bool], values: Mapping[str, Any]
) -> bool:
    """Change the row with this id; False, and nothing changed, if the condition no longer holds for it."""
    changed = update(table).where(table.c.id == row_id, condition).values(**values).returning(table.c.id)
    return db.scalar(changed) is not None
