"""Whole conversations of a labelled file, played through the real engine and store: texts of a person, what staff do in
between, and the clock that runs on."""

import tempfile
from datetime import UTC, datetime, timedelta
from typing import Any

from commands.played_calls import play_call
from commands.stage import OWN_NUMBER, ZONE, House, begin, opened, run_clock, staff_act
from triage.conversation.state import Talk, recalled
from triage.model.message import Channel, Inbound, Message
from triage.model.person import Person
from triage.model.request import Request
from triage.runtime import Runtime
from triage.store import messages, people, requests

APART = timedelta(seconds=20)

Row = dict[str, Any]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def local(moment: datetime | None) -> str | None:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if moment else None


def evaluate_dialogues(rows: list[Row], runtime: Runtime) -> Row:
    """Play every conversation in a database of its own, and compare what comes of it with what is expected."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        house = opened(f"sqlite:///{folder}/dialogues.db", runtime)
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


def _converse(row: Row, house: House) -> Row:
    """Play one conversation; its person begins as a stranger and its queue is empty."""
    line, sender = house.runtime, row["from"]
    staff_id = begin(house, at(row["now"]).astimezone(UTC))
    if row["channel"] == Channel.VOICE:
        sender, heard, then = play_call(row, house)
        return _outcome(sender, heard, line) | {"then": then}
    reply: tuple[str, ...] = ()
    for number, written in enumerate(row["turns"]):
        turn = {"text": written} if isinstance(written, str) else written
        run_clock(house, at(turn["at"]).astimezone(UTC) if "at" in turn else house.hand.at)
        if "staff" in turn:
            staff_act(turn["staff"], f"{number}", sender, staff_id, house)
        else:
            text = turn["text"].replace("{last}", _last_text(sender, line))
            media = tuple(turn.get("media", ()))
            inbound = Inbound(
                f"{row['id']}.{number}", Channel(row["channel"]), sender, OWN_NUMBER, text, house.hand.at, media
            )
            reply = line.intake.take(inbound).texts
        house.hand.at += APART
    return _outcome(sender, reply, line)


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
        "extension": request.extension,
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
        "extension": "",
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
