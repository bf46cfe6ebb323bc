"""Finding requests. A search is kept under a number: its address holds no name and no phone, and Back works."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from staff.access import needs
from staff.desk import bp, me, right_now, runtime
from staff.queue.rows import Row, rows_of
from triage.hours.window import at_local
from triage.model.member import May
from triage.model.message import Message
from triage.model.person import Person
from triage.model.request import Disposition, Priority
from triage.reading import phone_numbers
from triage.store import audit, finding, members, people, requests, searches, unasked
from triage.store.finding import LAST_DIGITS, Narrowing

# What the clock has not indexed yet is read and compared, newest first: so many at once, so many for one click.
NAMES_AT_ONCE, NAMES_READ = 1000, 50_000

MOST_FOUND = 100
MOST_IN_A_FILE = 20_000

NEWEST = 2**31 - 1

# Who wrote and has no request keeps no name for long; their phone finds them however long ago it was.
LOOKED_BACK = timedelta(days=30)
MOST_UNASKED = 50

Unasked = tuple[Person, Message]

A_REFERENCE = re.compile(r"(#?)\s*([0-9]{1,9})")

STATES = {"open": True, "closed": False, "cancelled": False}


@dataclass(frozen=True)
class Asked:
    """What is searched for, as it was typed and chosen; "" is anything. `since` and `until` are days."""

    q: str = ""
    since: str = ""
    until: str = ""
    priority: str = ""
    outcome: str = ""
    owner: str = ""
    lang: str = ""
    state: str = ""

    @property
    def narrows(self) -> bool:
        return any(value for name, value in asdict(self).items() if name != "q")

    @property
    def days(self) -> str:
        """Write the days between which is searched, for the name of a file."""
        since, until = _day(self.since), _day(self.until)
        return "-".join(f"{word}-{day}" for word, day in (("from", since), ("to", until)) if day)

    def narrowing(self) -> Narrowing:
        """Read the choices; what is none is left out."""
        until = _day(self.until)
        return Narrowing(
            since=_midnight(_day(self.since)),
            until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
            priority=Priority(self.priority) if self.priority in list(Priority) else None,
            outcome=Disposition(self.outcome) if self.outcome in list(Disposition) else None,
            owner=int(self.owner) if re.fullmatch("[0-9]{1,9}", self.owner) else None,
            lang=self.lang or None,
            is_open=STATES.get(self.state),
            cancelled=self.state == "cancelled",
        )


@dataclass(frozen=True)
class Found:
    """What a search found. `below` is set where more is still to be looked for: under this reference.

    person_id: who has the phone that was searched, though they may have no request. people: who wrote lately and has no
    request, each with their newest text.
    """

    rows: list[Row]
    below: int | None = None
    person_id: int | None = None
    people: tuple[Unasked, ...] = ()


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    try:
        return at_local(day, time(0), runtime().clinic.zone) if day else None
    except OverflowError:  # the first day that there is has no midnight in every zone
        return None


@bp.post("/staff/search")
@needs(May.VIEW)
def search() -> AnyResponse:
    """Keep what is searched for. Posted, so that no name and no phone ever stands in an address or a log."""
    fields = {name: request.form.get(name, "").strip()[:100] for name in Asked.__dataclass_fields__}
    now = right_now()
    with runtime().db.write() as db:
        search_id = searches.keep(db, me().id, asdict(Asked(**fields)), now)
        audit.record(db, "search", now, me().id, detail={"search": search_id})
    return redirect(url_for("staff.found", search_id=search_id), 303)


@bp.get("/staff/found/<int(max=2147483647):search_id>")
@needs(May.VIEW)
def found(search_id: int) -> str:
    """Show what a search finds now; only to who has searched."""
    now, below = right_now(), place(request.args.get("below", ""))
    with runtime().db.read() as db:
        asked = asked_of(db, search_id)
        shown = look(db, asked, below, now)
        shown = replace(shown, people=tuple(without_request(db, asked, below, now)))
        everybody = members.all_staff(db)
    seen = audit.shown((row.queued.request.id for row in shown.rows), [person.id for person, _text in shown.people])
    detail = seen | {"search": search_id}
    with runtime().db.write() as db:
        audit.record(db, "view_found", now, me().id, detail=detail)
    return render_template(
        "staff/found.html", found=shown, asked=asked, since=below, search_id=search_id, now=now, days=LOOKED_BACK.days,
        **choices(everybody),
    )  # fmt: skip


def choices(everybody: list[Any]) -> dict[str, object]:
    """Return what a search may be narrowed to."""
    return {
        "outcomes": list(Disposition),
        "priorities": list(Priority),
        "states": list(STATES),
        "everybody": sorted(everybody, key=lambda member: member.name.casefold()),
    }


def asked_of(db: Connection, search_id: int | str) -> Asked:
    """Return what a search asked for. One that is no number, is gone or is another's is answered 404."""
    known = re.fullmatch("[0-9]{1,9}", str(search_id))
    kept = searches.get(db, int(search_id), me().id) if known else None
    if kept is None:
        abort(404)
    return Asked(**{name: str(value) for name, value in kept.items() if name in Asked.__dataclass_fields__})


def place(typed: str) -> int:
    """Read under which reference a search goes on."""
    below = int(typed) if re.fullmatch("[0-9]{1,10}", typed) else 0
    return below if 0 < below < NEWEST else NEWEST


def everything(db: Connection, asked: Asked, below: int, now: datetime) -> list[Row]:
    """Find all that is asked for, for a file: at most so many that a spreadsheet is still of use."""
    rows: list[Row] = []
    at: int | None = below
    while at is not None and len(rows) < MOST_IN_A_FILE:
        found = look(db, asked, at, now)
        rows += found.rows
        at = found.below
    return rows


def without_request(db: Connection, asked: Asked, below: int, now: datetime) -> list[Unasked]:
    """Find who wrote lately and has no request at all, by parts of the name or the last four digits.

    Only at the beginning of a search, and not where it asks for what requests alone have.
    """
    words, digits = finding.folded(asked.q).replace("-", " ").split(), A_REFERENCE.fullmatch(asked.q)
    by_digits = digits is not None and not digits[1] and len(digits[2]) == LAST_DIGITS
    if below != NEWEST or asked.narrows or not words or (digits and not by_digits):
        return []

    def fits(name: str | None, phone: str) -> bool:
        return phone_ends(phone, digits[2]) if digits else finding.fits(name, words)

    found = unasked.newest(db, now - LOOKED_BACK, MOST_UNASKED, fits)
    return [(person, text) for person, text in found if not person.had_request]


def phone_ends(phone: str | None, digits: str) -> bool:
    """Tell whether a phone, without its extension, ends so."""
    return bool(phone) and str(phone).partition(";")[0].endswith(digits)


def look(db: Connection, asked: Asked, below: int, now: datetime) -> Found:
    """Find requests under `below`: by reference, phone, last four digits or parts of the name, else by the choices."""
    narrowing, person_id = asked.narrowing(), None
    reference = A_REFERENCE.fullmatch(asked.q)
    ids: list[int] = []
    go_on = None
    if reference and (reference[1] or len(reference[2]) != LAST_DIGITS):
        ids = [int(reference[2])]
    elif reference:
        found = _with_digits(db, reference[2], below)
        ids, go_on = [*([int(reference[2])] if below == NEWEST else []), *found[0]], found[1]
    elif numbers := phone_numbers.read_phones(asked.q):
        ids = finding.of_phone(db, numbers[0], below, MOST_FOUND)
        known = people.by_phone(db, numbers[0])
        person_id = known.id if known else None
    elif words := finding.folded(asked.q).replace("-", " ").split():
        ids, go_on = _merged(
            below,
            lambda row: finding.fits(row.name, words),
            lambda place: finding.indexed(db, words, place, NAMES_AT_ONCE),
            lambda place: finding.unindexed(db, place, NAMES_AT_ONCE),
        )
    elif asked.narrows:
        ids, go_on = finding.newest(db, narrowing, below, MOST_FOUND)
    wanted = finding.kept(db, ids, narrowing) if asked.q and asked.narrows else set(ids)
    in_order = [one for one in dict.fromkeys(ids) if one in wanted]
    return Found(rows_of(db, requests.with_ids(db, in_order), now), go_on, person_id)


def _with_digits(db: Connection, digits: str, below: int) -> tuple[list[int], int | None]:
    return _merged(
        below,
        lambda row: phone_ends(row.phone, digits) or phone_ends(row.person_phone, digits),
        lambda place: finding.with_last_digits(db, digits, place, NAMES_AT_ONCE),
        lambda place: finding.unindexed(db, place, NAMES_AT_ONCE),
    )


def _merged(below: int, fits: Any, *sources: Any) -> tuple[list[int], int | None]:
    """Return references under `below` that fit, newest first, and under which one to go on; None when all was read.

    Each source gives rows under a reference, newest first; it is read until enough is found or enough was read.
    """
    found: set[int] = set()
    read_to = []
    for source in sources:
        at: int | None = below
        mine = 0
        for _ in range(NAMES_READ // NAMES_AT_ONCE):
            rows = source(at)
            fitting = {row.id for row in rows if fits(row)}
            found |= fitting
            mine += len(fitting)
            at = rows[-1].id if len(rows) == NAMES_AT_ONCE else None
            if at is None or mine > MOST_FOUND:
                break
        if at is not None:
            read_to.append(at)
    # Only down to where each source was read is it known that nothing is missing.
    known_to = max(read_to, default=0)
    shown = sorted((one for one in found if one >= known_to), reverse=True)
    if len(shown) > MOST_FOUND:
        return shown[:MOST_FOUND], shown[MOST_FOUND - 1]
    return shown, known_to or None
