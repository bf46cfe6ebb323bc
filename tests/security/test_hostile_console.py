"""Attacks on the console by somebody who is signed in, or not: odd forms and queries, paths, headers, cookies.

ASVS 2.2, 5.3, 16.5: whatever is typed is refused or done, never answered with a fault, and leads nowhere else.
"""

import re
from urllib.parse import quote

import pytest

from tests.console_desk import PASSWORD, Desk, csrf_in, send
from tests.security.routes import STAFF_FIELDS
from triage.model.member import Role

# Numbers beyond what databases hold, digits that are none of ours, days without an end, bytes that no column takes.
ODD = (
    "", "0", "-1", "1", "2", "2147483648", "99999999999999999999", "9" * 400, "1e309", "NaN", "٣", "²", "0001-01-01",
    "9999-12-31", "9999-12-31T23:59", "2026-02-30", "24:00", "\0", "\ud800", "\u202e=1+1", "=HYPERLINK(1)", "%00%0d%0a",
    "../../etc/passwd", "'; DROP TABLE people; --", "{{7*7}}", "<script>alert(1)</script>", "x" * 30_000,
)  # fmt: skip

# What would end the session that the rest is asked with, or costs the time of a password.
APART = ("/staff/sign-out", "/staff/lock", "/staff/account/password", "/staff/sign-in", "/staff/unlock")


# Each of these is sent to every route: a fifth of them each time, all of them by `make chaos`.
ODD_PARAMS = [
    pytest.param(odd, id=ascii(odd)[:20], marks=() if place % 5 == 0 else pytest.mark.rare)
    for place, odd in enumerate(ODD)
]


@pytest.fixture
def desk(database):
    desk = Desk(database)
    desk.has_staff("boss", Role.ADMIN, phone="+16025550199")
    desk.has_staff("rosa", Role.FRONT_DESK)
    return desk


@pytest.fixture
def boss(desk):
    return desk.signed_in("boss")


def paths(desk, method):
    """Each route with the first of each sort of thing, but for the staff: the second is not who asks."""
    rules = [rule.rule for rule in desk.app.url_map.iter_rules() if method in rule.methods]
    found = sorted({re.sub(r"<.*?>", "2" if "/members/" in rule else "1", rule) for rule in rules})
    return [path for path in found if path not in APART and "/account/sessions" not in path]


def as_sent(odd):
    return odd.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("odd", ODD_PARAMS)
def test_no_odd_form_is_answered_with_a_fault(desk, boss, odd):
    desk.has_texts(desk.has_request(), "call me")
    token = csrf_in(boss.get("/staff/"))
    form = {"csrf": token} | dict.fromkeys(STAFF_FIELDS, as_sent(odd))
    found = {path: boss.post(path, data=form | {"once": path}).status_code for path in paths(desk, "POST")}
    assert {path: status for path, status in found.items() if status >= 500} == {}
    assert len(found) > 35
    assert boss.get("/staff/").status_code == 200, "nothing has ended the session before the rest was asked"


@pytest.mark.parametrize("odd", ODD_PARAMS[:-1])
def test_no_odd_query_and_no_odd_place_is_answered_with_a_fault(desk, boss, odd):
    desk.has_request()
    query = dict.fromkeys(
        ("show", "who", "topic", "lang", "request", "before", "below", "next", "said", "v"), as_sent(odd)
    )
    found = [boss.get(path, query_string=query).status_code for path in paths(desk, "GET")]
    assert [status for status in found if status >= 500] == []
    for place in ("requests", "people", "found", "recordings", "members"):
        assert boss.get(f"/staff/{place}/{quote(as_sent(odd) or b'x')}").status_code < 500


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "2147483648", "٣"])
def test_a_file_of_a_search_that_there_is_not_is_not_found(desk, boss, number):
    assert send(boss, "/staff/queue.csv", search=number).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/staff/static/../../app.py", "/staff/static/%2e%2e/%2e%2e/app.py", "/staff/static/..%2f..%2fapp.py",
        "/staff/static//etc/passwd", "/staff/static/%00", "/staff/recordings/../../instance/made.env",
        "/staff/static/console.css%00.py",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_static_files(desk, boss, path):
    answer = boss.get(path)
    assert answer.status_code in (303, 308, 404)
    assert b"create_app" not in answer.data


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_a_change_of_a_look(desk, boss, name):
    reference = desk.has_request()
    for method in ("GET", "HEAD", "OPTIONS"):
        boss.open(f"/staff/requests/{reference}/claim", method=method, headers={name: "POST"})
    assert desk.request(reference).claimed_by is None


@pytest.mark.parametrize("cookie", ["", "\xff\xfe", "x" * 4000, "a\x00b", "session=session", '"\\"', "%00"])
def test_no_made_up_session_lets_in(desk, cookie):
    stranger = desk.app.test_client(use_cookies=False)
    answer = stranger.get("/staff/", headers={"Cookie": f"session={cookie}"})
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/staff/sign-in")


def test_a_session_that_was_put_into_a_browser_before_the_sign_in_is_not_the_one_after_it(desk):
    known = "known-to-the-thief"
    client = desk.app.test_client()
    client.set_cookie("session", known)
    form = desk.sign_in_form(client, "rosa", PASSWORD)
    client.post("/staff/sign-in", data=form)
    thief = desk.app.test_client(use_cookies=False)
    assert thief.get("/staff/", headers={"Cookie": f"session={known}"}).status_code == 303


@pytest.mark.parametrize(
    "onward", ["/staff/\r\nSet-Cookie: a=b", "/staff/%0d%0aSet-Cookie:%20a=b", "//evil.example/staff/"]
)
def test_no_address_to_go_on_to_adds_a_header_or_leaves(desk, onward):
    client = desk.app.test_client()
    answer = client.post("/staff/sign-in", data=desk.sign_in_form(client, "rosa", PASSWORD, onward))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/staff/")
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))


def test_who_works_on_requests_changes_nothing_of_the_staff(desk):
    front = desk.signed_in("rosa")
    token = csrf_in(front.get("/staff/"))
    for path in paths(desk, "POST"):
        if path.startswith("/staff/members"):
            form = {"csrf": token, "role": "admin", "phone": "602-555-0198", "login": "eve", "name": "Eve"}
            assert front.post(path, data=form).status_code == 403, path
