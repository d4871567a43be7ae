"""Strict YAML: nodes that know their place, every scalar as its text, and a refusal in plain words for each trap.

The only door to PyYAML. It reads the events of the C parser with a builder of its own: nothing is typed (`no`,
`10:30` and `010` stay text, the field decides), no tags, bounded size, depth, aliases and number of values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from yaml import events
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError

from .decoding import (
    FORBIDDEN,
    MAX_BYTES,
    MOST_MARKS,
    Fault,
    SourceError,
    StopReadingError,
    decode,
    read_bytes,
    too_many_marks,
)
from .traps import BLOCK, explain

__all__ = [
    "MAX_BYTES",
    "Broken",
    "Document",
    "Fault",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "SourceError",
    "nearest",
    "plain",
    "plain_values",
    "read",
    "read_bytes",
    "shown",
]

MAX_DEPTH = 40
NEVER_NEEDED = "A campaign file never needs that much."
MAX_ALIASES = 1_000
MAX_VALUES = 100_000
"""Names and values of one file, each counted as often as aliases repeat it."""
MAX_ITEMS = 1_000
"""Values of one list, names of one mapping: what compares each with each stays quick."""
MAX_ENTRIES = 5_000
"""Names of a mapping at the top of a file: a whole year's messages may stand there."""
MAX_NAME = 1_000
"""Characters of a name: a variant's may list accounts."""

LONGEST_TYPED = 60
"""Characters of a name that somebody mistyped: to compare longer ones takes the square of their length."""

_SCALAR: Any = events.ScalarEvent
_SEQUENCE_END: Any = events.SequenceEndEvent
_MAPPING_END: Any = events.MappingEndEvent
_INVISIBLE = re.compile("[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u202a-\u202f\u205f-\u2069\u3000]")


class Mark(Protocol):
    """Where something begins or ends; both count from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(slots=True, eq=False)
class Scalar:
    """A text as written; `plain` when no quotes or block sign protect it, `empty` when nothing at all stands there."""

    value: str
    start: Mark
    end: Mark
    plain: bool

    @property
    def size(self) -> int:
        """How much it counts where an alias repeats it."""
        return 1 + len(self.value) // 100

    @property
    def empty(self) -> bool:
        return self.plain and not self.value


@dataclass(slots=True, eq=False)
class Sequence:
    """A list, in order."""

    items: list[Node]
    start: Mark
    end: Mark
    flow: bool
    size: int = 1


@dataclass(slots=True, eq=False)
class Mapping:
    """`items` gives for each name its own node and the node of its value, in the file's order.

    `dropped` holds the places and names that were refused, "" for one that is no text.
    """

    items: dict[str, tuple[Scalar, Node]]
    start: Mark
    end: Mark
    flow: bool
    size: int = 1
    dropped: list[tuple[Mark, str]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Broken:
    """Stands where a fault was reported already, so that nobody reports it again."""

    start: Mark
    end: Mark

    size = 1


Node = Scalar | Sequence | Mapping | Broken


class Document(NamedTuple):
    """One file as read. `root` is None when it could not be read to its end; `faults` stand in the file's order."""

    root: Node | None
    faults: tuple[Fault, ...] = ()
    lines: tuple[str, ...] = ()
    written_below: Sequence_[int] = ()
    """For each line the next one that is not blank; the number of lines when none is."""

    def lost_after(self, scalar: Scalar, indent: int | None) -> str | None:
        """Return the comment that cuts an unprotected text short, else None.

        `indent` is the column of the text's key: a comment line further in than that is taken for text too.
        """
        if not scalar.plain or not scalar.value:
            return None
        rest = self._rest(scalar.end)
        if rest.strip():
            return rest.strip() if re.match(r"[ \t]+#", rest) else None
        return None if indent is None else self._comment_below(scalar.end.line, indent)

    def comment_at(self, scalar: Scalar, indent: int | None) -> str | None:
        """Return the comment that stands where the value of an empty scalar was wanted, else None."""
        rest = self._rest(scalar.end).strip(" \t:-?")
        if rest:
            return rest if rest.startswith("#") else None
        return None if indent is None else self._comment_below(scalar.end.line, indent)

    def _rest(self, mark: Mark) -> str:
        """Return what follows on the line; an empty value may stand behind the last one."""
        return self.lines[mark.line][mark.column :] if mark.line < len(self.lines) else ""

    def _comment_below(self, line: int, indent: int) -> str | None:
        below = self.written_below[line] if line < len(self.lines) else len(self.lines)
        if below == len(self.lines):
            return None
        text = self.lines[below]
        found = text.lstrip(" ")
        return found if found.startswith("#") and len(text) - len(found) > indent else None


def read(content: bytes) -> Document:
    """Read one YAML file; every fault is reported in the Document, nothing is raised."""
    lines: tuple[str, ...] = ()
    try:
        text = decode(content)
        lines = tuple(text.split("\n"))
        builder = _Builder(CParser(text).get_event)
        root = builder.document()
    except StopReadingError as stop:
        return Document(None, (stop.fault,), lines)
    except MarkedYAMLError as error:
        return Document(None, (_explained(error, lines),), lines)
    except YAMLError as error:
        return Document(None, (Fault(1, 1, "yaml-syntax", f"this is no YAML: {error}"),), lines)
    faults = tuple(sorted(builder.faults, key=lambda fault: (fault.line, fault.column)))
    return Document(root, faults, lines, _written_below(lines))


def _written_below(lines: Sequence_[str]) -> Sequence_[int]:
    """Found once for the whole file: many values may stand above the same thousands of blank lines."""
    below, found = len(lines), [0] * len(lines)
    for number in range(len(lines) - 1, -1, -1):
        found[number] = below
        if lines[number].strip(" "):
            below = number
    return found


def plain_values(content: bytes) -> Any:
    """Return dicts, lists, texts and None (nothing written), for files of the package itself.

    The same strict reading; numbers stay text. The first fault is raised as SourceError.
    """
    document = read(content)
    if document.faults or document.root is None:
        raise SourceError(document.faults[0])
    return plain(document.root)


def plain(node: Node) -> Any:
    """Return a node as dicts, lists, texts and None (nothing written, or broken)."""
    if type(node) is Scalar:
        return node.value if node.value or not node.plain else None
    if type(node) is Mapping:
        return {name: plain(value) for name, (_, value) in node.items.items()}
    if type(node) is Sequence:
        return [plain(item) for item in node.items]
    return None


def _explained(error: MarkedYAMLError, lines: tuple[str, ...]) -> Fault:
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    at = (mark.line, mark.column) if mark else (0, 0)
    if "nesting depth" in (error.problem or ""):  # newer parsers look ahead on a line, and end at a thousand
        return _too_deep(*at)
    where = (context.line, context.column) if context else None
    line, column, code, message, help_ = explain(lines, f"{error.context or ''} {error.problem or ''}", at, where)
    if line >= len(lines) or (line == len(lines) - 1 and not lines[line] and line):
        line, column = where or (max(len(lines) - 2, 0), 0)
    return Fault(line + 1, column + 1, code, message, help_)


def _too_deep(line: int, column: int) -> Fault:
    return Fault(line + 1, column + 1, "too-deep", f"more than {MAX_DEPTH} levels are nested", NEVER_NEEDED)


@dataclass(slots=True, eq=False)
class _Anchor:
    node: Node | None
    start: Mark
    used: bool = False


@dataclass(slots=True, eq=False)
class _Builder:
    """Builds the nodes of one document from the C parser's events, and collects what it refuses."""

    _next: Callable[[], Any]
    faults: list[Fault] = field(default_factory=list)
    _anchors: dict[str, _Anchor] = field(default_factory=dict)
    _aliases: int = 0
    _values: int = 0

    def document(self) -> Node:
        self._next()
        event = self._next()
        if isinstance(event, events.StreamEndEvent):
            raise StopReadingError(Fault(1, 1, "empty-file", "the file is empty"))
        if event.tags or event.version:
            self._fault(event.start_mark, "tag", "a line that begins with % is no part of a campaign", "Delete it.")
        root = self._node(self._next(), 1)
        self._next()
        event = self._next()
        if not isinstance(event, events.StreamEndEvent):
            help_ = "Put it into a file of its own, and delete the line ---."
            self._fault(event.start_mark, "second-document", "a second document begins at ---", help_)
        for anchor in self._anchors.values():
            self._unused(anchor)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        self._values += 1
        if self._values > MAX_VALUES:
            self._stop(event.start_mark, "too-many-values", f"the file holds more than {MAX_VALUES:,} values")
        if (kind := type(event)) is _SCALAR and event.anchor is None and event.tag is None:
            return self._scalar(event)
        return self._rarer(event, kind, depth)

    def _rarer(self, event: Any, kind: type, depth: int) -> Node:
        """A collection, a reference, or a scalar with a name or a type."""
        if kind is events.AliasEvent:
            return self._alias(event)
        anchor = event.anchor
        if anchor is not None:
            self._begin_anchor(anchor, event.start_mark)
        node: Node = self._scalar(event) if kind is events.ScalarEvent else self._collection(event, kind, depth)
        if event.tag is not None:
            node = self._tagged(event)
        if anchor is not None:
            self._anchors[anchor].node = node
        return node

    def _scalar(self, event: Any) -> Node:
        value = event.value
        style = event.style
        if not value.isascii():
            if too_many_marks(value) is not None:
                message = f"more than {MOST_MARKS} accents stand on one letter"
                self._fault(event.start_mark, "combining-marks", message, "Delete the letter, and type it again.")
                return Broken(event.start_mark, event.end_mark)
            value = unicodedata.normalize("NFC", value)
        if style == '"' and (found := FORBIDDEN.search(value)):
            message = f"an escape in the quotes makes a control character (U+{ord(found[0]):04X})"
            self._fault(event.start_mark, "control-character", message, "Delete it, or write the text as a block text.")
            return Broken(event.start_mark, event.end_mark)
        return Scalar(value, event.start_mark, event.end_mark, not style)

    def _collection(self, event: Any, kind: type, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise StopReadingError(_too_deep(event.start_mark.line, event.start_mark.column))
        return self._mapping(event, depth) if kind is events.MappingStartEvent else self._sequence(event, depth)

    def _sequence(self, start: Any, depth: int) -> Node:
        items: list[Node] = []
        size = 1
        while type(event := self._next()) is not _SEQUENCE_END:
            node = self._node(event, depth + 1)
            size += node.size
            items.append(node)
            if len(items) > MAX_ITEMS:
                self._stop(node.start, "too-many-values", f"a list of more than {MAX_ITEMS:,} values stands here")
        return Sequence(items, start.start_mark, event.end_mark, bool(start.flow_style), size)

    def _mapping(self, start: Any, depth: int) -> Node:
        items: dict[str, tuple[Scalar, Node]] = {}
        dropped: list[tuple[Mark, str]] = []
        size, most = 1, MAX_ENTRIES if depth <= 2 else MAX_ITEMS
        while type(event := self._next()) is not _MAPPING_END:
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            size += key.size + value.size
            if type(key) is not Scalar:
                self._no_key(key)
                dropped.append((key.start, ""))
            elif (name := key.value) in items or not name.isascii() or not 0 < len(name) <= MAX_NAME:
                self._odd_key(key, value, items, dropped)
            else:
                items[name] = (key, value)
            if len(items) + len(dropped) > most:
                self._stop(key.start, "too-many-values", f"more than {most:,} names stand in one list of names")
        if start.flow_style and items and all(type(value) is Scalar and value.empty for _, value in items.values()):
            message = "a text that begins with { is taken for a list of names and values"
            self._fault(start.start_mark, "quote-needed", message, BLOCK)
            return Broken(start.start_mark, event.end_mark)
        return Mapping(items, start.start_mark, event.end_mark, bool(start.flow_style), size, dropped)

    def _no_key(self, key: Node) -> None:
        if type(key) is not Broken:
            self._fault(key.start, "quote-needed", "a name was wanted before the colon, a list stands there", BLOCK)

    def _odd_key(
        self, key: Scalar, value: Node, items: dict[str, tuple[Scalar, Node]], dropped: list[tuple[Mark, str]]
    ) -> None:
        """Take a name that is not plain ASCII, or refuse one that is empty, invisible in part, or there before."""
        name = key.value
        if not name:
            self._fault(key.start, "yaml-syntax", "a name is missing before the colon", "Write the key's name.")
        elif len(name) > MAX_NAME:
            message = f"a name of {len(name):,} characters stands before the colon"
            self._fault(key.start, "too-long", message, f"Names have {MAX_NAME:,} characters at most.")
        elif found := _INVISIBLE.search(name):
            message = f"an invisible character (U+{ord(found[0]):04X}) stands in the name or before it"
            help_ = "Delete the spaces before and in the name, and type them again."
            self._fault(key.start, "invisible-character", message, help_)
        elif name in items:
            first = items[name][0].start.line + 1
            message = f'"{shown(name)}" stands here twice, first in line {first}'
            self._fault(key.start, "duplicate-key", message, "Keep one of them.")
        else:
            items[name] = (key, value)
            return
        dropped.append((key.start, name))

    def _begin_anchor(self, name: str, start: Mark) -> None:
        if name in self._anchors:
            self._unused(self._anchors[name])
        self._anchors[name] = _Anchor(None, start)

    def _unused(self, anchor: _Anchor) -> None:
        """A name for a text that nothing refers to was meant as text: `&more` would be lost in silence."""
        if not anchor.used and isinstance(anchor.node, Scalar):
            message = "a text that begins with & is taken for a name to refer to, and that word is lost"
            self._fault(anchor.start, "quote-needed", message, BLOCK)

    def _alias(self, event: Any) -> Node:
        anchor = self._anchors.get(event.anchor)
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._stop(event.start_mark, "alias", f"more than {MAX_ALIASES:,} references with * are used")
        if anchor is None:
            self._fault(event.start_mark, "quote-needed", "a text that begins with * is taken for a reference", BLOCK)
            return Broken(event.start_mark, event.end_mark)
        anchor.used = True
        if anchor.node is None:
            self._stop(event.start_mark, "alias", "a reference with * stands inside what it refers to")
            raise AssertionError
        self._values += anchor.node.size
        return _at(anchor.node, event)

    def _tagged(self, event: Any) -> Broken:
        message = "a text that begins with ! is taken for a type, and types are refused"
        self._fault(event.start_mark, "tag", message, f"Delete the word with the !, or: {BLOCK}")
        return Broken(event.start_mark, event.start_mark)

    def _fault(self, mark: Mark, code: str, message: str, help_: str) -> None:
        self.faults.append(Fault(mark.line + 1, mark.column + 1, code, message, help_))

    def _stop(self, mark: Mark, code: str, message: str) -> None:
        raise StopReadingError(Fault(mark.line + 1, mark.column + 1, code, message, NEVER_NEEDED))


def _at(node: Node, event: Any) -> Node:
    """Return the node that an alias names, standing where the alias stands; what cut a text short, cuts it here too."""
    start, end = event.start_mark, event.end_mark
    if type(node) is Scalar:
        return Scalar(node.value, start, node.end, node.plain)
    if type(node) is Sequence:
        return Sequence(node.items, start, end, flow=False, size=node.size)
    if type(node) is Mapping:
        return Mapping(node.items, start, end, flow=False, size=node.size)
    return Broken(start, end)


def nearest(name: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """Return the name that is most like one that is not known; what is too long to be one is like none."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1, cutoff) if len(name) <= LONGEST_TYPED else []
    return near[0] if near else None


def shown(value: str, most: int = 40) -> str:
    """Return a value fit for one line of an error message: shortened, without line breaks."""
    line = " ".join(value[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1] + "…"
