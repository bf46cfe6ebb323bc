"""Statements of every message, compiled once and run straight on the driver.

SQLAlchemy takes 60 to 300 us to build, look up and run a statement, the driver 10: most of what a text cost. Types, and
errors, are SQLAlchemy's all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

Value = Callable[[Any], Any]


def on_driver(db: Connection, sql: str, values: Any = ()) -> Any:
    """Run SQL as it stands and return the driver's cursor; its errors become SQLAlchemy's, without values."""
    driver = db.dialect.loaded_dbapi
    cursor = db.connection.cursor()
    try:
        cursor.execute(sql, values)
    except driver.Error as fault:
        raise DBAPIError.instance(sql, None, fault, driver.Error, hide_parameters=True, dialect=db.dialect) from fault
    return cursor


@dataclass(frozen=True)
class _Compiled:
    """A statement for one dialect: what stands in it by itself, and how each value goes in and comes out."""

    sql: str
    fixed: dict[str, Any]
    places: Sequence[str] | None  # names in the order of their question marks; None where the driver goes by names
    into: tuple[tuple[str, Value], ...]
    out_of: tuple[Value | None, ...]


class Prepared:
    """A statement with named values. `make` gets the dialect's own `insert`; `columns` are those that are written."""

    def __init__(self, make: Callable[[Any], Any], *columns: str) -> None:
        self._make, self._columns = make, columns
        self._compiled: dict[str, _Compiled] = {}

    def run(self, db: Connection, **values: Any) -> None:
        self._run(db, values)

    def all(self, db: Connection, **values: Any) -> list[tuple[Any, ...]]:
        compiled, cursor = self._run(db, values)
        return [_row(compiled, row) for row in cursor.fetchall()]

    def first(self, db: Connection, **values: Any) -> tuple[Any, ...] | None:
        compiled, cursor = self._run(db, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else _row(compiled, row)

    def _run(self, db: Connection, values: dict[str, Any]) -> tuple[_Compiled, Any]:
        compiled = self._compiled.get(db.dialect.name) or self._compile(db.dialect)
        bound = compiled.fixed | values
        for name, into in compiled.into:
            if bound[name] is not None:
                bound[name] = into(bound[name])
        given = [bound[name] for name in compiled.places] if compiled.places is not None else bound
        return compiled, on_driver(db, compiled.sql, given)

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._make(postgresql.insert if dialect.name == "postgresql" else sqlite.insert)
        compiled = statement.compile(dialect=dialect, column_keys=self._columns or None)
        into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        made = _Compiled(
            sql=str(compiled),
            fixed=dict(compiled.params),
            places=compiled.positiontup if compiled.positional else None,
            into=tuple((name, process) for name, process in into.items() if process is not None),
            out_of=tuple(
                c.type.dialect_impl(dialect).result_processor(dialect, None) for c in statement.exported_columns
            ),
        )
        self._compiled[dialect.name] = made
        return made


def _row(compiled: _Compiled, row: Sequence[Any]) -> tuple[Any, ...]:
    # NULL is None in every type of ours, and most columns of a request are.
    return tuple(
        value if out_of is None or value is None else out_of(value)
        for out_of, value in zip(compiled.out_of, row, strict=True)
    )
