"""Backups: a whole copy of the ledger while others write, which sends nothing by itself should it ever be put in place."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

from .. import private_files
from ..clock import Clock
from ..errors import RefusedError, SurroundingsError
from . import damage, decisions, deliveries, runs, sqlite, tables
from .tables import Connection

GIVEN_BY = "ledger backup"
"""Who gave the hold that every backup carries."""


def default_folder(ledger: Path) -> Path:
    """Where the backups of a ledger lie unless somebody wants them elsewhere."""
    return ledger.parent / "backups"


def back_up(ledger: Path, wanted: Path | None, clock: Clock, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Write a backup to the file or into the folder `wanted`, else beside the ledger; returns where it lies.

    Damaged entries are set right in the backup; `tell` gets each.

    The ledger is only read, whichever schema known to us it has. Raises RefusedError when there is a file of that name,
    SurroundingsError when there is no ledger, it is damaged, or the backup can't be written.
    """
    if not sqlite.holds_ledger(ledger):
        raise SurroundingsError(f"there is no ledger at {ledger}: nothing to back up")
    if wanted is None:
        wanted = default_folder(ledger)
        sqlite.create_folder(wanted)
    now = clock.now()
    into = wanted if wanted.is_dir() else wanted.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=into) as unfinished:
            copy = Path(unfinished) / ledger.name
            schema = _copy(ledger, copy, now, tell)
            return _put_somewhere(copy, into, ledger, schema, now) if wanted == into else _put(copy, wanted)
    except OSError as error:
        raise SurroundingsError(
            f"no backup was made in {into}: {error.strerror}", hint="name a folder that exists and can be written"
        ) from error


def _copy(ledger: Path, copy: Path, now: datetime, tell: Callable[[str], None]) -> str:
    """Copy, look whether the copy is sound, and mark it; returns its schema."""
    sqlite.create_privately(copy)
    with sqlite.connected_for_reading(ledger) as source:
        try:
            sqlite.copy_pages(source, copy)
            schema = _mark(copy, now, tell)
        except sqlite3.Error as error:
            told = sqlite.explain(error, ledger)
            raise SurroundingsError(f"no backup was made: {told}", hint=told.hint) from error
    private_files.sync(copy)
    return schema


def _mark(copy: Path, now: datetime, tell: Callable[[str], None]) -> str:
    with closing(sqlite.connect(copy)) as connection:
        schema = _checked_schema(connection, copy)
        connection.execute("BEGIN IMMEDIATE")
        _hold(connection, now)
        if schema == tables.SCHEMA_VERSION:
            for damaged in damage.mend(connection, now):
                tell(str(damaged))
            # The run that is at work on the original has no hand in the copy.
            if (found := runs.last(connection)) is not None:
                runs.note(connection, replace(found, ended_at=now))
            deliveries.recover(connection, now)
        connection.execute("COMMIT")
        # One file without companions, which opens on a disk that can't be written too.
        connection.execute("PRAGMA journal_mode=DELETE")
    return schema


def _checked_schema(connection: Connection, copy: Path) -> str:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")
    schema = sqlite.schema_version(connection)
    if schema is None:
        raise SurroundingsError("the ledger is empty: nothing to back up")
    if schema not in (*tables.EARLIER, tables.SCHEMA_VERSION):
        raise sqlite.wrong_schema(schema)
    return schema


def _hold(connection: Connection, now: datetime) -> None:
    """Posts that go out after this moment are unknown to the copy: it must not send them again by itself.

    Holds have had this form in every schema in EARLIER.
    """
    decisions.give_hold(
        connection,
        campaign=None,
        account=None,
        until=None,
        reason=f"this ledger is a backup of {now:%Y-%m-%d %H:%M} UTC: what went out since is not recorded in it",
        given_by=GIVEN_BY,
        now=now,
    )


def _put_somewhere(copy: Path, folder: Path, ledger: Path, schema: str, now: datetime) -> Path:
    """Give the copy a name that tells schema and time; several of one second are numbered."""
    name = f"{ledger.stem}-{schema}-{now:%Y%m%dT%H%M%SZ}"
    for number in count(1):
        with suppress(RefusedError):
            return _put(copy, folder / f"{name}{'' if number == 1 else f'-{number}'}{ledger.suffix}")
    raise AssertionError


def _put(copy: Path, target: Path) -> Path:
    """Give the copy this name, unless something has it."""
    try:
        os.link(copy, target)
    except OSError as error:
        if os.path.lexists(target):
            message = f"{target} exists already, and a backup overwrites nothing"
            raise RefusedError(message, hint="name another file") from error
        # Some disks, memory sticks among them, have no links.
        copy.rename(target)
    private_files.sync(target.parent)
    return target
