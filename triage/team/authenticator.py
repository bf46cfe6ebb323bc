"""The second step of signing in: codes from an authenticator app, each good once, and recovery codes."""

import hmac
import re
import secrets
from datetime import datetime

import pyotp

from triage.store.keys import Keys

STEP_S = 30

RECOVERY_CODES = 10

# No letter or digit that is easily taken for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def address(secret: str, login: str, clinic: str) -> str:
    """Return the otpauth address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=clinic)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Return the 30-second step whose code this is; None if it is none of now. One step either side: clocks differ."""
    code = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"[0-9]{6}", code):
        return None
    current = int(now.timestamp()) // STEP_S
    hotp = pyotp.HOTP(secret)
    return next(
        (step for step in (current, current - 1, current + 1) if hmac.compare_digest(hotp.at(step), code)), None
    )


def new_recovery_codes() -> tuple[str, ...]:
    """Make ten codes to print and keep, each for one sign-in without the app."""
    return tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    )


def recovery_hash(typed: str) -> str:
    """Hash a recovery code as it is stored."""
    return recovery_hashes(typed)[0]


def recovery_hashes(typed: str) -> tuple[str, ...]:
    """Hash a recovery code as it may be stored, by the newest key first.

    Keyed, because 59 bits alone could be tried out by whoever has the database.
    """
    return Keys.phone_hashes("recovery|" + "".join(c for c in typed.lower() if c in _LETTERS))
