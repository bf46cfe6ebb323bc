"""Writes that a race may lose say truly whether they won, on both databases."""

from tests.builders import local
from triage.store.conditional import insert_once
from triage.store.tables import receipts


def test_a_second_row_with_the_same_key_is_told_from_the_first(database):
    row = {"sid": "SM1", "status": "sent", "at": local("2026-11-24 10:00")}
    with database.write() as db:
        told = [insert_once(db, receipts, ("sid", "status"), row) for _ in range(3)]
    assert told == [True, False, False]
