"""Single values that a ledger can't hold: found when it is opened or read, and set right so that they stop nothing else.

SQLite keeps any value in any column, and its own check finds nothing wrong with that. What such a row was about is never
guessed in favour of sending: a post waits for a person, an account is stopped, an approval does not count, a hold holds.

At every opening the newest rows are looked at and those of open posts, whichever index leads to them: milliseconds,
however long the past is. A value of an older row is found where it can't be read, and by every backup.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from . import alerts, tables
from .models import OPEN, State
from .tables import EARLIEST, LATEST, Column, Connection, microseconds

OPEN_STATES = ", ".join([f"'{state}'" for state in sorted(OPEN)])
OF_OPEN_POSTS = f"SELECT id FROM deliveries WHERE state IN ({OPEN_STATES})"
KEY_COLUMNS = ("campaign", "edition", "message", "account", "language")
WHOLE_KEY = " || '/' || ".join(KEY_COLUMNS)
OF_A_DELIVERY = ("media", "parts", "delivery_attempts")
FORGOTTEN = ("approvals", "acceptances", "accepted_files", "alert_receipts")
"""Tables whose rows are taken out: what they said is asked of a person, or of the files, again."""
MOST = 10_000_000
"""More than any count, size or process number that a ledger holds."""
END = datetime(2200, 1, 1, tzinfo=UTC)
"""No clock of a machine says so, nor a time before `rows.EARLIEST`."""
NEWEST = 500
"""How many rows of each table are looked at when a ledger is opened: more than a day's."""
NULL_IS_SOUND, NULL_IS_NOT = "({0} IS NOT NULL AND ({1}))", "({0} IS NULL OR {1})"
NO_TEXT, NO_INTEGER = "typeof({0}) <> 'text'", "typeof({0}) <> 'integer'"
NO_INSTANT = f"{NO_INTEGER} OR {{0}} NOT BETWEEN {microseconds(EARLIEST)} AND {microseconds(END)}"
NO_KEY = f"{NO_TEXT} OR length({{0}}) - length(replace({{0}}, '/', '')) <> 4"
UNSOUND = {
    "JSON": f"CASE WHEN {NO_TEXT} THEN 1 WHEN NOT json_valid({{0}}) THEN 1"
    " ELSE json_type({0}) NOT IN ('object', 'null') END",
    "BOOLEAN": f"{NO_INTEGER} OR {{0}} NOT IN (0, 1)",
    "BLOB": "typeof({0}) <> 'blob'",
    "BIGINT": NO_INSTANT,
    "INTEGER": f"{NO_INTEGER} OR {{0}} NOT BETWEEN 0 AND {MOST}",
}
"""In SQL, of a column by its type: what it can't be read from. Every other type is text."""
OWN = {
    ("deliveries", "published_at"): NO_INTEGER,
    ("deliveries", "retry_at"): NO_INTEGER,
    ("parts", "published_at"): NO_INTEGER,
    ("deliveries", "state"): f"{NO_TEXT} OR {{0}} NOT IN ({', '.join([repr(str(state)) for state in State])})",
    ("deliveries", "key"): f"{NO_KEY} OR {{0}} IS NOT {WHOLE_KEY}",
    ("acceptances", "key"): NO_KEY,
}
"""The same of columns that hold more, or less, than their type says.

Three instants an earlier campaigner took from a server as they came: they are read within bounds.
"""
NEVER = LATEST
"""When a post that only a person can settle is looked for by itself."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """One row, the columns of it that hold what they can't, and what it is about: a KEY, where it has one."""

    table: str
    rowid: int
    columns: tuple[str, ...]
    subject: str

    def __str__(self) -> str:
        return f"{self.subject}: its entry in the ledger is damaged ({self.table}: {', '.join(self.columns)})"


def find(connection: Connection, *, everywhere: bool = False) -> list[Damaged]:
    """The damaged rows of a ledger of our schema: among those that a run works with, or `everywhere`. One question for all."""
    unsound = {table: _conditions(connection, table) for table in tables.NAMES}
    asked = [
        f"SELECT '{table}', rowid FROM {table} WHERE ({' OR '.join(conditions.values())})"
        + ("" if everywhere else f" AND rowid IN ({_worked_with(table)})")
        for table, conditions in unsound.items()
    ]
    found = connection.execute(" UNION ALL ".join(asked)).fetchall()
    return [_damaged(connection, table, rowid, unsound[table]) for table, rowid in found]


def mend(connection: Connection, now: datetime) -> list[Damaged]:
    """Set every damaged row right, inside a transaction, and raise an alert for each; returns what was damaged."""
    found = find(connection, everywhere=True)
    for damaged in found:
        _mend_row(connection, damaged, now)
        alerts.raise_alert(
            connection,
            kind="damaged",
            key=damaged.subject if "/" in damaged.subject else None,
            text=f"{damaged}: {_then(damaged)}",
            command=_resolve(connection, damaged.subject),
            subject=f"damaged {damaged.table} {damaged.rowid} {damaged.columns}",
            now=now,
        )
    return found


def _then(damaged: Damaged) -> str:
    if damaged.table == "lanes":
        return "the account is stopped until it is checked"
    if damaged.table == "holds":
        return "it holds what it may have held, until it is released"
    return "look whether it is out as it should be"


def _resolve(connection: Connection, subject: str) -> str:
    state = connection.execute("SELECT state FROM deliveries WHERE key = ?", (subject,)).fetchone()
    if state == (str(State.IN_DOUBT),):
        return f"campaigner resolve {subject} --published URL (or --not-published)"
    return "campaigner status"


def _conditions(connection: Connection, table: str) -> dict[str, str]:
    """For each column what is true of it, in SQL, when it holds what its type can't be read from."""
    # The number of a row is an integer in any file that SQLite itself calls sound.
    columns = [column for column in tables.declared(table) if not column.is_row_number]
    return {
        column.name: (NULL_IS_SOUND if column.nullable else NULL_IS_NOT).format(
            column.name, OWN.get((table, column.name), UNSOUND.get(column.type, NO_TEXT)).format(column.name)
        )
        for column in columns
    }


def _damaged(connection: Connection, table: str, rowid: int, conditions: Mapping[str, str]) -> Damaged:
    flags = connection.execute(f"SELECT {', '.join(conditions.values())} FROM {table} WHERE rowid = ?", (rowid,))
    wrong = [name for name, flag in zip(conditions, flags.fetchone(), strict=True) if flag]
    return Damaged(table, rowid, tuple(wrong), _subject(connection, table, rowid))


def _worked_with(table: str) -> str:
    """The rows of a table that a run works with, in SQL: each of these questions has its index.

    Numbers sort before every text, bytes after it.
    """
    questions = [f"SELECT rowid FROM {table} WHERE rowid > (SELECT max(rowid) FROM {table}) - {NEWEST}"]
    if table == "deliveries":
        known = sorted(map(str, State))
        between = " OR ".join([f"state > '{one}' AND state < '{next_}'" for one, next_ in pairwise(known)])
        questions += [
            OF_OPEN_POSTS,
            f"SELECT id FROM deliveries WHERE state < '{known[0]}' OR {between} OR state > '{known[-1]}'",
            "SELECT id FROM deliveries WHERE key < '' OR key >= x''",
        ]
    if table in OF_A_DELIVERY:
        questions += [
            f"SELECT id FROM {table} WHERE delivery_id IN ({OF_OPEN_POSTS})",
            f"SELECT id FROM {table} WHERE delivery_id < 1 OR delivery_id > (SELECT max(id) FROM deliveries)",
        ]
    return " UNION ".join(questions)


def _subject(connection: Connection, table: str, rowid: int) -> str:
    """What a row is about, in the words of its sound values: the KEY of a post first."""
    row = _row(connection, table, rowid)
    if table in OF_A_DELIVERY:
        try:
            delivery = _row(connection, "deliveries", int(row["delivery_id"]))
        except (KeyError, TypeError, ValueError):
            return f"a row of {table}"
        return _key_of(delivery)
    if table == "deliveries":
        return _key_of(row)
    for name, words in (("key", "{}"), ("account", "account {}"), ("campaign", "campaign {}"), ("id", "process {}")):
        if isinstance(row.get(name), str):
            return words.format(row[name])
    return f"a row of {table}"


def _key_of(row: Mapping[str, Any]) -> str:
    """The KEY of a delivery: from whichever of its two forms is sound."""
    parts = [row[name] for name in KEY_COLUMNS]
    if isinstance(row["key"], str) and row["key"].count("/") == len(KEY_COLUMNS) - 1:
        return str(row["key"])
    return "/".join(part if isinstance(part, str) else "damaged" for part in parts)


def _row(connection: Connection, table: str, rowid: int) -> dict[str, Any]:
    cursor = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (rowid,))
    names = [column[0] for column in cursor.description]
    found = cursor.fetchone()
    if found is None:
        raise KeyError(rowid)
    return dict(zip(names, found, strict=True))


def _mend_row(connection: Connection, damaged: Damaged, now: datetime) -> None:
    table, at = damaged.table, microseconds(now)
    is_nobodys = table in OF_A_DELIVERY and "/" not in damaged.subject
    if is_nobodys:
        _doubt_all_begun(connection, damaged)
    if table in FORGOTTEN or is_nobodys:
        _forget(connection, damaged)
        return
    wrong = [column for column in tables.declared(table) if column.name in damaged.columns]
    values = {column.name: _instead(column, damaged.rowid, at) for column in wrong}
    if table == "deliveries":
        values |= _of_delivery(_row(connection, table, damaged.rowid), damaged)
    if table == "lanes":
        values |= {"stopped_at": at, "stopped_reason": "its entry in the ledger was damaged"}
    if table == "holds" and "released_at" in values:
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
    if "state" in damaged.columns or row["state"] in OPEN:
        values |= _in_doubt(str(damaged))
    return values


def _in_doubt(reason: str) -> dict[str, Any]:
    return {"state": str(State.IN_DOUBT), "retry_at": microseconds(NEVER), "reason": reason}


def _doubt(connection: Connection, damaged: Damaged) -> None:
    """A post that still moves, and of which a part, an image or an attempt is damaged, waits for a person."""
    row = connection.execute("SELECT rowid, state FROM deliveries WHERE key = ?", (damaged.subject,)).fetchone()
    if row is not None and row[1] in OPEN:
        _update(connection, "deliveries", row[0], _in_doubt(str(damaged)))


def _doubt_all_begun(connection: Connection, damaged: Damaged) -> None:
    """Whose receipt or attempt it was can't be known: each post of which something may be out waits for a person."""
    query = f"SELECT key FROM deliveries WHERE id IN ({OF_OPEN_POSTS}) AND (published_at IS NOT NULL OR state <> 'due')"
    for (key,) in connection.execute(query).fetchall():
        _doubt(connection, replace(damaged, subject=key))


def _instead(column: Column, rowid: int, at: int) -> Any:
    """A value that a column can hold, in the place of one that it can't."""
    if column.nullable:
        return None
    values = {"BIGINT": at, "INTEGER": 0, "BOOLEAN": 0, "JSON": "{}", "BLOB": b""}
    return values.get(column.type, f"damaged-{rowid}")


def _update(connection: Connection, table: str, rowid: int, values: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}" = ?' for name in values)
    connection.execute(f"UPDATE {table} SET {names} WHERE rowid = ?", (*values.values(), rowid))


def _forget(connection: Connection, damaged: Damaged) -> None:
    connection.execute(f"DELETE FROM {damaged.table} WHERE rowid = ?", (damaged.rowid,))
