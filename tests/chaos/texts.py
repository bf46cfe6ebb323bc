"""Texts while workers are killed, and the same text several times at once: what was answered is kept, once."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from sqlalchemy import func, select

from tests.chaos.counted import Counted
from tests.chaos.crowd import WISH, at_once, bring, every, kill_a_worker, patient, sid
from tests.chaos.ground import Ground
from tests.processes.running import Posted, Running, wait_until
from triage.store.tables import callback_requests, messages

DIALOGUE = (WISH, "make it tomorrow at 11 am", "how does tms work", "thank you")
SENDERS = 8


@dataclass(frozen=True)
class WorkersKilled(Counted):
    """What became of texts. `missing`: answered and not kept; `doubled`: people with two requests; `other_words`: texts
    that were answered differently when they came again. What stays unanswered is fetched from the provider's list.
    """

    answered: int
    unanswered: int
    missing: int
    doubled: int
    other_words: int
    kills: int
    seconds: float

    @property
    def holds(self) -> bool:
        return self.missing == self.doubled == self.other_words == 0 and self.answered > self.unanswered


def workers_killed(ground: Ground, count: int, kill_every_s: float = 0.5) -> WorkersKilled:
    """People go through a dialogue each, in parallel, while a random worker dies again and again."""
    with ground.running() as here:
        return _workers_killed(here, count, kill_every_s)


def _workers_killed(here: Running, count: int, kill_every_s: float) -> WorkersKilled:
    web, kills = here.start_web(), 0
    answers: dict[Posted, tuple[int, bytes]] = {}

    def one_person(number: int) -> None:
        for turn, body in enumerate(DIALOGUE):
            text = Posted(sid(number * len(DIALOGUE) + turn), patient(number), body)
            answers[text] = bring(here, text)

    def kill() -> None:
        nonlocal kills
        kills += 1
        kill_a_worker(here, web)

    began = time.monotonic()
    with every(kill_every_s, kill):
        at_once(SENDERS, one_person, range(count // len(DIALOGUE)))
    seconds = time.monotonic() - began
    wait_until(lambda: here.post(Posted(sid(0), patient(0), WISH))[0] == 200, "the web answers again")
    answered = {text: answer for text, (status, answer) in answers.items() if status == 200}
    again = list(answered)[:: max(1, len(answered) // 500)]
    return WorkersKilled(
        answered=len(answered),
        unanswered=len(answers) - len(answered),
        missing=len({f"in:{text.sid}" for text in answered} - _kept(here)),
        doubled=sum(times > 1 for times in _requests_of_people(here).values()),
        other_words=sum(here.post(text)[1] != answered[text] for text in again),
        kills=kills,
        seconds=round(seconds, 1),
    )


@dataclass(frozen=True)
class SameText(Counted):
    """What became of texts that were posted several times in parallel; `other_words`: with answers that differ."""

    texts: int
    posts: int
    rows: int
    requests: int
    replies: int
    other_words: int

    @property
    def holds(self) -> bool:
        return self.rows == self.requests == self.replies == self.texts and self.other_words == 0


def same_text_at_once(ground: Ground, count: int) -> SameText:
    """Every text comes three to five times at the same moment."""
    with ground.running() as here:
        return _same_text_at_once(here, count)


def _same_text_at_once(here: Running, count: int) -> SameText:
    here.start_web()
    chance, posts, differing = Random(1), 0, 0
    with ThreadPoolExecutor(5) as pool:
        for number in range(count):
            times = chance.randint(3, 5)
            together = threading.Barrier(times)

            def post(number: int = number, together: threading.Barrier = together) -> tuple[int, bytes]:
                together.wait()
                return bring(here, Posted(sid(number), patient(number), WISH))

            answers = {future.result() for future in [pool.submit(post) for _ in range(times)]}
            posts += times
            differing += len(answers) > 1 or next(iter(answers))[0] != 200
    with here.database.read() as db:
        replies = db.scalar(select(func.count()).where(messages.c.direction == "out")) or 0
    return SameText(count, posts, len(_kept(here)), sum(_requests_of_people(here).values()), replies, differing)


def _kept(here: Running) -> set[str]:
    with here.database.read() as db:
        return set(db.scalars(select(messages.c.dedupe_key).where(messages.c.direction == "in")))


def _requests_of_people(here: Running) -> Counter[int]:
    with here.database.read() as db:
        return Counter(db.scalars(select(callback_requests.c.person_id)))
