"""The rules for what we start ourselves: what a request needs and when, whom to tell, and whether it may go now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.hours.opening import OpeningHours
from triage.model.notice import Kind, Notice, Planned
from triage.model.request import Flag, Request
from triage.notices.quiet_hours import alerts_at_once
from triage.notices.to_patients import ASKING, LATE, tells_promise_of
from triage.policy import Alerts
from triage.settings import Clinic
from triage.store import notices, requests


@dataclass(frozen=True)
class Need:
    """One thing staff should be told of a request, and when."""

    kind: Kind
    due_at: datetime
    expires_at: datetime | None = None


def needs(request: Request, alerts: Alerts, now: datetime) -> dict[str, Need]:
    """Return the notices that this request calls for now, by a key that changes when the need is a new one.

    The rounds of a crisis are not among them: `escalate` makes those.
    """
    if not request.is_open:
        return {}
    if request.priority.pages:
        return _needs_of_crisis(request, alerts)
    found = _answer_to_staff(request, alerts)
    if Flag.LISTEN_FIRST in request.flags:
        found[f"listen_first:{request.id}"] = Need(Kind.LISTEN_FIRST, now)
    elif request.claimed_by is None and request.acknowledged_at is None and not request.attempts:
        if alerts_at_once(request):
            found[f"urgent:{request.id}"] = Need(Kind.URGENT, now)
            found[f"urgent_lead:{request.id}"] = Need(Kind.URGENT_LEAD, now + alerts.urgent_lead_after)
        else:
            found[f"new_request:{request.id}"] = Need(Kind.NEW_REQUEST, now + alerts.bundle)
    if Flag.ARRIVED in request.flags and request.claimed_by is None and request.acknowledged_at is None:
        found[f"arrived:{request.id}"] = Need(Kind.ARRIVED, now)
    stamp = f"{request.id}:{request.due_at.timestamp():.0f}"
    found[f"due_soon:{stamp}"] = Need(Kind.DUE_SOON, request.due_at - alerts.due_soon, request.due_at)
    found[f"overdue:{stamp}"] = Need(Kind.OVERDUE, request.due_at)
    return found


def _needs_of_crisis(request: Request, alerts: Alerts) -> dict[str, Need]:
    """Return what a crisis calls for beside its rounds: once acknowledged, the lead hears if it stays open."""
    if request.acknowledged_at is None:
        return {}
    late = max(request.due_at, request.acknowledged_at + alerts.crisis_called_within)
    overdue = {f"overdue:{request.id}:{late.timestamp():.0f}": Need(Kind.OVERDUE, late)}
    return _answer_to_staff(request, alerts) | overdue


def _answer_to_staff(request: Request, alerts: Alerts) -> dict[str, Need]:
    """Return what tells staff that the person has written to them; of several texts in a short while one tells."""
    if request.wrote_at is None:
        return {}
    stretch = request.wrote_at.timestamp() // alerts.wrote_again.total_seconds()
    return {f"wrote:{request.id}:{stretch:.0f}": Need(Kind.WROTE, request.wrote_at + alerts.bundle)}


def follow(db: Connection, clinic: Clinic, request_id: int, now: datetime) -> None:
    """Plan what a request now needs and drop what no longer holds; in the transaction of each change by a person."""
    _follow(db, clinic, request_id, now, None if clinic.new_requests_at_night else clinic.opening)


def follow_staff(db: Connection, clinic: Clinic, request_id: int, now: datetime) -> None:
    """Do the same after an act of staff: who acts on a request has seen it, though an alert about it failed."""
    request = requests.get(db, request_id)
    if request is not None and Flag.ALERT_FAILED in request.flags:
        requests.change(db, request_id, {"flags": request.flags - {Flag.ALERT_FAILED}}, now)
    if request is not None and request.is_open:
        _put_off(db, clinic, request, now)
    _follow(db, clinic, request_id, now, None)


def _follow(db: Connection, clinic: Clinic, request_id: int, now: datetime, opening: OpeningHours | None) -> None:
    request = requests.get(db, request_id)
    if request is None:
        return
    planned = set()
    for notice in notices.waiting_of(db, request_id):
        if holds(notice, request, clinic.alerts, now):
            planned.add(notice.dedupe_key)
        else:
            notices.drop(db, notice.id, "not_needed", now)
    for key, need in needs(request, clinic.alerts, now).items():
        if key in planned:
            continue
        due_at = need.due_at
        if need.kind is Kind.DUE_SOON and due_at <= now:
            continue  # it would arrive with the text about the request itself
        if need.kind is Kind.NEW_REQUEST:
            # It joins a text that is about to go, but does not wait for one that was put off.
            due_at = min(due_at, notices.open_batch(db, Kind.NEW_REQUEST, now) or due_at)
            due_at = opening.next_open(due_at) if opening else due_at
        notices.plan(db, Planned(need.kind, key, due_at, request_id=request_id, expires_at=need.expires_at), now)
    if request.is_open and request.priority.pages and request.acknowledged_at is None and not request.next_alert_at:
        requests.change(db, request_id, {"alert_round": 0, "next_alert_at": now}, now)


def _still_overdue(request: Request) -> str:
    return f"still_overdue:{request.id}:{request.due_at.timestamp():.0f}"


def climb(db: Connection, clinic: Clinic, request: Request, now: datetime) -> None:
    """Plan to tell of an overdue request again; called as each such alert is given out, so it goes on until it ends.

    It joins others that are planned not long before, so that nobody gets more than two of these texts in that time.
    """
    if alerts_at_once(request):
        wait = clinic.alerts.urgent_overdue_again
        due_at = now + wait
    else:
        wait = clinic.alerts.overdue_again
        due_at = clinic.opening.add_open_time(now, wait)
    due_at = min(due_at, notices.open_batch(db, Kind.STILL_OVERDUE, now + wait / 2) or due_at)
    need = f"{_still_overdue(request)}:{due_at.timestamp():.0f}"
    notices.plan(db, Planned(Kind.STILL_OVERDUE, need, due_at, request_id=request.id), now)


def _put_off(db: Connection, clinic: Clinic, request: Request, now: datetime) -> None:
    """Give whoever acts on an overdue request the time until it is told of again."""
    for notice in notices.waiting_of(db, request.id):
        if notice.kind is Kind.STILL_OVERDUE and notice.staff_id is None and notice.due_at > now:
            notices.drop(db, notice.id, "not_needed", now)
            climb(db, clinic, request, now)
            return


def copy_of(notice: Notice, staff_id: int, now: datetime) -> Planned:
    """Return the same notice for one more member of staff, due at once."""
    return Planned(
        notice.kind, notice.need, now, notice.request_id, staff_id=staff_id, expires_at=notice.expires_at,
        copy_for=staff_id,
    )  # fmt: skip


def holds(notice: Notice, request: Request, alerts: Alerts, now: datetime) -> bool:
    """Tell whether a planned notice is still called for by its request.

    What staff wrote is, even when it is closed, and so are the words for who is in danger.
    """
    if notice.kind in (Kind.STAFF_TEXT, Kind.LATE_ALARM):
        return True
    if not request.is_open:
        return False
    if notice.kind in (Kind.TELL_OUTCOME, Kind.CALL_NOT_MADE):
        return True
    if notice.kind is Kind.ALERT:
        return request.priority.pages and request.acknowledged_at is None
    if notice.kind is Kind.HANDED:
        return request.claimed_by == notice.staff_id
    if notice.kind is Kind.NEW_PROMISE:
        # In a crisis it waits: when that is none, the window counts again.
        return request.priority.pages or tells_promise_of(notice, request)
    if notice.kind is Kind.STILL_OVERDUE:
        return notice.need.startswith(f"{_still_overdue(request)}:") and request.due_at <= now
    return notice.kind in ASKING or notice.kind in LATE or notice.need in needs(request, alerts, now)
