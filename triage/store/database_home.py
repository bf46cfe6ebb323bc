"""The PostgreSQL database that the tables live in: whether the line to it is encrypted, and whether they have moved.

It tells when the tables have come out of a PostgreSQL dump: they then live in another place than they remember.

A backup of SQLite carries its own mark, so there this is never asked. A copy of the files of a whole PostgreSQL server
looks like the server itself and is not seen.
"""

from datetime import datetime

from sqlalchemy import Connection, text

from triage.store.conditional import insert_once, update_if
from triage.store.tables import database_home

# The server, the database and the table itself: every way in which a dump is read in makes the table anew.
_IDENTITY = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()) || '.' || oid || '.' "
    "|| 'database_home'::regclass::oid FROM pg_database WHERE datname = current_database()"
)

_ROW = 1


def has_moved(db: Connection, now: datetime) -> bool:
    """Remember where the tables are now; True for the one process that sees first that they were elsewhere."""
    identity = db.scalar(_IDENTITY)
    if insert_once(db, database_home, ("id",), {"id": _ROW, "identity": identity, "since": now}):
        return False
    columns = database_home.c
    return update_if(db, database_home, _ROW, columns.identity != identity, {"identity": identity, "since": now})


def line_is_encrypted(db: Connection) -> bool:
    """Tell whether what goes between this program and PostgreSQL is encrypted on the way."""
    return bool(db.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")))
