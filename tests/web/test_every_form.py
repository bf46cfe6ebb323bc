"""Every form of the console: sent three times it does its work once, and what stops it loses nothing that was typed."""

import re

import pytest
from sqlalchemy import select

from tests.console_desk import PASSWORD, Desk, console_routes, csrf_in
from tests.web.test_roles import ASKS_FOR_A_CODE, FORMS, NEEDS, PHONES, prepare
from triage.model.member import May, Role
from triage.model.request import Priority
from triage.store import audit, members
from triage.store.tables import audit_events, metadata
from triage.wording import Wording

# What changes with each look or click: the trail itself, marks of forms, the session's last use, what was searched for.
NOT_THE_WORK = {"audit_events", "audit_links", "once_marks", "sessions", "searches", "sign_ins"}
LOOKS = ("view_", "export_", "search")
# Never shown again: who sees the screen must not read them.
SECRETS = {"code", "secret", "password", "new"}
SIGNING_IN = ("sign-in", "sign-in/code", "sign-out", "lock", "unlock", "second-step", "password", "account/password",
              "account/recovery-codes", "members/own-code")  # fmt: skip


@pytest.fixture
def desk(sqlite_database):
    desk = Desk(sqlite_database)
    desk.app.extensions["runtime"].words = Wording()
    for role in Role:
        desk.has_staff(role.value, role, phone=PHONES[role])
    return desk


def done(desk):
    """All that is stored, and what was done by whom, without looks."""
    with desk.db.read() as db:
        tables = {
            table.name: [tuple(row) for row in db.execute(table.select())]
            for table in metadata.sorted_tables
            if table.name not in NOT_THE_WORK
        }
        acts = [one for one in db.scalars(select(audit_events.c.action)) if not one.startswith(LOOKS)]
    return tables, acts


SHOWN = {
    f"staff.{name}"
    for name in ("queue", "rows", "found", "people_list", "person", "one", "live", "trail", "staff_list", "recording")
}
# Posted so that no name stands in an address, or to take a list away.
CHANGES_NOTHING = {"staff.search", "staff.parts", "staff.export", "staff.export_people", "staff.export_trail"}
POSTED = sorted(name for name, what in NEEDS.items() if isinstance(what, May) and name not in SHOWN | ASKS_FOR_A_CODE)


@pytest.mark.parametrize("endpoint", POSTED)
def test_three_clicks_on_a_slow_line_do_its_work_once(desk, endpoint):
    prepare(desk, endpoint)
    client = desk.signed_in("admin")
    [path] = [path for method, name, path in console_routes(desk) if name == endpoint and method == "POST"]
    form = {"csrf": csrf_in(client.get("/staff/account")), "once": "one and the same form", **FORMS.get(endpoint, {})}
    before, after = done(desk), []
    for _ in range(3):
        answer = client.post(path, data=form)
        assert answer.status_code in (200, 303), answer.text
        after.append(done(desk))
    assert after[0] == after[1] == after[2]
    assert (after[0] == before) == (endpoint in CHANGES_NOTHING)


def forms_of(desk, client):
    """Every form that is posted from a page, once each: (path, names of what is typed into it)."""
    found = {}
    pages = {path for method, name, path in console_routes(desk) if method == "GET" and name != "staff.static"}
    for path in sorted(pages | {"/staff/requests/2", "/staff/people/2"}):
        page = client.get(path)
        if not page.content_type.startswith("text/html"):
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.DOTALL):
            fields = re.findall(r"<(?:input|textarea)\b[^>]*>", form)
            typed = [
                re.search(r'name="(\w+)"', field)[1]
                for field in fields
                if not re.search(r'type="(hidden|radio|checkbox|password)"', field)
            ]
            names = tuple(name for name in typed if name not in SECRETS)
            # Where nothing is typed the address may stand on the buttons.
            action = re.search(r'action="/staff/([^"]*)"', form)[1] if names else ""
            if names and action not in SIGNING_IN:
                found[re.sub(r"\d+", "1", action), names] = f"/staff/{action}"
    return [(path, names) for (_action, names), path in found.items()]


def test_what_stops_a_form_gives_back_all_that_was_typed_and_changes_nothing(desk):
    desk.has_request(Priority.CRISIS)
    desk.has_request()
    boss = desk.signed_in("admin")
    stopped = desk.signed_in("admin")
    forms = forms_of(desk, boss)
    assert len(forms) > 12
    with desk.db.write() as db:
        audit.record(db, "lock", desk.at, 3)
        members.lock(db, stopped.get_cookie("session").value, desk.at)
    token = csrf_in(stopped.get("/staff/"))
    before, lost = done(desk)[0], []
    for path, names in forms:
        words = {name: f"quill{place}" for place, name in enumerate(names)}
        locked = stopped.post(path, data={"csrf": token, **words})
        kept = re.search(r'name="kept" value="([^"]*)"', locked.text)
        answers = {
            "an old form": boss.post(path, data={"csrf": "old", **words}),
            "no session": desk.app.test_client().post(path, data={"csrf": "old", **words}),
            "a lock": locked,
        }
        for what, answer in answers.items():
            assert answer.status_code in (400, 401, 423), (what, path)
            lost += [(what, path, name) for name, word in words.items() if word not in answer.text]
        assert kept, path
    assert lost == []
    assert done(desk)[0] == before
    unlocked = stopped.post("/staff/unlock", data={"csrf": token, "secret": PASSWORD, "kept": kept[1]})
    assert kept[1].split("\n")[0] in unlocked.text
