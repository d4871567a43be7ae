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
        self._file = folder / "tokens" / f"{account}.json" if folder is not None else None
        self._name = account
        self._lock_tries = lock_tries
        self._memory: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from refreshing meanwhile: whoever comes second finds the first one's tokens.

        Raises SurroundingsError when no lock can be made, and when another process keeps it for longer than one may wait.
        """
        if self._file is None:
            yield
            return
        with self._writing(self._file) as folder:
            descriptor = private_files.open_kept(folder / f"{self._name}.lock")
        try:
            if not _is_taken(descriptor, self._lock_tries):
                raise SurroundingsError("another process of campaigner is signing in")
            yield
        finally:
            os.close(descriptor)

    def load(self) -> dict[str, str]:
        """What was saved last; empty when nothing was, or when the file is damaged: then one signs in again."""
        if self._file is None:
            return dict(self._memory)
        try:
            found = json.loads(private_files.read(self._file))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def save(self, tokens: Mapping[str, str]) -> None:
        """Make the tokens durable before anybody uses them; raises SurroundingsError when that can't be done."""
        self._memory = dict(tokens)
        if self._file is not None:
            with self._writing(self._file):
                private_files.write(self._file, json.dumps(self._memory))

    @contextmanager
    def _writing(self, file: Path) -> Iterator[Path]:
        """In the folder of this file, made when there is none."""
        try:
            private_files.make_folders(file.parent)
            yield file.parent
        except OSError as error:
            message = f"the tokens of account {self._name} can't be saved: {error.strerror}"
            raise SurroundingsError(message, hint=f"Is there room, and may one write to {file.parent}?") from error


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
