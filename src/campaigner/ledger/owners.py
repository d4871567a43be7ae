"""Owners: the processes that work on a ledger, each holding a file lock that the kernel frees when it dies."""

from __future__ import annotations

import fcntl
import os
import platform
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .. import private_files
from ..clock import Clock
from . import tables

REMEMBERED = timedelta(days=7)
LEASE = timedelta(minutes=10)
"""An owner on another machine is believed alive for so long after it was last seen: its lock can't be asked from here."""


UNENDED = sa.select(tables.owners).where(tables.owners.c.ended_at.is_(None))


class OwnerLock:
    """The lock file of this process. Held from construction until `release`, or until the process is gone."""

    def __init__(self, folder: Path) -> None:
        self.id = uuid.uuid4().hex
        private_files.make_folder(folder)
        self.path = folder / f"{self.id}.lock"
        self._descriptor = private_files.open_new(self.path)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go and remove the file; safe to call twice."""
        if self._descriptor >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def host_name() -> str:
    """This machine, as owners' rows name it."""
    return platform.node() or "localhost"


def is_dead(lock_path: Path, host: str, seen_at: datetime, now: datetime) -> bool:
    """True only when the owner is gone: nobody holds its lock, or on another machine its lease is over."""
    return lock_is_free(lock_path) if host == host_name() else now > seen_at + LEASE


def lock_is_free(lock_path: Path) -> bool:
    """True when no process of this machine holds the lock.

    A missing file counts as free: an owner removes it at its end, and nobody else does before its death.
    """
    try:
        descriptor = os.open(lock_path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def register(connection: sa.Connection, lock: OwnerLock, engine: str, clock: Clock) -> None:
    """Record this process, and forget those that ended long ago: cron makes 1,440 a day."""
    now = clock.now()
    connection.execute(sa.delete(tables.owners).where(tables.owners.c.ended_at < now - REMEMBERED))
    connection.execute(
        sa.insert(tables.owners).values(
            id=lock.id,
            host=host_name(),
            pid=os.getpid(),
            engine=engine,
            lock_path=str(lock.path),
            started_at=now,
            seen_at=now,
        )
    )


def see(connection: sa.Connection, owner_id: str, clock: Clock) -> None:
    """Record that this process is at work now."""
    connection.execute(sa.update(tables.owners).where(tables.owners.c.id == owner_id).values(seen_at=clock.now()))


def end(connection: sa.Connection, owner_id: str, clock: Clock) -> None:
    """Record that a process ended, and free the lanes it held."""
    now = clock.now()
    connection.execute(sa.update(tables.owners).where(tables.owners.c.id == owner_id).values(ended_at=now, seen_at=now))
    connection.execute(sa.update(tables.lanes).where(tables.lanes.c.owner_id == owner_id).values(owner_id=None))


def dead(connection: sa.Connection, now: datetime) -> list[str]:
    """The ids of owners that never ended and are dead."""
    rows = connection.execute(UNENDED).all()
    return [row.id for row in rows if is_dead(Path(row.lock_path), row.host, row.seen_at, now)]


def alive(connection: sa.Connection, now: datetime) -> frozenset[str]:
    """The ids of owners that are not known to be gone."""
    rows = connection.execute(UNENDED).all()
    return frozenset(row.id for row in rows if not is_dead(Path(row.lock_path), row.host, row.seen_at, now))


def elsewhere(connection: sa.Connection, now: datetime) -> str | None:
    """The name of another machine whose process works on this ledger, for all that can be known; None when none does."""
    rows = connection.execute(UNENDED).all()
    return next((row.host for row in rows if row.host != host_name() and now <= row.seen_at + LEASE), None)


def bury_dead(connection: sa.Connection, clock: Clock) -> list[str]:
    """End every owner that is proven dead and free its lanes; return their ids."""
    found = dead(connection, clock.now())
    for owner_id in found:
        end(connection, owner_id, clock)
    return found


def last_run_before(connection: sa.Connection, owner_id: str) -> datetime | None:
    """When any other run was last at work; None when none ever was."""
    others = sa.select(tables.owners.c.seen_at).where(tables.owners.c.id != owner_id)
    found: datetime | None = connection.execute(
        others.order_by(tables.owners.c.seen_at.desc()).limit(1)
    ).scalar_one_or_none()
    return found


def newest(connection: sa.Connection, now: datetime) -> dict[str, Any] | None:
    """The process that was seen last, with `dead` when it is proven to be gone; None when none ever ran."""
    row = connection.execute(sa.select(tables.owners).order_by(tables.owners.c.seen_at.desc()).limit(1)).one_or_none()
    return None if row is None else {**row._asdict(), "dead": is_dead(Path(row.lock_path), row.host, row.seen_at, now)}
