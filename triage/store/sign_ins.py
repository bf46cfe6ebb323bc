"""Guesses at passwords and codes: too many in a while shut what they were guesses at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from triage.policy import GUESSES_WITHIN, MOST_GUESSES
from triage.store.keys import Keys
from triage.store.tables import sign_ins


@dataclass(frozen=True)
class Counter:
    """What guesses are counted by: the purpose first, then whose or from where. Nothing that is typed can make one of
    another purpose.
    """

    key: tuple[str, ...]
    most: int = MOST_GUESSES
    within: timedelta = GUESSES_WITHIN

    @property
    def hashed(self) -> str:
        """Return what is kept of the key: people type passwords into the field of the login."""
        return Keys.seal(json.dumps(["guess", *self.key]))


Attempt = tuple[int, ...]


def begin(db: Connection, counters: Iterable[Counter], now: datetime) -> Attempt | None:
    """Insert a guess before it is checked, so that guesses side by side count too; None where any counter is full."""
    counters = tuple(counters)
    if any(_failed(db, counter, now) >= counter.most for counter in counters):
        return None
    ids = []
    for counter in counters:
        result = db.execute(insert(sign_ins).values(login_hash=counter.hashed, at=now, failed=True))
        ids.append(int(result.inserted_primary_key[0]))  # type: ignore[index]
    return tuple(ids)


def _failed(db: Connection, counter: Counter, now: datetime) -> int:
    guesses = select(func.count()).where(
        sign_ins.c.login_hash == counter.hashed, sign_ins.c.failed, sign_ins.c.at > now - counter.within
    )
    return db.scalar(guesses) or 0


def succeeded(db: Connection, attempt: Attempt) -> None:
    """Count it as no guess."""
    db.execute(update(sign_ins).where(sign_ins.c.id.in_(attempt)).values(failed=False))
