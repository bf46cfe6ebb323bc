"""The audit trail: append only, each event linked as it is written into a chain that shows what was done to it, its
head kept elsewhere, purged with a proof.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import structlog
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.builders import Line
from tests.conftest import use_new_keys
from triage.errors import HeadNotRead
from triage.model.member import Role
from triage.model.request import Priority, RequestValues
from triage.store import audit, audit_chain, members, requests
from triage.store.audit_chain import Head
from triage.store.keys import Keys
from triage.store.tables import audit_cuts, audit_events, audit_links, people
from webhooks import audit_head

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TABLES = ("audit_events", "audit_links", "audit_cuts")


def has_events(database, count, at=NOW):
    with database.write() as db:
        for number in range(count):
            audit.record(db, "view_queue", at + timedelta(seconds=number), detail={"rows": number, "mine": number > 2})


def verdict(database, known=None):
    with database.snapshot() as db:
        return audit_chain.verify(db, known)


def as_the_owner_of_the_database(database, *statements):
    """What somebody can do who may change tables: the triggers are theirs to switch off."""
    with database.write() as db:
        for table in TABLES:
            if database.is_sqlite:
                db.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_update")
                db.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_delete")
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
    assert verdict(database) == audit_chain.Verdict(Head(0, ""), 0)


def test_an_event_is_in_the_chain_as_soon_as_it_is_written(database):
    has_events(database, 3)
    assert verdict(database).linked == 3
    has_events(database, 2)
    found = verdict(database)
    assert (found.linked, found.broken, found.head.position) == (5, None, 5)


def test_an_act_that_is_taken_back_leaves_neither_event_nor_link(database):
    def fails():
        with database.write() as db:
            audit.record(db, "claim", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    has_events(database, 1)
    assert (count(database, audit_events), verdict(database).linked) == (1, 1)


def test_transactions_side_by_side_are_linked_one_after_the_other(database):
    workers = [Thread(target=has_events, args=(database, 4, NOW + timedelta(hours=n))) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = verdict(database)
    assert (found.linked, found.broken) == (16, None)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_neither_database_lets_the_trail_be_changed(database, table, change):
    has_events(database, 2)
    with database.write() as db:
        audit_chain.cut(db, NOW + timedelta(seconds=1), NOW)
    column = "action" if table == "audit_events" else "seal"
    with pytest.raises(DBAPIError, match="append only"), database.write() as db:
        db.execute(text(change.format(table, column, column)))


@pytest.mark.postgres
@pytest.mark.parametrize("emptied", [*TABLES, "staff CASCADE"])
def test_nobody_empties_the_trail_at_one_stroke(postgres_database, emptied):
    has_events(postgres_database, 2)
    with pytest.raises(DBAPIError, match="append only"), postgres_database.write() as db:
        db.execute(text(f"TRUNCATE {emptied}"))
    assert verdict(postgres_database).linked == 2


AN_EVENT = "INSERT INTO audit_events (id, at, action) VALUES"
AT = "'2026-11-23 17:00:00+00:00'"

TAMPERINGS = {
    "another act": (["UPDATE audit_events SET action = 'claim' WHERE id = 5"], "changed", 5),
    "another person who did it": (["UPDATE audit_events SET staff_id = 1 WHERE id = 5"], "changed", 5),
    "another person it was done to": (["UPDATE audit_events SET person_id = 1 WHERE id = 5"], "changed", 5),
    "another request it was done to": (["UPDATE audit_events SET request_id = 1 WHERE id = 5"], "changed", 5),
    "less said": (["UPDATE audit_events SET detail = NULL WHERE id = 1"], "changed", 1),
    "back-dated": (["UPDATE audit_events SET at = '2026-11-20 17:00:00+00:00' WHERE id = 9"], "changed", 9),
    "another seal": (["UPDATE audit_links SET seal = 'x' WHERE position = 8"], "changed", 8),
    "an event gone": (["DELETE FROM audit_events WHERE id = 3"], "missing", 3),
    "a link gone": (["DELETE FROM audit_links WHERE position = 3"], "gap", 4),
    "an event and its link gone": (
        ["DELETE FROM audit_events WHERE id = 3", "DELETE FROM audit_links WHERE position = 3"], "gap", 4,
    ),
    "the gap closed": (
        ["DELETE FROM audit_events WHERE id = 8", "DELETE FROM audit_links WHERE position = 8",
         "UPDATE audit_links SET position = 8 WHERE position = 9"], "changed", 8,
    ),
    "the beginning gone": (["DELETE FROM audit_links WHERE position <= 3"], "gap", 4),
    "all links gone, to be made anew": (["DELETE FROM audit_links"], "forged", 1),
    "two events change places": (
        ["UPDATE audit_links SET event_id = 99 WHERE position = 4", "UPDATE audit_links SET event_id = 4 WHERE position"
         " = 5", "UPDATE audit_links SET event_id = 5 WHERE position = 4"], "changed", 4,
    ),
    "a link to another event": (
        [f"{AN_EVENT} (70, {AT}, 'view_queue')", "UPDATE audit_links SET event_id = 70 WHERE position = 2"],
        "changed", 2,
    ),
    "an event under another number": (
        ["UPDATE audit_events SET id = 99 WHERE id = 4", "UPDATE audit_links SET event_id = 99 WHERE position = 4"],
        "changed", 4,
    ),
    "an event forged": ([f"{AN_EVENT} (70, {AT}, 'close')"], "forged", 70),
    "an event forged and back-dated": ([f"{AN_EVENT} (-1, '2026-11-01 17:00:00+00:00', 'close')"], "forged", -1),
    "an event forged, with a link": (
        [f"{AN_EVENT} (70, {AT}, 'close')", "INSERT INTO audit_links VALUES (10, 70, 'x')"], "changed", 10,
    ),
    "an event forged, with a seal that was used": (
        [f"{AN_EVENT} (70, {AT}, 'close')", "INSERT INTO audit_links SELECT 10, 70, seal FROM audit_links WHERE"
         " position = 9"], "changed", 10,
    ),
    "an event made twice": (
        [f"{AN_EVENT} (70, {AT}, 'x')", "UPDATE audit_events SET at = (SELECT at FROM audit_events WHERE id = 4), "
         "action = 'view_queue' WHERE id = 70"], "forged", 70,
    ),
    "a cut forged": ([f"INSERT INTO audit_cuts VALUES (2, {AT}, 'x', 'y')"], "cut", 2),
    "a cut forged with a seal of ours": (
        [f"INSERT INTO audit_cuts SELECT position, {AT}, seal, seal FROM audit_links WHERE position = 4",
         "DELETE FROM audit_events WHERE id <= 4", "DELETE FROM audit_links WHERE position <= 4"], "cut", 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.parametrize("goes_on", [False, True], ids=["at_once", "after_more_was_written"])
def test_every_tampering_is_found_with_its_place(database, tampering, goes_on):
    """ASVS 16.4.2. What the program writes afterwards covers nothing up."""
    with database.write() as db:
        db.execute(people.insert().values(id=1, phone="+16025550101", phone_hash="h", lang="en", created_at=NOW))
        requests.create(db, RequestValues(1, Priority.ROUTINE, "sms", "en", NOW), NOW)
    has_events(database, 9)
    noted = verdict(database).head
    statements, broken, at = TAMPERINGS[tampering]
    if "staff_id = 1" in statements[0]:
        with database.write() as db:
            members.add(db, "boss", "Boss", Role.ADMIN, "no hash", None, NOW)
    as_the_owner_of_the_database(database, *statements)
    if goes_on:
        has_events(database, 2)
        assert verdict(database, noted).broken is not None
        return
    found = verdict(database)
    assert (found.broken, found.at) == (broken, at)


def test_who_has_all_but_the_key_can_make_no_seal(database):
    """A trail that is written anew from its beginning fits together, and is seen all the same."""
    has_events(database, 9)
    as_the_owner_of_the_database(database, "UPDATE audit_events SET action = 'claim' WHERE id = 3",
                                 "DELETE FROM audit_links")  # fmt: skip
    Keys.use((Fernet.generate_key().decode(),), "a key that the forger has made for themselves")
    with database.write() as db:
        assert len(audit_chain.adopt(db)) == 9
    assert verdict(database).broken is None
    use_new_keys()
    found = verdict(database)
    assert (found.broken, found.at) == ("changed", 1)


def test_what_was_sealed_in_a_trail_that_was_cut_off_fits_into_no_later_one(database):
    has_events(database, 9)
    with database.read() as db:
        event = db.execute(select(audit_events).where(audit_events.c.id == 8)).one()
        link = db.execute(select(audit_links).where(audit_links.c.position == 8)).one()
    as_the_owner_of_the_database(database, "DELETE FROM audit_links WHERE position > 6",
                                 "DELETE FROM audit_events WHERE id > 6")  # fmt: skip
    has_events(database, 3, NOW + timedelta(days=1))
    assert verdict(database).broken is None
    with database.read() as db:
        later = db.scalar(select(audit_links.c.event_id).where(audit_links.c.position == 8))
    as_the_owner_of_the_database(database, "DELETE FROM audit_links WHERE position = 8",
                                 f"DELETE FROM audit_events WHERE id = {later}")  # fmt: skip
    with database.write() as db:
        db.execute(audit_events.insert().values(**event._mapping))
        db.execute(audit_links.insert().values(**link._mapping))
    found = verdict(database)
    assert (found.broken, found.at) == ("changed", 8)


CUT_OFF = {
    "the end": ["DELETE FROM audit_links WHERE position > 6", "DELETE FROM audit_events WHERE id > 6"],
    "the newest": ["DELETE FROM audit_links WHERE position = 9", "DELETE FROM audit_events WHERE id = 9"],
    "everything": ["DELETE FROM audit_links", "DELETE FROM audit_events", "DELETE FROM audit_cuts"],
}


@pytest.mark.parametrize("goes_on", [0, 5])
@pytest.mark.parametrize("tampering", CUT_OFF)
def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_noted(database, tampering, goes_on):
    has_events(database, 9)
    noted = verdict(database).head
    as_the_owner_of_the_database(database, *CUT_OFF[tampering])
    has_events(database, goes_on)
    assert verdict(database).broken is None
    assert verdict(database, known=noted).broken == "head"
    with database.read() as db:
        assert not audit_chain.holds(db, noted)


def test_events_of_an_older_program_are_taken_in_by_a_person_and_not_by_themselves(database):
    has_events(database, 2)
    with database.write() as db:
        db.execute(text(f"{AN_EVENT} (70, {AT}, 'close')"))
    has_events(database, 1)
    assert verdict(database).broken == "forged"
    with database.write() as db:
        assert audit_chain.adopt(db) == [70]
    assert (verdict(database).broken, verdict(database).linked) == (None, 4)


@pytest.mark.postgres
def test_beside_a_clock_that_knows_no_lock_every_event_is_linked_all_the_same(postgres_database):
    """An older program links by itself while an update goes on: whoever comes second takes the next place."""
    database, taken, go_on = postgres_database, Event(), Event()
    has_events(database, 1)

    def an_older_clock():
        with database.write() as db:
            db.execute(text(f"{AN_EVENT} (70, {AT}, 'close')"))
            row = db.execute(select(audit_events).where(audit_events.c.id == 70)).one()
            before = audit_chain.head(db)
            seal = audit_chain._seal(before, row)
            db.execute(audit_links.insert().values(position=before.position + 1, event_id=70, seal=seal))
            taken.set()
            go_on.wait(2)

    older = Thread(target=an_older_clock)
    older.start()
    taken.wait(5)
    newer = Thread(target=has_events, args=(database, 1, NOW))
    newer.start()
    newer.join(0.5)
    go_on.set()
    older.join()
    newer.join()
    assert (verdict(database).linked, verdict(database).broken) == (3, None)


def test_a_head_is_noted_in_a_file_and_stays_there_when_the_trail_lacks_it(sqlite_database, tmp_path):
    line, file = Line(sqlite_database, "2026-11-24 10:00"), tmp_path / "head.txt"
    runtime = replace(line.line, environment=line.line.environment.model_copy(update={"audit_head": str(file)}))
    assert audit_head.kept(str(file)) == Head(0, "")
    for _ in range(2):
        has_events(sqlite_database, 4)
        audit_head.note(runtime)
        audit_head.note(runtime)
    noted = verdict(sqlite_database).head
    assert audit_head.kept(str(file)) == noted
    assert [one.split(":")[-2].split()[-1] for one in file.read_text().splitlines()] == ["4", "8"]
    assert file.stat().st_mode & 0o077 == 0
    as_the_owner_of_the_database(sqlite_database, "DELETE FROM audit_links WHERE position > 6",
                                 "DELETE FROM audit_events WHERE id > 6")  # fmt: skip
    has_events(sqlite_database, 9)
    audit_head.note(runtime)
    assert audit_head.kept(str(file)) == noted


class Shelf(BaseHTTPRequestHandler):
    """An address that takes PUT and gives back GET; `status` is what it answers instead, where it is set."""

    kept, status = b"", 0

    def do_GET(self):
        self.answers(Shelf.status or (200 if Shelf.kept else 404), Shelf.kept)

    def do_PUT(self):
        given = self.rfile.read(int(self.headers["Content-Length"]))
        if not Shelf.status:
            Shelf.kept = given
        self.answers(Shelf.status or 204, b"")

    def answers(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def shelf():
    Shelf.kept, Shelf.status = b"", 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/head"
        server.shutdown()
        serving.join()


def test_a_head_is_kept_at_an_address_too_and_stays_there_when_the_trail_lacks_it(sqlite_database, shelf):
    line = Line(sqlite_database, "2026-11-24 10:00")
    runtime = replace(line.line, environment=line.line.environment.model_copy(update={"audit_head": shelf}))
    assert audit_head.kept(shelf) == Head(0, "")
    has_events(sqlite_database, 4)
    audit_head.note(runtime)
    noted = verdict(sqlite_database).head
    assert audit_head.kept(shelf) == noted
    as_the_owner_of_the_database(sqlite_database, "DELETE FROM audit_links WHERE position > 2",
                                 "DELETE FROM audit_events WHERE id > 2")  # fmt: skip
    has_events(sqlite_database, 5)
    audit_head.note(runtime)
    assert audit_head.kept(shelf) == noted


def test_an_address_that_fails_is_no_beginning_and_stops_no_clock(sqlite_database, shelf):
    line = Line(sqlite_database, "2026-11-24 10:00")
    runtime = replace(line.line, environment=line.line.environment.model_copy(update={"audit_head": shelf}))
    has_events(sqlite_database, 1)
    audit_head.note(runtime)
    noted, Shelf.status = Shelf.kept, 500
    with pytest.raises(HeadNotRead):
        audit_head.kept(shelf)
    has_events(sqlite_database, 1)
    audit_head.note(runtime)
    assert Shelf.kept == noted


def test_the_head_after_each_write_is_in_the_log(sqlite_database):
    """Where no other place is set, the lines of the log are it."""
    with structlog.testing.capture_logs() as logged:
        has_events(sqlite_database, 3)
        with sqlite_database.write():
            pass
    heads = [Head(one["position"], one["seal"]) for one in logged if one["event"] == "audit_head"]
    assert heads == [verdict(sqlite_database).head]


def test_what_is_kept_elsewhere_and_is_no_head_is_told_and_not_taken_for_one(tmp_path):
    file = tmp_path / "head.txt"
    file.write_text("<html>not found</html>\n")
    with pytest.raises(HeadNotRead, match="no head"):
        audit_head.kept(str(file))
    with pytest.raises(HeadNotRead):
        audit_head.kept(str(tmp_path))


def test_what_is_cut_away_leaves_a_whole_chain_that_goes_on(database):
    has_events(database, 5)
    has_events(database, 3, NOW + timedelta(days=10))
    for _ in range(2):
        with database.write() as db:
            gone = audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20), limit=4)
    assert gone == 1
    assert (count(database, audit_events), count(database, audit_links), count(database, audit_cuts)) == (3, 3, 1)
    has_events(database, 2, NOW + timedelta(days=20))
    found = verdict(database)
    assert (found.broken, found.linked, found.head.position) == (None, 5, 10)


def test_a_trail_that_is_cut_away_whole_goes_on_from_its_cut(database):
    has_events(database, 5)
    with database.write() as db:
        assert audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20)) == 5
    has_events(database, 1, NOW + timedelta(days=20))
    found = verdict(database)
    assert (found.broken, found.head.position) == (None, 6)


def test_a_head_that_was_noted_where_the_trail_is_cut_is_compared_too(database):
    """As it would be where another trail was put in its place and cut at its age."""
    has_events(database, 5)
    with database.write() as db:
        audit_chain.cut(db, NOW + timedelta(days=5), NOW + timedelta(days=20))
    noted = verdict(database).head
    another = Head(noted.position, "f" * 64)
    has_events(database, 1, NOW + timedelta(days=20))
    with database.read() as db:
        assert [audit_chain.holds(db, one) for one in (noted, another)] == [True, False]
    assert [verdict(database, one).broken for one in (noted, another)] == [None, "head"]
