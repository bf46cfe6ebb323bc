"""The audit trail: append only, linked into a chain that shows what was done to it, purged with a proof."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from triage.jobs import upkeep
from triage.store import audit, audit_chain
from triage.store.audit_chain import Head
from triage.store.tables import audit_cuts, audit_events, audit_links

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TABLES = ("audit_events", "audit_links", "audit_cuts")


def has_events(database, count, at=NOW):
    with database.write() as db:
        for number in range(count):
            audit.record(db, "view_queue", at + timedelta(seconds=number), detail={"rows": number, "mine": number > 2})


def verdict(database, at=NOW, known=None):
    with database.read() as db:
        return audit_chain.verify(db, at, known)


def as_the_owner_of_the_database(database, *statements):
    """What somebody can do who may change tables: the triggers are theirs to switch off."""
    with database.write() as db:
        for table in TABLES:
            if database.is_sqlite:
                db.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
                db.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
            else:
                db.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            db.execute(text(statement))
        for table in TABLES:
            if not database.is_sqlite:
                db.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def count(database, table):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table))


def test_a_chain_with_nothing_in_it_is_whole(database):
    assert upkeep.link_audit(database) == 0
    assert verdict(database) == audit_chain.Verdict(Head(0, ""), 0, 0)


def test_events_are_linked_in_batches_each_once(database, monkeypatch):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 4)
    has_events(database, 11)
    assert verdict(database).waiting == 11
    assert upkeep.link_audit(database) == 11
    assert upkeep.link_audit(database) == 0
    found = verdict(database)
    assert (found.linked, found.waiting, found.broken, found.head.position) == (11, 0, None, 11)


def test_an_event_that_was_committed_late_is_linked_all_the_same(database):
    has_events(database, 3)
    with database.write() as db:
        db.execute(text("INSERT INTO audit_events (id, at, action) VALUES (900, '2026-11-23 17:00:00+00:00', 'late')"))
    upkeep.link_audit(database)
    with database.write() as db:
        db.execute(text("INSERT INTO audit_events (id, at, action) VALUES (899, '2026-11-23 17:00:01+00:00', 'later')"))
    assert upkeep.link_audit(database) == 1
    assert verdict(database).broken is None


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_neither_database_lets_the_trail_be_changed(database, table, change):
    has_events(database, 2)
    upkeep.link_audit(database)
    with database.write() as db:
        audit_chain.cut(db, NOW + timedelta(seconds=1), NOW)
    column = "action" if table == "audit_events" else "seal"
    with pytest.raises(DBAPIError, match="append only"), database.write() as db:
        db.execute(text(change.format(table, column, column)))


@pytest.mark.postgres
@pytest.mark.parametrize("emptied", [*TABLES, "staff CASCADE"])
def test_nobody_empties_the_trail_at_one_stroke(postgres_database, emptied):
    has_events(postgres_database, 2)
    upkeep.link_audit(postgres_database)
    with pytest.raises(DBAPIError, match="append only"), postgres_database.write() as db:
        db.execute(text(f"TRUNCATE {emptied}"))
    assert verdict(postgres_database).linked == 2


@pytest.mark.parametrize(
    ("tampering", "broken", "at"),
    [
        ("UPDATE audit_events SET action = 'claim' WHERE id = 5", "changed", 5),
        ("UPDATE audit_events SET staff_id = NULL, request_id = NULL, detail = NULL WHERE id = 1", "changed", 1),
        ("UPDATE audit_links SET seal = 'x' WHERE position = 8", "changed", 8),
        ("DELETE FROM audit_events WHERE id = 3", "missing", 3),
        ("DELETE FROM audit_links WHERE position = 3", "gap", 4),
        ("DELETE FROM audit_links WHERE position <= 3", "gap", 4),
        ("DELETE FROM audit_links", "unlinked", 0),
        ("INSERT INTO audit_cuts VALUES (2, '2026-11-23 17:00:00+00:00', 'x', 'y')", "cut", 2),
    ],
)
def test_every_tampering_is_found_with_its_place(database, tampering, broken, at):
    has_events(database, 9)
    upkeep.link_audit(database)
    as_the_owner_of_the_database(database, tampering)
    found = verdict(database, NOW + timedelta(hours=2))
    assert (found.broken, found.at) == (broken, at)


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_noted(database):
    has_events(database, 9)
    upkeep.link_audit(database)
    noted = verdict(database).head
    as_the_owner_of_the_database(
        database, "DELETE FROM audit_links WHERE position > 6", "DELETE FROM audit_events WHERE id > 6"
    )
    assert verdict(database).broken is None
    assert verdict(database, known=noted).broken == "head"
    assert verdict(database, known=Head(4, "another seal")).broken == "head"


def test_events_that_nobody_links_are_told_of_after_an_hour(database):
    has_events(database, 1)
    assert verdict(database, NOW + timedelta(minutes=59)).broken is None
    assert verdict(database, NOW + timedelta(hours=2)).broken == "unlinked"


def test_what_is_cut_away_leaves_a_whole_chain_that_goes_on(database):
    has_events(database, 5)
    has_events(database, 3, NOW + timedelta(days=10))
    upkeep.link_audit(database)
    for _ in range(2):
        with database.write() as db:
            gone = audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20), limit=4)
    assert gone == 1
    assert (count(database, audit_events), count(database, audit_links), count(database, audit_cuts)) == (3, 3, 1)
    has_events(database, 2, NOW + timedelta(days=20))
    upkeep.link_audit(database)
    found = verdict(database, NOW + timedelta(days=20))
    assert (found.broken, found.linked, found.head.position) == (None, 5, 10)


def test_a_trail_that_is_cut_away_whole_goes_on_from_its_cut(database):
    has_events(database, 5)
    upkeep.link_audit(database)
    with database.write() as db:
        assert audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20)) == 5
    has_events(database, 1, NOW + timedelta(days=20))
    upkeep.link_audit(database)
    found = verdict(database, NOW + timedelta(days=20))
    assert (found.broken, found.head.position) == (None, 6)


def test_what_is_not_linked_yet_is_never_cut_away(database):
    has_events(database, 5)
    with database.write() as db:
        assert audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20)) == 0
    assert count(database, audit_events) == 5
