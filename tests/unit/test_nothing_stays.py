"""Every column of every table is filled with invented names, numbers and words; after the purge none of them is found:
not in a row, not in the file of the database, not in a dump.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import JSON, Boolean, Integer, LargeBinary, String, insert, select, type_coerce, update
from sqlalchemy.dialects import sqlite

from tests.console_desk import MORNING
from tests.pg_dumps import as_text
from triage.jobs import upkeep
from triage.model.request import Priority
from triage.policy import Retention
from triage.store import audit
from triage.store.column_types import EncryptedBytes, EncryptedJson, EncryptedText, PriorityColumn, UtcDateTime
from triage.store.messages import HAS_WORDS
from triage.store.tables import (
    audit_cuts,
    audit_links,
    callback_requests,
    calls,
    conversations,
    messages,
    metadata,
    people,
    recordings,
    schema_floor,
)

KEEP = Retention(messages_days=1000, recordings_days=100, receipts_days=30, audit_days=2000)
ALL_GONE = MORNING + timedelta(days=3000)

# What stays: ids of the provider, keys, states and codes of ours. No column here is ever given what somebody said, a
# name or a number of a patient.
CODES = {
    "people": {"lang", "untextable_why", "consent"},
    "messages": {"direction", "channel", "dedupe_key", "sid", "sender", "version", "status"},
    "callback_requests": {"status", "channel", "lang", "topic", "flags", "outcome"},
    "calls": {"sid", "step"},
    "recordings": {"sid", "call_sid", "of", "state"},
    "attempts": {"disposition"},
    "notices": {"kind", "dedupe_key", "state", "claim_token", "sid", "why"},
    "legs": {"purpose", "dedupe_key", "dialled_by", "state", "sid", "status", "answered_by", "why"},
    "inbox_marks": {"list"},
    "told_outside": {"about"},
    "senders": {"number"},
    "database_home": {"identity"},
    "crisis_ends": {"how"},
    "balances": {"day", "counts"},
    "key_canaries": {"sealed"},
    # Staff are no patients: they stay as long as the trail names them.
    "staff": {"login", "name", "role", "password_hash", "phone", "phone_hash", "phone_code_hash", "totp_secret",
              "alerts_refused"},
    "recovery_codes": {"code_hash"},
    "audit_events": {"action", "detail"},  # the event of the purge itself
}  # fmt: skip
# Hashes that the trail makes itself, of which a made-up one would be found as forged; the one row of the migrations.
NOT_FILLED = {audit_links, audit_cuts, schema_floor}
WORDS = ("quillfeather", "6025550142")


def value_of(column, word, row):
    """A value for a column: the word, with the column's name before it, wherever words can stand."""
    kind, marked = column.type, f"{row}{word}{column.table.name[:4]}{column.name[:6]}"
    if column.foreign_keys:
        return None if column.name == "bundled_in" else row
    if isinstance(kind, EncryptedText | String):
        return marked[: kind.length] if isinstance(kind, String) and kind.length else marked
    if isinstance(kind, EncryptedJson | JSON):
        return {"said": marked}
    if isinstance(kind, EncryptedBytes | LargeBinary):
        return marked.encode()
    if isinstance(kind, PriorityColumn):
        return Priority.ROUTINE
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, UtcDateTime):
        return MORNING
    assert isinstance(kind, Integer), f"{column}: say here how it is filled, and in retention when it goes"
    return row


def filled(database, word):
    """Two rows in every table: everything of two people, the second of whom has opted out."""
    with database.write() as db:
        for table in metadata.sorted_tables:
            if table in NOT_FILLED:
                continue
            for row in (1, 2):
                if table.name == "audit_events":
                    audit.record(db, f"{word}{row}", MORNING, row, row, row, {"said": word})
                    continue
                values = {column.name: value_of(column, word, row) for column in table.columns}
                if table.name == "people" and row == 1:
                    values |= dict.fromkeys(("opted_out_at", "no_calls_at", "blocked_at"))
                db.execute(insert(table).values(values))


def encrypted(database):
    """What stands in the encrypted columns of patients, as it is stored."""
    found = set()
    with database.read() as db:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, EncryptedText | EncryptedBytes | EncryptedJson) and table.name != "staff":
                    found |= {bytes(one) for one in db.scalars(select(type_coerce(column, LargeBinary))) if one}
    return found


def where_it_stands(database, word):
    """The columns in whose values the word is, after everything is decrypted."""
    found = {}
    with database.read() as db:
        for table in metadata.sorted_tables:
            for row in db.execute(select(table)).mappings():
                for name, value in row.items():
                    if word in str(value):
                        found.setdefault(table.name, set()).add(name)
    return found


def stored(database):
    """The bytes of the database: the files of SQLite, a dump of PostgreSQL."""
    if not database.is_sqlite:
        return as_text(database)
    parts = [database.path, *database.path.parent.glob(f"{database.path.name}-*")]
    return b"".join(part.read_bytes() for part in parts)


@pytest.mark.parametrize("word", WORDS)
def test_nothing_that_was_said_nor_whom_it_was_said_by_outlives_its_time(database, word):
    filled(database, word)
    before = encrypted(database)
    assert len(before) > 20
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    left = where_it_stands(database, word)
    hashes = left["people"] & {"phone_hash"}
    assert {table: names - CODES.get(table, set()) for table, names in left.items() if table != "people"} == {
        table: set() for table in left if table != "people"
    }
    assert left["people"] - CODES["people"] == hashes == {"phone_hash"}
    with database.read() as db:
        kept = dict(db.execute(select(metadata.tables["people"].c.id, metadata.tables["people"].c.phone_hash)).all())
    assert kept == {1: "gone:1", 2: f"2{word}peopphone_"}, "the hash of who opted out, and of nobody else"
    data = stored(database)
    for sealed in before:
        assert (sealed if database.is_sqlite else sealed.hex().encode()) not in data
    assert f"{word}callpromis".encode() not in data


def test_messages_that_have_had_their_time_are_not_read_again(sqlite_database):
    old = select(messages.c.id).where(HAS_WORDS, messages.c.created_at < MORNING).limit(9)
    sql = str(old.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with sqlite_database.read() as db:
        plan = str(list(db.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")))
    assert "ix_messages_with_words" in plan


def test_every_table_is_looked_at():
    assert set(CODES) <= set(metadata.tables)
    for table, names in CODES.items():
        assert names <= set(metadata.tables[table].columns.keys())


def test_a_second_purge_finds_nothing(database):
    filled(database, "quillfeather")
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    again: dict[str, int] = upkeep.purge_expired(database, KEEP, ALL_GONE)
    assert {kind for kind, count in again.items() if count} == set()


@pytest.mark.parametrize("ahead", [timedelta(days=29), timedelta(days=999)])
def test_nothing_goes_before_its_time(sqlite_database, ahead):
    filled(sqlite_database, "quillfeather")
    at: datetime = MORNING + ahead
    upkeep.purge_expired(sqlite_database, KEEP, at)
    left = where_it_stands(sqlite_database, "quillfeather")
    assert {"phone", "phone_hash", "name"} <= left["people"]
    assert {"body", "reply", "heard", "label"} <= left["messages"]
    assert left["conversations"] >= {"draft"}


def changed(database, table, **values):
    """The first row of a table with other values: of the first person, or of their request."""
    with database.write() as db:
        db.execute(update(table).where(next(iter(table.primary_key.columns)) == 1).values(**values))


# What is a patient's, with a column of it that tells whether it is still there.
OF_A_PATIENT = {
    "people": "phone", "conversations": "draft", "messages": "body", "callback_requests": "name", "calls": "choices",
    "call_turns": "reply", "recordings": "transcript", "notices": "body", "notes": "body", "attempts": "note",
    "promises": "words", "crisis_ends": "why", "search_words": "word_hash",
}  # fmt: skip


def of_the_first(database, word="1quillfeather"):
    """The tables of OF_A_PATIENT in which the first person's words still are."""
    with database.read() as db:
        return {
            name
            for name, column in OF_A_PATIENT.items()
            if any(word in str(value) for value in db.scalars(select(metadata.tables[name].c[column])))
        }


@pytest.mark.parametrize("apart", [(), ("recordings",)], ids=["", "a_recording_of_nobody"])
def test_as_long_as_a_request_is_open_nothing_of_its_person_goes_in_any_table(database, apart):
    filled(database, "quillfeather")
    changed(database, callback_requests, closed_at=None)
    for name in apart:
        changed(database, metadata.tables[name], person_id=None)
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    assert of_the_first(database) == set(OF_A_PATIENT)
    assert of_the_first(database, "2quillfeather") == set()


@pytest.mark.parametrize(
    "contact",
    [messages.c.created_at, calls.c.started_at, conversations.c.updated_at, callback_requests.c.closed_at],
    ids=["a_text", "a_call", "a_draft", "a_request"],
)
def test_who_was_in_contact_lately_is_still_known_by_name_and_phone(database, contact):
    filled(database, "quillfeather")
    changed(database, contact.table, **{contact.name: ALL_GONE - timedelta(days=999)})
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    with database.read() as db:
        known = db.execute(select(people.c.id, people.c.phone, people.c.name).order_by(people.c.id)).all()
    assert [(row.id, bool(row.phone), bool(row.name)) for row in known] == [(1, True, True), (2, False, False)]


@pytest.mark.parametrize("refused", ["opted_out_at", "no_calls_at", "blocked_at", None])
def test_of_whoever_has_refused_anything_the_hash_stays_and_of_nobody_else(database, refused):
    filled(database, "quillfeather")
    refusals = dict.fromkeys(("opted_out_at", "no_calls_at", "blocked_at"))
    changed(database, people, **refusals | ({refused: MORNING} if refused else {}))
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    with database.read() as db:
        kept = db.scalar(select(people.c.phone_hash).where(people.c.id == 1))
    assert kept == ("1quillfeatherpeopphone_" if refused else "gone:1")


def test_a_recording_that_has_had_its_time_hangs_on_nobody(database):
    filled(database, "quillfeather")
    upkeep.purge_expired(database, KEEP, ALL_GONE)
    with database.read() as db:
        assert set(db.execute(select(recordings.c.person_id, recordings.c.request_id)).all()) == {(None, None)}
