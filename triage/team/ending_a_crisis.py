"""How a crisis ends without being closed: spoken to and called again, a false alarm, or less grave than that."""

from dataclasses import dataclass
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
    owed = Owed(Promise(None, again_at), when)
    return _ended(db, clinic, request, staff_id, CrisisEnd.SPOKEN_TO, Priority.URGENT, owed, why, now)


def lower(
    db: Connection, clinic: Clinic, request_id: int, staff_id: int, how: CrisisEnd, to: Priority, why: str,
    now: datetime,
) -> bool:  # fmt: skip
    """End a crisis that is none, or less grave; what was promised before counts again. Raises Refused without a why.

    Nobody is called off a call that is owed: it stays open.
    """
    request = _grave(db, request_id)
    if request is None:
        return False
    if not why.strip():
        raise Refused("no_why")
    if to.pages:
        raise Refused("not_lower")
    return _ended(db, clinic, request, staff_id, how, to, owed_again(db, clinic, request, to, now), why, now)


@dataclass(frozen=True)
class Owed:
    """What a person is owed once the crisis is over. stood: the promise of before, where it is that one again."""

    made: Promise
    words: str | None = None
    stood: int | None = None

    @property
    def values(self) -> dict[str, object]:
        window = self.made.window
        return {
            "promised": self.words,
            "promised_start": window.start if window else None,
            "promised_end": window.end if window else None,
            "due_at": self.made.due_at,
        }


def owed_again(db: Connection, clinic: Clinic, request: Request, to: Priority, now: datetime) -> Owed:
    """Return what is owed once a crisis is none: what was promised before it, else by what was wished for.

    What is urgent is called by its own target, where that comes first. Without words: the patient has not been told.
    """
    stood = promise_ledger.before_crisis(db, request.id, clinic.targets.crisis, now)
    made = promise(to, _wish(request, now), now.astimezone(clinic.zone), clinic.opening, clinic.targets)
    if stood and (to is Priority.ROUTINE or stood.due_at <= made.due_at):
        window = Window(stood.window_start, stood.window_end) if stood.window_start and stood.window_end else None
        return Owed(Promise(window, stood.due_at), stood.words, stood.id)
    return Owed(made)


def _wish(request: Request, now: datetime) -> Window | None:
    """Return the window that still stands on the request, else the one that was wished for."""
    if request.promised_start and request.promised_end and request.promised_end > now:
        return Window(request.promised_start, request.promised_end)
    return Window(request.window_start, request.window_end) if request.window_start and request.window_end else None


def note_owed(db: Connection, request_id: int, owed: Owed, staff_id: int, now: datetime) -> None:
    """Have the ledger say the same as the request."""
    if owed.stood is not None:
        promise_ledger.take_up(db, request_id, owed.stood, now)
    else:
        promise_ledger.make(db, request_id, owed.made, owed.words, now, staff_id)


def _grave(db: Connection, request_id: int) -> Request | None:
    request = requests.get(db, request_id)
    return request if request and request.is_open and request.priority.pages else None


def _ended(
    db: Connection, clinic: Clinic, request: Request, staff_id: int, how: CrisisEnd, to: Priority,
    owed: Owed, why: str | None, now: datetime,
) -> bool:  # fmt: skip
    """Write the end. Who ends it has seen it, so its alerts end with it."""
    requests.acknowledge(db, request.id, staff_id, now)
    values = owed.values | {
        "priority": to,
        "next_alert_at": None,
        "uncalled_at": None,
        "flags": request.flags - {Flag.PLEASE_READ},
    }
    if not requests.change_open(db, request.id, values, now):
        return False
    crisis_ends.add(db, request.id, staff_id, how, (why or "").strip() or None, now)
    note_owed(db, request.id, owed, staff_id, now)
    return done(db, clinic, "end_crisis", request.id, staff_id, now, how=how, to=to)
