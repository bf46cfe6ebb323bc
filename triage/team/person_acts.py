"""What staff do with a person rather than with a request: bar them, let texts go to them again, put them in the queue.

Each act and its audit event are in one transaction.
"""

from datetime import datetime

from sqlalchemy import Connection

from triage.hours.promises import promise
from triage.model.request import Priority, RequestValues
from triage.settings import Clinic
from triage.store import audit, people, requests
from triage.team.request_acts import done


def block(db: Connection, person_id: int, staff_id: int, blocked: bool, now: datetime) -> bool:
    """Answer this phone no more, or again. It is still stored and screened, and words of crisis still alarm."""
    people.change(db, person_id, {"blocked_at": now if blocked else None})
    request = requests.open_of(db, person_id)
    if request is not None:
        requests.change(db, request.id, {}, now)
    audit.record(db, "block" if blocked else "unblock", now, staff_id, person_id=person_id)
    return True


def opt_in(db: Connection, person_id: int, staff_id: int, now: datetime) -> bool:
    """Let texts go there again, because the person has told staff so; False if none were stopped."""
    person = people.get(db, person_id)
    if person is None or person.opted_out_at is None:
        return False
    consent = {"source": "staff", "at": now.isoformat(), "by": staff_id}
    people.change(db, person_id, {"opted_out_at": None, "consent": consent})
    audit.record(db, "opt_in", now, staff_id, person_id=person_id)
    return True


def queue(db: Connection, clinic: Clinic, person_id: int, staff_id: int, now: datetime) -> int:
    """Make a routine request for somebody and return its id; the open one, if there is one."""
    found = people.lock_talk(db, person_id)
    request = requests.open_of(db, person_id)
    if request is not None or found is None:
        return request.id if request else 0
    person = found[0]
    due_at = promise(Priority.ROUTINE, None, now, clinic.opening, clinic.targets).due_at
    new = RequestValues(person_id, Priority.ROUTINE, "sms", person.lang, due_at, {"name": person.name})
    made = requests.create(db, new, now)
    done(db, clinic, "queue_person", made, staff_id, now)
    return made
