"""Wrap-up: the disposition and the note after a call, and closing with an outcome."""

from datetime import datetime

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import REQUEST, bp, me, runtime
from staff.request.request_page import LONGEST_NOTE, act, request_page
from triage.model.member import May
from triage.model.request import Disposition
from triage.settings import Clinic
from triage.team import request_acts


@bp.post(f"{REQUEST}/attempt")
@needs(May.WORK)
def attempt(request_id: int) -> AnyResponse:
    """Log one try to call; with `then=close` the same click closes the request with that outcome.

    A talk that they have just logged, and kept open, is no second call.
    """
    disposition = _chosen("disposition")
    note = request.form.get("note", "").strip()
    if disposition is None:
        return request_page(request_id, problem="no_disposition", code=422)
    if len(note) > LONGEST_NOTE:
        return request_page(request_id, problem="long_note", code=422)
    closing = request.form.get("then") == "close"

    def change(db: Connection, clinic: Clinic, now: datetime) -> bool:
        words, staff_id = runtime().words, me().id
        if closing and request_acts.has_logged(db, request_id, staff_id, disposition, now):
            request_acts.add_note(db, request_id, staff_id, note, now)
            return request_acts.close(db, clinic, request_id, staff_id, disposition, now)
        logged = request_acts.log_attempt(db, clinic, words, request_id, staff_id, disposition, note or None, now)
        return logged and (not closing or request_acts.close(db, clinic, request_id, staff_id, disposition, now))

    return act(request_id, "closed" if closing else "logged", change)


@bp.post(f"{REQUEST}/close")
@needs(May.WORK)
def close(request_id: int) -> AnyResponse:
    """Close without a call, for instance one that settled itself by text."""
    outcome = _chosen("outcome")
    if outcome is None:
        return request_page(request_id, problem="no_outcome", code=422)
    return act(
        request_id, "closed", lambda db, clinic, now: request_acts.close(db, clinic, request_id, me().id, outcome, now)
    )


def _chosen(field: str) -> Disposition | None:
    try:
        return Disposition(request.form.get(field, ""))
    except ValueError:
        return None
