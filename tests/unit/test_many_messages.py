"""What somebody has written before makes nothing slower: facts/compliance.md 4, one sender holds up nobody else."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from triage.store import messages, people
from triage.store.tables import messages as table

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SENDER = "+16025550142"


def written(database, count):
    rows = [
        {"channel": "sms", "direction": "in", "dedupe_key": f"SM{number}", "body": "call me", "created_at": at}
        for number, at in enumerate(NOW - timedelta(days=1) + timedelta(seconds=n) for n in range(count))
    ]
    with database.write() as db:
        person, _ = people.meet(db, SENDER, "en", NOW)
        db.execute(insert(table), [row | {"person_id": person.id} for row in rows])
        db.execute(text("ANALYZE"))  # PostgreSQL does so by itself, in its time


def looked_up_ms(database):
    def once(db):
        begun = time.perf_counter()
        found = messages.before(db, "SMnew", SENDER, NOW, NOW + timedelta(minutes=1))
        assert found.just_before is None
        return (time.perf_counter() - begun) * 1000

    with database.read() as db:
        return min(once(db) for _ in range(20))


def test_a_sender_of_ten_thousand_texts_is_looked_up_as_fast_as_a_new_one(database):
    before = looked_up_ms(database)
    written(database, 10_000)
    assert looked_up_ms(database) < 3 * before + 1


@pytest.mark.parametrize(("seconds", "said"), [(30, "i want to"), (90, None)])
def test_the_text_of_the_last_minute_is_found_among_many(database, seconds, said):
    written(database, 100)
    with database.write() as db:
        person, _ = people.meet(db, SENDER, "en", NOW)
        at = NOW - timedelta(seconds=seconds)
        row = {"channel": "sms", "direction": "in", "dedupe_key": "SMlast", "body": "i want to", "created_at": at}
        db.execute(insert(table), row | {"person_id": person.id})
    with database.read() as db:
        assert messages.before(db, "SMnew", SENDER, NOW - timedelta(minutes=1), NOW).just_before == said
