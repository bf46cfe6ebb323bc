"""Prepared statements: the same values in and out, and the same errors, as SQLAlchemy's own execution."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from triage.store.prepared import Prepared, on_driver
from triage.store.tables import people

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
DANA = {"phone": "+16025550101", "phone_hash": "a" * 64, "name": "Dana \U0001f642 Ñ", "lang": "es", "created_at": NOW}
MAKE = Prepared(lambda insert: insert(people).returning(people.c.id), *DANA)
BY_HASH = select(people).where(people.c.phone_hash == bindparam("hash"))


def test_what_is_written_is_read_back_alike_by_either_way(database):
    with database.write() as db:
        (made,) = MAKE.first(db, **DANA)
        db.execute(insert(people).values(DANA | {"phone_hash": "b" * 64}))
        read = Prepared(lambda _: BY_HASH)
        for phone_hash in ("a" * 64, "b" * 64):
            assert read.all(db, hash=phone_hash) == [tuple(db.execute(BY_HASH, {"hash": phone_hash}).one())]
        assert read.first(db, hash="a" * 64)[0] == made
        assert read.first(db, hash="c" * 64) is None


def test_only_the_named_columns_are_changed(database):
    change = Prepared(lambda _: update(people).where(people.c.id == bindparam("of")), "name", "opted_out_at")
    with database.write() as db:
        (made,) = MAKE.first(db, **DANA)
        change.run(db, of=made, name=None, opted_out_at=NOW)
        row = db.execute(select(people)).one()
    assert (row.name, row.opted_out_at, row.lang, row.phone) == (None, NOW, "es", "+16025550101")


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(ValueError, match="zone"), database.write() as db:
        MAKE.first(db, **DANA | {"created_at": NOW.replace(tzinfo=None)})


def test_the_drivers_errors_are_sqlalchemys_and_quote_no_value(database):
    def twice():
        with database.write() as db:
            MAKE.first(db, **DANA)
            MAKE.first(db, **DANA)

    with pytest.raises(IntegrityError) as refused:
        twice()
    assert "6025550101" not in str(refused.value.params)
    with database.read() as db:
        assert db.execute(select(people)).all() == []
    with pytest.raises(DBAPIError), database.write() as db:
        on_driver(db, "SELECT nonsense FROM nowhere")
