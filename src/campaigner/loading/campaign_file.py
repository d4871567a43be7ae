"""CampaignFile: one campaign file as it was read, with its models, its faults and the place of every value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..campaign.campaign import Campaign
from ..campaign.kinds import INVALID, Path_, Reading
from ..errors import Place, Problem, Severity
from ..strict_yaml import Document, Mark, Node, UnreadableFileError, place_of, read_bytes
from ..strict_yaml import read as read_yaml

__all__ = ["CampaignFile", "Path_", "open_document", "read_model"]


@dataclass(frozen=True, kw_only=True)
class CampaignFile:
    """`campaign` is None when a fault outside its messages holds all of it back; messages with a fault of their own
    are left out of it and stand in `faulty`. `places` has where each value begins.
    """

    id: str
    path: Path
    shown_as: str
    sha256: str
    campaign: Campaign | None
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[str] = frozenset()
    places: Mapping[Path_, Mark] = field(default_factory=dict)

    @cached_property
    def folder(self) -> Path:
        """Where it lies: what it names is meant from there."""
        return self.path.parent

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`, else of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return place_of(self.places.get(path), self.shown_as)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def open_document(path: Path, file: str) -> Document:
    """Read a YAML file, `file` being its name as shown; what can't be read is a problem, unless it is not there.

    Raises FileNotFoundError.
    """
    try:
        return read_yaml(read_bytes(path, file), file)
    except FileNotFoundError:
        raise
    except OSError as error:
        return Document(None, (unreadable(file, error),))
    except UnreadableFileError as error:
        return Document(None, (error.problem,))


def unreadable(file: str, error: OSError) -> Problem:
    """What the system said when a file was to be read."""
    reason = (error.strerror or type(error).__name__).lower()
    return Problem(Place(file), "unreadable", f"the file cannot be read: {reason}")


def read_model(read: Callable[[Node, Path_, int | None, Reading], Any], reading: Reading) -> Any:
    """The model that a whole file is, None when a fault holds it back; its problems are `reading.problems`, in order.

    `read` is that of its kind.
    """
    document = reading.document
    reading.problems += document.problems
    found = INVALID
    if document.root is not None:
        reading.places[()] = document.root.start_mark
        found = read(document.root, (), None, reading)
    reading.problems.sort(key=lambda problem: problem.place)
    return None if found is INVALID or None in reading.faulty else found
