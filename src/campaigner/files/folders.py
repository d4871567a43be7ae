"""Which files are campaign files: those of the first level of a folder, without what editors and syncs leave there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import spelled
from ..source import Fault

SUFFIXES = (".yaml", ".yml")


class Listed(NamedTuple):
    """A file to read, or a `fault` instead. `fault_if_absent` is None when it was found in a folder: it may vanish."""

    path: Path
    shown_as: str
    fault_if_absent: Fault | None = None
    fault: Fault | None = None


def list_files(paths: Iterable[Path], folder: Path) -> list[Listed]:
    """Return every file of `paths` once, each folder's sorted by name; a path that is not there is a fault."""
    found: dict[Path, Listed] = {}
    for path in paths:
        for listed in _of(folder / path, folder):
            found.setdefault(listed.path, listed)
    return list(found.values())


def _of(path: Path, folder: Path) -> Iterator[Listed]:
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        fault = Fault(1, 1, "unreadable", f"this cannot be read: {reason}", "Check who may read it.")
        yield Listed(path, shown_as(path, folder), fault=fault)
        return
    if inside is None:
        help_ = "Check the name and the folder."
        message = "this link leads nowhere" if path.is_symlink() else "there is no such file or folder"
        yield Listed(path, shown_as(path, folder), fault_if_absent=Fault(1, 1, "not-found", message, help_))
        return
    for file in inside:
        if is_campaign(file.name):
            yield from _of(file, folder) if file.is_symlink() and not file.exists() else [_listed(file, folder)]


def _listed(path: Path, folder: Path) -> Listed:
    return Listed(path, shown_as(path, folder))


def is_campaign(name: str) -> bool:
    """Tell a campaign file from hidden files, and from what editors, synced folders and macOS put beside it."""
    return name.endswith(SUFFIXES) and not name.startswith((".", "~", "#")) and ".sync-conflict" not in name


def shown_as(path: Path, folder: Path) -> str:
    """Return the path relative to the working directory, where it lies inside, spelled: a name may hold anything."""
    try:
        return spelled(str(path.relative_to(folder)))
    except ValueError:
        return spelled(str(path))
