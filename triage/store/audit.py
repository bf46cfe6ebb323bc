"""The record of who did what: append only, written in the transaction of the act itself."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from triage.store.tables import audit_events


def record(
    db: Connection,
    action: str,
    at: datetime,
    staff_id: int | None = None,
    request_id: int | None = None,
    person_id: int | None = None,
    detail: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """One event. `detail` holds codes and ids only, never what a patient said nor a number."""
    db.execute(
        insert(audit_events).values(
            at=at,
            action=action,
            staff_id=staff_id,
            request_id=request_id,
            person_id=person_id,
            detail=dict(detail) if detail else None,
        )
    )
