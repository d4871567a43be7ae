"""Ledger: one open ledger, its reads and its durable writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import sqlalchemy as sa

from ..clock import Clock
from ..errors import SurroundingsError
from . import backup, damage, database, deliveries, owners, tables
from .damage import Damaged
from .database import DATABASE_FAULTS
from .owners import OwnerLock
from .writer import Writer

T = TypeVar("T")
Connection = sa.Connection
"""A transaction, as the functions of this room take it; other rooms need not know whose it is."""


class Ledger:
    """What has happened. `read` sees the last commit, `write` returns after its own; both take a function of a connection.

    Raises SurroundingsError for every fault of the database: locked, damaged, read-only, disk full.
    """

    def __init__(self, path: Path, engine: sa.Engine, clock: Clock, *, read_only: bool) -> None:
        self.path = path
        self.clock = clock
        self.read_only = read_only
        self._engine = engine
        self._writer = None if read_only else Writer(engine, path)
        self._lock: OwnerLock | None = None
        self._scratch: TemporaryDirectory[str] | None = None
        self.damaged: Sequence[Damaged] = ()
        """Entries that were damaged when it was opened. They are set right: of each post among them a person must decide."""

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Ledger:
        """Open or create the ledger at `path`; an older or a newer schema is refused."""
        database.holds_ledger(path)
        engine = database.connect(path)
        try:
            with engine.connect() as connection:
                database.prepare_schema(connection)
            damaged = _mended(engine, path, clock)
        except DATABASE_FAULTS as error:
            engine.dispose()
            raise database.explain(error, path) from error
        except SurroundingsError:
            engine.dispose()
            raise
        ledger = cls(path, engine, clock, read_only=False)
        ledger.damaged = damaged
        return ledger

    @classmethod
    def open_read_only(cls, path: Path, clock: Clock) -> Ledger | None:
        """Open an existing ledger for looking; None when there is none."""
        if not database.holds_ledger(path):
            return None
        ledger = cls(path, database.connect(path, read_only=True), clock, read_only=True)
        found = ledger.read(database.schema_version)
        if found == tables.SCHEMA_VERSION:
            return ledger._mended_copy() if ledger.read(damage.find) else ledger
        ledger.close()
        if found is not None:
            raise database.wrong_schema(found)
        return None

    def _mended_copy(self) -> Ledger:
        """The same with its damaged entries set right, for looking: the file itself stays as it is."""
        scratch = TemporaryDirectory(prefix="campaigner-")
        copy = Path(scratch.name) / "ledger.db"
        self.copy_to(copy)
        self.close()
        engine = database.connect(copy)
        ledger = Ledger(self.path, engine, self.clock, read_only=True)
        ledger._scratch = scratch
        with engine.connect() as connection:
            ledger.damaged = damage.mend(connection, self.clock.now())
            database.direct(connection).execute("PRAGMA query_only=1")
        return ledger

    def read(self, question: Callable[[sa.Connection], T]) -> T:
        """Answer a question from one consistent snapshot."""
        try:
            with self._engine.connect() as connection:
                database.direct(connection).execute("BEGIN")
                # With the connection, its transaction is let go.
                return question(connection)
        except DATABASE_FAULTS as error:
            self._refuse_when_upgraded()
            raise database.explain(error, self.path) from error
        except (TypeError, ValueError, OverflowError) as error:
            self._refuse_when_damaged(error)
            raise

    def write(self, change: Callable[[sa.Connection], T]) -> T:
        """Make a change durable, then return its result."""
        return self.begin_write(change).result()

    def begin_write(self, change: Callable[[sa.Connection], T]) -> Future[T]:
        """Let a change become durable; its result is there afterwards. A `write` that comes later is durable later."""
        if self._writer is None:
            raise SurroundingsError(f"the ledger {self.path} is open for reading only")
        return self._writer.begin(change)

    def _refuse_when_upgraded(self) -> None:
        """A question that the tables no longer answer is answered with what happened to them."""
        with suppress(*DATABASE_FAULTS), self._engine.connect() as connection:
            database.check_schema(connection)

    def _refuse_when_damaged(self, error: Exception) -> None:
        """What was damaged while this process ran is set right when the ledger is opened again."""
        with suppress(*DATABASE_FAULTS), self._engine.connect() as connection:
            found = damage.find(connection)
            if found:
                raise SurroundingsError(str(found[0]), hint="start campaigner again: the other posts go on") from error

    @property
    def owner_id(self) -> str:
        """The id of this process in the ledger; `enter` comes first."""
        if self._lock is None:
            raise SurroundingsError("this process has not entered the ledger")
        return self._lock.id

    def enter(self, engine: str) -> None:
        """Register this process as an owner, with a lock that proves that it lives."""
        try:
            self._lock = OwnerLock(self.path.parent / "owners")
        except OSError as error:
            raise SurroundingsError(f"no lock can be made beside the ledger: {error.strerror}") from error
        lock = self._lock
        self.write(lambda connection: owners.register(connection, lock, engine, self.clock))

    def _leave(self, connection: Connection, owner_id: str) -> None:
        """The end of this process. What it could not record is in doubt from now on, not in nobody's hands for ever."""
        owners.end(connection, owner_id, self.clock)
        deliveries.recover(connection, self.clock.now())

    def copy_to(self, target: Path) -> None:
        """A consistent copy while others write; the copy lacks nothing that was committed before."""
        database.create_privately(target)
        try:
            database.copy_pages(self._engine, target)
        except DATABASE_FAULTS as error:
            raise database.explain(error, target) from error

    def close(self) -> None:
        """End this process's ownership and let go of the file; safe to call twice."""
        if self._lock is not None:
            lock, self._lock = self._lock, None
            # What fails now the next process finds: the lock, once gone, proves the end just as well.
            with suppress(SurroundingsError):
                self.write(lambda connection: self._leave(connection, lock.id))
            lock.release()
        if self._writer is not None:
            self._writer.close()
        self._engine.dispose()
        if self._scratch is not None:
            self._scratch.cleanup()


def _mended(engine: sa.Engine, path: Path, clock: Clock) -> Sequence[Damaged]:
    """Set damaged entries right, and keep the ledger as it was among its backups."""
    with engine.connect() as connection:
        if not damage.find(connection):
            return ()
        now = clock.now()
        folder = backup.default_folder(path)
        database.create_folder(folder)
        kept = folder / f"{path.stem}-damaged-{now:%Y%m%dT%H%M%S%fZ}{path.suffix}"
        database.create_privately(kept)
        database.copy_pages(engine, kept)
        database.direct(connection).execute("BEGIN IMMEDIATE")
        found = damage.mend(connection, now)
        database.direct(connection).execute("COMMIT")
        return found
