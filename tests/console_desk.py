"""A console on a database of its own, with invented staff and patients, and a clock that tests set."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

import pyotp
from flask import Flask
from sqlalchemy import select

from staff.desk import bp as blueprint
from staff.signing_in.passwords import hashed
from triage.environment import Environment
from triage.model.member import Role
from triage.model.message import Arrival, Channel
from triage.model.request import Priority, RequestValues
from triage.settings import ROOT, read_clinic
from triage.store import members, messages, people, requests
from triage.store.tables import audit_events

# Monday, 10:00 in Phoenix.
MORNING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PASSWORD = "plum kettle sideways 41"


@cache
def password_hash():
    return hashed(PASSWORD)


class PlainWords:
    """The port Words for pages that only need some text."""

    def say(self, key, lang, values=None):
        return f"{lang}:{key}"

    def texts(self, reply, lang, channel):
        return tuple(say.key for say in reply.says)


class Desk:
    """The console as an app, and short ways to fill its database. `at` is what its clock says."""

    def __init__(self, database, public_base_url="http://127.0.0.1:8000", rehearsal=True):
        self.db = database
        self.at = MORNING
        self.clinic = read_clinic(ROOT / "clinic.toml")
        environment = Environment(
            public_base_url=public_base_url,
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="only for tests",
            twilio_api_base_url="http://127.0.0.1:8001" if rehearsal else "",
            rehearsal=rehearsal,
            secret_key="s" * 40,
            data_keys=("A" * 43 + "=",),
            phone_hash_key="h" * 40,
        )
        self.app = Flask("clinic", template_folder=str(ROOT / "templates"))
        self.app.extensions["runtime"] = SimpleNamespace(
            db=database, clinic=self.clinic, environment=environment, words=PlainWords(), now=lambda: self.at
        )
        self.app.register_blueprint(blueprint)
        self.phones = iter(range(100, 200))

    def has_staff(self, login, role=Role.FRONT_DESK, name=None, phone=None, given_out=False):
        with self.db.write() as db:
            member = members.add(db, login, name or login.capitalize(), role, password_hash(), phone, MORNING)
            members.set_password(db, member, password_hash(), MORNING if given_out else None)
            if phone:
                members.confirm_phone(db, member, MORNING)
        return member

    def has_request(self, priority=Priority.ROUTINE, due_in=timedelta(hours=3), channel="sms", lang="en", **values):
        """A queued request of somebody new; returns its reference."""
        with self.db.write() as db:
            return self.has_request_in(db, priority, due_in, channel, lang, **values)

    def has_request_in(
        self, db, priority=Priority.ROUTINE, due_in=timedelta(hours=3), channel="sms", lang="en", **values
    ):
        """The same within a transaction."""
        values.setdefault("name", "Dana Whitlock")
        values.setdefault("topic", "ketamine")
        person, _ = people.meet(db, f"+1602555{next(self.phones):04d}", lang, self.at)
        due_at = self.at if priority.pages else self.at + due_in
        return requests.create(db, RequestValues(person.id, priority, channel, lang, due_at, values), self.at)

    def has_texts(self, request_id, *texts):
        """Texts of the request's person, in turn from them and from us: (body, label) or a body."""
        with self.db.write() as db:
            person_id = requests.get(db, request_id).person_id
            for place, text in enumerate(texts):
                key = f"SM{request_id}.{place}"
                if place % 2:
                    messages.say(db, [key], [text], person_id, Channel.SMS, self.at, "answer", request_id)
                    continue
                body, label = text if isinstance(text, tuple) else (text, None)
                arrival = Arrival(key, person_id, Channel.SMS, body, self.at, "+16025550100", label)
                messages.keep(db, arrival)

    def request(self, request_id):
        with self.db.read() as db:
            return requests.get(db, request_id)

    def signed_in(self, login):
        """A browser of this member of staff."""
        client = self.app.test_client()
        answer = client.post("/staff/sign-in", data=self.sign_in_form(client, login, PASSWORD))
        assert answer.status_code == 303
        return client

    def with_second_step(self, login):
        """A browser in which this member of staff has just set up their app; with the app's secret and the codes."""
        client = self.app.test_client()
        client.post("/staff/sign-in", data=self.sign_in_form(client, login, PASSWORD))
        page = client.get("/staff/second-step")
        secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
        answer = client.post("/staff/second-step", data={"csrf": csrf_in(page), "code": self.code_of(secret)})
        return client, secret, re.findall(r"<li>([a-z0-9-]{14})</li>", answer.text)

    def code_of(self, secret):
        """What the app shows now."""
        return pyotp.TOTP(secret).at(self.at)

    def sign_in_form(self, client, login, password, onward=""):
        return {"csrf": csrf_in(client.get("/staff/sign-in")), "login": login, "password": password, "next": onward}


def console_routes(desk):
    """Every route of the console as (method, endpoint, path of request 1)."""
    for rule in desk.app.url_map.iter_rules():
        if rule.endpoint.startswith("staff."):
            for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                yield method, rule.endpoint, re.sub(r"<.*?>", "1", rule.rule)


def csrf_in(page):
    """The token of the first form on a page."""
    return page.text.split('name="csrf" value="')[1].split('"')[0]


def send(client, url, **fields):
    """Post a form as the page itself would, with the session's token."""
    return client.post(url, data={"csrf": csrf_in(client.get("/staff/")), **fields})


def audited(desk):
    with desk.db.read() as db:
        return [row.action for row in db.execute(select(audit_events).order_by(audit_events.c.id))]


def rows_of(desk, table):
    with desk.db.read() as db:
        return db.execute(select(table)).all()
