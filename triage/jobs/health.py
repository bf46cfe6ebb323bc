"""Whether reminders run: the database, its schema, the clock processes, and how late the oldest notice is."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from triage import migrations
from triage.migrations import Schema
from triage.notices.refusals import FOR_OPERATOR
from triage.runtime import Runtime
from triage.store import balance_counts, clocks, inbox_marks, members, notices, outbox_hold, unreadable
from triage.store.clocks import Clock
from triage.store.engine import Database

# A clock writes down every ten seconds how it stands.
SEEN_WITHIN = timedelta(seconds=40)

# Jobs that run every second or every five; one that has not ended well for so long does not run.
WATCHED = ("crisis", "ring", "staff")
ENDED_WITHIN = timedelta(seconds=60)

LATE = timedelta(minutes=5)

# The provider's lists are read every minute.
LISTS_READ_WITHIN = timedelta(minutes=10)

# Away from where it stood when the clock was started by more than this, the wall clock is not trusted with quiet hours.
AWAY_S = 120.0

# Of the disk under SQLite: the share that is always left free, and what the next writes need, in bytes.
FREE_SHARE = 0.05
FREE_BYTES = 2 * 1024 * 1024


class Problem(StrEnum):
    """What keeps reminders from going out; worded in templates/staff/_health.html."""

    NO_DATABASE = "no_database"
    OTHER_SCHEMA = "other_schema"  # migrations are missing, or a newer program took away what this one needs
    NO_CLOCK = "no_clock"
    JOB_STANDS = "job_stands"
    DISK_FULL = "disk_full"


class Concern(StrEnum):
    """What somebody should look at, though reminders go out."""

    CLOCK_AWAY = "clock_away"
    TEXTS_LATE = "texts_late"
    LISTS_UNREAD = "lists_unread"  # nobody looks for texts and calls that did not reach us
    DISK_SHORT = "disk_short"
    OUTBOX_HELD = "outbox_held"  # since a restore: what is old waits for `flask outbox release`
    BALANCE_OFF = "balance_off"  # the newest nightly count found rows that should not be
    NEWER_SCHEMA = "newer_schema"  # a newer program has migrated the database, and this one still works on it
    TEXTS_REFUSED = "texts_refused"  # our account or number, or what the carrier takes of ours in a day
    SET_ASIDE = "set_aside"  # something that was kept of a person could not be read
    ALERTS_UNDELIVERED = "alerts_undelivered"  # alerts do not reach the phone of somebody of staff


@dataclass(frozen=True)
class Health:
    """How the program stands. `oldest_due_s`: by how many seconds the oldest unsent notice is late, 0 if none is.

    refused_codes: the provider's codes for which texts wait until an operator acts.
    """

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Concern, ...] = ()
    clocks: tuple[Clock, ...] = ()
    oldest_due_s: int = 0
    refused_codes: tuple[int, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.problems


def look(runtime: Runtime) -> Health:
    """Look at everything once. A database that cannot be reached is a problem, not an error."""
    now = runtime.now()
    try:
        schema = migrations.standing(runtime.db)
        if not schema.works:
            return Health((Problem.OTHER_SCHEMA,))
        with runtime.db.read() as db:
            alive = tuple(clocks.alive(db, now, SEEN_WITHIN))
            oldest = notices.oldest_due(db, now)
            unread_since = inbox_marks.unread_since(db)
            is_held = outbox_hold.current(db) is not None
            balance = balance_counts.newest(db)
            codes = tuple(notices.refused_codes(db, FOR_OPERATOR))
            undelivered = members.any_refused(db)
            damaged = unreadable.any_since(db, now - unreadable.SHOWN_FOR)
        full, short = _disk(runtime.db)
    except (SQLAlchemyError, OSError):
        return Health((Problem.NO_DATABASE,))
    late = max(timedelta(), now - oldest) if oldest else timedelta()
    concerns = {
        Concern.CLOCK_AWAY: any(abs(clock.away_s) > AWAY_S for clock in alive),
        Concern.TEXTS_LATE: late > LATE,
        Concern.LISTS_UNREAD: unread_since and now - unread_since > LISTS_READ_WITHIN,
        Concern.DISK_SHORT: short,
        Concern.OUTBOX_HELD: is_held,
        Concern.BALANCE_OFF: balance and balance.off,
        Concern.NEWER_SCHEMA: schema is Schema.AHEAD,
        Concern.TEXTS_REFUSED: codes,
        Concern.ALERTS_UNDELIVERED: undelivered,
        Concern.SET_ASIDE: damaged,
    }
    warnings = tuple(concern for concern, stands in concerns.items() if stands)
    problems = (*_problems(alive, now), *([Problem.DISK_FULL] if full else []))
    return Health(problems, warnings, alive, int(late.total_seconds()), codes)


def _disk(database: Database) -> tuple[bool, bool]:
    """Tell whether the disk under SQLite is full, and whether it soon will be. PostgreSQL watches its own."""
    if database.path is None:
        return False, False
    disk = shutil.disk_usage(database.path.parent)
    return disk.free < FREE_BYTES, disk.free < FREE_SHARE * disk.total


def _problems(alive: tuple[Clock, ...], now: datetime) -> tuple[Problem, ...]:
    if not alive:
        return (Problem.NO_CLOCK,)
    ended = {job: max(clock.ended_at.get(job, clock.started_at) for clock in alive) for job in WATCHED}
    return (Problem.JOB_STANDS,) if min(ended.values()) < now - ENDED_WITHIN else ()
