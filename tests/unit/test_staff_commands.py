"""`flask staff` and `flask audit`: a lost password, a lost phone, and whether the trail is whole."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from commands import audit as audit_command
from commands import staff as staff_command
from tests.console_desk import PASSWORD, Desk
from triage import jobs


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.has_staff("rosa")
    return desk


def run(desk, group, *words):
    """What a command prints, and its exit code."""
    result = CliRunner().invoke(group, list(words), obj=ScriptInfo(create_app=lambda: desk.app))
    return result.output, result.exit_code


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


@pytest.mark.parametrize("command", ["password", "totp-reset", "disable"])
def test_a_login_that_nobody_has_is_told_as_such(desk, command):
    printed, code = run(desk, staff_command.group, command, "nobody")
    assert code == 2
    assert "nobody has the login nobody" in printed


def test_the_trail_is_verified_with_a_head_to_note(desk):
    desk.signed_in("rosa")
    jobs.link_audit(desk.db)
    printed, code = run(desk, audit_command.group, "verify")
    assert (code, printed.splitlines()[0]) == (0, "Whole: 1 events linked.")
    head = printed.split("Head ")[1].strip()
    assert run(desk, audit_command.group, "verify", "--head", head)[1] == 0
    printed, code = run(desk, audit_command.group, "verify", "--head", "1:another")
    assert (code, printed) == (1, "Broken at link 1: the chain does not hold the head that you gave.\n")
    assert run(desk, audit_command.group, "verify", "--head", "nonsense")[1] == 2
