"""A person, known by one phone, and what is remembered of the talk with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Person:
    """Times are aware UTC. textable False: a landline or a number that refuses texts."""

    id: int
    phone: str
    lang: str
    name: str | None = None
    zone: str | None = None
    textable: bool = True
    untextable_why: str | None = None
    opted_out_at: datetime | None = None
    no_calls_at: datetime | None = None
    blocked_at: datetime | None = None
    slow_calls: bool = False
    had_request: bool = False

    @property
    def may_be_texted(self) -> bool:
        return self.textable and self.opted_out_at is None and self.blocked_at is None


@dataclass(frozen=True)
class Remembered:
    """A row of `conversations`: the open step, misses in it, and the draft as plain JSON."""

    step: str
    misses: int
    draft: Mapping[str, Any]
    expires_at: datetime | None
    updated_at: datetime
