"""People who wrote or called, also those without a request: their thread, their blocking, their texts allowed again."""

from collections.abc import Callable
from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, me, right_now, runtime
from staff.queue import search_page
from triage.model.member import May
from triage.store import audit, members, messages, people, recordings, requests, unasked
from triage.team import person_acts

PERSON = "/staff/people/<int(max=2147483647):person_id>"
LOOKED_BACK = timedelta(days=30)
AT_MOST = 100


@bp.get("/staff/people")
@needs(May.VIEW)
def people_list() -> str:
    """Show who wrote lately and has no open request: what they said was answered, or wanted nothing."""
    now = right_now()
    with runtime().db.write() as db:
        found = unasked.newest(db, now - LOOKED_BACK, AT_MOST)
        audit.record(db, "view_people", now, me().id, detail={"rows": len(found)})
        everybody = members.all_staff(db)
    choices = search_page.choices(everybody)
    return render_template("staff/people.html", found=found, now=now, days=LOOKED_BACK.days, **choices)


@bp.get(PERSON)
@needs(May.VIEW)
def person(person_id: int) -> str:
    now = right_now()
    with runtime().db.write() as db:
        known = people.get(db, person_id)
        if known is None:
            abort(404)
        audit.record(db, "view_person", now, me().id, person_id=person_id)
        values = {
            "thread": messages.thread(db, person_id),
            "recordings": recordings.of_person(db, person_id),
            "requests": requests.earlier_of(db, person_id, before=0),
        }
    return render_template("staff/person.html", person=known, said=request.args.get("said"), now=now, **values)


def _act(person_id: int, said: str, change: Callable[[Connection], bool]) -> AnyResponse:
    with runtime().db.write() as db:
        if people.get(db, person_id) is None:
            abort(404)
        if not change(db):
            said = "nothing"
    return redirect(url_for("staff.person", person_id=person_id, said=said), 303)


@bp.post(f"{PERSON}/block")
@needs(May.BLOCK)
def block_person(person_id: int) -> AnyResponse:
    blocked = request.form.get("blocked") == "1"
    said = "blocked" if blocked else "unblocked"
    return _act(person_id, said, lambda db: person_acts.block(db, person_id, me().id, blocked, right_now()))


@bp.post(f"{PERSON}/opt-in")
@needs(May.WORK)
def opt_in(person_id: int) -> AnyResponse:
    return _act(person_id, "opted_in", lambda db: person_acts.opt_in(db, person_id, me().id, right_now()))


@bp.post(f"{PERSON}/request")
@needs(May.WORK)
def ask_for_them(person_id: int) -> AnyResponse:
    """Put somebody into the queue who did not ask for it in words that we understood."""
    now = right_now()
    with runtime().db.write() as db:
        if people.get(db, person_id) is None:
            abort(404)
        made = person_acts.queue(db, runtime().clinic, person_id, me().id, now)
    return redirect(url_for("staff.one", request_id=made), 303)
