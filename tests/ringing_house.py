"""A clinic whose phones really ring: its webhooks and a local phone in one process, staff and people at theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import select
from twilio.rest import Client

from tests.builders import PHONES, Line, a_clinic, an_environment
from tests.calls import Call, Phones, phone_beside, phones_of
from tests.phone_line import ACCOUNT, TOKEN, running_phone, served
from triage.jobs import alert_rounds, ring_phones, upkeep
from triage.jobs.pace import CRISIS
from triage.jobs.ring_phones import Dialler
from triage.model.call import Leg
from triage.model.request import Attempt
from triage.ringing import call_back
from triage.ringing.call_back import CannotCall
from triage.store import legs, members, requests
from triage.store.tables import legs as legs_table
from webhooks import outbound_legs, rest_client, voice
from webhooks.rest_client import TwilioPhoneRinger

DANA = "+16025550132"
FRONT, NIGHT, LEAD, BOSS = PHONES["front"], PHONES["night"], PHONES["lead"], PHONES["boss"]


class House:
    """`line` is the clinic, `phones` everybody's phones; the clock is the test's."""

    def __init__(self, database: Any, monkeypatch: Any, at: str = "2026-11-24 10:00", **choices: Any) -> None:
        self.line = Line(database, at, a_clinic(**choices))
        self.app = Flask("clinic")
        for blueprint in (voice.bp, outbound_legs.bp):
            self.app.register_blueprint(blueprint)
        self.web = self.app.test_client()
        beside = phone_beside(self.app)
        self._lives_at("http://127.0.0.1:8000", beside, beside.client, monkeypatch)

    def _lives_at(self, url: str, phones: Phones, client: Callable[[], Client], monkeypatch: Any) -> None:
        """Make `url` the clinic's address, and `phones` those that it knows."""
        environment = an_environment(public_base_url=url, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN)
        self.line.line = replace(self.line.line, environment=environment)
        self.app.extensions["runtime"] = self.line.line
        self.phones = phones
        monkeypatch.setattr(rest_client, "rest_client", lambda environment, timeout_s=10: client())
        self.dialler = Dialler(self.line.line, TwilioPhoneRinger(environment, self.line.clinic))

    @classmethod
    @contextmanager
    def served(
        cls, database: Any, monkeypatch: Any, at: str = "2026-11-24 10:00", **choices: Any
    ) -> "Iterator[tuple[House, str]]":
        """The same with a phone that runs, so that a browser can open its page; the house and the page's address."""
        house = cls(database, monkeypatch, at, **choices)
        with served(house.app) as url, running_phone(url) as phone:
            house._lives_at(url, phones_of(phone), phone.client, monkeypatch)
            yield house, phone.url

    def wants_to_call(self, request_id: int, login: str = "front") -> Leg | CannotCall:
        with self.line.database.write() as db:
            member = members.by_login(db, login)
            assert member is not None
            return call_back.begin(db, request_id, member, self.line.now)

    def rings(self) -> int:
        placed = ring_phones.place_due(self.dialler)
        self.phones.settle()
        return placed

    def calls_back(self, request_id: int, login: str = "front") -> Call:
        """A member of staff rings back and picks up their own phone."""
        assert not isinstance(self.wants_to_call(request_id, login), CannotCall)
        assert self.rings() == 1
        return self.phones.answers(PHONES[login])

    def later(self, **by: float) -> None:
        """Time passes, and the clock does its work once."""
        self.line.clock.move(**by)
        alert_rounds.escalate(self.line.database, self.line.clinic, self.line.now)
        upkeep.send(self.line.outbox, CRISIS)
        self.rings()
        ring_phones.settle(self.dialler)

    def attempts(self, request_id: int) -> list[Attempt]:
        with self.line.database.read() as db:
            return requests.attempts_of(db, request_id)

    def outcomes(self, request_id: int) -> list[str]:
        return [attempt.disposition.value for attempt in self.attempts(request_id)]

    def legs(self) -> list[Leg]:
        with self.line.database.read() as db:
            ids = list(db.scalars(select(legs_table.c.id).order_by(legs_table.c.id)))
            return [leg for leg_id in ids if (leg := legs.get(db, leg_id))]

    def open_legs(self) -> list[Leg]:
        return [leg for leg in self.legs() if leg.ended_at is None]
