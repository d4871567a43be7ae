"""Tokens that a platform hands out: kept 0600, one refresh at a time across processes, saved before they are used."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .. import private_files
from ..errors import SurroundingsError

LOCK_TRIES, LOCK_STEP_SECONDS = 250, 0.2
"""Whoever holds the lock makes two calls at the most: 50 seconds are enough for all but a stopped process."""


class TokenStore:
    """The tokens of one account in a file of its own; in memory only where no folder is given."""

    def __init__(self, folder: Path | None, account: str, *, lock_tries: int = LOCK_TRIES) -> None:
        self._folder = folder / "tokens" if folder is not None else None
        self._name = account
        self._lock_tries = lock_tries
        self._memory: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Keep other processes from refreshing meanwhile: whoever comes second finds the first one's tokens.

        False when another process has kept the lock for all the time that one may wait. Raises SurroundingsError when no
        lock can be made.
        """
        if self._folder is None:
            yield True
            return
        try:
            self._make_folder(self._folder)
            descriptor = private_files.open_kept(self._folder / f"{self._name}.lock")
        except OSError as error:
            raise self._not_saved(self._folder, error) from error
        try:
            yield _is_taken(descriptor, self._lock_tries)
        finally:
            os.close(descriptor)

    def load(self) -> dict[str, str]:
        """What was saved last; empty when nothing was, or when the file is damaged: then one signs in again."""
        if self._folder is None:
            return dict(self._memory)
        try:
            found = json.loads(private_files.read(self._folder / f"{self._name}.json"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def save(self, tokens: Mapping[str, str]) -> None:
        """Make the tokens durable before anybody uses them; raises SurroundingsError when that can't be done."""
        self._memory = dict(tokens)
        if self._folder is None:
            return
        try:
            self._write(self._folder, json.dumps(dict(tokens)))
        except OSError as error:
            raise self._not_saved(self._folder, error) from error

    def _not_saved(self, folder: Path, error: OSError) -> SurroundingsError:
        message = f"the tokens of account {self._name} can't be saved: {error.strerror}"
        return SurroundingsError(message, hint=f"Is there room, and may one write to {folder}?")

    def _write(self, folder: Path, text: str) -> None:
        self._make_folder(folder)
        private_files.write(folder / f"{self._name}.json", text)

    def _make_folder(self, folder: Path) -> None:
        for path in (folder.parent.resolve(), folder):
            private_files.make_folder(path)


def _is_taken(descriptor: int, tries: int) -> bool:
    pause = threading.Event()
    for _ in range(tries):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(LOCK_STEP_SECONDS)
        else:
            return True
    return False
