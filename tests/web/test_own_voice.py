"""The clinic's own recordings are played in place of our voice; what is missing is spoken."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from app import create_app
from tests.builders import a_clinic, an_environment, local
from tests.calls import phone_beside
from tests.fakes import SetClock
from tests.phone_line import ACCOUNT, CLINIC, TOKEN
from webhooks import own_voice


@pytest.fixture
def clinic(database, tmp_path):
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "rough-cut.mp3").write_bytes(b"ID3 not for patients")
    (tmp_path / "clinic.toml").write_text("who is on duty")
    (tmp_path / "sounds" / "voicemail-en.mp3").write_bytes(b"ID3 a voice")
    (tmp_path / "sounds" / "welcome-en.mp3").write_bytes(b"ID3 a greeting")
    environment = an_environment(
        database_url=database.url.render_as_string(hide_password=False),
        public_base_url="http://127.0.0.1:8000",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        clinic_file=tmp_path / "clinic.toml",
    )
    own = {"en": {"welcome": "welcome-en.mp3", "voicemail": "voicemail-en.mp3", "menu": "missing.mp3"}}
    app = create_app(environment, a_clinic(numbers=[CLINIC], own_voice=own), SetClock(local("2026-11-23 09:30")))
    yield app
    app.extensions["runtime"].db.close()


def test_a_recording_is_played_and_a_missing_one_is_spoken(clinic):
    call = phone_beside(clinic).calls("+16025550134")
    call.hears("To have our team call you")
    assert "In an emergency" not in call.heard, "the greeting is the clinic's own"
    call.presses("3")
    assert "After the tone" not in call.heard
    assert call.waits_for == "record"
    fetched = clinic.test_client().get("/webhooks/sounds/en/voicemail")
    assert (fetched.status_code, fetched.data) == (200, b"ID3 a voice")


NOT_SERVED = ["en/menu", "es/voicemail", "en/..%2Fclinic.toml", "en/clinic.toml", "en/rough-cut.mp3", "fr/voicemail"]


@pytest.mark.parametrize("path", [*NOT_SERVED, "en/nothing"])
def test_nothing_but_a_recording_is_served(clinic, path):
    assert clinic.test_client().get(f"/webhooks/sounds/{path}").status_code == 404


@pytest.mark.parametrize(
    "own", [{"en": {"alarm/crisis": "a.mp3"}}, {"en": {"menu": "../a.mp3"}}, {"en": {"menu": "a"}}]
)
def test_only_what_holds_nothing_of_the_caller_may_be_recorded(own):
    with pytest.raises(ValidationError):
        a_clinic(own_voice=own)


def test_without_recordings_nothing_is_looked_for(clinic):
    parts = SimpleNamespace(environment=clinic.extensions["runtime"].environment, clinic=a_clinic())
    assert own_voice.recorded(parts) == {}
