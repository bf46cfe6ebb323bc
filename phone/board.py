"""The switchboard's memory. It lives as long as the process: a rehearsal starts with a clean table."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from phone.records import ClinicNumber, Message, Person, Post, Service, new_sid

POSTS_KEPT = 500


class Board:
    """Everything the local phone knows, behind one lock. `version` grows with each change, so a page can ask cheaply.

    What goes out are frozen values: a reader never sees half a change.
    """

    def __init__(
        self, people: Iterable[Person], clinic_numbers: Sequence[str], settings: dict[str, str], service_sid: str = ""
    ) -> None:
        now = datetime.now(UTC)
        self._lock = threading.RLock()
        self._people = {person.phone: person for person in people}
        self._numbers = {phone: ClinicNumber(phone, new_sid("PN"), now, now, settings) for phone in clinic_numbers}
        shared = {"UseInboundWebhookOnNumber": "true"}
        self._service = Service(service_sid, tuple(clinic_numbers), now, now, shared) if service_sid else None
        self._messages: dict[str, Message] = {}
        self._opted_out: set[tuple[str, str]] = set()
        self._posts: deque[Post] = deque(maxlen=POSTS_KEPT)
        self._changes = 0
        # Whoever remembers an earlier process must see that this is another one.
        self._born = uuid4().hex[:8]

    @property
    def version(self) -> str:
        return f"{self._born}-{self._changes}"

    # The clinic's numbers

    def numbers(self) -> list[ClinicNumber]:
        with self._lock:
            return list(self._numbers.values())

    def number(self, phone: str) -> ClinicNumber | None:
        with self._lock:
            return self._numbers.get(phone)

    def configure(self, number: ClinicNumber, settings: dict[str, str]) -> ClinicNumber:
        with self._lock:
            settings = self._numbers[number.phone].settings | settings
            changed = replace(number, settings=settings, updated_at=datetime.now(UTC))
            self._numbers[number.phone] = changed
            self._changes += 1
            return changed

    # The Messaging Service

    @property
    def service(self) -> Service | None:
        return self._service

    def service_of(self, phone: str) -> Service | None:
        """Return the service that holds this number of the clinic."""
        service = self._service
        return service if service is not None and phone in service.numbers else None

    def change_service(self, service: Service) -> Service:
        with self._lock:
            self._service = replace(service, updated_at=datetime.now(UTC))
            self._changes += 1
            return self._service

    def _holder(self, clinic: str) -> str:
        """Return what an opt-out holds for: the service of a number, or the number alone."""
        service = self.service_of(clinic)
        return service.sid if service is not None else clinic

    # People

    def people(self) -> list[Person]:
        with self._lock:
            return list(self._people.values())

    def person(self, phone: str) -> Person | None:
        with self._lock:
            return self._people.get(phone)

    def meet(self, person: Person) -> None:
        """Add a person, or change one."""
        with self._lock:
            self._people[person.phone] = person
            self._changes += 1

    # Texts

    def add(self, message: Message) -> None:
        """Keep a text. Whoever is new in it gets a phone of their own, so that nothing sent goes unseen."""
        with self._lock:
            self._messages[message.sid] = message
            if message.person not in self._people:
                self._people[message.person] = Person(message.person, message.person)
            self._changes += 1

    def change(self, sid: str, **changes: object) -> Message | None:
        """Change a text and return it; None when it has been deleted meanwhile."""
        with self._lock:
            message = self._messages.get(sid)
            if message is None:
                return None
            changed = replace(message, updated_at=datetime.now(UTC), **changes)  # type: ignore[arg-type]
            self._messages[sid] = changed
            self._changes += 1
            return changed

    def delete(self, sid: str) -> None:
        with self._lock:
            self._messages.pop(sid, None)
            self._changes += 1

    def message(self, sid: str) -> Message | None:
        with self._lock:
            return self._messages.get(sid)

    def messages(self) -> list[Message]:
        """Return all texts, oldest first."""
        with self._lock:
            return list(self._messages.values())

    # Opt-outs: of one person each, from a number or from all that share a service

    def opt_out(self, clinic: str, person: str) -> bool:
        """Note an opt-out; False if it stood already."""
        with self._lock:
            new = (self._holder(clinic), person) not in self._opted_out
            self._opted_out.add((self._holder(clinic), person))
            self._changes += 1
            return new

    def opt_in(self, clinic: str, person: str) -> bool:
        """End an opt-out; False if there was none."""
        with self._lock:
            stood = (self._holder(clinic), person) in self._opted_out
            self._opted_out.discard((self._holder(clinic), person))
            self._changes += 1
            return stood

    def is_opted_out(self, clinic: str, person: str) -> bool:
        with self._lock:
            return (self._holder(clinic), person) in self._opted_out

    # What was posted to the clinic

    def note(self, post: Post) -> None:
        with self._lock:
            self._posts.append(post)
            self._changes += 1

    def posts(self) -> list[Post]:
        with self._lock:
            return list(self._posts)

    def touched(self) -> None:
        """Take note that something outside the board changed that the page shows."""
        with self._lock:
            self._changes += 1
