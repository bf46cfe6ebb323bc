"""What a request is promised, when it is tried again, and why it stands where it does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.hours.opening import OpeningHours
from triage.hours.window import Window
from triage.model.request import Flag, Priority


@dataclass(frozen=True)
class Targets:
    """How soon a first call is promised, and how often and how far apart it is tried. From `clinic.toml`.

    listened_to: how soon somebody listens to a message that no machine has read.
    """

    crisis: timedelta
    urgent: timedelta
    routine: timedelta
    tries: int
    apart: timedelta
    none_before_closing: timedelta
    crisis_again: timedelta
    longest_snooze: timedelta
    listened_to: timedelta


@dataclass(frozen=True)
class Promise:
    """What a person has been promised. Times are aware. `window` None: as soon as we can, by `due_at`.

    at_once: a call right now was promised; `due_at` is when that is no longer true.
    """

    window: Window | None
    due_at: datetime
    fits: bool = True
    at_once: bool = False


def promise(
    priority: Priority, wish: Window | None, queued_at: datetime, hours: OpeningHours, targets: Targets
) -> Promise:
    """Fit the wish to open hours, or take the target of the priority.

    Only open minutes count for routine; urgent, crisis and emergency count clock minutes. A wish
    as wide as a day ("any time") is no window: the target holds. `fits` is False where no open minute lies in the wish.
    Raises NeverOpen if no day is open.
    """
    if priority.pages:
        return Promise(None, queued_at + targets.crisis, at_once=True)
    if priority is Priority.URGENT:
        return Promise(None, queued_at + targets.urgent)
    soon = hours.add_open_time(queued_at, targets.routine)
    if wish is None or wish.end - wish.start >= timedelta(hours=24):
        return Promise(None, soon)
    fitted = hours.fit(wish, queued_at)
    if fitted is None:
        return Promise(None, max(soon, hours.nearest(wish, queued_at).end), fits=False)
    return Promise(fitted, fitted.end)


def next_try(attempts: int, at: datetime, hours: OpeningHours, targets: Targets) -> datetime | None:
    """Return when to try again after `attempts` tries without contact; None when the plan is used up.

    Counted in open time. Never in the last minutes before closing: then at the next opening.
    """
    if attempts >= targets.tries:
        return None
    again = hours.add_open_time(at, targets.apart)
    if hours.open_until(again) - again < targets.none_before_closing:
        return hours.next_open(hours.open_until(again) + timedelta(minutes=1))
    return again


def reason(priority: Priority, due_at: datetime, attempts: int, flags: frozenset[Flag], now: datetime) -> str:
    """Return why a request stands where it does: the key of a text for staff."""
    if priority.pages:
        return priority.value
    if Flag.LISTEN_FIRST in flags:
        return "listen_first"
    if Flag.PLEASE_READ in flags:
        return "please_read"
    if priority is Priority.URGENT:
        return "urgent"
    if due_at <= now:
        return "overdue"
    if attempts:
        return "try_again"
    return "promised"
