"""`ledger upgrade`: from the schema of an earlier release to ours, after a backup, alone, and in one transaction.

The lock is the transaction itself: a process that is killed leaves the schema as it was and no lock behind.
"""

from __future__ import annotations

import platform
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..clock import Clock
from ..errors import SurroundingsError
from . import backup, lock, sqlite, tables
from .tables import Connection

PATIENCE = timedelta(seconds=30)
"""How long an upgrade waits for publishing calls in flight: cut off from the ledger, each would be left in doubt."""
LOOK_EVERY = timedelta(seconds=0.2)
OWNED = "0004"
"""The last schema whose deliveries had an owner, each with a lock of its own."""
IN_FLIGHT = """
SELECT DISTINCT owners.host, owners.lock_path FROM deliveries JOIN owners ON owners.id = deliveries.owner_id
WHERE deliveries.state = 'sending' AND owners.ended_at IS NULL
"""

ATTEMPTS_OF_0001 = "attempts"
"""What `delivery_attempts` was called. A process of the first release does not look at the schema once it runs: without a table
of that name it can't claim a post, and ends.
"""
SUBJECT = """(
    WITH RECURSIVE shorter (subject) AS (
        SELECT alerts.subject
        UNION ALL SELECT substr(subject, 1, length(subject) - length(' ' || alerts.id)) FROM shorter
        WHERE subject LIKE '% ' || alerts.id AND subject <> alerts.kind || ' ' || alerts.id
    )
    SELECT subject FROM shorter ORDER BY length(subject) LIMIT 1
)"""
"""In 0001 an alert that was withdrawn had its number behind its subject, once for each time.

A subject that has nothing but its kind before the number is no withdrawn one: an account can be called "7".
"""
CHANGED = (
    ("0001", "alerts", "subject", SUBJECT),
    (
        "0001",
        "alerts",
        "withdrawn_at",
        "CASE WHEN subject LIKE '% ' || id AND subject <> kind || ' ' || id THEN raised_at END",
    ),
    # Two hours, unless a config said otherwise: the next run writes each post's own.
    ("0003", "acceptances", "late_at", "due_at + 7200000000"),
    ("0004", "delivery_attempts", "run_id", "owner_id"),
)
"""Up to which schema a column of ours is what in the rows of an earlier one; all others are what they were, or are new."""
LAST_RUN = """
INSERT INTO meta (name, value) SELECT 'run', json_object(
    'place', '', 'pid', pid, 'engine', engine, 'started_at', started_at, 'seen_at', seen_at,
    'ended_at', coalesce(ended_at, seen_at), 'at_work_since', started_at
) FROM earlier_owners ORDER BY seen_at DESC LIMIT 1
"""
"""Until 0004 every process had a row of its own; since then one run at a time works on a ledger, and nothing has an owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What was done: from which schema, and where the backup lies."""

    before: str
    backup: Path


def upgrade(path: Path, clock: Clock) -> Upgrade | None:
    """Back a ledger up and bring it to our schema; None when it has it, or there is no ledger.

    Raises SurroundingsError, with the ledger as it was: for a schema that is newer, or that no way leads from, for one that
    is locked, damaged or can't be written, and while posts are being sent.
    """
    if not sqlite.holds_ledger(path):
        return None
    with sqlite.explained(path):
        # Looked at without any right to write.
        with closing(sqlite.connect(path, read_only=True)) as connection:
            found = sqlite.schema_version(connection)
        if found == tables.SCHEMA_VERSION:
            return None
        if found not in tables.EARLIER:
            raise sqlite.wrong_schema(found)
        with closing(sqlite.connect(path)) as connection:
            # A table that is made anew would take with it the rows that refer to it; they are looked at before the commit.
            connection.execute("PRAGMA foreign_keys=0")
            return _upgrade_alone(connection, path, clock)


def _upgrade_alone(connection: Connection, path: Path, clock: Clock) -> Upgrade | None:
    _begin_between_sends(connection, path, clock)
    before = sqlite.schema_version(connection)
    if before == tables.SCHEMA_VERSION or before is None:
        # Another upgrade had the lock before.
        return None
    # Nobody else can write now, so nothing that the backup lacks is ever upgraded.
    saved = backup.back_up(path, None, clock)
    migrate(connection)
    fault = connection.execute("PRAGMA foreign_key_check").fetchone()
    if fault is not None:
        raise SurroundingsError(f"the ledger {path} is damaged: rows of {fault[0]} refer to nothing")
    connection.execute("COMMIT")
    return Upgrade(before=before, backup=saved)


def _begin_between_sends(connection: Connection, path: Path, clock: Clock) -> None:
    """Take the ledger for ourselves, at a moment when no post is on its way."""
    ends_at = clock.now() + PATIENCE
    while True:
        connection.execute("BEGIN EXCLUSIVE")
        if not _in_flight(connection, path):
            return
        connection.execute("ROLLBACK")
        if clock.now() >= ends_at:
            raise SurroundingsError(
                "posts are being sent at this moment: nothing was changed",
                hint="end the process that runs, or try again when the posts are out",
            )
        clock.wait_until(clock.now() + LOOK_EVERY)


def _in_flight(connection: Connection, path: Path) -> bool:
    version = sqlite.schema_version(connection) or tables.SCHEMA_VERSION
    if version == tables.SCHEMA_VERSION:
        # Another upgrade was quicker.
        return False
    if version > OWNED:
        is_sending = connection.execute("SELECT 1 FROM deliveries WHERE state = 'sending'").fetchone()
        return bool(is_sending) and not lock.is_free(path)
    here = platform.node() or "localhost"
    found = connection.execute(IN_FLIGHT).fetchall()
    return any(host == here and not lock.is_free_at(Path(lock_path)) for host, lock_path in found)


def migrate(connection: Connection) -> None:
    """Make our tables, and copy into them what those of an earlier schema hold; inside the connection's transaction."""
    before = sqlite.schema_version(connection) or ""
    for (index,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall():
        connection.execute(f"DROP INDEX {index}")
    found = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in found:
        connection.execute(f"ALTER TABLE {table} RENAME TO earlier_{table}")
    tables.create(connection)
    for table in tables.NAMES:
        is_renamed = table == "delivery_attempts" and ATTEMPTS_OF_0001 in found
        _copy(connection, f"earlier_{ATTEMPTS_OF_0001 if is_renamed else table}", table, before)
    if before <= OWNED:
        connection.execute("DELETE FROM meta WHERE name LIKE 'teller %'")
        connection.execute(LAST_RUN)
    for table in found:
        connection.execute(f"DROP TABLE earlier_{table}")


def _copy(connection: Connection, source: str, table: str, before: str) -> None:
    known = {column.name for column in tables.columns(connection, source)}
    values = {column.name: column.name for column in tables.columns(connection, table) if column.name in known}
    values |= {column: value for until, of, column, value in CHANGED if of == table and before <= until}
    if values:
        names, found = ", ".join(values), ", ".join(values.values())
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {found} FROM {source} AS {table}")
