"""Marks of forms: each is taken once, in the transaction of what the form does."""

from datetime import datetime

from sqlalchemy import Connection

from triage.store.conditional import insert_once
from triage.store.tables import once_marks


def take(db: Connection, mark: str, now: datetime) -> bool:
    """Take a mark; False if it was taken before. A transaction that is undone gives it back."""
    return insert_once(db, once_marks, ("mark",), {"mark": mark, "at": now})
