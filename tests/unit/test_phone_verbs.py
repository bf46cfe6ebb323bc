"""Reading the TwiML of a call, held against what Twilio's own builders and schema know."""

import json
import re
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial as TwilioDial
from twilio.twiml.voice_response import VoiceResponse

from phone.calls.verbs import (
    ALONE,
    ATTRIBUTES,
    Callback,
    Dial,
    Gather,
    Hangup,
    Number,
    Pause,
    Play,
    Record,
    Reject,
    Say,
)
from phone.calls.verbs import read_voice as read
from phone.texts.twiml import BadTwiml, Redirect
from phone.webhook import Answer

VERBS = json.loads((Path(__file__).parent.parent / "data" / "twiml_verbs.json").read_text())
LIBRARY = VERBS["library"]["voice"]


def answer(body: str) -> Answer:
    return Answer("2xx", 200, "text/xml; charset=utf-8", body.encode())


def read_voice(inside: str) -> list[object]:
    return list(read(answer(f"<Response>{inside}</Response>")))


def known_to_twilio(verb: str) -> set[str]:
    """By the tables, and by the parameters of the builders themselves: `finish_on_key` is finishOnKey."""
    parent = "Dial" if verb == "Number" else "Response"
    builder = getattr(TwilioDial if verb == "Number" else VoiceResponse, verb.lower())
    parameters = {re.sub(r"_(\w)", lambda part: part[1].upper(), name) for name in signature(builder).parameters}
    schema = set(VERBS["xsd"].get(verb, {}).get("attributes", {}))
    return set(LIBRARY[parent]["children"][verb]) | schema | parameters


def test_every_verb_and_attribute_that_is_played_is_one_of_twilios():
    assert set(LIBRARY["Response"]["children"]) >= ALONE
    assert "volume" not in known_to_twilio("Say")
    strange = {verb: names - known_to_twilio(verb) for verb, names in ATTRIBUTES.items()}
    assert {verb: names for verb, names in strange.items() if names} == {}


def test_a_document_of_twilios_own_builder_is_read_verb_by_verb():
    doc = VoiceResponse()
    gather = doc.gather(
        input="dtmf speech", action="/heard", action_on_empty_result=True, num_digits=1, timeout=7, language="es-US",
        finish_on_key="", hints="uno, dos", speech_timeout="auto",
    )  # fmt: skip
    gather.say("Marque 1.", voice="Polly.Lupe-Neural", language="es-US")
    gather.pause(length=2)
    doc.say("Twice", loop=2)
    doc.play(digits="12w")
    doc.record(
        action="/recorded", max_length=110, finish_on_key="#", transcribe=True, transcribe_callback="/transcript",
        recording_status_callback="/recording", recording_status_callback_event="completed absent", play_beep=False,
    )  # fmt: skip
    dial = doc.dial(action="/dialled", timeout=20, caller_id="+16025550100", sequential=True)
    dial.number(
        "+16025550161", url="/whisper", status_callback="/leg", status_callback_event="initiated answered",
        machine_detection="Enable",
    )  # fmt: skip
    doc.redirect("/next", method="GET")
    doc.reject(reason="busy")
    doc.hangup()
    number = Number(
        "+16025550161", "/whisper", receipts=Callback("/leg", "POST", ("initiated", "answered")), detects="Enable"
    )
    assert read(answer(str(doc))) == [
        Gather(
            (Say("Marque 1.", "es-US", "Polly.Lupe-Neural"), Pause(2)), "/heard", "POST", True, True, 1, "", 7, True,
            "es-US",
        ),
        Say("Twice"), Say("Twice"), Play("", "12w"),
        Record(
            "/recorded", "POST", 5, "#", 110, False, True, "/transcript",
            Callback("/recording", "POST", ("completed", "absent")),
        ),
        Dial((number,), "/dialled", "POST", 20, "+16025550100", True), Redirect("/next", "GET"), Reject("busy"),
        Hangup(),
    ]  # fmt: skip


def test_what_is_not_said_is_twilios_default():
    assert read_voice("<Gather/><Record/><Pause/>") == [
        Gather((), "", "POST", True, False, 0, "#", 5, False, "en-US"),
        Record("", "POST", 5, "0123456789*#", 3600, True, False, "", Callback()),
        Pause(1),
    ]
    assert read_voice("<Dial>+16025550161</Dial>") == [Dial((Number("+16025550161"),), timeout_s=30)]


def test_speech_marks_within_a_say_are_heard_without_them():
    assert read_voice('<Say>Call <say-as interpret-as="digits">988</say-as>\n  now.</Say>') == [Say("Call 988 now.")]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Sing>Hi</Sing>", 12200),
        ("<Message>Hi</Message>", 12200),
        ('<Say volume="loud">Hi</Say>', 12200),
        ("<Gather><Dial>1</Dial></Gather>", 12200),
        ('<Gather input="mind"/>', 12200),
        ('<Gather timeout="soon"/>', 12200),
        ('<Gather actionOnEmptyResult="perhaps"/>', 12200),
        ('<Gather speechTimeout="auto" speechModel="phone_call"/>', 13328),
        ('<Record method="PUT"/>', 12200),
        ('<Record recordingStatusCallbackEvent="never"/>', 12200),
        ("<Dial/>", 12200),
        ("<Dial><Conference>Room</Conference></Dial>", 12200),
        ("<Dial>" + "<Number>+16025550161</Number>" * 11 + "</Dial>", 12200),
        ('<Reject reason="tired"/>', 12200),
        (f"<Say>{'a' * 4097}</Say>", 13521),
        (f'<Say voice="Polly.Joanna-Neural">{"a" * 3001}</Say>', 13521),
    ],
)
def test_what_twilio_would_not_play_is_refused_with_its_code(inside, code):
    with pytest.raises(BadTwiml) as wrong:
        read_voice(inside)
    assert wrong.value.code == code


@given(st.text(max_size=60), st.sampled_from(sorted(ALONE)), st.sampled_from(sorted(ATTRIBUTES["Gather"])))
def test_any_document_is_read_or_refused_with_a_code(text, verb, attribute):
    doc = VoiceResponse()
    doc.say("Hi")
    whole = str(doc).replace("<Say>", f'<{verb} {attribute}="5">').replace("</Say>", f"</{verb}>")
    for written in (whole, whole.replace("Hi", text)):
        assert code_of(written) in (None, 12100, 12200, 13521, 13328)


def code_of(written: str) -> int | None:
    try:
        read(answer(written))
    except BadTwiml as wrong:
        return wrong.code
    return None
