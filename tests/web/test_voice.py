"""Calls through the webhooks: what the caller hears, and what staff see afterwards."""

import json
import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.web.calling import CALLER, VOICE, Caller, call_sid, valid
from tests.web.texting import CLINIC, a_text, texting, texts_in
from triage.conversation import call_turns
from triage.model.member import Role
from triage.model.request import Flag, Priority
from triage.store import calls, members, people, recordings, requests
from triage.store.tables import callback_requests, messages, notices
from triage.team import request_acts

WITHHELD = (
    "anonymous", "Restricted", "unavailable", "unknown", "", "+", "client:ann", "sip:ann@example.org", "+266696687",
    "+7378742833", "+17378742833", "+7378742883", "+86282452253", "+2562533", "+8656696", "+464",
)  # fmt: skip
DIALOGUES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "voice_dialogues.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch, "2026-11-23 09:30") as clinic:
        yield clinic


def request_of(clinic, phone=CALLER):
    with clinic.database.read() as db:
        person = people.by_phone(db, phone)
        return requests.newest_of(db, person.id) if person else None


def person_of(clinic, phone=CALLER):
    with clinic.database.read() as db:
        return people.by_phone(db, phone)


def test_a_call_is_answered_with_where_help_is_before_anything_else(clinic):
    caller = Caller(clinic).rings()
    first = next(caller.document.iter("Say")).text
    assert "9 1 1" in first
    assert "9 8 8" in first
    gather = caller.document.find("Gather")
    assert gather.attrib["input"] == "dtmf speech"
    assert gather.attrib["actionOnEmptyResult"] == "true"
    assert gather.attrib["bargeIn"] == "true"
    assert "ketamine" in gather.attrib["hints"]


def play(clinic, row):
    """The calls of a row, as Twilio posts them; see commands/played_calls.py for its turns."""
    caller = Caller(clinic, row["from"]).rings()
    for number, written in enumerate(row["turns"], start=2):
        turn = {"says": written} if isinstance(written, str) else written
        if "hangs_up" in turn:
            caller.hangs_up()
            caller = Caller(clinic, row["from"], number).rings()
        elif "records" in turn:
            caller.records(f"RE{number}", str(turn["seconds"]))
        elif "rings" in turn:
            caller.nobody_answers()
        elif not turn["says"]:
            caller.stays_silent()
        else:
            (caller.presses if re.fullmatch(r"[0-9*#]+", turn["says"]) else caller.says)(turn["says"])
    return caller


@pytest.mark.parametrize("row", DIALOGUES, ids=lambda row: row["id"])
def test_whole_calls(database, monkeypatch, row):
    with texting(database, monkeypatch, row["now"].replace("T", " ")) as clinic:
        caller, expected = play(clinic, row), row["expect"]
        known_by = row["from"] if row["from"].startswith("+") else f"withheld:{caller.sid}"
        assert all(words in caller.heard for words in expected.get("last_has", ()))
        assert follows(caller) == expected.get("then", follows(caller))
        person = person_of(clinic, known_by)
        assert (person.opted_out_at is not None) is expected.get("opted_out", person.opted_out_at is not None)
        assert (person.no_calls_at is not None) is expected.get("no_calls", person.no_calls_at is not None)
        found = request_of(clinic, known_by)
        if expected["status"] == "none":
            assert found is None
            return
        assert found.status == expected["status"]
        for field in ("phone", "topic", "priority", "extension"):
            assert expected.get(field) in (None, getattr(found, field))
        assert set(expected.get("flags", ())) <= {flag.value for flag in found.flags}
        assert (found.name or "").casefold() == (expected.get("name", found.name) or "").casefold()
        if "start" in expected:
            starts = found.window_start.astimezone(clinic.line.clinic.zone)
            assert starts.strftime("%Y-%m-%dT%H:%M") == expected["start"]


def follows(caller):
    redirect = caller.document.findtext("Redirect", "")
    if "/connect/" in redirect:
        return f"connect {redirect.split('/connect/')[1].split('/')[0]}"
    return next(word for verb, word in (("Record", "record"), ("Hangup", "hangup"), ("Gather", "listen"))
                if caller.document.find(verb) is not None)  # fmt: skip


def test_a_call_back_by_keys_alone_takes_five_turns_and_is_confirmed_by_text(clinic):
    caller = Caller(clinic).rings().presses("4").says("Dana Zimt").presses("1").presses("2")
    assert request_of(clinic).window_start is not None
    caller.presses("2")
    assert "6 0 2, 5 5 5, 0 1 8 8" in caller.heard
    assert "on Monday the 23rd of November" in caller.heard
    caller.presses("1").presses("1")
    assert "on its way" in caller.heard
    assert request_of(clinic).confirmed_at is not None


def test_a_landline_hears_its_reference_number(clinic):
    Caller(clinic, number=1).rings()
    with clinic.database.write() as db:
        people.change(db, people.by_phone(db, CALLER).id, {"textable": False})
    caller = (
        Caller(clinic, number=2).rings().presses("4").says("Dana").presses("1").presses("1").presses("1").presses("1")
    )
    assert f"reference number is {request_of(clinic).id}" in caller.heard


@pytest.mark.parametrize("sender", WITHHELD)
def test_a_withheld_caller_is_asked_for_a_number_and_shares_nothing_with_another(clinic, sender):
    caller = Caller(clinic, sender).rings().presses("4").says("Dana").presses("6025550199")
    assert "6 0 2, 5 5 5, 0 1 9 9" in caller.heard
    caller.presses("1").presses("1")
    found = request_of(clinic, f"withheld:{caller.sid}")
    assert (found.name, found.phone) == ("Dana", "+16025550199")
    other = Caller(clinic, sender, number=2).rings()
    assert "What name should we ask for" in other.presses("1").heard


@pytest.mark.parametrize(
    ("keyed", "why"),
    [
        ("988", "9 8 8"), ("9005550123", "complete number"), ("011442079460123", "United States"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_called_gets_a_clear_sentence_and_another_try(clinic, keyed, why):
    caller = Caller(clinic).rings().presses("4").says("Dana").presses("2").presses(keyed)
    assert why in caller.heard
    assert "6 0 2, 5 5 5, 0 1 9 9" in caller.presses("6025550199").heard


def test_the_same_turn_again_gets_the_same_answer_and_changes_nothing(clinic):
    caller = Caller(clinic).rings().presses("4").says("Dana").presses("1").presses("1")
    kept = clinic.count(messages), clinic.count(callback_requests)
    assert caller.again() == caller.answers[-1]
    assert (clinic.count(messages), clinic.count(callback_requests)) == kept


def test_turns_out_of_order_and_of_unknown_calls_are_answered(clinic):
    caller = Caller(clinic).rings().presses("4")
    form = [("CallSid", caller.sid), ("From", CALLER), ("Digits", "1")]
    assert clinic.post(form, f"{VOICE}/1").data == caller.answers[-1]
    assert clinic.post(form, f"{VOICE}/77").status_code == 200
    unknown = clinic.post([("CallSid", call_sid(9)), ("From", CALLER), ("Digits", "1")], f"{VOICE}/5")
    assert b"9 8 8" in unknown.data


def test_two_calls_of_one_phone_do_not_answer_each_others_questions(clinic):
    one, other = Caller(clinic, number=1).rings(), Caller(clinic, number=2).rings()
    one.presses("4")
    assert "T M S uses magnetic pulses" in other.presses("2").presses("1").presses("2").heard
    assert "Shall we call you" in one.says("Dana").heard


def test_a_text_goes_on_where_the_call_ended(clinic):
    Caller(clinic).rings().says("I want a call about ketamine").says("Dana Zimt")
    answer = clinic.post(a_text(1, "tomorrow at 10", sender=CALLER))
    assert "Dana Zimt" in texts_in(answer)[0]
    assert request_of(clinic).topic == "ketamine"


def test_a_caller_goes_on_where_the_text_ended(clinic):
    clinic.post(a_text(1, "please call me about ketamine, I am Dana Zimt", sender=CALLER))
    caller = Caller(clinic).rings()
    assert "We have your name and your topic" in caller.heard
    assert "Shall we call you" in caller.presses("1").heard


def test_who_hangs_up_after_choosing_a_call_back_is_queued(clinic):
    caller = Caller(clinic).rings().presses("4").says("Dana")
    assert request_of(clinic) is None
    assert caller.hangs_up() == 204
    found = request_of(clinic)
    assert {Flag.HUNG_UP, Flag.INCOMPLETE} <= found.flags
    assert (found.name, found.phone) == ("Dana", CALLER)
    assert caller.hangs_up() == 204
    assert clinic.count(callback_requests) == 1


def test_a_bare_hang_up_asks_for_nothing(clinic):
    caller = Caller(clinic).rings()
    assert caller.hangs_up() == 204
    assert request_of(clinic) is None


def test_spanish_and_slow_mode_by_key_the_slow_one_remembered(clinic):
    caller = Caller(clinic).rings().presses("9")
    assert "Seguimos en español" in caller.heard
    caller.presses("8")
    assert caller.document.find("Gather").attrib["timeout"] == "12"
    later = Caller(clinic, number=2).rings()
    assert later.document.find("Gather").attrib["timeout"] == "12"
    assert later.document.find("Gather").attrib["language"] == "es-US"
    assert "Para que le llamemos" in later.heard


def test_star_repeats_the_whole_turn(clinic):
    caller = Caller(clinic).rings()
    first = caller.heard
    assert caller.presses("*").heard == first


def test_silence_leads_to_a_message_and_then_to_a_goodbye_with_988(clinic):
    caller = Caller(clinic).rings().stays_silent()
    assert "did not hear" in caller.heard
    assert "leave a message" in caller.stays_silent().heard
    caller.stays_silent()
    assert caller.document.find("Record") is not None
    assert "leave a message" in caller.records("", seconds="0").heard
    caller.stays_silent()
    assert caller.document.find("Hangup") is not None
    assert "9 8 8" in caller.heard


def test_words_of_crisis_are_answered_first_and_offer_to_be_connected(clinic):
    caller = Caller(clinic).rings().says("i don't want to live any more")
    assert "9 8 8" in next(caller.document.iter("Say")).text
    assert request_of(clinic).priority is Priority.CRISIS
    assert request_of(clinic).next_alert_at is not None
    caller.presses("1")
    assert "connect/988/" in caller.document.find("Redirect").text


def test_a_person_now_is_queued_before_anything_rings_and_keeps_the_place(clinic):
    caller = Caller(clinic).rings().presses("0")
    assert "connect/on_duty/2" in caller.document.find("Redirect").text
    assert request_of(clinic).phone == CALLER
    assert "nobody could take the call" in caller.nobody_answers().heard
    assert "What name" in caller.presses("1").heard


def test_voicemail_is_queued_by_whichever_report_is_first(clinic):
    caller = Caller(clinic).rings().presses("5")
    record = caller.document.find("Record")
    assert int(record.attrib["maxLength"]) < 120
    assert record.attrib["transcribe"] == "true"
    receipt = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingDuration": "21"}
    assert caller.reports("recordings", **receipt) == 204
    assert Flag.VOICEMAIL in request_of(clinic).flags
    caller.records("RE1", seconds="21")
    assert "has your message" in caller.heard
    assert caller.reports("recordings", **receipt) == 204
    assert clinic.count(callback_requests) == 1
    with clinic.database.read() as db:
        found = recordings.by_sid(db, "RE1")
    assert (found.of, found.duration_s, found.request_id) == ("voicemail", 21, request_of(clinic).id)


def test_a_transcript_is_screened_however_late_and_joined_to_its_recording(clinic):
    caller = Caller(clinic).rings().presses("5").records("RE1")
    caller.hangs_up()
    assert (
        caller.reports("transcripts", RecordingSid="RE1", TranscriptionText="i am going to kill myself tonight") == 204
    )
    found = request_of(clinic)
    assert found.priority is Priority.CRISIS
    assert found.next_alert_at is not None
    assert caller.reports("transcripts", RecordingSid="RE1", TranscriptionText="something else") == 204
    with clinic.database.read() as db:
        assert recordings.by_sid(db, "RE1").transcript == "i am going to kill myself tonight"


def test_who_leaves_words_of_crisis_hears_988_before_the_tone_and_gets_it_by_text(clinic):
    caller = Caller(clinic).rings().presses("5")
    assert "9 8 8" in caller.heard
    caller.records("RE1").hangs_up()
    for _ in range(2):
        caller.reports("transcripts", RecordingSid="RE1", TranscriptionText="i am going to kill myself tonight")
    with clinic.database.read() as db:
        bodies = list(db.execute(select(notices.c.kind, notices.c.body).where(notices.c.person_id.is_not(None))))
    assert [kind for kind, _ in bodies] == ["late_alarm"]
    assert "988" in bodies[0].body


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("can i take my lithium together with ketamine", "voicemail,handover.medical"),
        ("hi this is dana please call me back", "voicemail"),
        ("my heart has been racing since the infusion yesterday", "adverse"),
    ],
)
def test_what_is_medical_in_a_voicemail_is_kept_as_such(clinic, said, label):
    """Only the roles that may read it may then hear it."""
    caller = Caller(clinic)
    caller.rings()
    caller.reports("transcripts", RecordingSid="RE1", TranscriptionText=said)
    with clinic.database.read() as db:
        assert db.scalar(select(messages.c.label).where(messages.c.dedupe_key == "transcript:RE1")) == label


def test_a_transcript_before_its_recording_and_of_an_unknown_call_is_kept(clinic):
    caller = Caller(clinic)
    assert caller.reports("transcripts", RecordingSid="RE7", TranscriptionText="call me please") == 204
    assert caller.reports("transcripts", RecordingSid="RE7", TranscriptionText="") == 204
    assert caller.reports("transcripts") == 204
    with clinic.database.read() as db:
        assert recordings.by_sid(db, "RE7").transcript == "call me please"


def test_a_message_left_at_the_fallback_is_queued_when_the_line_is_back(clinic):
    answer = clinic.post([("CallSid", call_sid(4)), ("From", CALLER)], f"{VOICE}/fallback")
    assert b"<Record" in answer.data
    form = [
        ("CallSid", call_sid(4)),
        ("RecordingSid", "RE9"),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", "9"),
    ]
    assert clinic.post([*form, ("From", CALLER)], f"{VOICE}/recordings").status_code == 204
    assert Flag.VOICEMAIL in request_of(clinic).flags


@pytest.mark.parametrize("duration", ["0", "1"])
def test_a_recording_of_nothing_is_no_message(clinic, duration):
    caller = Caller(clinic).rings().presses("5").records("RE1", seconds=duration)
    assert "did not hear a message" in caller.heard
    assert request_of(clinic) is None


def test_a_name_that_is_not_understood_is_recorded_for_staff(clinic):
    caller = Caller(clinic).rings().presses("4").presses("7")
    assert caller.document.find("Record") is not None
    caller.records("RE3", seconds="3")
    assert "Shall we call you" in caller.heard
    caller.presses("1").presses("1")
    assert Flag.ASK_NAME in request_of(clinic).flags
    with clinic.database.read() as db:
        assert recordings.by_sid(db, "RE3").of == "name"


def test_a_fault_names_help_offers_one_more_try_and_then_the_fallback(clinic, monkeypatch):
    caller = Caller(clinic).rings()

    def fails(*_):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(calls, "by_sid", fails)
    path = caller.way("Gather")
    form = [("CallSid", caller.sid), ("From", CALLER), ("Digits", "4")]
    answer = clinic.post(form, path)
    assert b"9 8 8" in answer.data
    assert b"tried=1" in answer.data
    assert clinic.post(form, f"{path}?tried=1").status_code == 503
    monkeypatch.undo()


def test_after_a_fault_the_same_question_is_asked_again_and_nothing_is_taken_for_silence(clinic, monkeypatch):
    caller = Caller(clinic).rings().presses("1").says("Dana")
    with monkeypatch.context() as meanwhile:

        def fails(*_):
            raise OperationalError("", {}, Exception())

        meanwhile.setattr(calls, "by_sid", fails)
        path = caller.way("Gather")
        answer = clinic.post([("CallSid", caller.sid), ("From", CALLER), ("Digits", "1")], path)
        assert b"that was our fault" in answer.data
    answer = clinic.post([("CallSid", caller.sid), ("From", CALLER)], f"{path}?tried=1")
    assert b"Shall we call you" in answer.data
    assert b"did not hear" not in answer.data


def test_where_the_rules_throw_the_same_question_is_asked_again(clinic, monkeypatch):
    caller = Caller(clinic).rings().presses("1").says("Dana")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(call_turns, "take_turn", lambda *_: 1 / 0)
        caller.presses("1")
    assert "that was our fault" in caller.heard
    assert "6 0 2, 5 5 5, 0 1 8 8" in caller.heard
    assert "When shall we call" in caller.presses("1").heard


@pytest.mark.parametrize(
    "fields", [{}, {"Digits": "１２"}, {"Digits": "4" * 40}, {"Digits": "abc"}, {"SpeechResult": "a" * 5000}]
)
@pytest.mark.parametrize("confidence", ["", "nan", "2.0"])
def test_whatever_is_keyed_or_said_the_call_goes_on(clinic, fields, confidence):
    caller = Caller(clinic).rings()
    caller._posts(caller.way("Gather"), Confidence=confidence, **fields)
    valid(caller.document)
    assert caller.document.find("Gather") is not None


@pytest.mark.parametrize(
    "path", ["", "/1", "/1/recorded", "/1/nobody", "/fallback", "/status", "/recordings", "/transcripts"]
)
def test_what_twilio_did_not_sign_is_turned_away(clinic, path):
    assert clinic.post([("CallSid", call_sid())], f"{VOICE}{path}", signature="no").status_code == 403


@pytest.mark.parametrize("status", ["in-progress", "ringing", "completed", "odd", ""])
def test_a_report_of_a_call_that_we_do_not_know_is_not_sent_for_ever(clinic, status):
    assert Caller(clinic, number=8).hangs_up(status) == 204


@pytest.mark.parametrize("wish", ["0", "4", "a message", "words"])
def test_a_new_wish_for_a_call_takes_back_no_calls_and_says_so(clinic, wish):
    Caller(clinic, number=1).rings().says("never call me again").hangs_up()
    assert person_of(clinic).no_calls_at is not None
    caller = Caller(clinic, number=2).rings()
    if wish == "a message":
        caller.says("leave a message").records("RE1")
    elif wish == "words":
        caller.says("i want a call about ketamine")
    else:
        caller.presses(wish)
    assert "call you again" in caller.heard
    assert person_of(clinic).no_calls_at is None


def test_stop_on_a_call_stops_the_talking_and_nothing_else(clinic):
    caller = Caller(clinic).rings().presses("4").says("Dana").presses("1").presses("1").presses("1")
    caller.says("stop").says("enough").says("no more")
    found = person_of(clinic)
    assert (found.opted_out_at, found.no_calls_at) == (None, None)
    assert request_of(clinic).status == "queued"


@pytest.mark.parametrize("said", ["0", "representative", "i want to talk to a real person", "una persona por favor"])
def test_a_person_in_words_is_key_0_in_the_menu_and_in_the_form(clinic, said):
    for number, before in enumerate(("", "a call back please", "how does tms work"), start=1):
        caller = Caller(clinic, f"+1602555011{number}", number).rings()
        if before:
            caller.says(before)
        caller.presses(said) if said == "0" else caller.says(said)
        assert "connect/on_duty/" in caller.document.find("Redirect").text, before


def test_that_nobody_took_the_call_is_no_silence_of_the_caller(clinic):
    caller = Caller(clinic).rings().presses("0").nobody_answers().stays_silent()
    assert "did not hear" in caller.heard
    assert caller.document.find("Record") is None
    assert caller.stays_silent().document.find("Record") is not None


@pytest.mark.parametrize("sender", ["anonymous", "+442079460123"], ids=["withheld", "abroad"])
def test_a_caller_whom_nobody_could_take_and_we_cannot_call_is_asked_for_a_number(clinic, sender):
    caller = Caller(clinic, sender).rings().presses("0").nobody_answers()
    assert "number" in caller.heard
    assert "area code" in caller.heard
    caller.presses("6025550199").presses("1")
    known_by = sender if sender.startswith("+") else f"withheld:{caller.sid}"
    assert request_of(clinic, known_by).phone == "+16025550199"


def transcribes(caller):
    return "transcribe" in caller.document.find("Record").attrib


def test_a_spanish_message_gets_no_transcript_and_is_to_be_listened_to_first(clinic):
    caller = Caller(clinic).rings().presses("9").presses("5")
    assert not transcribes(caller)
    caller.records("RE1")
    found = request_of(clinic)
    assert {Flag.VOICEMAIL, Flag.LISTEN_FIRST} <= found.flags
    assert found.priority is Priority.URGENT
    assert timedelta(minutes=14) < found.due_at - clinic.clock() < timedelta(minutes=15)
    assert [kind for kind, _ in planned(clinic) if kind == "listen_first"] == ["listen_first"]
    assert transcribes(Caller(clinic, "+16025550189", 2).rings().presses("5")), "English is written down"


def planned(clinic):
    with clinic.database.read() as db:
        return list(db.execute(select(notices.c.kind, notices.c.due_at)))


def test_a_promise_outlives_a_spanish_message_and_counts_again_once_somebody_has_listened(clinic):
    caller = Caller(clinic).rings().presses("9").presses("1").says("Dana Zimt").presses("1").presses("3")
    caller.presses("2").presses("1")
    before = request_of(clinic)
    assert before.promised_start is not None
    caller.hangs_up()
    again = Caller(clinic, number=2).rings().presses("5").records("RE1")
    assert again.document is not None
    left = request_of(clinic)
    assert (left.promised_start, left.promised_end) == (before.promised_start, before.promised_end)
    assert left.due_at < before.due_at
    with clinic.database.write() as db:
        member = members.add(db, "front", "front", Role.FRONT_DESK, "no hash", "+16025550111", clinic.clock())
        assert request_acts.has_listened(db, clinic.line.clinic, left.id, member, clinic.clock())
    heard = request_of(clinic)
    assert heard.due_at == before.due_at
    assert Flag.LISTEN_FIRST not in heard.flags


@pytest.mark.parametrize("step", ["menu", "questions", "time", "topic"])
@pytest.mark.parametrize(("lang", "offers"), [("en", "Español, oprima 9"), ("es", "For English, press 9")])
def test_after_one_miss_the_other_language_is_offered(clinic, lang, offers, step):
    caller = Caller(clinic).rings()
    if lang == "es":
        caller.presses("9")
    before = {"questions": ["2"], "time": ["1", "Dana", "1"], "topic": ["1", "Dana", "1", "1"]}.get(step, [])
    for one in before:
        (caller.presses if one.isdecimal() else caller.says)(one)
    caller.says("blarg fnord wibble")
    assert offers in caller.heard
    other = next(say for say in caller.document.iter("Say") if offers in (say.text or ""))
    assert other.attrib["language"].startswith("es" if lang == "en" else "en")


def test_a_language_known_from_a_text_is_listened_for_from_the_first_turn(clinic):
    clinic.post(a_text(1, "Hola, quiero información sobre la ketamina", CALLER))
    caller = Caller(clinic).rings()
    assert caller.document.find("Gather").attrib["language"] == "es-US"


def test_a_number_of_ours_can_be_met_in_spanish(database, monkeypatch):
    with texting(database, monkeypatch, "2026-11-23 09:30", spanish_numbers=[CLINIC]) as clinic:
        assert Caller(clinic).rings().document.find("Gather").attrib["language"] == "es-US"


@pytest.mark.parametrize("line", ["own number", "desk line"])
def test_a_caller_id_that_is_a_line_of_ours_is_nobodys(database, monkeypatch, line):
    desk = "+16025550190"
    with texting(database, monkeypatch, "2026-11-23 09:30", desk_lines=[desk]) as clinic:
        shown = CLINIC if line == "own number" else desk
        first = Caller(clinic, shown, 1).rings().presses("1").says("Dana Zimt")
        assert person_of(clinic, shown) is None
        assert "number" in first.heard
        assert person_of(clinic, f"withheld:{first.sid}") is not None


def test_a_blocked_phone_is_heard_in_danger_and_else_let_go(clinic):
    Caller(clinic).rings()
    with clinic.database.write() as db:
        people.change(db, people.by_phone(db, CALLER).id, {"blocked_at": clinic.clock()})
    caller = Caller(clinic, number=2).rings()
    assert "9 8 8" in caller.heard
    assert "cannot take other calls" in caller.heard
    caller.presses("1")
    assert caller.document.find("Hangup") is not None
    assert request_of(clinic) is None
    grave = Caller(clinic, number=3).rings().says("i am going to kill myself tonight")
    assert "9 8 8" in grave.heard
    assert grave.document.find("Hangup") is None
    assert request_of(clinic).priority is Priority.CRISIS
    person = Caller(clinic, "+16025550189", 4).rings().presses("0")
    assert follows(person).startswith("connect")


def test_the_fallback_leads_on_after_its_tone_and_what_is_left_there_is_queued_with_its_number(clinic):
    sid = call_sid(4)
    document = ElementTree.fromstring(clinic.post([("CallSid", sid), ("From", CALLER)], f"{VOICE}/fallback").data)
    record = document.find("Record")
    assert record.attrib["transcribe"] == "true"
    assert "/fallback/recorded" in document.findtext("Redirect")
    report = [("CallSid", sid), ("RecordingSid", "RE9"), ("RecordingStatus", "completed"), ("RecordingDuration", "9")]
    assert clinic.post(report, f"{VOICE}/recordings").status_code == 204
    assert request_of(clinic) is None, "a report of a recording does not tell who called"
    ended = [("CallSid", sid), ("From", CALLER), ("RecordingSid", "RE9"), ("RecordingDuration", "9")]
    assert b"<Hangup" in clinic.post(ended, f"{VOICE}/fallback/recorded").data
    assert Flag.VOICEMAIL in request_of(clinic).flags
    assert request_of(clinic).phone == CALLER


def test_a_transcript_of_a_call_that_we_never_saw_is_screened(clinic):
    form = [("CallSid", call_sid(5)), ("RecordingSid", "RE8"), ("From", CALLER)]
    words = ("TranscriptionText", "i am going to kill myself tonight")
    assert clinic.post([*form, words], f"{VOICE}/transcripts").status_code == 204
    assert request_of(clinic).priority is Priority.CRISIS
