"""The one writer of a process: many threads' changes in one durable commit.

A burst of posts would otherwise wait for the disk twice a post. Each turn runs all waiting changes inside one
BEGIN IMMEDIATE transaction, commits once, and only then lets the callers go on: nobody acts on a change that could be lost.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from ..errors import SurroundingsError
from .database import DATABASE_FAULTS, check_schema, direct, explain

T = TypeVar("T")
Change = Callable[[sa.Connection], T]
MOST_AT_ONCE = 256


class Writer:
    """Runs changes on a thread of its own, in the order in which they come."""

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._file = _file_at(path)
        self._waiting: queue.SimpleQueue[tuple[Change[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._closed = False
        self._thread.start()

    def begin(self, change: Change[T]) -> Future[T]:
        """Run `change` in a transaction, after all that were given before; its result is there after the commit."""
        if self._closed:
            raise SurroundingsError("the ledger is closed")
        future: Future[T] = Future()
        self._waiting.put((change, future))
        return future

    def close(self) -> None:
        """Finish what is waiting, then end the thread."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            try:
                with self._engine.connect() as connection:
                    self._commit(connection, batch)
            except DATABASE_FAULTS as error:
                _fail(batch, explain(error, self._path))

    def _next_batch(self) -> list[tuple[Change[Any], Future[Any]]] | None:
        first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
            following = self._waiting.get()
            if following is None:
                self._waiting.put(None)
                break
            batch.append(following)
        return batch

    def _commit(self, connection: sa.Connection, batch: list[tuple[Change[Any], Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        try:
            direct(connection).execute("BEGIN IMMEDIATE")
            self._check_place()
            check_schema(connection)
            for number, (change, future) in enumerate(batch):
                self._run_one(connection, change, future, done, f"change_{number}")
            direct(connection).execute("COMMIT")
        except (*DATABASE_FAULTS, SurroundingsError) as error:
            self._roll_back(connection)
            _fail(batch, error if isinstance(error, SurroundingsError) else explain(error, self._path))
            return
        finally:
            # SQLAlchemy's own idea of a transaction, begun by the first statement, is let go with every batch.
            connection.rollback()
        for future, result in done:
            future.set_result(result)

    def _check_place(self) -> None:
        """A file that was deleted or replaced still takes what is written, and nobody would ever find it again."""
        found = _file_at(self._path)
        if found == self._file:
            return
        what = "replaced by another file" if found else "deleted or moved away"
        raise SurroundingsError(
            f"the ledger {self._path} was {what} while campaigner worked with it: nothing more is sent",
            hint="end every campaigner, put the ledger back (or a backup of it), and start again",
        )

    def _run_one(
        self,
        connection: sa.Connection,
        change: Change[Any],
        future: Future[Any],
        done: list[tuple[Future[Any], Any]],
        savepoint: str,
    ) -> None:
        execute = direct(connection).execute
        execute(f"SAVEPOINT {savepoint}")
        try:
            done.append((future, change(connection)))
        except (sqlite3.OperationalError, sa.exc.OperationalError):
            raise
        except Exception as error:
            execute(f"ROLLBACK TO {savepoint}")
            future.set_exception(explain(error, self._path) if isinstance(error, DATABASE_FAULTS) else error)
        execute(f"RELEASE {savepoint}")

    def _roll_back(self, connection: sa.Connection) -> None:
        try:
            direct(connection).execute("ROLLBACK")
        except DATABASE_FAULTS:
            connection.invalidate()


def _file_at(path: Path) -> tuple[int, int] | None:
    """What tells this file from any other, whatever it is called; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _fail(batch: list[tuple[Change[Any], Future[Any]]], error: SurroundingsError) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
