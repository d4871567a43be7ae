"""Which files are campaign files: those of the first level of a folder, without what editors and syncs leave there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import Place, Problem, Severity, nearest, spelled

PlaceOf = Callable[[Path], Place]
SUFFIXES = (".yaml", ".yml")


class Listed(NamedTuple):
    """A file to read, or a `problem` instead. `if_absent` is None when it was found in a folder: it may vanish."""

    path: Path
    shown_as: str
    if_absent: Problem | None = None
    problem: Problem | None = None


def list_files(paths: Iterable[Path], folder: Path, place_of: PlaceOf | None = None) -> list[Listed]:
    """Return every file of `paths` once, each folder's sorted by name; a path that is not there is a fault.

    `place_of`: where a path is written.
    """
    found: dict[Path, Listed] = {}
    for path in paths:
        for listed in _of(folder / path, folder, place_of):
            found.setdefault(listed.path, listed)
    return list(found.values())


def _of(path: Path, folder: Path, place_of: PlaceOf | None = None) -> Iterator[Listed]:
    name = shown_as(path, folder)
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        help_ = "Check who may read it."
        yield Listed(path, name, problem=Problem(Place(name), "unreadable", f"this cannot be read: {reason}", help_))
        return
    if inside is None:
        place = Place(name) if place_of is None or path.exists() else place_of(path)
        yield Listed(path, name, if_absent=_absent(path, name, place))
        return
    for file in inside:
        if is_campaign(file.name):
            is_dead_link = file.is_symlink() and not file.exists()
            yield from _of(file, folder) if is_dead_link else [Listed(file, shown_as(file, folder))]


def _absent(path: Path, name: str, place: Place) -> Problem:
    if path.is_symlink():
        return Problem(place, "not-found", "this link leads nowhere", "Check the name and the folder.")
    try:
        beside = sorted(other.name for other in path.parent.iterdir() if not other.name.startswith("."))
    except OSError:
        beside = []
    near = nearest(path.name, beside[:MOST_LOOKED_AT])
    help_ = f"Did you mean {spelled(near)}?" if near else "Check the name, or make it."
    return Problem(place, "not-found", f"there is no file or folder {name}", help_)


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
