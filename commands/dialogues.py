"""Whole conversations of a labelled file, played through the real engine and store: texts of a person, what staff do in
between, and the clock that runs on."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triage.conversation.state import Talk, recalled
from triage.hours.opening import OpeningHours
from triage.intake.expiry import expire
from triage.intake.inbound_texts import Intake
from triage.jobs import upkeep
from triage.jobs.compose_texts import Outbox
from triage.jobs.pace import TO_PATIENTS
from triage.model.member import Role
from triage.model.message import Channel, Inbound, Message
from triage.model.person import Person
from triage.model.request import WITHOUT_CONTACT, Disposition, Request
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import members, messages, people, requests
from triage.store.engine import Database
from triage.store.tables import metadata
from triage.team import patient_texts, request_acts

ZONE = ZoneInfo("America/Phoenix")
WEEKDAYS = range(5)
APART = timedelta(seconds=20)
TICK = timedelta(minutes=10)
OWN_NUMBER = "+16025550000"  # outside the numbers from which people write in these files: our own is not answered

Row = dict[str, Any]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def local(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if moment else None


def calendar(clinic: Clinic) -> Clinic:
    """Return the evaluation's own calendar and number, whatever `clinic.toml` says: Monday to Friday 9 to 5 in
    Phoenix.
    """
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hours = dict.fromkeys(days, ((time(9), time(17)),))
    return clinic.model_copy(update={"zone": ZONE, "hours": hours, "closed": {}, "numbers": (OWN_NUMBER,)})


def evaluate_dialogues(rows: list[Row], runtime: Runtime) -> Row:
    """Play every conversation in a database of its own, and compare what comes of it with what is expected."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        house = _opened(f"sqlite:///{folder}/dialogues.db", runtime)
        for row in rows:
            got = _converse(row, house)
            expected = row["expect"]
            differs = next((key for key in expected if not _holds(key, expected[key], got)), None)
            if differs:
                shown = got.get(_LOOKED_FOR.get(differs, differs))
                failures.append([row["id"], f"{differs}: {shown!r} instead of {expected[differs]!r}"])
        house.runtime.db.close()
    return {"n": len(rows), "right": len(rows) - len(failures), "failures": failures}


# Strings looked for in the words that went out, and in which of them.
_LOOKED_FOR = {"last_has": "last", "last_lacks": "last", "none_has": "all"}


def _holds(key: str, expected: Any, got: Row) -> bool:
    value = got.get(key)
    if key == "name":
        return str(expected).casefold() == str(value).casefold()
    if key == "status":
        return bool(expected == value) or (expected == "none" and value != "queued")
    if key == "flags":
        return set(expected) <= set(value or ())
    if key in _LOOKED_FOR:
        words = got[_LOOKED_FOR[key]].casefold()
        found = [one.casefold() in words for one in expected]
        return all(found) if key == "last_has" else not any(found)
    return bool(expected == value)


# --- one conversation


@dataclass
class _Hand:
    """The time of the evaluation, moved by hand."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class _Sent:
    """A messenger that takes every text that the program starts."""

    texts: list[str] = field(default_factory=list)

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:  # noqa: ARG002
        self.texts.append(body)
        return f"SM{len(self.texts):032d}"

    def find(self, to: str, body: str, since: datetime, timeout_s: float) -> list[str]:  # noqa: ARG002
        return []


@dataclass(frozen=True)
class _House:
    runtime: Runtime
    outbox: Outbox
    hand: _Hand


def _opened(url: str, runtime: Runtime) -> _House:
    """Open the clinic of the evaluation in an empty database."""
    database, clinic, hand = Database(url), calendar(runtime.clinic), _Hand(runtime.now())
    assert clinic.opening == OpeningHours(ZONE, dict.fromkeys(WEEKDAYS, ((time(9), time(17)),)), {})
    with database.write() as db:
        metadata.create_all(db)
    intake = Intake(database, clinic, runtime.words, {})
    line = replace(runtime, clinic=clinic, db=database, intake=intake, now=hand)
    return _House(line, Outbox(line, _Sent()), hand)


def _converse(row: Row, house: _House) -> Row:
    """Play one conversation; its person begins as a stranger and its queue is empty."""
    line, sender = house.runtime, row["from"]
    house.hand.at = at(row["now"]).astimezone(UTC)
    with line.db.write() as db:
        for table in reversed(metadata.sorted_tables):
            db.execute(table.delete())
        staff_id = members.add(db, "front", "Front Desk", Role.FRONT_DESK, "no password", None, house.hand.at)
    reply: tuple[str, ...] = ()
    for number, written in enumerate(row["turns"]):
        turn = {"text": written} if isinstance(written, str) else written
        _run_clock(house, at(turn["at"]).astimezone(UTC) if "at" in turn else house.hand.at)
        if "staff" in turn:
            _staff_act(turn["staff"], f"{number}", sender, staff_id, house)
        else:
            text = turn["text"].replace("{last}", _last_text(sender, line))
            media = tuple(turn.get("media", ()))
            inbound = Inbound(
                f"{row['id']}.{number}", Channel(row["channel"]), sender, OWN_NUMBER, text, house.hand.at, media
            )
            reply = line.intake.take(inbound).texts
        house.hand.at += APART
    return _outcome(sender, reply, line)


def _run_clock(house: _House, until: datetime) -> None:
    """Let the clock's jobs run until then: drafts run out, texts to patients go."""
    for moment in _ticks(house.hand.at, until):
        house.hand.at = moment
        expire(house.runtime.db, house.runtime.clinic, house.runtime.words, moment)
        upkeep.send(house.outbox, TO_PATIENTS)


def _ticks(since: datetime, until: datetime) -> Iterator[datetime]:
    while since + TICK < until:
        since += TICK
        yield since
    yield until


def _staff_act(act: str, once: str, sender: str, staff_id: int, house: _House) -> None:
    """Let staff claim the open request, log a call (and close it, if they spoke to the person), or text the person."""
    line, now = house.runtime, house.hand.at
    with line.db.write() as db:
        person = people.by_phone(db, sender)
        request = requests.newest_of(db, person.id) if person else None
        assert request is not None, "there is no request that staff could work on"
        if act == "claim":
            request_acts.claim(db, line.clinic, request.id, staff_id, now)
        elif act.startswith("text:"):
            written = act.removeprefix("text:").strip()
            patient_texts.text_patient(db, line.clinic, line.words, request.id, staff_id, written, once, now)
        else:
            outcome = Disposition(act)
            request_acts.log_attempt(db, line.clinic, line.words, request.id, staff_id, outcome, None, now)
            if outcome not in WITHOUT_CONTACT:
                request_acts.close(db, line.clinic, request.id, staff_id, outcome, now)
    _run_clock(house, now)


def _last_text(sender: str, line: Runtime) -> str:
    """Return the last text that this person got from us."""
    with line.db.read() as db:
        person = people.by_phone(db, sender)
        thread = messages.thread(db, person.id) if person else []
    return next((message.body for message in reversed(thread) if message.direction == "out"), "")


# --- what came of it


def _outcome(sender: str, reply: tuple[str, ...], line: Runtime) -> Row:
    with line.db.write() as db:
        person, remembered = people.meet(db, sender, "en", line.now())
        thread = messages.thread(db, person.id)
        request = requests.newest_of(db, person.id)
        talk = recalled(remembered, person.lang, line.clinic)
    asked_for = _of_request(request) if request else _of_draft(talk)
    return {**asked_for, **_of_person(person), **_said(thread, reply)}


def _of_request(request: Request) -> Row:
    return {
        "name": request.name,
        "phone": request.phone,
        "topic": request.topic,
        "start": local(request.window_start),
        "end": local(request.window_end),
        "priority": request.priority.value,
        "status": {"claimed": "queued", "done": "none"}.get(request.status, request.status.value),
        "flags": sorted(request.flags),
    }


def _of_draft(talk: Talk) -> Row:
    """Return what is known where there is no request yet."""
    draft = talk.draft
    window = draft.window
    return {
        "name": draft.name,
        "phone": draft.phone,
        "topic": draft.topic,
        "start": local(window.start) if window else None,
        "end": local(window.end) if window else None,
        "status": "none",
        "flags": [],
    }


def _of_person(person: Person) -> Row:
    return {"opted_out": person.opted_out_at is not None, "no_calls": person.no_calls_at is not None}


def _said(thread: list[Message], reply: tuple[str, ...]) -> Row:
    went_out = [message for message in thread if message.direction == "out"]
    keys = [key for message in went_out for key in (message.template or "").split()]
    return {
        "answered": [key.removeprefix("answers/") for key in keys if key.startswith("answers/")],
        "silent": not reply,
        "last": "\n".join(reply),
        "all": "\n".join(message.body for message in went_out),
    }
