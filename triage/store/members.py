"""Members of staff and their sessions."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from triage.model.member import OpenSession, Role, Session, Staff
from triage.store.keys import Keys, storable
from triage.store.tables import sessions, staff

# How often `seen_at` of a session is written: at each click it would make every look at a page a write.
TOUCH_EVERY = timedelta(minutes=1)


_STAFF = (
    staff.c.id,
    staff.c.login,
    staff.c.name,
    staff.c.role,
    staff.c.phone,
    staff.c.phone_confirmed_at,
    staff.c.disabled_at,
    staff.c.totp_since,
    staff.c.password_given_out,
    func.coalesce(staff.c.password_given_at, staff.c.created_at).label("password_given_at"),
    staff.c.alerts_refused,
    staff.c.alerts_refused_at,
)


_SESSION = (
    sessions.c.csrf,
    sessions.c.seen_at,
    sessions.c.expires_at,
    sessions.c.second_step_at,
    sessions.c.locked_at,
    sessions.c.shown_again_at,
)

# So much of the hash of a token names a session in a form.
HANDLE = 16


def _staff(row: Any) -> Staff:
    return Staff(
        row.id,
        row.login,
        row.name or row.login,
        Role(row.role),
        row.phone or None,  # "": it cannot be read
        row.phone_confirmed_at,
        row.disabled_at,
        has_second_step=row.totp_since is not None,
        password_given_out=row.password_given_out,
        password_given_at=row.password_given_at if row.password_given_out else None,
        alerts_refused=row.alerts_refused,
        alerts_refused_at=row.alerts_refused_at,
    )


def _first(db: Connection, statement: Select[Any]) -> Staff | None:
    row = db.execute(statement).first()
    return _staff(row) if row else None


def add(db: Connection, login: str, name: str, role: Role, password_hash: str, phone: str | None, now: datetime) -> int:
    """Insert a member of staff and return the id; the password counts as given out by somebody else.

    Raises IntegrityError if the login or the phone is taken.
    """
    result = db.execute(
        insert(staff).values(
            login=login,
            name=name,
            role=role,
            password_hash=password_hash,
            phone=phone,
            phone_hash=Keys.phone_hash(phone) if phone else None,
            password_given_at=now,
            created_at=now,
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def get(db: Connection, staff_id: int) -> Staff | None:
    return _first(db, select(*_STAFF).where(staff.c.id == staff_id))


def by_login(db: Connection, login: str) -> Staff | None:
    return _first(db, select(*_STAFF).where(staff.c.login == login))


def by_phone(db: Connection, phone: str) -> Staff | None:
    """Return the enabled member of staff with this E.164 phone, confirmed or not."""
    return _first(
        db, select(*_STAFF).where(staff.c.phone_hash.in_(Keys.phone_hashes(phone)), staff.c.disabled_at.is_(None))
    )


def all_staff(db: Connection) -> list[Staff]:
    return [_staff(row) for row in db.execute(select(*_STAFF).order_by(staff.c.login))]


def with_logins(db: Connection, logins: Iterable[str]) -> list[Staff]:
    """Return the enabled ones among these logins, in the order in which they were named."""
    named = list(dict.fromkeys(logins))
    rows = db.execute(select(*_STAFF).where(staff.c.login.in_(named), staff.c.disabled_at.is_(None)))
    return sorted((_staff(row) for row in rows), key=lambda member: named.index(member.login))


def password_hash_of(db: Connection, login: str) -> tuple[Staff, str] | None:
    """Return an enabled member of staff with the hash to check a password against.

    An exact match of the login comes first, else one in another case.
    """
    login = storable(login)
    exact = staff.c.login == login
    row = db.execute(
        select(*_STAFF, staff.c.password_hash)
        .where(exact | (func.lower(staff.c.login) == login.lower()), staff.c.disabled_at.is_(None))
        .order_by(exact.desc())
        .limit(1)
    ).first()
    return (_staff(row), row.password_hash) if row else None


def set_password(db: Connection, staff_id: int, password_hash: str, given_at: datetime | None = None) -> None:
    """Set a new password and end every session that the old one opened. given_at: now, where its owner did not choose
    it.
    """
    values = {
        "password_hash": password_hash, "password_given_out": given_at is not None, "password_given_at": given_at
    }  # fmt: skip
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    end_sessions_of(db, staff_id)


def keep_hash(db: Connection, staff_id: int, password_hash: str) -> None:
    """Keep another hash of the same password."""
    db.execute(update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash))


def set_role(db: Connection, staff_id: int, role: Role) -> None:
    db.execute(update(staff).where(staff.c.id == staff_id).values(role=role))


def set_phone(db: Connection, staff_id: int, phone: str) -> None:
    """Set another phone, to be confirmed. Raises IntegrityError if it is somebody's already."""
    values = {"phone": phone, "phone_hash": Keys.phone_hash(phone), "phone_code_hash": None, "phone_confirmed_at": None}
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values, **_REACHED))


def reachable(db: Connection) -> dict[str, Role]:
    """Return the logins to whose phones alerts may go, with their roles; nothing encrypted is read."""
    is_reachable = staff.c.phone.is_not(None) & staff.c.phone_confirmed_at.is_not(None) & staff.c.disabled_at.is_(None)
    rows = db.execute(select(staff.c.login, staff.c.role).where(is_reachable).order_by(staff.c.login))
    return {row.login: Role(row.role) for row in rows}


def lock_all(db: Connection) -> None:
    """Lock everybody until the transaction ends, so that two changes of who can be reached see each other.

    Not against new rows that name them: whoever writes one may hold a request that is wanted here.
    """
    db.execute(select(staff.c.id).order_by(staff.c.id).with_for_update(key_share=True)).all()


def lock_admins(db: Connection) -> list[int]:
    """Lock the enabled admins until the transaction ends, so that two cannot both be the last; returns their ids."""
    admins = select(staff.c.id).where(staff.c.role == Role.ADMIN, staff.c.disabled_at.is_(None))
    return list(db.scalars(admins.order_by(staff.c.id).with_for_update(key_share=True)))


def set_phone_code(db: Connection, staff_id: int, code_hash: str) -> None:
    db.execute(update(staff).where(staff.c.id == staff_id).values(phone_code_hash=code_hash))


def phone_code_hash_of(db: Connection, staff_id: int) -> str | None:
    """Return the hash of the code that was texted and not yet sent back."""
    return db.scalar(select(staff.c.phone_code_hash).where(staff.c.id == staff_id))


def confirm_phone(db: Connection, staff_id: int, now: datetime) -> None:
    """Mark the phone as confirmed and delete the texted code, so that it counts once."""
    values = {"phone_confirmed_at": now, "phone_code_hash": None}
    db.execute(update(staff).where(staff.c.id == staff_id).values(**values, **_REACHED))


_REACHED = {"alerts_refused": None, "alerts_refused_at": None}


def mark_refused(db: Connection, staff_id: int, why: str, now: datetime) -> None:
    """Note that an alert did not reach their phone, and why; the first since the last that did counts."""
    unmarked = (staff.c.id == staff_id) & staff.c.alerts_refused.is_(None)
    db.execute(update(staff).where(unmarked).values(alerts_refused=why, alerts_refused_at=now))


def mark_reached(db: Connection, staff_id: int) -> None:
    """Note that a text has arrived on their phone."""
    marked = (staff.c.id == staff_id) & staff.c.alerts_refused.is_not(None)
    db.execute(update(staff).where(marked).values(**_REACHED))


def any_refused(db: Connection) -> bool:
    """Tell whether alerts do not reach somebody's phone."""
    found = select(staff.c.id).where(staff.c.alerts_refused.is_not(None), staff.c.disabled_at.is_(None))
    return db.scalar(found.limit(1)) is not None


def unconfirm_phone(db: Connection, staff_id: int) -> None:
    """Take the confirmation of a phone back: it gets no alerts and gives no commands until a new code is sent back."""
    db.execute(update(staff).where(staff.c.id == staff_id).values(phone_confirmed_at=None, phone_code_hash=None))


def disable(db: Connection, staff_id: int, now: datetime) -> None:
    """End somebody's access and sessions. Their phone is kept for their return, but free for others.

    The row is not deleted: what they did stays under their name.
    """
    free = {"phone_hash": None, "phone_code_hash": None}
    db.execute(update(staff).where(staff.c.id == staff_id).values(disabled_at=now, **free))
    end_sessions_of(db, staff_id)


def enable(db: Connection, staff_id: int) -> None:
    """Give access back, with the phone that they had unless somebody else has it by now."""
    phone = db.scalar(select(staff.c.phone).where(staff.c.id == staff_id))
    values: dict[str, Any] = {"phone": None, "phone_confirmed_at": None}
    if phone and by_phone(db, phone) is None:
        values = {"phone_hash": Keys.phone_hash(phone)}
    db.execute(update(staff).where(staff.c.id == staff_id).values(disabled_at=None, **values))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def start_session(
    db: Connection, staff_id: int, now: datetime, lasts: timedelta, second_step: bool = False, device: str | None = None
) -> tuple[str, str]:
    """Start a session; returns the token for the cookie, which is kept nowhere, and the CSRF token for the forms."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    db.execute(
        insert(sessions).values(
            token_hash=_token_hash(token),
            staff_id=staff_id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            second_step_at=now if second_step else None,
            device=device,
        )
    )
    return token, csrf


def find_session(db: Connection, token: str, now: datetime) -> Session | None:
    """Return the session of a token, locked or not; None if it is unknown, over, or its owner disabled."""
    row = db.execute(
        select(*_STAFF, *_SESSION)
        .join(sessions, sessions.c.staff_id == staff.c.id)
        .where(
            sessions.c.token_hash == _token_hash(token),
            sessions.c.expires_at > now,
            staff.c.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    times = (row.seen_at, row.expires_at, row.second_step_at, row.locked_at, row.shown_again_at)
    return Session(_staff(row), row.csrf, *times)


def touch(db: Connection, token: str, now: datetime) -> None:
    """Restart the idle time of a session and unlock it."""
    values = {"seen_at": now, "locked_at": None}
    db.execute(update(sessions).where(sessions.c.token_hash == _token_hash(token)).values(**values))


def lock(db: Connection, token: str, now: datetime) -> None:
    db.execute(update(sessions).where(sessions.c.token_hash == _token_hash(token)).values(locked_at=now))


def show_again(db: Connection, token: str, now: datetime) -> None:
    """Note that the owner of a session has given their second step once more."""
    db.execute(update(sessions).where(sessions.c.token_hash == _token_hash(token)).values(shown_again_at=now))


def sessions_of(db: Connection, staff_id: int, now: datetime, token: str = "") -> list[OpenSession]:
    """Return the open sessions of somebody, newest first. token: of the one that asks."""
    rows = db.execute(
        select(sessions.c.token_hash, sessions.c.created_at, sessions.c.seen_at, sessions.c.device)
        .where(sessions.c.staff_id == staff_id, sessions.c.expires_at > now)
        .order_by(sessions.c.created_at.desc())
    )
    this = _token_hash(token)
    return [
        OpenSession(row.token_hash[:HANDLE], row.created_at, row.seen_at, row.device, row.token_hash == this)
        for row in rows
    ]


def end_named_session(db: Connection, staff_id: int, handle: str) -> bool:
    """Delete one session of somebody; False if it is over already, or not theirs."""
    named = (sessions.c.staff_id == staff_id) & (func.substr(sessions.c.token_hash, 1, HANDLE) == handle)
    return db.execute(delete(sessions).where(named)).rowcount > 0


def end_session(db: Connection, token: str) -> None:
    db.execute(delete(sessions).where(sessions.c.token_hash == _token_hash(token)))


def end_sessions_of(db: Connection, staff_id: int, but: str = "") -> int:
    """Delete all sessions of somebody except the one with the token `but`; returns how many."""
    others = (sessions.c.staff_id == staff_id) & (sessions.c.token_hash != _token_hash(but))
    return db.execute(delete(sessions).where(others)).rowcount
