"""Ledger: one open ledger, its reads and its durable writes."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from ..clock import Clock
from ..errors import RefusedError, SurroundingsError
from . import damage, deliveries, runs, sqlite
from .damage import Damaged
from .lock import LedgerLock
from .models import Run
from .tables import Connection

__all__ = ["Connection", "Ledger"]
T = TypeVar("T")
Tell = Callable[[str], None]
UNREADABLE = (TypeError, ValueError, OverflowError)
"""What is raised where a value is read that is none of its column."""


def _nobody(_: str) -> None:
    """Gets what nobody needs to be told."""


class Ledger:
    """What has happened. `read` sees the last commit, `write` returns after its own; both take a function of a connection.

    One connection, which one thread has at a time. Raises SurroundingsError for every fault of the database: locked,
    damaged, read-only, disk full.
    """

    def __init__(
        self, path: Path, connection: Connection, clock: Clock, *, read_only: bool, tell: Tell = _nobody
    ) -> None:
        self.path = path
        self.clock = clock
        self.read_only = read_only
        self.connection = connection
        """For whoever is in a transaction of this ledger, on the same thread."""
        self._alone = threading.RLock()
        self._is_reading = False
        self._file = sqlite.file_at(path)
        self._lock: LedgerLock | None = None
        self._run: Run | None = None
        self._is_at_work = False
        self.is_all_recorded = False
        """True when this run has nothing in hand any more: then there is nothing to take over at its end."""
        self._seen_version: object = None
        self._version: object = None
        self._is_checked = False
        self.run_id = uuid.uuid4().hex
        """What this process is called in the attempts that it makes."""
        self.idle_since: datetime | None = None
        """When the run before this one was last at work; None when there was none."""
        self.at_work_since = clock.now()
        """Since when runs have followed each other without a gap."""
        self._closing = ExitStack()
        self._tell = tell

    @classmethod
    def open(cls, path: Path, clock: Clock, tell: Tell = _nobody) -> Ledger:
        """Open or create the ledger at `path`; an older or a newer schema is refused.

        `tell` gets each entry that is found to be damaged and was set right: of a post a person must decide.
        """
        sqlite.holds_ledger(path)
        with sqlite.explained(path):
            ledger = cls(path, sqlite.connect(path), clock, read_only=False, tell=tell)
        ledger._make_ready()
        return ledger

    @classmethod
    def open_read_only(cls, path: Path, clock: Clock, tell: Tell = _nobody) -> Ledger | None:
        """Open an existing ledger for looking; None when there is none."""
        if not sqlite.holds_ledger(path):
            return None
        with sqlite.explained(path), ExitStack() as stack:
            connection = stack.enter_context(sqlite.connected_for_reading(path))
            ledger = cls(path, connection, clock, read_only=True, tell=tell)
            ledger._closing = stack.pop_all()
        return ledger if ledger._make_ready() else None

    def _make_ready(self) -> bool:
        """False for a file without tables, where none may be made. Closes the file again where it can't be used."""
        try:
            with sqlite.explained(self.path, self.connection):
                self._version = sqlite.data_version(self.connection)
                if not sqlite.prepare_schema(self.connection, may_create=not self.read_only):
                    self.close()
                    return False
                self._is_checked = True
                self._set_right()
                return True
        except SurroundingsError:
            self.close()
            raise

    def _set_right(self, *, everywhere: bool = False) -> Sequence[Damaged]:
        """Set damaged entries right where there are any: in the ledger, which is kept as it was among its backups, or,
        where it is only looked at, in a copy. Returns what was damaged.
        """
        if not self._answer(partial(damage.find, everywhere=everywhere)):
            return ()
        now = self.clock.now()
        if self.read_only:
            from tempfile import TemporaryDirectory

            copy = Path(self._closing.enter_context(TemporaryDirectory(prefix="campaigner-"))) / "ledger.db"
            self.copy_to(copy)
            self.connection = self._closing.enter_context(closing(sqlite.connect(copy)))
            mended = damage.mend(self.connection, now)
            self.connection.execute("PRAGMA query_only=1")
        else:
            from . import backup

            name = f"{self.path.stem}-damaged-{now:%Y%m%dT%H%M%S%fZ}{self.path.suffix}"
            self.copy_to(backup.default_folder(self.path) / name)
            with self.transaction() as connection:
                mended = damage.mend(connection, now)
                connection.answers.clear()
        for damaged in mended:
            self._tell(str(damaged))
        return mended

    def read(self, question: Callable[[Connection], T]) -> T:
        """Answer a question from one consistent snapshot: inside this thread's transaction, from what it has written."""
        with self._alone, sqlite.explained(self.path, self.connection):
            if self.connection.in_transaction:
                return question(self.connection)
            try:
                return self._answer(question)
            except UNREADABLE:
                if not self._set_right(everywhere=True):
                    raise
                return self._answer(question)

    def _answer(self, question: Callable[[Connection], T]) -> T:
        self.connection.execute("BEGIN")
        self._is_reading = True
        try:
            self._follow_others()
            return question(self.connection)
        finally:
            self._is_reading = False
            self.connection.execute("ROLLBACK")

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change durable, then return its result."""
        with self.transaction() as connection:
            return change(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable change of many: what is read and written inside, by the same thread, belongs to it.

        It is durable at its end, and undone by any exception; so is a `write` inside, by its own alone.
        """
        if self.read_only:
            raise SurroundingsError(f"the ledger {self.path} is open for reading only")
        with self._alone, sqlite.explained(self.path, self.connection):
            if self._is_reading:
                raise RuntimeError("a question changes nothing")
            is_inner = self.connection.in_transaction
            self.connection.execute("SAVEPOINT change" if is_inner else "BEGIN IMMEDIATE")
            try:
                if not is_inner:
                    self._check_file()
                yield self.connection
                self.connection.execute("RELEASE change" if is_inner else "COMMIT")
            except BaseException as error:
                self._undo(is_inner)
                if isinstance(error, UNREADABLE) and not is_inner:
                    self._refuse_damaged(error)
                raise

    def _check_file(self) -> None:
        """It is the one that was opened; and nobody has upgraded it since, if anybody else has written at all."""
        sqlite.check_place(self.path, self._file)
        self._follow_others()
        if not self._is_checked:
            sqlite.check_schema(sqlite.schema_version(self.connection))
            self._is_checked = True

    def _follow_others(self) -> None:
        """When another connection has written since this was asked last, what was answered and checked before is old."""
        before, self._version = self._version, sqlite.data_version(self.connection)
        if before != self._version:
            self.connection.answers.clear()
            self._is_checked = False

    def _undo(self, is_inner: bool) -> None:
        """Some faults have undone the whole already."""
        self.connection.answers.clear()
        for statement in ("ROLLBACK TO change", "RELEASE change") if is_inner else ("ROLLBACK",):
            if self.connection.in_transaction:
                self.connection.execute(statement)

    def _refuse_damaged(self, error: BaseException) -> None:
        """What is found to be damaged while this process runs is set right; what it was about to do is not done."""
        found = self._set_right(everywhere=True)
        if found:
            raise SurroundingsError(str(found[0]), hint="start campaigner again: the other posts go on") from error

    def has_changed(self) -> bool:
        """True when somebody else has written since this was asked last."""
        with self._alone, sqlite.explained(self.path, self.connection):
            before, self._seen_version = self._seen_version, sqlite.data_version(self.connection)
            return before != self._seen_version

    def enter(self, engine: str, *, is_play: bool = False) -> bool:
        """Take the lock of this ledger, so that this process alone sends; False while another one has it.

        Raises RefusedError for a copy of a ledger that is at work elsewhere, unless it `is_play` and nothing is sent.
        """
        lock = LedgerLock(self.path)
        try:
            if not lock.take():
                return False
        except OSError as error:
            raise SurroundingsError(f"no lock can be made beside the ledger: {error.strerror}") from error
        self._lock, before, now = lock, self.read(runs.last), self.clock.now()
        if not is_play and runs.is_elsewhere(before, lock.id, now):
            raise RefusedError(
                "the ledger was in use in another place, on this machine or another, within the last ten minutes: it is a "
                "copy, and both would post",
                hint="stop campaigner there; ten minutes after it was last seen, this one takes over",
            )
        self.idle_since = None if before is None else before.seen_at
        self.at_work_since = runs.at_work_since(before, now)
        self._run = Run(
            place="",
            pid=os.getpid(),
            engine=engine,
            started_at=now,
            seen_at=now,
            at_work_since=self.at_work_since,
        )
        return True

    def note_at_work(self, *, ends: bool = False) -> None:
        """Say that this run lives, or that it `ends`; inside a transaction.

        At first it takes over what a run that is gone has left, whatever that one said of its end. What it could not record
        itself is in doubt from its end on, not in nobody's hands for ever.
        """
        now = self.clock.now()
        assert self._lock is not None
        assert self._run is not None
        if not self._is_at_work or (ends and not self.is_all_recorded):
            deliveries.recover(self.connection, now)
            self._is_at_work = True
        ended_at = now if ends else None
        runs.note(self.connection, replace(self._run, place=self._lock.write_id(), seen_at=now, ended_at=ended_at))

    def copy_to(self, target: Path) -> None:
        """A consistent copy while others write; the copy lacks nothing that was committed before."""
        sqlite.create_privately(target)
        with self._alone, sqlite.explained(target):
            sqlite.copy_pages(self.connection, target)

    def close(self) -> None:
        """End this run and let go of the file; safe to call twice."""
        if self._lock is not None:
            if self._is_at_work:
                # What fails now the next run finds: the lock, once free, proves the end just as well.
                with suppress(SurroundingsError):
                    self.write(lambda _: self.note_at_work(ends=True))
            self._lock.release()
            self._lock = None
        with self._alone:
            self.connection.close()
            self._closing.close()
