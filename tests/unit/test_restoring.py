"""After a restore: what waited in the backup is held, compared with the provider and released; new alerts go out."""

import pytest
from sqlalchemy import select

from tests.builders import PHONES, Line
from triage.errors import DeliveryUnknown, Refusal, Refused
from triage.jobs import reconcile_outbox, ring_phones
from triage.model.call import Purpose, Wanted
from triage.model.request import Disposition, Priority
from triage.notices import delivery
from triage.store import legs, messages, outbox_hold
from triage.store.tables import audit_events, notices
from triage.team import request_acts

DANA, ROSA = "+16025550101", "+16025550102"
MORNING = "2026-11-24 10:00"


def tries_to_reach(clinic, ref):
    act = request_acts.log_attempt
    clinic.does(act, clinic.clinic, clinic.line.words, ref, clinic.staff["front"], Disposition.NO_ANSWER, "")


def is_restored(clinic, minutes=60):
    """The rows are from a backup that was taken now; it is started again later."""
    taken_at = clinic.now
    with clinic.database.write() as db:
        outbox_hold.hold(db, taken_at, taken_at)
    clinic.clock.move(minutes=minutes)


def went_out_since(clinic, to, body):
    """The provider took a text after the backup, of which these rows know nothing."""
    clinic.messenger.sent.clear()
    return clinic.messenger.send(to, body, f"lost{len(clinic.messenger.taken)}", 1, 1.0)


def reconcile(clinic):
    return reconcile_outbox.reconcile(clinic.outbox)


def release(clinic, anyway=False):
    return reconcile_outbox.release(clinic.line, anyway)


def test_nothing_that_waited_in_a_backup_is_sent_until_it_is_released(database):
    clinic = Line(database, MORNING)
    waiting = clinic.has_request(DANA, due="2026-11-24 10:50")
    tries_to_reach(clinic, clinic.has_request(ROSA, due="2026-11-24 12:00"))
    clinic.has_request("+16025550103", priority=Priority.URGENT)
    is_restored(clinic)
    for _ in range(20):
        clinic.clock.move(seconds=30)
        assert clinic.runs_jobs() == []
    reconcile(clinic)
    assert release(clinic).released > 0
    told = clinic.runs_jobs()
    assert "front" in told
    assert ROSA in told
    assert "held" not in clinic.states(waiting, "overdue")


def test_a_crisis_that_comes_in_after_the_restore_is_alerted_at_once(database):
    clinic = Line(database, MORNING)
    old = clinic.has_request(DANA, priority=Priority.CRISIS)
    is_restored(clinic)
    assert clinic.runs_jobs() == []
    new = clinic.has_request(ROSA, priority=Priority.CRISIS)
    assert clinic.runs_jobs() == ["front"]
    assert clinic.states(new, "alert") == ["sent"]
    assert clinic.states(old, "alert") == []


def test_an_old_crisis_whose_person_writes_again_is_alerted_at_once(database):
    clinic = Line(database, MORNING)
    old = clinic.has_request(DANA, priority=Priority.CRISIS)
    is_restored(clinic)
    clinic.changes(old)
    assert clinic.runs_jobs() == ["front"]


def test_an_old_crisis_that_nobody_has_seen_is_alerted_anew_when_the_outbox_is_released(database):
    clinic = Line(database, MORNING)
    old = clinic.has_request(DANA, priority=Priority.CRISIS)
    clinic.runs_jobs()
    is_restored(clinic)
    reconcile(clinic)
    release(clinic)
    assert "front" in clinic.runs_jobs()
    assert clinic.states(old, "alert")[-1] == "sent"


def test_what_the_provider_took_since_the_backup_is_marked_with_its_sid_and_not_sent_again(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, due="2026-11-24 12:00")
    tries_to_reach(clinic, ref)
    with database.read() as db:
        body = db.scalar(select(notices.c.body).where(notices.c.kind == "tried_to_reach"))
    is_restored(clinic, minutes=5)
    sid = went_out_since(clinic, DANA, body)
    compared = reconcile(clinic)
    assert compared.marked == 1
    assert clinic.states(ref, "tried_to_reach") == ["sent"]
    with database.read() as db:
        assert db.scalar(select(notices.c.sid).where(notices.c.kind == "tried_to_reach")) == sid
        thread = messages.thread(db, clinic.request(ref).person_id)
    assert [(message.body, message.status) for message in thread] == [(body, "sent")]
    release(clinic)
    clinic.messenger.sent.clear()
    clinic.runs_jobs()
    assert clinic.messenger.to(DANA) == []


def test_a_text_to_staff_that_was_not_addressed_yet_is_found_by_its_words(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, priority=Priority.URGENT, due="2026-11-24 10:30")
    is_restored(clinic, minutes=5)
    link = f"https://line.example.org/staff/requests/{ref}"
    values = {"ref": ref, "coded": f"{ref}-k7mx", "link": link, "sender": "Example Care"}
    body = clinic.line.words.say("staff/urgent", "en", values)
    went_out_since(clinic, PHONES["front"], body)
    assert reconcile(clinic).marked == 1
    assert clinic.states(ref, "urgent") == ["sent"]


def test_a_bundle_that_went_out_marks_every_request_that_it_told_of(database):
    clinic = Line(database, MORNING)
    refs = [clinic.has_request(phone, due="2026-11-24 15:00") for phone in (DANA, ROSA, "+16025550103")]
    is_restored(clinic, minutes=5)
    told = ", ".join(map(str, refs[:2]))
    body = f"Example Care: 2 new call-back requests: {told}. https://line.example.org/staff/"
    went_out_since(clinic, PHONES["front"], body)
    assert reconcile(clinic).marked == 2
    assert [clinic.states(ref, "new_request") for ref in refs] == [["sent"], ["sent"], ["held"]]


def test_what_was_being_sent_when_the_backup_was_taken_is_settled_by_the_list(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, due="2026-11-24 12:00")
    tries_to_reach(clinic, ref)
    clinic.messenger.answers = [DeliveryUnknown("cut")]
    clinic.runs_jobs()
    clinic.messenger.taken.add(clinic.messenger.sent[-1].ref)
    is_restored(clinic, minutes=5)
    assert clinic.states(ref, "tried_to_reach") == ["held"]
    assert reconcile(clinic).marked == 1
    assert clinic.states(ref, "tried_to_reach") == ["sent"]
    with database.read() as db:
        assert [message.status for message in messages.thread(db, clinic.request(ref).person_id)] == ["sent"]


def test_texts_that_the_backup_knows_answer_for_nothing_else(database):
    clinic = Line(database, MORNING)
    first = clinic.has_request(DANA, due="2026-11-24 12:00")
    tries_to_reach(clinic, first)
    clinic.runs_jobs()
    clinic.clock.move(hours=27)
    tries_to_reach(clinic, first)
    is_restored(clinic, minutes=5)
    assert reconcile(clinic).marked == 0
    assert sorted(clinic.states(first, "tried_to_reach")) == ["held", "sent"]


def test_without_the_providers_list_nothing_is_released_unless_it_is_asked_for(database):
    clinic = Line(database, MORNING)
    tries_to_reach(clinic, clinic.has_request(DANA, due="2026-11-24 12:00"))
    is_restored(clinic, minutes=5)
    clinic.messenger.listing = DeliveryUnknown("down")
    with pytest.raises(DeliveryUnknown):
        reconcile(clinic)
    with pytest.raises(Refused, match="not_compared"):
        release(clinic)
    assert release(clinic, anyway=True).released > 0
    with pytest.raises(Refused, match="not_held"):
        release(clinic)
    with database.read() as db:
        acts = list(db.scalars(select(audit_events.c.action).where(audit_events.c.action.like("outbox%"))))
    assert acts == ["outbox_hold", "outbox_release"]


def test_what_expired_meanwhile_is_dropped_and_counted(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, due="2026-11-24 12:00")
    tries_to_reach(clinic, ref)
    is_restored(clinic, minutes=6 * 60)
    reconcile(clinic)
    done = release(clinic)
    assert done.expired >= 1
    assert clinic.states(ref, "tried_to_reach") == ["dropped"]


def test_calls_that_waited_or_rang_have_ended_and_ring_nobody(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, priority=Priority.CRISIS)
    with database.write() as db:
        wanted = Wanted(Purpose.ALERT, "alert", clinic.now, ref, staff_id=clinic.staff["front"])
        leg = legs.plan(db, wanted, clinic.now)
    is_restored(clinic, minutes=0)
    assert ring_phones.place_due(clinic.dialler) == 0
    with database.read() as db:
        assert legs.get(db, leg.id).why == "restored"


def test_a_receipt_settles_what_is_held(database):
    clinic = Line(database, MORNING)
    ref = clinic.has_request(DANA, due="2026-11-24 12:00")
    tries_to_reach(clinic, ref)
    clinic.messenger.answers = [DeliveryUnknown("cut")]
    clinic.runs_jobs()
    sent = clinic.messenger.sent[-1]
    is_restored(clinic, minutes=5)
    clinic.does(delivery.report, clinic.messenger.sid(sent.ref), "delivered", sent.ref, Refusal.OTHER, None)
    assert clinic.states(ref, "tried_to_reach") == ["final_ok"]
