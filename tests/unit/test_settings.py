"""A wrong setting stops the start with one sentence that says which, why and what to write instead."""

import re
import runpy
import stat
import subprocess
import sys
import tomllib
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from tests.console_desk import Desk
from triage.environment import Environment, read_environment
from triage.errors import WrongSetting
from triage.model.member import Role
from triage.policy import Section
from triage.settings import ROOT, Clinic, read_clinic

GIVEN = {
    "DATABASE_URL": "postgresql://clinic@db.example.org/clinic",
    "PUBLIC_BASE_URL": "https://line.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "SECRET_KEY": "s" * 40,
    "DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "PHONE_HASH_KEY": "h" * 40,
}
NAMES = tuple(name.upper() for name in Environment.model_fields)


@pytest.fixture
def environ(monkeypatch):
    """Sets exactly these variables and no other of ours."""

    def put(**values):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


def clinic_file(tmp_path, **changes):
    text = (ROOT / "clinic.toml").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "clinic.toml"
    path.write_text(text)
    return path


def test_the_embedded_default_makes_its_secrets_once_and_keeps_them_to_itself(environ, tmp_path):
    environ()
    first = read_environment(tmp_path / "instance")
    again = read_environment(tmp_path / "instance")
    assert first == again
    made = tmp_path / "instance" / "made.env"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert first.database_url.startswith("sqlite:///")
    assert first.rehearsal
    assert first.misplaced() == ""


def test_with_a_twilio_account_the_embedded_database_keeps_its_own_secrets_only(environ, tmp_path):
    environ(**{name: GIVEN[name] for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_BASE_URL")})
    environment = read_environment(tmp_path / "instance")
    assert environment.twilio_auth_token == GIVEN["TWILIO_AUTH_TOKEN"]
    assert environment.twilio_api_base_url == ""
    assert not environment.rehearsal


def test_a_given_database_goes_through_psycopg(environ, tmp_path):
    environ(**GIVEN)
    assert read_environment(tmp_path).database_url == "postgresql+psycopg://clinic@db.example.org/clinic"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Environment: SECRET_KEY: it is missing: give it a value."),
        ({"DATABASE_URL": "mysql://x/y"}, "Environment: DATABASE_URL: write sqlite:///path/to/file.db or "),
        ({"DATA_KEYS": "short"}, "Environment: DATA_KEYS: write keys made by `flask new-key`"),
        ({"PUBLIC_BASE_URL": "line.example.org"}, "Environment: PUBLIC_BASE_URL: write an address such as https://"),
        ({"TWILIO_API_KEY": "SK1"}, "Environment: TWILIO_API_KEY and TWILIO_API_SECRET go together"),
        ({"PORT": "eighty"}, "Environment: PORT: "),
        ({"TWILIO_ACCOUNT_SID": "nonsense"}, "Environment: TWILIO_ACCOUNT_SID: "),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_variable_is_one_clear_sentence(environ, tmp_path, change, sentence):
    environ(**{name: value for name, value in (GIVEN | change).items() if value})
    with pytest.raises(WrongSetting) as wrong:
        read_environment(tmp_path)
    assert str(wrong.value).lower().startswith(sentence.lower())
    assert "\n" not in str(wrong.value)
    assert not any(secret in str(wrong.value) for secret in ("s" * 40, "h" * 40))


LOCAL = {
    "REHEARSAL": "1", "PUBLIC_BASE_URL": "http://127.0.0.1:8000", "TWILIO_API_BASE_URL": "http://localhost:8001",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"PUBLIC_BASE_URL": "http://line.example.org"}, "PUBLIC_BASE_URL: write the https address"),
        ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL: write the https address"),
        ({"TWILIO_API_BASE_URL": "http://127.0.0.1:8001"}, "TWILIO_API_BASE_URL: the local phone takes Twilio's place"),
        (LOCAL | {"PUBLIC_BASE_URL": "https://line.example.org"}, "PUBLIC_BASE_URL: a rehearsal is for this machine"),
        (LOCAL | {"HOST": "0.0.0.0"}, "HOST: a rehearsal is for this machine alone"),
        (LOCAL | {"TWILIO_API_BASE_URL": ""}, "TWILIO_API_BASE_URL: a rehearsal calls nobody"),
    ],
)
def test_only_a_rehearsal_is_local_and_nothing_else_goes_without_https(environ, tmp_path, change, sentence):
    """A URL decided it before: http on a public host let everybody put off the second step."""
    environ(**{name: value for name, value in (GIVEN | change).items() if value})
    with pytest.raises(WrongSetting) as wrong:
        read_environment(tmp_path)
    assert str(wrong.value).startswith(f"Environment: {sentence}")
    assert "\n" not in str(wrong.value)


def test_a_rehearsal_with_everything_local_starts(environ, tmp_path):
    environ(**GIVEN | LOCAL)
    assert read_environment(tmp_path).rehearsal


def test_a_console_that_a_rehearsal_left_to_passwords_is_not_served(sqlite_database, monkeypatch):
    monkeypatch.setattr("triage.understanding.warm", lambda: None)
    when_ready = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["when_ready"]
    desk = Desk(sqlite_database, rehearsal=False)
    server = SimpleNamespace(app=SimpleNamespace(wsgi=lambda: desk.app))
    when_ready(server)
    desk.has_staff("new", Role.ADMIN, given_out=True)
    when_ready(server)
    desk.has_staff("front", Role.ADMIN)
    with pytest.raises(SystemExit, match=r"\(front\) has a second step"):
        when_ready(server)
    when_ready(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: Desk(sqlite_database).app)))
    desk.with_second_step("front")
    when_ready(server)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('zone = "America/Phoenix"', 'zone = "Phoenix"', "clinic.toml: zone: write a zone of the tz database"),
        ('numbers = ["+16025550100"]', 'numbers = ["6025550100"]', "clinic.toml: numbers: write each number in E.164"),
        ('friday = ["09:00-17:00"]', 'friday = ["9-5"]', "clinic.toml: hours.friday.0: write hours as '09:00-17:00'"),
        ('friday = ["09:00-17:00"]', 'friday = ["17:00-09:00"]', "clinic.toml: hours: the first time must be before"),
        ('sender_name = "Reset Restore"', 'sender_name = "Ketamine Clinic"', "clinic.toml: sender_name names a treat"),
        ('lead = "lead"', 'leader = "lead"', "clinic.toml: "),
        ("urgent_minutes = 30", "urgent_minutes = 0", "clinic.toml: promises.urgent_minutes: "),
        ("[hours]", "[hours", "clinic.toml: it is not valid TOML"),
    ],
)
def test_a_wrong_line_of_the_clinics_file_is_one_clear_sentence(tmp_path, old, new, sentence):
    with pytest.raises(WrongSetting) as wrong:
        read_clinic(clinic_file(tmp_path, **{old: new}))
    assert str(wrong.value).startswith(sentence)


def test_a_missing_clinic_file_says_how_to_point_to_it(tmp_path):
    with pytest.raises(WrongSetting, match="set CLINIC_FILE"):
        read_clinic(tmp_path / "nowhere.toml")


def test_an_hour_without_a_crisis_contact_is_named(tmp_path):
    clinic = read_clinic(clinic_file(tmp_path, **{'hours = "00:00-24:00"': 'hours = "04:00-03:00"'}))
    assert clinic.hours_without_crisis_contact()[0] == "Monday 03:00"
    assert len(clinic.hours_without_crisis_contact()) == 7
    at_three = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("America/Phoenix"))
    assert clinic.in_crisis(at_three) == ()
    assert clinic.in_crisis(at_three.replace(hour=2)) == ("front",)


def test_the_file_that_ships_is_complete():
    clinic = read_clinic(ROOT / "clinic.toml")
    assert clinic.hours_without_crisis_contact() == []
    assert clinic.logins() == {"front", "lead"}


def test_every_variable_that_the_code_reads_is_told_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in NAMES if name not in readme] == []


def test_nothing_but_the_environment_and_the_instance_folder_holds_a_secret():
    tracked = tomllib.loads((ROOT / "clinic.toml").read_text("utf-8"))
    assert not any("token" in key or "secret" in key or "key" in key for key in tracked)
    assert "instance/" in (ROOT / ".gitignore").read_text().split()


SECTIONS = {
    name: field.annotation
    for name, field in Clinic.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
NUMBERS = [
    (section, name, field)
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if field.annotation is int
]


def test_the_file_that_ships_states_every_number_as_it_is_without_it():
    written = tomllib.loads((ROOT / "clinic.toml").read_text("utf-8"))
    for section, model in SECTIONS.items():
        assert written[section].keys() == model.model_fields.keys(), section
        assert model.model_validate(written[section]) == model(), section


@pytest.mark.parametrize(("section", "name", "field"), NUMBERS, ids=[f"{one[0]}.{one[1]}" for one in NUMBERS])
def test_a_number_out_of_its_bounds_is_one_clear_sentence(tmp_path, section, name, field):
    bounds = {type(bound).__name__: bound for bound in field.metadata}
    for bound, wrong in ((bounds["Ge"].ge, -1), *(((bounds["Le"].le, 1),) if "Le" in bounds else ())):
        line = f"{name} = {field.default}"
        path = clinic_file(tmp_path, **{line: f"{name} = {bound + wrong}"})
        with pytest.raises(WrongSetting) as refused:
            read_clinic(path)
        assert str(refused.value).startswith(f"clinic.toml: {section}.{name}: ")
        assert str(bound) in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hours = "09:00-20:00"', 'hours = "07:00-20:00"', "from 08:00 to 21:00 at the most"),
        ('hours = "09:00-20:00"', 'hours = "09:00-22:00"', "from 08:00 to 21:00 at the most"),
        ('afternoon = "12:00-17:00"', 'afternoon = "11:00-17:00"', "may not overlap"),
        ('evening = "17:00-20:00"', 'evening = "20:00-17:00"', "the first time must be before the second"),
        ("crisis_slower_round_minutes = 10", "crisis_slower_round_minutes = 2", "later rounds come no faster"),
        ("draft_minutes = 30", "draft_minuets = 30", "draft_minuets"),
        ('morning = "09:00-12:00"', 'morning = "9 to 12"', "write hours as '09:00-17:00'"),
    ],
)
def test_hours_and_numbers_that_contradict_each_other_are_refused(tmp_path, old, new, says):
    with pytest.raises(WrongSetting, match=re.escape(says)) as refused:
        read_clinic(clinic_file(tmp_path, **{old: new}))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("triage.conversation.respond", "sqlalchemy"),
        ("triage.conversation.respond", "triage.store"),
        ("triage.settings", "triage.reading"),
        ("triage.settings", "sqlalchemy"),
        ("triage.runtime", "flask"),
        ("triage.runtime", "twilio"),
    ],
)
def test_a_module_loads_only_what_its_layer_may_know(module, unwanted):
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert not [name for name in told.stdout.split() if name == unwanted or name.startswith(f"{unwanted}.")]
