"""What callers left, played on the page of their request: through us, never by the provider's address."""

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, me, right_now, runtime
from triage.model.call import Recording
from triage.model.member import May
from triage.store import audit, recordings
from triage.team import request_acts


@bp.app_template_global("recordings_of")
def recordings_of(person_id: int) -> list[Recording]:
    """Return voicemail and spoken names of a person, oldest first."""
    with runtime().db.read() as db:
        return recordings.of_person(db, person_id)


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
