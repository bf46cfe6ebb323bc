"""Staff work the queue by text, from a confirmed phone only."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import PHONES, WORDS, Line, local
from triage.intake.staff_commands import hear, read_outcome
from triage.jobs import ring_phones
from triage.model.message import Channel, Inbound
from triage.model.request import Disposition, Priority, Status
from triage.store import audit, members, people
from triage.team.alert_codes import coded, without_codes
from triage.team.phone_confirmation import invite

AT = "2026-11-24 10:00"


@pytest.fixture
def clinic(database):
    return Line(database, AT)


def says(clinic: Line, text: str, login: str = "front") -> str:
    with clinic.database.write() as db:
        member = members.by_phone(db, PHONES[login])
        assert member is not None
        return hear(db, clinic.clinic, WORDS, member, text, clinic.now)


def words(key: str, **values: object) -> str:
    return WORDS.say(f"staff/{key}", "en", values)


def code_of(clinic: Line, ref: int, login: str = "front", at: str = AT) -> str:
    """The reference as it stands in an alert to this member of staff: "41-k7mx"."""
    return coded(ref, clinic.staff[login], local(at))


def bare(text: str) -> str:
    """What was said, but for the codes in it."""
    return without_codes(text)


@pytest.mark.parametrize("text", ["T {}", "t{}", " T  #{} ", "take {}", "T: {}"])
@pytest.mark.parametrize("written", [str, str.upper, lambda code: code.replace("-", " "), lambda c: c.replace("-", "")])
def test_t_takes_a_request(clinic, text, written):
    ref = clinic.has_request()
    code = code_of(clinic, ref)
    assert says(clinic, text.format(written(code))) == words("taken", ref=ref, coded=code)
    assert clinic.request(ref).claimed_by == clinic.staff["front"]


def test_who_is_second_hears_who_has_it(clinic):
    ref = clinic.has_request()
    night = code_of(clinic, ref, "night")
    says(clinic, f"T {night}", "night")
    assert says(clinic, f"T {code_of(clinic, ref)}") == words("has_it", ref=ref, login="night")
    assert says(clinic, f"T {night}", "night") == words("taken", ref=ref, coded=night)


def test_a_acknowledges_and_ends_the_alerts(clinic):
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    front, lead = code_of(clinic, ref), code_of(clinic, ref, "lead")
    assert says(clinic, f"a {front}") == words("acknowledged", ref=ref, coded=front)
    assert says(clinic, f"A {lead}", "lead") == words("was_acknowledged", ref=ref, coded=lead)
    clinic.runs_jobs("2026-11-24 10:01")
    assert clinic.runs_jobs("2026-11-24 10:10") == []
    assert clinic.request(ref).status is Status.QUEUED


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("D {} reached", Disposition.REACHED),
        ("d{} Reached.", Disposition.REACHED),
        ("done {} booked", Disposition.BOOKED),
        ("D {} not interested", Disposition.DECLINED),
        ("D {} - other", Disposition.OTHER),
    ],
)
def test_d_logs_the_call_and_closes_when_the_person_was_spoken_to(clinic, text, outcome):
    ref = clinic.has_request()
    assert says(clinic, text.format(code_of(clinic, ref))) == words("closed", ref=ref)
    request = clinic.request(ref)
    assert (request.status, request.outcome, request.attempts) == (Status.DONE, outcome, 1)


@pytest.mark.parametrize("said", ["no answer", "left voicemail", "VM", "busy", "left a message", "didn't answer"])
def test_d_without_contact_puts_the_request_back(clinic, said):
    ref = clinic.has_request()
    code = code_of(clinic, ref)
    says(clinic, f"T {code}")
    heard = says(clinic, f"D {code} {said}")
    assert heard == words("attempt_logged", ref=ref, due=local("2026-11-24 12:00").astimezone(clinic.clinic.zone))
    assert "Tuesday 24 November" in heard
    assert "noon" in heard
    assert clinic.request(ref).status is Status.QUEUED


def test_d_with_a_wrong_number_keeps_the_request_open(clinic):
    ref = clinic.has_request()
    assert says(clinic, f"D {code_of(clinic, ref)} wrong number") == words("wrong_number", ref=ref)
    assert clinic.request(ref).is_open


@pytest.mark.parametrize("said", ["", "well", "not sure reached", "no answer then reached"])
def test_d_without_a_plain_outcome_asks_for_it_and_changes_nothing(clinic, said):
    ref = clinic.has_request()
    code = code_of(clinic, ref)
    assert says(clinic, f"D {code} {said}") == words("which_outcome", ref=ref, coded=code)
    assert clinic.request(ref).attempts == 0


def test_c_rings_the_phone_that_the_text_came_from(clinic):
    ref = clinic.has_request()
    assert says(clinic, f"C {code_of(clinic, ref)}") == words("ringing", ref=ref)
    assert ring_phones.place_due(clinic.dialler) == 1
    assert [call.to for call in clinic.caller.rung] == [PHONES["front"]]


def test_c_of_a_second_member_of_staff_hears_that_somebody_is_calling_already(clinic):
    ref = clinic.has_request()
    for login, key in (("front", "ringing"), ("front", "cannot_call_calling"), ("night", "cannot_call_calling")):
        assert says(clinic, f"C {code_of(clinic, ref, login)}", login) == words(key, ref=ref)


# --- a sender can be forged


@pytest.mark.parametrize("text", ["T {}", "A {}", "C {}", "D {} reached", "D {} no answer"])
@pytest.mark.parametrize("priority", [Priority.CRISIS, Priority.ROUTINE])
def test_a_text_from_a_forged_number_does_nothing(clinic, text, priority):
    """ "D 132 reached" closed a crisis before, and counting up closed others."""
    ref = clinic.has_request(priority=priority)
    before = clinic.request(ref)
    assert says(clinic, text.format(ref)) == words("code_missing", ref=ref)
    other = code_of(clinic, ref + 1), code_of(clinic, ref, "lead"), code_of(clinic, ref, at="2026-11-21 10:00")
    for tried in (f"{ref}-zzzz", *(f"{ref}-{code.split('-')[1]}" for code in other)):
        assert says(clinic, text.format(tried)) == words("code_wrong", ref=ref)
    assert clinic.request(ref) == before


def test_every_alert_carries_a_code_that_works_and_is_nobody_elses(clinic):
    refs = [clinic.has_request(f"+160255501{number}", priority=Priority.CRISIS) for number in range(20, 23)]
    clinic.runs_jobs()
    told = {login: " ".join(t.body for t in clinic.messenger.sent if t.to == PHONES[login]) for login in ("front",)}
    for ref in refs:
        assert code_of(clinic, ref) in told["front"]
    codes = {code_of(clinic, ref, login) for ref in refs for login in ("front", "lead", "night")}
    assert len({code.split("-")[1] for code in codes}) == 9


def test_a_code_holds_for_two_days_more(clinic):
    ref = clinic.has_request(due="2026-11-27 15:00")
    code = code_of(clinic, ref)
    clinic.clock.move(days=2)
    assert says(clinic, f"T {code}").startswith(f"Request {ref} is yours")
    clinic.clock.move(days=1)
    assert says(clinic, f"D {code} reached") == words("code_wrong", ref=ref)


def test_wrong_codes_shut_the_commands_of_a_number_for_an_hour(clinic):
    ref = clinic.has_request()
    for _ in range(5):
        assert says(clinic, f"T {ref}-zzzz") == words("code_wrong", ref=ref)
    right = code_of(clinic, ref)
    assert says(clinic, f"T {right}") == words("codes_shut", ref=ref)
    assert says(clinic, f"T {code_of(clinic, ref, 'night')}", "night").startswith(f"Request {ref} is yours")
    clinic.clock.move(minutes=61)
    assert says(clinic, f"T {right}") == words("has_it", ref=ref, login="night")


@pytest.mark.parametrize("priority", [Priority.CRISIS, Priority.EMERGENCY])
def test_a_crisis_is_closed_in_the_console_only(clinic, priority):
    ref = clinic.has_request(priority=priority)
    assert says(clinic, f"D {code_of(clinic, ref)} reached") == words("close_in_console", ref=ref)
    request = clinic.request(ref)
    assert (request.is_open, request.attempts) == (True, 1)


@pytest.mark.parametrize(
    ("text", "act"), [("T {}", "taken"), ("A {}", "acknowledged"), ("C {}", "ringing"), ("D {} reached", "logged")]
)
def test_the_other_contacts_are_told_of_what_is_done_with_a_crisis_by_text(clinic, text, act):
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    clinic.messenger.sent.clear()
    says(clinic, text.format(code_of(clinic, ref)))
    clinic.runs_jobs()
    told = words(f"by_text/{act}", sender=clinic.clinic.sender_name, login="front", ref=ref)
    heard = [sent.to for sent in clinic.messenger.sent if sent.body == told]
    assert PHONES["lead"] in heard
    assert PHONES["front"] not in heard


def test_the_trail_names_the_channel(clinic):
    ref = clinic.has_request()
    says(clinic, f"T {code_of(clinic, ref)}")
    says(clinic, f"D {code_of(clinic, ref)} reached")
    with clinic.database.read() as db:
        events = [event for event in audit.newest(db, 2**31 - 1, ref) if event.by == "front"]
    assert {event.action: event.detail["by"] for event in events} == {
        "claim": "text",
        "attempt": "text",
        "close": "text",
    }


def test_q_lists_the_queue_in_its_order_without_names(clinic):
    assert says(clinic, "Q") == words("queue_empty")
    routine = clinic.has_request("+16025550121", due="2026-11-24 15:30")
    late = clinic.has_request("+16025550122", due="2026-11-24 09:30")
    crisis = clinic.has_request("+16025550123", priority=Priority.CRISIS)
    urgent = clinic.has_request("+16025550124", priority=Priority.URGENT, due="2026-11-24 10:30")
    assert bare(says(clinic, "q")) == (
        f"4 open: {crisis} CRISIS; {urgent} URGENT by 10:30 am; {late} overdue; "
        f"{routine} by Tuesday 24 November 3:30 pm"
    )


def test_a_long_queue_fits_into_a_text(clinic):
    for number in range(30):
        clinic.has_request(f"+160255501{number + 20}", due="2026-11-24 15:30")
    heard = says(clinic, "Q")
    assert heard.startswith("30 open")
    assert bare(heard) != heard
    assert len(heard) <= 320


def test_the_trail_tells_which_requests_a_list_by_text_showed(clinic):
    says(clinic, "Q")
    for number in range(9):
        clinic.has_request(f"+160255501{number + 20}", due=f"2026-11-24 1{number}:30")
    says(clinic, "queue!")
    with clinic.database.read() as db:
        found = [event for event in audit.newest(db, 2**31 - 1) if event.action == "view_queue"]
    assert [(event.by, event.detail) for event in found] == [
        ("front", {"rows": 7, "requests": "1-7", "by": "text"}),
        ("front", {"rows": 0, "requests": "", "by": "text"}),
    ]


@pytest.mark.parametrize("text", ["T {}", "A {}", "D {} reached", "C {}"])
def test_a_request_that_is_not_open_is_said_to_be_so(clinic, text):
    assert says(clinic, text.format(code_of(clinic, 999))) == words("not_open", ref=999)


@pytest.mark.parametrize("text", ["", "hello", "T", "T x", "TMS?", "T 41 and 42 please", "41", "D", "stop it"])
def test_anything_else_is_answered_with_the_commands(clinic, text):
    expected = words("code_missing", ref=41) if text.startswith("T 41") else words("help")
    assert says(clinic, text) == expected


def test_who_may_only_read_changes_nothing(database):
    clinic = Line(database, AT)
    ref = clinic.has_request()
    with database.write() as db:
        member = members.add(db, "auditor", "Auditor", members.Role.AUDITOR, "no hash", "+16025550119", clinic.now)
        clinic.staff["auditor"] = member
        members.confirm_phone(db, member, clinic.now)
        auditor = members.get(db, member)
        assert auditor is not None
        assert hear(db, clinic.clinic, WORDS, auditor, f"T {code_of(clinic, ref, 'auditor')}", clinic.now) == words(
            "read_only"
        )
    assert clinic.request(ref).claimed_by is None


def test_an_unconfirmed_phone_gives_no_orders_and_gets_no_alerts(database):
    clinic = Line(database, AT, unconfirmed=("front",))
    ref = clinic.has_request(priority=Priority.URGENT)
    assert says(clinic, f"T {code_of(clinic, ref)}") == words("phone_unconfirmed")
    assert clinic.request(ref).claimed_by is None
    assert "front" not in clinic.runs_jobs()


def test_the_code_that_was_texted_confirms_the_phone_once(database):
    clinic = Line(database, AT, unconfirmed=("front",))
    with database.write() as db:
        member = members.by_login(db, "front")
        assert member is not None
        invite(db, clinic.clinic, WORDS, member, clinic.now)
    assert clinic.runs_jobs() == ["front"]
    code = re.search(r"\d{6}", clinic.messenger.sent[0].body)
    assert code is not None
    wrong = "000000" if code[0] != "000000" else "111111"
    assert says(clinic, wrong) == words("phone_unconfirmed")
    assert says(clinic, f" {code[0][:3]} {code[0][3:]} ") == words("phone_confirmed")
    assert says(clinic, code[0]) == words("help")


def test_a_code_that_could_not_be_sent_for_days_is_not_sent_late(database):
    clinic = Line(database, AT, unconfirmed=("front",))
    with database.write() as db:
        member = members.by_login(db, "front")
        assert member is not None
        invite(db, clinic.clinic, WORDS, member, clinic.now)
    assert clinic.runs_jobs("2026-11-27 10:00") == []


def test_a_code_for_a_phone_runs_out_and_too_many_guesses_use_it_up(database):
    clinic = Line(database, AT, unconfirmed=("front",))

    def invited():
        with database.write() as db:
            invite(db, clinic.clinic, WORDS, members.by_login(db, "front"), clinic.now)
        clinic.runs_jobs()
        return re.search(r"\d{6}", clinic.messenger.sent[-1].body)[0]

    code = invited()
    clinic.clock.move(days=3)
    assert says(clinic, code) == words("phone_unconfirmed")
    clinic.clock.move(hours=2)
    code = invited()
    for number in range(5):
        assert says(clinic, f"{int(code) ^ (number + 1):06d}"[-6:]) == words("phone_unconfirmed")
    assert says(clinic, code) == words("phone_unconfirmed")
    clinic.clock.move(hours=2)
    assert says(clinic, code) == words("phone_unconfirmed"), "it was used up"
    assert says(clinic, invited()) == words("phone_confirmed")


def test_without_a_code_no_text_confirms_a_phone(database):
    clinic = Line(database, AT, unconfirmed=("front",))
    for text in ("", "None", "000000"):
        assert says(clinic, text) == words("phone_unconfirmed")


@given(said=st.text(max_size=40))
def test_whatever_staff_write_an_outcome_is_read_or_it_is_not(said):
    assert read_outcome(said) in (None, *Disposition)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.from_regex(r"[TADCQtadcq] ?#?\d{1,12}.{0,10}", fullmatch=True)))
def test_whatever_staff_write_gets_an_answer_without_patient_data(clinic, text):
    if not clinic.notices(1):
        clinic.has_request(due="2026-11-24 14:00")
    heard = says(clinic, text)
    assert heard
    assert "Dana" not in heard
    assert "5550101" not in heard


def test_a_staff_phone_that_sends_stop_is_alerted_no_more_and_the_lead_is_at_once(sqlite_database):
    line = Line(sqlite_database, "2026-11-23 10:00")
    line.has_request(priority=Priority.CRISIS)
    assert "front" in line.runs_jobs()
    stop = Inbound("stop", Channel.SMS, PHONES["front"], "+16025550100", "STOP", line.now)
    assert line.line.intake.take(stop).texts == ()
    with line.database.read() as db:
        assert not members.get(db, line.staff["front"]).is_reachable
    line.clock.move(seconds=1)
    alerted = line.runs_jobs()
    assert "lead" in alerted
    assert "front" not in alerted


@pytest.mark.parametrize(
    ("text", "label"),
    [("please call me, my name is Dana", None), ("i feel so hopeless", None), ("STOP", "opt_out"), ("T 41", None)],
)
def test_a_number_that_was_mistyped_for_staff_is_a_patients_until_it_is_confirmed(sqlite_database, text, label):
    """Its owner heard "this phone is not confirmed" whatever they wrote, and nobody was told."""
    line = Line(sqlite_database, "2026-11-23 10:00", unconfirmed=("front",))
    line.line.intake.take(Inbound("one", Channel.SMS, PHONES["front"], "+16025550100", text, line.now))
    with sqlite_database.read() as db:
        person = people.by_phone(db, PHONES["front"])
        assert person is not None
        assert (person.opted_out_at is not None) == (label == "opt_out")


@pytest.mark.parametrize("text", ["123456", "12 34-56", "T 41-k7mx"])
def test_a_code_from_a_phone_that_is_not_confirmed_is_no_patients(sqlite_database, text):
    line = Line(sqlite_database, "2026-11-23 10:00", unconfirmed=("front",))
    taken = line.line.intake.take(Inbound("one", Channel.SMS, PHONES["front"], "+16025550100", text, line.now))
    assert taken.texts == (words("phone_unconfirmed"),)
