"""`flask drill outage`: on the local phone it turns the line away and back; on a real account it only tells."""

import json

import pytest

from commands import drill
from tests.builders import a_clinic
from tests.phone_line import ACCOUNT, CLINIC, TOKEN, running_phone
from tests.web.test_commands import app_on, run
from triage.intake import voicemail
from triage.model.message import Channel, Inbound


@pytest.fixture
def phone():
    with running_phone("https://line.example.org") as phone:
        yield phone


@pytest.fixture
def app(database, phone):
    return app_on(
        database, twilio_api_base_url=phone.url, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, rehearsal=True
    )


def steps(printed):
    """The marks and the steps that were printed, without what was found."""
    return [(line.split(None, 1)[0], line.split(None, 1)[1].split(":")[0]) for line in printed.splitlines()]


WENT_WELL = [
    ("ok", "the line asks nobody, as if the program were down"),
    ("ok", "a text is answered with 988 and 911"),
    ("ok", "a call hears 988 and 911"),
    ("ok", "the caller can leave a message"),
    ("ok", "the line asks this program again"),
    ("ok", "kept by the provider"),
]


def test_what_nobody_fetches_fails_the_drill(app, phone):
    printed, code = run(app, "drill", "outage", "--wait", "0")
    assert steps(printed) == [*WENT_WELL, ("FAILED", "fetched")]
    assert "kept by the provider: 1 texts, 1 calls" in printed
    assert "fetched: 0 texts, 0 calls" in printed
    assert code == 1


def test_what_comes_in_once_the_program_is_back_passes_the_drill(app, phone, monkeypatch):
    line, client = app.extensions["runtime"], phone.client()

    def the_program_fetches(_seconds):
        for text in client.messages.list(to=CLINIC):
            inbound = Inbound(f"in:{text.sid}", Channel.SMS, text.from_, text.to, text.body, line.now())
            line.intake.take(inbound)
        for left in client.recordings.list():
            caller = client.calls(left.call_sid).fetch()._from
            voicemail.reported(line.intake, left.sid, left.call_sid, int(left.duration), line.now(), caller)

    monkeypatch.setattr(drill.time, "sleep", the_program_fetches)
    printed, code = run(app, "drill", "outage")
    assert steps(printed) == [*WENT_WELL, ("ok", "fetched")]
    assert (code, "fetched: 1 texts, 1 calls" in printed) == (0, True)
    assert [row["phone"] for row in json.loads(run(app, "queue", "--json")[0])] == [drill.PATIENT]


def test_the_lines_addresses_are_put_back_whatever_happens(app, phone, monkeypatch):
    (before,) = phone.client().incoming_phone_numbers.list()

    def breaks(_phone):
        raise RuntimeError("in the middle of it")

    monkeypatch.setattr(drill, "_text", breaks)
    with pytest.raises(RuntimeError):
        run(app, "drill", "outage")
    (after,) = phone.client().incoming_phone_numbers.list()
    names = ("sms_url", "voice_url", "status_callback", "sms_fallback_url", "voice_fallback_url")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]


def test_words_without_help_fail_the_drill(app, phone, monkeypatch):
    line = app.extensions["runtime"]
    object.__setattr__(line, "clinic", a_clinic(sms_fallback_url=drill.NOWHERE, voice_fallback_url=drill.NOWHERE))
    printed, code = run(app, "drill", "outage", "--wait", "0")
    assert [step for step in steps(printed) if step[0] == "FAILED"] == [
        ("FAILED", "a text is answered with 988 and 911"),
        ("FAILED", "a call hears 988 and 911"),
        ("FAILED", "the caller can leave a message"),
        ("FAILED", "fetched"),
    ]
    assert code == 1


def test_on_a_real_account_nothing_is_turned_away_and_the_steps_are_told(database):
    printed, code = run(app_on(database), "drill", "outage")
    assert "FAILED  sms_fallback_url answers with 988 and 911: there is none" in printed
    assert "1. Stop the web process" in printed
    assert 'You should read: "We cannot answer your text just now. In a crisis call or text 988' in printed
    assert code == 1, "an answer that must be there is not"


def test_a_local_phone_that_is_not_on_is_told_in_a_sentence(database):
    printed, code = run(app_on(database, twilio_api_base_url="http://127.0.0.1:9", rehearsal=True), "drill", "outage")
    assert "is `make run` on?" in printed
    assert code == 1
