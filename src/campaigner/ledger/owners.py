"""Owners: the processes that work on a ledger, each holding a file lock that the kernel frees when it dies."""

from __future__ import annotations

import fcntl
import os
import platform
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import private_files
from ..clock import Clock
from .rows import Connection, execute, first, insert, instant, select

REMEMBERED = timedelta(days=7)
LEASE = timedelta(minutes=10)
"""An owner on another machine is believed alive for so long after it was last seen: its lock can't be asked from here."""


class OwnerLock:
    """The lock file of this process. Held from construction until `release`, or until the process is gone."""

    def __init__(self, folder: Path) -> None:
        self.id = os.urandom(16).hex()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that works, or worked, on the ledger."""

    id: str
    host: str
    pid: int
    engine: str
    lock_path: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None

    def is_dead(self, now: datetime) -> bool:
        """True only when it is proven to be gone."""
        return is_dead(Path(self.lock_path), self.host, self.seen_at, now)


def unended(connection: Connection) -> list[Owner]:
    """Those of whose end nothing is recorded."""
    return select(connection, Owner, "FROM owners WHERE ended_at IS NULL")


def register(connection: Connection, lock: OwnerLock, engine: str, clock: Clock) -> None:
    """Record this process, and forget those that ended long ago: cron makes 1,440 a day."""
    now = clock.now()
    execute(connection, "DELETE FROM owners WHERE ended_at < :bound", bound=now - REMEMBERED)
    insert(
        connection,
        "owners",
        id=lock.id,
        host=host_name(),
        pid=os.getpid(),
        engine=engine,
        lock_path=str(lock.path),
        started_at=now,
        seen_at=now,
    )


def see(connection: Connection, owner_id: str, clock: Clock) -> None:
    """Record that this process is at work now."""
    execute(connection, "UPDATE owners SET seen_at = :now WHERE id = :id", id=owner_id, now=clock.now())


def end(connection: Connection, owner_id: str, clock: Clock) -> None:
    """Record that a process ended, and free the lanes it held."""
    execute(
        connection, "UPDATE owners SET ended_at = :now, seen_at = :now WHERE id = :id", id=owner_id, now=clock.now()
    )
    execute(connection, "UPDATE lanes SET owner_id = NULL WHERE owner_id = :id", id=owner_id)


def dead(connection: Connection, now: datetime) -> list[str]:
    """The ids of owners that never ended and are dead."""
    return [owner.id for owner in unended(connection) if owner.is_dead(now)]


def alive(connection: Connection, now: datetime) -> frozenset[str]:
    """The ids of owners that are not known to be gone."""
    return frozenset(owner.id for owner in unended(connection) if not owner.is_dead(now))


def elsewhere(connection: Connection, now: datetime) -> str | None:
    """The name of another machine whose process works on this ledger, for all that can be known; None when none does."""
    here = host_name()
    return next((one.host for one in unended(connection) if one.host != here and now <= one.seen_at + LEASE), None)


def bury_dead(connection: Connection, clock: Clock) -> list[str]:
    """End every owner that is proven dead and free its lanes; return their ids."""
    found = dead(connection, clock.now())
    for owner_id in found:
        end(connection, owner_id, clock)
    return found


def last_run_before(connection: Connection, owner_id: str) -> datetime | None:
    """When any other run was last at work; None when none ever was."""
    return instant(first(connection, "SELECT max(seen_at) FROM owners WHERE id <> :id", id=owner_id))


def newest(connection: Connection, now: datetime) -> dict[str, Any] | None:
    """The process that was seen last, with `dead` when it is proven to be gone; None when none ever ran."""
    found = select(connection, Owner, "FROM owners ORDER BY seen_at DESC LIMIT 1")
    return {**asdict(found[0]), "dead": found[0].is_dead(now)} if found else None
