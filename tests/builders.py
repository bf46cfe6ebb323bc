"""Valid things by default; a test spells out only what it is about. All people are invented."""

from datetime import UTC, datetime
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.fakes import FakeCaller, FakeInbox, FakeLineTypes, FakeMessenger, FakeOutsideChannel, FakeRecorder, SetClock
from triage.environment import Environment
from triage.intake.inbound_texts import Intake
from triage.jobs import alert_rounds, upkeep
from triage.jobs.catch_up import Receiver
from triage.jobs.compose_texts import Outbox
from triage.jobs.fetch_recordings import Fetcher
from triage.jobs.look_up_lines import LineLookup
from triage.jobs.pace import CRISIS, TO_PATIENTS, TO_STAFF
from triage.jobs.ring_phones import Dialler
from triage.model.member import Role
from triage.model.notice import Notice
from triage.model.request import Priority, Request, RequestValues
from triage.notices import plan
from triage.runtime import Runtime
from triage.settings import Clinic
from triage.store import members, notices, people, requests
from triage.store.engine import Database
from triage.store.tables import staff as staff_table
from triage.wording import Wording

ZONE = ZoneInfo("America/Phoenix")
WORDS = Wording()
PHONES = {"front": "+16025550111", "night": "+16025550112", "lead": "+16025550113", "boss": "+16025550114"}
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
EVERY_DAY = (*WORKDAYS, "saturday", "sunday")


def local(written: str, zone: ZoneInfo = ZONE) -> datetime:
    """ "2026-11-24 15:00" in the clinic's zone, as aware UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)


def a_clinic(**changes: Any) -> Clinic:
    """Open Monday to Friday 9 to 5; `front` by day and `night` at night, `lead` and `boss` behind them."""
    values: dict[str, Any] = {
        "name": "Example Clinic",
        "sender_name": "Example Care",
        "numbers": ["+16025550100"],
        "zone": "America/Phoenix",
        "lead": "lead",
        "fallback_contact": "boss",
        "hours": {day: ["09:00-17:00"] for day in WORKDAYS},
        "duty": {day: ["front"] for day in WORKDAYS},
        "crisis_contacts": [
            {"days": EVERY_DAY, "hours": "08:00-20:00", "staff": ["front"]},
            {"days": EVERY_DAY, "hours": "20:00-08:00", "staff": ["night"]},
        ],
        "promises": {},
        "retries": {},
        "limits": {},
        "sending": {"segments_per_second": 0},
    }
    return Clinic.model_validate(values | changes)


def an_environment(**changes: Any) -> Environment:
    values: dict[str, Any] = {
        "public_base_url": "https://line.example.org",
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "a token only for tests",
        "secret_key": "a secret that only the tests use, long enough",
        "data_keys": ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",),
        "phone_hash_key": "a key for hashes that only the tests use",
    }
    return Environment(**(values | changes))


class Line:
    """A clinic line with its staff, a messenger that keeps what is sent, and a clock that the test moves."""

    def __init__(self, database: Database, at: str, clinic: Clinic | None = None, unconfirmed: tuple[str, ...] = ()):
        self.database, self.clinic = database, clinic or a_clinic()
        self.clock, self.messenger = SetClock(local(at)), FakeMessenger()
        intake = Intake(database, self.clinic, WORDS, {})
        self.line = Runtime(an_environment(), self.clinic, database, WORDS, intake, self.clock)
        self.outbox = Outbox(self.line, self.messenger)
        self.outside = FakeOutsideChannel()
        self.caller = FakeCaller()
        self.dialler = Dialler(self.line, self.caller)
        self.recorder = FakeRecorder()
        self.fetcher = Fetcher(self.line, self.recorder)
        self.line_types = FakeLineTypes()
        self.lookup = LineLookup(self.line, self.line_types)
        self.inbox = FakeInbox()
        self.receiver = Receiver(self.line, self.inbox)
        self.staff = {login: self._add_staff(login, login not in unconfirmed) for login in PHONES}

    def _add_staff(self, login: str, confirmed: bool) -> int:
        with self.database.write() as db:
            known = db.scalar(select(staff_table.c.id).where(staff_table.c.login == login))
            member = known or members.add(db, login, login, Role.FRONT_DESK, "no hash", PHONES[login], self.now)
            if confirmed:
                members.confirm_phone(db, member, self.now)
        return member

    @property
    def now(self) -> datetime:
        return self.clock()

    def has_request(
        self, phone: str = "+16025550101", priority: Priority = Priority.ROUTINE, due: str | None = None, **values: Any
    ) -> int:
        """A request as intake makes it: the row, then what follows from it."""
        with self.database.write() as db:
            person, _ = people.meet(db, phone, "en", self.now)
            due_at = local(due) if due else self.now
            new = RequestValues(
                person.id, priority, "sms", "en", due_at, {"name": "Dana Zimt", "phone": phone} | values
            )
            request_id = requests.create(db, new, self.now)
            plan.follow(db, self.clinic, request_id, self.now)
        return request_id

    def changes(self, request_id: int, **values: Any) -> None:
        with self.database.write() as db:
            requests.change(db, request_id, values, self.now)
            plan.follow(db, self.clinic, request_id, self.now)

    def changes_person(self, request_id: int, **values: Any) -> None:
        with self.database.write() as db:
            people.change(db, self.request(request_id).person_id, values)

    def does(self, act: Any, *args: Any) -> Any:
        """An act of staff in its transaction, at the present time; the clinic is given to one that asks for it."""
        asks = list(signature(act).parameters)[1:2] == ["clinic"] and self.clinic not in args
        with self.database.write() as db:
            return act(db, *((self.clinic,) if asks else ()), *args, self.now)

    def runs_jobs(self, at: str | None = None) -> list[str]:
        """Let the clock do its work once; returns whom it texted, by login or phone."""
        if at is not None:
            self.clock.at = local(at)
        before = len(self.messenger.sent)
        alert_rounds.escalate(self.database, self.clinic, self.now)
        upkeep.send(self.outbox, CRISIS)
        # Alerts of one round go out together, in whatever order.
        order = [*PHONES.values(), *(text.to for text in self.messenger.sent)]
        alerted = sorted((text.to for text in self.messenger.sent[before:]), key=order.index)
        for pace in (TO_STAFF, TO_PATIENTS):
            upkeep.send(self.outbox, pace)
        for pace in (CRISIS, TO_STAFF, TO_PATIENTS):
            upkeep.settle(self.outbox, pace)
        logins = {phone: login for login, phone in PHONES.items()}
        others = [text.to for text in self.messenger.sent[before + len(alerted) :]]
        return [logins.get(phone, phone) for phone in alerted + others]

    def request(self, request_id: int) -> Request:
        with self.database.read() as db:
            found = requests.get(db, request_id)
        assert found is not None
        return found

    def notices(self, request_id: int, kind: str | None = None) -> list[Notice]:
        with self.database.read() as db:
            found = notices.of_request(db, request_id)
        return [notice for notice in found if kind in (None, notice.kind)]

    def states(self, request_id: int, kind: str) -> list[str]:
        return [str(notice.state) for notice in self.notices(request_id, kind)]
