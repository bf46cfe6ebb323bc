"""People who wrote or called, also those without a request: their thread, their blocking, their texts allowed again."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, me, readable_by_me, right_now, runtime, words_of_staff
from staff.once import TakenBefore, taking_once
from staff.queue import search_page
from staff.queue.search_page import LOOKED_BACK
from staff.sheets import as_file, written
from triage.model.member import May
from triage.model.message import Message
from triage.model.person import Person
from triage.store import audit, members, messages, people, recordings, requests, unasked
from triage.team import person_acts

PERSON = "/staff/people/<int(max=2147483647):person_id>"
AT_MOST, IN_A_FILE = 100, 20_000

COLUMNS = ("name", "phone", "wrote", "channel", "words", "language", "marks")


@bp.get("/staff/people")
@needs(May.VIEW)
def people_list() -> str:
    """Show who wrote lately and has no open request: what they said was answered, or wanted nothing."""
    now = right_now()
    with runtime().db.write() as db:
        found = unasked.newest(db, now - LOOKED_BACK, AT_MOST)
        audit.record(db, "view_people", now, me().id, detail=audit.shown((), [person.id for person, _text in found]))
        everybody = members.all_staff(db)
    choices = search_page.choices(everybody)
    return render_template("staff/people.html", found=found, now=now, days=LOOKED_BACK.days, **choices)


@bp.post("/staff/people.csv")
@needs(May.EXPORT)
def export_people() -> AnyResponse:
    """Give the list as a file, also what is too long for the screen."""
    now, words = right_now(), words_of_staff()
    with runtime().db.write() as db:
        found = unasked.newest(db, now - LOOKED_BACK, IN_A_FILE)
        audit.record(db, "export_people", now, me().id, detail=audit.shown((), [person.id for person, _text in found]))
    head = [words.PEOPLE_COLUMNS[name] for name in COLUMNS]
    return as_file("people", now, head, [_cells(words, person, text) for person, text in found])


def _cells(words: Any, person: Person, text: Message) -> list[object]:
    """Return the cells of a person in the order of COLUMNS. `words`: how codes are said to staff."""
    return [
        person.name, words.number(person.phone), written(text.at), words.CHANNELS[text.channel],
        text.body if readable_by_me(text) else "", words.LANGS[person.lang], words.marks_of(person),
    ]  # fmt: skip


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
    with suppress(TakenBefore), taking_once() as db:
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
    return redirect(url_for("staff.one", request_id=made, said="queued"), 303)
