"""Column types: aware UTC times; text, bytes and JSON encrypted at rest; a priority as its rank.

What no key opens is read as `UNREADABLE` and never raises: one damaged value must not silence its person. What has had
its time is no bytes at all, and is read as `ERASED`.
"""

import json
import threading
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, SmallInteger, TypeDecorator

from triage.errors import Unopened
from triage.model.request import Priority
from triage.store.keys import Keys, storable


class Unreadable(str):
    """Stands for what no key opens: false, empty and without items, so that it reads like nothing said."""

    __slots__ = ()


UNREADABLE = Unreadable()


class Erased(Unreadable):
    """Stands for what retention has taken from a row that stays; written as no bytes at all."""

    __slots__ = ()


ERASED = Erased()

_met = threading.local()


def unreadables_met() -> int:
    """Return how many unreadable values this thread has read: whoever counts before and after knows of new ones."""
    return getattr(_met, "count", 0)


def _opened(value: bytes, places: tuple[str, ...]) -> bytes | None:
    """Decrypt a stored value; None, and counted, where no key opens it in its place."""
    try:
        return Keys.decrypt(bytes(value), *places)
    except Unopened:
        _met.count = unreadables_met() + 1
        return None


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite forgets the zone, so a naive value is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text as encrypted bytes; UNREADABLE for what no key opens, ERASED for what has had its time.

    places: the table and column to which the value is bound, such as "people.name"; several for what may come from any
    of them. `tables` gives each column its own.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *places: str) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        return b"" if isinstance(value, Erased) else Keys.encrypt(storable(value).encode(), "".join(self.places[:1]))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        if not value:
            return ERASED
        opened = _opened(value, self.places)
        return UNREADABLE if opened is None else opened.decode()


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes, encrypted: sound that a caller left; none for what no key opens."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *places: str) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else Keys.encrypt(value, "".join(self.places[:1]))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else _opened(value, self.places)


class EncryptedJson(TypeDecorator[Any]):
    """JSON through EncryptedText: what was heard, drafts, values of texts; UNREADABLE for what no key opens."""

    impl = EncryptedText
    cache_ok = True

    def __init__(self, *places: str) -> None:
        super().__init__(*places)
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None or isinstance(value, Erased):
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return value if value is None or isinstance(value, Unreadable) else json.loads(value)


class PriorityColumn(TypeDecorator[Priority]):
    """A priority as its rank, so that an index can put the queue in order."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Priority | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else list(Priority).index(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Priority | None:  # noqa: ARG002
        return None if value is None else list(Priority)[value]
