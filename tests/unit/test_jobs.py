"""The clock's jobs: the rounds of a crisis, claims under a lease, and what is checked at the last moment."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.builders import EVERY_DAY, PHONES, Line, a_clinic, local
from tests.fakes import FakeMessenger
from triage.errors import DeliveryFailed, DeliveryUnknown, Refusal
from triage.jobs import alert_rounds, settle_texts, upkeep
from triage.jobs.compose_texts import Outbox
from triage.jobs.pace import CRISIS, TO_PATIENTS, TO_STAFF
from triage.model.notice import NoticeState
from triage.model.request import Disposition, Flag, Priority
from triage.store import members, messages, notices, people, receipts, requests, retention, sign_ins
from triage.store.clocks import Clock
from triage.store.sign_ins import Counter
from triage.store.tables import audit_events, clocks, sessions
from triage.store.tables import receipts as receipt_table
from triage.store.tables import sign_ins as sign_in_table
from triage.team import request_acts
from webhooks.twilio_words import refusal_of

DANA = "+16025550101"


class Killed(BaseException):
    """The process dies here: nothing after it runs."""


def minutes(clinic: Line, count: int) -> list[tuple[int, list[str]]]:
    """Run the jobs every minute; the minutes in which somebody was texted, with whom."""
    start, told = clinic.now, []
    for minute in range(count + 1):
        clinic.clock.at = start + timedelta(minutes=minute)
        if texted := clinic.runs_jobs():
            told.append((minute, texted))
    return told


def test_a_crisis_alerts_in_rounds_until_somebody_acknowledges(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    everybody = ["front", "lead", "boss"]
    assert minutes(clinic, 45) == [
        (0, ["front"]),
        (3, ["front", "lead"]),
        (6, everybody),
        (9, everybody),
        (12, everybody),
        (22, everybody),
        (32, everybody),
        (42, everybody),
    ]
    assert clinic.does(request_acts.acknowledge, ref, clinic.staff["lead"])
    assert minutes(clinic, 10) == []


@pytest.mark.parametrize("act", [request_acts.claim, request_acts.acknowledge, request_acts.cancel])
def test_whoever_takes_up_a_crisis_ends_its_alerts(database, act):
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=Priority.EMERGENCY)
    assert clinic.runs_jobs() == ["night"]
    assert "EMERGENCY" in clinic.messenger.sent[0].body
    assert clinic.does(act, ref, clinic.staff["night"])
    assert minutes(clinic, 10) == []


def test_an_alert_that_is_acknowledged_while_it_waits_is_not_sent(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    alert_rounds.escalate(database, clinic.clinic, clinic.now)
    clinic.does(request_acts.acknowledge, ref, clinic.staff["lead"])
    assert upkeep.send(clinic.outbox, CRISIS) == 0
    assert clinic.states(ref, "alert") == ["dropped"]


def test_an_acknowledged_crisis_that_stays_open_comes_back_to_the_lead(database):
    clinic = Line(database, "2026-11-24 22:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    clinic.does(request_acts.acknowledge, ref, clinic.staff["night"])
    clinic.does(
        request_acts.log_attempt, clinic.clinic, clinic.line.words, ref, clinic.staff["night"], Disposition.REACHED, ""
    )
    assert minutes(clinic, 30) == [(15, ["lead"])]


def test_crisis_words_after_an_acknowledgement_alert_again_from_the_first_round(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    clinic.does(request_acts.acknowledge, ref, clinic.staff["front"])
    clinic.clock.move(minutes=5)
    clinic.changes(ref, acknowledged_at=None, acknowledged_by=None)
    assert clinic.runs_jobs() == ["front"]


def test_an_hour_without_a_crisis_contact_falls_to_the_lead_and_the_fallback_at_once(database):
    block = {"days": EVERY_DAY, "hours": "08:00-20:00", "staff": ["front"]}
    clinic = Line(database, "2026-11-24 23:00", a_clinic(crisis_contacts=[block]))
    clinic.has_request(priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["lead", "boss"]


def test_crisis_contacts_without_a_confirmed_phone_are_stood_in_for_by_the_lead(database):
    clinic = Line(database, "2026-11-24 10:00", unconfirmed=("front",))
    clinic.has_request(priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["lead"]


def test_when_no_crisis_contact_can_be_texted_those_on_duty_are(database):
    clinic = Line(database, "2026-11-24 23:00", unconfirmed=("night", "lead", "boss"))
    clinic.has_request(priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["front"]


def test_an_alert_that_nobody_can_be_sent_is_seen_to_have_failed(database):
    clinic = Line(database, "2026-11-24 23:00", unconfirmed=tuple(PHONES))
    ref = clinic.has_request(priority=Priority.CRISIS)
    assert clinic.runs_jobs() == []
    assert [(notice.state, notice.why) for notice in clinic.notices(ref, "alert")] == [("dropped", "nobody_to_tell")]
    with database.write() as db:
        members.confirm_phone(db, clinic.staff["lead"], clinic.now)
    assert clinic.runs_jobs("2026-11-24 23:03") == ["lead"]


def test_a_refused_alert_brings_the_next_rounds_forward_but_not_for_ever(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(priority=Priority.CRISIS)
    clinic.messenger.answers = [DeliveryFailed(Refusal.OPTED_OUT, 21610) for _ in range(50)]
    told = [clinic.runs_jobs() for _ in range(6)]
    assert told == [["front"], ["front", "lead"], ["front", "lead", "boss"], [], [], []]


def test_an_alert_of_which_nobody_knows_whether_it_went_out_is_followed_by_another(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(priority=Priority.CRISIS)
    clinic.messenger.answers = [DeliveryUnknown("time-out")]
    assert clinic.runs_jobs() == ["front"]
    for second in range(1, 8):
        clinic.runs_jobs(f"2026-11-24 10:00:{second:02}")
    assert clinic.states(ref, "alert") == ["sent"]
    assert clinic.messenger.to(PHONES["front"]) == [clinic.messenger.sent[0].body] * 2


def test_rounds_missed_while_no_clock_ran_are_not_made_up_for(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    assert clinic.runs_jobs("2026-11-24 11:00") == ["front", "lead"]
    assert clinic.runs_jobs("2026-11-24 11:01") == []


def test_two_clocks_begin_a_round_once(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(priority=Priority.CRISIS)
    assert [alert_rounds.escalate(database, clinic.clinic, clinic.now) for _ in range(2)] == [1, 0]
    with database.write() as db:
        assert not requests.begin_round(db, 1, 0, clinic.now)


def test_an_alert_holds_no_patient_data(database):
    clinic = Line(database, "2026-11-24 10:00")
    for number, priority in enumerate(Priority):
        clinic.has_request(f"+1602555013{number}", priority=priority, due="2026-11-24 10:20", topic="ketamine")
    minutes(clinic, 30)
    told = " ".join(text.body for text in clinic.messenger.sent).lower()
    assert len(clinic.messenger.sent) > 10
    assert not [word for word in ("dana", "zimt", "5550", "ketamine", "tms") if word in told]


def tried_to_reach(clinic: Line, **values: object) -> int:
    """A request whose first call was not answered."""
    ref = clinic.has_request(DANA, due="2026-11-24 17:00", **values)
    logged = clinic.does(
        lambda db, now: request_acts.log_attempt(
            db, clinic.clinic, clinic.line.words, ref, clinic.staff["front"], Disposition.NO_ANSWER, None, now
        )
    )
    assert logged
    return ref


def test_after_a_call_without_an_answer_the_patient_is_told_and_asked_for_another_time(database):
    clinic = Line(database, "2026-11-24 10:00")
    tried_to_reach(clinic)
    assert clinic.runs_jobs() == [DANA]
    (text,) = clinic.messenger.sent
    assert text.body.startswith("Example Care:")
    assert not [word for word in ("ketamine", "TMS", "Example Clinic", "Dana") if word in text.body]
    with database.read() as db:
        person, talk = people.lock_talk(db, people.by_phone(db, DANA).id)
        thread = messages.thread(db, person.id)
    assert talk.step == "another_time"
    assert [(line.body, line.status) for line in thread] == [(text.body, "sent")]


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2026-11-24 20:00", "2026-11-25 09:00"),
        ("2026-11-24 08:59", "2026-11-24 09:00"),
        ("2026-11-24 19:59", "2026-11-24 19:59"),
    ],
)
def test_a_text_to_a_patient_waits_for_the_morning(database, at, goes):
    clinic = Line(database, at)
    tried_to_reach(clinic)
    before = local(goes) - timedelta(minutes=1)
    if before >= clinic.now:
        clinic.clock.at = before
        assert DANA not in clinic.runs_jobs()
    assert DANA in clinic.runs_jobs(goes)


def test_the_hours_are_those_of_the_patient_where_they_are_known(database):
    clinic = Line(database, "2026-11-24 18:30")  # 20:30 in New York
    ref = clinic.has_request(DANA, due="2026-11-24 17:00")
    clinic.changes_person(ref, zone="America/New_York")
    tried = Disposition.LEFT_VOICEMAIL
    clinic.does(
        lambda db, now: request_acts.log_attempt(
            db, clinic.clinic, clinic.line.words, ref, clinic.staff["front"], tried, None, now
        )
    )
    clinic.runs_jobs()
    assert clinic.messenger.to(DANA) == []
    clinic.runs_jobs("2026-11-25 07:00")
    assert len(clinic.messenger.to(DANA)) == 1


def test_the_night_that_falls_between_plan_and_claim_is_noticed(database):
    clinic = Line(database, "2026-11-24 19:59")
    tried_to_reach(clinic)
    assert DANA not in clinic.runs_jobs("2026-11-24 20:01")
    assert DANA in clinic.runs_jobs("2026-11-25 09:00")


@pytest.mark.parametrize("at", ["2026-11-24 10:00", "2026-11-24 19:30", "2026-11-24 19:59"])
def test_the_carrier_may_not_hold_a_text_into_the_night(database, at):
    clinic = Line(database, at)
    tried_to_reach(clinic)
    clinic.runs_jobs()
    (text,) = [text for text in clinic.messenger.sent if text.to == DANA]
    assert clinic.now + timedelta(seconds=text.validity_s) <= local("2026-11-24 20:00")
    assert 1 <= text.validity_s <= 4 * 60 * 60


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"opted_out_at": local("2026-11-24 10:00")}, "opted_out"),
        ({"textable": False}, "not_textable"),
        ({"blocked_at": local("2026-11-24 10:00")}, "not_textable"),
    ],
)
def test_what_has_changed_since_the_plan_is_seen_at_the_claim(database, change, why):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.changes_person(ref, **change)
    assert clinic.runs_jobs() == []
    assert [notice.why for notice in clinic.notices(ref, "tried_to_reach")] == [why]


def test_whoever_may_not_be_texted_is_not_planned_for(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(DANA, due="2026-11-24 17:00")
    clinic.changes_person(ref, opted_out_at=clinic.now)
    tried = Disposition.NO_ANSWER
    clinic.does(
        lambda db, now: request_acts.log_attempt(
            db, clinic.clinic, clinic.line.words, ref, clinic.staff["front"], tried, None, now
        )
    )
    assert clinic.notices(ref, "tried_to_reach") == []


def test_a_patient_who_is_reached_meanwhile_gets_no_text(database):
    clinic = Line(database, "2026-11-24 21:00")
    ref = tried_to_reach(clinic)
    clinic.does(request_acts.close, ref, clinic.staff["front"], Disposition.REACHED)
    assert clinic.runs_jobs("2026-11-25 09:00") == []


def test_a_text_whose_time_has_gone_by_while_no_clock_ran_is_dropped(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.runs_jobs("2026-11-24 15:00")
    assert clinic.messenger.to(DANA) == []
    assert [notice.why for notice in clinic.notices(ref, "tried_to_reach")] == ["expired"]


@pytest.mark.parametrize(
    ("code", "column", "value"),
    [(30006, "untextable_why", "landline"), (21614, "textable", False), (21211, "untextable_why", "refused")],
)
def test_a_number_that_takes_no_texts_is_remembered(database, code, column, value):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryFailed(refusal_of(code), code)]
    clinic.runs_jobs()
    with database.read() as db:
        assert getattr(people.by_phone(db, DANA), column) == value
    assert [(n.state, n.error_code) for n in clinic.notices(ref, "tried_to_reach")] == [("final_fail", code)]


def test_an_opt_out_at_the_carrier_is_an_opt_out_here(database):
    clinic = Line(database, "2026-11-24 10:00")
    tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryFailed(Refusal.OPTED_OUT, 21610)]
    clinic.runs_jobs()
    with database.read() as db:
        assert people.by_phone(db, DANA).opted_out_at == clinic.now


def test_too_many_requests_are_tried_again_after_a_growing_wait(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [DeliveryFailed(Refusal.LATER, 20429)] * 2
    told = []
    for second in range(0, 200, 5):
        clinic.clock.at = local("2026-11-24 10:00") + timedelta(seconds=second)
        told += [second] * clinic.runs_jobs().count(DANA)
    assert told == [0, 5, 15]
    assert clinic.states(ref, "tried_to_reach") == ["sent"]


@pytest.mark.parametrize("fault", [DeliveryUnknown("cut line"), RuntimeError("anything else")])
def test_what_may_have_gone_out_is_never_sent_again_blindly(database, fault):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [fault]
    clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["unknown"]
    clinic.messenger.listing = DeliveryUnknown("no list")
    assert minutes(clinic, 10) == []


def test_a_clock_that_dies_between_claim_and_record_leaves_an_unknown_and_no_double(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    clinic.messenger.answers = [Killed()]
    with pytest.raises(Killed):
        clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["claimed"]
    clinic.clock.move(seconds=59)
    clinic.runs_jobs()
    assert clinic.states(ref, "tried_to_reach") == ["claimed"]
    clinic.clock.move(seconds=2)
    assert settle_texts.lose_leases(clinic.outbox, TO_PATIENTS) == 1
    assert clinic.states(ref, "tried_to_reach") == ["unknown"]
    assert len(clinic.messenger.to(DANA)) == 1
    with database.read() as db:
        assert [line.status for line in messages.thread(db, clinic.request(ref).person_id)] == ["unknown"]


def test_a_holder_who_comes_back_after_its_lease_is_refused(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)

    def sleeps_through_the_lease():
        clinic.clock.move(seconds=61)
        assert settle_texts.lose_leases(clinic.outbox, TO_PATIENTS) == 1

    clinic.messenger.answers = [sleeps_through_the_lease]
    upkeep.send(clinic.outbox, TO_PATIENTS)
    assert clinic.states(ref, "tried_to_reach") == ["unknown"]


def test_only_the_token_of_the_claim_can_finish_it(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = tried_to_reach(clinic)
    (waiting,) = clinic.notices(ref, "tried_to_reach")
    with database.write() as db:
        notice = notices.lock_due(db, waiting.id, clinic.now)
        notices.claim(db, notice, (), "words", "mine", clinic.now + TO_PATIENTS.lease, clinic.now)
        assert notices.lock_due(db, waiting.id, clinic.now) is None
        assert not notices.finish(db, waiting.id, "another's", NoticeState.SENT, clinic.now)
        assert notices.finish(db, waiting.id, "mine", NoticeState.SENT, clinic.now)
        assert not notices.finish(db, waiting.id, "mine", NoticeState.FINAL_FAIL, clinic.now)
    assert clinic.states(ref, "tried_to_reach") == ["sent"]


def test_two_clocks_at_once_send_everything_once(database):
    clinic = Line(database, "2026-11-24 10:00", a_clinic(alerts={"most_in_one_text": 1}))
    for number in range(12):
        clinic.has_request(f"+160255501{number + 20}", priority=Priority.URGENT, due="2026-11-24 12:00")
    messengers, together = [FakeMessenger(), FakeMessenger()], Barrier(2)

    def run(messenger):
        together.wait(timeout=10)
        for _ in range(3):
            upkeep.send(Outbox(clinic.line, messenger), TO_STAFF)

    threads = [Thread(target=run, args=(messenger,)) for messenger in messengers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    refs = [text.ref for messenger in messengers for text in messenger.sent]
    assert len(refs) == len(set(refs)) == 12


def test_a_notice_that_cannot_be_read_does_not_stop_the_others(database):
    clinic = Line(database, "2026-11-24 10:00")
    broken = tried_to_reach(clinic)
    with database.write() as db:
        # Not what any key opens.
        db.exec_driver_sql(f"UPDATE notices SET body = {_bytes(database)} WHERE kind = 'tried_to_reach'")
    clinic.clock.move(seconds=1)
    clinic.has_request("+16025550102", priority=Priority.URGENT, due="2026-11-24 12:00")
    assert clinic.runs_jobs() == ["front"]
    (notice,) = clinic.notices(broken, "tried_to_reach")
    assert (notice.state, notice.why) == ("dropped", "unreadable")
    with database.read() as db:
        request = requests.get(db, broken)
    assert {Flag.UNREADABLE, Flag.UNDELIVERED} <= request.flags


def _bytes(database):
    return "x'00'" if database.is_sqlite else r"'\x00'::bytea"


def test_a_crisis_that_cannot_be_read_does_not_stop_the_alerts_of_others(database):
    clinic = Line(database, "2026-11-24 10:00")
    broken = clinic.has_request("+16025550101", priority=Priority.CRISIS)
    clinic.has_request("+16025550102", priority=Priority.CRISIS)
    with database.write() as db:
        db.exec_driver_sql(f"UPDATE callback_requests SET name = {_bytes(database)} WHERE id = {broken}")
    assert clinic.runs_jobs() == ["front"]


def test_alerts_have_the_shorter_time_out_and_lease(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(priority=Priority.CRISIS)
    clinic.runs_jobs()
    assert [text.timeout_s for text in clinic.messenger.sent] == [CRISIS.timeout_s] == [5]
    assert CRISIS.lease >= 2 * timedelta(seconds=CRISIS.timeout_s)
    assert TO_STAFF.lease > 3 * timedelta(seconds=TO_STAFF.timeout_s)


def test_a_day_without_a_clock_drops_what_is_past_and_tells_what_is_late(database):
    clinic = Line(database, "2026-11-24 10:00")
    ref = clinic.has_request(due="2026-11-24 14:00")
    assert sorted(clinic.runs_jobs("2026-11-25 10:00")) == ["front", "lead"]
    assert clinic.states(ref, "due_soon") == ["dropped"]


def test_a_clock_tells_that_it_is_alive_in_one_row(database):
    clinic = Line(database, "2026-11-24 10:00")
    owner = str(uuid4())
    for _ in range(3):
        clinic.clock.move(seconds=10)
        upkeep.heartbeat(database, Clock(owner, "host", local("2026-11-24 10:00"), clinic.now, {}, 0.0))
    with database.read() as db:
        assert [row.seen_at for row in db.execute(select(clocks))] == [clinic.now]


def test_what_has_had_its_time_is_purged_and_the_purge_is_audited(database, monkeypatch):
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    clinic = Line(database, "2026-01-05 10:00")
    with database.write() as db:
        for number in range(5):
            sign_ins.begin(db, [Counter(("sign_in", str(number)))], clinic.now)
            receipts.keep(db, f"SM{number}", "sent", None, None, clinic.now)
        members.start_session(db, clinic.staff["front"], clinic.now, timedelta(hours=12))
    keep = clinic.clinic.retention
    assert sum(upkeep.purge_expired(database, keep, clinic.now).values()) == 0
    clinic.clock.at = local("2026-11-24 10:00")
    with database.write() as db:
        members.start_session(db, clinic.staff["front"], clinic.now, timedelta(hours=12))
    gone = {kind: count for kind, count in upkeep.purge_expired(database, keep, clinic.now).items() if count}
    assert gone == {"sessions": 1, "sign_ins": 5, "receipts": 5}
    with database.read() as db:
        left = [
            db.scalar(select(func.count()).select_from(table)) for table in (sessions, sign_in_table, receipt_table)
        ]
        assert left == [1, 0, 0]
        assert db.scalar(select(func.count()).where(audit_events.c.action == "purge"))


def test_a_lost_lease_of_a_bundle_makes_all_of_it_unknown(database):
    clinic = Line(database, "2026-11-24 10:00")
    refs = [clinic.has_request(f"+1602555012{number}", due="2026-11-24 14:00") for number in range(2)]
    clinic.messenger.answers = [Killed()]
    with pytest.raises(Killed):
        clinic.runs_jobs("2026-11-24 10:01")
    clinic.clock.at = local("2026-11-24 10:03")
    assert settle_texts.lose_leases(clinic.outbox, TO_STAFF) == 2
    assert [clinic.states(ref, "new_request") for ref in refs] == [["unknown"]] * 2


def test_a_bundle_that_was_refused_for_now_is_sent_whole_later(database):
    clinic = Line(database, "2026-11-24 10:00")
    refs = [clinic.has_request(f"+1602555012{number}", due="2026-11-24 14:00") for number in range(2)]
    clinic.messenger.answers = [DeliveryFailed(Refusal.LATER)]
    assert clinic.runs_jobs("2026-11-24 10:01") == ["front"]
    assert clinic.runs_jobs("2026-11-24 10:02") == ["front"]
    assert [clinic.states(ref, "new_request") for ref in refs] == [["sent"]] * 2
    assert clinic.messenger.sent[0].body == clinic.messenger.sent[1].body


def test_every_kind_of_notice_has_its_words(database):
    """Each text to staff is one part long with an address as long as they come."""
    clinic = Line(database, "2026-11-24 10:00")
    for number, priority in enumerate(Priority):
        clinic.has_request(f"+1602555013{number}", priority=priority, due="2026-11-24 10:20")
    minutes(clinic, 20)
    bodies = {text.body for text in clinic.messenger.sent if text.to in PHONES.values()}
    assert len(bodies) >= 7
    assert all(len(body) <= 160 and body.isascii() for body in bodies)


def test_a_wall_clock_that_is_set_back_delays_a_notice_and_loses_none(database):
    clinic = Line(database, "2026-11-24 10:00")
    clinic.has_request(due="2026-11-24 14:00")
    assert clinic.runs_jobs("2026-11-24 09:30") == []
    assert clinic.runs_jobs("2026-11-24 10:01") == ["front"]
