"""The wall clock of the clocks is set wrong by an hour or a day while they run, and put right again."""

import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from tests.chaos.counted import Counted
from tests.chaos.crises import AlertsHeard
from tests.chaos.crowd import CRISIS, Clocks, arrived, batched, bring, patient, plan_texts, sid, wait_for_the_end
from tests.chaos.ground import Ground
from tests.processes.running import Posted, Running
from triage.model.notice import Kind, Planned
from triage.runtime import utc_now
from triage.store import notices, people

TURNS_S = (3600, -3600, 86_400, -86_400)


@dataclass(frozen=True)
class Turned(Counted):
    """What became of texts meanwhile. `night`: patients texted at two in the morning of their zone."""

    turns: int
    crises: int
    worst_alert_s: float
    planned: int
    lost: int
    doubled: int
    night: int

    @property
    def holds(self) -> bool:
        return self.lost == self.doubled == self.night == 0 < self.worst_alert_s

    @property
    def in_time(self) -> bool:
        return self.worst_alert_s <= 10


def set_wrong(ground: Ground, count: int, turns: tuple[int, ...] = TURNS_S, wrong_for_s: float = 8.0) -> Turned:
    """Two clocks, turned together as on one machine; at each turn a text of crisis, and texts to patients."""
    alerts, hands = AlertsHeard(), ground.folder / "turned.txt"
    hands.write_text("0")
    worst, each = 0.0, max(1, count // len(turns))
    with ground.running(alerts.hear) as here:
        here.start_web()
        with Clocks(here, 2, "-m", "tests.chaos.turned", str(hands)):
            _plan_for_the_day(here, range(10_000, 10_000 + each))
            for place, by_s in enumerate(turns):
                hands.write_text(str(by_s))
                plan_texts(here, range(place * each, (place + 1) * each))
                worst = max(worst, _crisis(here, alerts, 20_000 + place, before=place))
                time.sleep(wrong_for_s)
                hands.write_text("0")
                time.sleep(wrong_for_s / 2)
            wait_for_the_end(here, 60.0)
        copies = arrived(here)
    texts = {words: times for words, times in copies.items() if words.startswith("We will call you")}
    return Turned(
        turns=len(turns),
        crises=len(turns),
        worst_alert_s=round(worst, 1),
        planned=each * len(turns),
        lost=each * len(turns) - len(texts),
        doubled=sum(times > 1 for times in texts.values()),
        night=sum(times for words, times in copies.items() if words.startswith("We tried")),
    )


def _plan_for_the_day(here: Running, numbers: range) -> None:
    """Plan texts that must not go out now: it is two in the morning where these people live."""
    now = utc_now()
    zone = next(zone for zone in sorted(available_timezones()) if now.astimezone(ZoneInfo(zone)).hour == 2)
    for batch in batched(numbers):
        with here.database.write() as db:
            for number in batch:
                person, _ = people.meet(db, patient(number), "en", now)
                people.change(db, person.id, {"zone": zone})
                text = Planned(
                    Kind.MISSED_CALL, f"night:{number}", now, person_id=person.id, body=f"We tried to call: {number}."
                )
                notices.plan(db, text, now)


def _crisis(here: Running, alerts: AlertsHeard, number: int, before: int) -> float:
    """Text words of crisis and return the seconds until staff are alerted; 60 if they are not."""
    bring(here, Posted(sid(number), patient(number), CRISIS))
    began = time.monotonic()
    while len(alerts.first_at) <= before:
        if time.monotonic() - began > 60:
            return 60.0
        time.sleep(0.05)
    return time.monotonic() - began
