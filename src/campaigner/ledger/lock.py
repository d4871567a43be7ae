"""The ledger's lock: who has it, sends. The kernel lets go of it when its process dies, whatever the machine is called.

In the file beside the ledger stands a random id that the ledger knows too. Where it does not, the ledger is a copy of one
that may still be at work elsewhere.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from pathlib import Path

from .. import private_files

TRIES, PAUSE_SECONDS = 4, 0.05
"""Whoever only looks whether the lock is free has it for a moment."""


class LedgerLock:
    """The lock of one ledger. Held from `take` to `release`, or until the process is gone; the file stays."""

    def __init__(self, ledger: Path) -> None:
        self.path = path_of(ledger)
        self._descriptor = -1
        self.id = ""
        """What stands in the file; empty when nobody has written there yet."""

    def take(self) -> bool:
        """Take the lock; False while another process has it. Raises OSError where no lock can be had."""
        self._descriptor = private_files.open_kept(self.path)
        pause = threading.Event()
        for _ in range(TRIES):
            if _is_ours(self._descriptor):
                self.id = os.pread(self._descriptor, 100, 0).decode("ascii", "replace").strip()
                return True
            pause.wait(PAUSE_SECONDS)
        self.release()
        return False

    def write_id(self) -> str:
        """Give the ledger in this place an id of its own, when there is none yet."""
        if not self.id:
            self.id = uuid.uuid4().hex
            os.pwrite(self._descriptor, f"{self.id}\n".encode(), 0)
            os.fsync(self._descriptor)
        return self.id

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def path_of(ledger: Path) -> Path:
    """Where the lock of a ledger lies."""
    return ledger.with_name(f"{ledger.name}.lock")


def is_free(ledger: Path) -> bool:
    """True when no process of this machine works on a ledger."""
    return is_free_at(path_of(ledger))


def is_free_at(path: Path) -> bool:
    """True when nobody has the lock of this file, or there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        return _is_ours(descriptor)
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
