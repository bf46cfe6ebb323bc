"""Texts of crisis while everything dies or is busy: each is heard as one, and staff are alerted in seconds."""

import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Request
from sqlalchemy import select

from tests.chaos.counted import Counted
from tests.chaos.crowd import CRISIS, Clocks, at_once, bring, every, kill_a_worker, patient, sid
from tests.chaos.ground import Ground
from tests.chaos.sending import Dying
from tests.processes.running import STAFF, Posted, Running
from triage.model.request import Priority
from triage.runtime import utc_now
from triage.store import members, requests
from triage.store.tables import callback_requests, people

# p50, p99 and the worst, in seconds from the answer to the text until the alert is at a phone of staff.
BARS_S = (2.0, 15.0, 30.0)

HELD_S = 4.0


@dataclass(frozen=True)
class Alerted(Counted):
    """What became of texts of crisis. `not_crisis`: without such a request; seconds from answer to alert."""

    texts: int
    unanswered: int
    not_crisis: int
    not_alerted: int
    p50_s: float
    p99_s: float
    worst_s: float
    kills: int

    @property
    def holds(self) -> bool:
        return self.unanswered == self.not_crisis == self.not_alerted == 0


@dataclass(frozen=True)
class AlertedInTime(Alerted):
    """The same where seconds are promised."""

    @property
    def in_time(self) -> bool:
        return all(seen <= bar for seen, bar in zip((self.p50_s, self.p99_s, self.worst_s), BARS_S, strict=True))


class AlertsHeard:
    """When an alert about each request was first taken by the provider."""

    def __init__(self, dying: Dying | None = None) -> None:
        self.first_at: dict[int, float] = {}
        self._dying = dying

    def hear(self, moment: str, asked: Request) -> None:
        if moment == "after" and asked.method == "POST" and asked.form.get("To") in STAFF.values():
            for ref in re.findall(r"\bA (\d+)\b", asked.form.get("Body", "")):
                self.first_at.setdefault(int(ref), time.monotonic())
        if self._dying:
            self._dying.hear(moment, asked)


def processes_die(ground: Ground, count: int, a_second: float = 4.0) -> AlertedInTime:
    """Web workers and clocks die again and again, clocks also right before and right after the provider took an alert.

    All waits have their full length here, so that the seconds are those of the clinic. Whoever is alerted
    acknowledges within a few seconds.
    """
    dying = Dying(once_in=5 if count < 50 else 20, before=True)
    alerts = AlertsHeard(dying)
    with ground.running(alerts.hear, waits=1.0) as here:
        web = here.start_web()
        with Clocks(here, 2) as clocks, every(3.0, lambda: _acknowledge(here, alerts)):
            dying.clocks = clocks
            with every(2.0, lambda: kill_a_worker(here, web)), every(7.0, clocks.kill_one):
                answered = _texts_of_crisis(here, count, a_second)
            _wait_for_alerts(here, alerts, count, 45.0)
        return AlertedInTime(**vars(_alerted(here, alerts, count, answered, clocks.deaths)))


def database_is_held(ground: Ground, count: int, hold: Callable[[], AbstractContextManager[None]]) -> Alerted:
    """Texts of crisis come while everything is held for four seconds."""
    alerts = AlertsHeard()

    def hold_it() -> None:
        with hold():
            time.sleep(HELD_S)

    with ground.running(alerts.hear) as here:
        here.start_web()
        holder = threading.Thread(target=hold_it)
        with Clocks(here, 1):
            holder.start()
            answered = _texts_of_crisis(here, count, count / HELD_S)
            holder.join()
            _wait_for_alerts(here, alerts, count, 30.0)
        return _alerted(here, alerts, count, answered, 0)


def _texts_of_crisis(here: Running, count: int, a_second: float) -> dict[str, float]:
    """Let a text of crisis come from each of these people; returns when each was answered, by the phone."""
    began, answered = time.monotonic(), {}

    def write(number: int) -> None:
        time.sleep(max(0.0, began + number / a_second - time.monotonic()))
        status, _ = bring(here, Posted(sid(number), patient(number), CRISIS), pause_s=0.2)
        if status == 200:
            answered[patient(number)] = time.monotonic()

    at_once(40, write, range(count))
    return answered


def _wait_for_alerts(here: Running, alerts: AlertsHeard, count: int, within_s: float) -> None:
    ends = time.monotonic() + within_s
    while len(alerts.first_at) < count and time.monotonic() < ends:
        time.sleep(0.1)


def _acknowledge(here: Running, alerts: AlertsHeard) -> None:
    """Acknowledge what has been alerted, as a crisis contact who answers at once."""
    with here.database.write() as db:
        staff_id = members.all_staff(db)[0].id
        for ref in list(alerts.first_at):
            requests.acknowledge(db, ref, staff_id, utc_now())


def _alerted(here: Running, alerts: AlertsHeard, count: int, answered: dict[str, float], kills: int) -> Alerted:
    asked = select(people.c.phone, callback_requests.c.id).join_from(callback_requests, people)
    with here.database.read() as db:
        paging = {row.phone: row.id for row in db.execute(asked.where(callback_requests.c.priority == Priority.CRISIS))}
    waits = sorted(
        max(0.0, alerts.first_at[paging[phone]] - at)
        for phone, at in answered.items()
        if phone in paging and paging[phone] in alerts.first_at
    )
    return Alerted(
        texts=count,
        unanswered=count - len(answered),
        not_crisis=count - len(paging),
        not_alerted=count - len(waits),
        p50_s=_share(waits, 0.5),
        p99_s=_share(waits, 0.99),
        worst_s=_share(waits, 1.0),
        kills=kills,
    )


def _share(waits: list[float], share: float) -> float:
    return round(waits[min(len(waits) - 1, int(share * len(waits)))], 1) if waits else 0.0


# --- a clock that starts


COLD_START_S = 5.0


@dataclass(frozen=True)
class Cold(Counted):
    """How long it took from the start of a clock's process until the crisis that waited was alerted, in seconds."""

    alert_s: float

    @property
    def holds(self) -> bool:
        return self.alert_s > 0

    @property
    def in_time(self) -> bool:
        return self.alert_s <= COLD_START_S


def clock_starts_cold(ground: Ground) -> Cold:
    """A crisis waits while no clock runs; then one is started."""
    alerts = AlertsHeard()
    with ground.running(alerts.hear, waits=1.0) as here:
        here.start_web()
        bring(here, Posted(sid(0), patient(0), CRISIS))
        began = time.monotonic()
        here.start_clock()
        _wait_for_alerts(here, alerts, 1, 30.0)
        return Cold(round(next(iter(alerts.first_at.values()), began) - began, 1))
