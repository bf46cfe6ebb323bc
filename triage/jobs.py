"""What the clock does, each job bounded and without a memory: running one twice or skipping it changes nothing."""

from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from triage import dialling, intake, ringing
from triage.dialling import Dialler
from triage.errors import DatabaseBusy
from triage.fetching import Fetcher, fetch_due
from triage.line import ClinicLine
from triage.notices import pause_after_round, round_addressees
from triage.sending import CRISIS, ORDINARY, Outbox, send_due, who_can_be_texted
from triage.settings import Clinic, Retention
from triage.store import chain, notices, receipts, requests, upkeep
from triage.store.engine import Database
from triage.store.notices import Kind, Planned

log = structlog.get_logger()


def send_due_notices(outbox: Outbox) -> int:
    """Send what is due, but for crisis alerts; returns how many texts were tried."""
    return send_due(outbox, ORDINARY)


def send_crisis(outbox: Outbox) -> int:
    """Send the alerts that are due; by themselves, so that nothing slow stands before them."""
    return send_due(outbox, CRISIS)


def escalate(database: Database, clinic: Clinic, now: datetime) -> int:
    """Begin the rounds of alerts that are due; returns how many."""
    with database.read() as db:
        due = requests.to_alert(db, now)
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


def _begin_round(database: Database, clinic: Clinic, request_id: int, rounds: int, now: datetime) -> bool:
    number = rounds + 1
    again_at = now + pause_after_round(number)
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
            ringing.plan_alert_call(db, request_id, need, member.id, again_at, now)
    if not told:
        log.critical("nobody_to_alert", request=request_id, round=number)
    return True


def ring_due(dialler: Dialler) -> int:
    """Ring the phones that are due: crisis contacts, and staff who call a person back."""
    return dialling.place_due(dialler)


def fetch_recordings(fetcher: Fetcher) -> int:
    """Fetch what callers have left; returns how many recordings were tried."""
    return fetch_due(fetcher)


def settle_calls(dialler: Dialler) -> int:
    """Look up calls of which nothing has been heard for a while."""
    return dialling.settle(dialler)


def expire_leases(database: Database, now: datetime) -> int:
    """What a dead clock had claimed becomes unknown; returns how many notices."""
    with database.read() as db:
        if not notices.any_lease_lost(db, now):
            return 0
    with database.write() as db:
        lost = notices.lose_leases(db, now)
        for notice in lost:
            receipts.mark_message(db, notice.ref, "unknown")
    log.warning("leases_lost", notices=[notice.id for notice in lost])
    return len(lost)


def expire_conversations(line: ClinicLine) -> None:
    """Settle open questions and drafts that have run out."""
    intake.expire(line.db, line.clinic, line.words, line.now())


def heartbeat(database: Database, owner: str, host: str, started_at: datetime, now: datetime) -> None:
    """Tell that this clock is alive."""
    with database.write() as db:
        upkeep.beat(db, owner, host, started_at, now)


def link_audit(database: Database) -> int:
    """Link what was done since into the audit chain, and log its head: a place that the database's owner cannot write.

    Returns how many events.
    """
    linked = 0
    for _ in range(upkeep.MOST_ROUNDS):
        try:
            with database.write() as db:
                more = chain.link(db)
                head = chain.head(db)
        except IntegrityError:
            break  # another clock has linked them
        linked += more
        if not more:
            break
        log.info("audit_linked", events=more, position=head.position, seal=head.seal)
    return linked


def purge(database: Database, keep: Retention, now: datetime) -> dict[str, int]:
    """Delete what has had its time; returns the counts by kind."""
    counts: dict[str, int] = {}
    for _ in range(upkeep.MOST_ROUNDS):
        with database.write() as db:
            gone = upkeep.purge(db, keep, now)
        counts = {table: counts.get(table, 0) + count for table, count in gone.items()}
        if not any(gone.values()):
            break
    log.info("purged", **counts)
    return counts
