"""The queue: who is to be called next and why, live; filters, search, and what is on the screen as a file."""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import chain

from flask import Response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import Gate, needs
from staff.desk import bp, local, me, right_now, runtime, written_phone
from staff.queue.rows import SECTIONS, Row, alarms, rows_of, section_of, shown_at
from triage.jobs import health
from triage.model.member import May
from triage.model.request import Request, Topic
from triage.reading import phone_numbers
from triage.store import audit, requests

SHOWN_AFTER_CLOSING = timedelta(hours=24)

AT_FIRST, AT_MOST = 200, 1000

# Names are encrypted, so a search reads and compares them, newest first: so many at once, so many for one click.
NAMES_AT_ONCE, NAMES_READ = 1000, 50_000

MOST_FOUND = 100

NEWEST = 2**31 - 1

A_REFERENCE = re.compile(r"#?\s*([0-9]{1,9})")

CHOICES = {
    "who": ("mine", "nobody", "others"),
    "channel": ("sms", "voice"),
    "topic": tuple(Topic),
    "lang": ("en", "es"),
}

COLUMNS = (
    "part", "reference", "name", "phone", "topic", "promised", "due_at", "attempts", "owner", "flags", "reason",
    "channel", "language", "status",
)  # fmt: skip

# A cell that begins so is worked out as a formula by spreadsheets.
FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")


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
    """The rows on the screen by part, how many each part has in all, and how many are not shown."""

    sections: Mapping[str, list[Row]]
    counts: Mapping[str, int]
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
    for names, found in ((("now", "mine", "due"), opened), (("later", "snoozed"), ahead)):
        for one in found:
            if (section := section_of(one, now)) in names and (wanted.keeps(one) or alarms(one)):
                parted[section].append(one.id)
    parted["closed"] = [one.id for one in requests.closed_since(db, now - SHOWN_AFTER_CLOSING) if wanted.keeps(one)]
    in_order = [reference for section in SECTIONS for reference in parted[section]]
    on_screen = set(in_order[: wanted.show])
    rows = {row.queued.request.id: row for row in rows_of(db, requests.with_ids(db, sorted(on_screen)), now)}
    sections = {name: [rows[one] for one in ids if one in rows] for name, ids in parted.items()}
    beyond = max(0, requests.count_open(db) - AT_MOST)
    return Shown(sections, {name: len(ids) for name, ids in parted.items()}, len(in_order) - len(rows) + beyond)


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
    with runtime().db.read() as db:
        unseen = requests.unseen_alarms(db)
    standing = health.look(runtime())
    version = "-".join(map(str, [*unseen, *standing.problems, *standing.warnings])) or "none"
    if request.if_none_match.contains(version):
        return Response(status=304, headers={"ETag": f'"{version}"'})
    response = Response(render_template("staff/_alarm.html", unseen=unseen, health=standing, version=version))
    response.set_etag(version)
    return response


@dataclass(frozen=True)
class Found:
    """What a search found. `below` is set where older names are still to be read: under this reference."""

    rows: list[Row]
    below: int | None = None


@bp.post("/staff/search")
@needs(May.VIEW)
def search() -> str:
    """Search by reference, phone or name. Posted, so that no name and no phone ever stands in an address or a log."""
    now, asked, below = right_now(), *_asked()
    with runtime().db.read() as db:
        found = _found(db, asked, below, now)
    _seen("search", now, found.rows)
    return render_template("staff/found.html", found=found, asked=asked, since=below, now=now)


def _asked() -> tuple[str, int]:
    """Return what is searched for, and under which reference a search by name goes on."""
    below = request.form.get("below", type=int) or 0
    return request.form.get("q", "").strip()[:100], below if 0 < below < NEWEST else NEWEST


def _found(db: Connection, asked: str, below: int, now: datetime) -> Found:
    ids: list[int] = []
    go_on = None
    if reference := A_REFERENCE.fullmatch(asked):
        ids = [int(reference[1])]
    elif numbers := phone_numbers.read_phones(asked):
        ids = requests.of_phone(db, numbers[0], MOST_FOUND)
    elif wanted := _folded(asked).split():
        ids, go_on = _named(db, wanted, below)
    return Found(rows_of(db, requests.with_ids(db, ids), now), go_on)


def _named(db: Connection, wanted: list[str], below: int) -> tuple[list[int], int | None]:
    """Return references whose names hold all these words, and under which one to go on; None when every name was
    read.
    """
    found: list[int] = []
    for _ in range(NAMES_READ // NAMES_AT_ONCE):
        names = requests.names(db, below, NAMES_AT_ONCE)
        found += [one for one, name in names if name and all(word in _folded(name) for word in wanted)]
        if len(found) > MOST_FOUND:
            return found[:MOST_FOUND], found[MOST_FOUND - 1]
        if len(names) < NAMES_AT_ONCE:
            return found, None
        below = names[-1][0]
    return found, below


def _folded(text: str) -> str:
    """Fold accents and capitals: "Tomas" finds "Tomás"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@bp.post("/staff/queue.csv")
@needs(May.EXPORT)
def export() -> AnyResponse:
    """Give what is on the screen as a file."""
    now = right_now()
    with runtime().db.read() as db:
        if "q" in request.form:
            parts = {"found": _found(db, *_asked(), now).rows}
        else:
            parts = dict(_shown(db, _wanted(request.form), now).sections)
    _seen("export_queue", now, chain.from_iterable(parts.values()))
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    sheet.writerows([harmless(cell) for cell in _cells(part, row)] for part, shown in parts.items() for row in shown)
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="queue-{local(now):%Y-%m-%d-%H%M}.csv"'
    return response


def _cells(part: str, row: Row) -> list[object]:
    one = row.queued.request
    return [
        part, one.id, one.name, written_phone(one.phone or row.queued.person_phone), one.topic, one.promised,
        f"{local(one.due_at):%Y-%m-%d %H:%M}", one.attempts, row.queued.owner, " ".join(sorted(one.flags)), row.why,
        one.channel, one.lang, one.status,
    ]  # fmt: skip


def harmless(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) else text


def _seen(action: str, now: datetime, shown: Iterable[Row]) -> None:
    """Note who looked at whose data. Written before the page is given out, so there is no look without it."""
    references = [row.queued.request.id for row in shown]
    with runtime().db.write() as db:
        audit.record(
            db, action, now, me().id, detail={"rows": len(references), "requests": audit.listed(references)}
        )  # fmt: skip
