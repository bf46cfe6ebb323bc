"""The queue and a search stay as quick as they were, however many requests are over."""

import pytest

from bench.queue import ASKED, filled, without_index
from tests.console_desk import MORNING
from triage.model.request import Priority, RequestValues
from triage.store import people, requests


@pytest.mark.parametrize("what", ASKED)
def test_what_the_queue_and_a_search_ask_is_read_by_an_index(database, what):
    filled(database, opened=9, closed=30)
    if database.is_sqlite:
        # Of a small table it would know that reading the whole is as good.
        with database.write() as db:
            db.exec_driver_sql("DELETE FROM sqlite_stat1")
        database.close()
    assert without_index(database, what) == []


def test_a_statement_that_reads_a_whole_table_is_found(database, monkeypatch):
    monkeypatch.setitem(ASKED, "every note", lambda db: db.exec_driver_sql("SELECT wish FROM callback_requests"))
    assert without_index(database, "every note") != []


def test_the_other_requests_of_a_person_are_counted_up_to_a_limit(database):
    with database.write() as db:
        person, _ = people.meet(db, "+16025550100", "en", MORNING)
        for number in range(14):
            made = requests.create(db, RequestValues(person.id, Priority.ROUTINE, "sms", "en", MORNING, {}), MORNING)
            if number == 2:
                assert requests.one(db, made).others == 2
            requests.cancel(db, made, MORNING)
        assert requests.one(db, made).others == requests.MOST_OTHERS
