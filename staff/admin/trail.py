"""Who did what: the audit trail, newest first."""

import re

from flask import Response, abort, render_template, request

from staff.access import needs
from staff.desk import bp, me, right_now, runtime, words_of_staff
from staff.sheets import as_file, written
from triage.model.member import May
from triage.store import audit
from triage.store.audit import Event

LARGEST = 2**31 - 1

MOST_IN_A_FILE = 20_000

COLUMNS = ("at", "by", "what", "request", "detail", "number")

A_NUMBER = re.compile(r"#? *([0-9]{1,10})")


@bp.get("/staff/trail")
@needs(May.TRAIL)
def trail() -> str:
    """Show a page of events, of one request or of all. The look is an event too, and stands in what it shows."""
    request_id = _reference("request")
    with runtime().db.write() as db:
        if request_id and not audit.is_request(db, request_id):
            abort(404)
        audit.record(db, "view_trail", right_now(), me().id, request_id)
        events = audit.newest(db, _reference("before") or LARGEST, request_id)
    more = len(events) == audit.A_PAGE
    return render_template(
        "staff/trail.html", events=events, more=more, before=_reference("before"), request_id=request_id,
        now=right_now(),
    )  # fmt: skip


@bp.post("/staff/trail.csv")
@needs(May.EXPORT)
def export_trail() -> Response:
    """Give as a file what the trail shows, and all that is behind "Earlier"."""
    now, words, request_id = right_now(), words_of_staff(), _reference("request")
    with runtime().db.write() as db:
        if request_id and not audit.is_request(db, request_id):
            abort(404)
        audit.record(db, "export_trail", now, me().id, request_id)
        events = audit.newest(db, _reference("before") or LARGEST, request_id, MOST_IN_A_FILE)
    head = [words.TRAIL_COLUMNS[name] for name in COLUMNS]
    return as_file("trail", now, head, [_cells(event) for event in events])


def _cells(event: Event) -> list[object]:
    """Return the cells of an event in the order of COLUMNS."""
    detail = ", ".join(f"{_plain(key)} {value}" for key, value in (event.detail or {}).items())
    return [written(event.at), event.by or "", _plain(event.action), event.request_id, detail, event.id]


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _reference(name: str) -> int | None:
    """Read an id from the query or the form; a longer number than the databases hold is none."""
    given = A_NUMBER.fullmatch(request.values.get(name, ""))
    return int(given[1]) if given and 0 < int(given[1]) <= LARGEST else None
