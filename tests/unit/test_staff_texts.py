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
from triage.store import members
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


@pytest.mark.parametrize("text", ["T {}", "t{}", " T  #{} ", "take {}", "T: {}"])
def test_t_takes_a_request(clinic, text):
    ref = clinic.has_request()
    assert says(clinic, text.format(ref)) == words("taken", ref=ref)
    assert clinic.request(ref).claimed_by == clinic.staff["front"]


def test_who_is_second_hears_who_has_it(clinic):
    ref = clinic.has_request()
    says(clinic, f"T {ref}", "night")
    assert says(clinic, f"T {ref}") == words("has_it", ref=ref, login="night")
    assert says(clinic, f"T {ref}", "night") == words("taken", ref=ref)


def test_a_acknowledges_and_ends_the_alerts(clinic):
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    assert says(clinic, f"a {ref}") == words("acknowledged", ref=ref)
    assert says(clinic, f"A {ref}", "lead") == words("was_acknowledged", ref=ref)
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
    assert says(clinic, text.format(ref)) == words("closed", ref=ref)
    request = clinic.request(ref)
    assert (request.status, request.outcome, request.attempts) == (Status.DONE, outcome, 1)


@pytest.mark.parametrize("said", ["no answer", "left voicemail", "VM", "busy", "left a message", "didn't answer"])
def test_d_without_contact_puts_the_request_back(clinic, said):
    ref = clinic.has_request()
    says(clinic, f"T {ref}")
    heard = says(clinic, f"D {ref} {said}")
    assert heard == words("attempt_logged", ref=ref, due=local("2026-11-24 12:00").astimezone(clinic.clinic.zone))
    assert "Tuesday 24 November" in heard
    assert "noon" in heard
    assert clinic.request(ref).status is Status.QUEUED


def test_d_with_a_wrong_number_keeps_the_request_open(clinic):
    ref = clinic.has_request()
    assert says(clinic, f"D {ref} wrong number") == words("wrong_number", ref=ref)
    assert clinic.request(ref).is_open


@pytest.mark.parametrize("said", ["", "well", "not sure reached", "no answer then reached"])
def test_d_without_a_plain_outcome_asks_for_it_and_changes_nothing(clinic, said):
    ref = clinic.has_request()
    assert says(clinic, f"D {ref} {said}") == words("which_outcome", ref=ref)
    assert clinic.request(ref).attempts == 0


def test_c_rings_the_phone_that_the_text_came_from(clinic):
    ref = clinic.has_request()
    assert says(clinic, f"C {ref}") == words("ringing", ref=ref)
    assert ring_phones.place_due(clinic.dialler) == 1
    assert [call.to for call in clinic.caller.rung] == [PHONES["front"]]


def test_c_of_a_second_member_of_staff_hears_that_somebody_is_calling_already(clinic):
    ref = clinic.has_request()
    says(clinic, f"C {ref}")
    assert says(clinic, f"C {ref}") == words("cannot_call_calling", ref=ref)
    assert says(clinic, f"C {ref}", "night") == words("cannot_call_calling", ref=ref)


def test_q_lists_the_queue_in_its_order_without_names(clinic):
    assert says(clinic, "Q") == words("queue_empty")
    routine = clinic.has_request("+16025550121", due="2026-11-24 15:30")
    late = clinic.has_request("+16025550122", due="2026-11-24 09:30")
    crisis = clinic.has_request("+16025550123", priority=Priority.CRISIS)
    urgent = clinic.has_request("+16025550124", priority=Priority.URGENT, due="2026-11-24 10:30")
    assert says(clinic, "q") == (
        f"4 open: {crisis} CRISIS; {urgent} URGENT by 10:30 am; {late} overdue; "
        f"{routine} by Tuesday 24 November 3:30 pm"
    )


def test_a_long_queue_fits_into_a_text(clinic):
    for number in range(30):
        clinic.has_request(f"+160255501{number + 20}", due="2026-11-24 15:30")
    heard = says(clinic, "Q")
    assert heard.startswith("30 open")
    assert len(heard) <= 320


@pytest.mark.parametrize("text", ["T 999", "A 999", "D 999 reached", "C 999"])
def test_a_request_that_is_not_open_is_said_to_be_so(clinic, text):
    assert says(clinic, text) == words("not_open", ref=999)


@pytest.mark.parametrize("text", ["", "hello", "T", "T x", "TMS?", "T 41 and 42 please", "41", "D", "stop it"])
def test_anything_else_is_answered_with_the_commands(clinic, text):
    expected = words("not_open", ref=41) if text.startswith("T 41") else words("help")
    assert says(clinic, text) == expected


def test_who_may_only_read_changes_nothing(database):
    clinic = Line(database, AT)
    ref = clinic.has_request()
    with database.write() as db:
        member = members.add(db, "auditor", "Auditor", members.Role.AUDITOR, "no hash", "+16025550119", clinic.now)
        members.confirm_phone(db, member, clinic.now)
        auditor = members.get(db, member)
        assert auditor is not None
        assert hear(db, clinic.clinic, WORDS, auditor, f"T {ref}", clinic.now) == words("read_only")
    assert clinic.request(ref).claimed_by is None


def test_an_unconfirmed_phone_gives_no_orders_and_gets_no_alerts(database):
    clinic = Line(database, AT, unconfirmed=("front",))
    ref = clinic.has_request(priority=Priority.URGENT)
    assert says(clinic, f"T {ref}") == words("phone_unconfirmed")
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
    stop = Inbound("again", Channel.SMS, PHONES["front"], "+16025550100", "Stop!", line.now)
    assert "no more alerts" in line.line.intake.take(stop).texts[0]
