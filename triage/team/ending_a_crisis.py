"""How a crisis ends without being closed: spoken to and called again, a false alarm, or less grave than that."""

from datetime import datetime

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import Promise, promise
from triage.hours.window import Window
from triage.model.request import CrisisEnd, Disposition, Flag, Priority, Request
from triage.ports import Words
from triage.settings import Clinic
from triage.store import crisis_ends, promise_ledger, requests
from triage.team.request_acts import done, log_attempt


def spoken_to(
    db: Connection, clinic: Clinic, words: Words, request_id: int, staff_id: int, again_at: datetime, why: str | None,
    now: datetime,
) -> bool:  # fmt: skip
    """End a crisis for who was spoken to, and promise to call again at a time, by day or night. Raises Refused.

    A talk that nobody has logged is logged with it. It stands as urgent until it is closed.
    """
    request = _grave(db, request_id)
    if request is None:
        return False
    if not now < again_at <= now + clinic.targets.longest_snooze:
        raise Refused("time_past" if again_at <= now else "too_far")
    if request.spoken_at is None:
        log_attempt(db, clinic, words, request_id, staff_id, Disposition.REACHED, None, now)
    when = words.say("when/by", request.lang, {"at": again_at.astimezone(clinic.zone)})
    values: dict[str, object] = {"promised": when, "promised_start": None, "promised_end": None}
    made = Promise(None, again_at)
    return _ended(db, clinic, request, staff_id, CrisisEnd.SPOKEN_TO, Priority.URGENT, values, made, why, now)


def lower(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, how: CrisisEnd, to: Priority, why: str,
    now: datetime,
) -> bool:  # fmt: skip
    """End a crisis that is none, or less grave; what was wished for before counts again. Raises Refused without a why.

    Nobody is called off a call that is owed: it stays open.
    """
    request = _grave(db, request_id)
    if request is None:
        return False
    if not why.strip():
        raise Refused("no_why")
    if to.pages:
        raise Refused("not_lower")
    wish = Window(request.window_start, request.window_end) if request.window_start and request.window_end else None
    made = promise(to, wish, now.astimezone(clinic.zone), clinic.opening, clinic.targets)
    # Not in words: the patient has not been told.
    values: dict[str, object] = {
        "promised": None,
        "promised_start": made.window.start if made.window else None,
        "promised_end": made.window.end if made.window else None,
    }
    return _ended(db, clinic, request, staff_id, how, to, values, made, why, now)


def _grave(db: Connection, request_id: int) -> Request | None:
    request = requests.get(db, request_id)
    return request if request and request.is_open and request.priority.pages else None


def _ended(
    db: Connection, clinic: Clinic, request: Request, staff_id: int, how: CrisisEnd, to: Priority,
    values: dict[str, object], made: Promise, why: str | None, now: datetime,
) -> bool:  # fmt: skip
    """Write the end. Who ends it has seen it, so its alerts end with it."""
    requests.acknowledge(db, request.id, staff_id, now)
    values |= {
        "priority": to,
        "due_at": made.due_at,
        "next_alert_at": None,
        "uncalled_at": None,
        "flags": request.flags - {Flag.PLEASE_READ},
    }
    if not requests.change_open(db, request.id, values, now):
        return False
    crisis_ends.add(db, request.id, staff_id, how, (why or "").strip() or None, now)
    said = values["promised"]
    promise_ledger.make(db, request.id, made, str(said) if said else None, now, staff_id)
    return done(db, clinic, "end_crisis", request.id, staff_id, now, how=how, to=to)
