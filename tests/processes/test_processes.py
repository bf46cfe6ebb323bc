"""Real web and clock processes: the same text at once, processes killed in the middle, two clocks, a clean end."""

import os
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.processes.running import Posted, running, wait_until
from triage.model.notice import Kind, NoticeState
from triage.model.request import Priority, RequestValues
from triage.notices import plan
from triage.runtime import utc_now
from triage.store import people, requests
from triage.store.tables import callback_requests, messages
from triage.store.tables import notices as notice_table

pytestmark = pytest.mark.processes

WISH = "please have someone call me, my name is Zebulon, tomorrow at noon"
URGENT = "my heart has been racing since my ketamine treatment yesterday"
DIALOGUE = (WISH, "make it tomorrow at 11 am", "how does tms work", "thank you")
PEOPLE = 50
SENDERS = 8


@pytest.fixture
def here(database, tmp_path):
    with running(database, tmp_path) as here:
        yield here
        said = here.said()
    private = ("Zebulon", "+1480", "+1602", "%2B1", "racing", "tomorrow")
    assert not [word for word in private if word in said], "a log holds something private"


def rows(here, *columns, where=()):
    with here.database.read() as db:
        return db.execute(select(*columns).where(*where)).all()


def sid(number):
    return f"SM{number:032x}"


def patient(number):
    return f"+14805550{100 + number}"


def arrivals(here):
    return Counter(row.dedupe_key for row in rows(here, messages.c.dedupe_key, where=[messages.c.direction == "in"]))


def test_a_text_posted_five_times_at_once_has_one_effect_and_one_answer(here):
    web = here.start_web()
    wait_until(lambda: len(here.workers(web)) == 2, "two workers")
    for number in range(10):
        text = Posted(sid(number), patient(number), URGENT if number % 2 else WISH)
        together = threading.Barrier(5)

        def at_once(text=text, together=together):
            together.wait()
            return here.post(text)

        with ThreadPoolExecutor(5) as pool:
            answers = {future.result() for future in [pool.submit(at_once) for _ in range(5)]}
        assert len(answers) == 1
        assert answers.pop()[0] == 200
    assert arrivals(here) == Counter({f"in:{sid(number)}": 1 for number in range(10)})
    assert rows(here, func.count(), where=[callback_requests.c.id > 0]) == [(10,)]
    assert len(rows(here, messages.c.id, where=[messages.c.direction == "out"])) == 10
    needed = rows(here, notice_table.c.kind, notice_table.c.request_id)
    assert len(set(needed)) == len(needed)


def test_killed_processes_lose_nothing_that_was_answered_and_double_nothing(here):
    web, clock = here.start_web(), [here.start_clock()]
    killed_at = {40: "web", 90: "clock", 130: "web"}
    answered, lock = {}, threading.Lock()

    def kill(which):
        if which == "web":
            os.kill(here.workers(web)[0], signal.SIGKILL)
        else:
            clock[-1].kill()
            clock.append(here.start_clock())

    def one_person(number):
        for turn, body in enumerate(DIALOGUE):
            body = URGENT if number % 3 == 0 and turn == 2 else body
            text = Posted(sid(number * len(DIALOGUE) + turn), patient(number), body)
            answer = here.deliver(text)
            with lock:
                answered[text] = answer
                which = killed_at.pop(len(answered), None)
            if which:
                kill(which)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(one_person, range(PEOPLE)))

    assert killed_at == {}
    assert len(answered) == PEOPLE * len(DIALOGUE)
    assert arrivals(here) == Counter({f"in:{text.sid}": 1 for text in answered})
    wait_until(lambda: len(here.workers(web)) == 2, "the master has its two workers again")
    assert [text.sid for text, answer in answered.items() if here.post(text) != (200, answer)] == []
    assert len(arrivals(here)) == len(answered)
    asked = Counter(row.person_id for row in rows(here, callback_requests.c.person_id))
    assert sorted(asked.values()) == [1] * PEOPLE
    _each_alert_arrived(here, sum(number % 3 == 0 for number in range(PEOPLE)), doubled_at_most=1)


def _each_alert_arrived(here, count, doubled_at_most):
    """Whatever was killed in the middle of a send is settled: looked for at the provider, and sent again if need be."""
    urgent = [notice_table.c.kind == Kind.URGENT]
    sent = (NoticeState.SENT, NoticeState.FINAL_OK)

    def settled():
        return [row.state for row in rows(here, notice_table.c.state, where=urgent) if row.state not in sent] == []

    wait_until(settled, "every alert has been sent")
    assert len(rows(here, notice_table.c.id, where=urgent)) == count
    arrived = here.alerts()
    assert len(arrived) == count
    assert sum(arrived.values()) <= count + doubled_at_most


def test_of_two_clocks_each_alert_is_sent_once(here):
    here.start_clock()
    here.start_clock()
    now, count = utc_now(), 15
    with here.database.write() as db:
        for number in range(count):
            person, _ = people.meet(db, patient(number), "en", now)
            values = {"name": "Zebulon", "phone": patient(number)}
            due_at = now + timedelta(minutes=30)
            ref = requests.create(db, RequestValues(person.id, Priority.URGENT, "sms", "en", due_at, values), now)
            plan.follow(db, here.clinic, ref, now)
    _each_alert_arrived(here, count, doubled_at_most=0)
    assert sum(here.alerts().values()) == count


def test_web_and_clock_end_cleanly_when_they_are_asked_to(here):
    here.start_web()
    here.start_clock()
    here.deliver(Posted(sid(1), patient(1), WISH))
    assert here.stop() == [0, 0]
    assert "clock_stopped" in here.said()
    assert arrivals(here) == Counter({f"in:{sid(1)}": 1})
