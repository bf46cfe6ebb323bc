"""Coverage: the hours of the week in which a crisis reaches none of its contacts, and what would open such hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from sqlalchemy import Connection

from triage.errors import Refused
from triage.model.member import MATRIX, May
from triage.settings import Clinic, hour_of_week
from triage.store import members

HOURS_A_WEEK = 7 * 24


def open_hours(db: Connection, clinic: Clinic) -> list[int]:
    """Return the hours of the week, counted from Monday 00:00, in which no contact can be reached who may act."""
    able = [login for login, role in members.reachable(db).items() if May.WORK in MATRIX[role]]
    return clinic.hours_open(able)


def spans(hours: list[int]) -> tuple[str, ...]:
    """Write hours of the week as the stretches that they form: `Monday 20:00 - Tuesday 08:00`."""
    found = []
    for _, group in groupby(enumerate(hours), key=lambda one: one[1] - one[0]):
        stretch = [hour for _, hour in group]
        found.append(f"{hour_of_week(stretch[0])} - {hour_of_week(stretch[-1] + 1)}")
    return tuple(found)


@contextmanager
def kept(db: Connection, clinic: Clinic, accepted: tuple[str, ...] | None) -> Iterator[None]:
    """Refuse a change that leaves hours open which were covered before, unless exactly these are `accepted`.

    None accepts any. Raises Refused with the stretches that it leaves open.
    """
    members.lock_all(db)
    before = set(open_hours(db, clinic))
    yield
    left = spans([hour for hour in open_hours(db, clinic) if hour not in before])
    if left and accepted is not None and accepted != left:
        raise Refused("leaves_open", left)
