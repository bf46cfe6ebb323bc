"""The stage on which conversations are played: the real engine and store on a database of its own, staff, and a clock
that is moved by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.hours.opening import OpeningHours
from triage.intake.expiry import expire
from triage.intake.inbound_texts import Intake
from triage.jobs import upkeep
from triage.jobs.compose_texts import Outbox
from triage.jobs.pace import TO_PATIENTS
from triage.model.member import Role
from triage.model.request import WITHOUT_CONTACT, Disposition
from triage.ports import Listing, TakenText
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import members, people, requests
from triage.store.engine import Database
from triage.store.tables import metadata
from triage.team import patient_texts, request_acts

ZONE = ZoneInfo("America/Phoenix")
WEEKDAYS = range(5)
TICK = timedelta(minutes=10)
OWN_NUMBER = "+16025550000"  # outside the numbers from which people write in these files: our own is not answered


def calendar(clinic: Clinic) -> Clinic:
    """Return the evaluation's own calendar and number, whatever `clinic.toml` says: Monday to Friday 9 to 5 in
    Phoenix.
    """
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hours = dict.fromkeys(days, ((time(9), time(17)),))
    return clinic.model_copy(update={"zone": ZONE, "hours": hours, "closed": {}, "numbers": (OWN_NUMBER,)})


@dataclass
class Hand:
    """The time of the evaluation, moved by hand."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Sent:
    """A messenger that takes every text that the program starts."""

    texts: list[str] = field(default_factory=list)

    def send(self, to: str, body: str, ref: str, validity_s: int, timeout_s: float) -> str:  # noqa: ARG002
        self.texts.append(body)
        return f"SM{len(self.texts):032d}"

    def listed_to(self, to: str, since: datetime, timeout_s: float) -> Listing:  # noqa: ARG002
        return Listing((), is_whole=True)

    def listed(self, since: datetime, timeout_s: float) -> list[TakenText]:  # noqa: ARG002
        return []


@dataclass(frozen=True)
class House:
    runtime: Runtime
    outbox: Outbox
    hand: Hand


def opened(url: str, runtime: Runtime) -> House:
    """Open the clinic of the evaluation in an empty database."""
    database, clinic, hand = Database(url), calendar(runtime.clinic), Hand(runtime.now())
    assert clinic.opening == OpeningHours(ZONE, dict.fromkeys(WEEKDAYS, ((time(9), time(17)),)), {})
    with database.write() as db:
        metadata.create_all(db)
    intake = Intake(database, clinic, runtime.words, {})
    line = replace(runtime, clinic=clinic, db=database, intake=intake, now=hand)
    return House(line, Outbox(line, Sent()), hand)


def begin(house: House, now: datetime) -> int:
    """Empty the database, set the clock and return the id of the one member of staff."""
    house.hand.at = now
    with house.runtime.db.write() as db:
        for table in reversed(metadata.sorted_tables):
            db.execute(table.delete())
        return members.add(db, "front", "Front Desk", Role.FRONT_DESK, "no password", None, now)


def run_clock(house: House, until: datetime, tick: timedelta = TICK) -> None:
    """Let the clock's jobs run until then: drafts run out, texts to patients go."""
    for moment in _ticks(house.hand.at, until, tick):
        house.hand.at = moment
        expire(house.runtime.db, house.runtime.clinic, house.runtime.words, moment)
        upkeep.send(house.outbox, TO_PATIENTS)


def _ticks(since: datetime, until: datetime, tick: timedelta) -> Iterator[datetime]:
    while since + tick < until:
        since += tick
        yield since
    yield until


def staff_act(act: str, once: str, sender: str, staff_id: int, house: House) -> None:
    """Let staff claim the open request, log a call (and close it, if they spoke to the person), or text the person."""
    line, now = house.runtime, house.hand.at
    with line.db.write() as db:
        person = people.by_phone(db, sender)
        request = requests.newest_of(db, person.id) if person else None
        assert request is not None, "there is no request that staff could work on"
        if act == "claim":
            request_acts.claim(db, line.clinic, request.id, staff_id, now)
        elif act.startswith("text:"):
            written = act.removeprefix("text:").strip()
            patient_texts.text_patient(db, line.clinic, line.words, request.id, staff_id, written, once, now)
        else:
            outcome = Disposition(act)
            request_acts.log_attempt(db, line.clinic, line.words, request.id, staff_id, outcome, None, now)
            if outcome not in WITHOUT_CONTACT:
                request_acts.close(db, line.clinic, request.id, staff_id, outcome, now)
    run_clock(house, now)
