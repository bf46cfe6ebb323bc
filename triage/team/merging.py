"""Two requests that are of one person: the other goes on as this one, and for a day that can be undone."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.errors import Refused
from triage.hours.promises import Promise
from triage.hours.window import Window
from triage.model.request import Disposition, Request
from triage.settings import Clinic
from triage.store import merges, promise_ledger, requests
from triage.store.merges import Merge
from triage.team.request_acts import done

CAN_BE_UNDONE = timedelta(days=1)


def merge(db: Connection, clinic: Clinic, request_id: int, staff_id: int, other_id: int, now: datetime) -> bool:
    """Let the other request go on as this one, and show both threads with it; False if this one is closed.

    The other is closed if it was open; nothing else of it changes. Raises Refused.
    """
    kept, other = requests.get(db, request_id), requests.get(db, other_id)
    if kept is None or not kept.is_open:
        return False
    if other is None:
        raise Refused("no_such_request")
    if other.person_id == kept.person_id:
        raise Refused("same_already")
    if any(
        other.person_id in (one.kept_person_id, one.other_person_id) for one in merges.of_person(db, kept.person_id)
    ):
        raise Refused("same_already")
    if other.is_open and other.priority.rank < kept.priority.rank:
        raise Refused("graver_stays", (str(other.id),))
    if other.is_open and other.claimed_by not in (None, staff_id):
        raise Refused("other_is_taken")
    if other.is_open and not requests.close(db, other.id, staff_id, Disposition.OTHER, now):
        return False
    if other.is_open:
        promise_ledger.settle(db, other.id, now)
    merges.make(db, (kept.id, kept.person_id), (other.id, other.person_id), other.is_open, staff_id, now)
    requests.change(db, kept.id, {"flags": kept.flags | other.flags if other.is_open else kept.flags}, now)
    done(db, clinic, "merged_into", other.id, staff_id, now, kept=kept.id)
    return done(db, clinic, "merge", kept.id, staff_id, now, other=other.id)


def unmerge(db: Connection, clinic: Clinic, request_id: int, staff_id: int, merge_id: int, now: datetime) -> bool:
    """Take a merge back: the other stands in the queue again, if it did and its person has no newer one.

    False if it was taken back already. Raises Refused after a day.
    """
    request = requests.get(db, request_id)
    standing = merges.of_person(db, request.person_id) if request else []
    found = next((one for one in standing if one.id == merge_id), None)
    if found is None:
        return False
    if now - found.made_at > CAN_BE_UNDONE:
        raise Refused("merged_too_long")
    if not merges.undo(db, merge_id, now):
        return False
    if found.closed_other:
        _put_back(db, found, now)
    done(db, clinic, "unmerged_from", found.other_id, staff_id, now, kept=found.kept_id)
    return done(db, clinic, "unmerge", found.kept_id, staff_id, now, other=found.other_id)


def _put_back(db: Connection, found: Merge, now: datetime) -> None:
    newest = requests.newest_of(db, found.other_person_id)
    if newest is not None and newest.is_open:
        return
    if requests.reopen(db, found.other_id, now) and (other := requests.get(db, found.other_id)) is not None:
        _promise_again(db, other, now)


def _promise_again(db: Connection, other: Request, now: datetime) -> None:
    """Let the promise that the patient was given count again, if its time is still ahead."""
    if other.promised and other.due_at > now:
        ends = (other.promised_start, other.promised_end)
        window = Window(ends[0], ends[1]) if ends[0] and ends[1] else None
        promise_ledger.make(db, other.id, Promise(window, other.due_at), other.promised, now)
