"""What a ledger can't hold: single values, found when it is opened or read, and set right so that they stop nothing else.

And what it should not: entries from a wrong clock's future, which a person who knows better dates back.

SQLite keeps any value in any column, and its own check finds nothing wrong with that. What such a row was about is never
guessed in favour of sending: a post waits for a person, an account is stopped, an approval does not count, a hold holds.

At every opening the newest rows are looked at and those of open posts, whichever index leads to them: milliseconds,
however long the past is. A value of an older row is found where it can't be read, and by every backup.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from ..post.key import PostKey
from . import alerts, decisions, runs, tables
from .models import OPEN, State
from .tables import EARLIEST, LATEST, Connection, instant, microseconds

OPEN_STATES = ", ".join([f"'{state}'" for state in sorted(OPEN)])
OF_OPEN_POSTS = f"SELECT id FROM deliveries WHERE state IN ({OPEN_STATES})"
WHOLE_KEY = " || '/' || ".join(PostKey._fields)
OF_A_DELIVERY = ("media", "parts", "delivery_attempts")
FORGOTTEN = ("approvals", "acceptances", "accepted_files", "alert_receipts")
"""Tables whose rows are taken out: what they said is asked of a person, or of the files, again."""
MOST = 10_000_000
"""More than any count, size or process number that a ledger holds."""
END = datetime(2200, 1, 1, tzinfo=UTC)
"""No clock of a machine says so, nor a time before `tables.EARLIEST`."""
NEWEST = 500
"""How many rows of each table are looked at when a ledger is opened: more than a day's."""
NO_TEXT, NO_INTEGER = "typeof({0}) <> 'text'", "typeof({0}) <> 'integer'"
NO_KEY = f"{NO_TEXT} OR length({{0}}) - length(replace({{0}}, '/', '')) <> 4"
UNSOUND = {
    "TEXT": NO_TEXT,
    "JSON": f"CASE WHEN {NO_TEXT} THEN 1 WHEN NOT json_valid({{0}}) THEN 1"
    " ELSE json_type({0}) NOT IN ('object', 'null') END",
    "BOOLEAN": f"{NO_INTEGER} OR {{0}} NOT IN (0, 1)",
    "BLOB": "typeof({0}) <> 'blob'",
    "BIGINT": f"{NO_INTEGER} OR {{0}} NOT BETWEEN {microseconds(EARLIEST)} AND {microseconds(END)}",
    "INTEGER": f"{NO_INTEGER} OR {{0}} NOT BETWEEN 0 AND {MOST}",
}
"""By the type of a column: what it can't be read from, in SQL."""
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
KNOWN = sorted(map(str, State))
BETWEEN = " OR ".join([f"state > '{one}' AND state < '{next_}'" for one, next_ in pairwise(KNOWN)])
OF_AN_OPEN_POST = f"""
UNION SELECT id FROM {{0}} WHERE delivery_id IN ({OF_OPEN_POSTS})
UNION SELECT id FROM {{0}} WHERE delivery_id < 1 OR delivery_id > (SELECT max(id) FROM deliveries)
"""
WORKED_WITH = {
    "deliveries": f"""
    UNION {OF_OPEN_POSTS}
    UNION SELECT id FROM deliveries WHERE state < '{KNOWN[0]}' OR {BETWEEN} OR state > '{KNOWN[-1]}'
    UNION SELECT id FROM deliveries WHERE key < '' OR key >= x''
    """,
    **{table: OF_AN_OPEN_POST.format(table) for table in OF_A_DELIVERY},
}
"""What a run works with besides the newest rows, in SQL: each of these questions has its index.

Numbers sort before every text, bytes after it.
"""
WAITS = f"""
UPDATE deliveries SET state = '{State.IN_DOUBT}', retry_at = :never, reason = key || :words
WHERE state IN ({OPEN_STATES}) AND
"""
"""A post that still moves waits for a person: never is it looked for by itself."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """One row, the columns of it that hold what they can't, and what it is about: a KEY, where it has one."""

    table: str
    rowid: int
    columns: tuple[str, ...]
    subject: str
    row: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """What is wrong with its subject."""
        return f": its entry in the ledger is damaged ({self.table}: {', '.join(self.columns)})"

    def __str__(self) -> str:
        return f"{self.subject}{self.words}"


def find(connection: Connection, *, everywhere: bool = False) -> list[Damaged]:
    """The damaged rows of a ledger of our schema: among those that a run works with, or `everywhere`. One question for all."""
    unsound, asked = _unsound(), []
    for table, conditions in unsound.items():
        newest = f"SELECT rowid FROM {table} WHERE rowid > (SELECT max(rowid) FROM {table}) - {NEWEST}"
        among = f" AND rowid IN ({newest}{WORKED_WITH.get(table, '')})"
        wrong = " OR ".join(conditions.values())
        asked.append(f"SELECT '{table}', rowid FROM {table} WHERE ({wrong}){'' if everywhere else among}")
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
            text=f"{damaged}: {THEN.get(damaged.table, 'look whether it is out as it should be')}",
            command=_resolve(connection, damaged.subject),
            subject=f"damaged {damaged.table} {damaged.rowid} {damaged.columns}",
            now=now,
        )
    return found


THEN = {
    "lanes": "the account is stopped until it is checked",
    "holds": "it holds what it may have held, until it is released",
}


def _resolve(connection: Connection, subject: str) -> str:
    if connection.first("SELECT state FROM deliveries WHERE key = :key", key=subject) == State.IN_DOUBT:
        return f"campaigner resolve {subject} --published URL (or --not-published)"
    return "campaigner status"


def _unsound() -> dict[str, dict[str, str]]:
    """Of each table for each column what is true of it, in SQL, when it holds what its type can't be read from."""
    found: dict[str, dict[str, str]] = {}
    for table, columns in tables.COLUMNS.items():
        found[table] = {}
        for column in columns:
            # The number of a row is an integer in any file that SQLite itself calls sound.
            if not column.is_row_number:
                is_wrong = OWN.get((table, column.name), UNSOUND[column.type]).format(column.name)
                is_null = "NOT NULL AND" if column.nullable else "NULL OR"
                found[table][column.name] = f"({column.name} IS {is_null} ({is_wrong}))"
    return found


def _damaged(connection: Connection, table: str, rowid: int, conditions: Mapping[str, str]) -> Damaged:
    row = _row(connection, f"SELECT * FROM {table} WHERE rowid = ?", rowid)
    asked = connection.execute(f"SELECT {', '.join(conditions.values())} FROM {table} WHERE rowid = ?", (rowid,))
    wrong = tuple(name for name, is_wrong in zip(conditions, asked.fetchone(), strict=True) if is_wrong)
    return Damaged(table, rowid, wrong, _subject(connection, table, row), row)


def _subject(connection: Connection, table: str, row: Mapping[str, Any]) -> str:
    """What a row is about, in the words of its sound values: the KEY of a post first, from whichever of its forms is sound."""
    if table in OF_A_DELIVERY:
        row = _row(connection, "SELECT * FROM deliveries WHERE id = ?", row["delivery_id"])
    key = row.get("key")
    if "message" in row and not (isinstance(key, str) and key.count("/") == len(PostKey._fields) - 1):
        return "/".join(row[name] if isinstance(row[name], str) else "damaged" for name in PostKey._fields)
    for name, words in (("key", "{}"), ("account", "account {}"), ("campaign", "campaign {}")):
        if isinstance(row.get(name), str):
            return words.format(row[name])
    return f"a row of {table}"


def _row(connection: Connection, query: str, rowid: Any) -> dict[str, Any]:
    """The values of one row by name; empty when there is none."""
    cursor = connection.execute(query, (rowid,))
    found = cursor.fetchone() or ()
    return dict(zip([column[0] for column in cursor.description], found, strict=bool(found)))


def _mend_row(connection: Connection, damaged: Damaged, now: datetime) -> None:
    is_nobodys = damaged.table in OF_A_DELIVERY and "/" not in damaged.subject
    if is_nobodys or damaged.table in FORGOTTEN or not _set_right(connection, damaged, now):
        connection.run(f"DELETE FROM {damaged.table} WHERE rowid = :rowid", rowid=damaged.rowid)
    if is_nobodys:
        # Whose receipt or attempt it was can't be known: each post of which something may be out waits for a person.
        connection.run(f"{WAITS} (published_at IS NOT NULL OR state <> 'due')", never=LATEST, words=damaged.words)
    elif damaged.table in ("deliveries", *OF_A_DELIVERY):
        connection.run(f"{WAITS} key = :key", never=LATEST, words=damaged.words, key=damaged.subject)


def _set_right(connection: Connection, damaged: Damaged, now: datetime) -> bool:
    """Give a row values that its columns can hold, in place of those that they can't; False where another row has them."""
    instead = {"BIGINT": now, "INTEGER": 0, "BOOLEAN": False, "JSON": "{}", "BLOB": b""}
    values = {
        column.name: None if column.nullable else instead.get(column.type, f"damaged-{damaged.rowid}")
        for column in tables.COLUMNS[damaged.table]
        if column.name in damaged.columns
    }
    if damaged.table == "deliveries":
        values |= {"key": damaged.subject, **PostKey(*damaged.subject.split("/"))._asdict()}
        values |= {"state": State.DUE} if "state" in values else {}
    if damaged.table == "lanes":
        values |= {"stopped_at": now, "stopped_reason": "its entry in the ledger was damaged"}
    if damaged.table == "holds" and "released_at" in values:
        values["released_at"] = now if isinstance(damaged.row["released_by"], str) else None
    try:
        connection.update(damaged.table, damaged.rowid, **values)
    except sqlite3.IntegrityError:
        return False
    return True


WAITING = (("deliveries", "retry_at"), ("lanes", "rested_until"))
"""How long something waits by that clock: not at all any more."""
WRITTEN = (
    ("delivery_attempts", "started_at"),
    ("delivery_attempts", "ended_at"),
    ("deliveries", "updated_at"),
    ("deliveries", "published_at"),
    ("lanes", "last_sent_at"),
    ("lanes", "identified_at"),
    ("lanes", "looked_at"),
    ("alerts", "raised_at"),
)
ACCEPTED = (("accepted_files", "accepted_at"), ("acceptances", "accepted_at"))
BEFORE = """
SELECT max(instant) FROM (
    SELECT max(started_at) AS instant FROM delivery_attempts WHERE started_at <= :now
    UNION ALL SELECT max(updated_at) FROM deliveries WHERE updated_at <= :now
) AS entries
"""


def date_back(connection: Connection, now: datetime, made_by: str) -> datetime:
    """Date what lies ahead of `now` at the newest entry that does not: it was written after that. Returns that instant.

    An attempt is dated too early so, never too late: a post in doubt is then looked for in a longer time, not in none.
    What was accepted is dated now: no post goes out by itself for it whose time has passed.
    """
    bound = instant(connection.first(BEFORE, now=now)) or now
    for columns, value in ((WAITING, None), (WRITTEN, bound), (ACCEPTED, now)):
        for table, column in columns:
            statement = f"UPDATE {table} SET {column} = :value WHERE {column} > :now"
            connection.run(statement, value=value, now=now)
    runs.date_back(connection, bound)
    alerts.withdraw_subject(connection, "clock", now)
    decisions.decide(connection, "ledger clock --is-right", None, "", made_by, now)
    return bound
