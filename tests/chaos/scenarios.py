"""Every scenario, in the order of the table, with its size in full and in the short form of the tests."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos import crises, database_away, outage, receipts, restored, sending, texts, wall_clock
from tests.chaos.counted import Counted
from tests.chaos.ground import Ground


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    must_be: what an operator is promised. short: None where the tests have a short form of their own. once: the short
    form runs on one database, since it tells of processes and time, not of rows.
    """

    name: str
    must_be: str
    full: Callable[[Ground], Counted]
    short: Callable[[Ground], Counted] | None
    once: bool = False


SCENARIOS = (
    Scenario(
        "texts while workers are killed",
        "none that was answered is missing, no effect twice",
        lambda ground: texts.workers_killed(ground, 10_000),
        lambda ground: texts.workers_killed(ground, 200),
        once=True,
    ),
    Scenario(
        "the same text 3 to 5 times at once",
        "one row, one effect, the same bytes",
        lambda ground: texts.same_text_at_once(ground, 2_000),
        lambda ground: texts.same_text_at_once(ground, 40),
    ),
    Scenario(
        "notices: the provider fails, clocks die, the database restarts",
        "none lost, none without an end, none doubled but after a send in doubt",
        lambda ground: sending.provider_fails(ground, 5_000),
        lambda ground: sending.provider_fails(ground, 40, kill_every_s=5.0, restarts=1),
    ),
    Scenario(
        "notices taken, then the line is cut or the clock dies",
        "at most 3 doubled, none three times",
        lambda ground: sending.sends_in_doubt(ground, 3_000, deaths=60),
        lambda ground: sending.sends_in_doubt(ground, 40, deaths=2),
        once=True,
    ),
    Scenario(
        "texts of crisis, processes die at every point",
        "all alerted; p50 2 s, p99 15 s, worst 30 s",
        lambda ground: crises.processes_die(ground, 500),
        lambda ground: crises.processes_die(ground, 12),
        once=True,
    ),
    Scenario(
        "a crisis waits while no clock runs, then one starts",
        "alerted within 5 s of its start",
        crises.clock_starts_cold,
        crises.clock_starts_cold,
        once=True,
    ),
    Scenario(
        "texts of crisis while the database is held for 4 s",
        "all heard as crisis, all alerted",
        lambda ground: crises.database_is_held(ground, 100, ground.held),
        lambda ground: crises.database_is_held(ground, 16, ground.held),
    ),
    Scenario(
        "texts of crisis while the writers' gate is held for 4 s",
        "all heard as crisis, all alerted",
        lambda ground: crises.database_is_held(ground, 100, ground.gate_held),
        lambda ground: crises.database_is_held(ground, 16, ground.gate_held),
        once=True,
    ),
    Scenario(
        "STOP races a text that is being sent",
        "no send begins over 1 s after the opt-out",
        lambda ground: sending.stop_races_a_text(ground, 5_000),
        lambda ground: sending.stop_races_a_text(ground, 80),
        once=True,
    ),
    Scenario(
        "five clocks, stopped for longer than their lease and let go on",
        "at most 3 doubled, late finishes refused",
        lambda ground: sending.clocks_stand_still(ground, 10_000),
        lambda ground: sending.clocks_stand_still(ground, 60, clocks=2),
        once=True,
    ),
    Scenario(
        "wall clock wrong by an hour and by a day, both ways",
        "none lost, doubled or at night; crises alerted within 10 s",
        lambda ground: wall_clock.set_wrong(ground, 400),
        lambda ground: wall_clock.set_wrong(ground, 20, turns=(-3600, 86_400), wrong_for_s=2.0),
        once=True,
    ),
    Scenario(
        "receipts in every order, repeated",
        "each text in the state that they tell",
        receipts.every_order,
        receipts.every_order,
        once=True,
    ),
    Scenario(
        "the database is away for 30 s: stopped, cut off, full, locked",
        "nothing answered that is not kept; back within 10 s; crises alerted",
        lambda ground: database_away.every(ground, 120, 30.0),
        None,
    ),
    Scenario(
        "the site is down while people text and call",
        "all taken within 5 minutes, crises alerted within 60 s",
        lambda ground: outage.on(ground, texts=300, calls=20),
        lambda ground: outage.on(ground, texts=20, calls=3),
        once=True,
    ),
    Scenario(
        "a backup taken under load, restored, compared, released",
        "nothing old is sent again, nothing is lost, a new crisis alerts at once",
        lambda ground: restored.on(ground, 1_000),
        lambda ground: restored.on(ground, 100),
        once=True,
    ),
)
