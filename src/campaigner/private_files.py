"""Files that only their owner may read: made so whatever the umask, and never through a link that somebody has left there."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 16_000_000


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, and close one that is open to others: what its owner may do there stays as it is.

    Raises OSError, also for a link.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        mode = os.fstat(descriptor).st_mode
        if mode & 0o077:
            os.fchmod(descriptor, mode & 0o700)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """The same for a folder and for the one that it is in, which may be a link."""
    make_folder(folder.parent.resolve())
    make_folder(folder)


def open_new(path: Path) -> int:
    """A descriptor of a new file; raises FileExistsError when there is anything of that name."""
    return _private(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600))


def open_kept(path: Path, flags: int = 0) -> int:
    """A descriptor of a file that is kept, made when there is none; raises OSError for a link and for what is no file."""
    descriptor = _private(os.open(path, os.O_CREAT | os.O_NOFOLLOW | os.O_RDWR | os.O_NONBLOCK | flags, 0o600))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(0, "it is no file")


def write(path: Path, text: str) -> None:
    """Put a whole new file in the place of what is there, a link too; durable when this returns."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(open_new(fresh), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> bytes:
    """What a file holds, up to a bound; raises OSError for a link and for what is no file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no file")
        return file.read(MOST_BYTES)


def _private(descriptor: int) -> int:
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
        os.fchmod(descriptor, 0o600)
    return descriptor
