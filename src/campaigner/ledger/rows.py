"""Between values and columns: instants, JSON, enums and keys, into SQL statements and out of rows into records."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..post.key import PostKey
from .models import State

P = ParamSpec("P")
R = TypeVar("R")


class Connection(sqlite3.Connection):
    """A transaction, as the functions of this room take it; other rooms need not know whose it is.

    `answers` are what was asked, by table: nothing is asked twice until its table is written, here or by somebody else.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.answers: dict[str, dict[Any, Any]] = defaultdict(dict)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""What can be reckoned with. A ledger may hold others, that a server once named: they are read as the nearest of these."""


def microseconds(value: datetime) -> int:
    """An instant as a column holds it, so that it sorts and compares exactly."""
    return (min(max(value, EARLIEST), LATEST) - EPOCH) // MICROSECOND


FIRST, LAST = microseconds(EARLIEST), microseconds(LATEST)


def instant(value: int | None) -> datetime | None:
    """An instant out of a column."""
    if value is None:
        return None
    return EPOCH + MICROSECOND * (value if FIRST <= value <= LAST else min(max(value, FIRST), LAST))


class Instants(dict[int, datetime]):
    """Instants by what a column holds, each made once: many rows share a few."""

    def __missing__(self, value: int) -> datetime:
        self[value] = found = EPOCH + MICROSECOND * min(max(value, FIRST), LAST)
        return found


def execute(connection: Connection, sql: str, **values: Any) -> sqlite3.Cursor:
    """Run a statement with its values by name."""
    if (table := _table_written(sql)) is not None:
        connection.answers.pop(table, None)
    return connection.execute(sql, _bound(values))


def execute_many(connection: Connection, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Run a statement once for each row of values by name."""
    connection.answers.pop(_table_written(sql) or "", None)
    connection.executemany(sql, map(_bound, rows))


def first(connection: Connection, sql: str, **values: Any) -> Any | None:
    """The first column of the first row that a query finds; None when it finds none."""
    row = execute(connection, sql, **values).fetchone()
    return None if row is None else row[0]


def first_column(connection: Connection, sql: str, **values: Any) -> list[Any]:
    """The first column of every row."""
    return [row[0] for row in execute(connection, sql, **values)]


def insert(connection: Connection, table: str, **values: Any) -> int:
    """Insert one row; returns its number."""
    number = execute(connection, insertion(table, values), **values).lastrowid
    assert number is not None
    return number


def insertion(table: str, names: Collection[str], otherwise: str = "") -> str:
    """The statement that inserts a row with these columns; `otherwise` says what is done where that can't be."""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES (:{', :'.join(names)}) {otherwise}"


def upsertion(table: str, key: str, names: Collection[str]) -> str:
    """The same, and where there is a row with that key it gets these values."""
    changed = ", ".join([f"{name} = excluded.{name}" for name in names if name != key])
    return insertion(table, names, f"ON CONFLICT ({key}) DO UPDATE SET {changed}")


def update(connection: Connection, table: str, number: int, **values: Any) -> None:
    """Change columns of the row with this number."""
    changed = ", ".join([f"{name} = :{name}" for name in values])
    execute(connection, f"UPDATE {table} SET {changed} WHERE id = :row_id", row_id=number, **values)


def select(connection: Connection, kind: type[R], rest: str, *, absent: Collection[str] = (), **values: Any) -> list[R]:
    """The records that a query finds; `rest` is what follows on its columns, those `absent` are read as NULL."""
    readers = _readers(kind)  # type: ignore[arg-type]  # a class is hashable
    columns = ", ".join(["NULL" if name in absent else name for name in readers])
    found = execute(connection, f"SELECT {columns} {rest}", **values)
    return [
        kind(**{name: read(value) if read else value for (name, read), value in zip(readers.items(), row, strict=True)})
        for row in found
    ]


def recalled(
    table: str,
) -> Callable[[Callable[Concatenate[Connection, P], R]], Callable[Concatenate[Connection, P], R]]:
    """For a question about one table: asked once, and again once that was written."""

    def recalling(ask: Callable[Concatenate[Connection, P], R]) -> Callable[Concatenate[Connection, P], R]:
        @wraps(ask)
        def answer(connection: Connection, /, *values: P.args, **named: P.kwargs) -> R:
            answers, question = connection.answers[table], (ask.__name__, *values)
            if question not in answers:
                answers[question] = ask(connection, *values, **named)
            found: R = answers[question]
            return found

        return answer

    return recalling


@cache
def _table_written(sql: str) -> str | None:
    verb, *words = sql.split(None, 3)
    return {"INSERT": words[1:2], "DELETE": words[1:2], "UPDATE": words[:1]}.get(verb, [None])[0]


@cache
def _readers(kind: type[Any]) -> dict[str, Callable[[Any], Any] | None]:
    """What makes the value of each field of a record of that of its column."""
    # Annotations are text here: to make types of them takes longer than all that a run reads.
    stored = [field for field in fields(kind) if not field.metadata.get("not stored")]
    return {field.name: READERS.get(str(field.type).removesuffix(" | None")) for field in stored}


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as columns take them: most of them as they are."""
    return {name: write(value) if (write := WRITERS.get(type(value))) else value for name, value in values.items()}


def _key(text: str) -> PostKey:
    return PostKey(*text.split("/"))


def _from_json(value: Any) -> Any:
    return None if value is None else json.loads(value)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": instant,
    "PostKey": _key,
    "State": State,
    "bool": bool,
    "Mapping[str, Any]": _from_json,
}
"""What makes a value of what a column holds, by the annotation of a record's field."""
WRITERS: Mapping[type, Callable[[Any], Any]] = {datetime: microseconds, PostKey: str, dict: json.dumps}
