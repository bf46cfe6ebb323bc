"""The audit trail, who did what: append only, written and sealed in the transaction of the act itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from triage.store import audit_chain
from triage.store.tables import audit_events, callback_requests, staff

A_PAGE = 100


@dataclass(frozen=True)
class Event:
    """One event as it is shown; `by` is a login, None for what the program did itself."""

    id: int
    at: datetime
    action: str
    by: str | None
    request_id: int | None
    detail: Mapping[str, Any] | None


def record(
    db: Connection,
    action: str,
    at: datetime,
    staff_id: int | None = None,
    request_id: int | None = None,
    person_id: int | None = None,
    detail: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Insert one audit event. `detail` holds codes and ids only, never what a patient said nor a phone number."""
    event = insert(audit_events).values(
        at=at,
        action=action,
        staff_id=staff_id,
        request_id=request_id,
        person_id=person_id,
        detail=dict(detail) if detail else None,
    )
    audit_chain.to_be_linked(db, db.execute(event.returning(audit_events.c.id)).scalar_one())


def listed(references: Iterable[int]) -> str:
    """Write which requests were shown, for the detail of an event: "3, 7-9"."""
    spans: list[list[int]] = []
    for one in sorted(set(references)):
        if spans and spans[-1][1] == one - 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    return ", ".join(f"{first}-{last}" if first < last else f"{first}" for first, last in spans)


def shown(references: Iterable[int], people: Iterable[int] = ()) -> dict[str, str | int | bool | None]:
    """Return the detail of an event that tells which requests somebody saw, and which people without one."""
    seen, persons = list(references), list(people)
    detail: dict[str, str | int | bool | None] = {"rows": len(seen) + len(persons)}
    if seen or not persons:
        detail["requests"] = listed(seen)
    return detail | ({"people": listed(persons)} if persons else {})


def newest(db: Connection, before: int, request_id: int | None = None, limit: int = A_PAGE) -> list[Event]:
    """Return events with an id below `before`, newest first; of one request where it is given."""
    statement = (
        select(audit_events, staff.c.login)
        .outerjoin(staff, staff.c.id == audit_events.c.staff_id)
        .where(audit_events.c.id < before)
        .order_by(audit_events.c.id.desc())
        .limit(limit)
    )
    if request_id is not None:
        statement = statement.where(audit_events.c.request_id == request_id)
    return [Event(r.id, r.at, r.action, r.login, r.request_id, r.detail) for r in db.execute(statement)]


def is_request(db: Connection, request_id: int) -> bool:
    """Tell whether there is a request with this id, which an event then may refer to."""
    return db.scalar(select(callback_requests.c.id).where(callback_requests.c.id == request_id)) is not None
