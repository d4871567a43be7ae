"""A document's values with the place of each: what the models are built from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from ..campaign.written import CutText, read_language
from ..source import Broken, Document, Mapping, Node, Scalar, Sequence, shown
from .loaded import Path_

BARE_HASH = "a bare # starts a comment in YAML: nothing is left of the value"
BARE_HASH_HELP = (
    "Hashtags are written without #, as in MigrantsDay; a text that begins with # is written as a block text: |"
)


class Missing:
    """Stands in the values where a fault was reported already."""


MISSING = Missing()
PROSE = frozenset({"text", "alt", "title", "description", "warning", "credit", "editions", "names"})
"""What stands under one of these names may be as long as a text."""
LONGEST_VALUE = 2_000
LONGEST_TEXT = 500_000
"""Twenty times what the platform with the longest posts takes."""


class Found(NamedTuple):
    """A fault of a file, with its path until its place is looked up; `key` when it lies in the name, not the value."""

    path: Path_
    code: str
    message: str
    help: str = ""
    key: bool = False
    warning: bool = False


@dataclass(slots=True, eq=False)
class Tree:
    """`values` as dicts, lists and texts; `places` and `keys` give (line, column) of values and names, from 1.

    `may_be_empty` says at which paths nothing needs to be written.
    """

    document: Document
    may_be_empty: Callable[[Path_], bool] = lambda _: False
    values: Any = None
    faults: list[Found] = field(default_factory=list)
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    dropped: list[tuple[tuple[int, int], Path_]] = field(default_factory=list)
    """Places and paths of names that the reader refused."""

    def __post_init__(self) -> None:
        root = self.document.root
        if root is not None:
            self.places[()] = (root.start.line + 1, root.start.column + 1)
            self.values = self._value(root, (), None)

    def path_of(self, location: tuple[str | int, ...]) -> tuple[Path_, bool]:
        """Return the path that pydantic's location means, without what validation put in, and if a name is meant."""
        path: Path_ = ()
        value: Any = self.values
        for step in location:
            if not _holds(value, step):
                continue
            path, value = (*path, step), value[step]
        return path, bool(location) and location[-1] == "[key]"

    def at(self, path: Path_) -> Any:
        """Return the value at a path that exists."""
        value = self.values
        for step in path:
            value = value[step]
        return value

    def position(self, found: Found) -> tuple[int, int]:
        path = found.path
        if found.key and path in self.keys:
            return self.keys[path]
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def _value(self, node: Node, path: Path_, indent: int | None) -> Any:
        if type(node) is Scalar:
            return self._scalar(node, path, indent)
        if type(node) is Mapping:
            self.dropped += [((mark.line + 1, mark.column + 1), (*path, name)) for mark, name in node.dropped]
            return {name: self._entry(name, key, value, path) for name, (key, value) in node.items.items()}
        if type(node) is Sequence:
            return self._items(node, path)
        return MISSING

    def _entry(self, name: str, key: Scalar, value: Node, parent: Path_) -> Any:
        path = (*parent, name)
        place = (key.start.line + 1, key.start.column + 1)
        by_value = type(value) is Broken or (type(value) is Scalar and not value.empty and not self._is_block(value))
        self.keys[path] = place
        self.places[path] = (value.start.line + 1, value.start.column + 1) if by_value else place
        if (canonical := _canonical(name)) is not None:
            self.places[(*parent, canonical)] = self.places[path]
            self.keys[(*parent, canonical)] = place
        return self._value(value, path, key.start.column)

    def _items(self, node: Sequence, parent: Path_) -> list[Any]:
        values = []
        for index, item in enumerate(node.items):
            path = (*parent, index)
            self.places[path] = (item.start.line + 1, item.start.column + 1)
            values.append(self._value(item, path, None if node.flow else node.start.column))
        if node.flow and (comment := self._comment_within(node)) and values and type(values[-1]) is str:
            values[-1] = _cut(values[-1], comment)
        return values

    def _scalar(self, node: Scalar, path: Path_, indent: int | None) -> Any:
        if not node.empty:
            longest = LONGEST_VALUE if PROSE.isdisjoint(path) else LONGEST_TEXT
            if len(node.value) > longest:
                message = f"{len(node.value):,} characters stand here, at most {longest:,} are read"
                self.faults.append(Found(path, "too-long", message, "Shorten it, and check the name of the key."))
                return MISSING
            lost = self.document.lost_after(node, indent)
            return node.value if lost is None else _cut(node.value, lost)
        if self.may_be_empty(path):
            return None
        if self.document.comment_at(node, indent) is not None:
            self.faults.append(Found(path, "bare-hash", BARE_HASH, BARE_HASH_HELP))
        else:
            what = f'"{shown(path[-1])}" has no value' if path and isinstance(path[-1], str) else "nothing stands here"
            self.faults.append(Found(path, "empty-value", what, "Write one, or delete the line."))
        return MISSING

    def _is_block(self, node: Scalar) -> bool:
        return not node.plain and self.document.lines[node.start.line][node.start.column :][:1] in ("|", ">")

    def _comment_within(self, node: Sequence) -> str | None:
        """Return a line of a list in brackets that is a comment: a hashtag, most likely."""
        inner = self.document.lines[node.start.line + 1 : node.end.line]
        return next((line.strip() for line in inner if line.lstrip().startswith("#")), None)


def _holds(value: Any, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _cut(value: str, lost: str) -> CutText:
    text = CutText(value)
    text.lost = lost
    return text


def _canonical(name: str) -> str | None:
    """Return the canonical spelling of a language, None when the name is none or is canonical already."""
    if "-" not in name and name.islower():
        return None
    try:
        canonical = read_language(name)
    except PydanticCustomError:
        return None
    return None if canonical == name else canonical
