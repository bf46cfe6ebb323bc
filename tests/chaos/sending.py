"""Texts that we start while the provider fails and clocks die: each arrives, none twice but where nobody can know."""

import itertools
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Request
from sqlalchemy import select

from tests.chaos.counted import Counted
from tests.chaos.crowd import (
    Clocks,
    arrived,
    at_once,
    bring,
    every,
    patient,
    plan_texts,
    plan_urgent,
    sid,
    under_way,
    wait_for_the_end,
)  # fmt: skip
from tests.chaos.ground import Ground
from tests.processes.running import Posted, Running
from triage.runtime import utc_now
from triage.store.tables import notices

# Shares of the provider's answers; of what gets no answer in time, half was taken and half was not.
FAULTS = {"fail_rest": 0.2, "throttle_rest": 0.1, "hang_rest": 0.05, "cut_rest": 0.05}

FEW = 3


@dataclass(frozen=True)
class Sent(Counted):
    """What became of notices. `lost`: never arrived; `doubled`, `thrice`: arrived so often; `unexplained`: doubled
    though no send was ever in doubt; `refused`: sends that a clock had begun and another had taken over. `may_double`:
    how many at most; all, where the provider's lists fail as its sends do and the alerts in doubt go again.
    """

    planned: int
    lost: int
    unfinished: int
    may_double: int
    doubled: int
    thrice: int
    unexplained: int
    refused: int
    kills: int
    seconds: float

    @property
    def holds(self) -> bool:
        return self.lost == self.unfinished == self.thrice == self.unexplained == 0 and self.doubled <= self.may_double


def provider_fails(
    ground: Ground, count: int, kill_every_s: float = 2.0, restarts: int = 2, within_s: float = 600.0
) -> Sent:
    """Half of them alerts to staff, half texts to patients; the database is restarted when much is still to be sent."""
    with ground.running() as here:
        here.phone.post("/line/faults", FAULTS)
        began = time.monotonic()
        with Clocks(here, 2) as clocks, every(kill_every_s, clocks.kill_one):
            plan_urgent(here, range(count // 2))
            plan_texts(here, range(count // 2, count))
            for left in range(restarts, 0, -1):
                _wait_until_under(here, count * left // (restarts + 1), within_s)
                ground.restart_database()
            wait_for_the_end(here, within_s)
        return _sent(here, count, count, clocks.deaths, began)


def _wait_until_under(here: Running, count: int, within_s: float) -> None:
    ends = time.monotonic() + within_s
    while under_way(here) > count and time.monotonic() < ends:
        time.sleep(0.2)


def sends_in_doubt(ground: Ground, count: int, deaths: int, within_s: float = 600.0) -> Sent:
    """The provider takes every text and cuts the line before it says so; now and then the clock that sent it dies at
    that very moment, between the send and its commit.
    """
    dying = Dying(once_in=count // deaths)
    with ground.running(dying.hear) as here:
        here.phone.post("/line/faults", {"cut_rest": True})
        began = time.monotonic()
        with Clocks(here, 2) as dying.clocks:
            plan_texts(here, range(count))
            wait_for_the_end(here, within_s)
        return _sent(here, count, FEW, dying.clocks.deaths, began)


@dataclass
class Dying:
    """Kills the clock that is sending a text, once in so many sends: when the provider has taken it, or by turns before
    that.
    """

    once_in: int
    before: bool = False
    clocks: Clocks | None = None
    _sends: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def hear(self, moment: str, asked: Request) -> None:
        if not self.clocks or asked.method != "POST" or not asked.path.endswith("/Messages.json"):
            return
        if moment == "before":
            turn, place = divmod(next(self._sends), self.once_in)
            asked.environ["dies"] = "" if place else "before" if self.before and turn % 2 else "after"
        if asked.environ.get("dies") == moment:
            self.clocks.kill_sender_of(asked)


def clocks_stand_still(
    ground: Ground, count: int, clocks: int = 5, longest_s: float = 9.0, within_s: float = 900.0
) -> Sent:
    """Clocks share the work while one after the other stands still, most for longer than its lease, and goes on."""
    with ground.running() as here:
        began = time.monotonic()
        with Clocks(here, clocks) as kept, every(0.2, lambda: kept.let_one_stand_still(random.uniform(2, longest_s))):
            plan_texts(here, range(count))
            wait_for_the_end(here, within_s)
        return _sent(here, count, FEW, kept.deaths, began)


def _sent(here: Running, count: int, may_double: int, kills: int, began: float) -> Sent:
    copies = arrived(here)
    with here.database.read() as db:
        tried_again = db.execute(select(notices.c.body, notices.c.request_id).where(notices.c.attempt > 1)).all()
    in_doubt = {row.body for row in tried_again} | {f"request {row.request_id}" for row in tried_again}
    doubled = {body for body, times in copies.items() if times > 1}
    return Sent(
        planned=count,
        lost=count - len(copies),
        unfinished=under_way(here),
        may_double=may_double,
        doubled=len(doubled),
        thrice=sum(times > 2 for times in copies.values()),
        unexplained=len(doubled - in_doubt),
        refused=here.said().count('"event": "lease_lost"'),
        kills=kills,
        seconds=round(time.monotonic() - began, 1),
    )


# --- an opt-out at the same moment


@dataclass(frozen=True)
class Stopped(Counted):
    """What became of texts whose person opted out at the same moment. `late`: sends begun over a second after that."""

    races: int
    sent_before: int
    never_sent: int
    late: int
    unanswered: int

    @property
    def holds(self) -> bool:
        return self.late == self.unanswered == 0 and self.sent_before > 0 < self.never_sent


LATE_S = 1.0


def stop_races_a_text(ground: Ground, count: int, a_second: float = 40) -> Stopped:
    """Texts become due one after the other, and each person texts STOP about when theirs does."""
    begun: dict[str, float] = {}
    opted_out: dict[str, float] = {}

    def hear(moment: str, asked: Request) -> None:
        if moment == "before" and asked.method == "POST":
            begun[str(asked.form.get("To"))] = time.monotonic()

    with ground.running(hear) as here:
        here.start_web()
        with Clocks(here, 2):
            lead_s = 2 + count / 200
            first = time.monotonic() + lead_s
            plan_texts(here, range(count), utc_now() + timedelta(seconds=lead_s), a_second)

            def stop(number: int) -> bool:
                at = first + number / a_second + random.uniform(-0.5, 1.0)
                time.sleep(max(0.0, at - time.monotonic()))
                status, _ = bring(here, Posted(sid(number), patient(number), "STOP"))
                opted_out[patient(number)] = time.monotonic()
                return status == 200

            answered = at_once(80, stop, range(count))
            wait_for_the_end(here, 60.0)
    late = sum(begun[phone] - opted_out[phone] > LATE_S for phone in begun.keys() & opted_out.keys())
    return Stopped(count, len(begun), count - len(begun), late, answered.count(False))
