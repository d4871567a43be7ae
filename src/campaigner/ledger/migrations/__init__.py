"""`ledger upgrade`: from the schema of an earlier release to ours, after a backup, alone, and in one transaction.

The lock is the transaction itself: a process that is killed leaves the schema as it was and no lock behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from ...clock import Clock
from ...errors import SurroundingsError
from .. import backup, database, owners, tables

PATIENCE = timedelta(seconds=30)
"""How long an upgrade waits for publishing calls in flight: cut off from the ledger, each would be left in doubt."""
LOOK_EVERY = timedelta(seconds=0.2)
IN_FLIGHT = sa.text(
    "SELECT DISTINCT owners.host, owners.lock_path FROM deliveries JOIN owners ON owners.id = deliveries.owner_id"
    " WHERE deliveries.state = 'sending' AND owners.ended_at IS NULL"
)


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
    if not database.holds_ledger(path) or _schema(path) == tables.SCHEMA_VERSION:
        return None
    engine = database.connect(path)
    try:
        with engine.connect() as connection:
            # A table that is made anew would take with it the rows that refer to it; they are looked at before the commit.
            connection.exec_driver_sql("PRAGMA foreign_keys=0")
            connection.rollback()
            return _upgrade_alone(connection, path, clock)
    except database.DATABASE_FAULTS as error:
        raise database.explain(error, path) from error
    finally:
        engine.dispose()


def _schema(path: Path) -> str | None:
    """The schema, read without any right to write; raises SurroundingsError for one that can't be upgraded."""
    engine = database.connect(path, read_only=True)
    try:
        with engine.connect() as connection:
            found = database.schema_version(connection)
    except database.DATABASE_FAULTS as error:
        raise database.explain(error, path) from error
    finally:
        engine.dispose()
    if found not in (*tables.EARLIER, tables.SCHEMA_VERSION):
        raise database.wrong_schema(found)
    return found


def _upgrade_alone(connection: sa.Connection, path: Path, clock: Clock) -> Upgrade | None:
    _begin_between_sends(connection, clock)
    before = database.schema_version(connection)
    if before == tables.SCHEMA_VERSION or before is None:
        # Another upgrade had the lock before.
        return None
    # Nobody else can write now, so nothing that the backup lacks is ever upgraded.
    saved = backup.back_up(path, None, clock)
    migrate(connection)
    faults = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if faults:
        raise SurroundingsError(f"the ledger {path} is damaged: rows of {faults[0][0]} refer to nothing")
    connection.exec_driver_sql("COMMIT")
    return Upgrade(before=before, backup=saved)


def _begin_between_sends(connection: sa.Connection, clock: Clock) -> None:
    """Take the ledger for ourselves, at a moment when no post is on its way."""
    ends_at = clock.now() + PATIENCE
    while True:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        if not _in_flight(connection):
            return
        connection.exec_driver_sql("ROLLBACK")
        connection.rollback()
        if clock.now() >= ends_at:
            raise SurroundingsError(
                "posts are being sent at this moment: nothing was changed",
                hint="end the process that runs, or try again when the posts are out",
            )
        clock.wait_until(clock.now() + LOOK_EVERY)


def _in_flight(connection: sa.Connection) -> bool:
    here = owners.host_name()
    return any(
        row.host == here and not owners.lock_is_free(Path(row.lock_path)) for row in connection.execute(IN_FLIGHT)
    )


def migrate(connection: sa.Connection) -> None:
    """Run all versions that are ahead, inside the transaction that the connection is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # The value is read as a template, in which a percent sign stands for itself when it is doubled.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, tables.SCHEMA_VERSION)
