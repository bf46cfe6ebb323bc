"""Input from outside that the rules do not foresee is answered, never by an assertion: posts about a leg that make no
sense for its purpose, and times at the ends of the calendar. ASVS 16.5.1.
"""

import pytest

from tests.console_desk import send
from tests.web.texting import texting
from triage.model.call import LegState, Purpose, Wanted
from triage.model.member import Role
from triage.model.message import Channel
from triage.ringing.outgoing_leg import TO_PATIENT, TO_STAFF
from triage.store import legs, members, people


@pytest.fixture
def clinic(database, monkeypatch):
    with texting(database, monkeypatch) as clinic:
        yield clinic


STEPS = ("answered", *TO_STAFF, *TO_PATIENT, "dialled", "waits", "room", "talked")


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_dialled", [True, False], ids=["dialled", "by_nobody"])
def test_any_post_about_any_leg_is_answered(clinic, purpose, step, is_dialled):
    """By the rules, that is: the words that are said after a fault would hide an assertion."""
    by = ("l1" if purpose in (Purpose.PATIENT, Purpose.VOICEMAIL) else "CA1:3") if is_dialled else None
    with clinic.database.write() as db:
        person, _ = people.meet(db, "+16025550132", "en", clinic.clock())
        member = members.add(db, "mia", "Mia Lindqvist", Role.FRONT_DESK, "no hash", "+16025550177", clinic.clock())
        staff_id = None if purpose is Purpose.CRISIS_LINE else member
        wanted = Wanted(purpose, "a_leg", clinic.clock(), None, person.id, staff_id, by, state=LegState.PLACED)
        leg = legs.plan(db, wanted, clinic.clock())
    form = [("CallSid", "CA" + "1" * 32), ("Digits", "1"), ("DialCallStatus", "completed")]
    answer = clinic.post(form, f"/webhooks/calls/{leg.id}/{step}")
    assert answer.status_code == 200
    assert clinic.of_a_fault(Channel.VOICE) not in answer.text


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "0001-01-01", "9998-06-01"])
def test_the_ends_of_the_calendar_are_refused_with_words(desk, front, day):
    request_id = desk.has_request()
    for path, form in (
        ("snooze", {"until": f"{day}T10:00"}),
        ("snooze", {"until": f"{day}T00:00+14:00"}),
        ("snooze", {"until": f"{day}T23:59"}),
        ("promise", {"day": day, "from": "10:00", "to": "23:59"}),
        ("promise", {"day": day, "from": "10:00", "to": "11:00", "sure": day}),
    ):
        answer = send(front, f"/staff/requests/{request_id}/{path}", **form)
        assert answer.status_code == 422, (path, answer.status_code)
