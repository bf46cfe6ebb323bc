"""Calls that the clinic starts over REST, asked by the real Twilio client and held against Twilio's OpenAPI."""

import io
import json
import wave
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from requests.exceptions import ConnectionError
from twilio.base.exceptions import TwilioRestException

from phone.calls.sounds import sample_wav
from tests.calls import a_clinic_that_says, phones_of
from tests.phone_line import ACCOUNT, CLINIC, DANA, TOKEN, running_phone, scripted_clinic
from tests.unit.test_phone_rest import check

BASE = "http://127.0.0.1:8000"
API = f"/2010-04-01/Accounts/{ACCOUNT}"
PATH = "/2010-04-01/Accounts/{AccountSid}"
SAMPLES = Path(__file__).parent.parent / "data" / "twilio_webhook_samples.jsonl"
MARCO = "+16025550147"
SAM = "+16025550161"
EVENTS = ["initiated", "ringing", "answered", "completed"]
ASKS = '<Response><Gather action="/pressed" numDigits="1"><Say>Press 1.</Say></Gather></Response>'
RECORDS = '<Response><Record action="/done" transcribe="true"/></Response>'


@pytest.fixture
def line():
    answers = {"/answered": ASKS, "/webhooks/voice": RECORDS}
    with a_clinic_that_says(lambda heard: answers.get(heard.path.split("?")[0], "<Response/>")) as (phone, clinic):
        clinic.answers = answers
        yield phone, clinic


def call_to(phone, to=DANA, **given):
    asked = {"url": f"{BASE}/answered", "status_callback": f"{BASE}/leg", "status_callback_event": EVENTS} | given
    made = phone.client().calls.create(to=to, from_=CLINIC, **asked)
    phone.settle()
    return made


def progress(clinic):
    return [(heard["CallStatus"], heard["SequenceNumber"]) for heard in clinic.at("/leg")]


def raw(phone, method, path, form=None, user=f"{ACCOUNT}:{TOKEN}"):
    headers = {"Authorization": "Basic " + b64encode(user.encode()).decode()}
    return phone.app.test_client().open(path, method=method, data=form, headers=headers)


def sample(name):
    lines = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    return {field for field, _ in next(line["fields"] for line in lines if line["name"] == name)}


def test_a_phone_rings_is_answered_and_plays_what_the_address_says(line):
    phone, clinic = line
    made = call_to(phone)
    assert (made.status, made.direction) == ("queued", "outbound-api")
    assert phone.client().calls(made.sid).fetch().status == "ringing"
    phone.answers(DANA).hears("Press 1").presses("1")
    asked = clinic.at("/answered")[0]
    assert {name for name, _ in asked.form} >= sample("voice-outbound-answered")
    assert (asked["CallStatus"], asked["Direction"], asked["To"]) == ("in-progress", "outbound-api", DANA)
    assert clinic.at("/pressed")[0]["Digits"] == "1"
    assert progress(clinic) == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]
    ended = phone.client().calls(made.sid).fetch()
    assert (ended.status, int(ended.duration) >= 1) == ("completed", True)


def test_the_last_receipt_has_the_fields_that_twilio_sends(line):
    phone, clinic = line
    call_to(phone, machine_detection="Enable")
    phone.answers(DANA).hangs_up()
    assert {name for name, _ in clinic.at("/leg")[-1].form} >= sample("call-status-completed-amd")


@pytest.mark.parametrize(
    ("habit", "status", "sip"),
    [
        ("busy", "busy", "486"),
        ("declines", "busy", "603"),
        ("no answer", "no-answer", None),
        ("unreachable", "failed", "404"),
    ],
)
def test_a_phone_that_is_not_answered_says_why(line, habit, status, sip):
    phone, clinic = line
    phone.set_habit(DANA, habit)
    made = call_to(phone)
    last = dict(clinic.at("/leg")[-1].form)
    assert (last["CallStatus"], last["CallDuration"], last.get("SipResponseCode")) == (status, "0", sip)
    assert phone.client().calls(made.sid).fetch().status == status
    assert clinic.at("/answered") == []


def test_by_hand_it_can_be_declined_or_left_ringing(line):
    phone, clinic = line
    call_to(phone)
    phone.declines(DANA)
    call_to(phone)
    phone.does_not_answer(DANA)
    assert [status for status, number in progress(clinic) if number == "2"] == ["busy", "no-answer"]


def test_only_the_receipts_that_were_asked_for_come(line):
    phone, clinic = line
    call_to(phone, status_callback_event=["answered"])
    phone.answers(DANA).hangs_up()
    assert progress(clinic) == [("in-progress", "2")]


@pytest.mark.parametrize(
    ("detection", "habit", "answered_by"),
    [
        ("Enable", "machine", "machine_start"),
        ("DetectMessageEnd", "machine", "machine_end_beep"),
        ("Enable", "answers", "human"),
    ],
)
def test_a_machine_is_told_from_a_person_where_that_was_asked(line, detection, habit, answered_by):
    phone, clinic = line
    phone.set_habit(DANA, habit)
    made = call_to(phone, machine_detection=detection)
    assert clinic.at("/answered")[0]["AnsweredBy"] == answered_by
    assert phone.client().calls(made.sid).fetch().answered_by == answered_by


def test_a_machine_presses_no_key_and_the_call_ends_by_itself(line):
    phone, clinic = line
    phone.set_habit(DANA, "machine")
    made = call_to(phone)
    assert clinic.at("/pressed") == []
    assert "AnsweredBy" not in dict(clinic.at("/answered")[0].form)
    assert phone.client().calls(made.sid).fetch().status == "completed"


def test_a_machine_can_answer_by_hand(line):
    phone, clinic = line
    call_to(phone, machine_detection="Enable")
    phone.answers_by_machine(DANA)
    assert clinic.at("/leg")[-1]["AnsweredBy"] == "machine_start"


def test_detection_in_the_background_is_told_to_its_own_address(line):
    phone, clinic = line
    call_to(phone, machine_detection="Enable", async_amd="true", async_amd_status_callback=f"{BASE}/amd")
    phone.answers(DANA)
    assert "AnsweredBy" not in dict(clinic.at("/answered")[0].form)
    assert clinic.at("/amd")[0]["AnsweredBy"] == "human"


def test_a_call_can_bring_its_own_document(line):
    phone, _ = line
    call_to(phone, url=None, twiml="<Response><Say>Hello from the clinic.</Say></Response>")
    phone.answers(DANA).hears("Hello from the clinic.")


def test_a_failing_address_has_its_fallback_and_after_that_an_error_is_said(line):
    phone, clinic = line
    clinic.answers |= {"/answered": ("", 500), "/fallback": "<Response><Say>Please call us.</Say></Response>"}
    call_to(phone, fallback_url=f"{BASE}/fallback")
    phone.answers(DANA).hears("Please call us.")
    assert clinic.at("/fallback")[0]["ErrorCode"] == "11200"
    call_to(phone, MARCO)
    phone.answers(MARCO).hears("application error")


def test_two_phones_are_bridged_through_the_clinic(line):
    phone, clinic = line
    clinic.answers["/pressed"] = f'<Response><Dial callerId="{CLINIC}" action="/over">{DANA}</Dial></Response>'
    call_to(phone, SAM)
    sam = phone.answers(SAM).presses("1")
    dana = phone.answers(DANA)
    assert dana.state["with"] == "(602) 555-0100"
    sam.says("This is the clinic calling back.")
    dana.hears("calling back").says("Thank you for calling")
    sam.hears("Thank you for calling")
    dana.hangs_up()
    assert clinic.at("/over")[0]["DialCallStatus"] == "completed"


def test_a_running_call_is_ended_or_taken_elsewhere(line):
    phone, clinic = line
    clinic.answers["/elsewhere"] = ASKS.replace("Press 1", "Somewhere else")
    made = call_to(phone)
    dana = phone.answers(DANA)
    phone.client().calls(made.sid).update(url=f"{BASE}/elsewhere")
    phone.settle()
    dana.hears("Somewhere else")
    phone.client().calls(made.sid).update(twiml="<Response><Say>Again.</Say><Gather/></Response>")
    phone.settle()
    dana.hears("Again.")
    assert phone.client().calls(made.sid).update(status="completed").status == "completed"
    assert dana.ended


def test_a_ringing_call_is_cancelled(line):
    phone, _ = line
    made = call_to(phone)
    assert phone.client().calls(made.sid).update(status="canceled").status == "canceled"
    assert phone.ringing(DANA) == []


def test_a_bridged_party_that_is_taken_elsewhere_leaves_the_other_to_go_on(line):
    phone, clinic = line
    clinic.answers |= {
        "/pressed": f'<Response><Dial action="/over">{DANA}</Dial></Response>',
        "/over": ASKS,
        "/hold": ASKS,
    }
    call_to(phone, SAM)
    sam = phone.answers(SAM).presses("1")
    dana = phone.answers(DANA)
    phone.client().calls(dana.sid).update(url=f"{BASE}/hold")
    phone.settle()
    assert (sam.waits_for, dana.waits_for) == ("gather", "gather")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": CLINIC, "Url": BASE}, 21201),
        ({"To": DANA, "Url": BASE}, 21213),
        ({"To": DANA, "From": "+16025550177", "Url": BASE}, 21210),
        ({"To": "12", "From": CLINIC, "Url": BASE}, 21211),
        ({"To": CLINIC, "From": CLINIC, "Url": BASE}, 21266),
        ({"To": DANA, "From": CLINIC}, 21205),
        ({"To": DANA, "From": CLINIC, "Url": "nowhere"}, 21205),
        ({"To": DANA, "From": CLINIC, "Url": BASE, "StatusCallback": "nowhere"}, 21609),
        ({"To": DANA, "From": CLINIC, "Url": BASE, "Timeout": "601"}, 20001),
        ({"To": DANA, "From": CLINIC, "Url": BASE, "StatusCallBack": BASE}, 20001),
        ({"To": DANA, "From": CLINIC, "Url": BASE, "MachineDetection": "yes"}, 20001),
        ({"To": DANA, "From": CLINIC, "Url": BASE, "Record": "true"}, 20001),
        ({"To": DANA, "From": CLINIC, "Twiml": "x" * 4001}, 20001),
    ],
)
def test_a_wrong_call_is_refused_with_twilios_code(line, form, code):
    phone, _ = line
    answer = raw(phone, "POST", f"{API}/Calls.json", form)
    assert (answer.status_code, answer.json["code"]) == (400, code)


def test_a_call_that_is_over_cannot_be_redirected(line):
    phone, _ = line
    made = call_to(phone)
    phone.declines(DANA)
    with pytest.raises(TwilioRestException) as refused:
        phone.client().calls(made.sid).update(url=f"{BASE}/elsewhere")
    assert refused.value.code == 21220


def test_calls_are_listed_newest_first_and_found_by_party_state_and_time(line):
    phone, _ = line
    inbound = phone.calls(DANA)
    made = call_to(phone, MARCO)
    client = phone.client()
    assert [call.sid for call in client.calls.list()] == [made.sid, inbound.sid]
    assert [call.sid for call in client.calls.list(from_=DANA)] == [inbound.sid]
    assert [call.sid for call in client.calls.list(to=MARCO, status="ringing")] == [made.sid]
    now = datetime.now(UTC)
    assert len(client.calls.list(start_time_after=now - timedelta(minutes=5))) == 2
    assert client.calls.list(start_time_before=now - timedelta(minutes=5)) == []
    assert len(client.calls.list(start_time=now.date())) == 2
    assert client.calls.list(end_time_after=now - timedelta(minutes=5)) == []
    phone.answers(MARCO).hangs_up()
    assert client.calls(made.sid).delete()
    assert [call.sid for call in client.calls.list(page_size=1)] == [inbound.sid]


def test_a_recording_is_described_heard_and_deleted(line):
    phone, clinic = line
    phone.calls(DANA).records("Please call me", seconds=14)
    url, client = clinic.at("/done")[0]["RecordingUrl"], phone.client()
    (recording,) = client.recordings.list()
    assert (recording.duration, url.endswith(f"{API}/Recordings/{recording.sid}")) == ("14", True)
    path = f"{API}/Recordings/{recording.sid}"
    with wave.open(io.BytesIO(raw(phone, "GET", f"{path}.wav").data)) as sound:
        assert sound.getnframes() / sound.getframerate() == 14
    assert raw(phone, "GET", path, user=f"{ACCOUNT}:wrong").status_code == 401
    phone.set_faults(audio_not_ready=1)
    assert [raw(phone, "GET", path).status_code for _ in range(2)] == [404, 200]
    (transcription,) = client.recordings(recording.sid).transcriptions.list()
    assert client.transcriptions(transcription.sid).fetch().transcription_text == "Please call me"
    assert client.transcriptions(transcription.sid).delete()
    assert len(client.calls(recording.call_sid).recordings.list()) == 1
    assert client.recordings(recording.sid).delete()
    assert raw(phone, "GET", f"{path}.wav").status_code == 404


def test_a_message_from_a_microphone_is_heard_as_it_was_spoken(line):
    phone, _ = line
    call, sound = phone.calls(DANA), sample_wav(2)
    given = {"audio": b64encode(sound).decode(), "content_type": "audio/wav", "seconds": 2, "said": "hello"}
    phone.do("POST", f"/line/calls/{call.sid}/record", given)
    (recording,) = phone.client().recordings.list()
    answer = raw(phone, "GET", f"{API}/Recordings/{recording.sid}.mp3")
    assert (answer.data, answer.content_type) == (sound, "audio/wav")


def test_every_answer_has_the_shape_that_twilio_describes(line):
    phone, _ = line
    created = raw(phone, "POST", f"{API}/Calls.json", {"To": MARCO, "From": CLINIC, "Url": BASE})
    assert created.status_code == 201
    check(created.json, f"{PATH}/Calls.json", "post", "201")
    call = phone.calls(DANA).records("hi there", seconds=5)
    recording = raw(phone, "GET", f"{API}/Recordings.json").json["recordings"][0]["sid"]
    transcription = raw(phone, "GET", f"{API}/Recordings/{recording}/Transcriptions.json").json["transcriptions"][0]
    for path, described in [
        (f"{API}/Calls.json?PageSize=1", f"{PATH}/Calls.json"),
        (f"{API}/Calls/{call.sid}.json", f"{PATH}/Calls/{{Sid}}.json"),
        (f"{API}/Recordings.json", f"{PATH}/Recordings.json"),
        (f"{API}/Recordings/{recording}.json", f"{PATH}/Recordings/{{Sid}}.json"),
        (f"{API}/Calls/{call.sid}/Recordings.json", f"{PATH}/Calls/{{CallSid}}/Recordings.json"),
        (
            f"{API}/Recordings/{recording}/Transcriptions.json",
            f"{PATH}/Recordings/{{RecordingSid}}/Transcriptions.json",
        ),
        (f"{API}/Transcriptions/{transcription['sid']}.json", f"{PATH}/Transcriptions/{{Sid}}.json"),
    ]:
        check(raw(phone, "GET", path).json, described, "get", "200")


@pytest.mark.parametrize("path", ["Calls/CA1", "Recordings/RE1", "Transcriptions/TR1"])
def test_what_is_not_there_is_not_found(line, path):
    phone, _ = line
    answer = raw(phone, "GET", f"{API}/{path}.json")
    assert (answer.status_code, answer.json["code"]) == (404, 20404)


# A phone that runs on its own, over real HTTP


@pytest.fixture
def running():
    with scripted_clinic() as clinic, running_phone(clinic.url) as phone:
        clinic.script = lambda heard: ASKS if heard.path == "/answered" else "<Response/>"
        yield phone, clinic


def test_over_http_a_phone_rings_and_reports(running):
    phone, clinic = running
    phone.client().calls.create(
        to=DANA, from_=CLINIC, url=f"{clinic.url}/answered", status_callback=f"{clinic.url}/leg",
        status_callback_event=EVENTS,
    )  # fmt: skip
    phones_of(phone).answers(DANA).hears("Press 1").presses("1")
    phone.settle()
    assert [heard["SequenceNumber"] for heard in clinic.at("/leg")] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("fault", "status", "code"), [("throttle_rest", 429, 20429), ("fail_rest", 500, 20500)])
def test_rest_can_be_refused(running, fault, status, code):
    phone, clinic = running
    phone.post("/line/faults", {fault: 1})
    with pytest.raises(TwilioRestException) as refused:
        phone.client().calls.create(to=DANA, from_=CLINIC, url=f"{clinic.url}/answered")
    assert (refused.value.status, refused.value.code) == (status, code)
    assert phones_of(phone).ringing(DANA) == []


def test_the_line_can_be_cut_after_the_call_was_taken(running):
    phone, clinic = running
    phone.post("/line/faults", {"cut_rest": 1})
    with pytest.raises(ConnectionError):
        phone.client().calls.create(to=DANA, from_=CLINIC, url=f"{clinic.url}/answered")
    assert len(phones_of(phone).ringing(DANA)) == 1


def test_a_phone_that_nobody_picks_up_stops_ringing_in_the_end():
    with scripted_clinic() as clinic, running_phone(clinic.url, rings_out=True) as phone:
        phone.client().calls.create(to=DANA, from_=CLINIC, url=f"{clinic.url}/answered", timeout=0)
        phone.settle()
        phones = phones_of(phone)
        for _ in range(200):
            if phones.of(DANA)[0].ended:
                break
        assert phones.of(DANA)[0].status == "no-answer"
