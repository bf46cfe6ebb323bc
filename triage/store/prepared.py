"""Statements that run for every message, compiled once and run straight on the driver.

SQLAlchemy takes 60 to 300 us to build, look up and run a statement, the driver 10: most of what a text cost.
Values are still converted by SQLAlchemy's column types, and errors are SQLAlchemy's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

Value = Callable[[Any], Any]


def dialect_insert(dialect: Dialect) -> Callable[[Any], Any]:
    """Return the `insert` of this database, which knows ON CONFLICT."""
    return postgresql.insert if dialect.name == "postgresql" else sqlite.insert


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
    """A statement compiled for one dialect, with the converters of its parameters and of its result columns."""

    sql: str
    constants: dict[str, Any]  # parameters that the statement itself has a value for
    positions: Sequence[str] | None  # parameter names in the order of their question marks; None: bound by name
    converters_in: tuple[tuple[str, Value], ...]  # only of parameters that need one
    converters_out: tuple[Value | None, ...]  # one a result column, in their order


class Prepared:
    """A statement with named parameters, compiled at its first run on each dialect.

    `make` builds it, given the dialect's own `insert`; `columns` are those that an INSERT or UPDATE writes.
    """

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
        bound = compiled.constants | values
        for name, convert in compiled.converters_in:
            if bound[name] is not None:
                bound[name] = convert(bound[name])
        parameters = [bound[name] for name in compiled.positions] if compiled.positions is not None else bound
        return compiled, on_driver(db, compiled.sql, parameters)

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._make(dialect_insert(dialect))
        compiled = statement.compile(dialect=dialect, column_keys=self._columns or None)
        binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        made = _Compiled(
            sql=str(compiled),
            constants=dict(compiled.params),
            positions=compiled.positiontup if compiled.positional else None,
            converters_in=tuple((name, convert) for name, convert in binds.items() if convert is not None),
            converters_out=tuple(
                c.type.dialect_impl(dialect).result_processor(dialect, None) for c in statement.exported_columns
            ),
        )
        self._compiled[dialect.name] = made
        return made


def _row(compiled: _Compiled, row: Sequence[Any]) -> tuple[Any, ...]:
    # NULL is None in each of our column types, and most columns of a request are NULL: no converter is called for it.
    return tuple(
        value if convert is None or value is None else convert(value)
        for convert, value in zip(compiled.converters_out, row, strict=True)
    )
