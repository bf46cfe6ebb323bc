"""What staff put right in a request: name, number, topic, how grave it is. The trail tells which, never the words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import promise
from triage.hours.window import Window
from triage.model.request import Flag, Priority, Request, Topic
from triage.settings import Clinic
from triage.store import people, promise_ledger, requests
from triage.team.ending_a_crisis import note_owed, owed_again
from triage.team.request_acts import By, done

LONGEST_NAME = 80


@dataclass(frozen=True)
class Corrected:
    """How it should be. `number`: E.164, perhaps with an extension; None leaves it as it is. `why` goes into a note."""

    name: str
    number: str | None
    topic: Topic | None
    priority: Priority
    why: str = ""


def correct(db: Connection, clinic: Clinic, request_id: int, staff_id: int, given: Corrected, now: datetime) -> bool:
    """Put right what differs; False if the request is closed. Raises Refused.

    Whoever says that a crisis is none says why: it is kept as a note.
    """
    request = requests.get(db, request_id)
    if request is None or not request.is_open:
        return False
    name = given.name.strip()
    if len(name) > LONGEST_NAME:
        raise Refused("long_name")
    if request.priority.pages and given.priority.rank > request.priority.rank and not given.why.strip():
        raise Refused("why_lower")
    values = _differing(request, name, given)
    fields = sorted(values)
    owed = owed_again(db, clinic, request, given.priority, now) if _is_none(request, values) else None
    if "priority" in values:
        values |= _due_anew(request, clinic, given.priority, now)
    if owed:
        values |= owed.values
    if not requests.change_open(db, request_id, values | _answered(request, values), now):
        return False
    if "name" in values:
        people.change(db, request.person_id, {"name": values["name"]})
    if "priority" in values and given.priority.pages:
        promise_ledger.settle(db, request_id, now)
    if owed:
        note_owed(db, request_id, owed, staff_id, now)
    if fields and given.why.strip():
        requests.add_note(db, request_id, staff_id, given.why.strip(), now)
    detail = {"fields": " ".join(fields) or "none"}
    if "priority" in values:
        detail |= {"from": str(request.priority), "to": str(given.priority)}
    return done(db, clinic, "correct", request_id, staff_id, now, By.CONSOLE, **detail)


def _is_none(request: Request, values: dict[str, Any]) -> bool:
    """Tell whether a crisis becomes none by these values."""
    return request.priority.pages and not values.get("priority", request.priority).pages


def _differing(request: Request, name: str, given: Corrected) -> dict[str, Any]:
    """Return the columns that change, by their names."""
    wanted: dict[str, Any] = {"name": name or None, "topic": given.topic, "priority": given.priority}
    if given.number is not None:
        wanted["phone"] = given.number
    before = {"name": request.name, "topic": request.topic, "priority": request.priority, "phone": request.number}
    return {column: value for column, value in wanted.items() if value != before[column]}


def _answered(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """Take away the flags whose question is answered by now."""
    answers = {"name": {Flag.ASK_NAME}, "phone": {Flag.ASK_NUMBER, Flag.WRONG_NUMBER}}
    gone = {flag for column, flags in answers.items() if values.get(column) for flag in flags}
    return {"flags": request.flags - gone} if gone & request.flags else {}


def _due_anew(request: Request, clinic: Clinic, priority: Priority, now: datetime) -> dict[str, Any]:
    """Return when it is due now: at once and alerted anew where it has turned grave, else as it was promised."""
    values: dict[str, Any] = {"snoozed_until": None}
    if priority.pages:
        unseen: dict[str, Any] = {"acknowledged_by": None, "acknowledged_at": None, "uncalled_at": None}
        seen = unseen | {"next_alert_at": None, "alarmed_at": now}
        return values | {"due_at": now} | ({} if request.priority.pages else seen)
    ahead = request.promised_start and request.promised_end and request.promised_end > now
    wish = Window(request.promised_start, request.promised_end) if ahead else None  # type: ignore[arg-type]
    due_at = promise(priority, wish, now, clinic.opening, clinic.targets).due_at
    return values | {"due_at": due_at, "next_alert_at": None, "uncalled_at": None}
