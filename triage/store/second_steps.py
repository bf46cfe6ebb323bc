"""Secrets of authenticator apps, the newest code used, and recovery codes."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from triage.store.tables import recovery_codes, staff


def secret_of(db: Connection, staff_id: int) -> str | None:
    return db.scalar(select(staff.c.totp_secret).where(staff.c.id == staff_id)) or None


def enrol(db: Connection, staff_id: int, secret: str, step: int, now: datetime) -> bool:
    """Store the secret of an authenticator app, whose first code is used up; False if one was enrolled meanwhile.

    step: the 30 s time step of that code (TOTP).
    """
    values = {"totp_secret": secret, "totp_since": now, "totp_used": step}
    statement = update(staff).where(staff.c.id == staff_id, staff.c.totp_since.is_(None)).values(**values)
    return db.execute(statement).rowcount == 1


def use_step(db: Connection, staff_id: int, step: int) -> bool:
    """Use up the code of a time step; False if it, or a later one, was used before."""
    unused = or_(staff.c.totp_used.is_(None), staff.c.totp_used < step)
    return db.execute(update(staff).where(staff.c.id == staff_id, unused).values(totp_used=step)).rowcount == 1


def forget(db: Connection, staff_id: int) -> None:
    """Delete somebody's secret and recovery codes, so that they enrol anew."""
    values = {"totp_secret": None, "totp_since": None, "totp_used": None}
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    db.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == staff_id))


def replace_recovery_codes(db: Connection, staff_id: int, hashes: Iterable[str], now: datetime) -> None:
    db.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == staff_id))
    rows = [{"code_hash": code_hash, "staff_id": staff_id, "created_at": now} for code_hash in hashes]
    db.execute(insert(recovery_codes), rows)


def use_recovery_code(db: Connection, staff_id: int, hashes: Iterable[str], now: datetime) -> bool:
    """Use up a recovery code, known by one of these hashes; False if it is not theirs or was used before."""
    mine = (recovery_codes.c.staff_id == staff_id) & recovery_codes.c.code_hash.in_(tuple(hashes))
    unused = mine & recovery_codes.c.used_at.is_(None)
    return db.execute(update(recovery_codes).where(unused).values(used_at=now)).rowcount == 1


def recovery_codes_left(db: Connection, staff_id: int) -> int:
    unused = (recovery_codes.c.staff_id == staff_id) & recovery_codes.c.used_at.is_(None)
    return db.scalar(select(func.count()).where(unused)) or 0
