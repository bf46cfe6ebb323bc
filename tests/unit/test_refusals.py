"""What each error code of the provider brings about: for the text, the person, their request and staff."""

from datetime import timedelta

import pytest

from tests.builders import PHONES, Line, local
from tests.unit.test_settling import tried_to_reach
from triage.errors import DeliveryFailed, Refusal
from triage.model.request import Disposition, Flag, Priority
from triage.notices import delivery
from triage.notices.refusals import CONSEQUENCES
from triage.store import members, people, requests
from triage.team import request_acts
from webhooks.twilio_words import CODES, refusal_of

DANA = "+16025550101"
MORNING = "2026-11-24 10:00"

# The classes of the provider's own error pages: code, whether the number is marked, opted out, and what becomes of the
# text: "never" again, "later" again, "once" more, the "next day".
EXPECTED = {
    **dict.fromkeys((21211, 21217, 21265, 21635, 30004, 30005), ("untextable", "never")),
    **dict.fromkeys((21614, 30006), ("untextable", "never")),
    21610: ("opted_out", "never"),
    **dict.fromkeys((20003, 21408, 21606, 21608, 30002, 30024, 30032, 30034), ("", "later")),
    **dict.fromkeys((20429, 20500, 20503, 14107, 21611, 30001, 30022, 30410), ("", "later")),
    **dict.fromkeys((30003, 30008), ("", "once")),
    30007: ("", "never"),
    30023: ("", "next day"),
    99999: ("", "never"),
}


def refused(code: int) -> DeliveryFailed:
    return DeliveryFailed(refusal_of(code), code)


def reported(clinic: Line, code: int) -> None:
    """The newest text comes back undelivered, twice, as receipts do."""
    ref = clinic.messenger.sent[-1].ref
    for _ in range(2):
        clinic.does(delivery.report, clinic.messenger.sid(ref), "undelivered", ref, refusal_of(code), code)


def the_text_fails(clinic: Line, how: str, code: int) -> None:
    clinic.messenger.answers = [refused(code)] if how == "at the send" else []
    clinic.runs_jobs()
    if how == "by a receipt":
        reported(clinic, code)


def test_every_code_is_in_one_class_and_every_class_has_its_consequence():
    codes = [code for some in CODES.values() for code in some]
    assert len(codes) == len(set(codes))
    assert set(codes) | {99999} == set(EXPECTED)
    assert set(CONSEQUENCES) == set(Refusal)


@pytest.mark.parametrize("how", ["at the send", "by a receipt"])
@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_a_refused_text_to_a_patient_has_the_consequence_of_its_class(sqlite_database, code, how):
    clinic = Line(sqlite_database, MORNING)
    ref = tried_to_reach(clinic)
    the_text_fails(clinic, how, code)
    about, again = EXPECTED[code]
    with clinic.database.read() as db:
        person = people.by_phone(db, DANA)
    (notice,) = clinic.notices(ref, "tried_to_reach")
    assert person is not None
    assert (not person.textable, person.opted_out_at is not None) == (about == "untextable", about == "opted_out")
    flags = clinic.request(ref).flags
    if again == "never":
        assert notice.state == "final_fail"
        assert (Flag.CALL_ONLY if about else Flag.UNDELIVERED) in flags
    else:
        assert (notice.state, notice.why) == ("pending", refusal_of(code))
        assert not flags & {Flag.CALL_ONLY, Flag.UNDELIVERED}
    waits = notice.due_at - clinic.now
    if again == "later":
        assert timedelta(0) < waits <= timedelta(minutes=15)
    elif again == "once":
        assert waits == timedelta(minutes=10)
    elif again == "next day":
        assert (notice.due_at, notice.expires_at) == (local("2026-11-25 09:00"), local("2026-11-25 13:00"))


@pytest.mark.parametrize("how", ["at the send", "by a receipt"])
@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_a_refused_alert_to_staff_goes_to_the_next_contact_or_waits_for_the_provider(sqlite_database, code, how):
    clinic = Line(sqlite_database, MORNING)
    ref = clinic.has_request(priority=Priority.URGENT, due="2026-11-24 12:00")
    the_text_fails(clinic, how, code)
    is_the_providers = EXPECTED[code][1] == "later"
    with clinic.database.read() as db:
        front = members.by_login(db, "front")
    assert front is not None
    assert (front.alerts_refused is None) == is_the_providers
    assert (Flag.ALERT_FAILED in clinic.request(ref).flags) != is_the_providers
    assert clinic.runs_jobs() == ([] if is_the_providers else ["lead"])
    clinic.clock.move(minutes=14)
    assert clinic.runs_jobs() == (["front"] if is_the_providers else [])


@pytest.mark.parametrize("how", ["at the send", "by a receipt"])
@pytest.mark.parametrize("code", [30003, 30008])
def test_a_phone_that_is_off_is_tried_once_more_and_no_more(database, code, how):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    the_text_fails(clinic, how, code)
    clinic.clock.move(minutes=10)
    the_text_fails(clinic, how, code)
    assert clinic.states(ref, "tried_to_reach") == ["final_fail"]
    assert Flag.UNDELIVERED in clinic.request(ref).flags
    clinic.clock.move(hours=3)
    clinic.runs_jobs()
    assert len(clinic.messenger.to(DANA)) == 2


@pytest.mark.parametrize("code", [20003, 30034, 20429])
def test_what_the_provider_refuses_for_hours_is_not_used_up(database, code):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(priority=Priority.URGENT, due="2026-11-24 12:00")
    for _ in range(6 * 12):
        clinic.messenger.answers = [refused(code)] * 9
        clinic.runs_jobs()
        clinic.clock.move(minutes=5)
    assert clinic.states(ref, "urgent") == ["pending"]
    clinic.messenger.answers = []
    clinic.clock.move(minutes=15)
    clinic.runs_jobs()
    assert clinic.states(ref, "urgent") == ["sent"]


def test_a_text_to_a_patient_that_stays_refused_is_given_up_when_it_is_of_no_more_use(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    for _ in range(5 * 12):
        clinic.messenger.answers = [refused(20429)] * 9
        clinic.runs_jobs()
        clinic.clock.move(minutes=5)
    assert clinic.states(ref, "tried_to_reach") == ["final_fail"]
    assert Flag.UNDELIVERED in clinic.request(ref).flags


def test_a_text_that_comes_back_and_then_arrives_after_all_is_not_sent_again(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.runs_jobs()
    reported(clinic, 30008)
    sent = clinic.messenger.sent[-1].ref
    clinic.does(delivery.report, clinic.messenger.sid(sent), "delivered", sent, Refusal.OTHER, None)
    clinic.clock.move(minutes=11)
    clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["final_ok"]
    assert len(clinic.messenger.to(DANA)) == 1


def test_a_text_held_by_the_daily_cap_goes_out_on_the_next_day(database):
    clinic = Line(database, MORNING)
    tried_to_reach(clinic)
    the_text_fails(clinic, "by a receipt", 30023)
    clinic.runs_jobs("2026-11-24 19:00")
    assert len(clinic.messenger.to(DANA)) == 1
    clinic.runs_jobs("2026-11-25 09:00")
    assert len(clinic.messenger.to(DANA)) == 2


def test_words_that_the_carrier_holds_back_queue_a_person_where_nothing_is_open(database):
    clinic = Line(database, MORNING)
    ref = tried_to_reach(clinic)
    clinic.runs_jobs()
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.REACHED)
    reported(clinic, 30007)
    with database.read() as db:
        person = people.by_phone(db, DANA)
        assert person is not None
        made = requests.open_of(db, person.id)
    assert made is not None
    assert made.flags == {Flag.UNDELIVERED, Flag.NEEDS_PERSON}


def test_an_alert_that_nobody_takes_goes_to_each_contact_once_and_ends(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(priority=Priority.URGENT, due="2026-11-24 13:00")
    clinic.messenger.answers = [refused(30006)] * 50
    told = [login for _ in range(10) for login in clinic.runs_jobs()]
    assert told == ["front", "lead", "boss"]
    assert Flag.ALERT_FAILED in clinic.request(ref).flags


def test_an_alert_that_nobody_can_be_told_is_shown_on_its_request_until_somebody_acts(database):
    clinic = Line(database, MORNING, unconfirmed=tuple(PHONES))
    ref = clinic.has_request(priority=Priority.URGENT, due="2026-11-24 13:00")
    assert clinic.runs_jobs() == []
    assert Flag.ALERT_FAILED in clinic.request(ref).flags
    clinic.does(request_acts.claim, ref, clinic.staff["front"])
    assert Flag.ALERT_FAILED not in clinic.request(ref).flags


def test_a_refused_bundle_is_raised_for_each_request_in_it(database):
    clinic = Line(database, MORNING)
    refs = [clinic.has_request(f"+1602555012{number}", due="2026-11-24 14:00") for number in range(2)]
    clinic.runs_jobs("2026-11-24 10:01")
    reported(clinic, 30006)
    assert [Flag.ALERT_FAILED in clinic.request(ref).flags for ref in refs] == [True, True]
    assert clinic.runs_jobs() == ["lead"]
    assert ", ".join(map(str, refs)) in clinic.messenger.sent[-1].body


def test_the_mark_on_a_phone_of_staff_goes_when_a_text_arrives_there(database):
    clinic = Line(database, MORNING)
    clinic.has_request(priority=Priority.URGENT, due="2026-11-24 13:00")
    the_text_fails(clinic, "by a receipt", 30003)
    with database.read() as db:
        assert members.any_refused(db)
    clinic.clock.move(minutes=16)
    clinic.has_request("+16025550102", priority=Priority.URGENT, due="2026-11-24 13:00")
    clinic.runs_jobs()
    sent = next(text for text in reversed(clinic.messenger.sent) if text.to == PHONES["front"])
    clinic.does(delivery.report, clinic.messenger.sid(sent.ref), "delivered", sent.ref, Refusal.OTHER, None)
    with database.read() as db:
        assert not members.any_refused(db)
