"""Asking the carrier what kind of line a number is, once a year: a landline is known before it is texted."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from triage.errors import DeliveryFailed, DeliveryUnknown
from triage.model.phone import SenderKind, sender_kind
from triage.ports import LineTypes
from triage.runtime import Runtime
from triage.store import audit, line_types, people

log = structlog.get_logger()

KNOWN_FOR, AGAIN_AFTER = timedelta(days=365), timedelta(minutes=10)

AT_ONCE = 5

TIMEOUT_S = 5.0

# Lines that take no texts, in the provider's words.
NO_TEXTS = frozenset({"landline", "tollFree", "premium", "sharedCost", "uan", "voicemail", "pager"})


@dataclass(frozen=True)
class LineLookup:
    """What looking up needs."""

    runtime: Runtime
    lines: LineTypes


def look_up_due(lookup: LineLookup) -> int:
    """Look up the lines that are not known, where the clinic wants that; returns how many were asked for."""
    runtime = lookup.runtime
    if not runtime.clinic.sending.look_up_lines:
        return 0
    with runtime.db.read() as db:
        due = line_types.unknown(db, runtime.now(), AT_ONCE)
    for person_id, phone in due:
        if runtime.ending.is_set():
            break
        _look_up(lookup, person_id, phone)
    return len(due)


def _look_up(lookup: LineLookup, person_id: int, phone: str) -> None:
    """Ask for one number. A withheld or foreign one is no line that we text."""
    runtime, found, known_for = lookup.runtime, None, KNOWN_FOR
    if sender_kind(phone) is SenderKind.PHONE_NANP:
        try:
            found = lookup.lines.line_type(phone, TIMEOUT_S)
        except (DeliveryFailed, DeliveryUnknown) as failure:
            is_final = isinstance(failure, DeliveryFailed) and failure.refusal.is_permanent
            known_for = KNOWN_FOR if is_final else AGAIN_AFTER
            log.warning("line_not_looked_up", person=person_id, fault=type(failure).__name__)
    now = runtime.now()
    with runtime.db.write() as db:
        line_types.keep(db, person_id, found, now + known_for)
        if found in NO_TEXTS:
            person = people.get(db, person_id)
            if person is not None and person.textable:
                people.change(db, person_id, {"textable": False, "untextable_why": "landline"})
                audit.record(db, "untextable", now, person_id=person_id, detail={"line": found})
