"""Statements of the hot path: put together by SQLAlchemy once, then handed to the driver.

SQLAlchemy's own execution costs several times what SQLite's does, and a burst waits for it: the ledger has one writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from .database import direct

Processor = Callable[[Any], Any]


class Prepared:
    """One statement, without lists of values in it. What it raises are the driver's own faults, sqlite3.Error."""

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update) -> None:
        self._statement = statement
        self._forms: dict[tuple[str, ...], _Form] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Execute with values by name; of an INSERT or UPDATE, those that are no parameters of it are its columns."""
        form = self._form(connection, tuple(values))
        bound = {**form.constants, **values}
        for name, process in form.bind:
            bound[name] = process(bound[name])
        return direct(connection).execute(form.sql, bound)

    def insert(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """Execute an INSERT; the id of the new row."""
        new_id = self.run(connection, values).lastrowid
        assert new_id is not None
        return new_id

    def rows(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        """What a SELECT finds, each row with its columns by name."""
        make = self._form(connection, tuple(values)).make_row
        return [make(row) for row in self.run(connection, values)]

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any | None:
        """The first row that a SELECT finds, None when it finds none."""
        return next(iter(self.rows(connection, values)), None)

    def _form(self, connection: sa.Connection, names: tuple[str, ...]) -> _Form:
        form = self._forms.get(names)
        if form is None:
            form = self._forms[names] = _form_of(self._statement, connection.dialect, names)
        return form


class _Form(NamedTuple):
    """A statement as the driver takes it. `bind` and `make_row` know what a column's type makes of its values."""

    sql: str
    constants: Mapping[str, Any]
    bind: tuple[tuple[str, Processor], ...]
    make_row: Callable[[tuple[Any, ...]], Any]


def _form_of(statement: sa.Select[Any] | sa.Insert | sa.Update, dialect: sa.Dialect, names: tuple[str, ...]) -> _Form:
    compiled = statement.compile(
        dialect=dialect,
        column_keys=None if isinstance(statement, sa.Select) else [n for n in names if n in statement.table.c],
    )
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    types = {name: bind.type for name, bind in compiled.binds.items()}
    bind = {name: type.dialect_impl(dialect).bind_processor(dialect) for name, type in types.items()}
    return _Form(
        sql=compiled.string,
        constants={name: value for name, value in compiled.params.items() if name not in names},
        bind=tuple((name, process) for name, process in bind.items() if process is not None and name in names),
        make_row=_row_maker(statement, dialect) if isinstance(statement, sa.Select) else tuple,
    )


def _row_maker(statement: sa.Select[Any], dialect: sa.Dialect) -> Callable[[tuple[Any, ...]], Any]:
    columns = list(statement.selected_columns)
    row_type: Any = NamedTuple("Row", [(column.key, Any) for column in columns])  # type: ignore[misc]  # the query's
    found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    processors = [(place, process) for place, process in enumerate(found) if process is not None]

    def make(row: tuple[Any, ...]) -> Any:
        values = list(row)
        for place, process in processors:
            values[place] = process(values[place])
        return row_type._make(values)

    return make
