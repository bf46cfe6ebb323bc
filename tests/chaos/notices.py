"""Notices while the provider misbehaves and clocks are killed: what was planned, what arrived, what doubled."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from tests.processes.running import Running
from triage.model.notice import Kind, NoticeState, Planned
from triage.model.request import Priority, RequestValues
from triage.notices import plan
from triage.runtime import utc_now
from triage.store import notices, people, requests
from triage.store.tables import notices as notice_table

UNDER_WAY = (NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN)
# Of the provider's answers: a 500, a 429, and a text that is taken before the line is cut.
FAULTS = ("fail_rest", "throttle_rest", "cut_rest")


@dataclass(frozen=True)
class Counted:
    """What became of the notices. `doubled`: texts that arrived more than once; `lost`: planned and never arrived."""

    planned: int
    unfinished: int
    lost: int
    doubled: int
    thrice: int
    kills: int
    seconds: float

    @property
    def holds(self) -> bool:
        return self.unfinished == self.lost == self.thrice == 0 and self.doubled <= max(3, self.planned // 300)


def plan_notices(here: Running, count: int) -> None:
    """Half of them alerts to staff, half confirmations to patients; each has words of its own."""
    now = utc_now()
    for number in range(count // 2):
        with here.database.write() as db:
            person, _ = people.meet(db, f"+1480555{number:04d}", "en", now)
            due_at = now + timedelta(minutes=30)
            values = {"name": "Zebulon", "phone": person.phone}
            ref = requests.create(db, RequestValues(person.id, Priority.URGENT, "sms", "en", due_at, values), now)
            plan.follow(db, here.clinic, ref, now)
            text = Planned(
                Kind.CALL_CONFIRMED, f"confirmed:{number}", now, ref, person.id, body=f"We will call you: {number}."
            )
            notices.plan(db, text, now)


def run(here: Running, count: int, kill_every_s: float, seed: int = 1, within_s: float = 120.0) -> Counted:
    """Let two clocks send them while faults strike at random and one clock after the other is killed."""
    chance, stop = random.Random(seed), threading.Event()
    plan_notices(here, count)
    clocks = [here.start_clock(), here.start_clock()]
    began = time.monotonic()

    def misbehave() -> None:
        while not stop.wait(chance.uniform(0.02, 0.08)):
            # Of every two moments one is a good one: a fault that was not met by then is taken back.
            fault = chance.choice(FAULTS) if chance.random() < 0.5 else None
            here.phone.post("/line/faults", {one: int(one == fault) for one in FAULTS})

    troubling = threading.Thread(target=misbehave)
    troubling.start()
    kills, next_kill = 0, began + kill_every_s
    try:
        while _under_way(here) and time.monotonic() - began < within_s:
            time.sleep(0.1)
            if time.monotonic() > next_kill:
                which = kills % 2
                clocks[which].kill()
                clocks[which].wait()
                clocks[which] = here.start_clock()
                kills, next_kill = kills + 1, time.monotonic() + kill_every_s
    finally:
        stop.set()
        troubling.join()
    return _count(here, count, kills, time.monotonic() - began)


def _under_way(here: Running) -> int:
    with here.database.read() as db:
        waiting = notice_table.c.state.in_(UNDER_WAY) & (notice_table.c.due_at <= utc_now() + timedelta(minutes=2))
        return db.scalar(select(func.count()).select_from(notice_table).where(waiting)) or 0


def _count(here: Running, count: int, kills: int, seconds: float) -> Counted:
    here.phone.settle()
    # From the provider's own list: the page of the local phone shows only the newest of a long thread.
    sent = here.phone.client().messages.list(page_size=1000)
    arrived = Counter(str(text.body) for text in sent if text.direction == "outbound-api")
    confirmed = Counter({body: times for body, times in arrived.items() if body.startswith("We will call you")})
    alerts = Counter({body: times for body, times in arrived.items() if "URGENT" in body.upper()})
    both = confirmed + alerts
    return Counted(
        planned=count,
        unfinished=_under_way(here),
        lost=count - len(both),
        doubled=sum(times == 2 for times in both.values()),
        thrice=sum(times > 2 for times in both.values()),
        kills=kills,
        seconds=round(seconds, 1),
    )
