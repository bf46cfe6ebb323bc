"""Finding requests: by phone, by parts of names, by the last digits, by what became of them.

Names and phones are encrypted, so they are found by keyed hashes: of a whole phone, of the first letters of each word
of a name, and of the last four digits. The clock makes those of names and digits (`index_some`); what it has not come
to yet is marked, and read as it is.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from triage.model.phone import parted
from triage.model.request import Disposition, Priority, Status
from triage.store.column_types import EncryptedText
from triage.store.keys import Keys
from triage.store.tables import callback_requests, people, search_words

columns = callback_requests.c

FIRST_LETTERS = 3
LAST_DIGITS = 4
READ_AT_ONCE = 50_000


@dataclass(frozen=True)
class Narrowing:
    """What else a request must be; None is anything. Times are aware: from when, and before when it came in."""

    since: datetime | None = None
    until: datetime | None = None
    priority: Priority | None = None
    outcome: Disposition | None = None
    owner: int | None = None
    lang: str | None = None
    is_open: bool | None = None
    cancelled: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column, value in (("priority", self.priority), ("outcome", self.outcome), ("lang", self.lang)):
            if value is not None:
                found.append(columns[column] == value)
        if self.owner is not None:
            found.append((columns.claimed_by == self.owner) | (columns.closed_by == self.owner))
        if self.since is not None:
            found.append(columns.created_at >= self.since)
        if self.until is not None:
            found.append(columns.created_at < self.until)
        if self.is_open is not None:
            found.append(columns.closed_at.is_(None) if self.is_open else columns.closed_at.is_not(None))
        if self.cancelled:
            found.append(columns.status == Status.CANCELLED)
        return found


def folded(text: str) -> str:
    """Fold accents and capitals: "Tomas" finds "Tomás"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def fits(name: str | None, words: Sequence[str]) -> bool:
    """Tell whether each of these folded words begins a word of the name, in any order."""
    of_name = folded(name or "").replace("-", " ").split()
    return bool(of_name) and all(any(one.startswith(word) for one in of_name) for word in words)


def hash_of(word: str) -> str:
    """Return the keyed hash of the beginning of a word, or of last digits behind `…`."""
    return Keys.seal(f"search|{word}")[:32]


def _word_hashes(name: str | None, phones: Sequence[str | None]) -> set[str]:
    words = folded(name or "").replace("-", " ").split()
    letters = {word[:size] for word in words for size in range(1, FIRST_LETTERS + 1)}
    digits = {parted(phone)[0][-LAST_DIGITS:] for phone in phones if phone and phone.startswith("+")}
    return {hash_of(one) for one in letters} | {hash_of(f"…{one}") for one in digits}


def index_some(db: Connection, limit: int) -> int:
    """Make the hashes of some requests that wait for it, newest first; returns how many."""
    waiting = _READ.where(columns.to_index).order_by(columns.id.desc()).limit(limit)
    # Locked, or a name that is changed meanwhile would be marked as done.
    rows = db.execute(waiting.with_for_update(of=callback_requests, skip_locked=True)).all()
    ids = [row.id for row in rows]
    if not ids:
        return 0
    db.execute(delete(search_words).where(search_words.c.request_id.in_(ids)))
    made = [
        {"word_hash": one, "request_id": row.id}
        for row in rows
        for one in sorted(_word_hashes(row.name, (row.phone, row.person_phone)))
    ]
    if made:
        db.execute(insert(search_words), made)
    # Nothing has changed for who looks at the queue.
    db.execute(update(callback_requests).where(columns.id.in_(ids)).values(to_index=False, changes=columns.changes))
    return len(ids)


def index_anew(db: Connection, below: int, limit: int) -> int | None:
    """Let the clock make anew the hashes of the newest requests under `below`.

    Returns under which to go on; None at the end.
    """
    some = list(db.scalars(select(columns.id).where(columns.id < below).order_by(columns.id.desc()).limit(limit)))
    db.execute(update(callback_requests).where(columns.id.in_(some)).values(to_index=True, changes=columns.changes))
    return some[-1] if len(some) == limit else None


_READ = select(
    columns.id,
    func.coalesce(columns.name, people.c.name, type_=EncryptedText("callback_requests.name", "people.name")).label(
        "name"
    ),
    columns.phone,
    people.c.phone.label("person_phone"),
).join(people, people.c.id == columns.person_id)


def unindexed(db: Connection, below: int, limit: int) -> list[Any]:
    """Return id, name, phone and person_phone of the newest requests under `below` that are not indexed yet."""
    return list(db.execute(_READ.where(columns.to_index, columns.id < below).order_by(columns.id.desc()).limit(limit)))


def indexed(db: Connection, words: Sequence[str], below: int, limit: int) -> list[Any]:
    """Return the same of indexed requests in whose names each of these words may begin one, newest first."""
    return _with_hashes(db, [hash_of(word[:FIRST_LETTERS]) for word in words], below, limit)


def with_last_digits(db: Connection, digits: str, below: int, limit: int) -> list[Any]:
    """Return the same of indexed requests one of whose phones ends so."""
    return _with_hashes(db, [hash_of(f"…{digits}")], below, limit)


def _with_hashes(db: Connection, hashes: Sequence[str], below: int, limit: int) -> list[Any]:
    first, *others = dict.fromkeys(hashes)
    found = select(search_words.c.request_id).where(
        search_words.c.word_hash == first, search_words.c.request_id < below
    )
    for other in others:
        its = search_words.alias()
        found = found.where(exists().where(its.c.word_hash == other, its.c.request_id == search_words.c.request_id))
    ids = list(db.scalars(found.order_by(search_words.c.request_id.desc()).limit(limit)))
    rows = {row.id: row for row in db.execute(_READ.where(columns.id.in_(ids)))}
    return [rows[one] for one in ids if one in rows]


def of_phone(db: Connection, phone: str, below: int, limit: int) -> list[int]:
    """Return ids of requests, newest first, whose person has this E.164 phone, or that are to be called there."""
    known = Keys.phone_hashes(phone)
    person_id = db.scalar(select(people.c.id).where(people.c.phone_hash.in_(known)))
    found: set[int] = set()
    # One after the other: together they would be read in the order of the table, and all of it.
    for whose in (columns.phone_hash.in_(known), columns.person_id == person_id):
        of_these = select(columns.id).where(whose, columns.id < below)
        found |= set(db.scalars(of_these.order_by(columns.id.desc()).limit(limit)))
    return sorted(found, reverse=True)[:limit]


def kept(db: Connection, ids: Sequence[int], narrowing: Narrowing) -> set[int]:
    """Return which of these requests are what is asked for."""
    return set(db.scalars(select(columns.id).where(columns.id.in_(ids), *narrowing.conditions())))


def newest(db: Connection, narrowing: Narrowing, below: int, limit: int) -> tuple[list[int], int | None]:
    """Return the newest requests under `below` that are what is asked for, and under which to go on; None at the end.

    Only so many are read, however few of them fit.
    """
    start = min(below, (db.scalar(select(func.max(columns.id))) or 0) + 1)
    last = max(start - READ_AT_ONCE, 0)
    asked = select(columns.id).where(columns.id < start, columns.id >= last, *narrowing.conditions())
    found = list(db.scalars(asked.order_by(columns.id.desc()).limit(limit)))
    if len(found) == limit:
        return found, found[-1]
    return found, last if last > 1 else None
