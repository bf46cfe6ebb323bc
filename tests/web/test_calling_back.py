"""Staff call a person back through the clinic's number: two real phones of the line, and the clinic between them."""

from datetime import timedelta
from itertools import permutations
from threading import Thread

import pytest
from twilio.request_validator import RequestValidator

from tests.builders import local
from tests.ringing_house import DANA, FRONT, House
from triage.hours.promises import Promise
from triage.model.call import Leg, Purpose
from triage.model.request import Disposition, Flag, Status
from triage.ports import CallReport
from triage.ringing.call_back import CannotCall
from triage.ringing.leg_turns import report
from triage.store import promise_ledger
from triage.team import request_acts


@pytest.fixture
def house(database, monkeypatch):
    return House(database, monkeypatch)


@pytest.fixture
def ref(house):
    return house.line.has_request(DANA, topic="ketamine")


def test_staff_and_patient_are_joined_after_a_key_on_each_phone(house, ref):
    staff = house.calls_back(ref)
    staff.hears(f"request {ref}")
    assert "Dana" not in staff.heard, "a private mailbox may be listening"
    staff.presses("1").hears("Dana Zimt, about ketamine")
    dana = house.phones.answers(DANA)
    dana.hears("Example Care is returning your call").hears("press 1 or say yes")
    assert "ketamine" not in dana.heard.lower()
    assert dana.waits_for == "gather"
    dana.presses("1")
    assert dana.waits_for == "connected"
    assert house.line.request(ref).claimed_by == house.line.staff["front"]
    dana.hangs_up()
    staff.hears("Q lists the codes")
    assert house.outcomes(ref) == ["reached"]
    assert house.attempts(ref)[0].awaits_outcome
    assert house.attempts(ref)[0].talked_s
    assert house.open_legs() == []


def test_a_number_with_an_extension_is_rung_and_stays_in_the_queue_as_it_was_given(house, ref):
    house.line.changes(ref, phone=f"{DANA};ext=14")
    assert (house.line.request(ref).phone, house.line.request(ref).extension) == (DANA, "14")
    house.calls_back(ref).presses("1")
    house.phones.answers(DANA).hears("If you asked for it, press 1")


def test_nobody_ever_sees_the_number_of_staff(house, ref):
    house.calls_back(ref).presses("1")
    dana = house.phones.answers(DANA)
    assert dana.state["from"] == house.line.clinic.numbers[0]


def test_nobody_answers_and_the_attempt_is_logged_once(house, ref):
    staff = house.calls_back(ref).presses("1")
    house.phones.does_not_answer(DANA)
    staff.hears("did not answer")
    assert house.outcomes(ref) == ["no_answer"]
    request = house.line.request(ref)
    assert (request.status, request.claimed_by, request.attempts) == (Status.QUEUED, None, 1)
    assert house.attempts(ref)[0].by == "front"
    assert house.open_legs() == []


@pytest.mark.parametrize(
    ("habit", "outcome"),
    [("busy", "busy"), ("declines", "busy"), ("no answer", "no_answer"), ("unreachable", "no_answer")],
)
def test_each_end_of_the_patients_leg_is_its_disposition(house, ref, habit, outcome):
    house.phones.set_habit(DANA, habit)
    house.calls_back(ref).presses("1")
    assert house.outcomes(ref) == [outcome]


def test_a_machine_is_noticed_and_staff_may_leave_a_message(house, ref):
    house.phones.set_habit(DANA, "machine")
    staff = house.calls_back(ref).presses("1")
    staff.hears("To speak after its tone, press 1").hears("name neither a treatment")
    assert len([line for line in house.phones.of(DANA)[0].transcript if "returning your call" in line]) == 1
    staff.presses("1")
    staff.hangs_up()
    assert house.outcomes(ref) == ["left_voicemail"]
    assert house.open_legs() == []
    request = house.line.request(ref)
    assert (request.status, request.claimed_by) == (Status.QUEUED, None)
    assert request.due_at > house.line.now, "the next try is planned"
    assert len(house.line.notices(ref, "tried_to_reach")) == 1


def test_a_machine_without_a_message_is_no_answer_with_a_note(house, ref):
    house.phones.set_habit(DANA, "machine")
    house.calls_back(ref).presses("1").hangs_up()
    assert house.outcomes(ref) == ["no_answer"]
    assert house.attempts(ref)[0].note == "An answering machine took the call; no message was left."


@pytest.mark.parametrize(
    ("act", "told", "outcome", "note"),
    [
        ("silence", "said nothing", "no_answer", "Picked up, but nobody spoke."),
        ("hangs up", "picked up and hung up", "no_answer", "Picked up and hung up again."),
        ("press 2", "wrong person", "wrong_number", "Whoever picked up says that we have the wrong person."),
        ("wrong number", "wrong person", "wrong_number", "Whoever picked up says that we have the wrong person."),
        ("what is this about", "did not say", "no_answer", "Picked up, but did not say that they asked for the call."),
    ],
)
def test_each_way_to_refuse_our_call_is_an_outcome_of_its_own_and_nothing_private_is_said(
    house, ref, act, told, outcome, note
):
    staff = house.calls_back(ref).presses("1")
    somebody = house.phones.answers(DANA)
    if act == "silence":
        somebody.stays_silent().stays_silent()
    elif act == "hangs up":
        somebody.hangs_up()
    elif act == "press 2":
        somebody.presses("2").hears("Sorry to have bothered you")
    else:
        somebody.says(act)
        if not somebody.ended:
            somebody.says(act)
    assert somebody.ended
    heard = " ".join(somebody.transcript)
    assert "Dana" not in heard
    assert "ketamine" not in heard
    staff.hears(told).hangs_up()
    assert house.outcomes(ref) == [outcome]
    assert house.attempts(ref)[0].note == note
    assert (Flag.WRONG_NUMBER in house.line.request(ref).flags) is (outcome == "wrong_number")


@pytest.mark.parametrize(("lang", "said"), [("en", "yes"), ("en", "Yes, speaking"), ("es", "sí"), ("es", "Ella habla")])
def test_a_yes_in_words_joins_them_in_their_language(house, ref, lang, said):
    house.line.changes(ref, lang=lang)
    staff = house.calls_back(ref).presses("1")
    assert ("Speaks Spanish" in staff.heard) is (lang == "es")
    dana = house.phones.answers(DANA)
    dana.hears("is returning your call" if lang == "en" else "le devuelve su llamada")
    assert dana.says(said).waits_for == "connected"


def test_words_of_danger_on_our_call_join_them_at_once(house, ref):
    house.calls_back(ref).presses("1")
    assert house.phones.answers(DANA).says("I want to kill myself").waits_for == "connected"


@pytest.mark.parametrize("first", ["staff", "patient"])
def test_a_talk_is_logged_as_reached_with_its_length_and_who_talked_is_asked_for_the_outcome(house, ref, first):
    house.line.changes(ref, due_at=house.line.now + timedelta(minutes=5))
    staff = house.calls_back(ref).presses("1")
    dana = house.phones.answers(DANA).presses("1")
    attempt = house.attempts(ref)[0]
    assert (attempt.disposition, attempt.by, attempt.awaits_outcome) == ("reached", "front", True)
    (staff if first == "staff" else dana).hangs_up()
    assert house.attempts(ref)[0].talked_s
    house.line.runs_jobs()
    house.line.clock.move(seconds=61)
    house.line.runs_jobs()
    texts = asked_for_the_outcome(house)
    assert len(texts) == 1
    assert f"D {ref}" in texts[0]
    assert "1 min" in texts[0]
    house.line.does(
        request_acts.log_attempt, house.line.line.words, ref, house.line.staff["front"], Disposition.BOOKED, "Thursday"
    )
    told = house.attempts(ref)
    assert [(one.disposition, one.note, one.awaits_outcome) for one in told] == [("booked", "Thursday", False)]
    house.line.clock.move(minutes=5)
    house.line.runs_jobs()
    assert len(asked_for_the_outcome(house)) == 1


def asked_for_the_outcome(house):
    return [text.body for text in house.line.messenger.sent if text.to == FRONT and "How did it end" in text.body]


def test_who_has_told_the_outcome_is_not_asked(house, ref):
    house.calls_back(ref).presses("1")
    house.phones.answers(DANA).presses("1").hangs_up()
    house.line.does(
        request_acts.log_attempt, house.line.line.words, ref, house.line.staff["front"], Disposition.REACHED, None
    )
    house.line.clock.move(seconds=70)
    house.line.runs_jobs()
    assert asked_for_the_outcome(house) == []


def test_a_talk_that_began_in_time_keeps_the_promise_though_it_lasts_beyond_it(house):
    asked = house.line
    ref = asked.has_request(DANA)
    due_at = asked.now + timedelta(minutes=2)
    with asked.database.write() as db:
        promise_ledger.make(db, ref, Promise(None, due_at), "soon", asked.now)
    house.calls_back(ref).presses("1")
    dana = house.phones.answers(DANA).presses("1")
    asked.clock.move(minutes=10)
    dana.hangs_up()
    with asked.database.read() as db:
        made = promise_ledger.of_request(db, ref)
    assert [one.standing(asked.now) for one in made] == ["kept"]


def test_a_try_after_a_talk_is_a_try_of_its_own(house, ref):
    house.calls_back(ref).presses("1")
    house.phones.answers(DANA).presses("1").hangs_up()
    house.phones.set_habit(DANA, "busy")
    house.line.clock.move(minutes=1)
    house.calls_back(ref).presses("1")
    assert house.outcomes(ref) == ["reached", "busy"]


def test_who_turns_our_call_away_is_told_apart_from_a_busy_line(house, ref):
    house.phones.set_habit(DANA, "declines")
    house.calls_back(ref).presses("1").hears("turned the call away").hangs_up()
    assert house.attempts(ref)[0].note == "Turned the call away."


def test_the_whisper_tells_the_promise_and_the_tries_before(house, ref):
    start = local("2026-11-24 09:30")
    house.line.changes(
        ref, promised="then", promised_start=start, promised_end=start + timedelta(hours=1),
        due_at=start + timedelta(hours=1), attempts=2,
    )  # fmt: skip
    staff = house.calls_back(ref).presses("1")
    staff.hears("Promised on Tuesday").hears("Tried 2 times before").hears("Connecting you now")


@pytest.mark.parametrize("why", ["window", "night", "their night"])
def test_at_an_hour_that_was_not_promised_staff_hear_so_and_confirm(database, monkeypatch, why):
    at = "2026-11-24 20:30" if why == "night" else "2026-11-24 09:00" if why == "their night" else "2026-11-24 10:00"
    house = House(database, monkeypatch, at=at)
    ref = house.line.has_request(DANA)
    if why == "their night":
        house.line.changes_person(ref, zone="Pacific/Honolulu")
    elif why == "window":
        start = local("2026-11-24 14:00")
        house.line.changes(
            ref, promised="then", promised_start=start, promised_end=start + timedelta(hours=1),
            due_at=start + timedelta(hours=1),
        )  # fmt: skip
    staff = house.calls_back(ref).presses("1")
    staff.hears("was promised a call on Tuesday" if why == "window" else "nobody is called at that hour")
    assert house.phones.of(DANA) == []
    assert house.line.request(ref).claimed_by is None
    staff.presses("1").hears("Dana Zimt")
    assert house.phones.ringing(DANA)


def test_without_the_question_the_two_are_joined_at_once(database, monkeypatch):
    house = House(database, monkeypatch, calls={"confirm_identity": False})
    ref = house.line.has_request(DANA)
    staff = house.calls_back(ref).presses("1")
    dana = house.phones.answers(DANA)
    assert dana.waits_for == "connected"
    staff.hangs_up()
    assert house.outcomes(ref) == ["reached"]


@pytest.mark.parametrize("picks", ["does_not_answer", "declines", "answers_by_machine"])
def test_staff_who_do_not_take_their_own_phone_have_called_nobody(house, ref, picks):
    house.wants_to_call(ref)
    house.rings()
    getattr(house.phones, picks)(FRONT)
    assert house.phones.of(DANA) == []
    assert house.outcomes(ref) == []
    assert house.line.request(ref).claimed_by is None
    assert house.open_legs() == []
    assert isinstance(house.wants_to_call(ref, "night"), Leg)


def test_staff_who_hang_up_before_the_connection_let_the_person_go(house, ref):
    staff = house.calls_back(ref).presses("1")
    assert house.phones.ringing(DANA)
    staff.hangs_up()
    assert house.phones.ringing(DANA) == []
    assert house.open_legs() == []
    assert house.outcomes(ref) == [], "no call came of it"
    house.line.runs_jobs()
    assert any("You hung up before" in text.body for text in house.line.messenger.sent if text.to == FRONT)
    assert isinstance(house.wants_to_call(ref), Leg)


def test_a_second_member_of_staff_is_told_that_somebody_is_calling(house, ref):
    house.wants_to_call(ref)
    assert house.wants_to_call(ref, "night") is CannotCall.CALLING
    assert house.wants_to_call(ref) is CannotCall.CALLING
    assert house.rings() == 1


def test_of_two_who_call_at_the_same_moment_one_phone_rings(house, ref):
    answers = []
    both = [
        Thread(target=lambda login=login: answers.append(house.wants_to_call(ref, login)))
        for login in ("front", "night")
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(isinstance(answer, Leg) for answer in answers) == 1
    assert CannotCall.CALLING in answers
    assert house.rings() == 1


@pytest.mark.parametrize(
    ("why", "refusal"),
    [
        ("closed", CannotCall.NOT_OPEN),
        ("taken", CannotCall.HAS_IT),
        ("no number", CannotCall.NO_NUMBER),
        ("no calls", CannotCall.NO_CALLS),
    ],
)
def test_a_person_who_cannot_be_called_is_not(house, ref, why, refusal):
    if why == "closed":
        house.line.does(request_acts.close, ref, house.line.staff["front"], Disposition.OTHER)
    elif why == "taken":
        house.line.does(request_acts.claim, ref, house.line.staff["night"])
    elif why == "no number":
        house.line.changes_person(ref, phone="anonymous")
        house.line.changes(ref, phone=None)
    else:
        house.line.changes_person(ref, no_calls_at=house.line.now)
    assert house.wants_to_call(ref) is refusal
    assert house.legs() == []


def test_a_request_closed_while_the_staff_phone_rings_calls_nobody(house, ref):
    house.wants_to_call(ref)
    house.rings()
    house.line.does(request_acts.cancel, ref, house.line.staff["night"])
    house.phones.answers(FRONT).hears("no longer open")
    assert house.phones.of(DANA) == []


def test_a_request_taken_by_a_colleague_meanwhile_stays_with_the_colleague(house, ref):
    staff = house.calls_back(ref)
    house.line.does(request_acts.claim, ref, house.line.staff["night"])
    staff.presses("1").hears("A colleague has this request")
    assert house.phones.of(DANA) == []


def test_a_wish_to_call_that_waited_too_long_is_dropped(house, ref):
    house.wants_to_call(ref)
    house.line.clock.move(seconds=61)
    assert house.rings() == 0
    assert [leg.why for leg in house.legs()] == ["expired"]
    assert house.open_legs() == []


def test_the_same_key_posted_twice_rings_the_person_once(house, ref):
    staff = house.calls_back(ref)
    staff.presses("1")
    leg = house.legs()[0]
    path = f"/webhooks/calls/{leg.id}/key"
    form = {"CallSid": leg.sid, "Digits": "1"}
    signature = RequestValidator("local-token").compute_signature(f"http://127.0.0.1:8000{path}", form)
    twice = [house.web.post(path, data=form, headers={"X-Twilio-Signature": signature}).data for _ in range(2)]
    assert twice[0] == twice[1]
    assert len([leg for leg in house.legs() if leg.purpose is Purpose.PATIENT]) == 1


ENDS = [
    ("staff", "in-progress"),
    ("patient", "ringing"),
    ("patient", "no-answer"),
    ("staff", "completed"),
    ("patient", "initiated"),
]


@pytest.mark.parametrize("order", list(permutations(ENDS))[::7])
def test_receipts_come_to_the_same_in_any_order_and_twice(sqlite_database, monkeypatch, order):
    house = House(sqlite_database, monkeypatch)
    ref = house.line.has_request(DANA)
    house.calls_back(ref).presses("1")
    parts, ids = house.line.line, {"staff": house.legs()[0], "patient": house.legs()[1]}
    for who, status in (*order, *order):
        with parts.db.write() as db:
            leg = ids[who]
            report(db, parts.clinic, parts.words, leg.id, CallReport(leg.sid or "", status), house.line.now)
    assert [leg.status for leg in house.legs()] == ["completed", "no-answer"]
    assert house.outcomes(ref) == ["no_answer"]


def test_receipts_that_never_come_are_looked_up(house, ref):
    house.phones.set_habit(DANA, "no answer")
    staff = house.calls_back(ref)
    house.phones.set_faults(drop_receipts=100)
    staff.presses("1")
    staff.hangs_up()
    house.later(minutes=3)
    assert house.open_legs() == []
    assert house.outcomes(ref) == ["no_answer"]


def test_an_attempt_that_was_logged_by_hand_is_not_logged_again(house, ref):
    house.phones.set_habit(DANA, "machine")
    staff = house.calls_back(ref).presses("1")
    with house.line.database.write() as db:
        member = house.line.staff["front"]
        parts = house.line.line
        request_acts.log_attempt(
            db, parts.clinic, parts.words, ref, member, Disposition.NO_ANSWER, "by hand", house.line.now
        )
    staff.hangs_up()
    assert [attempt.note for attempt in house.attempts(ref)] == ["by hand"]


@pytest.mark.parametrize("first", ["staff", "caller"])
def test_a_person_who_calls_while_we_ring_them_is_joined_to_that_call(house, ref, first):
    staff = house.calls_back(ref).presses("1")
    assert house.phones.ringing(DANA)
    caller = house.phones.calls(DANA, phone="+16025550133")
    caller.hears("returning our call").presses("1").hears("calling you at this very moment")
    assert caller.waits_for == "queue"
    house.rings()
    staff.hears("They are calling us")
    assert (caller.waits_for, staff.waits_for) == ("connected", "dial")
    assert house.phones.ringing(DANA) == [], "our own ringing has ended"
    staff.says("Hello Dana")
    caller.hears("Hello Dana")
    assert house.outcomes(ref) == ["reached"]
    (staff if first == "staff" else caller).hangs_up()
    if first == "caller":
        staff.hears("logged as reached").hangs_up()
    assert caller.ended
    assert house.open_legs() == []
    assert house.outcomes(ref) == ["reached"]
    house.line.clock.move(seconds=61)
    house.line.runs_jobs()
    assert len(asked_for_the_outcome(house)) == 1


def test_who_waits_in_vain_for_our_call_goes_on_with_theirs(house, ref):
    staff = house.calls_back(ref).presses("1")
    caller = house.phones.calls(DANA, phone="+16025550133").presses("1")
    staff.hangs_up()
    house.rings()
    house.line.clock.move(seconds=21)
    caller.stays_silent().hears("nobody could take the call")
    assert house.open_legs() == []


def test_staff_whose_caller_has_hung_up_meanwhile_are_told(house, ref):
    staff = house.calls_back(ref).presses("1")
    caller = house.phones.calls(DANA, phone="+16025550133").presses("1")
    house.line.clock.move(seconds=1)
    leg = next(leg for leg in house.legs() if leg.purpose is Purpose.JOINED)
    caller.hangs_up()
    assert house.phones.client().calls(staff.sid).update(url=f"http://127.0.0.1:8000/webhooks/calls/{leg.id}/room")
    house.phones.settle()
    staff.hears("have hung up")
    assert [one.purpose for one in house.open_legs()] == []


STEPS_OF_A_LEG = (
    "answered", "key", "connect", "anyway", "voicemail", "asked", "asked_again", "dialled", "room", "waits", "talked",
)  # fmt: skip


def test_what_twilio_did_not_sign_rings_nobody(house, ref):
    house.wants_to_call(ref)
    for path in (*(f"1/{step}" for step in STEPS_OF_A_LEG), "status?ref=l1", "connect/on_duty/1"):
        assert house.web.post(f"/webhooks/calls/{path}", data={"CallSid": "CA1", "Digits": "1"}).status_code == 403
    assert house.phones.of(DANA) == []
