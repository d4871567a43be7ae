"""Kinds: how a value of a file is read from its node, with every fault at its place.

Each knows the JSON Schema of what it takes.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from datetime import date
from typing import Any

from ..errors import Place, Problem, Severity, may_be_secret, nearest, shown
from ..strict_yaml import Broken, Document, Mark, Node, Scalar, Sequence, is_empty, place_of, plain, start_of
from ..strict_yaml import Mapping as NamesAndValues
from ..yaml_hints import BLOCK, INVISIBLE

Schema = dict[str, Any]
At = Any
"""What a value stands under: its name's node; in a list that is no row in brackets, the list's; else None."""

INVALID: Any = object()
"""Stands for a value whose fault was reported."""
NONE: Mapping[str, Any] = types.MappingProxyType({})
LONGEST_VALUE = 2_000
LIKE_A_BAR = "/\\l¦"
GUESSES = 100
"""Slips of one file of which it is found out what was meant: a hostile file may have 100,000."""


class FieldError(ValueError):
    """A field does not take a value; `code`, message and `help` reach the person as they are.

    `meant` finds out what was meant instead, which takes a moment; `rule` is the help without that.
    """

    def __init__(
        self, code: str, message: str, help: str = "", *, meant: Callable[[], str | None] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.rule, self.meant = code, help, meant

    @property
    def help(self) -> str:
        """What to do about it."""
        found = self.meant and self.meant()
        return f"Did you mean {found}?" if found else self.rule


CALLED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("time", "hour", "kello", "klo", "aika", "kl", "tid"), ("at",)),
    **dict.fromkeys(("date", "day", "päivä", "dag", "datum", "when"), ("observance", "at")),
    **dict.fromkeys(("title", "name", "nimi", "namn"), ("campaign",)),
    **dict.fromkeys(("picture", "photo", "kuva", "bild"), ("images",)),
    **dict.fromkeys(("caption", "description"), ("alt",)),
    **dict.fromkeys(("body", "content", "teksti"), ("text",)),
    **dict.fromkeys(("post", "posts", "tweets", "viestit"), ("messages", "text")),
    "tags": ("hashtags",), "url": ("link",), "year": ("editions",), "years": ("editions",),
    "platforms": ("accounts",), "channels": ("accounts",), "mentions": ("handles",),
}  # fmt: skip
"""What people call a key: those that may be meant, the likeliest first."""
LIST_WANTED = FieldError("wrong-kind", "a list was wanted", "Write [one, two], or each on its own line after a dash.")
NAMES_WANTED = FieldError(
    "wrong-kind", "names and values were wanted", "Write name: value, each on its own line, indented."
)
TEXT_WANTED = FieldError("wrong-kind", "a text was wanted", "Write a text here.")


class Reading:
    """The work on one file: its problems, and which languages count where it is read.

    Values are never quoted unless a field does it, and in the config none that may be a secret is, whichever key it stands
    under. `faulty` has the messages with an error, None for what lies outside of them.
    """

    def __init__(
        self,
        document: Document,
        file: str,
        *,
        campaign: str | None = None,
        look_up: Callable[[Any], object] | None = None,
    ) -> None:
        """`look_up` raises InvalidFilesError for an observance that is no day; None: which day it is does not matter."""
        self.document, self.file, self.campaign, self.look_up = document, file, campaign, look_up
        self.problems: list[Problem] = []
        self.faulty: set[str | None] = set()
        self.message: str | None = None
        self.observance: Any = None
        # The days that are written under an edition, by "2027-1" for the first in 2027.
        self.pinned: dict[str, date] = {}
        # Of the campaign, () while they are not known; and those that a text needs here: a message may have fewer.
        self.languages: tuple[str, ...] = ()
        self.languages_at: Mark | None = None
        self.wanted: tuple[str, ...] = ()
        # The comment that cuts off the last of a list in brackets, by that node's id.
        self.cut_by: dict[int, str] = {}
        self.guesses = GUESSES

    def refuse(self, at: At, node: Node, error: FieldError) -> Any:
        """Report a fault of a value; INVALID. Of one that swallowed the lines below, that is the fault."""
        if type(node) is Scalar and not node.style and self._refuse_swallowed(node) is INVALID:
            return INVALID
        if type(node) is NamesAndValues and (key := _tight_dash(node)) is not None:
            return self._report(key.start_mark, _dash_error(key.value), Severity.ERROR)
        return self._report(start_of(at, node), error, Severity.ERROR)

    def refuse_missing(self, at: At, node: Any, name: str, error: FieldError) -> Any:
        """Report a key that is not there, unless it stands there in a form that YAML does not take for one; INVALID."""
        if any(INVISIBLE.sub("", dropped).strip() == name for _, dropped in node.dropped):
            return INVALID
        return self._refuse_swallowed(node, name) or self.refuse(at, node, error)

    def _refuse_swallowed(self, node: Node, name: str = "") -> Any:
        found = self.document.slip_within(node, name)
        if found is None:
            return None
        problem = found._replace(place=found.place._replace(file=self.file), campaign=self.campaign)
        self.problems.append(problem._replace(message_id=self.message))
        self.faulty.add(self.message)
        return INVALID

    def refuse_file(self, error: FieldError) -> None:
        """Report a fault of the file itself."""
        self._report(None, error, Severity.ERROR)

    def refuse_outside(self, mark: Mark | None, error: FieldError) -> None:
        """Report a fault that lies outside of the message which is being read."""
        message, self.message = self.message, None
        self._report(mark, error, Severity.ERROR)
        self.message = message

    def refuse_name(self, key: Any, error: FieldError, severity: Severity = Severity.ERROR) -> Any:
        """Report a fault of a name; INVALID."""
        return self._report(key.start_mark, error, severity)

    def _report(self, mark: Mark | None, error: FieldError, severity: Severity) -> Any:
        place = Place(self.file) if mark is None else place_of(mark, self.file)
        self.guesses -= error.meant is not None
        help_ = error.help if self.guesses > 0 else error.rule
        # Of a campaign nothing is secret.
        message = str(error) if self.campaign is not None else re.sub('"([^"]+)"', _unless_secret, str(error))
        problem = Problem(place, error.code, message, help_, severity, self.campaign, self.message)
        self.problems.append(problem)
        if severity is Severity.ERROR:
            self.faulty.add(self.message)
        return INVALID

    def refuse_kind(self, at: At, node: Node, error: FieldError) -> Any:
        """Report that something else was wanted, or that nothing stands there; INVALID."""
        if type(node) is Broken:
            return INVALID
        if not is_empty(node):
            return self.refuse(at, node, error)
        if self.document.comment_at(node, _indent(at)) is not None:
            return self.refuse(at, node, FieldError("bare-hash", BARE_HASH, BARE_HASH_HELP))
        what = f'"{shown(at.value)}" has no value' if type(at) is Scalar else "nothing stands here"
        return self.refuse(at, node, FieldError("empty-value", what, "Write one, or delete the line."))

    def lost_after(self, at: At, node: Node) -> str | None:
        """The comment that YAML made of the rest of a text."""
        return self.cut_by.get(id(node)) or self.document.lost_after(node, _indent(at))

    def unknown_name(self, key: Any, known: Mapping[str, Any], there: Collection[str] = ()) -> str | None:
        """Report a key that means nothing here, with the nearest that does, which is returned. `there`: keys beside it."""
        name = key.value
        if name.startswith("-"):
            self.refuse_name(key, _dash_error(name))
            return None
        if name == "<<":
            help_ = "Write the keys out where they are meant."
            self.refuse_name(key, FieldError("unknown-key", "<< is not taken here", help_))
            return None
        near = next((one for one in CALLED.get(name.lower(), ()) if one in known and one not in there), None)
        near = near or (nearest(name.lower(), sorted(known)) if self.guesses > 0 else None)
        message, rule = f'"{shown(name)}" is not a key that belongs here', f"Known here: {', '.join(known)}."
        self.refuse_name(key, FieldError("unknown-key", message, rule if known else "Delete it.", meant=lambda: near))
        return near


def _unless_secret(quoted: re.Match[str]) -> str:
    return "this" if may_be_secret(quoted[1]) else quoted[0]


def _tight_dash(node: NamesAndValues) -> Any:
    """The first key that begins with a dash: the items of a list, each without the space after it."""
    return next((key for name, (key, _) in node.items.items() if name.startswith("-")), None)


def _dash_error(name: str) -> FieldError:
    help_ = "Type a space there." if may_be_secret(name) else f"Write - {shown(name[1:])}:"
    return FieldError("missing-space", "a space is missing after the dash", help_)


def _indent(at: At) -> int | None:
    """The column from which a comment further in was meant as text."""
    return None if at is None else at.start_mark.column


BARE_HASH = "a bare # starts a comment in YAML: nothing is left of the value"
BARE_HASH_HELP = (
    "Hashtags are written without #, as in MigrantsDay; a text that begins with # is written as a block text: |"
)


def too_long(value: str, longest: int) -> FieldError:
    """What to say of a value that is longer than anything that it may mean."""
    message = f"{len(value):,} characters stand here, at most {longest:,} are read"
    return FieldError("too-long", message, "Shorten it, and check the name of the key.")


class Kind:
    """How one field is read. Each kind returns the value, or INVALID once what is wrong was reported.

    `begins`: the key that comes first in a value with several keys.
    """

    begins = ""

    def read(self, node: Node, at: At, reading: Reading, /) -> Any:
        """What the node means to this kind."""
        raise NotImplementedError

    def schema(self, definitions: Schema) -> Schema:
        """The JSON Schema of what is taken; models go to `definitions`."""
        raise NotImplementedError


class One(Kind):
    """A single value, made of its text by `parse`, which raises FieldError, or any ValueError.

    `is_text`: words that people read, so that none may be lost to a comment.
    """

    def __init__(
        self,
        parse: Callable[[str], Any],
        schema: Schema | None = None,
        *,
        is_text: bool = False,
        longest: int = LONGEST_VALUE,
        wanted: FieldError = TEXT_WANTED,
    ) -> None:
        self.parse, self._schema, self._is_text = parse, schema or {"type": "string"}, is_text
        self._longest, self._wanted = longest, wanted

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if type(node) is not Scalar or is_empty(node):
            return reading.refuse_kind(at, node, self._kind_error(node))
        if self._is_text and not node.style and (lost := reading.lost_after(at, node)):
            return reading.refuse(at, node, self._lost(lost))
        if self._is_text and not node.style and reading.document.begins_below(node, LIKE_A_BAR):
            message = f'"{node.value[0]}" stands where | begins a text'
            return reading.refuse(at, node, FieldError("quote-needed", message, BLOCK))
        if len(node.value) > self._longest:
            return reading.refuse(at, node, too_long(node.value, self._longest))
        try:
            return self.parse(node.value)
        except FieldError as error:
            return reading.refuse(at, node, self._unseen(node.value) or error)
        except ValueError as error:
            return reading.refuse(at, node, FieldError("value", str(error)))

    def schema(self, definitions: Schema) -> Schema:
        return self._schema

    def _unseen(self, value: str) -> FieldError | None:
        """What to say where nothing but a character that nobody sees is wrong."""
        found = INVISIBLE.search(value)
        visible = INVISIBLE.sub(lambda one: " " if one[0].isspace() else "", value)
        try:
            if found is None or self.parse(visible) is None:
                return None
        except ValueError:
            return None
        message = f"an invisible character (U+{ord(found[0]):04X}) stands in it"
        return FieldError("invisible-character", message, f"Write {shown(visible)} by hand.")

    def _lost(self, lost: str) -> FieldError:
        message = f'the text ends before " #", for a # after a space starts a comment: "{shown(lost)}" is lost'
        return FieldError("lost-text", message, BLOCK)

    def _kind_error(self, node: Node) -> FieldError:
        if not self._is_text:
            return self._wanted
        if type(node) is not NamesAndValues:
            return FieldError("quote-needed", "a text was wanted, a list stands here", BLOCK)
        names = f': "{shown(next(iter(node.items)))}" is taken for a name' if node.items else ""
        return FieldError("quote-needed", f"a text was wanted, a list of names and values stands here{names}", BLOCK)


class Many(Kind):
    """A list, as a tuple. `single`: one value needs no list; `comma`: several may stand in one text.

    `check` raises FieldError for what is wrong with all of them together.
    """

    def __init__(
        self,
        item: Kind,
        *,
        single: bool = False,
        comma: bool = False,
        check: Callable[[tuple[Any, ...]], object] | None = None,
        at_least: int = 0,
    ) -> None:
        self._item, self._single, self._comma, self._check, self._at_least = item, single, comma, check, at_least

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        values = self._values(node, at, reading)
        if INVALID in values:
            return INVALID
        try:
            if self._check is not None:
                self._check(values)
        except FieldError as error:
            return reading.refuse(at, node, error)
        return values

    def _values(self, node: Node, at: At, reading: Reading) -> tuple[Any, ...]:
        if type(node) is Sequence:
            return tuple(self._items(node, reading))
        if not self._single or type(node) is not Scalar:
            return (reading.refuse_kind(at, node, self._wanted()),)
        if not self._comma or "," not in node.value or len(node.value) > LONGEST_VALUE:
            return (self._item.read(node, at, reading),)
        parts = (
            Scalar(None, None, None, part.strip(), node.start_mark, node.end_mark, "'")
            for part in node.value.split(",")
        )
        return tuple(self._item.read(part, at, reading) for part in parts)

    def _wanted(self) -> FieldError:
        if not (key := self._item.begins):
            return LIST_WANTED
        help_ = f"Begin each with a dash, as in - {key}: and put its other keys below that one, in the same column."
        return FieldError(LIST_WANTED.code, str(LIST_WANTED), help_)

    def _items(self, node: Sequence, reading: Reading) -> Iterator[Any]:
        if node.items and (comment := reading.document.comment_within(node)):
            reading.cut_by[id(node.items[-1])] = comment
        at = None if node.flow else node
        for item in node.items:
            yield self._item.read(item, at, reading)

    def schema(self, definitions: Schema) -> Schema:
        item = self._item.schema(definitions)
        several = {"type": "array", "items": item} | ({"minItems": self._at_least} if self._at_least else {})
        return {"anyOf": [item, several]} if self._single else several


class Named(Kind):
    """Values by name, as a dict. `name` reads the names, `check` what is wrong with one value."""

    def __init__(
        self,
        item: Kind,
        name: Callable[[str], Hashable] = str,
        *,
        check: Callable[[Any], object] | None = None,
        wanted: FieldError = NAMES_WANTED,
    ) -> None:
        self._item, self._name, self._check, self._wanted = item, name, check, wanted

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if type(node) is not NamesAndValues:
            return reading.refuse_kind(at, node, self._wanted)
        found = {self._name_of(key, reading): self._value(key, value, reading) for key, value in node.items.values()}
        return INVALID if INVALID in found or INVALID in found.values() else found

    def _name_of(self, key: Any, reading: Reading) -> Any:
        try:
            return self._name(key.value)
        except FieldError as error:
            return reading.refuse_name(key, error)

    def _value(self, key: Any, value: Node, reading: Reading) -> Any:
        found = self._item.read(value, key, reading)
        if self._check is not None and found is not INVALID:
            try:
                self._check(found)
            except FieldError as error:
                return reading.refuse(key, value, error)
        return found

    def schema(self, definitions: Schema) -> Schema:
        return {"type": "object", "additionalProperties": self._item.schema(definitions)}


class Anything(Kind):
    """Whatever stands there, as dicts, lists and texts."""

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if is_empty(node) or _is_broken(node):
            return reading.refuse_kind(at, node, TEXT_WANTED) if is_empty(node) else INVALID
        return plain(node)

    def schema(self, definitions: Schema) -> Schema:
        return {}


def _is_broken(node: Node) -> bool:
    """True where something of it was refused, or is not there."""
    if type(node) is NamesAndValues:
        return any(_is_broken(value) for _, value in node.items.values())
    return any(map(_is_broken, node.items)) if type(node) is Sequence else type(node) is Broken or is_empty(node)


def whole_number(value: str) -> int:
    """A number as its digits say it."""
    if not value.strip().lstrip("+-").isdigit() or len(value) > MOST_DIGITS:
        raise FieldError("wrong-kind", *_NUMBER_WANTED)
    return int(value)


def true_or_false(value: str) -> bool:
    """Yes or no, in the words that people have for it."""
    word = value.strip().lower()
    if word not in ("true", "yes", "on", "false", "no", "off"):
        raise FieldError("wrong-kind", *_FLAG_WANTED)
    return word in ("true", "yes", "on")


MOST_DIGITS = 18
_NUMBER_WANTED = ("a whole number was wanted", "Write it in digits.")
_FLAG_WANTED = ("true or false was wanted", "Write true or false.")
PLAIN: Mapping[Any, Kind] = {
    str: One(str),
    int: One(whole_number, {"type": "integer"}, wanted=FieldError("wrong-kind", *_NUMBER_WANTED)),
    bool: One(true_or_false, {"type": "boolean"}, wanted=FieldError("wrong-kind", *_FLAG_WANTED)),
    Any: Anything(),
}
"""What types stand for that say by themselves how they are read."""
