"""Which files are campaign files: those of the first level of a folder, without what editors and syncs leave there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import Place, Problem, Severity, spelled

SUFFIXES = (".yaml", ".yml")


class Listed(NamedTuple):
    """A file to read, or a `problem` instead. `if_absent` is None when it was found in a folder: it may vanish."""

    path: Path
    shown_as: str
    if_absent: Problem | None = None
    problem: Problem | None = None


def list_files(paths: Iterable[Path], folder: Path) -> list[Listed]:
    """Return every file of `paths` once, each folder's sorted by name; a path that is not there is a fault."""
    found: dict[Path, Listed] = {}
    for path in paths:
        for listed in _of(folder / path, folder):
            found.setdefault(listed.path, listed)
    return list(found.values())


def _of(path: Path, folder: Path) -> Iterator[Listed]:
    name = shown_as(path, folder)
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        help_ = "Check who may read it."
        yield Listed(path, name, problem=Problem(Place(name), "unreadable", f"this cannot be read: {reason}", help_))
        return
    if inside is None:
        message = "this link leads nowhere" if path.is_symlink() else "there is no such file or folder"
        yield Listed(path, name, if_absent=Problem(Place(name), "not-found", message, "Check the name and the folder."))
        return
    for file in inside:
        if is_campaign(file.name):
            is_dead_link = file.is_symlink() and not file.exists()
            yield from _of(file, folder) if is_dead_link else [Listed(file, shown_as(file, folder))]


def is_campaign(name: str) -> bool:
    """Tell a campaign file from hidden files, and from what editors, synced folders and macOS put beside it."""
    return name.endswith(SUFFIXES) and not name.startswith((".", "~", "#")) and ".sync-conflict" not in name


def shown_as(path: Path, folder: Path) -> str:
    """Return the path relative to the working directory, where it lies inside, spelled: a name may hold anything."""
    try:
        return spelled(str(path.relative_to(folder)))
    except ValueError:
        return spelled(str(path))


MOST_FILES_WATCHED = 5000


def stat_of_all(files: Iterable[Path], folders: Iterable[Path]) -> str:
    """One word for the state of these files, and of everything in these folders."""
    words = [stat_of(path) for path in (*files, *(inside for folder in folders for inside in _below(folder)))]
    # A name in another encoding than ours comes with its odd bytes as half characters.
    return hashlib.sha256("\n".join(sorted(words)).encode("utf-8", "surrogateescape")).hexdigest()


def stat_of(path: Path) -> str:
    """One word for a file's name, time and size, and for which one of that name it is."""
    try:
        found = path.stat()
    except OSError:
        return f"{path} absent"
    return f"{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _below(place: Path) -> Iterator[Path]:
    """The place itself, and every file and folder in it, up to a bound."""
    yield place
    count = 0
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            count += 1
            if count > MOST_FILES_WATCHED:
                return
            yield Path(folder, name)


PUT_ASIDE = ("~", ".bak", ".disabled", ".off", ".old", ".orig", ".part", ".swp", ".tmp")
"""What editors, downloads and people put behind the name of a file that nobody shall read."""
MOST_LOOKED_AT = 2000


def not_read(paths: Iterable[Path], folder: Path) -> Iterator[Problem]:
    """What lies in these folders, was meant as a campaign and is none: a wrong ending, a folder below."""
    for place in (folder / path for path in paths):
        seen = 0
        for inside, folders, names in os.walk(place):
            folders[:] = sorted(name for name in folders if not name.startswith((".", "~", "_")))
            seen += len(names)
            if seen > MOST_LOOKED_AT:
                return
            for path in (Path(inside, name) for name in sorted(names)):
                if Path(inside) != place and is_campaign(path.name):
                    yield _not_read(path, folder, "it lies in a subfolder", f"Move it to {shown_as(place, folder)}.")
                elif _has_odd_ending(path.name):
                    why = f"its name ends in {path.suffix}"
                    yield _not_read(path, folder, why, "Rename it, so that it ends in .yaml.")


def _has_odd_ending(name: str) -> bool:
    folded = name.casefold()
    if name.endswith(SUFFIXES) or folded.startswith((".", "~", "#")) or folded.endswith(PUT_ASIDE):
        return False
    return any(f"{suffix}." in f"{folded}." or f"{suffix} " in folded for suffix in SUFFIXES)


def _not_read(path: Path, folder: Path, why: str, help: str) -> Problem:
    place = Place(shown_as(path, folder))
    message = f"this file is not read: {why}"
    return Problem(place=place, code="not-read", message=message, help=help, severity=Severity.WARNING)
