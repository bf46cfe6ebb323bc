"""A person, known by one phone, and what is remembered of the talk with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from triage.model.request import Request

# Where consent was last changed from, in `consent`: by words that the carrier does not know.
STOPPED_IN_WORDS = "words"


@dataclass(frozen=True)
class Person:
    """Times are aware UTC. textable False: a landline or a number that refuses texts. staff_wrote_at: since when staff
    write with them; None where they do not, or have handed them back.
    """

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
    staff_wrote_at: datetime | None = None
    had_request: bool = False
    consent: Mapping[str, Any] | None = None

    @property
    def stopped_in_words(self) -> bool:
        """Tell whether they stopped our texts in other words than the carrier's, which knows nothing of it."""
        return self.opted_out_at is not None and (self.consent or {}).get("source") == STOPPED_IN_WORDS

    @property
    def may_be_texted(self) -> bool:
        return self.textable and self.opted_out_at is None and self.blocked_at is None

    def with_staff_until(self, newest: Request | None, lasts: timedelta, now: datetime) -> datetime | None:
        """Return until when staff write with them and the line stands back; None where it answers.

        newest: their open request, else the newest. Closed after staff wrote, it ends the talk; what staff write about
        one that is closed begins it anew.
        """
        since = self.staff_wrote_at
        if since is None or now >= since + lasts or (newest and newest.closed_at and newest.closed_at >= since):
            return None
        return since + lasts


@dataclass(frozen=True)
class Remembered:
    """A row of `conversations`: the open step, misses in it, and the draft as plain JSON."""

    step: str
    misses: int
    draft: Mapping[str, Any]
    expires_at: datetime | None
    updated_at: datetime
