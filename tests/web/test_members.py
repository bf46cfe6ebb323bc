"""The page of the staff: who is on it, in which role, and how people are let in again."""

import contextlib
import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.console_desk import PASSWORD, Desk, send
from triage.errors import Refused
from triage.model.member import Role
from triage.model.notice import Kind
from triage.runtime import utc_now
from triage.store import members, notices
from triage.store.tables import audit_events
from triage.team import accounts
from triage.wording import Wording

MIA = {"login": "mia", "name": "Mia Okafor", "role": "clinician"}


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.app.extensions["runtime"].words = Wording()
    desk.has_staff("boss", Role.ADMIN)
    return desk


@pytest.fixture
def boss(desk):
    return desk.signed_in("boss")


def member(desk, login):
    with desk.db.read() as db:
        return members.by_login(db, login)


def trail(desk):
    with desk.db.read() as db:
        events = select(audit_events.c.action, audit_events.c.staff_id, audit_events.c.detail).order_by(
            audit_events.c.id
        )
        return [(action, by, detail) for action, by, detail in db.execute(events) if detail and "login" in detail]


def password_on(page):
    return re.search(r'<dt>Password</dt><dd class="secret">([a-z2-9-]{19})<', page.text)[1]


def let_in(desk, login, password):
    client = desk.app.test_client()
    client.post("/staff/sign-in", data=desk.sign_in_form(client, login, password))
    return client.get("/staff/").status_code == 200


def move(client, desk, login, name, **fields):
    return send(client, f"/staff/members/{member(desk, login).id}/{name}", **fields)


def test_an_admin_adds_somebody_whose_password_is_shown_once(desk, boss):
    page = send(boss, "/staff/members", **MIA, phone="(602) 555-0161")
    password = password_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    mia = member(desk, "mia")
    assert (mia.name, mia.role, mia.phone, mia.password_given_out) == (
        "Mia Okafor", Role.CLINICIAN, "+16025550161", True,
    )  # fmt: skip
    assert let_in(desk, "mia", password)
    shown = boss.get("/staff/members").text
    assert password not in shown
    assert "not confirmed: no alerts yet" in shown
    assert "password not changed yet" in shown
    assert trail(desk) == [("staff_added", 1, {"login": "mia", "role": "clinician"})]
    with desk.db.read() as db:
        assert len(notices.due(db, [Kind.CONFIRM_PHONE], desk.at, 9)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": "BOSS"}, "The login BOSS is taken."),
        ({"login": "mia okafor"}, "That is no login."),
        ({"login": ""}, "That is no login."),
        ({"name": "  "}, "Write their name,"),
        ({"role": "owner"}, "Choose a role."),
        ({"phone": "12"}, "not one phone number"),
        ({"phone": "602-555-0170"}, "That phone belongs to lee."),
    ],
)
def test_whoever_cannot_be_added_so_is_not_and_what_was_typed_is_kept(desk, boss, fields, words):
    desk.has_staff("lee", phone="+16025550170")
    page = send(boss, "/staff/members", **(MIA | fields))
    assert page.status_code == 422
    assert words in page.text
    assert (fields.get("name") or 'value="Mia Okafor"') in page.text
    assert member(desk, "mia") is None
    assert trail(desk) == []


def test_a_role_counts_from_the_next_click_on(desk, boss):
    desk.has_staff("mia")
    mia = desk.signed_in("mia")
    assert mia.get("/staff/trail").status_code == 403
    assert "said=role" in move(boss, desk, "mia", "role", role="auditor").location
    assert mia.get("/staff/trail").status_code == 200
    assert trail(desk) == [("role_changed", 1, {"login": "mia", "role": "auditor"})]


def test_access_is_ended_at_once_and_given_again_with_a_new_password(desk, boss):
    desk.has_staff("mia")
    mia = desk.signed_in("mia")
    move(boss, desk, "mia", "disable")
    assert mia.get("/staff/").status_code == 303
    assert not let_in(desk, "mia", PASSWORD)
    assert "No access since Mon 23 Nov" in boss.get("/staff/members").text
    assert "access has ended already" in move(boss, desk, "mia", "disable").text
    password = password_on(move(boss, desk, "mia", "enable"))
    assert not let_in(desk, "mia", PASSWORD)
    assert let_in(desk, "mia", password)
    assert "have access already" in move(boss, desk, "mia", "enable").text
    assert [action for action, _by, _detail in trail(desk)] == ["staff_disabled", "staff_enabled"]


def test_a_lost_password_and_a_lost_phone_are_made_good(desk, boss):
    desk.has_staff("mia")
    mia, _secret, _codes = desk.with_second_step("mia")
    assert "said=second_step" in move(boss, desk, "mia", "second-step").location
    assert mia.get("/staff/").status_code == 303
    assert not member(desk, "mia").has_second_step
    password = password_on(move(boss, desk, "mia", "password"))
    assert not let_in(desk, "mia", PASSWORD)
    assert let_in(desk, "mia", password)


def test_the_page_says_where_a_lost_app_is_taken_away_and_when_there_is_none(desk, boss):
    desk.has_staff("mia")
    page = boss.get("/staff/members").text
    assert "Role, phone, password, lost app" in page
    assert "so there is none to take away" in page
    desk.with_second_step("mia")
    page = boss.get("/staff/members").text
    assert "Take away their lost app" in page
    assert "so there is none to take away" not in page


def test_another_phone_gets_no_alerts_before_it_is_confirmed(desk, boss):
    desk.has_staff("mia", phone="+16025550171")
    assert "said=phone" in move(boss, desk, "mia", "phone", phone="602-555-0172").location
    mia = member(desk, "mia")
    assert (mia.phone, mia.phone_confirmed_at) == ("+16025550172", None)
    assert "not one phone number" in move(boss, desk, "mia", "phone", phone="").text


@pytest.mark.parametrize("name", ["role", "disable", "enable", "password", "second-step"])
def test_nobody_changes_their_own_access(desk, boss, name):
    desk.has_staff("deputy", Role.ADMIN)
    before = member(desk, "boss")
    answer = move(boss, desk, "boss", name, role="auditor")
    assert (answer.status_code, "You cannot change your own access." in answer.text) == (422, True)
    assert member(desk, "boss") == before


@pytest.mark.parametrize("act", ["disable", "demote"])
def test_the_last_admin_stays_whoever_asks(desk, act):
    desk.has_staff("deputy", Role.ADMIN)

    def end(login):
        with desk.db.write() as db:
            staff_id = members.by_login(db, login).id
            if act == "disable":
                accounts.disable(db, desk.clinic, staff_id, None, desk.at)
            else:
                accounts.change_role(db, desk.clinic, staff_id, Role.FRONT_DESK, None, desk.at)

    end("deputy")
    with pytest.raises(Refused, match="last_admin"):
        end("boss")
    assert (member(desk, "boss").role, member(desk, "boss").disabled_at) == (Role.ADMIN, None)


@pytest.mark.postgres
def test_of_two_admins_who_end_each_others_access_at_once_one_stays(postgres_database):
    desk = Desk(postgres_database)
    boss, deputy = desk.has_staff("boss", Role.ADMIN), desk.has_staff("deputy", Role.ADMIN)
    ended = threading.Event()

    def end(staff_id, by):
        with contextlib.suppress(Refused), desk.db.write() as db:
            accounts.disable(db, desk.clinic, staff_id, by, desk.at)
            ended.set()

    with desk.db.write() as db:
        accounts.disable(db, desk.clinic, deputy, boss, desk.at)
        other = threading.Thread(target=end, args=(boss, deputy))
        other.start()
    other.join(timeout=30)
    assert not ended.is_set()
    assert member(desk, "boss").disabled_at is None


@pytest.mark.parametrize("path", ["/staff/members/999/disable", "/staff/members/99999999999/disable"])
def test_who_is_not_on_the_staff_is_not_found(boss, path):
    assert send(boss, path).status_code == 404


def test_a_name_is_shown_as_text(desk, boss):
    send(boss, "/staff/members", **(MIA | {"name": "<script>alert(1)</script>"}))
    assert "<script>alert" not in boss.get("/staff/members").text


def test_a_phone_that_alerts_do_not_reach_is_marked_until_its_owner_has_another(desk, boss):
    desk.has_staff("mia", Role.CLINICIAN)
    with desk.db.write() as db:
        members.mark_refused(db, members.by_login(db, "mia").id, "landline", utc_now())
    page = boss.get("/staff/members").text
    assert "Alerts do not arrive." in page
    assert "a landline takes no texts" in page
    assert move(boss, desk, "mia", "phone", phone="602-555-0177").status_code < 400
    assert "Alerts do not arrive." not in boss.get("/staff/members").text


# --- who changes the staff shows again that it is them


def test_a_page_of_an_admin_that_was_left_open_changes_nobodys_access(desk):
    """ASVS 7.5.1: changes of authentication need it anew."""
    boss, secret, _codes = desk.with_second_step("boss")
    desk.has_staff("rosa")
    for name, form in (("role", {"role": "admin"}), ("password", {}), ("disable", {}), ("second-step", {})):
        answer = move(boss, desk, "rosa", name, **form)
        assert (answer.status_code, "Show first that it is you" in answer.text) == (422, True)
    assert "Show first" in send(boss, "/staff/members", **MIA).text
    assert (member(desk, "rosa").role, member(desk, "rosa").disabled_at, member(desk, "mia")) == (
        "front_desk",
        None,
        None,
    )
    desk.at += timedelta(minutes=1)
    assert "not right" in send(boss, "/staff/members/own-code", code="000000").text
    assert send(boss, "/staff/members/own-code", code=desk.code_of(secret)).status_code == 303
    assert move(boss, desk, "rosa", "role", role="admin").status_code == 303
    desk.at += timedelta(minutes=5)
    assert move(boss, desk, "rosa", "disable").status_code == 422
    assert [action for action, _by, _detail in trail(desk)] == ["role_changed"]


def test_where_a_role_is_given_each_is_explained_by_what_it_may(desk, boss):
    page = boss.get("/staff/members").text
    explained = dict(re.findall(r"<dt>([\w ]+)</dt><dd>(.*?)</dd>", page.partition('class="roles"')[2]))
    assert set(explained) == {"Front desk", "Clinician", "Admin", "Auditor"}
    assert "Changes nothing of a request." in explained["Auditor"]
    assert "reads medical words" in explained["Clinician"]
    assert "reads medical words" not in explained["Front desk"]
    assert not re.search(r"\b(view|numbers|medical|work|trail|staff)\b;", page.partition('class="roles"')[2][:2000])


def test_after_somebody_is_added_the_list_says_so(desk, boss):
    page = send(boss, "/staff/members", **MIA).text
    onward = re.search(r'class="button primary" href="([^"]+)"', page)[1]
    assert "They are on the staff now" in boss.get(onward).text
    page = move(boss, desk, "mia", "password").text
    onward = re.search(r'class="button primary" href="([^"]+)"', page)[1]
    assert "The password before counts no more" in boss.get(onward).text
