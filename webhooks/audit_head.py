"""Keeps the head of the audit trail where the owner of the database cannot write: a file elsewhere, or an address."""

import os
from datetime import UTC, datetime
from pathlib import Path

import requests
import structlog

from triage.errors import HeadNotRead
from triage.runtime import Runtime
from triage.store import audit_chain
from triage.store.audit_chain import BEGINNING, Head

log = structlog.get_logger()

TIMEOUT_S = 10
# More than a line with a head has, and less than a page of an error would.
LONGEST = 200


def note(runtime: Runtime) -> None:
    """Note the present head at the place of the setting AUDIT_HEAD, unless the trail lacks the head that is kept there.

    Then what is kept there is the proof, and stays.
    """
    place = runtime.environment.audit_head
    if not place:
        return
    try:
        known = kept(place)
    except HeadNotRead as fault:
        log.warning("audit_head_not_read", fault=str(fault))
        return
    with runtime.db.snapshot() as db:
        now, is_held = audit_chain.head(db), audit_chain.holds(db, known)
    if not is_held:
        log.critical("audit_head_is_missing", position=known.position)
    elif now != known:
        _write(place, now)


def kept(place: str) -> Head:
    """Return the head that was noted last, the beginning where none was. Raises HeadNotRead."""
    written = _asked(place) if _is_address(place) else _last_line(Path(place))
    if not written:
        return BEGINNING
    try:
        return Head.read(written.split()[-1])
    except ValueError:
        raise HeadNotRead("what is kept there is no head") from None


def _is_address(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _last_line(file: Path) -> str:
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - LONGEST))
            return lines.read().decode("ascii", "replace").strip().rpartition("\n")[2]
    except FileNotFoundError:
        return ""
    except OSError as fault:
        raise HeadNotRead(type(fault).__name__) from None


def _asked(address: str) -> str:
    try:
        answer = requests.get(address, timeout=TIMEOUT_S)
        if answer.status_code == requests.codes.not_found:
            return ""
        answer.raise_for_status()
    except requests.RequestException as fault:
        raise HeadNotRead(type(fault).__name__) from None
    return answer.text[:LONGEST].strip()


def _write(place: str, head: Head) -> None:
    line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {head}\n"
    try:
        if _is_address(place):
            requests.put(place, data=line, timeout=TIMEOUT_S).raise_for_status()
            return
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(line)
    except (requests.RequestException, OSError) as fault:
        log.warning("audit_head_not_noted", fault=type(fault).__name__)
