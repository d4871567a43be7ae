"""From records to tables and back: the schema, and how values come into columns and out of them.

A table has a column for each field of its record, of the field's type. Instants are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from typing import Any, NamedTuple, TypeVar, cast

from ..post.key import PostKey
from . import models

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")

SCHEMA_VERSION = "0006"
EARLIER = ("0001", "0002", "0003", "0004", "0005")
"""Schemas that `ledger upgrade` knows the way from, oldest first."""

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


def _key(text: str) -> PostKey:
    return PostKey(*text.split("/"))


def _from_json(value: Any) -> Any:
    return None if value is None else json.loads(value)


class Kind(NamedTuple):
    """How values of one type are kept: the type of their columns, and what makes such a value of what a column holds."""

    column: str
    read: Callable[[Any], Any] | None = None


KINDS: Mapping[str, Kind] = {
    "str": Kind("TEXT"),
    "int": Kind("INTEGER"),
    "bytes": Kind("BLOB"),
    "bool": Kind("BOOLEAN", bool),
    "datetime": Kind("BIGINT", instant),
    "PostKey": Kind("TEXT", _key),
    "State": Kind("TEXT", models.State),
    "Mapping[str, Any]": Kind("JSON", _from_json),
}
"""By the annotation of a record's field. Annotations are text: to make types of them takes longer than all that a run reads."""
WRITERS: Mapping[type, Callable[[Any], Any]] = {datetime: microseconds, PostKey: str, dict: json.dumps}
"""The other way round; what is not here a column takes as it is."""


class Table(NamedTuple):
    """A table. `also`: columns that no record hands out, by the type of their values."""

    record: Any = None
    also: Mapping[str, str] = {}
    key: str = "id"
    rules: Sequence[str] = ()


OF_A_DELIVERY = "FOREIGN KEY(delivery_id) REFERENCES deliveries (id)"
TABLES = {
    "meta": Table(also={"name": "str", "value": "str"}, key="name"),
    "accepted_files": Table(models.AcceptedFile, key="campaign"),
    "acceptances": Table(
        also={"key": "str", "campaign": "str", "due_at": "datetime", "late_at": "datetime", "accepted_at": "datetime"},
        key="key",
    ),
    "deliveries": Table(models.Delivery, dict.fromkeys(PostKey._fields, "str"), rules=["UNIQUE (key)"]),
    "lanes": Table(models.AccountState, key="account"),
    "holds": Table(models.Hold, {"released_by": "str | None", "released_at": "datetime | None"}),
    "approvals": Table(models.Approval, key="key"),
    "decisions": Table(models.Decision, {"id": "int"}),
    "alerts": Table(models.Alert, {"subject": "str", "withdrawn_at": "datetime | None"}),
    "media": Table(
        models.StoredMedia, {"delivery_id": "int"}, rules=["UNIQUE (delivery_id, part, position)", OF_A_DELIVERY]
    ),
    "parts": Table(
        models.PublishedPart,
        {"id": "int", "delivery_id": "int", "generation": "int", "identity": "str"},
        rules=["UNIQUE (identity, remote_id)", "UNIQUE (delivery_id, generation, part)", OF_A_DELIVERY],
    ),
    "delivery_attempts": Table(models.Attempt, {"id": "int", "delivery_id": "int"}, rules=[OF_A_DELIVERY]),
    "alert_receipts": Table(
        also={"alert_id": "int", "recipient": "str", "sent_at": "datetime"},
        key="alert_id, recipient",
        rules=["FOREIGN KEY(alert_id) REFERENCES alerts (id)"],
    ),
}
"""Every table, but for the one that says which schema this is."""
INDEXES = """
CREATE INDEX deliveries_by_text ON deliveries (account, text_digest);
CREATE INDEX deliveries_by_state ON deliveries (state);
CREATE INDEX deliveries_by_update ON deliveries (updated_at);
CREATE INDEX deliveries_by_due ON deliveries (due_at);
CREATE UNIQUE INDEX alerts_standing ON alerts (subject) WHERE withdrawn_at IS NULL;
CREATE INDEX alerts_by_key ON alerts (key) WHERE withdrawn_at IS NULL;
CREATE INDEX alerts_unsent ON alerts (id) WHERE sent_at IS NULL;
CREATE INDEX ix_delivery_attempts_started_at ON delivery_attempts (started_at);
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id);
"""


VERSION = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num));"
NAMES = tuple(TABLES)


class Column(NamedTuple):
    """A column as it was declared: BIGINT is an instant."""

    name: str
    type: str
    nullable: bool
    is_row_number: bool


def _declared() -> tuple[dict[str, list[Column]], str]:
    columns: dict[str, list[Column]] = {name: [] for name in NAMES}
    script = VERSION
    for table, (record, also, key, rules) in TABLES.items():
        types, starts_at_zero = {}, set()
        for field in fields(record) if record else ():
            types[field.name] = str(field.type)
            if field.default == 0:
                starts_at_zero.add(field.name)
        script += f"\nCREATE TABLE {table} ("
        for name, type_ in {**types, **also}.items():
            column = Column(name, KINDS[type_.removesuffix(" | None")].column, type_.endswith("None"), name == "id")
            columns[table].append(column)
            default = " DEFAULT 0" if name in starts_at_zero else ""
            script += f"{name} {column.type}{default}{'' if column.nullable else ' NOT NULL'}, "
        script += f"{', '.join([f'PRIMARY KEY ({key})', *rules])});"
    return columns, script + INDEXES


COLUMNS, SCHEMA = _declared()
"""The columns of every table of our schema, and the script that makes them."""


def columns(connection: sqlite3.Connection, table: str) -> list[Column]:
    """The columns that a table has in a ledger, of whichever schema."""
    found = connection.execute(f"PRAGMA table_info({table})")
    return [
        Column(name, type_, not not_null, bool(in_key) and type_ == "INTEGER")
        for _, name, type_, not_null, _, in_key in found
    ]


def create(connection: sqlite3.Connection) -> None:
    """Make every table in the transaction that is open."""
    run_script(connection, SCHEMA)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (SCHEMA_VERSION,))


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements of a script in the transaction that is open: the driver's own `executescript` would commit it."""
    for statement in script.split(";"):
        connection.execute(statement)


class Connection(sqlite3.Connection):
    """A transaction, as the functions of this room take it; other rooms need not know whose it is.

    `answers` are what was asked, by table: nothing is asked twice until its table is written, here or by somebody else.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.answers: dict[str, dict[Any, Any]] = defaultdict(dict)

    def run(self, sql: str, /, **values: Any) -> sqlite3.Cursor:
        """Change something: run a statement with its values by name."""
        if (table := _table_written(sql)) is not None:
            self.answers.pop(table, None)
        return self.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement once for each row of values by name."""
        self.answers.pop(_table_written(sql) or "", None)
        self.executemany(sql, rows)

    def first(self, sql: str, /, **values: Any) -> Any | None:
        """The first column of the first row that a query finds; None when it finds none."""
        row = self.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def column(self, sql: str, /, **values: Any) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.execute(sql, values)]

    def records(self, kind: type[R], rest: str, *, absent: Collection[str] = (), **values: Any) -> list[R]:
        """The records that a query finds; `rest` is what follows on its columns, those `absent` are read as NULL."""
        readers = _readers(kind)  # type: ignore[arg-type]  # a class is hashable
        columns = ", ".join(["NULL" if name in absent else name for name in readers])
        return [
            kind(
                **{
                    name: read(value) if read else value
                    for (name, read), value in zip(readers.items(), row, strict=True)
                }
            )
            for row in self.execute(f"SELECT {columns} {rest}", values)
        ]

    def insert(self, table: str, /, **values: Any) -> int:
        """Insert one row; returns its number."""
        number = self.run(insertion(table, values), **values).lastrowid
        assert number is not None
        return number

    def insert_new(self, table: str, unique: str, /, **values: Any) -> bool:
        """Insert a row unless there is one with the same in its `unique` columns; True when it is new."""
        return self.run(insertion(table, values, f"ON CONFLICT {unique} DO NOTHING"), **values).rowcount > 0

    def upsert(self, table: str, key: str, /, **values: Any) -> None:
        """Insert a row, or give the one with its `key` these values."""
        self.run(upsertion(table, key, values), **values)

    def update(self, table: str, number: int, /, **values: Any) -> None:
        """Change columns of the row with this number."""
        changed = ", ".join([f"{name} = :{name}" for name in values])
        self.run(f"UPDATE {table} SET {changed} WHERE rowid = :row_number", row_number=number, **values)


def insertion(table: str, names: Collection[str], otherwise: str = "") -> str:
    """The statement that inserts a row with these columns; `otherwise` says what is done where that can't be."""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES (:{', :'.join(names)}) {otherwise}"


def upsertion(table: str, key: str, names: Collection[str]) -> str:
    """The same, and where there is a row with that key it gets these values."""
    changed = ", ".join([f"{name} = excluded.{name}" for name in names if name != key])
    return insertion(table, names, f"ON CONFLICT ({key}) DO UPDATE SET {changed}")


def record_of(kind: type[R], row: Mapping[str, Any]) -> R:
    """A record of what columns hold; raises KeyError where one is missing."""
    readers = _readers(kind)  # type: ignore[arg-type]  # a class is hashable
    return kind(**{name: read(row[name]) if read else row[name] for name, read in readers.items()})


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any] | None]:
    """What makes the value of each field of a record of that of its column."""
    return {field.name: KINDS[str(field.type).removesuffix(" | None")].read for field in fields(kind)}


def recalled(table: str) -> Callable[[F], F]:
    """For a question about one table: asked once, and again once that was written."""

    def recalling(ask: F) -> F:
        @wraps(ask)
        def answer(connection: Connection, /, *values: Any) -> Any:
            answers, question = connection.answers[table], (ask.__name__, *values)
            if question not in answers:
                answers[question] = ask(connection, *values)
            return answers[question]

        return cast(F, answer)

    return recalling


@cache
def _table_written(sql: str) -> str | None:
    verb, *words = sql.split(None, 3)
    return {"INSERT": words[1:2], "DELETE": words[1:2], "UPDATE": words[:1]}.get(verb, [None])[0]
