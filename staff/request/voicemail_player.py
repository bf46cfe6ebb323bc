"""What callers left, played on the page of their request: through us, never by the provider's address."""

from flask import Response, abort, make_response, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, may_hear, me, right_now, runtime
from staff.pages import refusal
from triage.model.call import Recording
from triage.model.member import May
from triage.store import audit, messages, recordings, requests
from triage.team import request_acts


@bp.app_template_global("recordings_of")
def recordings_of(person_id: int) -> list[tuple[Recording, bool]]:
    """Return voicemail and spoken names of a person, oldest first, each with whether who looks may listen."""
    with runtime().db.read() as db:
        return [(one, _may_hear(db, one)) for one in recordings.of_person(db, person_id)]


def _may_hear(db: Connection, one: Recording) -> bool:
    of_request = requests.get(db, one.request_id) if one.request_id else None
    return may_hear(one, messages.label_of(db, f"transcript:{one.sid}"), of_request)


@bp.get("/staff/recordings/<int(max=2147483647):recording_id>")
@needs(May.VIEW)
def recording(recording_id: int) -> AnyResponse:
    """Play the sound itself. Who listens is noted, the first of them on the recording.

    A player asks for parts in any order, so each part is written down: none is heard without an event.
    """
    now = right_now()
    with runtime().db.write() as db:
        found = recordings.get(db, recording_id)
        audio = recordings.audio(db, recording_id) if found else None
        if found is None or audio is None:
            abort(404)
        if not _may_hear(db, found):
            audit.record(db, "not_allowed", now, me().id, found.request_id, detail={"recording": recording_id})
            return make_response(*refusal("not_allowed", 403))
        recordings.mark_heard(db, recording_id, me().id, now)
        if found.person_id is not None:
            request_acts.heard_voicemail(db, found.person_id, now)
        if found.request_id is not None:
            request_acts.has_listened(db, runtime().clinic, found.request_id, me().id, now)
        of = {"request_id": found.request_id, "person_id": found.person_id}
        audit.record(db, "listen", now, me().id, **of, detail={"recording": recording_id})
    answer = Response(audio, content_type=found.content_type or "audio/mpeg")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = "inline"
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=len(audio))
