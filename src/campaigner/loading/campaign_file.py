"""CampaignFile: one campaign file as it was read, with its models, its faults and the place of every value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..campaign.campaign import Campaign
from ..campaign.kinds import INVALID, Reading
from ..errors import Place, Problem, Severity
from ..strict_yaml import Document, Mark, Node, UnreadableFileError, marks_in, place_of, read_bytes
from ..strict_yaml import read as read_yaml

Path_ = tuple[str | int, ...]
"""Where a value stands in a file: ("messages", "evening", "text", "fi")."""


MOST_LINES = 200
"""Lines of a text among which words are looked for."""


class Places:
    """Where the values of a file stand, worked out when that is first asked: most files have no fault."""

    def __init__(self, read: Callable[[], Document], file: str) -> None:
        """`read` gives what stands in it."""
        self._read, self._file = read, file

    @cached_property
    def _document(self) -> Document:
        return self._read()

    @cached_property
    def by_path(self) -> Mapping[Path_, Mark]:
        """Line and column from 0; names in small letters."""
        return dict(marks_in(self._document.root))

    def of(self, path: Path_) -> Place:
        """The place of the value at `path`, else of the nearest thing around it."""
        path = tuple([step.lower() if isinstance(step, str) else step for step in path])
        while path and path not in self.by_path:
            path = path[:-1]
        return place_of(self.by_path[path], self._file) if path else Place(self._file)

    def of_words(self, path: Path_, words: str) -> Place:
        """The place of words in the text at `path`; of the text itself, where it does not stand as its lines have it."""
        place = self.of(path)
        for number, line in enumerate(self._document.lines[place.line - 1 :][:MOST_LINES], place.line):
            at = line.find(words, place.column - 1 if number == place.line else 0)
            if at >= 0:
                return Place(self._file, number, at + 1)
        return place


@dataclass(frozen=True, kw_only=True)
class CampaignFile:
    """`campaign` is None when a fault outside its messages holds all of it back; messages with a fault of their own
    are left out of it and stand in `faulty`.
    """

    id: str
    path: Path
    shown_as: str
    sha256: str
    campaign: Campaign | None
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[str] = frozenset()
    places: Places

    @cached_property
    def folder(self) -> Path:
        """Where it lies: what it names is meant from there."""
        return self.path.parent

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`, else of the nearest thing around it."""
        return self.places.of(path)

    def problem(
        self,
        path: Path_,
        code: str,
        message: str,
        help: str = "",
        severity: Severity = Severity.ERROR,
        message_id: str | None = None,
        *,
        words: str = "",
        account: str | None = None,
        language: str | None = None,
    ) -> Problem:
        """A problem of the value at `path`, or of words in it."""
        place = self.places.of_words(path, words) if words else self.places.of(path)
        return Problem(place, code, message, help, severity, self.id, message_id, account, language)

    def variant_as_written(self, message_id: str, names: tuple[str, ...]) -> str:
        """The names of a variant as they stand in the file: "x,bluesky" or "x, bluesky"."""
        for path in self.places.by_path:
            if path[:3:2] == ("messages", "variants") and len(path) == 4 and path[1] == message_id:
                written = str(path[3])
                if tuple(name.strip() for name in written.split(",")) == names:
                    return written
        return ",".join(names)

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


def read_model(read: Callable[[Node, Any, Reading], Any], reading: Reading) -> Any:
    """The model that a whole file is, None when a fault holds it back; its problems are `reading.problems`, in order.

    `read` is that of its kind.
    """
    document = reading.document
    reading.problems += document.problems
    found = INVALID
    if document.root is not None:
        found = read(document.root, None, reading)
    reading.problems.sort(key=lambda problem: problem.place)
    return None if found is INVALID or None in reading.faulty else found
