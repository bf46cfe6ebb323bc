"""`flask ...` as the clinic's own people use it."""

import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from app import create_app
from commands import doctor
from tests.builders import a_clinic, an_environment, local
from tests.fakes import SetClock
from tests.phone_line import ACCOUNT, TOKEN, running_phone
from triage.model.message import Channel, Inbound
from triage.store import members
from triage.store.keys import Keys

KEYS = {
    "reference", "status", "priority", "name", "phone", "topic", "window_start", "window_end", "due_at", "promised",
    "created_at", "claimed_by", "attempts", "reason",
}  # fmt: skip


@pytest.fixture
def app(database):
    return app_on(database)


def app_on(database, **environment):
    """The whole application on this empty database, at ten in the morning of a Monday."""
    url = database.url.render_as_string(hide_password=False)
    return create_app(an_environment(database_url=url, **environment), a_clinic(), SetClock(local("2026-11-23 10:00")))


def run(app, *words, **more):
    """A command through Flask's own command line; returns what it printed and its exit code."""
    result = CliRunner().invoke(app.cli, list(words), obj=ScriptInfo(create_app=lambda: app), **more)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output, result.exit_code


def text_in(app, *bodies):
    line = app.extensions["runtime"]
    for number, body in enumerate(bodies):
        inbound = Inbound(f"in:{number}", Channel.SMS, "+16025550123", "+16025550100", body, line.now())
        line.intake.take(inbound)


def test_the_queue_as_json_has_what_was_said_and_promised(app):
    text_in(app, "This is Dana Hall, call me tomorrow at 3 about tms")
    rows = json.loads(run(app, "queue", "--json")[0])
    assert len(rows) == 1
    row = rows[0]
    assert set(row) == KEYS
    assert (row["name"], row["phone"], row["topic"]) == ("Dana Hall", "+16025550123", "tms")
    assert (row["window_start"], row["window_end"]) == ("2026-11-24T15:00", "2026-11-24T16:00")
    assert row["promised"] == "Tuesday 24 November, between 3 and 4 pm"
    assert (row["status"], row["priority"], row["reason"]) == ("queued", "routine", "promised")


def test_an_empty_queue_says_so(app):
    assert run(app, "queue")[0] == "The queue is empty.\n"
    assert json.loads(run(app, "queue", "--json")[0]) == []


def test_say_talks_through_the_real_engine_and_keeps_nothing(app):
    printed, code = run(app, "say", "--now", "2026-11-23T21:40", "is tms safe?", "yes, this is Dana, tomorrow after 3")
    assert code == 0
    assert "considered safe" in printed
    assert "Tuesday 24 November, between 3 and 5 pm" in printed
    assert json.loads(run(app, "queue", "--json")[0]) == []


ONE = {"id": "one", "channel": "sms", "from": "+15205550100", "now": "2026-11-23T10:00"}
ASKED = "Please call me, Ada Quill, about ketamine, tomorrow at 10"

PLAYED = [
    ([ASKED, {"staff": "reached"}], {"status": "none", "name": "ada quill", "answered": [], "silent": False}),
    ([ASKED, {"staff": "claim"}], {"status": "queued", "phone": "+15205550100", "opted_out": False, "no_calls": False}),
    ([ASKED, {"staff": "no_answer"}, "STOP"], {"opted_out": True, "silent": True, "flags": ["call_only"]}),
    ([ASKED, {"staff": "text: Is this number right?"}, "{last}"], {"none_has": ["no such words"]}),
    ([{"text": "", "media": ["image/jpeg"]}], {"flags": ["needs_person"], "last_has": ["WHAT YOU SENT"]}),
    (["call me please", {"text": "hello", "at": "2026-11-23T13:00"}], {"status": "queued", "flags": ["incomplete"]}),
    (["please have someone call me", "Ada Quill"], {"status": "none", "name": "Ada Quill"}),
]

NOT_SO = [
    ([ASKED], {"status": "none"}),
    ([ASKED], {"flags": ["needs_person"]}),
    ([ASKED], {"last_has": ["Ada Quill", "no such words"]}),
    ([ASKED], {"last_lacks": ["ADA QUILL"]}),
    ([ASKED, {"staff": "text: Is this number right?"}, "yes"], {"none_has": ["is this number right"]}),
    ([ASKED], {"silent": True}),
    ([ASKED, "STOP"], {"opted_out": False}),
]


@pytest.mark.parametrize(("turns", "expect", "holds"), [(*t, True) for t in PLAYED] + [(*t, False) for t in NOT_SO])
def test_a_conversation_is_played_with_its_times_pictures_and_acts_of_staff(app, tmp_path, turns, expect, holds):
    file = tmp_path / "dialogues.jsonl"
    file.write_text(json.dumps(ONE | {"turns": turns, "expect": expect}))
    figures = json.loads(run(app, "eval", "dialogues", str(file), "--json")[0])
    assert (figures["right"], len(figures["failures"])) == ((1, 0) if holds else (0, 1)), figures


def test_say_reads_lines_and_shows_why(app):
    printed, _ = run(app, "say", "--why", input="what is tms\n\n")
    assert "[tms.what]" in printed
    assert '"nearest"' in printed


def test_say_refuses_a_time_it_cannot_read(app):
    printed, code = run(app, "say", "--now", "tomorrow", "hi")
    assert code == 2
    assert "write the time as 2026-11-23T09:30" in printed


def test_staff_are_added_listed_and_disabled(app):
    printed, code = run(app, "staff", "add", "rosa", "--name", "Rosa Ortiz", "--phone", "602-555-0161")
    assert code == 0
    assert "rosa may sign in with" in printed
    listed = run(app, "staff", "list")[0]
    assert "rosa  Rosa Ortiz  front_desk  602-555-0161 (not confirmed)  active" in listed
    assert run(app, "staff", "add", "rosa", "--name", "Another")[1] == 2
    assert run(app, "staff", "disable", "rosa")[1] == 0
    assert "disabled" in run(app, "staff", "list")[0]
    assert run(app, "staff", "disable", "nobody")[1] == 2


def test_a_rehearsal_prints_its_first_logins_as_long_as_they_open_it(app, tmp_path, monkeypatch):
    monkeypatch.setattr("commands.setup.FIRST_LOGINS", tmp_path / "first-logins.txt")
    first = run(app, "prepare")[0]
    front, lead, admin, auditor = re.findall(r"Sign in  as (\w+) with ([a-z2-9-]{19})\n", first)
    assert [one[0] for one in (front, lead, admin, auditor)] == ["front", "lead", "admin", "auditor"]
    with app.extensions["runtime"].db.read() as db:
        roles = {member.login: member.role for member in members.all_staff(db)}
    assert roles == {"front": "front_desk", "lead": "clinician", "admin": "admin", "auditor": "auditor"}
    assert (tmp_path / "first-logins.txt").stat().st_mode & 0o777 == 0o600
    assert run(app, "prepare")[0] == first
    line = app.extensions["runtime"]
    with line.db.write() as db:
        members.set_password(db, members.by_login(db, "front").id, "of their own")
    again = run(app, "prepare")[0]
    assert "Sign in  as front with the password of their own" in again
    assert f"Sign in  as lead with {lead[1]}" in again


def test_a_phone_that_cannot_be_called_is_refused(app):
    printed, code = run(app, "staff", "add", "rosa", "--name", "Rosa", "--phone", "12")
    assert code == 2
    assert "area code" in printed


def test_the_doctor_sets_the_numbers_addresses_and_then_finds_them_right(sqlite_database):
    with running_phone("https://line.example.org") as phone:
        app = app_on(
            sqlite_database,
            twilio_api_base_url=phone.url,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            rehearsal=True,
        )
        line = app.extensions["runtime"]
        with line.db.write() as db:
            for login, number in (("front", "61"), ("night", "62"), ("lead", "63"), ("boss", "64")):
                staff_id = members.add(
                    db, login, login, members.Role.FRONT_DESK, "x", f"+160255501{number}", line.now()
                )
                members.confirm_phone(db, staff_id, line.now())
        before, failed = run(app, "doctor")
        assert failed == 1
        assert "run `flask doctor --fix`" in before
        assert run(app, "doctor", "--fix")[1] == 0
        after, code = run(app, "doctor")
        assert code == 0, after
        assert "FAIL" not in after
        for address in ("sms", "sms/fallback", "voice", "voice/fallback", "voice/status"):
            assert f"https://line.example.org/webhooks/{address}#rc=3&rp=all" in after


def test_the_doctor_sees_to_the_messaging_service_and_names_numbers_that_it_lacks(sqlite_database):
    service = "MG" + "a" * 32
    with running_phone("https://line.example.org", service_sid=service) as phone:
        client = phone.client()
        client.messaging.base_url = phone.url
        resource = client.messaging.v1.services(service)
        resource.update(use_inbound_webhook_on_number=False, sticky_sender=False)
        (number,) = resource.phone_numbers.list()
        account = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN}
        given = account | {"twilio_api_base_url": phone.url, "rehearsal": True}
        app = app_on(sqlite_database, twilio_messaging_service_sid=service, **given)
        assert f"FAIL  {service} hands texts to the addresses of its numbers" in run(app, "doctor")[0]
        resource.phone_numbers(number.sid).delete()
        printed = run(app, "doctor", "--fix")[0]
        assert f"set   {service}: use_inbound_webhook_on_number, sticky_sender" in printed
        assert f"FAIL  +16025550100 is in {service}: add it" in printed
        assert resource.fetch().use_inbound_webhook_on_number
        other = app_on(sqlite_database, twilio_messaging_service_sid="MG" + "b" * 32, **given)
        assert "check TWILIO_MESSAGING_SERVICE_SID" in run(other, "doctor")[0]


@pytest.mark.postgres
@pytest.mark.parametrize(("host", "mark"), [("127.0.0.1", "ok"), ("/run/postgresql", "ok"), ("db.example.org", "FAIL")])
def test_the_doctor_reports_a_line_to_postgres_that_can_be_read_on_the_way(postgres_database, host, mark):
    """ASVS 12: the server of the tests speaks without TLS, which is well on this machine only."""
    url = postgres_database.url.set(host=host, query={})
    elsewhere = SimpleNamespace(is_sqlite=False, url=url, read=postgres_database.read)
    (found,) = doctor._line_to_database(SimpleNamespace(db=elsewhere))
    assert (found.mark.strip(), "sslmode=verify-full" in found.advice) == (mark, mark == "FAIL")


def test_the_doctor_looks_at_the_line_to_the_database_where_there_is_one(app, database):
    assert ("the line to PostgreSQL is encrypted" in run(app, "doctor")[0]) is not database.is_sqlite


def test_the_doctor_compares_the_trail_with_the_head_that_is_kept_elsewhere(database, tmp_path):
    kept = tmp_path / "head.txt"
    app = app_on(database, audit_head=str(kept))
    assert run(app, "balance")[1] == 0
    assert "ok    the audit trail is whole" in run(app, "doctor")[0]
    kept.write_text("2026-11-23T17:00:00Z 40:abc\n")
    assert "FAIL  the audit trail is whole: Broken at link 1: the trail does not hold the head" in run(app, "doctor")[0]
    kept.write_text("gone")
    assert "FAIL  the head of the audit trail can be compared: AUDIT_HEAD: " in run(app, "doctor")[0]


@pytest.mark.parametrize("trouble", ["", "100 slow connections keep it from answering"])
def test_the_doctor_tries_slow_connections_on_a_deployment(app, monkeypatch, trouble):
    """Not in a rehearsal, which nobody else reaches."""
    asked = []
    monkeypatch.setattr(doctor.slow_connections, "trouble_of", lambda url: asked.append(url) or trouble)
    printed, _ = run(app, "doctor")
    assert asked == ["https://line.example.org"]
    assert f"{'FAIL' if trouble else 'ok  '}  https://line.example.org answers, with slow connections" in printed
    assert ("gunicorn.conf.py" in printed) is bool(trouble)


def test_the_doctor_names_what_is_missing(app):
    printed, code = run(app, "doctor")
    assert code == 1
    assert "flask staff add boss" in printed


def test_a_new_key_opens_what_it_encrypts(app):
    key = run(app, "new-key")[0].strip()
    Keys.use((key,), "another key for hashes")
    assert Keys.decrypt(Keys.encrypt(b"x")) == b"x"


def test_the_doctor_tries_the_other_channel_and_shows_no_address(app):
    printed, code = run(app, "doctor", "--try-alerts")
    assert code == 1
    assert "set ALERT_URLS" in printed


def test_the_doctor_says_which_address_of_the_other_channel_fails(sqlite_database):
    app = app_on(sqlite_database, alert_urls=("json://user:secret@127.0.0.1:1/x", "nonsense"))
    printed, code = run(app, "doctor", "--try-alerts")
    assert code == 1
    assert "FAIL  address 1 of ALERT_URLS takes a message" in printed
    assert "FAIL  address 2 of ALERT_URLS takes a message" in printed
    assert "secret" not in printed
