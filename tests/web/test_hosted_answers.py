"""The static answers that Twilio keeps for when everything of ours is down: what they are, and what the doctor sees."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from commands import doctor, hosted_answers
from tests.calls import phones_of
from tests.phone_line import CLINIC, DANA, running_phone, scripted_clinic
from tests.web.calling import valid
from triage.segments import count_segments
from webhooks.twiml import PLAIN_VOICES

ROOT = Path(__file__).parents[2]
MESSAGING = json.loads((ROOT / "tests/data/twiml_verbs.json").read_text("utf-8"))["library"]["messaging"]
CLOSED = "http://127.0.0.1:9/nobody#rc=1"


def document(name):
    return (ROOT / "templates" / "hosted" / f"{name}.xml").read_bytes()


def test_the_hosted_text_is_one_text_of_two_parts_without_costly_characters():
    answer = ElementTree.fromstring(document("text"))
    (message,) = answer
    assert message.tag in MESSAGING["Response"]["children"]
    encoding, parts = count_segments(message.text)[:2]
    assert (encoding, parts) == ("GSM-7", 2)
    assert hosted_answers.trouble_in("sms", document("text")) == ""


def test_the_hosted_voice_speaks_both_languages_in_plain_voices_and_takes_a_message():
    answer = ElementTree.fromstring(document("voice"))
    valid(answer)
    spoken = {(said.get("voice"), said.get("language")) for said in answer.iter("Say")}
    assert spoken == set(PLAIN_VOICES.values())
    assert hosted_answers.trouble_in("voice", document("voice")) == ""


@pytest.mark.parametrize("name", ["text", "voice"])
def test_a_hosted_answer_can_be_pasted_as_it_stands(name):
    words = document(name).decode()
    assert words.startswith("<?xml"), "a blank first line is refused by Twilio"
    assert not set("{}$") & set(words), "nothing is left to be filled in"


def test_with_the_program_away_a_text_and_a_call_get_the_hosted_words_and_the_message_is_kept():
    with running_phone("https://line.example.org") as phone:
        (number,) = phone.client().incoming_phone_numbers.list()
        bins = {"sms_fallback_url": f"{phone.url}/bins/text", "voice_fallback_url": f"{phone.url}/bins/voice"}
        number.update(sms_url=CLOSED, voice_url=CLOSED, status_callback=CLOSED, **bins)
        assert phone.text("Hi")["state"] == "fallback"
        assert "988" in phone.received()[0]
        call = phones_of(phone).calls(DANA).hears("9 8 8").hears("9 1 1").hears("beep")
        call.records("please call me back", seconds=7).hears("If you have just left a message").hangs_up()
        (kept,) = phone.client().recordings.list()
        assert (kept.duration, phone.client().calls.list(to=CLINIC)[0].sid) == ("7", kept.call_sid)


@pytest.mark.parametrize(
    ("kind", "answer", "trouble"),
    [
        ("sms", "<Response><Message>988 or 911</Message></Response>", ""),
        ("voice", "<Response><Say>9 8 8, 9-1-1</Say><Record/></Response>", ""),
        ("sms", "<Response><Message>Call 988</Message></Response>", "its words do not carry 911"),
        ("sms", "<Response/>", "it has no <Message>"),
        ("voice", "<Response><Say>988 911</Say></Response>", "it has no <Record>"),
        ("sms", "Not found", "it is not TwiML"),
        ("sms", ("", 404), "it answers 404"),
    ],
)
def test_the_doctor_asks_the_hosted_answer_and_says_what_is_wrong(kind, answer, trouble):
    with scripted_clinic() as twilio:
        twilio.script = lambda heard: answer
        assert hosted_answers.trouble_of(kind, f"{twilio.url}/bin") == trouble
        assert [heard.method for heard in twilio.heard] == ["GET"]


def test_a_hosted_answer_that_nobody_serves_is_told_and_so_is_none():
    assert "does not answer" in hosted_answers.trouble_of("sms", "http://127.0.0.1:9/bin")
    (found,) = doctor._hosted("voice", "voice", "")
    assert (found.mark, "templates/hosted/voice.xml" in found.advice) == ("warn", True)
