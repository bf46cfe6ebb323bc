"""A member of staff: role, what each role may do, session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    FRONT_DESK = "front_desk"
    CLINICIAN = "clinician"
    ADMIN = "admin"
    AUDITOR = "auditor"  # reads the queue and the audit trail, changes nothing


class May(StrEnum):
    VIEW = "view"  # the queue and each request, with names, wishes and what was written
    NUMBERS = "numbers"  # phone numbers in full, else their last two digits
    MEDICAL = "medical"  # what was heard as medical, also where no alarm asks everybody to read it
    WORK = "work"  # every change of a request
    BLOCK = "block"  # shut out a number
    EXPORT = "export"  # take the queue away as a file
    TRAIL = "trail"  # read who did what
    STAFF = "staff"  # say who is on the staff, in which role, and let people back in


_FRONT_DESK = frozenset({May.VIEW, May.NUMBERS, May.WORK})

MATRIX = {
    Role.FRONT_DESK: _FRONT_DESK,
    Role.CLINICIAN: _FRONT_DESK | {May.MEDICAL},
    Role.ADMIN: frozenset(May),
    Role.AUDITOR: frozenset({May.VIEW, May.TRAIL}),
}


@dataclass(frozen=True)
class Staff:
    """One member of staff. Times are aware UTC. A phone may give commands by text only once it is confirmed.

    password_given_out: the password was made by somebody else, at password_given_at, and not changed since.
    alerts_refused: why alerts do not reach their phone, since alerts_refused_at; None as far as is known they do.
    """

    id: int
    login: str
    name: str
    role: Role
    phone: str | None
    phone_confirmed_at: datetime | None
    disabled_at: datetime | None
    has_second_step: bool = False
    password_given_out: bool = False
    password_given_at: datetime | None = None
    alerts_refused: str | None = None
    alerts_refused_at: datetime | None = None

    def may(self, act: May) -> bool:
        return act in MATRIX[self.role]

    @property
    def is_reachable(self) -> bool:
        """Tell whether alerts may be texted to their phone and calls may ring it."""
        return self.phone is not None and self.phone_confirmed_at is not None and self.disabled_at is None

    @property
    def may_change(self) -> bool:
        return self.may(May.WORK)


@dataclass(frozen=True)
class OpenSession:
    """One of the sessions of somebody, as they see it. handle: names it, and opens nothing.

    device: "firefox/windows", as far as the browser said.
    """

    handle: str
    began_at: datetime
    seen_at: datetime
    device: str | None
    is_this: bool


@dataclass(frozen=True)
class Session:
    """Somebody signed in. The token itself is only in their browser.

    shown_again_at: when they last gave their second step once more, for a change of the staff.
    """

    staff: Staff
    csrf: str
    seen_at: datetime
    expires_at: datetime
    second_step_at: datetime | None
    locked_at: datetime | None
    shown_again_at: datetime | None = None

    def is_locked(self, now: datetime, idle_lock: timedelta) -> bool:
        """Tell whether its pages are locked: by its owner, or because nobody has used it for so long."""
        return self.locked_at is not None or now - self.seen_at >= idle_lock
