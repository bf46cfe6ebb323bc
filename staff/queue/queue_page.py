"""The queue: who is to be called next and why, live; filters, and what is on the screen as a file."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, needs
from staff.desk import bp, me, readable_by_me, readable_in, right_now, runtime, words_of_staff
from staff.pages import alarm_now
from staff.queue import search_page
from staff.queue.rows import SECTIONS, Row, alarms, rows_of, section_of, shown_at
from staff.queue.search_page import Asked
from staff.sheets import as_file, written
from triage.model.member import May
from triage.model.message import Message
from triage.model.person import Person
from triage.model.request import Request, Topic
from triage.store import audit, requests

SHOWN_AFTER_CLOSING = timedelta(hours=24)

AT_FIRST, AT_MOST = 200, 1000

CHOICES = {
    "who": ("mine", "nobody", "others"),
    "channel": ("sms", "voice"),
    "topic": tuple(Topic),
    "lang": ("en", "es"),
}

COLUMNS = (
    "part", "reference", "name", "phone", "topic", "words", "promised", "due_at", "came_in", "attempts", "owner",
    "flags", "reason", "channel", "language", "status", "outcome", "closed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which of the queue is looked at; "" is all. `show` is the number of rows at most."""

    who: str = ""
    channel: str = ""
    topic: str = ""
    lang: str = ""
    show: int = AT_FIRST

    def keeps(self, one: Request) -> bool:
        whose = "nobody" if one.claimed_by is None else "mine" if one.claimed_by == me().id else "others"
        found = {"who": whose, "channel": one.channel, "topic": one.topic, "lang": one.lang}
        return all(getattr(self, name) in ("", value) for name, value in found.items())

    @property
    def filters(self) -> bool:
        return any(getattr(self, name) for name in CHOICES)

    def as_args(self, **changes: int) -> dict[str, str | int]:
        """Return the filters for a link that keeps them."""
        standard = asdict(Wanted())
        return {name: value for name, value in (asdict(self) | changes).items() if value != standard[name]}


@dataclass(frozen=True)
class Shown:
    """The rows on the screen by part, how many each part has in all, how many are with who looks, in whatever part,
    and how many are not shown.
    """

    sections: Mapping[str, list[Row]]
    counts: Mapping[str, int]
    with_me: int
    more: int

    @property
    def rows(self) -> list[Row]:
        return [row for rows in self.sections.values() for row in rows]


def _wanted(given: Mapping[str, str]) -> Wanted:
    chosen = {name: given.get(name, "") for name in CHOICES}
    chosen = {name: value if value in CHOICES[name] else "" for name, value in chosen.items()}
    show = given.get("show", "")
    return Wanted(**chosen, show=min(int(show), AT_MOST) if re.fullmatch("[0-9]{1,6}", show) else AT_FIRST)


def _shown(db: Connection, wanted: Wanted, now: datetime) -> Shown:
    """Return what is on the screen; only that is decrypted, the parts of the rest are told from what is not
    encrypted.
    """
    parted: dict[str, list[int]] = {section: [] for section in SECTIONS}
    opened = requests.outlines(db, AT_MOST)
    # Each part in the order of the queue; what is ahead by the time that its rows show.
    ahead = sorted(opened, key=lambda one: shown_at(one, now))
    for names, found in ((("now", "due", "mine"), opened), (("later", "snoozed"), ahead)):
        for one in found:
            if (section := section_of(one, now)) in names and (wanted.keeps(one) or alarms(one)):
                parted[section].append(one.id)
    parted["closed"] = [one.id for one in requests.closed_since(db, now - SHOWN_AFTER_CLOSING) if wanted.keeps(one)]
    in_order = [reference for section in SECTIONS for reference in parted[section]]
    on_screen = set(in_order[: wanted.show])
    rows = {row.queued.request.id: row for row in rows_of(db, requests.with_ids(db, sorted(on_screen)), now)}
    sections = {name: [rows[one] for one in ids if one in rows] for name, ids in parted.items()}
    beyond = max(0, requests.count_open(db) - AT_MOST)
    counts = {name: len(ids) for name, ids in parted.items()}
    with_me = sum(one.claimed_by == me().id for one in opened)
    return Shown(sections, counts, with_me, len(in_order) - len(rows) + beyond)


@bp.get("/staff/")
@needs(May.VIEW)
def queue() -> str:
    now, wanted = right_now(), _wanted(request.args)
    with runtime().db.read() as db:
        version, shown = _version(db, wanted, now), _shown(db, wanted, now)
    _seen("view_queue", now, shown.rows)
    return render_template("staff/queue.html", version=version, shown=shown, wanted=wanted, now=now, choices=CHOICES)


@bp.get("/staff/rows")
@needs(May.VIEW)
def rows() -> AnyResponse:
    """Show the rows alone, for the page that asks again every few seconds; 304 while nothing has changed."""
    now, wanted = right_now(), _wanted(request.args)
    with runtime().db.read() as db:
        version = _version(db, wanted, now)
        if request.if_none_match.contains(version):
            return Response(status=304, headers={"ETag": f'"{version}"'})
        shown = _shown(db, wanted, now)
    _seen("view_queue", now, shown.rows)
    page = render_template("staff/_rows.html", version=version, shown=shown, wanted=wanted, now=now, fresh=True)
    response = Response(page)
    response.set_etag(version)
    return response


def _version(db: Connection, wanted: Wanted, now: datetime) -> str:
    """Return a word that changes with the queue, with the minute (time left is shown), with who looks and at what."""
    seen = f"{requests.fingerprint(db)}|{now:%Y-%m-%dT%H:%M}|{me().id}|{me().role}|{wanted}"
    return hashlib.sha256(seen.encode()).hexdigest()[:24]


@bp.get("/staff/alarm")
@needs(Gate.EVEN_LOCKED)
def alarm() -> AnyResponse:
    """Tell whether a crisis waits that nobody has acknowledged: numbers only, so it is told to locked pages too."""
    found = alarm_now()
    if request.if_none_match.contains(found.version):
        return Response(status=304, headers={"ETag": f'"{found.version}"'})
    response = Response(render_template("staff/_alarm.html", alarm=found))
    response.set_etag(found.version)
    return response


@bp.post("/staff/queue.csv")
@needs(May.EXPORT)
def export() -> AnyResponse:
    """Give as a file what is on the screen, what a search finds, or what came in within a period."""
    now, form = right_now(), request.form
    unasked: list[search_page.Unasked] = []
    of: str | datetime = now
    with runtime().db.read() as db:
        if search_id := form.get("search", ""):
            asked, below = search_page.asked_of(db, search_id), search_page.place(form.get("below", ""))
            parts = {"found": search_page.everything(db, asked, below, now)}
            unasked = search_page.without_request(db, asked, below, now)
        elif form.get("since") or form.get("until"):
            period = Asked(since=form.get("since", ""), until=form.get("until", ""))
            parts = {"found": search_page.everything(db, period, search_page.NEWEST, now)}
            of = period.days or now
        else:
            parts = dict(_shown(db, _wanted(form), now).sections)
    _seen("export_queue", now, chain.from_iterable(parts.values()), unasked)
    words = words_of_staff()
    head = [words.COLUMNS[name] for name in COLUMNS]
    rows = [_cells(words, part, row) for part, shown in parts.items() for row in shown]
    return as_file("queue", of, head, rows + [_cells_of_person(words, *one) for one in unasked])


def _cells(words: Any, part: str, row: Row) -> list[object]:
    """Return the cells of a row in the order of COLUMNS. `words`: how codes are said to staff."""
    one, said = row.queued.request, row.said
    number = one.number or row.queued.person_phone
    return [
        words.PARTS.get(part, ""), one.id, one.name, words.number(number), words.TOPICS.get(one.topic, ""),
        said.body if said and readable_in(said, one) else "", one.promised, written(one.due_at),
        written(one.created_at), one.attempts, row.queued.owner,
        "; ".join(_marks(words, one)),
        words.REASONS[row.why] if one.is_open else "",
        words.CHANNELS[one.channel], words.LANGS[one.lang], words.STATUSES[one.status],
        words.DISPOSITIONS[one.outcome] if one.outcome else "", written(one.closed_at),
    ]  # fmt: skip


def _marks(words: Any, one: Request) -> list[str]:
    wrote = ["wrote"] if one.wrote_at else []
    return [words.MARKS[mark] for mark in [*wrote, *sorted(one.flags)] if mark in words.MARKS]


def _cells_of_person(words: Any, person: Person, text: Message) -> list[object]:
    """Return the same for somebody who wrote and has no request."""
    of_person = {
        "part": words.PARTS["unasked"], "name": person.name, "phone": words.number(person.phone),
        "words": text.body if readable_by_me(text) else "", "came_in": written(text.at),
        "channel": words.CHANNELS[text.channel], "language": words.LANGS[person.lang],
    }  # fmt: skip
    return [of_person.get(name) for name in COLUMNS]


def _seen(action: str, now: datetime, shown: Iterable[Row], people: Iterable[search_page.Unasked] = ()) -> None:
    """Note who looked at whose data. Written before the page is given out, so there is no look without it."""
    detail = audit.shown((row.queued.request.id for row in shown), [person.id for person, _text in people])
    with runtime().db.write() as db:
        audit.record(db, action, now, me().id, detail=detail)
