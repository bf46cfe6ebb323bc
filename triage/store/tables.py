"""The tables. Bodies, names, notes and phones are encrypted; a phone is found by its keyed hash."""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    literal_column,
    text,
)

from triage.store.column_types import EncryptedBytes, EncryptedJson, EncryptedText, PriorityColumn, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> None:
    """Add an index that holds only the rows for which `where` is true, on both databases."""
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phone", EncryptedText, nullable=False),
    Column("phone_hash", String(64), nullable=False, unique=True),
    Column("name", EncryptedText),
    Column("lang", String(2), nullable=False),
    Column("zone", String(40)),
    Column("textable", Boolean, nullable=False, server_default=text("true")),
    Column("line_type", String(20)),
    Column("line_type_until", UtcDateTime),
    Column("untextable_why", String(40)),
    Column("opted_out_at", UtcDateTime),
    Column("no_calls_at", UtcDateTime),
    Column("consent", JSON),
    Column("blocked_at", UtcDateTime),
    Column("slow_calls", Boolean, nullable=False, server_default=text("false")),
    Column("staff_wrote_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("step", String(40), nullable=False),
    Column("misses", Integer, nullable=False),
    Column("draft", EncryptedJson, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_conversations_expires_at", "expires_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id")),
    Column("request_id", ForeignKey("callback_requests.id")),
    Column("direction", String(3), nullable=False),
    Column("channel", String(5), nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("sid", String(40)),
    Column("body", EncryptedText, nullable=False),
    Column("media", JSON),
    Column("sender", String(20)),
    Column("label", String(40)),
    Column("heard", EncryptedJson),
    Column("reply", EncryptedJson),
    Column("template", String(200)),
    Column("version", String(40)),
    Column("status", String(20)),
    Column("error_code", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_messages_person_id_id", "person_id", "id"),
    Index("ix_messages_sid", "sid"),
    Index("ix_messages_created_at", "created_at"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sid", String(40), nullable=False),
    Column("ref", String(64)),
    Column("status", String(40), nullable=False),
    Column("error_code", Integer),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("sid", "status"),
)

callback_requests = Table(
    "callback_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("status", String(10), nullable=False),
    Column("priority", PriorityColumn, nullable=False),
    Column("channel", String(5), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("name", EncryptedText),
    Column("phone", EncryptedText),
    Column("phone_hash", String(64)),
    Column("topic", String(10)),
    Column("wish", EncryptedText),
    Column("window_start", UtcDateTime),
    Column("window_end", UtcDateTime),
    Column("promised", String(200)),
    Column("promised_start", UtcDateTime),
    Column("promised_end", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("claimed_by", ForeignKey("staff.id")),
    Column("claimed_at", UtcDateTime),
    Column("acknowledged_by", ForeignKey("staff.id")),
    Column("acknowledged_at", UtcDateTime),
    Column("alert_round", Integer, nullable=False, server_default=text("0")),
    Column("next_alert_at", UtcDateTime),
    Column("uncalled_at", UtcDateTime),
    Column("wrote_at", UtcDateTime),
    Column("spoken_at", UtcDateTime),
    Column("alarmed_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("snoozed_until", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", ForeignKey("staff.id")),
    Column("outcome", String(20)),
    Column("updated_at", UtcDateTime, nullable=False),
    # Every update counts, by itself: times of several machines, or of long transactions, do not come in order.
    Column("changes", Integer, nullable=False, server_default=text("0"), onupdate=text("changes + 1")),
    # The clock has still to make what its name and its phones are found by.
    Column("to_index", Boolean, nullable=False, server_default=text("true")),
)
# What retention looks for: without the words those that have had their time would be read each day anew.
_partial_index(
    "ix_messages_with_words", messages.c.created_at, where=func.length(messages.c.body) > literal_column("0")
)

_partial_index("ix_callback_requests_to_index", callback_requests.c.id, where=callback_requests.c.to_index)
# Open requests are few among many closed ones: the indexes of the queue hold the open ones only.
_partial_index(
    "ix_callback_requests_open",
    callback_requests.c.priority,
    callback_requests.c.due_at,
    callback_requests.c.created_at,
    where=callback_requests.c.closed_at.is_(None),
)
_partial_index(
    "ix_callback_requests_changes",
    callback_requests.c.id,
    callback_requests.c.changes,
    callback_requests.c.closed_at,  # always null here, but without it SQLite reads each row to see that
    where=callback_requests.c.closed_at.is_(None),
)
_partial_index(
    "ix_callback_requests_closed_at", callback_requests.c.closed_at, where=callback_requests.c.closed_at.is_not(None)
)
_partial_index(
    "ix_callback_requests_next_alert_at",
    callback_requests.c.next_alert_at,
    where=callback_requests.c.next_alert_at.is_not(None),
)
Index("ix_callback_requests_person_id", callback_requests.c.person_id)
Index("ix_callback_requests_phone_hash", callback_requests.c.phone_hash)
# One open request a person: a second wish finds the first, even in a race.
_partial_index(
    "uq_callback_requests_one_open",
    callback_requests.c.person_id,
    unique=True,
    where=callback_requests.c.closed_at.is_(None),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sid", String(40), nullable=False, unique=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("step", String(40), nullable=False),
    Column("choices", EncryptedJson, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("silences", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("duration_s", Integer),
    Index("ix_calls_started_at", "started_at"),
)

call_turns = Table(
    "call_turns",
    metadata,
    Column("call_id", ForeignKey("calls.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("reply", EncryptedJson, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What callers leave. A transcript or a receipt may be here before the rest, so only the SID is sure.
recordings = Table(
    "recordings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sid", String(40), nullable=False, unique=True),
    Column("call_sid", String(40)),
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("request_id", ForeignKey("callback_requests.id"), index=True),
    Column("of", String(10)),
    Column("duration_s", Integer),
    Column("transcript", EncryptedText),
    Column("audio", EncryptedBytes),
    Column("content_type", String(40)),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", UtcDateTime),
    Column("heard_by", ForeignKey("staff.id")),
    Column("heard_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_recordings_created_at", "created_at"),
)
_partial_index("ix_recordings_next_try_at", recordings.c.next_try_at, where=recordings.c.next_try_at.is_not(None))

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_requests.id"), nullable=False, index=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("disposition", String(20), nullable=False),
    Column("note", EncryptedText),
    Column("leg_id", Integer),  # on which they talked
    Column("awaits_outcome", Boolean, nullable=False, server_default=text("false")),
)

# How crises ended without being closed: who said so, and why.
crisis_ends = Table(
    "crisis_ends",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_requests.id"), nullable=False, index=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("how", String(12), nullable=False),
    Column("why", EncryptedText),
)

# Every promise made in words. One at a time counts: kept by a call in time, broken by none, or settled by a new one.
promises = Table(
    "promises",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_requests.id"), nullable=False, index=True),
    Column("words", String(200)),
    Column("window_start", UtcDateTime),
    Column("window_end", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", ForeignKey("staff.id")),
    Column("kept_at", UtcDateTime),
    Column("broken_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
)
_partial_index("uq_promises_one_open", promises.c.request_id, unique=True, where=promises.c.settled_at.is_(None))

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_requests.id"), nullable=False, index=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", EncryptedText, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("request_id", ForeignKey("callback_requests.id"), index=True),
    Column("person_id", ForeignKey("people.id")),
    Column("staff_id", ForeignKey("staff.id")),
    Column("bundled_in", ForeignKey("notices.id"), index=True),
    Column("state", String(12), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("claim_token", String(36)),
    Column("lease_until", UtcDateTime),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("attempted_at", UtcDateTime),
    Column("look_at", UtcDateTime),
    Column("looks", Integer, nullable=False, server_default=text("0")),
    Column("sid", String(40), unique=True),
    Column("body", EncryptedText),
    Column("why", String(60)),
    Column("error_code", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_notices_created_at", "created_at"),
)
_waiting = notices.c.state.in_(("pending", "claimed"))
_partial_index("ix_notices_due_at", notices.c.due_at, where=_waiting)

# Sends of which nobody can say yet whether they went out, by when the provider is asked next.
_partial_index("ix_notices_look_at", notices.c.look_at, where=notices.c.look_at.is_not(None))

# The phones that we ring: to call back, to hand a caller on, to alert. One row a phone and try.
legs = Table(
    "legs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(12), nullable=False),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("request_id", ForeignKey("callback_requests.id"), index=True),
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("staff_id", ForeignKey("staff.id")),
    Column("dialled_by", String(60), index=True),
    Column("state", String(8), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("sid", String(40), unique=True),
    Column("status", String(12)),
    Column("answered_by", String(24)),
    Column("accepted_at", UtcDateTime),
    Column("logged_at", UtcDateTime),
    Column("duration_s", Integer),
    Column("error_code", Integer),
    Column("why", String(40)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
# One lock a person: two members of staff, or a retry, never ring the same person at once.
_calling_back = (legs.c.purpose == "call_back") & legs.c.ended_at.is_(None)
_partial_index("uq_legs_calling_back", legs.c.person_id, unique=True, where=_calling_back)
_partial_index("ix_legs_open", legs.c.state, legs.c.due_at, where=legs.c.ended_at.is_(None))

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(40), nullable=False, unique=True),
    Column("name", EncryptedText, nullable=False),
    Column("role", String(12), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("password_given_out", Boolean, nullable=False, server_default=text("true")),
    Column("password_given_at", UtcDateTime),
    Column("phone", EncryptedText),
    Column("phone_hash", String(64), unique=True),
    Column("phone_code_hash", String(64)),
    Column("phone_confirmed_at", UtcDateTime),
    Column("totp_secret", EncryptedText),
    Column("totp_since", UtcDateTime),
    Column("totp_used", Integer),
    Column("alerts_refused", String(20)),
    Column("alerts_refused_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("second_step_at", UtcDateTime),
    Column("locked_at", UtcDateTime),
    Column("device", String(40)),
    Column("shown_again_at", UtcDateTime),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login_hash", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("failed", Boolean, nullable=False),
    Index("ix_sign_ins_login_hash_at", "login_hash", "at"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("staff_id", ForeignKey("staff.id")),
    Column("action", String(40), nullable=False),
    Column("request_id", ForeignKey("callback_requests.id"), index=True),
    Column("person_id", ForeignKey("people.id")),
    Column("detail", JSON),
    Index("ix_audit_events_at", "at"),
)

# The hash chain over the events, and up to where its beginning has been purged. All three tables are append only: the
# triggers of migration 0010 refuse every change, and every deletion beyond the newest cut.
audit_links = Table(
    "audit_links",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("event_id", Integer, nullable=False, unique=True),
    Column("seal", String(64), nullable=False),
)

audit_cuts = Table(
    "audit_cuts",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seal", String(64), nullable=False),
    Column("proof", String(64), nullable=False),
)

# By what names and last digits of requests are found: keyed hashes of the first letters of each word.
search_words = Table(
    "search_words",
    metadata,
    Column("word_hash", String(32), primary_key=True),
    Column("request_id", ForeignKey("callback_requests.id"), primary_key=True, autoincrement=False, index=True),
)

# What staff have searched for; an address names it by its number.
searches = Table(
    "searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("asked", EncryptedJson, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_searches_made_at", "made_at"),
)

# Who turned out to be one person under two phones, and which of their requests goes on as which.
merges = Table(
    "merges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kept_id", ForeignKey("callback_requests.id"), nullable=False),
    Column("other_id", ForeignKey("callback_requests.id"), nullable=False),
    Column("kept_person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("other_person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("closed_other", Boolean, nullable=False),
    Column("made_by", ForeignKey("staff.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
)
_partial_index("uq_merges_one_each", merges.c.other_id, unique=True, where=merges.c.undone_at.is_(None))

# How far the provider's lists of what came in have been read.
inbox_marks = Table(
    "inbox_marks",
    metadata,
    Column("list", String(10), primary_key=True),
    Column("read_until", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)

# What was last told by the channel outside the provider of texts, by its subject.
told_outside = Table(
    "told_outside",
    metadata,
    Column("about", String(40), primary_key=True),
    Column("again_at", UtcDateTime, nullable=False),
)

# How far ahead of now each sender's texts have been handed to the provider.
senders = Table(
    "senders",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
)

clocks = Table(
    "clocks",
    metadata,
    Column("owner", String(36), primary_key=True),
    Column("host", String(80), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", JSON),
    Column("away_s", Integer, nullable=False, server_default=text("0")),
)

# After a restore: what waited in the backup is held from then on, until somebody releases it. One row a restore.
outbox_holds = Table(
    "outbox_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("listed_at", UtcDateTime),
    Column("marked", Integer, nullable=False, server_default=text("0")),
    Column("released_at", UtcDateTime),
)

# Which PostgreSQL database these tables were last used in; one row, with id 1. Empty on SQLite.
database_home = Table(
    "database_home",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("identity", String(80), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# Programs whose newest migration is older than this one no longer work here; one row, with id 1.
schema_floor = Table(
    "schema_floor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", String(32), nullable=False),
)

# Forms of the console that have been taken, each by a keyed hash of who sent it and what stood in it.
once_marks = Table(
    "once_marks",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_once_marks_at", "at"),
)

# The nightly count, one row a day of the clinic's zone ("2026-11-24").
balances = Table(
    "balances",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("counts", JSON, nullable=False),
)

# A word under each key that has encrypted here: keys that do not open all of them are wrong.
key_canaries = Table(
    "key_canaries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# Values that no key opens, as they were found. Their place holds nothing or a new value by now.
set_aside = Table(
    "set_aside",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("place", String(60), nullable=False),
    Column("row_id", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Index("ix_set_aside_found_at", "found_at"),
)

# Each encrypted value is bound to its table and column: moved elsewhere, it does not open.
for _table in metadata.tables.values():
    for _column in _table.columns:
        if isinstance(_column.type, EncryptedText | EncryptedBytes | EncryptedJson):
            _column.type = type(_column.type)(str(_column))
