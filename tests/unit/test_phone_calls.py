"""Calls: what a caller's keys, words and silences do, by a phone and a clinic with a script in one process."""

import json
import re
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from tests.calls import Call, Refused, a_clinic_that_says, phones_of
from tests.phone_line import CLINIC, DANA, TOKEN, in_turn, running_phone, scripted_clinic

SAMPLES = Path(__file__).parent.parent / "data" / "twilio_webhook_samples.jsonl"
MARCO = "+16025550147"
SAM = "+16025550161"
PRIYA = "+16025550162"
VOICE = "/webhooks/voice"
STATUS = "/webhooks/voice/status"
BASE = "http://127.0.0.1:8000"
ALL_EVENTS = 'statusCallbackEvent="initiated ringing answered completed"'


def sample(name):
    lines = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    return {field for field, _ in next(line["fields"] for line in lines if line["name"] == name)}


def says(words, **attributes):
    """A document that says something and gathers an answer."""
    given = {"input": "dtmf speech", "action": "/heard", "actionOnEmptyResult": "true"} | attributes
    listed = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<Response><Gather {listed}><Say>{words}</Say></Gather></Response>"


@pytest.fixture
def line():
    """The phone, the clinic, and a dict from path to what the clinic answers there."""
    answers = {VOICE: says("Hello.")}
    with a_clinic_that_says(lambda heard: answers.get(heard.path.split("?")[0], "<Response/>")) as (phone, clinic):
        clinic.answers = answers
        yield phone, clinic


def set_number(phone, **settings):
    phone.client().incoming_phone_numbers.list()[0].update(**settings)


# Being called


def test_a_call_is_posted_as_twilio_posts_it(line):
    phone, clinic = line
    phone.calls(DANA, StirVerstat="TN-Validation-Passed-A")
    heard = clinic.heard[0]
    assert (heard.path, heard.method) == (VOICE, "POST")
    assert {name for name, _ in heard.form} == sample("voice-inbound-ringing")
    assert (heard["From"], heard["To"], heard["CallStatus"], heard["Direction"]) == (DANA, CLINIC, "ringing", "inbound")
    assert heard["From"] == heard["Caller"]


def test_every_webhook_of_a_call_is_signed(line):
    phone, clinic = line
    phone.calls(DANA).says("¿Qué es TMS?").hangs_up()
    assert len(clinic.heard) == 3
    for heard in clinic.heard:
        signature = heard.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(BASE + heard.path, dict(heard.form), signature)
        assert not RequestValidator("another").validate(BASE + heard.path, dict(heard.form), signature)


@pytest.mark.parametrize("caller", ["anonymous", "restricted", "", "+", "+266696687", "client:dana", "+17378742833"])
def test_a_caller_may_withhold_a_number_or_be_anything(line, caller):
    phone, clinic = line
    call = phone.calls(caller, phone=DANA)
    assert clinic.heard[0]["From"] == caller
    assert phone.of(DANA)[0].sid == call.sid


def test_a_forwarded_call_says_where_from(line):
    phone, clinic = line
    phone.calls(DANA, ForwardedFrom="+16025550190")
    assert clinic.heard[0]["ForwardedFrom"] == "+16025550190"


def test_what_the_clinic_says_is_heard_in_its_order_and_language(line):
    phone, clinic = line
    clinic.answers[VOICE] = (
        '<Response><Say>One</Say><Play>/a.mp3</Play><Pause length="3"/><Say language="es-US">Dos</Say></Response>'
    )
    call = phone.calls(DANA)
    assert call.prompt == (("One", ""), (f"{BASE}/a.mp3", ""), ("Dos", "es-US"))
    assert call.ended
    assert call.status == "completed"


def test_a_rejected_call_is_never_answered(line):
    phone, clinic = line
    clinic.answers[VOICE] = '<Response><Reject reason="busy"/></Response>'
    assert phone.calls(DANA).status == "busy"
    assert clinic.at(STATUS)[0]["CallStatus"] == "busy"
    assert clinic.at(STATUS)[0]["CallDuration"] == "0"


def test_the_end_is_reported_once_with_its_length(line):
    phone, clinic = line
    call = phone.calls(DANA)
    call.hangs_up()
    call.hangs_up()
    (receipt,) = clinic.at(STATUS)
    assert receipt["CallStatus"] == "completed"
    assert int(receipt["CallDuration"]) >= 1
    assert {name for name, _ in receipt.form} >= sample("call-status-completed-amd") - {"AnsweredBy"}


def test_a_redirect_is_followed_and_what_stands_after_it_is_not_played(line):
    phone, clinic = line
    clinic.answers[VOICE] = "<Response><Redirect>/next?step=2</Redirect><Say>never</Say></Response>"
    clinic.answers["/next"] = says("There.")
    assert phone.calls(DANA).prompt == (("There.", ""),)
    assert clinic.heard[1].path == "/next?step=2"


def test_redirects_in_a_circle_end_with_an_error(line):
    phone, clinic = line
    clinic.answers[VOICE] = f"<Response><Redirect>{VOICE}</Redirect></Response>"
    call = phone.calls(DANA).hears("application error")
    assert call.ended
    assert len(clinic.at(VOICE)) == 21


# Gather


def test_keys_are_posted_as_twilio_posts_them(line):
    phone, clinic = line
    clinic.answers[VOICE] = says("Hello.", numDigits=1)
    phone.calls(DANA).presses("1")
    heard = clinic.at("/heard")[0]
    assert {name for name, _ in heard.form} >= sample("gather-digits")
    assert (heard["Digits"], heard["FinishedOnKey"], heard["CallStatus"]) == ("1", "", "in-progress")


@pytest.mark.parametrize(
    ("attributes", "keys", "digits"),
    [
        ({}, "6025550132", "6025550132"),
        ({}, "123#45", "123"),
        ({"finishOnKey": "*"}, "12*", "12"),
        ({"finishOnKey": ""}, "#", "#"),
        ({"numDigits": 4}, "123456", "1234"),
        ({"numDigits": 4}, "12", "12"),
        ({}, "*", "*"),
        ({"numDigits": 1}, "#3", "3"),
    ],
)
def test_keys_end_by_number_by_finishing_key_or_by_a_pause(line, attributes, keys, digits):
    phone, clinic = line
    clinic.answers[VOICE] = says("Hello.", **attributes)
    phone.calls(DANA).presses(keys)
    assert [heard["Digits"] for heard in clinic.at("/heard")] == [digits]


def test_the_finishing_key_alone_ends_nothing(line):
    phone, clinic = line
    call = phone.calls(DANA).presses("#")
    assert call.waits_for == "gather"
    assert clinic.at("/heard") == []


def test_keys_can_come_one_by_one(line):
    phone, clinic = line
    call = phone.calls(DANA)
    for key in "60":
        phone.do("POST", f"/line/calls/{call.sid}/press", {"keys": key, "more": True})
    assert clinic.at("/heard") == []
    assert call.refresh().state["waits"]["digits"] == "60"
    call.stays_silent()
    assert clinic.at("/heard")[0]["Digits"] == "60"


def test_speech_comes_as_the_recogniser_writes_it(line):
    phone, clinic = line
    phone.calls(DANA).says("tomorrow after 3")
    heard = clinic.at("/heard")[0]
    assert {name for name, _ in heard.form} >= sample("gather-speech")
    assert heard["SpeechResult"] == "Tomorrow after 3."


def test_silence_is_posted_only_where_the_gather_wants_it(line):
    phone, clinic = line
    phone.calls(DANA).stays_silent()
    assert clinic.at("/heard")[0]["SpeechResult"] == ""
    clinic.answers[VOICE] = says("Hello.", actionOnEmptyResult="false").replace(
        "</Response>", "<Say>Bye</Say></Response>"
    )
    call = phone.calls(DANA).stays_silent()
    assert call.prompt == (("Bye", ""),)
    assert len(clinic.at("/heard")) == 1
    assert call.ended


def test_a_gather_for_keys_is_deaf_to_speech_and_one_for_speech_to_keys(line):
    phone, clinic = line
    clinic.answers[VOICE] = says("Hello.", input="dtmf")
    phone.calls(DANA).says("one")
    clinic.answers[VOICE] = says("Hello.", input="speech")
    assert phone.calls(DANA).presses("1").waits_for == "gather"
    assert clinic.at("/heard") == []


def test_without_an_action_the_same_address_is_asked_again(line):
    phone, clinic = line
    clinic.answers[VOICE] = "<Response><Gather numDigits='1'><Say>Hello.</Say></Gather></Response>"
    phone.calls(DANA).presses("1")
    assert clinic.heard[1].path == VOICE
    assert clinic.heard[1]["Digits"] == "1"


def test_what_the_answer_does_not_wait_for_ends_the_call(line):
    phone, clinic = line
    clinic.answers["/heard"] = "<Response><Say>Goodbye.</Say></Response>"
    assert phone.calls(DANA).presses("1").hears("goodbye").ended


def test_a_call_that_is_over_takes_no_more_keys(line):
    phone, _ = line
    call = phone.calls(DANA).hangs_up()
    for act in (call.stays_silent, lambda: call.presses("1"), lambda: call.says("hello"), lambda: call.records("hi")):
        with pytest.raises(Refused, match="no call"):
            act()


# Failing


def test_a_failing_action_is_tried_again_then_the_fallback_is_asked_with_the_reason(line):
    phone, clinic = line
    set_number(phone, voice_fallback_url=f"{BASE}/fallback")
    clinic.answers |= {
        VOICE: says("Hello.", action="/heard#rc=2&amp;rp=5xx"),
        "/heard": ("", 503),
        "/fallback": says("988"),
    }
    phone.calls(DANA).presses("1").hears("988")
    assert len(clinic.at("/heard")) == 3
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in clinic.at("/heard")}) == 1
    (asked,) = clinic.at("/fallback")
    assert (asked["ErrorCode"], asked["ErrorUrl"], asked["Digits"]) == ("11200", f"{BASE}/heard", "1")


@pytest.mark.parametrize(("answer", "code"), [("<Response><Sing/></Response>", "12200"), ("hello", "12100")])
def test_an_answer_that_cannot_be_played_ends_in_the_fallback_with_its_code(line, answer, code):
    phone, clinic = line
    set_number(phone, voice_fallback_url=f"{BASE}/fallback")
    clinic.answers |= {VOICE: answer, "/fallback": says("988")}
    phone.calls(DANA).hears("988")
    assert clinic.at("/fallback")[0]["ErrorCode"] == code
    assert [post["outcome"] for post in phone.posts()] == ["200", code, "200"]


def test_when_the_fallback_fails_too_an_error_is_said_and_the_call_ends(line):
    phone, clinic = line
    set_number(phone, voice_fallback_url=f"{BASE}/fallback")
    clinic.answers |= {VOICE: ("", 500), "/fallback": ("", 500)}
    call = phone.calls(DANA).hears("application error")
    assert call.ended


def test_without_a_fallback_address_there_is_a_voicemail_that_begins_with_988(line):
    phone, clinic = line
    clinic.answers[VOICE] = ("", 500)
    call = phone.calls(DANA).hears("9 8 8").hears("beep")
    call.records("Please call me").hears("Thank you")
    assert call.ended


def test_the_same_turn_can_come_twice_and_is_played_once(line):
    phone, clinic = line
    phone.set_faults(duplicate_webhooks=1)
    call = phone.calls(DANA)
    assert clinic.heard[0].form == clinic.heard[1].form
    assert call.prompt == (("Hello.", ""),)


# Recording

RECORD = (
    '<Response><Record action="/recorded" maxLength="110" transcribe="true" transcribeCallback="/transcript"'
    ' recordingStatusCallback="/recording" recordingStatusCallbackEvent="completed absent"/></Response>'
)


def test_a_message_is_posted_reported_and_written_down(line):
    phone, clinic = line
    clinic.answers |= {VOICE: RECORD, "/recorded": "<Response><Say>Thank you</Say></Response>"}
    phone.calls(DANA).hears("beep").records("Please call me back", seconds=21, key="*").hears("Thank you")
    action, status, transcript = (clinic.at(path)[0] for path in ("/recorded", "/recording", "/transcript"))
    assert {name for name, _ in action.form} >= sample("record-action-star")
    assert (action["Digits"], action["RecordingDuration"]) == ("*", "21")
    assert {name for name, _ in status.form} == sample("recording-status-recordverb")
    assert {name for name, _ in transcript.form} == sample("transcription-complete")
    assert transcript["TranscriptionText"] == "Please call me back"
    assert action["RecordingSid"] == status["RecordingSid"] == transcript["RecordingSid"]


def test_hanging_up_ends_a_message_and_is_posted(line):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD
    call = phone.calls(DANA).records("Call me", hangs_up=True)
    (action,) = clinic.at("/recorded")
    assert (action["Digits"], action["CallStatus"]) == ("hangup", "completed")
    assert call.ended


def test_hanging_up_before_a_word_records_nothing(line):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD
    phone.calls(DANA).hangs_up()
    assert clinic.at("/recorded") == []


def test_silence_after_the_tone_is_no_message(line):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD.replace("</Response>", "<Say>Nothing heard</Say></Response>")
    phone.calls(DANA).stays_silent().hears("Nothing heard")
    assert clinic.at("/recorded") == []
    assert clinic.at("/recording")[0]["RecordingStatus"] == "absent"


def test_a_message_is_cut_at_its_full_length(line):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD
    phone.calls(DANA).records("and another thing", seconds=400)
    assert clinic.at("/recorded")[0]["RecordingDuration"] == "110"


@pytest.mark.parametrize(("said", "seconds", "became"), [("", 9, ["failed"]), ("Hi", 2, []), ("Hi", 3, ["completed"])])
def test_what_cannot_be_understood_or_is_too_short_is_not_written_down(line, said, seconds, became):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD
    phone.calls(DANA).records(said, seconds=seconds)
    assert [heard["TranscriptionStatus"] for heard in clinic.at("/transcript")] == became


def test_the_receipt_of_a_recording_can_overtake_its_action(line):
    phone, clinic = line
    clinic.answers[VOICE] = RECORD
    phone.set_faults(reorder_receipts=1)
    phone.calls(DANA).records("Call me")
    paths = [heard.path for heard in clinic.heard]
    assert paths.index("/recording") < paths.index("/recorded")


# Dialling


def dial(*numbers, attributes="", whisper="/whisper", receipts=""):
    listed = "".join(f'<Number url="{whisper}" {receipts}>{number}</Number>' for number in numbers)
    return f'<Response><Dial action="/dialled" {attributes}>{listed}</Dial></Response>'


WHISPER = '<Response><Gather action="/taken" numDigits="1"><Say>Press 1 to take it.</Say></Gather><Hangup/></Response>'


@pytest.fixture
def desk(line):
    _, clinic = line
    clinic.answers |= {VOICE: dial(SAM, PRIYA), "/whisper": WHISPER, "/dialled": says("Nobody could take it.")}
    return line


def test_all_numbers_ring_and_the_first_who_takes_it_is_connected(desk):
    phone, clinic = desk
    caller = phone.calls(DANA)
    assert [len(phone.ringing(number)) for number in (SAM, PRIYA)] == [1, 1]
    sam = phone.answers(SAM).hears("Press 1").presses("1")
    assert (sam.waits_for, caller.waits_for) == ("connected", "dial")
    assert phone.of(PRIYA)[0].status == "canceled"
    sam.says("This is Sam")
    caller.hears("This is Sam").says("Hello Sam")
    sam.hears("Hello Sam")
    sam.hangs_up()
    (action,) = clinic.at("/dialled")
    assert sample("dial-action") <= {name for name, _ in action.form}
    assert (action["DialCallStatus"], action["DialBridged"], action["DialCallSid"]) == ("completed", "true", sam.sid)
    caller.hears("Nobody could take it")


def test_two_who_answer_at_once_hear_the_whisper_and_one_gets_the_caller(desk):
    phone, _ = desk
    phone.calls(DANA)
    sam, priya = phone.answers(SAM), phone.answers(PRIYA)
    priya.presses("1")
    assert (priya.waits_for, sam.status) == ("connected", "completed")


def test_whoever_declines_the_whisper_is_not_connected(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = dial(SAM)
    caller = phone.calls(DANA)
    phone.answers(SAM).stays_silent()
    assert clinic.at("/dialled")[0]["DialCallStatus"] == "no-answer"
    assert caller.hears("Nobody could").waits_for == "gather"


@pytest.mark.parametrize(
    ("habits", "became"),
    [
        (("no answer", "no answer"), "no-answer"),
        (("busy", "busy"), "busy"),
        (("busy", "no answer"), "no-answer"),
        (("declines", "declines"), "busy"),
        (("unreachable", "unreachable"), "failed"),
        (("machine", "machine"), "no-answer"),
    ],
)
def test_when_nobody_takes_it_the_reason_is_posted(desk, habits, became):
    phone, clinic = desk
    for number, habit in zip((SAM, PRIYA), habits, strict=True):
        phone.set_habit(number, habit)
    phone.calls(DANA).hears("Nobody could take it")
    assert clinic.at("/dialled")[0]["DialCallStatus"] == became


def test_in_turn_the_next_rings_when_the_one_before_is_over(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = dial(SAM, PRIYA, attributes='sequential="true"')
    phone.calls(DANA)
    assert phone.ringing(PRIYA) == []
    phone.declines(SAM)
    phone.does_not_answer(PRIYA)
    assert clinic.at("/dialled")[0]["DialCallStatus"] == "no-answer"


def test_a_caller_who_hangs_up_stops_the_ringing(desk):
    phone, clinic = desk
    phone.calls(DANA).hangs_up()
    assert phone.ringing(SAM) == []
    assert [call.status for call in phone.of(SAM)] == ["canceled"]
    assert clinic.at("/dialled")[0]["CallStatus"] == "completed"


def test_each_leg_reports_its_own_progress_in_order(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = dial(SAM, receipts=f'statusCallback="/leg?n=7" {ALL_EVENTS}')
    phone.calls(DANA)
    sam = phone.answers(SAM).presses("1")
    sam.hangs_up()
    legs = clinic.at("/leg?n=7")
    assert [(leg["CallStatus"], leg["SequenceNumber"]) for leg in legs] == [
        ("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3"),
    ]  # fmt: skip
    assert {(leg["CallSid"], leg["ParentCallSid"] != leg["CallSid"]) for leg in legs} == {(sam.sid, True)}
    assert legs[0]["Direction"] == "outbound-dial"


def test_the_star_key_leaves_a_connected_party_where_the_clinic_allows_it(desk):
    phone, _ = desk
    phone.set_habit(SAM, "answers")
    _, clinic = desk
    clinic.answers[VOICE] = f'<Response><Dial hangupOnStar="true" action="/dialled">{SAM}</Dial></Response>'
    caller = phone.calls(DANA)
    assert caller.waits_for == "dial"
    caller.presses("*").hears("Nobody could")
    assert phone.of(SAM)[0].status == "completed"


def test_a_caller_can_be_connected_to_988(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = "<Response><Dial>988</Dial></Response>"
    phone.set_habit("988", "answers")
    phone.calls(DANA).says("I need to talk")
    (line,) = phone.of("988")
    line.hears("I need to talk")


def test_a_phone_in_a_call_is_busy(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = dial(SAM)
    phone.calls(DANA)
    phone.answers(SAM).presses("1")
    phone.calls(MARCO).hears("Nobody could")
    assert clinic.at("/dialled")[0]["DialCallStatus"] == "busy"


def test_whoever_is_whispered_to_cannot_be_connected_further(desk):
    phone, clinic = desk
    clinic.answers |= {VOICE: dial(SAM), "/whisper": f"<Response><Dial>{PRIYA}</Dial></Response>"}
    phone.calls(DANA)
    phone.answers(SAM).hears("application error")
    assert phone.of(PRIYA) == []


# At any moment, in any order


def test_a_caller_can_hang_up_while_the_clinic_still_thinks():
    thinking, go_on = Event(), Event()

    def answer(heard):
        if heard.path == VOICE:
            return says("Hello.", numDigits=1)
        thinking.set()
        go_on.wait(10)
        return says("Too late.")

    with scripted_clinic() as clinic, running_phone(clinic.url) as running:
        clinic.script = answer
        phone = phones_of(running)
        call = Call(phone, phone.do("POST", "/line/calls", {"from": DANA}))
        pressing = Thread(target=phone.ask, args=("POST", f"/line/calls/{call.sid}/press", {"keys": "1"}))
        pressing.start()
        assert thinking.wait(10)
        with pytest.raises(Refused, match="not answered yet"):
            phone.do("POST", f"/line/calls/{call.sid}/say", {"text": "hello?"})
        phone.do("POST", f"/line/calls/{call.sid}/hang-up", {})
        go_on.set()
        pressing.join()
        assert call.ended
        assert "Too late." not in str(call)


IN_TURN = 'sequential="true" hangupOnStar="true"'
DOCUMENTS = [
    says("Menu.", numDigits=1), says("Number?", input="dtmf"), says("Words?", input="speech", timeout=9),
    says("Anybody?", actionOnEmptyResult="false"), RECORD, WHISPER, dial(SAM, PRIYA),
    dial(SAM, PRIYA, attributes=IN_TURN), "<Response/>", "<Response><Redirect>/heard</Redirect></Response>",
    "<Response><Reject/></Response>", "<Response><Sing/></Response>", "<Response><Hangup/></Response>", ("", 500),
]  # fmt: skip
PEOPLE = st.sampled_from([DANA, SAM, PRIYA])
SPOKEN = st.fixed_dictionaries({"said": st.text(max_size=9), "seconds": st.integers(1, 9), "hangs_up": st.booleans()})
GIVEN = {
    "press": st.text("0123456789*#", max_size=4).map(lambda keys: {"keys": keys}),
    "say": st.text(max_size=20).map(lambda text: {"text": text}),
    "record": SPOKEN,
}
ACTS = ["press", "say", "silence", "record", "hang-up", "answer", "answer-by-machine", "decline", "ring-out"]
STEPS = st.sampled_from(ACTS).flatmap(lambda act: st.tuples(st.just(act), PEOPLE, GIVEN.get(act, st.just({}))))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=6), st.lists(STEPS, max_size=15))
def test_whatever_is_done_and_answered_every_call_ends_once_and_says_so(documents, steps):
    answers = in_turn([*documents, "<Response><Say>Bye</Say></Response>"])
    with a_clinic_that_says(lambda heard: ("", 204) if heard.path == STATUS else answers(heard)) as (phone, clinic):
        phone.calls(DANA)
        for act, person, given in steps:
            for call in phone.of(person)[-1:]:
                status, _ = phone.ask("POST", f"/line/calls/{call.sid}/{act}", given)
                assert status in (200, 400, 409)
        for call in phone.of(DANA) + phone.of(SAM) + phone.of(PRIYA):
            call.hangs_up()
        assert all(call.ended and not call.state["connected"] for call in phone.of(DANA) + phone.of(SAM))
        assert len(clinic.at(STATUS)) == 1


# Receipts that misbehave


def test_a_late_receipt_comes_when_it_is_released(line):
    phone, clinic = line
    phone.set_faults(delay_receipts=True)
    phone.calls(DANA).hangs_up()
    assert clinic.at(STATUS) == []
    phone.releases_late_receipts()
    assert len(clinic.at(STATUS)) == 1


@pytest.mark.parametrize(("fault", "copies"), [("duplicate_receipts", 2), ("drop_receipts", 0)])
def test_a_receipt_can_come_twice_or_never(line, fault, copies):
    phone, clinic = line
    phone.set_faults(**{fault: True})
    phone.calls(DANA).hangs_up()
    assert len(clinic.at(STATUS)) == copies


def test_receipts_can_change_places(desk):
    phone, clinic = desk
    clinic.answers[VOICE] = dial(SAM, receipts=f'statusCallback="/leg" {ALL_EVENTS}')
    phone.set_faults(reorder_receipts=True)
    phone.calls(DANA)
    phone.declines(SAM)
    phone.releases_late_receipts()
    assert [leg["SequenceNumber"] for leg in clinic.at("/leg")] == ["1", "0", "2"]


# The library itself


def test_a_test_reads_what_was_heard_since_the_last_act(line):
    phone, _ = line
    call = phone.calls(DANA)
    call.presses("1")
    with pytest.raises(AssertionError, match="was not heard"):
        call.hears("Hello")
    call = phone.calls(DANA).hears(re.compile(r"^Hel+o"))
    assert call.transcript == ["clinic: Hello."]


@pytest.mark.parametrize(
    ("path", "given", "error"),
    [
        ("", {"from": DANA, "to": MARCO}, "no number of the clinic"),
        ("/CA0/press", {"keys": "1"}, "no such call"),
        ("/{sid}/sing", {}, "an act is one of"),
        ("/{sid}/press", {"keys": "12a"}, "keys are"),
        ("/{sid}/press", {"keys": ""}, "keys are"),
        ("/{sid}/record", {"said": "hi"}, "nothing is being recorded"),
        ("/{sid}/record", {"seconds": 0}, "whole number"),
        ("/{sid}/record", {"audio": "???", "content_type": "audio/wav"}, "base64"),
        ("/{sid}/record", {"audio": "AAAA"}, "content_type"),
        ("/{sid}/answer", {}, "does not ring"),
        ("/{sid}/decline", {}, "does not ring"),
        ("/{sid}/ring-out", {}, "does not ring"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(line, path, given, error):
    phone, _ = line
    call = phone.calls(DANA)
    with pytest.raises(Refused, match=error):
        phone.do("POST", "/line/calls" + path.format(sid=call.sid), given)
    assert call.waits_for == "gather"
