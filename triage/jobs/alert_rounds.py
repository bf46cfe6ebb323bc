"""Begins the rounds of crisis alerts that are due: texts, and calls a little later."""

from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from triage.errors import DatabaseBusy
from triage.jobs.pace import CRISIS
from triage.model.call import Purpose, Wanted
from triage.model.notice import Kind, Planned
from triage.notices.recipients import round_addressees, who_can_be_texted
from triage.settings import Clinic
from triage.store import audit, legs, notices, requests
from triage.store.engine import Database

log = structlog.get_logger()


def escalate(database: Database, clinic: Clinic, now: datetime) -> int:
    """Begin the rounds of alerts that are due; returns how many."""
    _alert_anew(database, clinic, now)
    with database.read() as db:
        due = requests.to_alert(db, now, clinic.alerts.longest_pause)
    begun = 0
    for request_id, rounds in due:
        try:
            begun += _begin_round(database, clinic, request_id, rounds, now)
        except (DatabaseBusy, OperationalError):
            raise
        except Exception as fault:
            log.error("round_fault", request=request_id, fault=type(fault).__name__)
            with database.write() as db:
                requests.begin_round(db, request_id, rounds, now + CRISIS.wait_after_fault)
    return begun


def _alert_anew(database: Database, clinic: Clinic, now: datetime) -> None:
    """Let the rounds begin again where a crisis was acknowledged and nobody has called, with the lead in at once.

    Whoever had it has it no more, so that anybody can take it. To acknowledge it again ends them again, for as long.
    """
    with database.read() as db:
        ids = requests.uncalled(db, now, clinic.alerts.crisis_uncalled)
    for request_id in ids:
        with database.write() as db:
            # Looked at again: a call may have been logged meanwhile.
            if request_id not in requests.uncalled(db, now, clinic.alerts.crisis_uncalled):
                continue
            staff_id = requests.alert_anew(db, request_id, clinic.alerts.crisis_lead_from_round - 1, now)
            if staff_id is not None:
                audit.record(db, "uncalled", now, request_id=request_id, detail={"acknowledged_by": staff_id})
                log.warning("acknowledged_and_not_called", request=request_id)


def _begin_round(database: Database, clinic: Clinic, request_id: int, rounds: int, now: datetime) -> bool:
    number = rounds + 1
    again_at = now + clinic.alerts.pause_after_round(number)
    with database.write() as db:
        if not requests.begin_round(db, request_id, rounds, again_at):
            return False
        told = who_can_be_texted(db, round_addressees(number, clinic, now), clinic)
        need = f"alert:{request_id}:{number}:{now.timestamp():.0f}"
        # With none of them to be texted it is left open to whom it goes: then to those on duty, or it is seen to fail.
        ids: list[int | None] = [member.id for member in told]
        for member_id in ids or [None]:
            alert = Planned(
                Kind.ALERT, need, now, request_id, staff_id=member_id, expires_at=again_at, copy_for=member_id
            )
            notices.plan(db, alert, now)
        for member in told:
            plan_alert_call(db, clinic, request_id, need, member.id, again_at, now)
    if not told:
        log.critical("nobody_to_alert", request=request_id, round=number)
    return True


def plan_alert_call(
    db: Connection, clinic: Clinic, request_id: int, need: str, staff_id: int, until: datetime, now: datetime
) -> None:
    """Plan to call a crisis contact who has been texted, unless somebody acknowledges first."""
    # Without the person: whoever holds a person's row may be waiting for the request that is held here.
    wanted = Wanted(
        Purpose.ALERT,
        f"{need}>{staff_id}",
        now + clinic.alerts.crisis_call_after,
        request_id,
        staff_id=staff_id,
        expires_at=until,
    )
    legs.plan(db, wanted, now)
