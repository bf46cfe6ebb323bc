"""The console's door: sign-in in two steps, sessions, the lock, passwords, tokens, headers and cookies."""

import json
import os
import re
import runpy
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type

from staff.access import Gate, need_of
from staff.desk import bp as blueprint
from staff.pages import own_path
from staff.signing_in import guesses, passwords
from staff.signing_in.passwords import weakness
from tests.console_desk import MORNING, PASSWORD, Desk, audited, console_routes, csrf_in, password_hash, rows_of, send
from triage.model.member import Role
from triage.model.request import Priority, Status
from triage.policy import MOST_GUESSES, MOST_GUESSES_OF_ADDRESS, Console
from triage.store import members
from triage.store.tables import notes, recovery_codes, sessions
from triage.store.tables import staff as staff_table

NEW_PASSWORD = "walnut harbour tricycle 9 moss"

IDLE, LONGEST = Console().idle_lock, Console().session_life


def routes_behind_the_door(desk):
    with desk.app.app_context():
        return [route for route in console_routes(desk) if need_of(route[1]) is not Gate.NOBODY]


def test_every_page_of_the_console_needs_a_sign_in(desk):
    desk.has_request()
    seen = set()
    for method, endpoint, path in routes_behind_the_door(desk):
        answer = desk.app.test_client().open(path, method=method)
        assert answer.status_code == (303 if method == "GET" else 401), path
        assert "Whitlock" not in answer.text
        seen.add(endpoint)
    assert {"staff.queue", "staff.rows", "staff.one", "staff.live", "staff.claim", "staff.close"} <= seen


@pytest.mark.parametrize("token", [None, "", "wrong", "\x00\ud800", "a" * 5000])
def test_every_change_needs_the_token_of_its_own_session(desk, front, token):
    desk.has_request()
    before = desk.request(1)
    for method, _endpoint, path in routes_behind_the_door(desk):
        if method == "POST":
            fields = {"disposition": "booked", "outcome": "booked", "body": "x"}
            given = {} if token is None else {"csrf": token.encode("utf-8", "surrogatepass")}
            assert front.post(path, data=fields | given).status_code == 400, path
    assert desk.request(1) == before


@pytest.mark.parametrize("token", ["", "wrong", "a" * 64])
def test_nobody_is_signed_in_by_a_form_of_another_page(desk, token):
    """Else a page elsewhere could sign somebody in under a name of its own choice, and read what they then write."""
    desk.has_staff("front")
    client = desk.app.test_client()
    form = desk.sign_in_form(client, "front", PASSWORD)
    assert client.post("/staff/sign-in", data=form | {"csrf": token}).status_code == 400
    assert desk.app.test_client().post("/staff/sign-in", data=form).status_code == 400, "another browser's form"
    assert client.get("/staff/").status_code == 303


def test_the_token_of_a_colleague_is_not_taken(desk, front, mia):
    reference = desk.has_request()
    stolen = csrf_in(mia.get("/staff/"))
    assert front.post(f"/staff/requests/{reference}/claim", data={"csrf": stolen}).status_code == 400
    assert desk.request(reference).status is Status.QUEUED


def test_nothing_changes_by_get(desk):
    desk.has_staff("front", Role.ADMIN)
    front, reference = desk.signed_in("front"), desk.has_request()
    for method, _endpoint, path in routes_behind_the_door(desk):
        if method == "POST":
            assert front.get(path).status_code in (200, 303, 404), path
    assert desk.request(reference).status is Status.QUEUED
    assert {action for action in audited(desk) if not action.startswith("view_")} == {"sign_in"}


def test_answers_are_never_stored_by_browsers_nor_framed_nor_scripted_inline(desk, front):
    desk.has_request()
    for path in (
        "/staff/",
        "/staff/rows",
        "/staff/requests/1",
        "/staff/sign-in",
        "/staff/requests/77",
        "/staff/account",
        "/staff/second-step",
        "/staff/second-step/qr.svg",
    ):
        answer = front.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert {source for rule in policy for source in rule.split()[1:]} == {"'self'", "'none'"}
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", answer.text)


def test_the_browser_keeps_nothing_but_whether_sound_and_keys_are_on(front):
    """ASVS 14.3.3."""
    [config] = re.findall(r"""name="htmx-config" content='([^']+)'""", front.get("/staff/").text)
    assert json.loads(config)["historyEnabled"] is False
    assert json.loads(config)["historyCacheSize"] == 0
    scripts = "".join(path.read_text("utf-8") for path in Path(blueprint.static_folder).glob("*.js"))
    assert re.findall(r"localStorage\.setItem\((.*?),", scripts) == ['"sound"', '"keys"']
    assert not re.search(r"sessionStorage|indexedDB|\bcaches\b|document\.cookie|localStorage\[", scripts)
    assert '"fetch"' not in scripts, "no worker answers in the place of the server"


def test_a_file_of_the_pages_is_kept_for_long_under_an_address_that_changes_with_it(front):
    sheet = re.search(r'href="(/staff/static/console.css\?v=[0-9a-f]{12})"', front.get("/staff/").text)[1]
    assert "immutable" in front.get(sheet).headers["Cache-Control"]
    for other in ("/staff/static/console.css", "/staff/static/console.css?v=1", "/staff/static/none.css?v="):
        assert "immutable" not in front.get(other).headers.get("Cache-Control", ""), other


def test_over_https_cookies_are_bound_to_the_host(database):
    desk = Desk(database, public_base_url="https://line.example.org")
    desk.has_staff("front")
    client = desk.app.test_client()
    answer = client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD))
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies[0].startswith("__Host-session=")
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_the_session_token_is_kept_as_a_hash_only(desk, front):
    token = front.get_cookie("session").value
    assert [row.token_hash for row in rows_of(desk, sessions)] != [token]
    assert re.fullmatch(r"[\w-]{43}", token), "256 random bits (ASVS 7.2.3)"
    with desk.db.read() as db:
        assert members.find_session(db, token, desk.at).staff.login == "front"


@pytest.mark.parametrize("login", ["front", "nobody", "' OR 1=1 --", "nul\x00", "x" * 5000])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(desk, login):
    desk.has_staff("front")
    client = desk.app.test_client()
    answer = client.post("/staff/sign-in", data=desk.sign_in_form(client, login, "wrong"))
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert client.get("/staff/").status_code == 303


def test_after_ten_wrong_guesses_even_the_right_password_waits_a_quarter_of_an_hour(desk):
    desk.has_staff("front")
    client = desk.app.test_client()
    for _ in range(MOST_GUESSES):
        assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", "wrong")).status_code == 401
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "Front", PASSWORD)).status_code == 429
    desk.at += timedelta(minutes=16)
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/staff/", "//evil.example/staff/", "/\\evil.example", "/staff/\\evil",
        "javascript:alert(1)", "/staff//evil.example", "/\t/evil.example",
        "http://[", "", "/health", "/staff/sign-out", "\x00",
    ],
)  # fmt: skip
def test_sign_in_returns_only_to_a_page_of_the_console(target):
    assert own_path(target) == "/staff/"


def test_the_link_of_an_alert_is_opened_after_sign_in(desk):
    desk.has_staff("front")
    reference = desk.has_request()
    client = desk.app.test_client()
    to_sign_in = client.get(f"/staff/requests/{reference}").headers["Location"]
    onward = re.search(r'name="next" value="([^"]+)"', client.get(to_sign_in).text)[1]
    answer = client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD, onward))
    assert answer.headers["Location"] == f"/staff/requests/{reference}"


def test_a_session_goes_on_while_somebody_works_but_ends_after_twelve_hours(desk, front):
    while desk.at < MORNING + LONGEST - IDLE:
        desk.at += IDLE - timedelta(minutes=1)
        assert front.get("/staff/").status_code == 200
    desk.at = MORNING + LONGEST
    assert front.get("/staff/").status_code == 303


def test_signing_out_disabling_and_a_new_password_end_the_session(desk):
    def ends(login, act):
        staff_id = desk.has_staff(login)
        client = desk.signed_in(login)
        token = client.get_cookie("session").value
        act(client, staff_id)
        client.set_cookie("session", token)  # whoever has copied it
        return client.get("/staff/").status_code == 303

    def in_store(change):
        with desk.db.write() as db:
            change(db)

    assert ends("anna", lambda client, _: send(client, "/staff/sign-out"))
    assert ends("ben", lambda _, staff_id: in_store(lambda db: members.disable(db, staff_id, desk.at)))
    assert ends("cleo", lambda _, staff_id: in_store(lambda db: members.set_password(db, staff_id, "another hash")))


def test_a_disabled_member_of_staff_cannot_sign_in(desk):
    staff_id = desk.has_staff("front")
    with desk.db.write() as db:
        members.disable(db, staff_id, desk.at)
    client = desk.app.test_client()
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD)).status_code == 401


def test_a_session_that_nobody_uses_is_locked_and_polling_is_no_use(desk, front):
    reference = desk.has_request(Priority.CRISIS, name="Ivy Chen")
    place = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1/staff/requests/{reference}"}
    for _ in range(3):
        desk.at += IDLE / 3
        answer = front.get(f"/staff/requests/{reference}/live", headers=place)
    assert answer.headers["HX-Retarget"] == "#main"
    assert f'value="/staff/requests/{reference}"' in answer.text
    assert "1 in crisis or emergency, seen by nobody, or seen and not called." in answer.text


def test_a_locked_session_shows_no_name_anywhere_and_changes_nothing(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    token = csrf_in(front.get("/staff/"))
    desk.at += IDLE
    before = desk.request(reference)
    for method, _endpoint, path in routes_behind_the_door(desk):
        if path == "/staff/sign-out":
            continue
        for headers in ({}, {"HX-Request": "true"}):
            fields = {"csrf": token, "outcome": "booked", "disposition": "booked", "body": "x"}
            answer = front.open(path, method=method, data=fields if method == "POST" else None, headers=headers)
            assert answer.status_code in (200, 423), path
            assert not re.search("Ivy|602-?555", answer.text), path
    assert desk.request(reference) == before


def test_a_locked_page_counts_live_and_is_sent_again_only_when_something_changed(desk, front):
    front.post("/staff/lock", data={"csrf": csrf_in(front.get("/staff/"))})
    first = front.get("/staff/locked/counts")
    assert "0 due, 0 waiting" in first.text
    tag = {"If-None-Match": first.headers["ETag"]}
    assert front.get("/staff/locked/counts", headers=tag).status_code == 304
    desk.has_request(Priority.CRISIS)
    assert (
        "1 in crisis or emergency, seen by nobody, or seen and not called."
        in front.get("/staff/locked/counts", headers=tag).text
    )


@pytest.mark.parametrize(
    ("query", "sent_to"),
    [("?back=/staff/people", "/staff/people"), ("?back=//evil.example/", "/staff/"), ("?back=", None)],
)
def test_a_page_that_came_locked_is_loaded_whole_once_it_is_unlocked_elsewhere(front, query, sent_to):
    answer = front.get(f"/staff/locked/counts{query}")
    assert answer.headers.get("HX-Redirect") == sent_to
    assert "HX-Location" not in answer.headers


def test_what_came_locked_is_unlocked_by_a_whole_page_and_what_locked_itself_in_its_place(desk, front):
    desk.at += IDLE
    assert "hx-post" not in front.get("/staff/people").text
    assert "hx-post" in front.get("/staff/locked/watch", headers={"HX-Request": "true"}).text


def test_the_password_unlocks_to_the_same_place_and_a_wrong_one_does_not(desk, front):
    reference = desk.has_request(name="Ivy Chen")
    place = f"/staff/requests/{reference}"
    desk.at += IDLE
    locked = front.get(place)
    form = {"csrf": csrf_in(locked), "next": re.search(r'name="next" value="([^"]+)"', locked.text)[1]}
    wrong = front.post("/staff/unlock", data=form | {"secret": "wrong"})
    assert wrong.status_code == 423
    assert "password is not right" in wrong.text
    assert "Ivy Chen" not in front.get(place).text
    answer = front.post("/staff/unlock", data=form | {"secret": PASSWORD})
    assert answer.headers["Location"] == place
    assert "Ivy Chen" in front.get(place).text
    assert {"unlock", "unlock_failed"} <= set(audited(desk))


def test_a_code_from_the_app_unlocks_once(desk):
    desk.has_staff("front")
    client, secret, _codes = desk.with_second_step("front")
    for unlocks in (True, False):
        token = csrf_in(client.get("/staff/"))
        desk.at += IDLE if unlocks else timedelta(0)
        client.post("/staff/lock", data={"csrf": token})
        answer = client.post("/staff/unlock", data={"csrf": token, "secret": desk.code_of(secret)})
        assert answer.status_code == (303 if unlocks else 423)


def test_the_lock_is_not_guessed_open(desk, front):
    token = csrf_in(front.get("/staff/"))
    desk.at += IDLE
    for _ in range(MOST_GUESSES):
        assert front.post("/staff/unlock", data={"csrf": token, "secret": "wrong"}).status_code == 423
    answer = front.post("/staff/unlock", data={"csrf": token, "secret": PASSWORD})
    assert "Too many tries" in answer.text


def test_what_was_sent_from_a_locked_page_comes_back_after_unlocking(desk, front):
    reference = desk.has_request()
    url, token = f"/staff/requests/{reference}/note", csrf_in(front.get("/staff/"))
    desk.at += IDLE * 2
    locked = front.post(url, data={"csrf": token, "body": "Allergic to penicillin"})
    assert locked.status_code == 423
    assert rows_of(desk, notes) == []
    form = {name: re.search(f'name="{name}" value="([^"]*)"', locked.text)[1] for name in ("csrf", "next", "kept")}
    answer = front.post("/staff/unlock", data=form | {"secret": PASSWORD})
    assert "Allergic to penicillin</textarea>" in answer.text
    assert f'href="/staff/requests/{reference}"' in answer.text


def test_whoever_was_signed_out_while_typing_gets_their_words_back(desk, front):
    reference = desk.has_request()
    url, token = f"/staff/requests/{reference}/note", csrf_in(front.get("/staff/"))
    desk.at += LONGEST
    answer = front.post(url, data={"csrf": token, "body": "Allergic to penicillin"})
    assert answer.status_code == 401
    assert "Allergic to penicillin</textarea>" in answer.text
    assert f'value="/staff/requests/{reference}"' in answer.text
    assert rows_of(desk, notes) == []


def test_typing_and_reading_keep_a_page_unlocked(desk, front):
    token = csrf_in(front.get("/staff/"))
    for _ in range(3):
        desk.at += IDLE * 0.9
        assert front.post("/staff/active", data={"csrf": token}).status_code == 204
    assert "Call-backs" in front.get("/staff/").text


def test_with_a_real_account_nobody_gets_in_before_the_second_step_is_set_up(database):
    desk = Desk(database, rehearsal=False)
    desk.has_staff("front")
    desk.has_request(name="Ivy Chen")
    client = desk.signed_in("front")
    assert {cookie.key for cookie in client._cookies.values()} == {"session", "door"}, "it is no known browser yet"
    for method, endpoint, path in routes_behind_the_door(desk):
        if method == "GET" and need_of_route(desk, endpoint) is not Gate.HALF_WAY:
            answer = client.get(path)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/second-step"), path
    assert "it can wait" not in client.get("/staff/second-step").text
    client, _secret, codes = desk.with_second_step("front")
    assert len(codes) == 10
    assert "Ivy Chen" in client.get("/staff/").text


def choose(client, new, **fields):
    return client.post("/staff/password", data={"csrf": csrf_in(client.get("/staff/password")), "new": new, **fields})


def test_with_a_real_account_a_password_that_was_given_out_is_changed_before_anything_is_shown(database):
    desk = Desk(database, rehearsal=False)
    desk.has_staff("front", given_out=True)
    desk.has_request(name="Ivy Chen")
    client = desk.signed_in("front")
    for method, endpoint, path in routes_behind_the_door(desk):
        if method == "GET" and need_of_route(desk, endpoint) is not Gate.HALF_WAY:
            answer = client.get(path)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/password"), path
    page = client.get("/staff/password")
    assert "Choose a password" in page.text
    assert "Ivy" not in page.text
    assert choose(client, PASSWORD).status_code == 422
    assert "Choose another" in choose(client, PASSWORD).text
    assert "at least 15 characters" in choose(client, "short but odd7").text
    answer = choose(client, NEW_PASSWORD)
    assert answer.headers["Location"].startswith("/staff/second-step")
    assert client.get("/staff/").headers["Location"] == "/staff/second-step"
    assert audited(desk)[-1] == "password_changed"
    stranger = desk.app.test_client()
    assert stranger.post("/staff/sign-in", data=desk.sign_in_form(stranger, "front", PASSWORD)).status_code == 401


def test_whoever_has_a_second_step_takes_it_before_they_replace_a_password_that_was_given_out(database):
    desk = Desk(database, rehearsal=False)
    front = desk.has_staff("front")
    _client, secret, _codes = desk.with_second_step("front")
    with desk.db.write() as db:
        members.set_password(db, front, password_hash(), desk.at)
    desk.at += timedelta(minutes=1)
    client = desk.signed_in("front")
    code = client.get("/staff/password")
    assert code.headers["Location"] == "/staff/sign-in/code"
    token = csrf_in(client.get("/staff/sign-in/code"))
    refused = client.post("/staff/password", data={"csrf": token, "new": NEW_PASSWORD})
    assert refused.headers["Location"] == "/staff/sign-in/code"
    client.post("/staff/sign-in/code", data=code_form(client, desk.code_of(secret), "/staff/account"))
    assert client.get("/staff/account").headers["Location"] == "/staff/password"
    assert "Sign out" in client.get("/staff/password").text
    assert ">Trail<" not in client.get("/staff/password").text
    desk.at += IDLE
    assert "Locked" in client.get("/staff/password").text
    client.post("/staff/unlock", data={"csrf": csrf_in(client.get("/staff/password")), "secret": PASSWORD})
    assert choose(client, NEW_PASSWORD, next="/staff/account").headers["Location"] == "/staff/account"
    assert client.get("/staff/").status_code == 200
    assert client.get("/staff/password").headers["Location"] == "/staff/account"


def test_in_a_rehearsal_a_password_that_was_given_out_may_stay_but_is_spoken_of(desk):
    desk.has_staff("front", given_out=True)
    client = desk.signed_in("front")
    assert "Somebody else has made your password." in client.get("/staff/").text
    send(client, "/staff/account/password", password=PASSWORD, new=NEW_PASSWORD)
    assert "Somebody else has made" not in client.get("/staff/").text


def need_of_route(desk, endpoint):
    with desk.app.app_context():
        return need_of(endpoint)


def test_in_a_rehearsal_the_second_step_may_wait_but_is_asked_for(desk, front):
    assert "Your password alone opens this console." in front.get("/staff/").text
    assert "it can wait" in front.get("/staff/second-step").text
    picture = front.get("/staff/second-step/qr.svg")
    assert picture.content_type == "image/svg+xml"
    assert "<svg" in picture.text
    client, _secret, _codes = desk.with_second_step("front")
    assert "Your password alone" not in client.get("/staff/").text


def test_the_password_alone_opens_nothing_once_the_second_step_is_set_up(desk):
    desk.has_staff("front")
    desk.has_request(name="Ivy Chen")
    _client, secret, _codes = desk.with_second_step("front")
    desk.at += timedelta(minutes=1)
    client = desk.signed_in("front")
    assert client.get("/staff/requests/1").headers["Location"] == "/staff/sign-in/code"
    half = client.get_cookie("session").value
    answer = client.post("/staff/sign-in/code", data=code_form(client, desk.code_of(secret), "/staff/requests/1"))
    assert answer.headers["Location"] == "/staff/requests/1"
    assert "Ivy Chen" in client.get("/staff/requests/1").text
    assert client.get_cookie("session").value != half
    with desk.db.read() as db:
        assert members.find_session(db, half, desk.at) is None


def test_a_new_sign_in_ends_the_session_that_the_browser_had(desk):
    desk.has_staff("front")
    client, _secret, _codes = desk.with_second_step("front")
    before = client.get_cookie("session").value
    client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD))
    assert client.get_cookie("session").value != before
    with desk.db.read() as db:
        assert members.find_session(db, before, desk.at) is None


def code_form(client, code, onward=""):
    return {"csrf": csrf_in(client.get("/staff/sign-in/code")), "code": code, "next": onward}


def test_a_code_counts_once_however_soon_it_is_used_again(desk):
    desk.has_staff("front")
    _client, secret, _codes = desk.with_second_step("front")
    assert use_code(desk, desk.code_of(secret)) == 401  # it was used to set up the app
    desk.at += timedelta(seconds=30)
    code = desk.code_of(secret)
    assert use_code(desk, code) == 303
    assert use_code(desk, code) == 401
    desk.at += timedelta(seconds=30)
    assert use_code(desk, code) == 401
    assert use_code(desk, desk.code_of(secret)) == 303


def use_code(desk, code):
    client = desk.signed_in("front")
    return client.post("/staff/sign-in/code", data=code_form(client, code)).status_code


@pytest.mark.parametrize("code", ["", "000", "abcdef", "１２３４５６", "\x00", "' OR 1=1", "9" * 5000])
def test_what_is_no_code_does_not_let_in(desk, code):
    desk.has_staff("front")
    desk.with_second_step("front")
    assert use_code(desk, code) == 401


@pytest.mark.parametrize(("steps", "lets_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False), (40, False)])
def test_a_code_is_good_for_one_step_either_side(desk, steps, lets_in):
    """ASVS 6.5.5: clocks differ a little, and whoever read a code over a shoulder has half a minute."""
    desk.has_staff("front")
    _client, secret, _codes = desk.with_second_step("front")
    desk.at += timedelta(minutes=5)
    code = desk.code_of(secret)
    desk.at -= timedelta(seconds=30) * steps
    assert (use_code(desk, code) == 303) is lets_in


def test_codes_are_not_tried_out(desk):
    desk.has_staff("front")
    _client, secret, _codes = desk.with_second_step("front")
    desk.at += timedelta(minutes=1)
    client = desk.signed_in("front")
    for _ in range(MOST_GUESSES):
        client.post("/staff/sign-in/code", data=code_form(client, "000000"))
    assert client.post("/staff/sign-in/code", data=code_form(client, desk.code_of(secret))).status_code == 429


def test_the_first_code_of_an_app_is_not_tried_out_either(desk, front):
    page = front.get("/staff/second-step")
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    form = {"csrf": csrf_in(page)}
    for _ in range(MOST_GUESSES):
        assert front.post("/staff/second-step", data=form | {"code": "000000"}).status_code == 401
    answer = front.post("/staff/second-step", data=form | {"code": desk.code_of(secret)})
    assert (answer.status_code, "Too many" in answer.text) == (401, True)
    with desk.db.read() as db:
        assert not members.by_login(db, "front").has_second_step


def test_a_recovery_code_lets_in_once_and_is_kept_as_a_hash(desk):
    desk.has_staff("front")
    _client, _secret, codes = desk.with_second_step("front")
    assert not {row.code_hash for row in rows_of(desk, recovery_codes)} & set(codes)
    assert use_code(desk, codes[3].upper().replace("-", " ")) == 303
    assert use_code(desk, codes[3]) == 401
    assert use_code(desk, codes[4]) == 303


def test_new_recovery_codes_need_the_password_and_end_the_old_ones(desk):
    desk.has_staff("front")
    client, _secret, old = desk.with_second_step("front")
    assert send(client, "/staff/account/recovery-codes", password="wrong").status_code == 422
    answer = send(client, "/staff/account/recovery-codes", password=PASSWORD)
    new = re.findall(r"<li>([a-z0-9-]{14})</li>", answer.text)
    assert use_code(desk, old[0]) == 401
    assert use_code(desk, new[0]) == 303


def test_the_secret_of_an_app_is_encrypted_and_offered_only_until_it_is_confirmed(desk):
    desk.has_staff("front")
    client, secret, _codes = desk.with_second_step("front")
    with desk.db.read() as db:
        [stored] = db.exec_driver_sql("SELECT totp_secret FROM staff").scalars()
    assert secret.encode() not in bytes(stored)
    assert client.get("/staff/second-step/qr.svg").status_code == 404
    assert client.get("/staff/second-step").headers["Location"] == "/staff/account"


def test_strangers_who_guess_do_not_lock_out_who_has_signed_in_from_this_device_before(desk):
    desk.has_staff("front")
    own = desk.signed_in("front")
    send(own, "/staff/sign-out")
    stranger = desk.app.test_client()
    for _ in range(MOST_GUESSES):
        stranger.post("/staff/sign-in", data=desk.sign_in_form(stranger, "front", "wrong"))
    right = [c.post("/staff/sign-in", data=desk.sign_in_form(c, "front", PASSWORD)) for c in (stranger, own)]
    assert [answer.status_code for answer in right] == [429, 303]


def guesses_at(desk, client, logins, address="198.51.100.7"):
    """Wrong passwords for these logins from one address; the codes of the answers."""
    csrf = csrf_in(client.get("/staff/sign-in"))
    place = {"REMOTE_ADDR": address}
    return [
        client.post(
            "/staff/sign-in", data={"csrf": csrf, "login": login, "password": "wrong"}, environ_overrides=place
        ).status_code
        for login in logins
    ]


def test_guesses_are_counted_by_the_account_however_its_login_is_typed(desk):
    """A NUL in the login was another counter, and the same account."""
    desk.has_staff("boss")
    typed = [f"bo{chr(0) * number}ss" for number in range(MOST_GUESSES)]
    answers = guesses_at(desk, desk.app.test_client(), [*typed, "BOSS", "boss"])
    assert answers == [401] * MOST_GUESSES + [429, 429]


def test_nothing_that_a_stranger_types_locks_anybody_out_of_another_purpose(desk, front):
    """`front|account` as a login used up the guesses of the account page."""
    for purpose in ("account", "unlock", "code", "enrol"):
        guesses_at(desk, desk.app.test_client(), [f"front|{purpose}"] * MOST_GUESSES)
    answer = send(front, "/staff/account/password", password=PASSWORD, new=NEW_PASSWORD)
    assert answer.status_code == 303


def test_guesses_side_by_side_count_before_any_of_them_is_checked(desk, monkeypatch):
    desk.has_staff("front")
    begun, answers = [], []

    def checks_slowly(*_):
        """While one is looked at, the next comes."""
        begun.append(1)
        if len(begun) < 2 * MOST_GUESSES:
            answers.extend(guesses_at(desk, desk.app.test_client(), ["front"]))
        return False

    monkeypatch.setattr("staff.signing_in.login.is_right", checks_slowly)
    answers.extend(guesses_at(desk, desk.app.test_client(), ["front"]))
    assert answers == [429] + [401] * MOST_GUESSES


def test_guesses_from_one_address_are_counted_together_whatever_the_login(desk):
    names = (f"somebody{number}" for number in range(MOST_GUESSES_OF_ADDRESS + 1))
    answers = guesses_at(desk, desk.app.test_client(), names)
    assert answers == [401] * MOST_GUESSES_OF_ADDRESS + [429]
    assert guesses_at(desk, desk.app.test_client(), ["somebody"], "198.51.100.8") == [401]


def test_strangers_from_everywhere_are_counted_together_and_who_is_known_gets_in(desk, monkeypatch):
    monkeypatch.setattr("staff.signing_in.guesses.MOST_GUESSES_OF_STRANGERS", 12)
    desk.has_staff("front")
    own = desk.signed_in("front")
    stranger = desk.app.test_client()
    answers = [guesses_at(desk, stranger, [f"n{place}"], f"198.51.100.{place}")[0] for place in range(13)]
    assert answers == [401] * 12 + [429]
    answer = own.post("/staff/sign-in", data=desk.sign_in_form(own, "front", PASSWORD))
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("near", "passed_on", "counted"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.1, 203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_the_one_that_the_proxy_beside_us_has_added(desk, near, passed_on, counted):
    headers = {"X-Forwarded-For": passed_on} if passed_on else {}
    with desk.app.test_request_context("/", headers=headers, environ_overrides={"REMOTE_ADDR": near}):
        assert guesses.address() == counted


def test_a_first_password_runs_out_after_three_days(database):
    desk = Desk(database, rehearsal=False)
    desk.has_staff("front", given_out=True)

    def answer():
        client = desk.app.test_client()
        form = desk.sign_in_form(client, "front", PASSWORD)
        return client.post("/staff/sign-in", data=form)

    desk.at += timedelta(hours=71)
    assert answer().status_code == 303
    desk.at += timedelta(hours=1)
    late = answer()
    assert (late.status_code, "Ask an admin for a new one" in late.text) == (401, True)
    assert "first_password_ran_out" in audited(desk)


def test_a_password_of_another_cost_is_hashed_anew_when_it_is_given(desk, monkeypatch):
    desk.has_staff("front")
    dear = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", dear)
    desk.signed_in("front")
    with desk.db.read() as db:
        assert not dear.check_needs_rehash(members.password_hash_of(db, "front")[1])


def test_one_session_is_told_from_another_and_ended_by_itself(desk, front):
    """ASVS 7.5.2."""
    phone = desk.app.test_client()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
    phone.post("/staff/sign-in", data=desk.sign_in_form(phone, "front", PASSWORD), headers={"User-Agent": agent})
    page = front.get("/staff/account").text
    assert "Safari on iPhone" in page
    assert page.count("This one") == 1
    [ending] = re.findall(r'action="(/staff/account/sessions/[0-9a-f]{16})"', page)
    desk.has_staff("other")
    send(desk.signed_in("other"), ending)
    assert phone.get("/staff/").status_code == 200, "it is not theirs to end"
    send(front, ending)
    assert (phone.get("/staff/").status_code, front.get("/staff/").status_code) == (303, 200)


def test_a_device_cookie_of_ones_own_making_is_worth_nothing(desk):
    desk.has_staff("front")
    own = desk.signed_in("front")
    [known] = [cookie for cookie in own._cookies.values() if cookie.key.startswith("device-")]
    stranger = desk.app.test_client()
    for guess in range(MOST_GUESSES + 1):
        stranger.set_cookie(known.key, f"{guess}.{known.value.split('.')[1]}")
        answer = stranger.post("/staff/sign-in", data=desk.sign_in_form(stranger, "front", "wrong"))
    assert answer.status_code == 429


def test_a_new_password_ends_every_other_session(desk, front):
    elsewhere = desk.signed_in("front")
    before = front.get_cookie("session").value
    answer = send(front, "/staff/account/password", password=PASSWORD, new=NEW_PASSWORD)
    assert answer.status_code == 303
    assert elsewhere.get("/staff/").status_code == 303
    assert front.get("/staff/").status_code == 200
    assert front.get_cookie("session").value != before
    client = desk.app.test_client()
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", PASSWORD)).status_code == 401
    assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", NEW_PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    ("password", "new", "words"),
    [
        ("wrong", NEW_PASSWORD, "present password is not right"),
        (PASSWORD, "short but odd7", "at least 15 characters"),
        (PASSWORD, "passwordpassword1", "easy to guess"),
        (PASSWORD, "aaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        (PASSWORD, "qwertyuiopasdfghjkl", "easy to guess"),
        (PASSWORD, "rosadelgadofront1", "easy to guess"),
        (PASSWORD, "resetrestoreresetrestore", "easy to guess"),
        (PASSWORD, "ketamine clinic", "easy to guess"),
        (PASSWORD, "Reset Restore MD 2026", "easy to guess"),
        (PASSWORD, "K3tam1ne Cl1nic 2026!", "easy to guess"),
        (PASSWORD, "depression nurse front desk", "easy to guess"),
        (PASSWORD, "long " * 60, "longer than 256"),
    ],
)
def test_a_password_that_is_easily_found_is_not_taken(desk, front, password, new, words):
    before = rows_of(desk, staff_table)
    answer = send(front, "/staff/account/password", password=password, new=new)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows_of(desk, staff_table) == before


@pytest.mark.parametrize("new", [NEW_PASSWORD, "x7 " + "ñ✓ marble " * 20, "correct-turnip-9-ladder-violin"])
def test_long_passwords_of_any_letters_are_taken(new):
    assert weakness(new, ["front", "Rosa"]) is None


def test_the_whole_of_a_long_password_counts(desk, front):
    """ASVS 6.2.9: what is cut short is found sooner."""
    long = "walnut harbour tricycle 9 moss " * 8
    send(front, "/staff/account/password", password=PASSWORD, new=long)
    client = desk.app.test_client()
    for given, status in ((long[:-2], 401), (long, 303)):
        assert client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", given)).status_code == status


def test_a_stolen_database_gives_its_passwords_away_slowly():
    """At least what OWASP asks of Argon2id: 19 MiB, two passes."""
    hasher = runpy.run_path(passwords.__file__)["_hasher"]  # tests themselves use a cheaper one
    assert hasher.type is Type.ID
    assert hasher.memory_cost >= 19 * 1024
    assert hasher.time_cost >= 2
    assert hasher.parallelism == 1, "one check takes one core, not four"


def test_passwords_are_checked_one_at_a_time_behind_everything_else(monkeypatch):
    """Strangers who try them take from nobody who answers patients."""
    at_once, most, priorities = [], [], []

    def check(*_):
        at_once.append(1)
        most.append(len(at_once))
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        threading.Event().wait(0.01)
        at_once.pop()
        return False

    monkeypatch.setattr(passwords, "_check", check)
    monkeypatch.setattr(passwords, "_one_at_a_time", runpy.run_path(passwords.__file__)["_one_at_a_time"])
    with ThreadPoolExecutor(8) as strangers:
        list(strangers.map(lambda _: passwords.is_right("wrong", None), range(16)))
    assert max(most) == 1
    assert min(priorities) >= passwords.LAST_IN_LINE


def test_passwords_that_are_made_are_random():
    """ASVS 6.3.2: no account begins with a password that anybody knows. 16 letters of 31 are 79 bits."""
    made = {passwords.made()[0] for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(rf"([{passwords.PLAIN}]{{4}}-){{3}}[{passwords.PLAIN}]{{4}}", one) for one in made)


def test_one_signs_out_everywhere_else(desk, front):
    elsewhere = desk.signed_in("front")
    assert front.get("/staff/account").text.count("last used") == 2
    send(front, "/staff/account/sessions")
    assert elsewhere.get("/staff/").status_code == 303
    assert front.get("/staff/account").text.count("last used") == 1


def test_failed_sign_ins_are_written_down(desk):
    desk.has_staff("front")
    client = desk.app.test_client()
    client.post("/staff/sign-in", data=desk.sign_in_form(client, "front", "wrong"))
    assert audited(desk) == ["sign_in_failed"]


def test_what_a_search_found_is_locked_too_and_unlocks_to_the_queue(desk, front):
    assert front.get("/staff/locked/watch").status_code == 204
    desk.at += IDLE
    place = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/staff/search"}
    answer = front.get("/staff/locked/watch", headers=place)
    assert answer.headers["HX-Retarget"] == "#main"
    assert 'name="next" value="/staff/"' in answer.text
