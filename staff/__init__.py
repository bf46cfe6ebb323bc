"""The console edge: the queue that staff work, one request at a time. `blueprint` is all that the app needs."""

from staff import access
from staff.desk import bp as blueprint

__all__ = [
    "access",
    "account",
    "blueprint",
    "console",
    "enrolment",
    "lock",
    "login",
    "members",
    "moves",
    "queue",
    "recordings",
    "ring",
    "trail",
    "wrap_up",
]
