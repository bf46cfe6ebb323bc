"""The whole site is down while people text and call; what waits at the provider is taken when it is back."""

import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from tests.calls import phones_of
from tests.chaos.counted import Counted
from tests.chaos.crowd import CRISIS, WISH
from tests.chaos.ground import Ground
from tests.phone_line import CLINIC
from tests.processes.running import STAFF, Running, wait_until
from triage.store.tables import callback_requests, inbox_marks, messages, recordings
from triage.store.tables import calls as calls_table

# Of ten people who text, one is in despair.
OF_TEN = (WISH, WISH, WISH, "what is tms?", "is it safe?", CRISIS, WISH, WISH, "what does it cost?", WISH)

ALL_WITHIN_S = 300.0
ALERTED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Outcome(Counted):
    """What became of texts and calls of the outage; seconds count from the start of the site's first process.

    answered: crises whose sender was sent 988. doubled: people who were answered twice, or have two requests.
    """

    texts: int
    calls: int
    crises: int
    texts_recovered: int
    calls_recovered: int
    messages_recovered: int
    alerted: int
    answered: int
    doubled: int
    last_alert_s: float
    last_answer_s: float
    all_recovered_s: float

    @property
    def holds(self) -> bool:
        whole = (self.texts, self.calls, self.calls, self.crises, self.crises) == (
            self.texts_recovered, self.calls_recovered, self.messages_recovered, self.alerted, self.answered,
        )  # fmt: skip
        return whole and not self.doubled

    @property
    def in_time(self) -> bool:
        grave_s = max(self.last_alert_s, self.last_answer_s)
        return self.all_recovered_s <= ALL_WITHIN_S and grave_s <= ALERTED_WITHIN_S


def on(ground: Ground, texts: int, calls: int) -> Outcome:
    """Run it on this ground."""
    with ground.running() as here:
        return run(here, texts, calls)


def run(here: Running, texts: int, calls: int, within_s: float = ALL_WITHIN_S) -> Outcome:
    """Stop web and clock, let people text and call meanwhile, start both, and watch what is found."""
    site = [here.start_web(), here.start_clock()]
    wait_until(lambda: _count(here, inbox_marks) == 2, "the lists have been read once")
    for process in site:
        process.send_signal(signal.SIGTERM)
    for process in site:
        process.wait(30)
    senders = [f"+1480556{number:04d}" for number in range(texts)]
    bodies = {sender: OF_TEN[number % len(OF_TEN)] for number, sender in enumerate(senders)}
    for sender, body in bodies.items():
        here.phone.post("/line/texts", {"from": sender, "body": body, "wait": True})
    for number in range(calls):
        phones_of(here.phone).calls(f"+1480557{number:04d}").records("please call me", seconds=9)
    grave = {sender for sender, body in bodies.items() if body == CRISIS}

    began = time.monotonic()
    here.start_clock()
    here.start_web()
    seen = _watch(
        {
            "recovered": lambda: (_texts_in(here), _count(here, calls_table), _left(here)) >= (texts, calls, calls),
            "alerted": lambda: len(_alerted(here)) >= len(grave),
            "answered": lambda: grave <= _told_988(here),
        },
        began,
        within_s,
    )
    here.phone.settle()
    return Outcome(
        texts=texts,
        calls=calls,
        crises=len(grave),
        texts_recovered=_texts_in(here),
        calls_recovered=_count(here, calls_table),
        messages_recovered=_left(here),
        alerted=len(_alerted(here)),
        answered=len(grave & _told_988(here)),
        doubled=_doubled(here),
        last_alert_s=seen["alerted"],
        last_answer_s=seen["answered"],
        all_recovered_s=seen["recovered"],
    )


def _watch(events: dict[str, Callable[[], bool]], began: float, within_s: float) -> dict[str, float]:
    """Return after how many seconds each was first true; `within_s` and more where it never was."""
    seen: dict[str, float] = {}
    while len(seen) < len(events) and time.monotonic() - began < within_s:
        for name, holds in events.items():
            if name not in seen and holds():
                seen[name] = round(time.monotonic() - began, 1)
        time.sleep(0.2)
    missing = round(time.monotonic() - began, 1) + within_s
    return {name: seen.get(name, missing) for name in events}


def _count(here: Running, table, *which) -> int:
    with here.database.read() as db:
        return db.scalar(select(func.count()).select_from(table).where(*which)) or 0


def _texts_in(here: Running) -> int:
    return _count(here, messages, messages.c.direction == "in", messages.c.channel == "sms")


def _left(here: Running) -> int:
    return _count(here, recordings, recordings.c.request_id.is_not(None))


def _alerted(here: Running) -> set[str]:
    """References of the crises of which a phone of staff was told."""
    told = [text.body for phone in STAFF.values() for text in _sent_to(here, phone) if "CRISIS" in text.body]
    return {ref for body in told for ref in re.findall(r"/staff/requests/(\d+)", body)}


def _sent_to(here: Running, phone: str):
    return here.phone.client().messages.list(to=phone, from_=CLINIC, page_size=1000)


def _sent_by_us(here: Running):
    sent = here.phone.client().messages.list(from_=CLINIC, page_size=1000)
    return [text for text in sent if text.direction == "outbound-api" and text.to not in STAFF.values()]


def _told_988(here: Running) -> set[str]:
    return {text.to for text in _sent_by_us(here) if "988" in text.body}


def _doubled(here: Running) -> int:
    answers = Counter(text.to for text in _sent_by_us(here))
    with here.database.read() as db:
        asked = Counter(db.scalars(select(callback_requests.c.person_id)))
    return sum(times > 1 for times in (*answers.values(), *asked.values()))
