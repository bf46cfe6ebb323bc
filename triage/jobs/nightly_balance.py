"""The nightly balance: counted once a day after the clinic's midnight, told to the lead where it is off."""

from datetime import date, datetime, time, timedelta

import structlog

from triage.hours.window import at_local
from triage.model.notice import Kind, Planned
from triage.notices.recipients import who_can_be_texted
from triage.policy import STAFF_LANG
from triage.runtime import Runtime
from triage.store import audit, balance_counts, notices
from triage.store.balance_counts import Balance

log = structlog.get_logger()

# What came in right before midnight has settled by then.
AFTER_MIDNIGHT = timedelta(hours=1)


def count_day(runtime: Runtime, day: date) -> Balance:
    """Count a day of the clinic's zone as it stands now."""
    zone, now = runtime.clinic.zone, runtime.now()
    since, until = at_local(day, time(), zone), at_local(day + timedelta(days=1), time(), zone)
    with runtime.db.read() as db:
        return balance_counts.count(db, since, min(until + AFTER_MIDNIGHT, now))


def count_once(runtime: Runtime) -> Balance | None:
    """Count yesterday, if no clock has done so; None if one has. Where it is off, the lead is told at opening time."""
    now = runtime.now()
    yesterday = (now.astimezone(runtime.clinic.zone) - AFTER_MIDNIGHT).date() - timedelta(days=1)
    with runtime.db.read() as db:
        if balance_counts.is_counted(db, yesterday):
            return None
    found = count_day(runtime, yesterday)
    with runtime.db.write() as db:
        if not balance_counts.keep(db, yesterday, found, now):
            return None
        if found.off:
            audit.record(db, "balance_off", now, detail={"count": found.off})
            for member in who_can_be_texted(db, (runtime.clinic.lead,), runtime.clinic):
                notices.plan(db, _told(runtime, member.id, yesterday, found, now), now)
    (log.error if found.off else log.info)("balance", day=yesterday.isoformat(), off=found.off)
    return found


def _told(runtime: Runtime, staff_id: int, day: date, found: Balance, now: datetime) -> Planned:
    body = runtime.words.say(
        "staff/balance_off", STAFF_LANG, {"sender": runtime.clinic.sender_name, "count": found.off}
    )
    due_at = runtime.clinic.opening.next_open(now)
    need = f"balance_off:{day.isoformat()}"
    return Planned(Kind.BALANCE_OFF, need, due_at, staff_id=staff_id, body=body, copy_for=staff_id)
