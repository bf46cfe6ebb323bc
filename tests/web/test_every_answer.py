"""What every answer says to browsers, whoever gives it: ASVS 3.4.1, 3.4.3, 3.4.4, 3.4.6, 3.7.2."""

import pytest

from app import create_app
from phone import PhoneConfig, create_phone
from tests.builders import a_clinic, an_environment

PUBLIC = "https://line.example.org"


@pytest.fixture
def client(sqlite_database):
    url = sqlite_database.url.render_as_string(hide_password=False)
    return create_app(an_environment(database_url=url, public_base_url=PUBLIC), a_clinic()).test_client()


ANSWERS = [
    ("GET", "/"), ("GET", "/staff"), ("GET", "/staff/"), ("GET", "/staff/sign-in"), ("GET", "/nothing"),
    ("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/metrics"), ("POST", "/webhooks/sms"),
    ("POST", "/webhooks/voice"), ("PUT", "/webhooks/sms"), ("GET", "/webhooks/sounds/en/none"),
    ("GET", "/staff/static/console.css"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_every_answer_is_guarded(client, method, path):
    answer = client.open(path, method=method)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


SOURCES = [
    "app.py", "clinic.toml", ".git/config", "instance/made.env", "instance/clinic.db", "gunicorn.conf.py",
    "static/app.py", "static/../app.py", "staff/static/../desk.py", "staff/static/..%2fdesk.py",
    "staff/static/%2e%2e/desk.py", "staff/static//etc/passwd", "staff/static/vendor", "staff/static/",
    "staff/static/desk.py", "staff/static/signing_in/obvious_words.txt", "staff/static/staff/desk.py",
    "webhooks/sounds/en/../../clinic.toml",
    "staff/desk.py", "templates/staff/base.html", "console", "staff/static/lock.js.map",
]  # fmt: skip


@pytest.mark.parametrize("path", SOURCES)
def test_no_source_no_setting_and_no_listing_is_served(client, path):
    """ASVS 13.4.1: of files only those of the pages, by their names."""
    assert client.get(f"/{path}", follow_redirects=False).status_code in (303, 404), path


def test_no_setting_of_the_machine_switches_the_debugger_on(sqlite_database, monkeypatch):
    """ASVS 13.4.2: it would show what failed, with the words of whoever wrote."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    url = sqlite_database.url.render_as_string(hide_password=False)
    app = create_app(an_environment(database_url=url), a_clinic())
    assert not app.debug
    app.view_functions["probes.live"] = lambda: [][0]
    answer = app.test_client().get("/health/live")
    assert (answer.status_code, "IndexError" in answer.text) == (500, False)


@pytest.mark.parametrize("path", ["/", "/staff", "/staff/", "//staff//requests/1", "//evil.example.org/staff"])
@pytest.mark.parametrize("host", ["evil.example.org", "line.example.org"])
def test_no_redirect_names_a_host(client, path, host):
    """A made-up Host would otherwise be where a redirect leads to."""
    answer = client.get(path, headers={"Host": host})
    to = answer.headers.get("Location", "/")
    assert to.startswith("/")
    assert not to.startswith("//")
    assert "example" not in to.partition("?")[0] or path.startswith("//evil")


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8000", 200), ("localhost", 200), ("evil.example.org", 403)])
def test_a_rehearsal_answers_under_the_names_of_this_machine_alone(sqlite_database, host, status):
    url = sqlite_database.url.render_as_string(hide_password=False)
    app = create_app(an_environment(database_url=url, rehearsal=True), a_clinic())
    assert app.test_client().get("/health/live", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8001", 200), ("[::1]:8001", 200), ("evil.example.org", 403)])
def test_the_local_phone_answers_under_the_names_of_this_machine_alone(host, status):
    phone = create_phone(PhoneConfig("AC" + "0" * 32, "token"))
    assert phone.test_client().get("/", headers={"Host": host}).status_code == status
