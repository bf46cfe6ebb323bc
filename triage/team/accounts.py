"""Who is on the staff: the one way to add somebody and to change or end their access.

`by` is who of the staff does it, None for whoever runs the program. Each act stands in the audit trail, in its own
transaction. Raises Refused for what a rule forbids.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.errors import Refused
from triage.model.member import Role, Staff
from triage.ports import Words
from triage.settings import Clinic
from triage.store import audit, members, second_steps
from triage.team import coverage, phone_confirmation, request_acts

A_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

LONGEST_NAME = 80


@dataclass(frozen=True)
class Newcomer:
    """`phone` is E.164; alerts go there once its owner has confirmed it."""

    login: str
    name: str
    role: Role
    phone: str | None = None


def add(db: Connection, new: Newcomer, password_hash: str, by: int | None, now: datetime) -> Staff:
    """Add somebody with a first password, which has to be changed at the first sign-in."""
    if not A_LOGIN.fullmatch(new.login):
        raise Refused("login_unfit")
    if not 0 < len(new.name.strip()) <= LONGEST_NAME:
        raise Refused("name_unfit")
    if any(member.login.casefold() == new.login.casefold() for member in members.all_staff(db)):
        raise Refused("login_taken", (new.login,))
    _phone_is_free(db, new.phone, of=None)
    staff_id = members.add(db, new.login, new.name.strip(), new.role, password_hash, new.phone, now)
    member = _member(db, staff_id)
    _write_down(db, "staff_added", member, by, now, role=new.role)
    return member


def change_role(
    db: Connection, clinic: Clinic, staff_id: int, role: Role, by: int | None, now: datetime,
    leaving: tuple[str, ...] | None = (),
) -> Staff:  # fmt: skip
    """Change what somebody may do; who may no longer work on requests gives theirs back.

    leaving: the hours in which a crisis would then reach none of its contacts, where that is meant.
    """
    member = _somebody_else(db, staff_id, by)
    if role is not Role.ADMIN:
        _an_admin_stays(db, member)
    with coverage.kept(db, clinic, leaving):
        members.set_role(db, staff_id, role)
    _write_down(db, "role_changed", member, by, now, role=role)
    if not _member(db, staff_id).may_change:
        request_acts.release_all(db, clinic, staff_id, by, now)
    return member


def disable(
    db: Connection, clinic: Clinic, staff_id: int, by: int | None, now: datetime, leaving: tuple[str, ...] | None = ()
) -> Staff:
    """End somebody's access at once; what they had goes back into the queue. leaving: as for `change_role`."""
    member = _somebody_else(db, staff_id, by)
    _an_admin_stays(db, member)
    if member.disabled_at is not None:
        raise Refused("disabled_already")
    with coverage.kept(db, clinic, leaving):
        members.disable(db, staff_id, now)
    _write_down(db, "staff_disabled", member, by, now)
    request_acts.release_all(db, clinic, staff_id, by, now)
    return member


def enable(db: Connection, staff_id: int, password_hash: str, by: int | None, now: datetime) -> Staff:
    """Let somebody back in, with a new password: nobody knows who has seen the old one since."""
    member = _somebody_else(db, staff_id, by)
    if member.disabled_at is None:
        raise Refused("active_already")
    members.enable(db, staff_id)
    members.set_password(db, staff_id, password_hash, given_at=now)
    _write_down(db, "staff_enabled", member, by, now)
    return member


def give_password(db: Connection, staff_id: int, password_hash: str, by: int | None, now: datetime) -> Staff:
    """Give a new password to who has forgotten theirs; it ends all their sessions."""
    member = _somebody_else(db, staff_id, by)
    members.set_password(db, staff_id, password_hash, given_at=now)
    _write_down(db, "password_reset", member, by, now)
    return member


def forget_second_step(db: Connection, staff_id: int, by: int | None, now: datetime) -> Staff:
    """Forget the app of who has lost the phone with it: they set up another at the next sign-in."""
    member = _somebody_else(db, staff_id, by)
    second_steps.forget(db, staff_id)
    members.end_sessions_of(db, staff_id)
    _write_down(db, "second_step_reset", member, by, now)
    return member


def change_phone(
    db: Connection, clinic: Clinic, staff_id: int, phone: str, by: int | None, now: datetime,
    leaving: tuple[str, ...] | None = (),
) -> Staff:  # fmt: skip
    """Change where alerts go, once its owner has confirmed it. leaving: as for `change_role`."""
    _phone_is_free(db, phone, of=staff_id)
    with coverage.kept(db, clinic, leaving):
        members.set_phone(db, staff_id, phone)
    member = _member(db, staff_id)
    _write_down(db, "staff_phone_changed", member, by, now)
    return member


def invite(db: Connection, clinic: Clinic, words: Words, member: Staff, now: datetime) -> None:
    """Text a code to somebody's phone, if they have one; sent back from there, it confirms the phone."""
    if member.phone:
        phone_confirmation.invite(db, clinic, words, member, now)


def without_second_step(db: Connection) -> list[str]:
    """Return the logins of those whom their own password alone would let in, as a rehearsal does."""
    return [
        member.login
        for member in members.all_staff(db)
        if member.disabled_at is None and not member.password_given_out and not member.has_second_step
    ]


def unguarded(db: Connection) -> list[str]:
    """Return the logins of the admins where a rehearsal has left the console to passwords alone: they have some of
    their own, and none of them has a second step. One who has it can see to the others.
    """
    bare = without_second_step(db)
    admins = [one for one in members.all_staff(db) if one.role is Role.ADMIN and one.disabled_at is None]
    return [] if any(one.has_second_step for one in admins) else [one.login for one in admins if one.login in bare]


def _member(db: Connection, staff_id: int) -> Staff:
    member = members.get(db, staff_id)
    if member is None:
        raise Refused("not_on_staff")
    return member


def _somebody_else(db: Connection, staff_id: int, by: int | None) -> Staff:
    """Return somebody whom one may change: not oneself, since a slip would lock one out."""
    if staff_id == by:
        raise Refused("yourself")
    return _member(db, staff_id)


def _an_admin_stays(db: Connection, member: Staff) -> None:
    if member.role is Role.ADMIN and member.disabled_at is None and members.lock_admins(db) == [member.id]:
        raise Refused("last_admin", (member.login,))


def _phone_is_free(db: Connection, phone: str | None, of: int | None) -> None:
    owner = members.by_phone(db, phone) if phone else None
    if owner is not None and owner.id != of:
        raise Refused("phone_taken", (owner.login,))


def _write_down(db: Connection, action: str, member: Staff, by: int | None, now: datetime, **detail: str) -> None:
    audit.record(db, action, now, by, detail={"login": member.login, **detail})
