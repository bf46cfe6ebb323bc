"""Passwords: how they are kept, checked and judged."""

import os
import re
import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST = 15

LONGEST_PASSWORD = 256

# Of zxcvbn's five grades, 0 to 4: more than a hundred million guesses, its lists of common passwords considered.
GOOD_ENOUGH = 3

JUDGED = 72

# Of letters and signs that are nobody's word.
LEAST_OF_ONES_OWN = 8
_AS_LETTERS = str.maketrans("013457@$!", "oieastasi")

# Letters and digits that are not taken for each other when one is read out: 16 of them are 79 bits.
PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"

# A check takes a tenth of a second of one core, on purpose. One at a time in each process, behind everything else that
# runs there, it takes none from who answers patients.
_hasher = PasswordHasher(parallelism=1)
LAST_IN_LINE = 15


def _step_back() -> None:
    with suppress(OSError, AttributeError):  # threads have a priority of their own on Linux only
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST_IN_LINE)


# Its thread starts with the first check, so after the workers were forked.
_one_at_a_time = ThreadPoolExecutor(1, "passwords", _step_back)


def hashed(password: str) -> str:
    """Hash a password as it is stored."""
    return _one_at_a_time.submit(_hasher.hash, password).result()


def made() -> tuple[str, str]:
    """Make a password to give to somebody; returns it, and how it is stored."""
    password = "-".join("".join(secrets.choice(PLAIN) for _ in range(4)) for _ in range(4))
    return password, hashed(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(24))


def is_right(password: str, password_hash: str | None) -> bool:
    """Check a password. An unknown login costs the same work as a known one, so that the time taken tells nothing."""
    return _one_at_a_time.submit(_check, password, password_hash).result()


def _check(password: str, password_hash: str | None) -> bool:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether a password should be hashed anew, at today's cost."""
    return _hasher.check_needs_rehash(password_hash)


def weakness(password: str, own_words: Iterable[str]) -> str | None:
    """Return why a new password is not taken: short, long or guessable.

    `own_words`, and those of the field, are what a stranger would try first, so what is left without them has to do.
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST_PASSWORD:
        return "long"
    words = sorted({word.casefold() for word in own_words} | _obvious_words(), key=len, reverse=True)
    rest = _without(password, words)
    scores = (zxcvbn(said[:JUDGED], user_inputs=words)["score"] for said in (password, rest))
    return "guessable" if len(rest) < LEAST_OF_ONES_OWN or min(scores) < GOOD_ENOUGH else None


def _without(password: str, words: Iterable[str]) -> str:
    """Return what is left without these words, and without what people put between and behind them."""
    rest = password.casefold().translate(_AS_LETTERS) if _is_disguised(password, words) else password
    for word in words:
        rest = re.sub(re.escape(word), " ", rest, flags=re.IGNORECASE)
    return " ".join(re.sub(r"\b(19|20)\d\d\b", " ", rest).split()).strip(" -_.,!?#")


def _is_disguised(password: str, words: Iterable[str]) -> bool:
    plain = password.casefold().translate(_AS_LETTERS)
    return any(len(word) > 3 and word in plain for word in words)


@cache
def _obvious_words() -> frozenset[str]:
    lines = Path(__file__).with_name("obvious_words.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
