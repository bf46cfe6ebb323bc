"""Who did what: the audit trail, newest first."""

from flask import abort, render_template, request

from staff.access import needs
from staff.desk import bp, me, right_now, runtime
from triage.model.member import May
from triage.store import audit

LARGEST = 2**31 - 1


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
    return render_template("staff/trail.html", events=events, request_id=request_id, now=right_now())


def _reference(name: str) -> int | None:
    """Read an id from the query; a longer number than the databases hold is none."""
    given = request.args.get(name, type=int)
    return given if given and 0 < given <= LARGEST else None
