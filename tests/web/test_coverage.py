"""No hour of the week is left without somebody who hears of a crisis, unseen."""

import re

import pytest
from sqlalchemy.exc import OperationalError

from tests.builders import PHONES, Line
from tests.console_desk import Desk, audited, send
from triage.errors import Refused
from triage.model.member import Role
from triage.model.message import Channel, Inbound
from triage.model.request import Priority, Status
from triage.store import members, requests
from triage.team import accounts, coverage

WEEK = "Monday 00:00 - Monday 00:00"


@pytest.fixture
def desk(database):
    """One crisis contact, `front`, for every hour, as in `clinic.toml`."""
    desk = Desk(database)
    desk.has_staff("boss", Role.ADMIN)
    desk.has_staff("front", phone="+16025550161")
    return desk


@pytest.fixture
def boss(desk):
    return desk.signed_in("boss")


def member(desk, login):
    with desk.db.read() as db:
        return members.by_login(db, login)


def move(client, desk, name, **fields):
    return send(client, f"/staff/members/{member(desk, 'front').id}/{name}", **fields)


CHANGES = [("disable", {}), ("phone", {"phone": "602-555-0177"}), ("role", {"role": "auditor"})]


@pytest.mark.parametrize(("name", "fields"), CHANGES)
def test_what_leaves_hours_open_is_refused_until_it_is_confirmed_by_their_names(desk, boss, name, fields):
    before = member(desk, "front")
    page = move(boss, desk, name, **fields)
    assert (page.status_code, WEEK in page.text) == (422, True)
    assert member(desk, "front") == before
    assert move(boss, desk, name, **fields, leaving="Monday 00:00 - Tuesday 00:00").status_code == 422
    assert member(desk, "front") == before
    form = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text.split('<form class="notice"')[1])
    )
    assert form["leaving"] == WEEK
    assert move(boss, desk, name, **(fields | form)).status_code == 303
    assert member(desk, "front") != before


def test_a_change_that_leaves_nothing_more_open_is_made(desk, boss):
    desk.has_staff("mia", phone="+16025550162")
    mia = member(desk, "mia").id
    assert send(boss, f"/staff/members/{mia}/disable").status_code == 303
    assert move(boss, desk, "role", role="clinician").status_code == 303


def test_a_bar_stands_on_every_page_while_hours_are_open(desk, boss):
    pages = ("/staff/", "/staff/members", "/staff/account", "/staff/trail")
    assert not any('id="uncovered"' in boss.get(page).text for page in pages)
    with desk.db.write() as db:
        members.unconfirm_phone(db, member(desk, "front").id)
    for page in pages:
        shown = boss.get(page).text
        assert WEEK in shown
        assert "Nobody would be alerted at all." in shown
    desk.has_staff("deputy", Role.ADMIN, phone="+16025550163")
    assert "an admin would be alerted instead" in boss.get("/staff/").text


def test_a_page_that_tells_of_the_database_needs_none_for_the_bar(desk, boss, monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(members, "reachable", away)
    assert boss.get("/staff/account").status_code == 200
    monkeypatch.setattr(members, "all_staff", away)
    assert boss.get("/staff/members").status_code == 503


def test_let_in_again_keeps_the_phone_unless_somebody_has_it_by_now(desk, boss):
    move(boss, desk, "disable", leaving=WEEK)
    front = desk.has_staff("mia", phone="+16025550162")
    gone = member(desk, "front").id
    assert send(boss, f"/staff/members/{gone}/enable").status_code == 200
    assert (member(desk, "front").phone, member(desk, "front").is_reachable) == ("+16025550161", True)
    move(boss, desk, "disable", leaving=WEEK)
    with desk.db.write() as db:
        members.set_phone(db, front, "+16025550161")
    send(boss, f"/staff/members/{gone}/enable")
    assert (member(desk, "front").phone, member(desk, "front").is_reachable) == (None, False)


@pytest.mark.parametrize("name", ["disable", "role"])
def test_what_somebody_had_who_is_gone_can_be_taken_by_anybody_and_a_crisis_alerts_anew(desk, boss, name):
    mine, crisis, other = desk.has_request(), desk.has_request(Priority.CRISIS), desk.has_request()
    front, deputy = member(desk, "front").id, desk.has_staff("deputy", phone="+16025550163")
    with desk.db.write() as db:
        for reference, staff_id in ((mine, front), (crisis, front), (other, deputy)):
            requests.claim(db, reference, staff_id, desk.at)
        requests.acknowledge(db, crisis, front, desk.at)
    assert move(boss, desk, name, role="auditor", leaving=WEEK).status_code == 303
    assert [desk.request(one).status for one in (mine, crisis, other)] == [
        Status.QUEUED, Status.QUEUED, Status.CLAIMED,
    ]  # fmt: skip
    assert desk.request(crisis).next_alert_at == desk.at
    assert audited(desk).count("release") == 2


def test_the_command_line_asks_too(desk):
    front = member(desk, "front").id
    with pytest.raises(Refused) as refused, desk.db.write() as db:
        accounts.disable(db, desk.clinic, front, None, desk.at)
    assert refused.value.facts == (WEEK,)
    with desk.db.write() as db:
        accounts.disable(db, desk.clinic, front, None, desk.at, leaving=None)
    assert member(desk, "front").disabled_at


def test_hours_are_told_as_stretches():
    assert coverage.spans([20, 21, 22, 23, 24, 25, 167]) == (
        "Monday 20:00 - Tuesday 02:00",
        "Sunday 23:00 - Monday 00:00",
    )
    assert coverage.spans([]) == ()


def test_an_admin_with_a_confirmed_phone_is_the_last_resort(database):
    line = Line(database, "2026-11-24 22:00", unconfirmed=tuple(PHONES))
    ref = line.has_request(priority=Priority.CRISIS)
    assert line.runs_jobs() == []
    with database.write() as db:
        admin = members.add(db, "admin", "Admin", Role.ADMIN, "no hash", "+16025550160", line.now)
        members.confirm_phone(db, admin, line.now)
    assert line.runs_jobs("2026-11-24 22:04") == ["+16025550160"]
    assert line.request(ref).acknowledged_at is None


@pytest.mark.parametrize(
    ("at", "unconfirmed", "promised"),
    [("22:00", (), True), ("22:00", tuple(PHONES), False), ("22:00", ("night",), True), ("10:00", tuple(PHONES), True)],
)
def test_a_person_in_crisis_is_told_of_an_alert_only_where_somebody_is_alerted(database, at, unconfirmed, promised):
    line = Line(database, f"2026-11-24 {at}", unconfirmed=unconfirmed)
    key = Inbound("SM1", Channel.SMS, "+16025550101", "+16025550100", "I want to kill myself", line.now)
    (said,) = line.line.intake.take(key).texts
    assert "988" in said
    assert ("alerting our team right now" in said) is promised


@pytest.mark.parametrize(
    "said", ["ok", "thank you", "nobody answers there", "how much is it", "I want to kill myself", "is tms safe?"]
)
def test_nor_is_a_person_in_crisis_told_so_afterwards(sqlite_database, said):
    line = Line(sqlite_database, "2026-11-24 22:00", unconfirmed=tuple(PHONES))
    for count, body in enumerate(("I want to kill myself", said, said, "I took too many pills", said)):
        line.clock.move(seconds=30)
        taken = Inbound(f"SM{count}", Channel.SMS, "+16025550101", "+16025550100", body, line.now)
        told = " ".join(line.line.intake.take(taken).texts)
        assert "988" in told
        assert not re.search("alert|knows|will (still )?call", told), told


def test_nor_who_has_had_a_bad_reaction(sqlite_database):
    line = Line(sqlite_database, "2026-11-24 22:00", unconfirmed=tuple(PHONES))
    words = "my heart races since the infusion and I feel sick"
    told = " ".join(
        line.line.intake.take(Inbound("1", Channel.SMS, "+16025550101", "+16025550100", words, line.now)).texts
    )
    assert line.request(1).priority is Priority.URGENT
    assert "alerting" not in told
    assert "911" in told
    for count, more in enumerate(("Dana Whitlock", "ok", "it gets worse, my heart races so much")):
        line.clock.move(seconds=30)
        taken = Inbound(f"m{count}", Channel.SMS, "+16025550101", "+16025550100", more, line.now)
        told = " ".join(line.line.intake.take(taken).texts)
        assert "alert" not in told
