"""What can be seen of a conversation from outside: what was said to the patient, by key and in words, and the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.model.message import Message
from triage.model.person import Person
from triage.model.request import Request, Status
from triage.runtime import Runtime
from triage.store import messages, people, requests


@dataclass(frozen=True)
class Seen:
    """The store after a turn. said: what went out since the turn before; open_question: the key that was said last.

    count: how many requests this person has had.
    """

    now: datetime
    person: Person | None
    request: Request | None
    count: int
    said: tuple[Message, ...]
    reply: tuple[str, ...]
    last_id: int
    open_question: str
    last_body: str

    @property
    def open(self) -> Request | None:
        return self.request if self.request and self.request.is_open else None

    @property
    def pages(self) -> bool:
        return bool(self.open and self.open.priority.pages)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for message in self.said for key in (message.template or "").split())

    @property
    def words(self) -> str:
        return "\n".join(message.body for message in self.said)


def look(line: Runtime, sender: str, before: Seen | None, reply: tuple[str, ...], now: datetime) -> Seen:
    with line.db.read() as db:
        person = people.by_phone(db, sender)
        request = requests.newest_of(db, person.id) if person else None
        count = len(requests.earlier_of(db, person.id, before=0)) if person else 0
        thread = messages.thread(db, person.id) if person else []
    last_id = before.last_id if before else 0
    said = tuple(message for message in thread if message.id > last_id and message.direction == "out")
    newest = max((message.id for message in thread), default=0)
    keys = [key for message in said for key in (message.template or "").split()]
    was = before.open_question if before else ""
    body = said[-1].body if said else before.last_body if before else ""
    return Seen(now, person, request, count, said, reply, newest, keys[-1] if keys else was, body)


def essentials(request: Request | None) -> Any:
    """Return what an affirmation leaves as it is."""
    if request is None:
        return None
    status = "open" if request.status in (Status.QUEUED, Status.CLAIMED) else request.status
    return (
        request.id, status, request.priority, request.name, request.number, request.topic, request.window_start,
        request.window_end, request.promised, request.promised_start, request.promised_end
    )  # fmt: skip
