"""Who of the staff sees and may do what: one matrix."""

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
