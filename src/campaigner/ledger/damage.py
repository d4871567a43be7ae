"""Single values that a ledger can't hold: found when it is opened, and set right so that they stop nothing else.

SQLite keeps any value in any column, and its own check finds nothing wrong with that. What such a row was about is never
guessed in favour of sending: a post waits for a person, an account is stopped, an approval does not count, a hold holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from . import alerts, tables
from .database import direct
from .records import OPEN, State

KEY_COLUMNS = ("campaign", "edition", "message", "account", "language")
OF_A_DELIVERY = (tables.media, tables.parts, tables.attempts)
FORGOTTEN = (tables.approvals, tables.acceptances, tables.accepted_files, tables.alert_receipts)
"""Tables whose rows are taken out: what they said is asked of a person, or of the files, again."""
MOST = 10_000_000
"""More than any count, size or process number that a ledger holds."""
END = datetime(2200, 1, 1, tzinfo=UTC)
"""No clock of a machine says so, nor a time before `tables.EARLIEST`."""
NAMED_BY_SERVERS = (tables.deliveries.c.published_at, tables.parts.c.published_at, tables.deliveries.c.retry_at)
"""Instants that an earlier campaigner took from a server as they came: they are read within bounds."""
NEVER = tables.LATEST
"""When a post that only a person can settle is looked for by itself."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """One row, the columns of it that hold what they can't, and what it is about: a KEY, where it has one."""

    table: sa.Table
    rowid: int
    columns: tuple[str, ...]
    subject: str

    def __str__(self) -> str:
        return f"{self.subject}: its entry in the ledger is damaged ({self.table.name}: {', '.join(self.columns)})"


def find(connection: sa.Connection) -> list[Damaged]:
    """Every damaged row of a ledger of our schema."""
    return [damaged for table in tables.metadata.sorted_tables for damaged in _find_in(connection, table)]


def mend(connection: sa.Connection, now: datetime) -> list[Damaged]:
    """Set every damaged row right, inside a transaction, and raise an alert for each; returns what was damaged."""
    found = find(connection)
    for damaged in found:
        _mend_row(connection, damaged, now)
        command = _resolve(connection, damaged.subject)
        alerts.raise_alert(
            connection,
            kind="damaged",
            key=damaged.subject if "/" in damaged.subject else None,
            text=f"{damaged}: {_then(damaged)}",
            command=command,
            subject=f"damaged {damaged.table.name} {damaged.rowid} {damaged.columns}",
            now=now,
        )
    return found


def _then(damaged: Damaged) -> str:
    if damaged.table is tables.lanes:
        return "the account is stopped until it is checked"
    if damaged.table is tables.holds:
        return "it holds what it may have held, until it is released"
    return "look whether it is out as it should be"


def _resolve(connection: sa.Connection, subject: str) -> str:
    state = direct(connection).execute("SELECT state FROM deliveries WHERE key = ?", (subject,)).fetchone()
    if state == (str(State.IN_DOUBT),):
        return f"campaigner resolve {subject} --published URL (or --not-published)"
    return "campaigner status"


def _find_in(connection: sa.Connection, table: sa.Table) -> list[Damaged]:
    # The number of a row is an integer in any file that SQLite itself calls sound.
    columns = [column for column in table.columns if not (column.primary_key and isinstance(column.type, sa.Integer))]
    conditions = {column.name: _unsound(column) for column in columns}
    if table is tables.deliveries:
        whole = " || '/' || ".join(KEY_COLUMNS)
        conditions["key"] += f" OR key IS NOT {whole} OR {_slashes('key')} <> 4"
    if table is tables.acceptances:
        conditions["key"] += f" OR {_slashes('key')} <> 4"
    flags = ", ".join(f"({condition})" for condition in conditions.values())
    # Only what may be damaged is looked at column by column.
    query = f"SELECT rowid, {flags} FROM {table.name} WHERE {' OR '.join(conditions.values())}"  # noqa: S608 - our names
    rows = direct(connection).execute(query).fetchall()
    return [
        Damaged(
            table,
            rowid,
            tuple(name for name, flag in zip(conditions, flags, strict=True) if flag),
            _subject(connection, table, rowid),
        )
        for rowid, *flags in rows
    ]


def _slashes(column: str) -> str:
    return f"length({column}) - length(replace({column}, '/', ''))"


def _unsound(column: sa.Column[Any]) -> str:
    """True in SQL when the column holds what its type can't be read from."""
    name, kind = column.name, column.type
    if isinstance(kind, sa.JSON):
        wrong = f"CASE WHEN typeof({name}) <> 'text' THEN 1 WHEN NOT json_valid({name}) THEN 1 "
        wrong += f"ELSE json_type({name}) NOT IN ('object', 'null') END"
    elif isinstance(kind, sa.Boolean):
        wrong = f"typeof({name}) <> 'integer' OR {name} NOT IN (0, 1)"
    elif isinstance(kind, sa.LargeBinary):
        wrong = f"typeof({name}) <> 'blob'"
    elif isinstance(kind, tables.Instant):
        wrong = f"typeof({name}) <> 'integer'"
        if column not in NAMED_BY_SERVERS:
            wrong += f" OR {name} NOT BETWEEN {_stored(tables.EARLIEST)} AND {_stored(END)}"
    elif isinstance(kind, sa.Integer):
        wrong = f"typeof({name}) <> 'integer' OR {name} NOT BETWEEN 0 AND {MOST}"
    else:
        wrong = f"typeof({name}) <> 'text'"
    if column is tables.deliveries.c.state:
        wrong += f" OR {name} NOT IN ({', '.join(repr(str(state)) for state in State)})"
    return f"({name} IS NOT NULL AND ({wrong}))" if column.nullable else f"({name} IS NULL OR {wrong})"


def _subject(connection: sa.Connection, table: sa.Table, rowid: int) -> str:
    """What a row is about, in the words of its sound values: the KEY of a post first."""
    row = _row(connection, table, rowid)
    if table in OF_A_DELIVERY:
        try:
            delivery = _row(connection, tables.deliveries, int(row["delivery_id"]))
        except (KeyError, TypeError, ValueError):
            return f"a row of {table.name}"
        return _key_of(delivery)
    if table is tables.deliveries:
        return _key_of(row)
    for name, words in (("key", "{}"), ("account", "account {}"), ("campaign", "campaign {}"), ("id", "process {}")):
        if isinstance(row.get(name), str):
            return words.format(row[name])
    return f"a row of {table.name}"


def _key_of(row: Mapping[str, Any]) -> str:
    """The KEY of a delivery: from whichever of its two forms is sound."""
    parts = [row[name] for name in KEY_COLUMNS]
    if isinstance(row["key"], str) and row["key"].count("/") == len(KEY_COLUMNS) - 1:
        return str(row["key"])
    return "/".join(part if isinstance(part, str) else "damaged" for part in parts)


def _row(connection: sa.Connection, table: sa.Table, rowid: int) -> dict[str, Any]:
    cursor = direct(connection).execute(f"SELECT * FROM {table.name} WHERE rowid = ?", (rowid,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    found = cursor.fetchone()
    if found is None:
        raise KeyError(rowid)
    return dict(zip(names, found, strict=True))


def _mend_row(connection: sa.Connection, damaged: Damaged, now: datetime) -> None:
    table, at = damaged.table, _stored(now)
    is_nobodys = table in OF_A_DELIVERY and "/" not in damaged.subject
    if is_nobodys:
        _doubt_all_begun(connection, damaged)
    if table in FORGOTTEN or is_nobodys:
        _forget(connection, damaged)
        return
    values = {name: _instead(table.c[name], damaged.rowid, at) for name in damaged.columns}
    if table is tables.deliveries:
        values |= _of_delivery(_row(connection, table, damaged.rowid), damaged)
    if table is tables.lanes:
        values |= {"stopped_at": at, "stopped_reason": "its entry in the ledger was damaged"}
    if table is tables.owners:
        values["ended_at"] = at
    if table is tables.holds and "released_at" in values:
        is_released = isinstance(_row(connection, table, damaged.rowid)["released_by"], str)
        values["released_at"] = at if is_released else None
    try:
        _update(connection, table, damaged.rowid, values)
    except sqlite3.IntegrityError:
        _forget(connection, damaged)
    if table in OF_A_DELIVERY:
        _doubt(connection, damaged)


def _of_delivery(row: Mapping[str, Any], damaged: Damaged) -> dict[str, Any]:
    values = dict(zip(("key", *KEY_COLUMNS), (damaged.subject, *damaged.subject.split("/")), strict=True))
    if "state" in damaged.columns or row["state"] in {str(state) for state in OPEN}:
        values |= _in_doubt(str(damaged))
    return values


def _in_doubt(reason: str) -> dict[str, Any]:
    return {"state": str(State.IN_DOUBT), "owner_id": None, "retry_at": _stored(NEVER), "reason": reason}


def _doubt(connection: sa.Connection, damaged: Damaged) -> None:
    """A post that still moves, and of which a part, an image or an attempt is damaged, waits for a person."""
    row = direct(connection).execute("SELECT rowid, state FROM deliveries WHERE key = ?", (damaged.subject,)).fetchone()
    if row is not None and row[1] in {str(state) for state in OPEN}:
        _update(connection, tables.deliveries, row[0], _in_doubt(str(damaged)))


def _doubt_all_begun(connection: sa.Connection, damaged: Damaged) -> None:
    """Whose receipt or attempt it was can't be known: each post of which something may be out waits for a person."""
    D = tables.deliveries.c
    begun = sa.or_(D.published_at.is_not(None), D.state != str(State.DUE))
    query = sa.select(D.key).where(D.state.in_([str(state) for state in OPEN]), begun)
    for key in connection.execute(query).scalars().all():
        _doubt(connection, replace(damaged, subject=key))


def _instead(column: sa.Column[Any], rowid: int, at: int) -> Any:
    """A value that a column can hold, in the place of one that it can't."""
    if column.nullable:
        return None
    if isinstance(column.type, tables.Instant):
        return at
    if isinstance(column.type, (sa.Integer, sa.Boolean)):
        return 0
    if isinstance(column.type, sa.JSON):
        return "{}"
    return b"" if isinstance(column.type, sa.LargeBinary) else f"damaged-{rowid}"


def _update(connection: sa.Connection, table: sa.Table, rowid: int, values: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}" = ?' for name in values)
    direct(connection).execute(f"UPDATE {table.name} SET {names} WHERE rowid = ?", (*values.values(), rowid))  # noqa: S608


def _forget(connection: sa.Connection, damaged: Damaged) -> None:
    direct(connection).execute(f"DELETE FROM {damaged.table.name} WHERE rowid = ?", (damaged.rowid,))  # noqa: S608


def _stored(instant: datetime) -> int:
    value = tables.Instant().process_bind_param(instant, None)
    assert value is not None
    return value
