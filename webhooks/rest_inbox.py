"""The port Inbox over Twilio's REST interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from triage.environment import Environment
from triage.errors import DeliveryUnknown
from triage.ports import ListedCall, ListedRecording, ListedText
from triage.settings import Clinic
from webhooks.rest_client import rest_client
from webhooks.twilio_words import ENDED

ON_A_PAGE = 1000

TIMEOUT_S = 10.0

# What is asked for ends a day later than what is wanted: whether a filter by days has its last day in is not said.
A_DAY = timedelta(days=1)


class TwilioInbox:
    """Reads Twilio's lists of the clinic's numbers.

    They come newest first and can be asked by days in GMT only, so what is outside the time is left out here, and no
    page is fetched beyond it. Times are whole seconds there: of one second, the later in the list is the older.
    """

    def __init__(self, environment: Environment, clinic: Clinic) -> None:
        self._environment = environment
        self._numbers = clinic.numbers

    def texts(self, since: datetime, until: datetime) -> list[ListedText]:
        return self._messages("inbound", since, until, "to")

    def replies(self, since: datetime, until: datetime) -> list[ListedText]:
        return self._messages("outbound-reply", since, until, "from_")

    def _messages(self, direction: str, since: datetime, until: datetime, ours: str) -> list[ListedText]:
        found = []
        with _whole():
            for number in self._numbers:
                pages = self._client().messages.stream(
                    date_sent_after=since, date_sent_before=until + A_DAY, page_size=ON_A_PAGE, **{ours: number}
                )
                for one, at in _within(pages, lambda one: one.date_sent or one.date_created, since, until):
                    if one.direction == direction:
                        media = int(one.num_media or 0)
                        found.append(ListedText(one.sid, one.from_ or "", one.to or "", one.body or "", at, media))
        found.reverse()
        return sorted(found, key=lambda text: text.at)

    def calls(self, since: datetime, until: datetime) -> list[ListedCall]:
        found = []
        with _whole():
            for number in self._numbers:
                pages = self._client().calls.stream(
                    to=number, start_time_after=since, start_time_before=until + A_DAY, page_size=ON_A_PAGE
                )
                for one, at in _within(pages, lambda one: one.start_time or one.date_created, since, until):
                    if one.direction == "inbound":
                        ended_at = (one.end_time or at) if one.status in ENDED else None
                        found.append(
                            ListedCall(one.sid, one._from or "", one.to or "", at, ended_at, _seconds(one.duration))
                        )
        found.reverse()
        return sorted(found, key=lambda call: call.started_at)

    def recordings(self, since: datetime, until: datetime) -> list[ListedRecording]:
        with _whole():
            pages = self._client().recordings.stream(
                date_created_after=since, date_created_before=until + A_DAY, page_size=ON_A_PAGE
            )
            found = [
                ListedRecording(one.sid, one.call_sid or "", at, _seconds(one.duration))
                for one, at in _within(pages, lambda one: one.date_created, since, until)
                if one.status == "completed"
            ]
        found.reverse()
        return sorted(found, key=lambda recording: recording.at)

    def _client(self) -> Any:
        return rest_client(self._environment, TIMEOUT_S)


def _within(
    newest_first: Iterator[Any], time_of: Any, since: datetime, until: datetime
) -> Iterator[tuple[Any, datetime]]:
    """Yield the entries of a time with their times; ends at the first that is older."""
    for one in newest_first:
        at = time_of(one)
        if at < since:
            return
        if at <= until:
            yield one, at


def _seconds(written: object) -> int | None:
    digits = str(written or "")
    return int(digits) if digits.isdecimal() else None


@contextmanager
def _whole() -> Iterator[None]:
    """Translate whatever stops the reading of a list: a part of one is none."""
    try:
        yield
    except Exception as fault:
        raise DeliveryUnknown(type(fault).__name__) from None
