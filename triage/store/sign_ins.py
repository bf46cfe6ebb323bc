"""Sign-ins and guesses at passwords and codes: too many in a while shut a login."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from triage.policy import GUESSES_WITHIN, MOST_GUESSES
from triage.store.keys import Keys
from triage.store.tables import sign_ins


def begin(db: Connection, login: str, now: datetime, device: str = "") -> int | None:
    """Insert a guess before it is checked, so that guesses side by side count too; None when there were too many.

    Unknown logins are counted alike. The login is kept as a keyed hash: people type passwords into that field. Guesses
    from a device that has signed in before are counted by themselves, so that strangers cannot shut its owner out.
    """
    login_hash = Keys.guess_hash(f"{login.casefold()}|{device}" if device else login.casefold())
    guesses = db.scalar(
        select(func.count()).where(
            sign_ins.c.login_hash == login_hash, sign_ins.c.failed, sign_ins.c.at > now - GUESSES_WITHIN
        )
    )
    if (guesses or 0) >= MOST_GUESSES:
        return None
    result = db.execute(insert(sign_ins).values(login_hash=login_hash, at=now, failed=True))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def succeeded(db: Connection, attempt_id: int) -> None:
    db.execute(update(sign_ins).where(sign_ins.c.id == attempt_id).values(failed=False))
