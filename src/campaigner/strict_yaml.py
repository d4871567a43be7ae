"""Strict YAML: nodes that know their place, every scalar as its text, and a refusal in plain words for each trap.

The only door to PyYAML. It reads the events of the C parser with a builder of its own: nothing is typed (`no`,
`10:30` and `010` stay text, the field decides), no tags; bytes, depth, aliases and number of values are bounded.
"""

from __future__ import annotations

import codecs
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn, Protocol

from yaml import events
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError

from .errors import Place, Problem, may_be_secret, shown
from .yaml_hints import BLOCK, INVISIBLE, explain, no_dash, slip

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
TOO_DEEP = f"more than {MAX_DEPTH} levels are nested"
MAX_ALIASES = 1_000
MAX_VALUES = 100_000
"""Names and values of one file, each counted as often as aliases repeat it."""
MAX_ITEMS = 1_000
"""Values of one list, names of one mapping: what compares each with each stays quick."""
MAX_ENTRIES = 5_000
"""Names of a mapping at the top of a file: a whole year's messages may stand there."""
MAX_NAME = 1_000
"""Characters of a name: a variant's may list accounts."""
LONGEST_TEXT = 500_000
"""Characters of a value: twenty times what the platform with the longest posts takes."""
MOST_MARKS = 30
"""Combining marks in a row: Unicode's bound for a stream. To compose a text takes the square of a longer row."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_FAR_FROM_LATIN = re.compile("[^\x00-\u02ff]{31,}")
_SEQUENCE_END: Any = events.SequenceEndEvent
_MAPPING_END: Any = events.MappingEndEvent

Scalar: Any = events.ScalarEvent
"""A text as written: its `value`, and a `style` that is empty when no quotes or block sign protect it."""


class Mark(Protocol):
    """Where something begins or ends; both count from 0, the column in code points."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def place_of(mark: Mark, file: str) -> Place:
    """A mark as people count, `file` being its name as shown."""
    return Place(file, mark.line + 1, mark.column + 1)


class UnreadableFileError(Exception):
    """The file cannot be read, or no further; carries the Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.place}: {problem.message}")
        self.problem = problem


class Sequence:
    """A list, in order; `flow` when it stands in brackets."""

    __slots__ = ("end_mark", "flow", "items", "start_mark")

    def __init__(self, items: list[Any], start: Mark, end: Mark, *, flow: bool) -> None:
        self.items, self.start_mark, self.end_mark, self.flow = items, start, end, flow


class Mapping:
    """`items` gives for each name its own node and the node of its value, in the file's order.

    `dropped` holds the places and names that were refused, "" for one that is no text.
    """

    __slots__ = ("dropped", "end_mark", "items", "start_mark")

    def __init__(
        self,
        items: dict[str, tuple[Any, Any]],
        start: Mark,
        end: Mark,
        dropped: tuple[tuple[Mark, str], ...] = (),
    ) -> None:
        self.items, self.start_mark, self.end_mark, self.dropped = items, start, end, dropped


class Broken:
    """Stands where a fault was reported already, so that nobody reports it again."""

    __slots__ = ("end_mark", "start_mark")

    def __init__(self, start: Mark, end: Mark) -> None:
        self.start_mark, self.end_mark = start, end


Node = Any
"""A Scalar, Sequence, Mapping or Broken; each has `start_mark` and `end_mark`."""


class Document:
    """One file as read. `root` is None when it could not be read to its end; `problems` stand in the file's order."""

    def __init__(self, root: Node, problems: tuple[Problem, ...] = (), lines: tuple[str, ...] = ()) -> None:
        self.root, self.problems, self.lines = root, problems, lines

    def lost_after(self, scalar: Any, indent: int | None) -> str | None:
        """Return the comment that cuts an unprotected text short, else None.

        `indent` is the column of the text's key: a comment line further in than that is taken for text too.
        """
        if scalar.style or not scalar.value:
            return None
        rest = self._rest(scalar.end_mark)
        if rest.strip():
            return rest.strip() if re.match(r"[ \t]+#", rest) else None
        return None if indent is None else self._comment_below(scalar.end_mark.line, indent)

    def begins_below(self, scalar: Any, mistyped: str) -> bool:
        """True for a text whose first line is one of these characters alone."""
        if scalar.value[1:2] != " " or scalar.value[0] not in mistyped:
            return False
        return bool(self.lines[scalar.start_mark.line][scalar.start_mark.column :].strip() == scalar.value[0])

    def comment_at(self, scalar: Any, indent: int | None) -> str | None:
        """Return the comment that stands where the value of an empty scalar was wanted, else None."""
        rest = self._rest(scalar.end_mark).strip(" \t:-?")
        if rest:
            return rest if rest.startswith("#") else None
        return None if indent is None else self._comment_below(scalar.end_mark.line, indent)

    def slip_within(self, node: Node, name: str = "") -> Problem | None:
        """A space that is missing, or is none, below the first line of a value: what follows it was swallowed.

        `name` is that of the key which was swallowed, where it is known.
        """
        first = node.start_mark.line + (not name and not node.value.startswith("-"))
        for number in range(first, min(node.end_mark.line + 1, len(self.lines))):
            if self.lines[number].lstrip(" -").startswith(name) and (found := slip(self.lines[number])):
                column, code, message, help_ = found
                return Problem(Place("", number + 1, column + 1), code, message, help_)
        dashless = no_dash(self.lines, node.start_mark.line, min(node.end_mark.line, len(self.lines) - 1))
        return None if name or dashless is None else Problem(Place("", dashless[0] + 1, dashless[1] + 1), *dashless[2:])

    def comment_within(self, node: Sequence) -> str | None:
        """Return a line of a list in brackets that is a comment: a hashtag, most likely."""
        inner = self.lines[node.start_mark.line + 1 : node.end_mark.line] if node.flow else ()
        return next((line.strip() for line in inner if line.lstrip().startswith("#")), None)

    def _rest(self, mark: Mark) -> str:
        """Return what follows on the line; an empty value may stand behind the last one."""
        return self.lines[mark.line][mark.column :] if mark.line < len(self.lines) else ""

    def _comment_below(self, line: int, indent: int) -> str | None:
        if line + 1 >= len(self.lines):
            return None
        text = self.lines[line + 1]
        if not text.strip(" "):
            below = self._written_below[line]
            text = self.lines[below] if below < len(self.lines) else ""
        found = text.lstrip(" ")
        return found if found.startswith("#") and len(text) - len(found) > indent else None

    @cached_property
    def _written_below(self) -> list[int]:
        """For each line the next one that is not blank; the number of lines when none is.

        Found once for the whole file: many values may stand above the same thousands of blank lines.
        """
        below, found = len(self.lines), [0] * len(self.lines)
        for number in range(len(self.lines) - 1, -1, -1):
            found[number] = below
            if self.lines[number].strip(" "):
                below = number
        return found


def read(content: bytes, file: str = "") -> Document:
    """Read one YAML file, `file` being its name as shown; every problem is in the Document, nothing is raised."""
    lines: tuple[str, ...] = ()
    try:
        text = decode(content, file)
        lines = tuple(text.split("\n"))
        builder = _Builder(CParser(text).get_event, file, is_sound=_holds_sound_texts(text))
        root = builder.document()
    except UnreadableFileError as error:
        return Document(None, (error.problem,), lines)
    except MarkedYAMLError as error:
        if "Unicode character escape" in (error.problem or "") and (paired := _paired(text)) != text:
            return read(paired.encode(), file)
        return Document(None, (_explained(error, lines, file),), lines)
    except YAMLError as error:
        return Document(None, (Problem(Place(file), "yaml-syntax", f"this is no YAML: {error}"),), lines)
    return Document(root, tuple(sorted(builder.problems, key=lambda problem: problem.place)), lines)


def _holds_sound_texts(text: str) -> bool:
    """True when every text of a file is in NFC and of a length to be read, which so need not be asked of each.

    NFC is closed under taking a part of a text; only an escape makes another.
    """
    is_plain = len(text) <= LONGEST_TEXT and "\\" not in text and too_many_marks(text) is None
    return is_plain and unicodedata.is_normalized("NFC", text)


def _paired(text: str) -> str:
    r"""The text with both halves of a character, as JSON writes it (`\ud83d\ude00`), in YAML's one escape."""

    def whole(pair: re.Match[str]) -> str:
        character = bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be")
        return f"\\U{ord(character):08X}"

    return re.sub(r"(?<!\\)\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})", whole, text)


def plain(node: Node) -> Any:
    """Return a node as dicts, lists, texts and None (nothing written, broken, or no node at all)."""
    if type(node) is Mapping:
        return {name: plain(value) for name, (_, value) in node.items.items()}
    if type(node) is Sequence:
        return [plain(item) for item in node.items]
    return None if type(node) is not Scalar or is_empty(node) else node.value


def is_empty(node: Node) -> bool:
    """Tell whether nothing at all stands there."""
    return type(node) is Scalar and not node.value and not node.style


def start_of(name: Any, node: Node) -> Mark:
    """Where a value stands for people: what spans lines, and what is not there, at its name.

    `name` is the node of its name; anything else for a value that has none.
    """
    is_short = type(node) is Broken or (type(node) is Scalar and not is_empty(node) and node.style not in ("|", ">"))
    mark: Mark = (node if is_short or type(name) is not Scalar else name).start_mark
    return mark


def marks_in(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Mark]]:
    """Where each value inside a node stands, by its path: names in small letters, for pt-br may stand for pt-BR."""
    found: Iterable[tuple[str | int, Any, Node]] = ()
    if type(node) is Mapping:
        found = ((name.lower(), key, value) for name, (key, value) in node.items.items())
    elif type(node) is Sequence:
        found = ((index, None, item) for index, item in enumerate(node.items))
    for step, key, value in found:
        yield (*path, step), start_of(key, value)
        yield from marks_in(value, (*path, step))


def _explained(error: MarkedYAMLError, lines: tuple[str, ...], file: str) -> Problem:
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    at = (mark.line, mark.column) if mark else (0, 0)
    if "nesting depth" in (error.problem or ""):  # newer parsers look ahead on a line, and end at a thousand
        return _too_much(Place(file, at[0] + 1, at[1] + 1), "too-deep", TOO_DEEP).problem
    where = (context.line, context.column) if context else None
    line, column, code, message, help_ = explain(lines, f"{error.context or ''} {error.problem or ''}", at, where)
    if line >= len(lines) or (line == len(lines) - 1 and not lines[line] and line):
        line, column = where or (max(len(lines) - 2, 0), 0)
    return Problem(Place(file, line + 1, column + 1), code, message, help_)


class _Anchor:
    """A node that others refer to: None until it is built, its size 0 until somebody does."""

    def __init__(self, start: Mark) -> None:
        self.node: Node | None = None
        self.start, self.size = start, 0


class _Builder:
    """Builds the nodes of one document from the C parser's events, and collects what it refuses."""

    def __init__(self, next_event: Callable[[], Any], file: str, *, is_sound: bool) -> None:
        self._next, self._file, self._is_sound = next_event, file, is_sound
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Anchor] = {}
        self._aliases = self._values = 0

    def document(self) -> Node:
        self._next()
        event = self._next()
        if isinstance(event, events.StreamEndEvent):
            raise UnreadableFileError(Problem(Place(self._file), "empty-file", "the file is empty"))
        if event.tags or event.version:
            self._refuse(event.start_mark, "tag", "a line that begins with % is no part of a campaign", "Delete it.")
        root = self._node(self._next(), 1)
        self._next()
        event = self._next()
        if not isinstance(event, events.StreamEndEvent):
            help_ = "Put it into a file of its own, and delete the line ---."
            self._refuse(event.start_mark, "second-document", "a second document begins at ---", help_)
        for anchor in self._anchors.values():
            self._unused(anchor)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if (kind := type(event)) is Scalar and event.anchor is None and event.tag is None:
            return event if self._is_sound else self._checked(event)
        if kind is events.AliasEvent:
            return self._alias(event)
        anchor = event.anchor
        if anchor is not None:
            self._begin_anchor(anchor, event.start_mark)
        if kind is Scalar:
            node = self._checked(event)
        elif depth > MAX_DEPTH:
            self._stop(event.start_mark, "too-deep", TOO_DEEP)
        else:
            node = self._mapping(event, depth) if kind is events.MappingStartEvent else self._sequence(event, depth)
        if event.tag is not None:
            node = self._tagged(event)
        if anchor is not None:
            self._anchors[anchor].node = node
        return node

    def _checked(self, event: Any) -> Node:
        """The scalar in NFC; a Broken where it holds what no text may."""
        if len(event.value) > LONGEST_TEXT:
            message = f"{len(event.value):,} characters stand here, at most {LONGEST_TEXT:,} are read"
            return self._broken(event, "too-long", message, "Shorten it, and check the name of the key.")
        if too_many_marks(event.value) is not None:
            message = f"more than {MOST_MARKS} accents stand on one letter"
            return self._broken(event, "combining-marks", message, "Delete the letter, and type it again.")
        event.value = unicodedata.normalize("NFC", event.value)
        if event.style == '"' and (found := FORBIDDEN.search(event.value)):
            message = f"an escape in the quotes makes a control character (U+{ord(found[0]):04X})"
            return self._broken(event, "control-character", message, "Delete it, or write the text as a block text.")
        return event

    def _sequence(self, start: Any, depth: int) -> Node:
        items: list[Node] = []
        while type(event := self._next()) is not _SEQUENCE_END:
            told_before = len(self.problems)
            items.append(item := self._node(event, depth + 1))
            if type(item) is Mapping and item.dropped:
                self._say_dashless(item, told_before)
            if len(items) > MAX_ITEMS:
                message = f"a list of more than {MAX_ITEMS:,} values stands here"
                self._stop(event.start_mark, "too-many-values", message)
        self._count(len(items), start.start_mark)
        return Sequence(items, start.start_mark, event.end_mark, flow=bool(start.flow_style))

    def _mapping(self, start: Any, depth: int) -> Node:
        items: dict[str, tuple[Any, Node]] = {}
        dropped: list[tuple[Mark, str]] = []
        most = MAX_ENTRIES if depth <= 2 else MAX_ITEMS
        while type(event := self._next()) is not _MAPPING_END:
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if type(key) is not Scalar:
                self._no_key(key)
                dropped.append((key.start_mark, ""))
            elif (name := key.value) in items or not name.isascii() or not 0 < len(name) <= MAX_NAME:
                self._odd_key(key, value, items, dropped)
            else:
                items[name] = (key, value)
            if len(items) + len(dropped) > most:
                message = f"more than {most:,} names stand in one list of names"
                self._stop(key.start_mark, "too-many-values", message)
        self._count(2 * len(items), start.start_mark)
        if start.flow_style and items and all(map(is_empty, [value for _, value in items.values()])):
            message = "a text that begins with { is taken for a list of names and values"
            is_list = len(items) > 1 and all(
                re.fullmatch(r"[\w.-]{1,40}", name) and not may_be_secret(name) for name in items
            )
            help_ = f"Write [{', '.join(items)}], a list in brackets." if is_list else BLOCK
            self._refuse(start.start_mark, "quote-needed", message, help_)
            return Broken(start.start_mark, event.end_mark)
        return Mapping(items, start.start_mark, event.end_mark, tuple(dropped))

    def _say_dashless(self, item: Mapping, told_before: int) -> None:
        """Of names that stand twice in an item of a list the first is told: most likely another item begins there."""
        twice = {place_of(mark, self._file): name for mark, name in item.dropped if name in item.items}
        told = [one for one in self.problems[told_before:] if one.code == "duplicate-key" and one.place in twice]
        if told:
            others = [one for one in self.problems[told_before:] if one.place not in twice]
            help_ = f"If another item of the list begins here, write - {twice[told[0].place]}: else keep one of them."
            self.problems[told_before:] = [told[0]._replace(help=help_), *others]

    def _no_key(self, key: Node) -> None:
        if type(key) is not Broken:
            self._refuse(
                key.start_mark, "quote-needed", "a name was wanted before the colon, a list stands there", BLOCK
            )

    def _odd_key(
        self, key: Any, value: Node, items: dict[str, tuple[Any, Node]], dropped: list[tuple[Mark, str]]
    ) -> None:
        """Take a name that is not plain ASCII, or refuse one that is empty, invisible in part, or there before."""
        name, mark = key.value, key.start_mark
        if not name:
            self._refuse(mark, "yaml-syntax", "a name is missing before the colon", "Write the key's name.")
        elif len(name) > MAX_NAME:
            message = f"a name of {len(name):,} characters stands before the colon"
            self._refuse(mark, "too-long", message, f"Names have {MAX_NAME:,} characters at most.")
        elif found := INVISIBLE.search(name):
            message = f"an invisible character (U+{ord(found[0]):04X}) stands in the name or before it"
            help_ = "Delete the spaces before and in the name, and type them again."
            self._refuse(mark, "invisible-character", message, help_)
        elif name in items and name.startswith("-"):
            pass  # The first of these items of a list, each without the space after its dash, is told where a list is wanted.
        elif name in items:
            told = "this" if may_be_secret(name) else f'"{shown(name)}"'
            message = f"{told} stands here twice, first in line {items[name][0].start_mark.line + 1}"
            self._refuse(mark, "duplicate-key", message, "Keep one of them.")
        else:
            items[name] = (key, value)
            return
        dropped.append((mark, name))

    def _begin_anchor(self, name: str, start: Mark) -> None:
        if name in self._anchors:
            self._unused(self._anchors[name])
        self._anchors[name] = _Anchor(start)

    def _unused(self, anchor: _Anchor) -> None:
        """A name for a text that nothing refers to was meant as text: `&more` would be lost in silence."""
        if not anchor.size and type(anchor.node) is Scalar:
            message = "a text that begins with & is taken for a name to refer to, and that word is lost"
            self._refuse(anchor.start, "quote-needed", message, BLOCK)

    def _alias(self, event: Any) -> Node:
        anchor, mark = self._anchors.get(event.anchor), event.start_mark
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._stop(mark, "alias", f"more than {MAX_ALIASES:,} references with * are used")
        if anchor is None:
            return self._broken(event, "quote-needed", "a text that begins with * is taken for a reference", BLOCK)
        if anchor.node is None:
            self._stop(mark, "alias", "a reference with * stands inside what it refers to")
        anchor.size = anchor.size or _size(anchor.node)
        self._count(anchor.size, mark)
        return _at(anchor.node, event)

    def _tagged(self, event: Any) -> Broken:
        message = "a text that begins with ! is taken for a type, and types are refused"
        self._refuse(event.start_mark, "tag", message, f"Delete the word with the !, or: {BLOCK}")
        return Broken(event.start_mark, event.start_mark)

    def _broken(self, event: Any, code: str, message: str, help_: str) -> Broken:
        self._refuse(event.start_mark, code, message, help_)
        return Broken(event.start_mark, event.end_mark)

    def _count(self, values: int, mark: Mark) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            self._stop(mark, "too-many-values", f"the file holds more than {MAX_VALUES:,} values")

    def _refuse(self, mark: Mark, code: str, message: str, help_: str) -> None:
        self.problems.append(Problem(place_of(mark, self._file), code, message, help_))

    def _stop(self, mark: Mark, code: str, message: str) -> NoReturn:
        raise _too_much(place_of(mark, self._file), code, message)


def _size(node: Node) -> int:
    """How many values a node is, by what memory and time it takes; no more than were counted when it was built."""
    if type(node) is Scalar:
        return 1 + len(node.value) // 100
    if type(node) is Mapping:
        return 1 + sum(_size(key) + _size(value) for key, value in node.items.values())
    return 1 + sum(map(_size, node.items)) if type(node) is Sequence else 1


def _at(node: Node, event: Any) -> Node:
    """Return the node that an alias names, standing where the alias stands; what cut a text short, cuts it here too."""
    start, end = event.start_mark, event.end_mark
    if type(node) is Scalar:
        return Scalar(None, None, node.implicit, node.value, start, node.end_mark, node.style)
    if type(node) is Sequence:
        return Sequence(node.items, start, end, flow=False)
    return Mapping(node.items, start, end) if type(node) is Mapping else Broken(start, end)


def _too_much(place: Place, code: str, message: str) -> UnreadableFileError:
    return UnreadableFileError(Problem(place, code, message, "A campaign file never needs that much."))


# Bytes to text ---------------------------------------------------------------


def read_bytes(path: Path, file: str = "", limit: int = MAX_BYTES) -> bytes:
    """Return a file's bytes; raise UnreadableFileError before reading what is too large or no file, OSError as open does.

    `file` is its name as shown.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        message = "this is a folder or a device, not a file"
        raise UnreadableFileError(Problem(Place(file), "not-a-file", message, "Move or rename it."))
    if found.st_size <= limit:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
        if len(content) <= limit:
            return content
    raise _too_large(file, limit)


def _too_large(file: str, limit: int = MAX_BYTES) -> UnreadableFileError:
    message = f"the file is larger than {limit / 1_000_000:g} MB"
    return UnreadableFileError(Problem(Place(file), "too-large", message, "Split it into several campaigns."))


def decode(content: bytes, file: str = "") -> str:
    r"""Return the text with \\n line ends; raise UnreadableFileError with the place of what cannot be read."""
    if len(content) > MAX_BYTES:
        raise _too_large(file)
    text = _text(content, file).replace("\r\n", "\n").replace("\r", "\n")
    if found := FORBIDDEN.search(text):
        character = found[0]
        what = "an invisible line separator" if character in "\u2028\u2029\x85" else "a control character"
        message = f"{what} (U+{ord(character):04X}) stands here"
        help_ = "Delete it; it often comes with a copy from another program."
        raise UnreadableFileError(Problem(_place(text, found.start(), file), "control-character", message, help_))
    return text


def _text(content: bytes, file: str) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _encoding(Place(file), "the file is written in UTF-32")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise _encoding(Place(file), "the file begins as UTF-16 and does not go on so") from None
    if b"\x00" in content[:2]:
        raise _encoding(Place(file), "the file looks like UTF-16 or UTF-32 without its mark")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before, byte = content[: error.start].decode("utf-8"), content[error.start : error.start + 1]
        meant = byte.decode("cp1252", "replace")
        known = meant.isprintable() and meant != "\ufffd"
        guess = f" (an old Windows file would mean {meant} by it)" if known else ""
        raise _encoding(_place(before, len(before), file), f"the byte {byte[0]:02X} is not UTF-8{guess}") from None


def _encoding(place: Place, message: str) -> UnreadableFileError:
    return UnreadableFileError(Problem(place, "encoding", message, "Save the file as UTF-8 in your editor."))


def _place(text: str, index: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def too_many_marks(text: str) -> int | None:
    """Return where a row of combining marks passes MOST_MARKS, None when none does."""
    return next(_marks_beyond(text), None)


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return a text that others wrote in a normal form; of longer rows of combining marks the rest is left out."""
    beyond = set(_marks_beyond(text))
    kept = "".join(letter for at, letter in enumerate(text) if at not in beyond) if beyond else text
    return unicodedata.normalize(form, kept)


def _marks_beyond(text: str) -> Iterator[int]:
    for found in () if text.isascii() else _FAR_FROM_LATIN.finditer(text):
        row = 0
        for at in range(*found.span()):
            row = row + 1 if unicodedata.combining(text[at]) else 0
            if row > MOST_MARKS:
                yield at
