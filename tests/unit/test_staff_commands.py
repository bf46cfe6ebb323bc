"""`flask staff` and `flask audit`: a lost password, a lost phone, and whether the trail is whole."""

from datetime import timedelta

import pytest
import structlog
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import text

from commands import audit as audit_command
from commands import queue as queue_command
from commands import staff as staff_command
from tests.console_desk import PASSWORD, Desk
from triage import logs
from triage.model.member import Role
from triage.store import audit, members


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.has_staff("rosa")
    return desk


@pytest.fixture(autouse=True)
def logs_apart():
    """Logs go to their own stream, as in the program itself."""
    logs.set_up()
    yield
    structlog.reset_defaults()


def run(desk, group, *words):
    """What a command prints, and its exit code."""
    result = CliRunner().invoke(group, list(words), obj=ScriptInfo(create_app=lambda: desk.app))
    return result.stdout if result.exit_code < 2 else result.output, result.exit_code


def test_a_new_password_is_printed_once_and_ends_what_the_old_one_opened(desk):
    before = desk.signed_in("rosa")
    printed, code = run(desk, staff_command.group, "password", "rosa")
    assert code == 0
    new = printed.split("sign in with ")[1].split()[0]
    assert before.get("/staff/").status_code == 303
    client = desk.app.test_client()
    for password, status in ((PASSWORD, 401), (new, 303)):
        answer = client.post("/staff/sign-in", data=desk.sign_in_form(client, "rosa", password))
        assert answer.status_code == status


def test_a_lost_phone_is_forgotten_and_its_owner_sets_up_another(desk):
    lost, _secret, _codes = desk.with_second_step("rosa")
    assert run(desk, staff_command.group, "totp-reset", "rosa")[1] == 0
    assert lost.get("/staff/").status_code == 303
    desk.at += timedelta(minutes=1)
    client, _secret, codes = desk.with_second_step("rosa")
    assert len(codes) == 10
    assert client.get("/staff/").status_code == 200


def test_a_password_that_is_printed_has_to_be_changed(desk):
    def given_out():
        with desk.db.read() as db:
            return members.by_login(db, "rosa").password_given_out

    assert not given_out()
    run(desk, staff_command.group, "password", "rosa")
    assert given_out()


def test_roles_access_and_phones_are_changed_as_in_the_console(desk):
    assert run(desk, staff_command.group, "role", "rosa", "admin") == ("rosa is now admin.\n", 0)
    printed, code = run(desk, staff_command.group, "disable", "rosa")
    assert (code, "rosa is the only admin; make somebody else one first" in printed) == (2, True)
    desk.has_staff("mia", Role.ADMIN)
    assert run(desk, staff_command.group, "disable", "rosa")[1] == 0
    assert run(desk, staff_command.group, "disable", "rosa")[1] == 2
    printed, code = run(desk, staff_command.group, "enable", "rosa")
    client = desk.app.test_client()
    password = printed.split("sign in with ")[1].split()[0]
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "rosa", password)).status_code == 303
    assert run(desk, staff_command.group, "phone", "rosa", "602-555-0161")[1] == 0
    assert "(602) 555-0161 (not confirmed)" in run(desk, staff_command.group, "list")[0].replace("602-", "(602) ")
    assert run(desk, staff_command.group, "phone", "mia", "602-555-0161")[1] == 2
    with desk.db.read() as db:
        actions = [event.action for event in audit.newest(db, 2**31 - 1)]
    assert [one for one in reversed(actions) if one not in ("sign_in", "command")] == [
        "role_changed", "staff_disabled", "staff_enabled", "staff_phone_changed",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["password", "totp-reset", "disable", "enable"])
def test_a_login_that_nobody_has_is_told_as_such(desk, command):
    printed, code = run(desk, staff_command.group, command, "nobody")
    assert code == 2
    assert "nobody has the login nobody" in printed


def test_the_trail_is_verified_with_a_head_to_note(desk):
    desk.signed_in("rosa")
    printed, code = run(desk, audit_command.group, "verify")
    assert (code, printed.splitlines()[0]) == (0, "Whole: 2 events linked."), "and that it was verified"
    head = printed.split("Head ")[1].strip()
    assert run(desk, audit_command.group, "verify", "--head", head)[1] == 0
    printed, code = run(desk, audit_command.group, "verify", "--head", "1:another")
    assert (code, printed) == (1, "Broken at link 1: the trail does not hold the head that was noted.\n")
    assert run(desk, audit_command.group, "verify", "--head", "nonsense")[1] == 2


def test_an_event_that_was_written_past_the_program_is_told_and_taken_only_when_asked(desk):
    with desk.db.write() as db:
        db.execute(text("INSERT INTO audit_events (id, at, action) VALUES (70, '2026-11-23 17:00:00+00:00', 'close')"))
    printed, code = run(desk, audit_command.group, "verify")
    assert (code, printed[:10]) == (1, "Event 70 i")
    assert run(desk, audit_command.group, "adopt", "--as", "rosa")[0] == "1 events were taken into the chain.\n"
    assert run(desk, audit_command.group, "verify")[1] == 0
    with desk.db.read() as db:
        events = {event.action: event for event in audit.newest(db, 2**31 - 1)}
    assert (events["events_adopted"].by, events["events_adopted"].detail) == ("rosa", {"events": "70"})


def test_a_command_notes_who_gave_it_and_which_requests_it_showed(desk):
    shown = [desk.has_request(), desk.has_request(), desk.has_request()]
    for said, by in ((["--as", "rosa"], "rosa"), ([], None)):
        assert run(desk, queue_command.command, *said)[1] == 0
        with desk.db.read() as db:
            seen, given = audit.newest(db, 2**31 - 1, limit=2)
        assert (seen.action, seen.by, seen.detail) == ("print_queue", by, {"rows": 3, "requests": "1-3"})
        assert (given.action, given.by, given.detail["command"]) == ("command", by, "queue")
    assert shown == [1, 2, 3]
    assert run(desk, queue_command.command, "--as", "nobody")[1] == 2
    desk.has_staff("ana")
    run(desk, staff_command.group, "role", "ana", "auditor", "--as", "rosa")
    with desk.db.read() as db:
        assert (audit.newest(db, 2**31 - 1)[0].by, audit.newest(db, 2**31 - 1)[0].action) == ("rosa", "role_changed")


def test_which_requests_were_shown_is_written_short():
    assert audit.listed([]) == ""
    assert audit.listed([9, 3, 8, 7, 3]) == "3, 7-9"
